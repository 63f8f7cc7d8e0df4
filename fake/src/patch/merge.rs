//! JSON merge patches.

use serde_json::{Map, Value};

/// Merges a patch into a value: objects field by field, null removes, all else replaces.
///
/// <https://www.rfc-editor.org/rfc/rfc7386>
pub(crate) fn merge_patch(target: &mut Value, patch: &Value) {
    let Value::Object(patch) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(fields) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            fields.remove(name);
        } else {
            merge_patch(fields.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_are_merged_null_removes_and_the_rest_replaces() {
        let mut value = json!({"a": {"b": 1, "c": [1, 2]}, "d": 1});
        merge_patch(&mut value, &json!({"a": {"c": [3], "b": null, "new": {"x": null, "y": 1}}, "d": {"e": 2}}));
        assert_eq!(value, json!({"a": {"c": [3], "new": {"y": 1}}, "d": {"e": 2}}));
    }
}
