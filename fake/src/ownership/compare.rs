//! What changed between two objects.

use std::collections::BTreeMap;

use serde_json::Value;

use super::elements::{elements, is_empty, items, keys, merging_of, same};
use super::path::PathElement;
use super::set::FieldSet;
use crate::schema::{Merging, Schema};

/// The fields that differ between two objects, each in one of the sets.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Comparison {
    pub removed: FieldSet,
    pub modified: FieldSet,
    pub added: FieldSet,
}

impl Comparison {
    pub fn of(old: &Value, new: &Value, schema: Schema<'_>) -> Self {
        let mut comparison = Self::default();
        comparison.walk(Some(old), Some(new), schema, &mut Vec::new());
        comparison
    }

    /// Leaves out fields and all that is inside these.
    pub fn without(self, fields: &FieldSet) -> Self {
        Self {
            removed: self.removed.difference_with_all_below(fields),
            modified: self.modified.difference_with_all_below(fields),
            added: self.added.difference_with_all_below(fields),
        }
    }

    fn walk(&mut self, old: Option<&Value>, new: Option<&Value>, schema: Schema<'_>, path: &mut Vec<PathElement>) {
        if let (Some(was), Some(is)) = (old, new) {
            let is_other_sort = was.is_object() != is.is_object() || was.is_array() != is.is_array();
            if is_other_sort && !was.is_null() && !is.is_null() {
                // All of the one is removed, and all of the other added.
                self.walk(Some(was), None, schema, path);
                return self.walk(None, Some(is), schema, path);
            }
        }
        let merging = merging_of(schema, old, new);
        if merging == Merging::Whole || (is_empty(old) && is_empty(new)) {
            return match (old, new) {
                (None, _) => self.added.insert(path),
                (_, None) => self.removed.insert(path),
                (Some(old), Some(new)) if !same(old, new) => self.modified.insert(path),
                _ => {}
            };
        }
        if merging == Merging::ByKey {
            for name in keys(old, new) {
                path.push(PathElement::Field(name.into()));
                self.walk(
                    old.and_then(|old| old.get(name)),
                    new.and_then(|new| new.get(name)),
                    schema.field(name),
                    path,
                );
                path.pop();
            }
        } else {
            self.walk_items(items(old), items(new), merging, schema.item(), path);
        }
        match (old, new) {
            (None, _) => self.added.insert(path),
            (_, None) => self.removed.insert(path),
            _ => {}
        }
    }

    fn walk_items(
        &mut self,
        old: &[Value],
        new: &[Value],
        merging: Merging<'_>,
        schema: Schema<'_>,
        path: &mut Vec<PathElement>,
    ) {
        let mut pairs: BTreeMap<PathElement, (Vec<&Value>, Vec<&Value>)> = BTreeMap::new();
        for (element, item) in elements(old, merging, schema) {
            pairs.entry(element).or_default().0.push(item);
        }
        for (element, item) in elements(new, merging, schema) {
            pairs.entry(element).or_default().1.push(item);
        }
        for (element, (old, new)) in pairs {
            path.push(element);
            match (&*old, &*new) {
                (old, new) if old.len() <= 1 && new.len() <= 1 => {
                    self.walk(old.first().copied(), new.first().copied(), schema, path);
                }
                // Items that can't be told apart are one thing, which changes as a whole.
                (old, new) if old.len() > 1 && new.len() > 1 => {
                    let is_same = old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same(old, new));
                    if !is_same {
                        self.modified.insert(path);
                    }
                }
                (old, new) if old.len() > 1 => {
                    if let Some(new) = new.first() {
                        self.walk(None, Some(new), schema, path);
                    }
                    self.removed.insert(path);
                }
                (old, _) => {
                    if let Some(old) = old.first() {
                        self.walk(Some(old), None, schema, path);
                    }
                    self.added.insert(path);
                }
            }
            path.pop();
        }
    }
}
