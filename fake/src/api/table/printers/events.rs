//! Events, of both groups. Their tables begin with when they were seen, and have the name as the last column.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::text;
use crate::api::table::age;
use crate::api::table::column::{Column, NAME, definition};

const COLUMNS: &[Column] = &[
    Column::text("Last Seen", "The time at which the most recent occurrence of this event was recorded."),
    Column::text("Type", "Type of this event (Normal, Warning), new types could be added in the future"),
    Column::text("Reason", "This should be a short, machine understandable string that gives the reason for the transition into the object's current status."),
    Column::text("Object", "The object that this event is about."),
    Column::text("Subobject", "If referring to a piece of an object instead of an entire object, this string should contain a valid JSON/Go field access statement, such as desiredState.manifest.containers[2]. For example, if the object reference is to a container within a pod, this would take on a value like: \"spec.containers{name}\" (where \"name\" refers to the name of the container that triggered the event) or if no container name is specified \"spec.containers[2]\" (container with index 2 in this pod). This syntax is chosen only to have some well-defined way of referencing a part of an object.").wide(),
    Column::text("Source", "The component reporting this event. Should be a short machine understandable string.").wide(),
    Column::text("Message", "A human-readable description of the status of this operation."),
    Column::text("First Seen", "The time at which the event was first recorded. (Time of server receipt is in TypeMeta.)").wide(),
    Column::text("Count", "The number of times this event has occurred.").wide(),
];

/// The columns, with the name.
pub(in super::super) fn columns() -> Vec<Value> {
    let mut columns: Vec<Value> = COLUMNS.iter().map(|column| column.to_json()).collect();
    columns.push(definition("Name", "string", "name", NAME, 1));
    columns
}

/// The cells, with the name, of an event in the form of either group.
pub(in super::super) fn cells(event: &Value, now: Timestamp) -> Vec<Value> {
    let either = |core: &str, other: &str| match &event[core] {
        Value::Null => &event[other],
        value => value,
    };
    let known = |time: &Value, other: &Value| age::since(if time.is_null() { other } else { time }, now);
    let first = known(either("firstTimestamp", "deprecatedFirstTimestamp"), &event["eventTime"]);
    let last = match either("lastTimestamp", "deprecatedLastTimestamp") {
        Value::Null => first.clone(),
        time => age::since(time, now),
    };
    let count = either("count", "deprecatedCount").as_i64().unwrap_or(0);
    let (last, count) = match &event["series"] {
        Value::Null => (last, if count == 0 { 1 } else { count }),
        series => (age::since(&series["lastObservedTime"], now), series["count"].as_i64().unwrap_or(0)),
    };
    let about = either("involvedObject", "regarding");
    let kind = about["kind"].as_str().unwrap_or_default().to_lowercase();
    let object = match about["name"].as_str() {
        None | Some("") => kind,
        Some(name) => format!("{kind}/{name}"),
    };
    let source = either("source", "deprecatedSource");
    let named = |field: &Value, other: &Value| {
        let names = [field, other].map(|name| name.as_str().unwrap_or_default());
        names.into_iter().find(|name| !name.is_empty()).unwrap_or_default().to_owned()
    };
    let component = named(&source["component"], either("reportingComponent", "reportingController"));
    let instance = named(&source["host"], &event["reportingInstance"]);
    let source = if instance.is_empty() { component } else { format!("{component}, {instance}") };
    let message = either("message", "note").as_str().unwrap_or_default();
    vec![
        json!(last),
        text(&event["type"]),
        text(&event["reason"]),
        json!(object),
        text(&about["fieldPath"]),
        json!(source),
        json!(message.trim()),
        json!(first),
        json!(count),
        text(&event["metadata"]["name"]),
    ]
}
