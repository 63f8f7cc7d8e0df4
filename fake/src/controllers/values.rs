//! Reading and changing objects.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::kinds::Kind;

/// The text at a JSON pointer; empty if there is none.
pub(super) fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// The number at a JSON pointer, if there is one.
pub(super) fn number(value: &Value, pointer: &str) -> Option<i64> {
    value.pointer(pointer).and_then(Value::as_i64)
}

/// The number at a JSON pointer; 0 if there is none.
pub(super) fn count(value: &Value, pointer: &str) -> i64 {
    number(value, pointer).unwrap_or(0)
}

/// The items at a JSON pointer; none if there is no list.
pub(super) fn items<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

pub(super) fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

pub(super) fn namespace(object: &Value) -> &str {
    text(object, "/metadata/namespace")
}

pub(super) fn uid(object: &Value) -> &str {
    text(object, "/metadata/uid")
}

/// Whether an object is being deleted.
pub(super) fn is_deleted(object: &Value) -> bool {
    object["metadata"].get("deletionTimestamp").is_some_and(|time| !time.is_null())
}

pub(super) fn has_finalizer(object: &Value, finalizer: &str) -> bool {
    items(object, "/metadata/finalizers").iter().any(|known| known == finalizer)
}

/// The finalizers of an object without one of them.
pub(super) fn without_finalizer(object: &Value, finalizer: &str) -> Vec<Value> {
    items(object, "/metadata/finalizers").iter().filter(|known| *known != finalizer).cloned().collect()
}

pub(super) fn owners(object: &Value) -> &[Value] {
    items(object, "/metadata/ownerReferences")
}

/// The reference to the owner that manages an object.
pub(super) fn controller_of(object: &Value) -> Option<&Value> {
    owners(object).iter().find(|owner| owner["controller"] == true)
}

/// Whether an object is managed by the owner with a UID.
pub(super) fn is_managed_by(object: &Value, owner: &str) -> bool {
    controller_of(object).is_some_and(|known| known["uid"] == owner)
}

/// A reference to the object that manages another.
pub(super) fn managed_by(owner: &Value, kind: Kind) -> Value {
    json!({
        "apiVersion": kind.api_version(), "kind": kind.name, "name": name(owner), "uid": uid(owner),
        "controller": true, "blockOwnerDeletion": true,
    })
}

/// The time at a JSON pointer.
pub(super) fn time(value: &Value, pointer: &str) -> Option<Timestamp> {
    text(value, pointer).parse().ok()
}

/// A time some seconds after another. Beyond the last time that there is, that one.
pub(super) fn later(time: Timestamp, seconds: i64) -> Timestamp {
    time.checked_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX)
}

pub(super) fn condition<'v>(object: &'v Value, kind: &str) -> Option<&'v Value> {
    items(object, "/status/conditions").iter().find(|condition| condition["type"] == kind)
}

/// Whether a condition is `True`.
pub(super) fn is_true(object: &Value, kind: &str) -> bool {
    condition(object, kind).is_some_and(|condition| condition["status"] == "True")
}

/// Sets a condition of a status, in place of the one of its type. One with the same status keeps its time of transition.
pub(super) fn set_condition(status: &mut Value, mut condition: Value, now: &str) {
    if !status["conditions"].is_array() {
        status["conditions"] = json!([]);
    }
    let Some(conditions) = status["conditions"].as_array_mut() else { return };
    let known = conditions.iter_mut().find(|known| known["type"] == condition["type"]);
    let same = known.as_ref().filter(|known| known["status"] == condition["status"]);
    condition["lastTransitionTime"] = same.map_or_else(|| json!(now), |known| known["lastTransitionTime"].clone());
    match known {
        Some(known) => *known = condition,
        None => conditions.push(condition),
    }
}

/// Removes a condition of a status.
pub(super) fn remove_condition(status: &mut Value, kind: &str) {
    if let Some(conditions) = status["conditions"].as_array_mut() {
        conditions.retain(|condition| condition["type"] != kind);
    }
}

/// A number, or a percentage of a total, as `maxSurge` has it.
pub(super) fn share(value: &Value, total: i64, rounds_up: bool) -> i64 {
    if let Some(number) = value.as_i64() {
        return number;
    }
    let percent = value.as_str().and_then(|text| text.strip_suffix('%')).and_then(|text| text.parse::<i64>().ok());
    let parts = percent.unwrap_or(0).saturating_mul(total);
    if rounds_up { parts.saturating_add(99).div_euclid(100) } else { parts.div_euclid(100) }
}

/// Whether all labels of a plain selector, as a service has it, are those of an object.
pub(super) fn has_labels(object: &Value, selector: &Value) -> bool {
    let wanted = selector.as_object().into_iter().flatten();
    wanted.into_iter().all(|(key, value)| object["metadata"]["labels"].get(key) == Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_number_or_a_percentage_that_is_rounded() {
        assert_eq!(share(&json!(2), 10, true), 2);
        assert_eq!((share(&json!("25%"), 10, true), share(&json!("25%"), 10, false)), (3, 2));
        assert_eq!(share(&Value::Null, 10, true), 0);
    }

    #[test]
    fn a_condition_keeps_its_time_while_its_status_is_the_same() {
        let mut status = json!({});
        set_condition(&mut status, json!({ "type": "A", "status": "True", "reason": "x" }), "1");
        set_condition(&mut status, json!({ "type": "A", "status": "True", "reason": "y" }), "2");
        assert_eq!(status["conditions"][0]["lastTransitionTime"], "1");
        assert_eq!(status["conditions"][0]["reason"], "y");
        set_condition(&mut status, json!({ "type": "A", "status": "False" }), "3");
        assert_eq!(status["conditions"], json!([{ "type": "A", "status": "False", "lastTransitionTime": "3" }]));
    }
}
