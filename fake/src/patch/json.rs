//! JSON patches.

use serde_json::Value;

/// The most operations that a patch may have.
pub(crate) const MAX_OPERATIONS: usize = 10_000;

/// Why a patch could not be applied.
#[derive(Debug, PartialEq)]
pub(crate) enum JsonPatchError {
    /// It is no list of operations.
    Malformed(String),
    /// It has more than [`MAX_OPERATIONS`].
    TooMany(usize),
    /// An operation can't be done: a `test` that failed, a path that is not there.
    Rejected,
}

/// Applies a patch, whole or not at all.
///
/// <https://www.rfc-editor.org/rfc/rfc6902>
pub(crate) fn json_patch(target: &mut Value, patch: &Value) -> Result<(), JsonPatchError> {
    let operations =
        patch.as_array().ok_or_else(|| JsonPatchError::Malformed("not a list of operations".to_owned()))?;
    if operations.len() > MAX_OPERATIONS {
        return Err(JsonPatchError::TooMany(operations.len()));
    }
    let mut changed = target.clone();
    for operation in operations {
        // `test` of null holds for what is not there, as in the library of the API server.
        if is_test_of_absent(&changed, operation) {
            continue;
        }
        let parsed = serde_json::from_value(operation.clone()).map_err(|_| JsonPatchError::Rejected)?;
        json_patch::patch(&mut changed, &[parsed]).map_err(|_| JsonPatchError::Rejected)?;
    }
    *target = changed;
    Ok(())
}

fn is_test_of_absent(target: &Value, operation: &Value) -> bool {
    let Some(path) = operation.get("path").and_then(Value::as_str) else { return false };
    operation["op"] == "test" && operation.get("value").is_some_and(Value::is_null) && target.pointer(path).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_is_applied_whole_or_not_at_all() {
        let mut value = json!({"a": {"b": 1}, "list": [1]});
        let patch = json!([{"op": "add", "path": "/list/-", "value": 2}, {"op": "test", "path": "/a/b", "value": 2}]);
        assert_eq!(json_patch(&mut value, &patch), Err(JsonPatchError::Rejected));
        assert_eq!(value, json!({"a": {"b": 1}, "list": [1]}));
        let patch = json!([{"op": "test", "path": "/x", "value": null}, {"op": "remove", "path": "/a/b"}]);
        assert_eq!(json_patch(&mut value, &patch), Ok(()));
        assert_eq!(value, json!({"a": {}, "list": [1]}));
    }

    #[test]
    fn what_is_no_patch_or_too_long_is_said() {
        let mut value = json!({});
        assert!(matches!(json_patch(&mut value, &json!({})), Err(JsonPatchError::Malformed(_))));
        let many = Value::Array(vec![json!({"op": "test", "path": "/x", "value": null}); MAX_OPERATIONS + 1]);
        assert_eq!(json_patch(&mut value, &many), Err(JsonPatchError::TooMany(10_001)));
        assert_eq!(json_patch(&mut value, &json!([{"op": "bogus", "path": "/a"}])), Err(JsonPatchError::Rejected));
    }
}
