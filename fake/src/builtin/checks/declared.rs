//! Checks that Kubernetes declares at the fields of its types, rather than writes as code.
//!
//! <https://kubernetes.io/docs/reference/using-api/declarative-validation/>

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use crate::objects::texts::Problems;
use crate::status::Cause;

/// A union of fields, of which one has to be there. A list without items is none.
pub(super) fn union(value: &Value, members: &[&str], path: &str, found: &mut Findings) {
    let shown = members.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let set = set_of(value, members);
    match set.len() {
        0 => found.invalid(path, &json!(""), &format!("must specify one of: {shown}")),
        1 => {}
        _ => {
            let set = json!(format!("{{{}}}", set.join(", ")));
            found.invalid(path, &set, &format!("must specify exactly one of: {shown}"));
        }
    }
}

/// The same, unless the same fields are there as before.
pub(super) fn changed_union(
    (value, old): (&Value, Option<&Value>),
    members: &[&str],
    path: &str,
    found: &mut Findings,
) {
    if old.is_none_or(|old| set_of(old, members) != set_of(value, members)) {
        union(value, members, path, found);
    }
}

fn set_of<'n>(value: &Value, members: &[&'n str]) -> Vec<&'n str> {
    let is_set = |value: &Value| !value.is_null() && !value.as_array().is_some_and(Vec::is_empty);
    members.iter().copied().filter(|name| is_set(&value[name])).collect()
}

/// A field that stays. Returns whether it has changed.
pub(super) fn is_changed(value: &Value, old: Option<&Value>, path: &str, found: &mut Findings) -> bool {
    let is_changed = old.is_some_and(|old| old != value);
    if is_changed {
        found.invalid(path, &Value::Null, "field is immutable");
    }
    is_changed
}

/// The items of a list. None of one that has too many.
pub(super) fn limited<'v>(list: &'v Value, limit: usize, path: &str, found: &mut Findings) -> &'v [Value] {
    let list = items(list);
    match list.len() {
        count if count <= limit => return list,
        count if limit == 1 => {
            let message = format!("Too many: {count}: must have at most 1 item");
            found.push(Cause { reason: "FieldValueTooMany", message, field: path.to_owned() });
        }
        count => found.too_many(path, count, limit),
    }
    &[]
}

/// The items of a list in which each name may be there once.
pub(super) fn named<'v>(list: &'v Value, limit: usize, path: &str, found: &mut Findings) -> &'v [Value] {
    let list = limited(list, limit, path, found);
    for (index, item) in list.iter().enumerate() {
        if list[..index].iter().any(|other| other["name"] == item["name"]) {
            found.duplicate(format!("{path}[{index}]"), item);
        }
    }
    list
}

/// A text that has to be there, in a format.
pub(super) fn required(value: &Value, format: fn(&str) -> Problems, path: &str, found: &mut Findings) {
    if text(value).is_empty() {
        found.required(path);
    } else {
        found.problems(path, text(value), format(text(value)));
    }
}

/// A text in a format, if it is there.
pub(super) fn optional(value: &Value, format: fn(&str) -> Problems, path: &str, found: &mut Findings) {
    if !text(value).is_empty() {
        found.problems(path, text(value), format(text(value)));
    }
}
