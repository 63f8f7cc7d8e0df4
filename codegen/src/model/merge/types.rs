//! Types, fields and the values of enums.

use std::collections::BTreeMap;

use super::{Keep, Living, Merger};
use crate::model::{Availability, EnumValue, Field, Object, Schema, Shape, TypeDef, is_zero};

impl Living for TypeDef {
    fn availability(&mut self) -> &mut Availability {
        &mut self.availability
    }
}

impl Living for Field {
    fn availability(&mut self) -> &mut Availability {
        &mut self.availability
    }
}

impl Living for EnumValue {
    fn availability(&mut self) -> &mut Availability {
        &mut self.availability
    }
}

impl Merger<'_> {
    pub(super) fn types(&mut self, older: &mut BTreeMap<String, TypeDef>, newer: BTreeMap<String, TypeDef>) {
        self.by_name(older, newer, |merger, name, older, newer| {
            older.kinds.extend(newer.kinds);
            older.kinds.sort();
            older.kinds.dedup();
            merger.schema(name, &mut older.schema, newer.schema);
        });
    }

    /// Merges what both minors have under one name.
    fn schema(&mut self, place: &str, older: &mut Schema, newer: Schema) {
        let Schema { shape, description, default, nullable, merge, patch_merge_key, secret, restrictions } = newer;
        self.shape(place, &mut older.shape, shape);
        if older.merge != merge {
            self.note(place, &format!("server-side apply merges it {merge:?} now, and not {:?} any more", older.merge));
            older.merge = merge;
        }
        if older.patch_merge_key != patch_merge_key {
            let key = patch_merge_key.as_deref().unwrap_or("nothing");
            self.note(place, &format!("a strategic merge patch tells its items apart by {key} now"));
            older.patch_merge_key = patch_merge_key;
        }
        older.description = description.or(older.description.take());
        older.default = default;
        older.nullable |= nullable;
        older.secret |= secret;
        older.restrictions = restrictions;
    }

    fn shape(&mut self, place: &str, older: &mut Shape, newer: Shape) {
        match (older, newer) {
            (Shape::Enum(older), Shape::Enum(newer)) => self.values(older, newer),
            // Enums are open, so these two are one type.
            (older @ Shape::String, Shape::Enum(values)) => {
                self.note(place, "its values are listed now");
                *older = Shape::Enum(values);
            }
            (Shape::Enum(_), Shape::String) => self.note(place, "its values are not listed any more"),
            (Shape::List(older), Shape::List(newer)) => self.schema(&format!("{place}[]"), older, *newer),
            (Shape::Map(older), Shape::Map(newer)) => self.schema(&format!("{place}{{}}"), older, *newer),
            (Shape::Object(older), Shape::Object(newer)) => self.object(place, older, newer),
            (older, newer) if *older == newer => {}
            (older, newer) => {
                let change = format!("was {}, and is {}", told(older), told(&newer));
                if self.decide(place, &change) == Keep::Newer {
                    *older = newer;
                }
            }
        }
    }

    fn values(&mut self, older: &mut Vec<EnumValue>, newer: Vec<EnumValue>) {
        let by_value = |values: Vec<EnumValue>| -> BTreeMap<String, EnumValue> {
            values.into_iter().map(|value| (value.value.clone(), value)).collect()
        };
        let mut merged = by_value(std::mem::take(older));
        self.by_name(&mut merged, by_value(newer), |_, _, _, _| {});
        older.extend(merged.into_values());
    }

    fn object(&mut self, place: &str, older: &mut Object, newer: Object) {
        if older.atomic != newer.atomic {
            self.note(place, if newer.atomic { "it is atomic now" } else { "it is not atomic any more" });
            older.atomic = newer.atomic;
        }
        let by_name = |fields: Vec<Field>| -> BTreeMap<String, Field> {
            fields.into_iter().map(|field| (field.name.clone(), field)).collect()
        };
        let mut fields = by_name(std::mem::take(&mut older.fields));
        self.by_name(&mut fields, by_name(newer.fields), |merger, name, older, newer| {
            merger.field(&format!("{place}.{name}"), older, newer);
        });
        older.fields.extend(fields.into_values());
    }

    fn field(&mut self, place: &str, older: &mut Field, newer: Field) {
        let plain = (older.is_plain(), newer.is_plain());
        let (required, was_default) = (older.required, older.schema.default.clone());
        self.schema(place, &mut older.schema, newer.schema);
        older.required &= newer.required;
        if required != newer.required {
            self.note(place, if newer.required { "it is required now" } else { "it is not required any more" });
        }
        if plain.0 != plain.1 {
            self.note(place, "not every minor stores it by value, so it is optional");
        }
        // The newer minor's default is documented, but presence must come out as every minor has it: a zero marks what is
        // stored by value.
        let default = older.schema.default.take();
        older.schema.default = match plain {
            (true, true) => default.or(was_default),
            _ => default.filter(|default| !is_zero(default)),
        };
        if plain == (true, true) && !older.is_plain() {
            // Required without a default on one side, by value on the other.
            older.schema.default = zero_of(&older.schema.shape);
        }
    }
}

/// The default that marks a value of this shape as stored by value.
fn zero_of(shape: &Shape) -> Option<serde_json::Value> {
    Some(match shape {
        Shape::Int32 | Shape::Int64 | Shape::Number | Shape::IntOrString | Shape::Quantity => 0.into(),
        Shape::Boolean => false.into(),
        Shape::String | Shape::Enum(_) | Shape::Bytes => "".into(),
        Shape::List(_) => serde_json::json!([]),
        _ => serde_json::json!({}),
    })
}

/// A shape in few words.
fn told(shape: &Shape) -> String {
    match shape {
        Shape::Enum(_) => "an enum".to_owned(),
        Shape::List(items) => format!("a list of {}", told(&items.shape)),
        Shape::Map(values) => format!("a map to {}", told(&values.shape)),
        Shape::Object(_) => "an object".to_owned(),
        Shape::Reference(name) => name.clone(),
        leaf => format!("{leaf:?}"),
    }
}
