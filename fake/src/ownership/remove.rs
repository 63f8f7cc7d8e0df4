//! Taking fields out of a value.

use serde_json::{Map, Value};

use super::elements::element_of;
use super::path::PathElement;
use super::set::FieldSet;
use crate::schema::{Merging, Schema};

/// Returns a value without the fields of a set. `None` if nothing is left of a map or a list; inside of another, null is left of it,
/// so that its field is still there.
pub(super) fn remove(value: &Value, set: &FieldSet, schema: Schema<'_>) -> Option<Value> {
    let merging = schema.merging(value);
    let left = |element: &PathElement, value: &Value, schema: Schema<'_>| {
        if set.has(element) {
            return None;
        }
        match set.below(element) {
            Some(inner) => Some(remove(value, inner, schema).unwrap_or_default()),
            None => Some(value.clone()),
        }
    };
    match (value, merging) {
        (Value::Object(fields), Merging::ByKey) => {
            let fields: Map<String, Value> = fields
                .iter()
                .filter_map(|(name, value)| {
                    Some((name.clone(), left(&PathElement::Field(name.into()), value, schema.field(name))?))
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_emptied_stays_as_null_and_what_is_removed_goes() {
        let schema = json!({"type": "object", "properties": {
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "tags": {"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"},
        }});
        let value = json!({"labels": {"x": "1"}, "tags": ["a", "b"]});
        let without = |set: Value| remove(&value, &FieldSet::parse(&set), Schema::structural(&schema));
        assert_eq!(without(json!({"f:labels": {"f:x": {}}})), Some(json!({"labels": null, "tags": ["a", "b"]})));
        assert_eq!(without(json!({"f:labels": {}, "f:tags": {"v:\"a\"": {}}})), Some(json!({"tags": ["b"]})));
        assert_eq!(without(json!({"f:labels": {}, "f:tags": {}})), None);
    }
}
