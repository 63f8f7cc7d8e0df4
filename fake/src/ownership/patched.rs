//! Objects with the patches of mutating policies, which are merged as applied objects are, and owned by nobody.

use serde_json::Value;

use super::merge::merge;
use super::validate::mistakes;
use crate::schema::{Merging, Schema};

/// Merges a patch into an object.
///
/// # Errors
/// What is wrong with it, in the words of the API server: a field that the schema doesn't have, a value of another type, or one that would
/// replace what is atomic.
pub(crate) fn patched(object: &Value, patch: &Value, schema: Schema<'_>) -> Result<Value, String> {
    if let Some(mistakes) = mistakes(patch, schema) {
        return Err(format!("failed to convert patch object to typed object: {mistakes}"));
    }
    let mut found = Vec::new();
    atomics(patch, schema, &mut String::new(), &mut found);
    if !found.is_empty() {
        let found = found.join(", ");
        return Err(format!("invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: {found}"));
    }
    Ok(merge(Some(object), Some(patch), schema).unwrap_or_default())
}

/// The paths of lists, maps and objects that are merged as a whole.
fn atomics(value: &Value, schema: Schema<'_>, path: &mut String, found: &mut Vec<String>) {
    let is_whole = (value.is_object() || value.is_array()) && schema.merging(value) == Merging::Whole;
    if is_whole {
        found.push(path.clone());
    }
    let start = path.len();
    match value {
        Value::Object(fields) => {
            // The values of maps are not read.
            for (name, value) in fields.iter().filter(|(name, _)| schema.has_property(name)) {
                path.push_str(&format!(".{name}"));
                atomics(value, schema.field(name), path, found);
                path.truncate(start);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push_str(&format!("[{index}]"));
                atomics(item, schema.item(), path, found);
                path.truncate(start);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_is_merged_and_nothing_atomic_is_in_it() {
        let schema = json!({ "type": "object", "properties": {
            "labels": { "type": "object", "additionalProperties": { "type": "string" } },
            "args": { "type": "array", "items": { "type": "string" } },
            "selector": { "type": "object", "x-kubernetes-map-type": "atomic", "properties": { "a": { "type": "string" } } },
        } });
        let schema = Schema::structural(&schema);
        let object = json!({ "labels": { "a": "1" }, "args": ["x"] });
        let merged = patched(&object, &json!({ "labels": { "b": "2" } }), schema);
        assert_eq!(merged, Ok(json!({ "labels": { "a": "1", "b": "2" }, "args": ["x"] })));
        let why = patched(&object, &json!({ "args": ["y"], "selector": {} }), schema).expect_err("atomic");
        assert!(why.ends_with("may not mutate atomic arrays, maps or structs: .args, .selector"), "{why}");
        let why = patched(&object, &json!({ "bogus": 1 }), schema).expect_err("no field");
        assert_eq!(why, "failed to convert patch object to typed object: .bogus: field not declared in schema");
    }
}
