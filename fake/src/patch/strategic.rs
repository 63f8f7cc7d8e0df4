//! Strategic merge patches.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::objects::kind_of;
use crate::schema::Schema;

const DIRECTIVE: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const ORDER: &str = "$setElementOrder/";
const DELETE: &str = "$deleteFromPrimitiveList/";

type Object = Map<String, Value>;

/// Why a patch can't be applied.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum StrategicError {
    /// A directive has a value of another form.
    Malformed(String),
    /// It doesn't fit the object, or itself.
    Failed(String),
}

use StrategicError::{Failed, Malformed};

/// Merges a patch into an object by the merge keys and strategies of its schema. An error says what in the patch can't be
/// done.
///
/// <https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md>
pub(crate) fn strategic_merge_patch(
    target: &mut Value,
    patch: &Value,
    schema: Schema<'_>,
) -> Result<(), StrategicError> {
    let (Value::Object(target), Value::Object(patch)) = (target, patch) else {
        return Err(Failed("a strategic merge patch is an object".to_owned()));
    };
    *target = merge_object(std::mem::take(target), patch.clone(), schema)?;
    Ok(())
}

fn merge_object(mut original: Object, mut patch: Object, schema: Schema<'_>) -> Result<Object, StrategicError> {
    if let Some(directive) = patch.get(DIRECTIVE).cloned() {
        return match directive.as_str() {
            Some("replace") => {
                patch.remove(DIRECTIVE);
                Ok(patch)
            }
            Some("delete") => Ok(Object::new()),
            _ => Err(Failed(unknown_directive(&directive, &patch))),
        };
    }
    retain_keys(&mut original, &mut patch)?;
    let orders: Vec<String> = patch.keys().filter(|key| key.starts_with(ORDER)).cloned().collect();
    for key in orders {
        let order = patch.remove(&key).unwrap_or_default();
        merge_ordered(&mut original, &mut patch, &key[ORDER.len()..], order, schema)?;
    }
    for (key, value) in patch {
        if let Some(name) = key.strip_prefix(DELETE) {
            if let (Some(Value::Array(list)), Value::Array(gone)) = (original.get_mut(name), &value) {
                list.retain(|item| !gone.contains(item));
            }
            continue;
        }
        if value.is_null() {
            original.remove(&key);
            continue;
        }
        let field = schema.field(&key);
        let merged = match (original.remove(&key), value) {
            (Some(Value::Object(original)), Value::Object(patch)) if !is_replaced(field) => {
                Value::Object(merge_object(original, patch, field)?)
            }
            (Some(Value::Array(original)), Value::Array(patch)) if is_merged(field) => {
                Value::Array(merge_list(original, patch, None, field)?)
            }
            (_, value) => match without_directives(value) {
                Some(value) => value,
                None => continue,
            },
        };
        original.insert(key, merged);
    }
    Ok(original)
}

/// `$retainKeys`: of the fields that are there, only those named stay.
fn retain_keys(original: &mut Object, patch: &mut Object) -> Result<(), StrategicError> {
    let Some(retained) = patch.remove(RETAIN_KEYS) else { return Ok(()) };
    let malformed = || Malformed("invalid patch format of retainKeys".to_owned());
    let retained = retained.as_array().ok_or_else(malformed)?;
    let retained: Vec<&str> = retained.iter().filter_map(Value::as_str).collect();
    let is_retained = |key: &str| retained.contains(&key) || key.starts_with('$');
    if patch.iter().any(|(key, value)| !value.is_null() && !is_retained(key)) {
        return Err(malformed());
    }
    original.retain(|key, _| is_retained(key));
    Ok(())
}

/// Merges a list whose order the patch gives.
fn merge_ordered(
    original: &mut Object,
    patch: &mut Object,
    name: &str,
    order: Value,
    schema: Schema<'_>,
) -> Result<(), StrategicError> {
    let field = schema.field(name);
    let Value::Array(order) = order else {
        let found = kind_of(&order).unwrap_or("<nil>");
        return Err(Failed(format!("expected a []interface {{}}, but received a {found}")));
    };
    let list = |value: Option<Value>| match value {
        Some(Value::Array(list)) => list,
        _ => Vec::new(),
    };
    let is_there = original.contains_key(name) || patch.contains_key(name);
    let patched = list(patch.remove(name));
    if !is_there {
        return Ok(());
    }
    let gone = list(patch.remove(&format!("{DELETE}{name}")));
    let mut present = list(original.remove(name));
    present.retain(|item| !gone.contains(item));
    let key = merge_key(field);
    let position = |item: &Value| order.iter().position(|ordered| is_same_item(ordered, item, key));
    let positions: Option<Vec<usize>> =
        patched.iter().filter(|item| item.get(DIRECTIVE).is_none()).map(position).collect();
    if !positions.is_some_and(|positions| positions.is_sorted()) {
        return Err(Failed(format!(
            "The order in patch list:\n{}\n doesn't match {ORDER}{name} list:\n{}\n",
            Value::from(patched),
            Value::from(order)
        )));
    }
    let merged = merge_list(present, patched, Some(&order), field)?;
    original.insert(name.to_owned(), Value::Array(merged));
    Ok(())
}

/// Merges lists whose strategy is to merge them, item by item.
fn merge_list(
    original: Vec<Value>,
    patch: Vec<Value>,
    order: Option<&[Value]>,
    schema: Schema<'_>,
) -> Result<Vec<Value>, StrategicError> {
    let mut kinds = original.iter().chain(&patch).map(kind_of);
    if kinds.next().is_some_and(|first| kinds.any(|kind| kind != first)) {
        let lists = as_go_shows(&Value::from(vec![Value::from(original), Value::from(patch)]));
        return Err(Failed(format!("list element types are not identical: {lists}")));
    }
    let is_of_scalars = original.iter().chain(&patch).all(|item| !item.is_object() && !item.is_array());
    let key = merge_key(schema);
    if is_of_scalars {
        let mut merged: Vec<Value> = Vec::new();
        for item in original.iter().chain(&patch) {
            if !merged.contains(item) {
                merged.push(item.clone());
            }
        }
        return Ok(in_order(merged, order.unwrap_or(&patch), &original, None));
    }
    let Some(name) = key else {
        return Err(Failed("cannot merge lists without merge key".to_owned()));
    };
    let mut merged = original.clone();
    let mut left = Vec::new();
    let mut replaces = false;
    for item in patch {
        let Value::Object(fields) = item else {
            return Err(Failed(format!("{item} is no object, as the others of its list")));
        };
        let directive = fields.get(DIRECTIVE).cloned();
        match directive.as_ref().map(Value::as_str) {
            None => {}
            Some(Some("merge")) => {
                return Err(Failed("merging lists cannot yet be specified in the patch".to_owned()));
            }
            // An item that says so by itself is not part of the list.
            Some(Some("replace")) => {
                replaces = true;
                continue;
            }
            Some(Some("delete")) => {
                let value = fields.get(name).ok_or_else(|| Failed(lacks_key(&fields, name)))?;
                merged.retain(|item| item.get(name) != Some(value));
                continue;
            }
            Some(_) => return Err(Failed(unknown_directive(&directive.unwrap_or_default(), &fields))),
        }
        left.push(Value::Object(fields));
    }
    if replaces {
        return Ok(left);
    }
    let item_schema = schema.item();
    for item in &left {
        let Value::Object(fields) = item else { continue };
        let value = fields.get(name).ok_or_else(|| Failed(lacks_key(fields, name)))?;
        match merged.iter_mut().find(|item| item.get(name) == Some(value)) {
            Some(present) => {
                let Value::Object(original) = present.take() else { continue };
                *present = Value::Object(merge_object(original, fields.clone(), item_schema)?);
            }
            None => merged.extend(without_directives(item.clone())),
        }
    }
    Ok(in_order(merged, order.unwrap_or(&left), &original, key))
}

/// Puts those that `order` has into its order, and the others to where they were among these.
fn in_order(merged: Vec<Value>, order: &[Value], before: &[Value], key: Option<&str>) -> Vec<Value> {
    let place = |list: &[Value], item: &Value| list.iter().position(|other| is_same_item(other, item, key));
    let (mut ordered, mut others): (Vec<Value>, Vec<Value>) =
        merged.into_iter().partition(|item| place(order, item).is_some());
    ordered.sort_by_key(|item| place(order, item));
    others.sort_by_key(|item| place(before, item).unwrap_or(usize::MAX));
    let (mut ordered, mut others) = (ordered.into_iter().peekable(), others.into_iter().peekable());
    let mut all = Vec::new();
    loop {
        let other_is_first = match (others.peek(), ordered.peek()) {
            (None, None) => return all,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (Some(other), Some(next)) => match (place(before, other), place(before, next)) {
                (Some(other), Some(next)) => other < next,
                _ => false,
            },
        };
        all.extend(if other_is_first { others.next() } else { ordered.next() });
    }
}

fn is_same_item(one: &Value, other: &Value, key: Option<&str>) -> bool {
    match key {
        Some(key) if one.is_object() => one.get(key).is_some() && one.get(key) == other.get(key),
        _ => one == other,
    }
}

fn unknown_directive(directive: &Value, patch: &Object) -> String {
    let shown = as_go_shows(&Value::Object(patch.clone()));
    format!("unknown patch type: {} in map: {shown}", as_go_shows(directive))
}

fn lacks_key(fields: &Object, key: &str) -> String {
    let shown = as_go_shows(&Value::Object(fields.clone()));
    format!("map: {shown} does not contain declared merge key: {key}")
}

/// A value as Go shows it: `map[a:1 b:[x y]]`.
pub(crate) fn as_go_shows(value: &Value) -> String {
    let joined = |parts: Vec<String>| parts.join(" ");
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", joined(items.iter().map(as_go_shows).collect())),
        Value::Object(fields) => {
            let sorted: BTreeSet<&String> = fields.keys().collect();
            let shown = sorted.into_iter().map(|name| format!("{name}:{}", as_go_shows(&fields[name])));
            format!("map[{}]", joined(shown.collect()))
        }
        other => other.to_string(),
    }
}

/// What is put where nothing was: nulls are left out, and whatever has a directive as a whole.
fn without_directives(value: Value) -> Option<Value> {
    Some(match value {
        Value::Object(fields) if fields.contains_key(DIRECTIVE) => return None,
        Value::Object(fields) => {
            let kept = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.filter_map(|(name, value)| Some((name, without_directives(value)?))).collect())
        }
        Value::Array(list) => Value::Array(list.into_iter().filter_map(without_directives).collect()),
        scalar => scalar,
    })
}

fn strategies(schema: Schema<'_>) -> &str {
    schema.extension("x-kubernetes-patch-strategy").and_then(Value::as_str).unwrap_or_default()
}

fn is_merged(schema: Schema<'_>) -> bool {
    strategies(schema).split(',').any(|strategy| strategy == "merge")
}

fn is_replaced(schema: Schema<'_>) -> bool {
    strategies(schema).split(',').any(|strategy| strategy == "replace")
}

fn merge_key(schema: Schema<'_>) -> Option<&str> {
    schema.extension("x-kubernetes-patch-merge-key").and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn patched(original: Value, patch: Value) -> Result<Value, StrategicError> {
        let schema = json!({"type": "object", "properties": {
            "items": {"type": "array", "x-kubernetes-patch-strategy": "merge", "x-kubernetes-patch-merge-key": "name",
                "items": {"type": "object", "properties": {"name": {"type": "string"}, "args": {"type": "array"}}}},
            "finalizers": {"type": "array", "items": {"type": "string"}, "x-kubernetes-patch-strategy": "merge"},
            "plain": {"type": "array", "items": {"type": "string"}},
            "strategy": {"type": "object", "x-kubernetes-patch-strategy": "retainKeys"},
        }});
        let mut value = original;
        strategic_merge_patch(&mut value, &patch, Schema::structural(&schema))?;
        Ok(value)
    }

    #[test]
    fn lists_are_merged_by_their_key_and_others_replaced() {
        let original = json!({"items": [{"name": "a", "v": 1}, {"name": "b"}], "plain": ["x"], "finalizers": ["f"]});
        let patch = json!({"items": [{"name": "b", "v": 2}, {"name": "c"}], "plain": ["y"], "finalizers": ["g", "f"]});
        let expected = json!({"items": [{"name": "a", "v": 1}, {"name": "b", "v": 2}, {"name": "c"}],
            "plain": ["y"], "finalizers": ["g", "f"]});
        assert_eq!(patched(original, patch), Ok(expected));
    }

    #[test]
    fn directives_delete_replace_and_merge() {
        let original = json!({"items": [{"name": "a"}, {"name": "b"}], "strategy": {"type": "x", "rolling": {}}});
        let with = |patch: Value| patched(original.clone(), patch).map(|value| value["items"].clone());
        assert_eq!(with(json!({"items": [{"name": "b", "$patch": "delete"}]})), Ok(json!([{"name": "a"}])));
        assert_eq!(with(json!({"items": [{"name": "z", "$patch": "delete"}]})), Ok(original["items"].clone()));
        assert_eq!(with(json!({"items": [{"$patch": "replace"}, {"name": "c"}]})), Ok(json!([{"name": "c"}])));
        assert_eq!(with(json!({"items": [{"name": "c", "$patch": "replace"}]})), Ok(json!([])));
        assert_eq!(
            with(json!({"items": [{"image": "o"}]})),
            Err(Failed("map: map[image:o] does not contain declared merge key: name".to_owned()))
        );
        assert!(patched(original.clone(), json!({"strategy": {"$patch": "bogus"}})).is_err());
        assert_eq!(
            patched(original, json!({"strategy": {"$retainKeys": ["type"], "type": "y"}}))
                .map(|value| value["strategy"].clone()),
            Ok(json!({"type": "y"}))
        );
    }

    #[test]
    fn the_order_that_is_given_holds_and_must_name_what_is_patched() {
        let original = json!({"items": [{"name": "a"}, {"name": "b"}, {"name": "c"}]});
        let order = |names: &[&str], items: Value| {
            let order: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
            let patch = json!({"$setElementOrder/items": order, "items": items});
            let value = patched(original.clone(), patch)?;
            let names = value["items"].as_array().expect("a list").iter().filter_map(|item| item["name"].as_str());
            Ok::<_, StrategicError>(names.map(str::to_owned).collect::<Vec<_>>().concat())
        };
        assert_eq!(order(&["c", "a"], json!([])), Ok("bca".to_owned()));
        assert_eq!(order(&["c", "unknown", "a", "b"], json!([])), Ok("cab".to_owned()));
        assert!(order(&["a"], json!([{"name": "b", "v": 1}])).is_err());
    }

    #[test]
    fn values_are_taken_out_of_a_list_of_scalars() {
        let patch = json!({"$deleteFromPrimitiveList/finalizers": ["a", "x"]});
        assert_eq!(patched(json!({"finalizers": ["a", "b"]}), patch), Ok(json!({"finalizers": ["b"]})));
    }
}
