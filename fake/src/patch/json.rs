//! JSON patches, as the library that the API server has applies them.
//!
//! It differs from [RFC 6902](https://www.rfc-editor.org/rfc/rfc6902), and so from crates that follow that: `replace` and `copy` of a
//! field that is absent succeed, a null field is an absent one, and negative indexes count from the end.

use serde_json::Value;

use crate::objects::kind_of;

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

use JsonPatchError::Rejected;

/// Applies a patch, whole or not at all.
pub(crate) fn json_patch(target: &mut Value, patch: &Value) -> Result<(), JsonPatchError> {
    if patch.is_null() {
        // As Go reads it: a list without operations.
        return Ok(());
    }
    let operations = patch.as_array().ok_or_else(|| malformed(patch, "value of type []handlers.jsonPatchOp"))?;
    for operation in operations.iter().filter(|operation| !operation.is_null()) {
        if !operation.is_object() {
            return Err(malformed(operation, "value of type handlers.jsonPatchOp"));
        }
        let is_text = |name: &&str| operation[*name].is_null() || operation[*name].is_string();
        if let Some(name) = ["op", "path", "from"].iter().find(|name| !is_text(name)) {
            return Err(malformed(&operation[*name], &format!("struct field jsonPatchOp.{name} of type string")));
        }
    }
    if operations.len() > MAX_OPERATIONS {
        return Err(JsonPatchError::TooMany(operations.len()));
    }
    let mut changed = target.clone();
    for operation in operations {
        apply(&mut changed, operation)?;
    }
    *target = changed;
    Ok(())
}

/// What Go's decoder says of a value that it can't read into its type.
fn malformed(value: &Value, into: &str) -> JsonPatchError {
    let found = kind_of(value).unwrap_or_default();
    JsonPatchError::Malformed(format!("json: cannot unmarshal {found} into Go {into}"))
}

fn apply(document: &mut Value, operation: &Value) -> Result<(), JsonPatchError> {
    let text = |name: &str| operation[name].as_str().ok_or(Rejected);
    let path = text("path")?;
    let value = &operation["value"];
    match text("op")? {
        "add" => add(document, path, value.clone()),
        "remove" => remove(document, path),
        "replace" if path.is_empty() => {
            *document = Some(value).filter(|value| value.is_object() || value.is_array()).cloned().ok_or(Rejected)?;
            Ok(())
        }
        "replace" => replace(document, path, value.clone()),
        "test" => {
            let found = if path.is_empty() { document.clone() } else { get(document, path)? };
            if found == *value { Ok(()) } else { Err(Rejected) }
        }
        "copy" => {
            let copied = get(document, text("from")?)?;
            add(document, path, copied)
        }
        "move" => {
            let from = text("from")?;
            let moved = get(document, from)?;
            remove(document, from)?;
            add(document, path, moved)
        }
        _ => Err(Rejected),
    }
}

/// What holds the last part of a path, and that part.
fn parent<'v>(document: &'v mut Value, path: &str) -> Result<(&'v mut Value, String), JsonPatchError> {
    let (parents, last) = path.rsplit_once('/').ok_or(Rejected)?;
    let mut value = document;
    for part in parents.split('/').skip(1) {
        let part = decode(part);
        value = match value {
            Value::Object(fields) => fields.get_mut(&part).ok_or(Rejected)?,
            Value::Array(items) => {
                let index = index(&part, items.len())?;
                items.get_mut(index).ok_or(Rejected)?
            }
            _ => return Err(Rejected),
        };
    }
    if value.is_object() || value.is_array() { Ok((value, decode(last))) } else { Err(Rejected) }
}

fn decode(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// The index of an item; a negative one counts from the end.
fn index(part: &str, length: usize) -> Result<usize, JsonPatchError> {
    let number: i64 = part.parse().map_err(|_| Rejected)?;
    let length = i64::try_from(length).map_err(|_| Rejected)?;
    usize::try_from(if number < 0 { number + length } else { number }).map_err(|_| Rejected)
}

/// The value at a path; null for a field that is absent.
fn get(document: &mut Value, path: &str) -> Result<Value, JsonPatchError> {
    let (parent, key) = parent(document, path)?;
    match parent {
        Value::Array(items) => items.get(index(&key, items.len())?).cloned().ok_or(Rejected),
        object => Ok(object.get(&key).cloned().unwrap_or_default()),
    }
}

fn add(document: &mut Value, path: &str, value: Value) -> Result<(), JsonPatchError> {
    let (parent, key) = parent(document, path)?;
    match parent {
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => {
            // The end is a place too.
            let index = index(&key, items.len() + 1)?;
            if index > items.len() {
                return Err(Rejected);
            }
            items.insert(index, value);
        }
        object => object[key] = value,
    }
    Ok(())
}

fn replace(document: &mut Value, path: &str, value: Value) -> Result<(), JsonPatchError> {
    let (parent, key) = parent(document, path)?;
    match parent {
        Value::Array(items) => {
            let index = index(&key, items.len())?;
            *items.get_mut(index).ok_or(Rejected)? = value;
        }
        object => object[key] = value,
    }
    Ok(())
}

fn remove(document: &mut Value, path: &str) -> Result<(), JsonPatchError> {
    let (parent, key) = parent(document, path)?;
    match parent {
        Value::Object(fields) => fields.remove(&key).map(|_| ()).ok_or(Rejected),
        Value::Array(items) => {
            let index = index(&key, items.len())?;
            if index >= items.len() {
                return Err(Rejected);
            }
            items.remove(index);
            Ok(())
        }
        _ => Err(Rejected),
    }
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
        assert!(matches!(json_patch(&mut value, &json!([1])), Err(JsonPatchError::Malformed(_))));
        let many = Value::Array(vec![json!({"op": "test", "path": "/x", "value": null}); MAX_OPERATIONS + 1]);
        assert_eq!(json_patch(&mut value, &many), Err(JsonPatchError::TooMany(10_001)));
        assert_eq!(json_patch(&mut value, &json!([{"op": "bogus", "path": "/a"}])), Err(JsonPatchError::Rejected));
    }

    #[test]
    fn an_absent_field_can_be_replaced_and_copied_but_not_removed_or_moved() {
        let patched = |operation: Value| {
            let mut value = json!({"a": {}, "list": ["x", "y"]});
            json_patch(&mut value, &json!([operation])).map(|()| value)
        };
        let with = |a: Value, list: Value| Ok(json!({"a": a, "list": list}));
        let list = || json!(["x", "y"]);
        assert_eq!(patched(json!({"op": "replace", "path": "/a/b", "value": 1})), with(json!({"b": 1}), list()));
        assert_eq!(patched(json!({"op": "copy", "from": "/c", "path": "/a/b"})), with(json!({"b": null}), list()));
        assert_eq!(patched(json!({"op": "remove", "path": "/a/b"})), Err(Rejected));
        assert_eq!(patched(json!({"op": "move", "from": "/a/b", "path": "/a/c"})), Err(Rejected));
        assert_eq!(patched(json!({"op": "replace", "path": "/a/b/c", "value": 1})), Err(Rejected));
        assert_eq!(patched(json!({"op": "remove", "path": "/list/-1"})), with(json!({}), json!(["x"])));
        assert_eq!(
            patched(json!({"op": "add", "path": "/list/2", "value": "z"})),
            with(json!({}), json!(["x", "y", "z"]))
        );
        assert_eq!(patched(json!({"op": "add", "path": "/list/3", "value": "z"})), Err(Rejected));
        assert_eq!(patched(json!({"op": "replace", "path": "/list/2", "value": "z"})), Err(Rejected));
    }
}
