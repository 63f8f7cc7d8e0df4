//! New objects that are alike: their managers own the same fields.
//!
//! To find out what the writer of a new object owns, and to write that down, is a seventh of the work of its creation. Whoever creates
//! many objects of a kind, as controllers do, mostly creates them with the same fields.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

use super::elements::{is_empty, items, merging_of, same};
use crate::schema::{Merging, Schema};

/// How many objects are remembered of a kind, so that a few sorts of them may be created in turn.
const REMEMBERED: usize = 4;

/// How large an object is at most that is remembered: its values, and the letters in it. They are kept as long as the process runs.
const MOST: usize = 16 * 1024;

/// The new objects of a kind that were not like others, the latest first, each with what its writer owns as `fieldsV1` has it.
#[derive(Debug, Default)]
pub(crate) struct Made(Mutex<Vec<Arc<One>>>);

#[derive(Debug)]
struct One {
    object: Value,
    fields: Option<Value>,
}

impl Made {
    /// What the writer of a new object owns, in a schema; found out by a function if no other object was like it. `nothing` is the object
    /// that new ones are compared with.
    pub fn fields(
        &self,
        nothing: &Value,
        new: &Value,
        schema: Schema<'_>,
        find: impl FnOnce() -> Option<Value>,
    ) -> Option<Value> {
        let known = self.remembered().clone();
        if let Some(one) = known.iter().find(|one| are_alike(Some(nothing), &one.object, new, schema)) {
            return one.fields.clone();
        }
        let fields = find();
        if left_after(new, MOST).is_none() {
            return fields;
        }
        let one = One { object: new.clone(), fields: fields.clone() };
        let mut remembered = self.remembered();
        remembered.insert(0, Arc::new(one));
        remembered.truncate(REMEMBERED);
        fields
    }

    fn remembered(&self) -> MutexGuard<'_, Vec<Arc<One>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A kind that is taken from another remembers nothing of its objects.
impl Clone for Made {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// What is left of some room after a value. `None` if it has no place there.
fn left_after(value: &Value, room: usize) -> Option<usize> {
    let room = room.checked_sub(1)?;
    match value {
        Value::String(text) => room.checked_sub(text.len()),
        Value::Array(items) => items.iter().try_fold(room, |room, item| left_after(item, room)),
        Value::Object(fields) => {
            fields.iter().try_fold(room, |room, (name, value)| left_after(value, room.checked_sub(name.len())?))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Some(room),
    }
}

/// Whether the same fields of two values are added to an old one, and the same ones differ from it. It may say no where they are.
fn are_alike(old: Option<&Value>, one: &Value, other: &Value, schema: Schema<'_>) -> bool {
    let is_same_sort = std::mem::discriminant(one) == std::mem::discriminant(other);
    let is_other_sort = |old: &Value| {
        let is_other = old.is_object() != one.is_object() || old.is_array() != one.is_array();
        is_other && !old.is_null() && !one.is_null()
    };
    if !is_same_sort || is_empty(Some(one)) != is_empty(Some(other)) || old.is_some_and(is_other_sort) {
        return false;
    }
    let is_leaf = || is_empty(old) && is_empty(Some(other));
    let (merging, one, other) = match (one, other) {
        (Value::Object(_) | Value::Array(_), _) => (merging_of(schema, old, Some(other)), one, other),
        _ => (Merging::Whole, one, other),
    };
    match (merging, one, other) {
        (Merging::Whole, ..) => old.is_none_or(|old| same(old, one) == same(old, other)),
        _ if is_leaf() => true,
        (Merging::ByKey, Value::Object(fields), Value::Object(others)) => {
            let of = |name: &String| old.and_then(|old| old.get(name));
            fields.len() == others.len()
                && fields.iter().zip(others).all(|((name, one), (other_name, other))| {
                    let is_scalar = !one.is_object() && !one.is_array();
                    // Of a scalar, nothing has to be known.
                    let schema = if is_scalar { Schema::anything() } else { schema.field(name) };
                    name == other_name && are_alike(of(name), one, other, schema)
                })
        }
        (merging, Value::Array(list), Value::Array(others)) => {
            let is_same_item = |one: &Value, other: &Value| match merging {
                Merging::ByKeys(keys) => {
                    let mut keys = keys.iter().filter_map(Value::as_str);
                    keys.all(|key| one.get(key) == other.get(key)) && are_alike(None, one, other, schema.item())
                }
                _ => one == other,
            };
            items(old).is_empty()
                && list.len() == others.len()
                && list.iter().zip(others).all(|(one, other)| is_same_item(one, other))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::compare::Comparison;
    use super::*;

    fn schema() -> Value {
        let scalar = json!({"type": "string"});
        let item =
            json!({"type": "object", "properties": {"name": scalar, "image": scalar, "port": {"type": "integer"}}});
        json!({"type": "object", "properties": {
            "name": scalar, "map": {"type": "object", "additionalProperties": scalar},
            "whole": {"type": "object", "x-kubernetes-map-type": "atomic", "properties": {"a": scalar, "b": scalar}},
            "keyed": {"type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": item},
            "set": {"type": "array", "x-kubernetes-list-type": "set", "items": scalar},
            "list": {"type": "array", "items": item},
            "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            "odd": {},
        }})
    }

    /// Objects of which some are alike.
    fn objects() -> Vec<Value> {
        let mut all = vec![json!({})];
        let values = [
            ("name", vec![json!("a"), json!("b"), json!(""), json!(null)]),
            (
                "map",
                vec![json!({}), json!({"a": "1"}), json!({"a": "2"}), json!({"b": "1"}), json!({"a": "1", "b": ""})],
            ),
            ("whole", vec![json!({}), json!({"a": "1"}), json!({"b": "1"})]),
            (
                "keyed",
                vec![
                    json!([]),
                    json!([{"name": "a", "image": "1"}]),
                    json!([{"name": "a", "image": "2"}]),
                    json!([{"name": "b", "image": "1"}]),
                    json!([{"name": "a"}]),
                    json!([{"name": "a", "port": 1}, {"name": "b"}]),
                    json!([{"name": "b"}, {"name": "a", "port": 2}]),
                    json!([{"name": "a", "port": 3}, {"name": "b"}]),
                    json!([{"name": "a"}, {"name": "a"}]),
                    json!([{"image": "a"}]),
                    json!([null]),
                    json!(["a"]),
                ],
            ),
            ("set", vec![json!([]), json!(["a"]), json!(["b"]), json!(["a", "b"]), json!(["a", "a"]), json!([{}])]),
            ("list", vec![json!([]), json!([{"name": "a"}]), json!([{"name": "b"}]), json!([{}, {}])]),
            (
                "any",
                vec![
                    json!({}),
                    json!({"a": {"b": 1}}),
                    json!({"a": {"b": 2}}),
                    json!({"a": {"c": 1}}),
                    json!({"a": [1]}),
                    json!({"a": 1}),
                ],
            ),
            (
                "odd",
                vec![json!({}), json!([]), json!(1), json!("a"), json!({"a": 1}), json!([1]), json!([2]), json!(null)],
            ),
        ];
        for (name, values) in &values {
            all.extend(values.iter().map(|value| json!({ *name: value })));
            all.extend(values.iter().map(|value| json!({ *name: value, "name": "x", "map": {"z": "z"} })));
            all.extend(values.iter().map(|value| json!({ "any": { *name: value } })));
        }
        all
    }

    #[test]
    fn writers_of_what_is_alike_own_the_same() {
        let schema = schema();
        let schema = Schema::structural(&schema);
        let objects = objects();
        let (mut alike, mut owned_alike) = (0, 0);
        for old in objects.iter().step_by(3) {
            let owned = |new: &Value| {
                let Comparison { modified, added, .. } = Comparison::of(old, new, schema);
                (modified, added)
            };
            let all: Vec<_> = objects.iter().map(owned).collect();
            for (one, owned) in objects.iter().zip(&all) {
                for (other, others) in objects.iter().zip(&all) {
                    let is_alike = are_alike(Some(old), one, other, schema);
                    assert!(!is_alike || owned == others, "of {old}: {one} and {other}");
                    alike += usize::from(is_alike && one != other);
                    owned_alike += usize::from(owned == others && one != other);
                }
            }
        }
        assert!(alike * 4 > owned_alike, "{alike} of {owned_alike}");
    }

    #[test]
    fn what_a_writer_owns_is_found_out_once_for_objects_that_are_alike() {
        let schema = schema();
        let made = Made::default();
        let (nothing, mut count) = (json!({}), 0);
        let mut fields = |new: Value| {
            let fields = made.fields(&nothing, &new, Schema::structural(&schema), || {
                count += 1;
                Some(new["name"].clone())
            });
            (fields, count)
        };
        assert_eq!(fields(json!({"name": "a"})), (Some(json!("a")), 1));
        assert_eq!(fields(json!({"name": "b"})), (Some(json!("a")), 1));
        for sort in 0..REMEMBERED {
            assert_eq!(fields(json!({"name": "c", "map": {sort.to_string(): ""}})).1, sort + 2);
        }
        assert_eq!(fields(json!({"name": "c", "map": {"0": ""}})).1, REMEMBERED + 1, "still known");
        assert_eq!(fields(json!({"name": "d"})), (Some(json!("d")), REMEMBERED + 2), "forgotten");
        let large = json!({"name": "x".repeat(MOST)});
        assert_eq!(fields(json!({"list": [large]})).1, REMEMBERED + 3);
        assert_eq!(fields(json!({"list": [large]})).1, REMEMBERED + 4, "too large to be remembered");
    }
}
