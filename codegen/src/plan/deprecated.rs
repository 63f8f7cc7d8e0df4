//! What is deprecated and still served: a word in the docs of each.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::{Gvk, Model},
    spec::Facts,
};

/// What is deprecated in the newest of the minors.
#[derive(Clone, Debug, Default)]
pub struct Deprecated {
    /// Kinds, with what there is to say.
    kinds: BTreeMap<Gvk, String>,
    /// Types, by schema.
    types: BTreeSet<String>,
    /// Fields, by schema and JSON name.
    fields: BTreeSet<(String, String)>,
}

impl Deprecated {
    /// What the facts tell.
    pub fn new(model: &Model, facts: &Facts) -> Self {
        let mut found = Self::default();
        let Some(minor) = model.minors.last().copied() else { return found };
        for kind in facts.kinds.iter().map(|fact| &fact.kind) {
            if let Some(lifecycle) = facts.deprecation(kind, minor) {
                found.kinds.insert(kind.clone(), lifecycle.told());
            }
        }
        for (schema, def) in model.types.iter().filter(|(_, def)| def.life.until.is_none()) {
            let Some(fact) = facts.of(schema) else { continue };
            if fact.deprecated {
                found.types.insert(def.name.clone());
            }
            found.fields.extend(fact.deprecated_fields.iter().map(|field| (def.name.clone(), field.clone())));
        }
        found
    }

    /// What to say of a kind that is.
    pub fn kind(&self, kind: &Gvk) -> Option<String> {
        self.kinds.get(kind).map(|told| format!("**Deprecated** {}.", told.replacen("since ", "since Kubernetes ", 1)))
    }

    /// What to say of a type that is.
    pub fn of_type(&self, kind: Option<&Gvk>, schema: Option<&str>) -> Option<String> {
        let by_comment = || schema.filter(|schema| self.types.contains(*schema)).map(|_| "**Deprecated.**".to_owned());
        kind.and_then(|kind| self.kind(kind)).or_else(by_comment)
    }

    /// Whether a field is.
    pub fn field(&self, schema: Option<&str>, field: &str) -> bool {
        schema.is_some_and(|schema| self.fields.contains(&(schema.to_owned(), field.to_owned())))
    }
}
