//! Conditions in an object's status, of any kind.

use std::fmt;

use serde_json::Value as Json;

use super::Verdict;
use crate::Object;
use crate::message::{ListValue, Message, Value};
use crate::reflect::{find, text};

/// Checks whether a condition of an object has a status, by the rules of `kubectl wait`: names are case-insensitive,
/// and a condition that was observed for an older generation than the object's (by its own `observedGeneration`,
/// otherwise the status's) does not count yet.
///
/// It reads `status.conditions` of any kind, generated or [dynamic](crate::DynamicObject).
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions>
pub fn condition<K: Object>(object: &K, name: &str, status: &str) -> Verdict {
    let (conditions, observed) = read(object);
    let goal = goal(name, status);
    let Some(found) = conditions.iter().find(|condition| condition.name.eq_ignore_ascii_case(name)) else {
        return Verdict::not_yet(format!("it has no condition {name}")).goal(goal);
    };
    if let (Some(generation), Some(observed)) = (object.metadata().generation, found.observed.or(observed))
        && observed < generation
    {
        let text = format!("{found} was observed for generation {observed}, but the object's is {generation}");
        return Verdict::not_yet(text).goal(goal);
    }
    if found.status.eq_ignore_ascii_case(status) {
        return Verdict::met().goal(goal);
    }
    let message = if found.message.is_empty() { String::new() } else { format!(": {}", found.message) };
    Verdict::not_yet(format!("{found}{message}")).goal(goal)
}

/// Describes the condition that is waited for.
pub(super) fn goal(name: &str, status: &str) -> String {
    if status.eq_ignore_ascii_case("true") {
        format!("to be {name}")
    } else {
        format!("to have the condition {name}={status}")
    }
}

/// Formats all conditions of an object in one line, after its phase; empty if it has neither.
pub(super) fn summary<K: Object>(object: &K) -> String {
    let (conditions, _) = read(object);
    let phase = phase(object).map(|phase| format!("phase {phase}"));
    phase.into_iter().chain(conditions.iter().map(Condition::to_string)).collect::<Vec<_>>().join(", ")
}

/// Returns the `status.phase` of an object, if it has one.
fn phase(object: &dyn Message) -> Option<String> {
    let of = |json: &str| serde_json::from_str::<Json>(json).ok()?.get("phase")?.as_str().map(str::to_owned);
    match find(object, "status") {
        Value::Message(status) => text(find(status, "phase")).filter(|phase| !phase.is_empty()).map(str::to_owned),
        Value::Json(json) => of(json.as_str()),
        Value::Serde(status) => of(status.to_json().ok()?.as_str()),
        _ => of(object.unknown_fields().get("status")?.as_str()),
    }
}

/// The fields of a condition that all kinds share.
#[derive(Debug, Default, PartialEq)]
struct Condition {
    name: String,
    status: String,
    reason: String,
    message: String,
    observed: Option<i64>,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.status)?;
        if self.reason.is_empty() { Ok(()) } else { write!(f, " ({})", self.reason) }
    }
}

/// Returns the conditions, and the generation for which the whole status was observed.
fn read(object: &dyn Message) -> (Vec<Condition>, Option<i64>) {
    match find(object, "status") {
        Value::Message(status) => {
            let observed = number(find(status, "observedGeneration"));
            let conditions = match find(status, "conditions") {
                Value::List(list) => of_list(list),
                Value::Json(json) => of_json(json.as_str()),
                _ => status.unknown_fields().get("conditions").map(|json| of_json(json.as_str())).unwrap_or_default(),
            };
            (conditions, observed)
        }
        Value::Json(json) => of_status(json.as_str()),
        Value::Serde(status) => status.to_json().map(|json| of_status(json.as_str())).unwrap_or_default(),
        _ => object.unknown_fields().get("status").map(|json| of_status(json.as_str())).unwrap_or_default(),
    }
}

fn of_list(list: &dyn ListValue) -> Vec<Condition> {
    let items = (0..list.len()).filter_map(|index| match list.get(index) {
        Value::Message(item) => {
            let read = |name| text(find(item, name)).unwrap_or_default().to_owned();
            Some(Condition {
                name: read("type"),
                status: read("status"),
                reason: read("reason"),
                message: read("message"),
                observed: number(find(item, "observedGeneration")),
            })
        }
        _ => None,
    });
    items.collect()
}

fn number(value: Value<'_>) -> Option<i64> {
    match value {
        Value::I64(number) => Some(number),
        Value::I32(number) => Some(number.into()),
        _ => None,
    }
}

fn of_status(json: &str) -> (Vec<Condition>, Option<i64>) {
    let Ok(status) = serde_json::from_str::<Json>(json) else { return Default::default() };
    let observed = status.get("observedGeneration").and_then(Json::as_i64);
    (status.get("conditions").map(of_values).unwrap_or_default(), observed)
}

fn of_json(json: &str) -> Vec<Condition> {
    serde_json::from_str(json).map(|conditions| of_values(&conditions)).unwrap_or_default()
}

fn of_values(conditions: &Json) -> Vec<Condition> {
    let read = |item: &Json| {
        let read = |name| item.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        Condition {
            name: read("type"),
            status: read("status"),
            reason: read("reason"),
            message: read("message"),
            observed: item.get("observedGeneration").and_then(Json::as_i64),
        }
    };
    conditions.as_array().map(|items| items.iter().map(read).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::DynamicObject;

    fn object(generation: i64, status: Json) -> DynamicObject {
        let mut object = DynamicObject::default();
        object.metadata.generation = Some(generation);
        object.set("status", status).expect("JSON");
        object
    }

    #[test]
    fn a_condition_is_read_as_kubectl_wait_does() {
        let status = json!({ "conditions": [{ "type": "Ready", "status": "True" }, { "type": "Old", "status": "False",
            "reason": "NotNow", "message": "later" }] });
        let object = object(3, status);
        assert!(condition(&object, "ready", "true").is_met());
        let old = condition(&object, "Old", "True");
        assert_eq!((old.text(), old.wanted()), ("Old=False (NotNow): later", Some("to be Old")));
        assert!(condition(&object, "Old", "False").is_met());
        let none = condition(&object, "Other", "False");
        assert_eq!(none.text(), "it has no condition Other");
        assert_eq!(none.wanted(), Some("to have the condition Other=False"));
    }

    #[test]
    fn what_was_observed_of_an_older_generation_does_not_count() {
        let ready = |own: Option<i64>, whole: Option<i64>| {
            let status = json!({ "observedGeneration": whole,
                "conditions": [{ "type": "Ready", "status": "True", "observedGeneration": own }] });
            condition(&object(3, status), "Ready", "True")
        };
        assert!(ready(None, None).is_met() && ready(Some(3), Some(1)).is_met() && ready(None, Some(3)).is_met());
        let text = "Ready=True was observed for generation 2, but the object's is 3";
        assert_eq!((ready(Some(2), Some(3)).text(), ready(None, Some(2)).text()), (text, text));
    }

    #[test]
    fn conditions_of_an_odd_shape_are_none() {
        for status in [json!("Ready"), json!({ "conditions": { "Ready": true } }), json!({ "conditions": [1, null] })] {
            assert!(!condition(&object(1, status), "Ready", "True").is_met());
        }
    }
}
