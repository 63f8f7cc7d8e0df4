//! Merging what is applied into what is there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::elements::{elements, is_empty, items, keys, merging_of};
use super::path::PathElement;
use crate::schema::{Merging, Schema};

/// Merges an applied value into the present one. Where both have a value, the applied one counts; `None` if nothing is left.
pub(super) fn merge(live: Option<&Value>, applied: Option<&Value>, schema: Schema<'_>) -> Option<Value> {
    let merging = merging_of(schema, live, applied);
    if merging == Merging::Whole || (is_empty(live) && is_empty(applied)) {
        return applied.or(live).cloned();
    }
    if merging == Merging::ByKey {
        let mut merged = Map::new();
        for name in keys(live, applied) {
            let (live, applied) = (field(live, name), field(applied, name));
            if let Some(value) = merge(live, applied, schema.field(name)) {
                merged.insert(name.clone(), value);
            }
        }
        return (!merged.is_empty()).then_some(Value::Object(merged));
    }
    let merged = merge_items(items(live), items(applied), merging, schema.item());
    (!merged.is_empty()).then_some(Value::Array(merged))
}

fn field<'v>(object: Option<&'v Value>, name: &str) -> Option<&'v Value> {
    object?.get(name)
}

/// Merges lists item by item: items that are applied come in the order in which they are applied, and those that aren't keep
/// their place between their neighbours.
fn merge_items(live: &[Value], applied: &[Value], merging: Merging<'_>, schema: Schema<'_>) -> Vec<Value> {
    let (live, applied) = (elements(live, merging, schema), elements(applied, merging, schema));
    let by_element: BTreeMap<&PathElement, &Value> = applied.iter().map(|(element, item)| (element, *item)).collect();
    let mut of_live: BTreeMap<&PathElement, Option<&Value>> = BTreeMap::new();
    for (element, item) in &live {
        // Of items that can't be told apart, none is merged with the applied one.
        of_live.entry(element).and_modify(|known| *known = None).or_insert(Some(item));
    }
    let mut shared: VecDeque<&PathElement> =
        applied.iter().map(|(element, _)| element).filter(|element| of_live.contains_key(element)).collect();
    let mut merged = Vec::with_capacity(live.len().max(applied.len()));
    let mut done: BTreeSet<&PathElement> = BTreeSet::new();
    let take = |element: &PathElement, merged: &mut Vec<Value>| {
        let (live, applied) = (of_live.get(element).copied().flatten(), by_element.get(element).copied());
        merged.extend(merge(live, applied, schema));
    };
    let (mut left, mut right) = (live.iter().peekable(), applied.iter().peekable());
    loop {
        match (left.peek(), right.peek()) {
            (None, None) => return merged,
            (Some((next_live, _)), Some((next_applied, _))) if next_live == next_applied => {
                done.insert(next_applied);
                take(next_applied, &mut merged);
                left.next();
                right.next();
                shared.pop_front();
                continue;
            }
            // Applied too, but not the one whose turn it is.
            (Some((next_live, _)), Some(_))
                if by_element.contains_key(next_live) && shared.front().is_some_and(|next| *next != next_live) =>
            {
                left.next();
                continue;
            }
            _ => {}
        }
        if let Some((next_live, item)) = left.peek() {
            if !by_element.contains_key(next_live) {
                merged.extend(merge(Some(item), None, schema));
                left.next();
                continue;
            }
            if done.contains(next_live) {
                left.next();
            }
        }
        if let Some((next_applied, _)) = right.next() {
            done.insert(next_applied);
            take(next_applied, &mut merged);
            if shared.front().is_some_and(|next| *next == next_applied) {
                shared.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn order(live: &[&str], applied: &[&str]) -> String {
        let schema = json!({"type": "array", "items": {"type": "string"}, "x-kubernetes-list-type": "set"});
        let merged = merge(Some(&json!(live)), Some(&json!(applied)), Schema::structural(&schema)).expect("a list");
        items(Some(&merged)).iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
    }

    #[test]
    fn applied_items_come_in_their_order_and_the_others_keep_their_place() {
        assert_eq!(order(&["web", "log"], &["log", "web"]), "log,web");
        assert_eq!(order(&["log", "web"], &["zed"]), "log,web,zed");
        assert_eq!(order(&["log", "web", "zed"], &["zed", "web"]), "log,zed,web");
        assert_eq!(order(&["a", "b", "c"], &["c", "x", "a"]), "b,c,x,a");
        assert_eq!(order(&[], &["b", "a"]), "b,a");
        assert_eq!(order(&["a"], &[]), "a");
    }

    #[test]
    fn empty_and_null_are_kept_apart_where_both_sides_are_empty() {
        let schema = json!({"type": "object", "additionalProperties": {"type": "string"}});
        let merged =
            |live: Option<Value>, applied: Value| merge(live.as_ref(), Some(&applied), Schema::structural(&schema));
        assert_eq!(merged(None, json!({})), Some(json!({})));
        assert_eq!(merged(Some(json!({})), Value::Null), Some(Value::Null));
        assert_eq!(merged(Some(json!({"a": "1"})), Value::Null), Some(json!({"a": "1"})));
        assert_eq!(merged(Some(json!({"a": "1"})), json!({"b": null})), Some(json!({"a": "1", "b": null})));
    }
}
