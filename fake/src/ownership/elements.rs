//! The items of lists that are merged item by item.

use serde_json::{Map, Value};

use super::path::{PathElement, Scalar};
use crate::schema::{Merging, Schema};

/// Returns what tells an item of a list from the others; an error says why there is nothing.
///
/// `merging` is that of the list, `schema` that of its items. A key that is absent has its default.
pub(super) fn element_of(item: &Value, merging: Merging<'_>, schema: Schema<'_>) -> Result<PathElement, String> {
    let Merging::ByKeys(keys) = merging else {
        return match item {
            Value::Object(_) => Err("associative list without keys has an element that's a map type".to_owned()),
            Value::Array(_) => Err("not supported: associative list with lists as elements".to_owned()),
            Value::Null => Err("associative list without keys has an element that's an explicit null".to_owned()),
            scalar => Scalar::of(scalar).map(PathElement::Value).ok_or_else(|| "not a scalar".to_owned()),
        };
    };
    let Value::Object(fields) = item else {
        let what = if item.is_null() { "a null element" } else { "non-map elements" };
        return Err(format!("associative list with keys may not have {what}"));
    };
    let mut element = Vec::with_capacity(keys.len());
    for key in keys.iter().filter_map(Value::as_str) {
        // Without the key, the item is another one than with any value of it.
        let Some(value) = fields.get(key).or_else(|| schema.field(key).default()) else { continue };
        if let Some(value) = Scalar::of(value) {
            element.push((key.into(), value));
        }
    }
    if element.is_empty() && !keys.is_empty() {
        let keys: Vec<_> = keys.iter().map(ToString::to_string).collect();
        return Err(format!(
            "associative list with keys has an element that omits all key fields [{}] (and doesn't have default values for any key fields)",
            keys.join(" ")
        ));
    }
    element.sort();
    element.dedup();
    Ok(PathElement::Key(element))
}

/// The items of a list with their elements, in order. Items without an element are left out.
pub(super) fn elements<'v>(
    list: &'v [Value],
    merging: Merging<'_>,
    schema: Schema<'_>,
) -> Vec<(PathElement, &'v Value)> {
    list.iter().filter_map(|item| Some((element_of(item, merging, schema).ok()?, item))).collect()
}

/// The items of a list; null has none.
pub(super) fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The keys of two objects in order, each once.
pub(super) fn keys<'v>(left: Option<&'v Value>, right: Option<&'v Value>) -> Vec<&'v String> {
    let objects = [left, right].into_iter().flatten().filter_map(Value::as_object);
    let mut keys: Vec<&String> = objects.flat_map(Map::keys).collect();
    // Those of each object are in order: all of them if there is one.
    if left.is_some() && right.is_some() {
        keys.sort();
        keys.dedup();
    }
    keys
}

/// Whether there is nothing in it: no value, null, and an empty list or object.
pub(super) fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Array(list)) => list.is_empty(),
        Some(Value::Object(object)) => object.is_empty(),
        Some(_) => false,
    }
}

/// How two values are merged: as the schema says of whichever there is; null says nothing, and of two that differ in type the
/// one is replaced.
pub(super) fn merging_of<'a>(schema: Schema<'a>, left: Option<&Value>, right: Option<&Value>) -> Merging<'a> {
    let said = |value: Option<&Value>| value.filter(|value| !value.is_null()).map(|value| schema.merging(value));
    match (said(left), said(right)) {
        (Some(left), Some(right)) if left == right => left,
        (Some(only), None) | (None, Some(only)) => only,
        _ => Merging::Whole,
    }
}

/// Whether two values are the same; numbers by value.
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| right.get(name).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}
