//! The fields that a value has.

use serde_json::Value;

use super::elements::elements;
use super::path::PathElement;
use super::set::FieldSet;
use crate::schema::{Merging, Schema};

/// Returns the fields that are set by applying a value: what can be owned apart from its surroundings.
pub(super) fn fields_of(value: &Value, schema: Schema<'_>) -> FieldSet {
    let mut set = FieldSet::default();
    walk(value, schema, &mut Vec::new(), &mut set);
    set
}

fn walk(value: &Value, schema: Schema<'_>, path: &mut Vec<PathElement>, set: &mut FieldSet) {
    let merging = schema.merging(value);
    match (value, merging) {
        (Value::Object(fields), Merging::ByKey) => {
            for (name, value) in fields {
                path.push(PathElement::Field(name.into()));
                walk(value, schema.field(name), path, set);
                // A key of a map is owned with its value, and an empty object as such.
                let is_empty = value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty);
                if is_empty || !schema.has_property(name) {
                    set.insert(path);
                }
                path.pop();
            }
        }
        (Value::Array(list), Merging::Set | Merging::ByKeys(_)) => {
            let item_schema = schema.item();
            let items = elements(list, merging, item_schema);
            for (element, item) in &items {
                let is_alone = items.iter().filter(|(other, _)| other == element).count() == 1;
                path.push(element.clone());
                // Items that can't be told apart are owned together, and nothing inside them.
                if is_alone {
                    walk(item, item_schema, path, set);
                }
                set.insert(path);
                path.pop();
            }
        }
        // Null in place of a map or a list has no fields; that it is there is owned with its name.
        (Value::Null, _) if matches!(schema.kind(), Some("object" | "array")) => {}
        _ => set.insert(path),
    }
}
