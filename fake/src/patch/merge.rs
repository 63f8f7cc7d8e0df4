//! JSON merge patches.

use serde_json::{Map, Value};

/// Merges a patch into a value. Unlike [RFC 7386], and as the library of the API server does it, nulls are removed from the
/// objects in new lists too.
///
/// [RFC 7386]: https://www.rfc-editor.org/rfc/rfc7386
pub(crate) fn merge_patch(target: &mut Value, patch: &Value) {
    match (target, patch) {
        (Value::Object(fields), Value::Object(patch)) => merge_fields(fields, patch),
        (target @ Value::Object(_), patch) => *target = patch.clone(),
        (target, patch) => *target = without_nulls(patch),
    }
}

fn merge_fields(fields: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match fields.get_mut(name) {
            _ if value.is_null() => {
                fields.remove(name);
            }
            Some(present) if !present.is_null() => merge_patch(present, value),
            _ => {
                fields.insert(name.clone(), without_nulls(value));
            }
        }
    }
}

/// A value without the fields that are null, at any depth. Items of lists stay.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_are_merged_null_removes_and_the_rest_replaces() {
        let mut value = json!({"a": {"b": 1, "c": [1, 2]}, "d": 1});
        merge_patch(&mut value, &json!({"a": {"c": [3], "b": null, "new": {"x": null, "y": 1}}, "d": {"e": 2}}));
        assert_eq!(value, json!({"a": {"c": [3], "new": {"y": 1}}, "d": {"e": 2}}));
    }

    #[test]
    fn nulls_go_from_the_objects_of_new_lists_and_stay_as_items() {
        let mut value = json!({"there": [1], "object": {"x": 1}});
        merge_patch(
            &mut value,
            &json!({"new": [{"x": null, "y": 1}, null], "object": [{"x": null}], "there": [{"x": null}]}),
        );
        assert_eq!(value, json!({"new": [{"y": 1}, null], "object": [{"x": null}], "there": [{}]}));
    }
}
