//! Taking fields out of a value.

use serde_json::{Map, Value};

use super::elements::element_of;
use super::path::PathElement;
use super::set::FieldSet;
use crate::schema::{Merging, Schema};

/// Returns a value without the fields of a set. `None` if nothing is left of a map or a list, so that it goes too.
pub(super) fn remove(value: &Value, set: &FieldSet, schema: Schema<'_>) -> Option<Value> {
    let merging = schema.merging(value);
    let left = |element: &PathElement, value: &Value, schema: Schema<'_>| {
        if set.has(element) {
            return None;
        }
        match set.below(element) {
            Some(inner) => remove(value, inner, schema),
            None => Some(value.clone()),
        }
    };
    match (value, merging) {
        (Value::Object(fields), Merging::ByKey) => {
            let fields: Map<String, Value> = fields
                .iter()
                .filter_map(|(name, value)| {
                    Some((name.clone(), left(&PathElement::Field(name.clone()), value, schema.field(name))?))
                })
                .collect();
            (!fields.is_empty()).then_some(Value::Object(fields))
        }
        (Value::Array(list), Merging::Set | Merging::ByKeys(_)) => {
            let items: Vec<Value> = list
                .iter()
                .filter_map(|item| match element_of(item, merging, schema.item()) {
                    Ok(element) => left(&element, item, schema.item()),
                    Err(_) => Some(item.clone()),
                })
                .collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        // A field of something that is one whole by now: the schema changed.
        (Value::Object(_) | Value::Array(_), _) => None,
        (scalar, _) => Some(scalar.clone()),
    }
}
