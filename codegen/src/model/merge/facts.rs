//! What Go's types tell: order and protobuf numbers. A number means one field, for ever.

use std::collections::BTreeMap;

use super::{Keep, Merger};
use crate::{
    model::{Gvk, Model, Shape},
    spec::{FactField, FactType, Facts},
};

impl Merger<'_> {
    /// Merges the facts, and takes out of the models what lost its name to another field.
    pub(super) fn facts(&mut self, older: &mut Facts, newer: Facts, model: &mut Model, newer_model: &Model) {
        let Facts { types, models, kinds } = newer;
        let is_newer = |kind: &Gvk| kinds.iter().any(|newer| newer.kind == *kind);
        older.kinds.retain(|known| !is_newer(&known.kind));
        older.kinds.extend(kinds);
        for (schema, go) in models {
            match older.models.get(&schema) {
                Some(known) if *known != go => {
                    let change = format!("its Go type was {known}, and is {go}");
                    if newer_model.types.contains_key(&schema) && self.decide(&schema, &change) == Keep::Older {
                        continue;
                    }
                }
                _ => {}
            }
            older.models.insert(schema, go);
        }
        let schemas: BTreeMap<&String, &String> = older.models.iter().map(|(schema, go)| (go, schema)).collect();
        for (go, newer) in types {
            let Some(known) = older.types.get_mut(&go) else {
                older.types.insert(go, newer);
                continue;
            };
            let Some(schema) = schemas.get(&go).copied() else {
                *known = newer;
                continue;
            };
            match (model.types.contains_key(schema), newer_model.types.contains_key(schema)) {
                (true, true) => {
                    for gone in self.fact_type(schema, known, newer) {
                        if let Some(Shape::Object(object)) =
                            model.types.get_mut(schema).map(|def| &mut def.schema.shape)
                        {
                            object.fields.retain(|field| field.name != gone);
                        }
                    }
                }
                // What Go still has and no document shows any more stays as it was when one did.
                (true, false) => {}
                (false, _) => *known = newer,
            }
        }
    }

    /// Merges the facts of one type, and gives the older names of fields that have another name now.
    fn fact_type(&mut self, place: &str, older: &mut FactType, newer: FactType) -> Vec<String> {
        if older.special != newer.special {
            let change = format!("in protobuf it was {:?}, and is {:?}", older.special, newer.special);
            if self.decide(place, &change) == Keep::Newer {
                older.special.clone_from(&newer.special);
            }
        }
        older.deprecated = newer.deprecated;
        older.deprecated_fields.extend(newer.deprecated_fields);
        older.order = merge_order(&older.order, &newer.order);
        let mut renamed = Vec::new();
        for (name, new) in &newer.fields {
            let same = |known: &FactField| known.number == new.number && known.via == new.via && new.number > 0;
            let before = older.fields.iter().find(|(known, fact)| *known != name && same(fact));
            if let Some(was) = before.map(|(was, _)| was.clone()).filter(|was| !newer.fields.contains_key(was)) {
                let change = format!("number {} in protobuf is {name} now: renamed", new.number);
                if self.decide(&format!("{place}.{was}"), &change) == Keep::Newer {
                    older.fields.remove(&was);
                    older.order.retain(|known| *known != was);
                    renamed.push(was);
                }
            }
        }
        for (name, mut new) in newer.fields {
            if let Some(known) = older.fields.get(&name) {
                if (known.number, &known.via) != (new.number, &new.via) {
                    let change = format!(
                        "its number in protobuf was {}, and is {}",
                        number(known.number, &known.via),
                        number(new.number, &new.via)
                    );
                    if self.decide(&format!("{place}.{name}"), &change) == Keep::Older {
                        continue;
                    }
                }
                // A zero is only taken for nothing where every minor writes it so.
                new.always &= known.always;
            }
            older.fields.insert(name, new);
        }
        renamed
    }
}

fn number(number: u32, via: &[u32]) -> String {
    via.iter().chain([&number]).map(u32::to_string).collect::<Vec<_>>().join(".")
}

/// The newer order, with what it lacks behind what came before it in the older one.
fn merge_order(older: &[String], newer: &[String]) -> Vec<String> {
    let mut order = newer.to_vec();
    let mut at = 0;
    for name in older {
        match order.iter().position(|known| known == name) {
            Some(index) => at = index + 1,
            None => {
                order.insert(at, name.clone());
                at += 1;
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_gone_stays_behind_what_came_before_it() {
        let names = |text: &str| text.chars().map(String::from).collect::<Vec<_>>();
        assert_eq!(merge_order(&names("abcd"), &names("axcy")).concat(), "abxcdy");
        assert_eq!(merge_order(&names("ba"), &names("ab")).concat(), "ab");
        assert_eq!(merge_order(&names("x"), &[]).concat(), "x");
    }
}
