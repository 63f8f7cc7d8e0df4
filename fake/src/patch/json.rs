//! JSON patches, as the library that the API server has applies them.
//!
//! It differs from [RFC 6902](https://www.rfc-editor.org/rfc/rfc6902), and so from crates that follow that: `replace` and `copy` of a
//! field that is absent succeed, a null field is an absent one, and negative indexes count from the end.

use serde_json::{Value, json};

use crate::objects::kind_of;
use crate::quoted::quoted;

/// The most operations that a patch may have.
pub(crate) const MAX_OPERATIONS: usize = 10_000;

/// The most bytes of JSON that the copies of a patch add, all together.
const MAX_COPIED: usize = 3 << 20;

/// Why a patch could not be applied.
#[derive(Debug, PartialEq)]
pub(crate) enum JsonPatchError {
    /// It is no list of operations.
    Malformed(String),
    /// It has more than [`MAX_OPERATIONS`].
    TooMany(usize),
    /// A `test` found another value.
    TestFailed,
    /// An operation can't be done, in the words of the library: a path that is not there.
    Rejected(String),
}

use JsonPatchError::{Rejected, TestFailed};

/// What is wrong with a step of an operation, in the words of the library.
type Step<T> = Result<T, String>;

/// What ends the messages of what is not there.
const MISSING: &str = "missing value";

/// Applies the patch of a request, whole or not at all.
pub(crate) fn json_patch(target: &mut Value, patch: &Value) -> Result<(), JsonPatchError> {
    put(target, patch, test)
}

/// Applies the patch of an expression: a test for null, which it doesn't read from JSON, is one for a value that is there.
pub(crate) fn json_patch_of_expression(target: &mut Value, patch: &Value) -> Result<(), JsonPatchError> {
    put(target, patch, test_as_is)
}

/// Tests the value at a path by an operation.
type Test = fn(&mut Value, &str, &Value) -> Result<(), JsonPatchError>;

fn put(target: &mut Value, patch: &Value, test: Test) -> Result<(), JsonPatchError> {
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
    let mut copied = 0;
    for operation in operations {
        apply(&mut changed, operation, &mut copied, test)?;
    }
    *target = changed;
    Ok(())
}

/// What Go's decoder says of a value that it can't read into its type.
fn malformed(value: &Value, into: &str) -> JsonPatchError {
    let found = kind_of(value).unwrap_or_default();
    JsonPatchError::Malformed(format!("json: cannot unmarshal {found} into Go {into}"))
}

fn apply(document: &mut Value, operation: &Value, copied: &mut usize, test: Test) -> Result<(), JsonPatchError> {
    let op = operation["op"].as_str().unwrap_or("unknown");
    if !["add", "copy", "move", "remove", "replace", "test"].contains(&op) {
        return Err(Rejected(format!("Unexpected kind: {op}")));
    }
    let no_path = || Rejected(format!("{op} operation failed to decode path: {MISSING}"));
    let path = operation["path"].as_str().ok_or_else(no_path);
    let no_from =
        || Rejected(format!("{op} operation failed to decode from: operation, missing from field: {MISSING}"));
    let from = || operation["from"].as_str().ok_or_else(no_from);
    let value = &operation["value"];
    match op {
        "add" => add_at(document, path?, value.clone()),
        "remove" => {
            let path = path?;
            let (parent, key) = found(document, path, || {
                format!("remove operation does not apply: doc is missing path: {}", quoted(path))
            })?;
            remove(parent, &key).map_err(|why| Rejected(format!("error in remove for path: '{path}': {why}")))
        }
        "replace" => replace(document, path?, value),
        "test" => test(document, path?, operation),
        "copy" => {
            let (from, path) = (from()?, path?);
            let (parent, key) =
                found(document, from, || format!("copy operation does not apply: doc is missing from path: {from}"))?;
            let value =
                get(parent, &key).map_err(|why| Rejected(format!("error in copy for from: '{from}': {why}")))?;
            // Each copy may be of what the copies before have made.
            *copied += value.to_string().len();
            if *copied > MAX_COPIED {
                return Err(Rejected(format!(
                    "Unable to complete the copy, the accumulated size increase of copy is {copied}, exceeding the limit {MAX_COPIED}"
                )));
            }
            let (parent, key) = found(document, path, || {
                format!("copy operation does not apply: doc is missing destination path: {path}")
            })?;
            add(parent, &key, value).map_err(|why| Rejected(format!("error while adding value during copy: {why}")))
        }
        _ => {
            let from = from()?;
            let (parent, key) =
                found(document, from, || format!("move operation does not apply: doc is missing from path: {from}"))?;
            let of_key = |why| Rejected(format!("error in move for path: '{key}': {why}"));
            let moved = get(parent, &key).map_err(of_key)?;
            remove(parent, &key).map_err(of_key)?;
            let path = path?;
            let (parent, key) = found(document, path, || {
                format!("move operation does not apply: doc is missing destination path: {path}")
            })?;
            add(parent, &key, moved).map_err(|why| Rejected(format!("error in move for path: '{path}': {why}")))
        }
    }
}

fn add_at(document: &mut Value, path: &str, value: Value) -> Result<(), JsonPatchError> {
    let (parent, key) =
        found(document, path, || format!("add operation does not apply: doc is missing path: {}", quoted(path)))?;
    add(parent, &key, value).map_err(|why| Rejected(format!("error in add for path: '{path}': {why}")))
}

fn replace(document: &mut Value, path: &str, value: &Value) -> Result<(), JsonPatchError> {
    if path.is_empty() {
        if !value.is_object() && !value.is_array() {
            return Err(Rejected("replace operation value must be object or array: %!w(<nil>)".to_owned()));
        }
        *document = value.clone();
        return Ok(());
    }
    let (parent, key) =
        found(document, path, || format!("replace operation does not apply: doc is missing path: {path}"))?;
    let missing = |_| Rejected(format!("replace operation does not apply: doc is missing key: {path}: {MISSING}"));
    get(parent, &key).map_err(missing)?;
    match parent {
        Value::Array(items) => {
            let index = index(&key, items.len()).map_err(missing)?;
            items[index] = value.clone();
        }
        object => object[&key] = value.clone(),
    }
    Ok(())
}

fn test(document: &mut Value, path: &str, operation: &Value) -> Result<(), JsonPatchError> {
    if tested(document, path)? == operation["value"] { Ok(()) } else { Err(TestFailed) }
}

/// What is absent is not null then, but an object or a list without anything in it is.
fn test_as_is(document: &mut Value, path: &str, operation: &Value) -> Result<(), JsonPatchError> {
    let tested = tested(document, path)?;
    let is_as_tested = match operation.get("value") {
        Some(Value::Null) => tested == json!({}) || tested == json!([]),
        Some(value) => tested == *value,
        None => tested.is_null(),
    };
    if is_as_tested { Ok(()) } else { Err(TestFailed) }
}

fn tested(document: &mut Value, path: &str) -> Result<Value, JsonPatchError> {
    if path.is_empty() {
        return Ok(document.clone());
    }
    let (parent, key) = found(document, path, || format!("test operation does not apply: is missing path: {path}"))?;
    get(parent, &key).map_err(|why| Rejected(format!("error in test for path: '{path}': {why}")))
}

/// What holds the last part of a path, and that part; else the error, in the words of the library.
fn found<'v>(
    document: &'v mut Value,
    path: &str,
    missing: impl Fn() -> String,
) -> Result<(&'v mut Value, String), JsonPatchError> {
    parent(document, path).ok_or_else(|| Rejected(format!("{}: {MISSING}", missing())))
}

fn parent<'v>(document: &'v mut Value, path: &str) -> Option<(&'v mut Value, String)> {
    let (parents, last) = path.rsplit_once('/')?;
    let mut value = document;
    for part in parents.split('/').skip(1) {
        let part = decode(part);
        value = match value {
            Value::Object(fields) => fields.get_mut(&part)?,
            Value::Array(items) => {
                let index = index(&part, items.len()).ok()?;
                items.get_mut(index)?
            }
            _ => return None,
        };
    }
    (value.is_object() || value.is_array()).then(|| (value, decode(last)))
}

fn decode(part: &str) -> String {
    part.replace("~1", "/").replace("~0", "~")
}

/// The index of an item of a list; a negative one counts from the end.
fn index(part: &str, length: usize) -> Step<usize> {
    let number: i64 = part.parse().map_err(|_| format!("strconv.Atoi: parsing {}: invalid syntax", quoted(part)))?;
    let invalid = || format!("Unable to access invalid index: {number}: invalid index referenced");
    let length = i64::try_from(length).map_err(|_| invalid())?;
    let index = if number < 0 { number + length } else { number };
    usize::try_from(index).ok().filter(|_| index < length).ok_or_else(invalid)
}

/// A value; null for a field that is absent.
fn get(parent: &Value, key: &str) -> Step<Value> {
    Ok(match parent {
        Value::Array(items) => items[index(key, items.len())?].clone(),
        object => object.get(key).cloned().unwrap_or_default(),
    })
}

fn add(parent: &mut Value, key: &str, value: Value) -> Step<()> {
    match parent {
        Value::Array(items) if key == "-" => items.push(value),
        Value::Array(items) => {
            if key.parse::<i64>().is_err() {
                return Err(format!(
                    "value was not a proper array index: '{key}': strconv.Atoi: parsing {}: invalid syntax",
                    quoted(key)
                ));
            }
            // The end is a place too.
            let index = index(key, items.len() + 1)?;
            items.insert(index, value);
        }
        object => object[key] = value,
    }
    Ok(())
}

fn remove(parent: &mut Value, key: &str) -> Step<()> {
    match parent {
        Value::Array(items) => {
            let index = index(key, items.len())?;
            items.remove(index);
            Ok(())
        }
        object => {
            let removed = object.as_object_mut().and_then(|fields| fields.remove(key));
            removed.map(|_| ()).ok_or_else(|| format!("Unable to remove nonexistent key: {key}: {MISSING}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_patch_is_applied_whole_or_not_at_all() {
        let mut value = json!({"a": {"b": 1}, "list": [1]});
        let patch = json!([{"op": "add", "path": "/list/-", "value": 2}, {"op": "test", "path": "/a/b", "value": 2}]);
        assert_eq!(json_patch(&mut value, &patch), Err(TestFailed));
        assert_eq!(value, json!({"a": {"b": 1}, "list": [1]}));
        let patch = json!([{"op": "test", "path": "/x", "value": null}, {"op": "remove", "path": "/a/b"}]);
        assert_eq!(json_patch(&mut value, &patch), Ok(()));
        assert_eq!(value, json!({"a": {}, "list": [1]}));
    }

    #[test]
    fn an_expression_tests_for_a_null_that_is_there() {
        let tested = |operation: Value| json_patch_of_expression(&mut json!({"a": {}, "b": [1]}), &json!([operation]));
        assert_eq!(tested(json!({"op": "test", "path": "/x", "value": null})), Err(TestFailed));
        assert_eq!(tested(json!({"op": "test", "path": "/b", "value": null})), Err(TestFailed));
        assert_eq!(tested(json!({"op": "test", "path": "/a", "value": null})), Ok(()));
        assert_eq!(tested(json!({"op": "test", "path": "/x"})), Ok(()));
        assert_eq!(tested(json!({"op": "test", "path": "/b", "value": [1]})), Ok(()));
    }

    #[test]
    fn copies_of_copies_end_somewhere() {
        let mut value = json!({"a": {"b": "x".repeat(1000)}});
        let double = |index| json!({"op": "copy", "from": "/a", "path": format!("/a/{index}")});
        let patch = Value::Array((0..40).map(double).collect());
        let Err(Rejected(why)) = json_patch(&mut value, &patch) else { panic!("it doubles each time") };
        assert!(why.contains("exceeding the limit 3145728"), "{why}");
    }

    #[test]
    fn what_is_no_patch_or_too_long_is_said() {
        let mut value = json!({});
        assert!(matches!(json_patch(&mut value, &json!({})), Err(JsonPatchError::Malformed(_))));
        assert!(matches!(json_patch(&mut value, &json!([1])), Err(JsonPatchError::Malformed(_))));
        let many = Value::Array(vec![json!({"op": "test", "path": "/x", "value": null}); MAX_OPERATIONS + 1]);
        assert_eq!(json_patch(&mut value, &many), Err(JsonPatchError::TooMany(10_001)));
        let bogus = json_patch(&mut value, &json!([{"op": "bogus", "path": "/a"}]));
        assert_eq!(bogus, Err(Rejected("Unexpected kind: bogus".to_owned())));
    }

    #[test]
    fn an_absent_field_can_be_replaced_and_copied_but_not_removed_or_moved() {
        let patched = |operation: Value| {
            let mut value = json!({"a": {}, "list": ["x", "y"]});
            json_patch(&mut value, &json!([operation])).map(|()| value).map_err(|_| ())
        };
        let with = |a: Value, list: Value| Ok(json!({"a": a, "list": list}));
        let list = || json!(["x", "y"]);
        assert_eq!(patched(json!({"op": "replace", "path": "/a/b", "value": 1})), with(json!({"b": 1}), list()));
        assert_eq!(patched(json!({"op": "copy", "from": "/c", "path": "/a/b"})), with(json!({"b": null}), list()));
        assert_eq!(patched(json!({"op": "remove", "path": "/a/b"})), Err(()));
        assert_eq!(patched(json!({"op": "move", "from": "/a/b", "path": "/a/c"})), Err(()));
        assert_eq!(patched(json!({"op": "replace", "path": "/a/b/c", "value": 1})), Err(()));
        assert_eq!(patched(json!({"op": "remove", "path": "/list/-1"})), with(json!({}), json!(["x"])));
        assert_eq!(
            patched(json!({"op": "add", "path": "/list/2", "value": "z"})),
            with(json!({}), json!(["x", "y", "z"]))
        );
        assert_eq!(patched(json!({"op": "add", "path": "/list/3", "value": "z"})), Err(()));
        assert_eq!(patched(json!({"op": "replace", "path": "/list/2", "value": "z"})), Err(()));
    }
}
