//! Checks of events. Those that come through the group `events.k8s.io` are checked more strictly.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/>

use serde_json::{Value, json};

use super::findings::{Findings, text};
use crate::objects::texts;

const MAX_TEXT: usize = 128;
const MAX_NOTE: usize = 1024;

/// Checks an event in the form of the core group, which was written through a group.
pub(super) fn check(event: &Value, old: Option<&Value>, group: &str, found: &mut Findings) {
    if text(&event["eventTime"]).is_empty() {
        without_time(event, found);
    } else {
        with_time(event, group, found);
    }
    match old {
        _ if group.is_empty() => {}
        None => new(event, found),
        Some(old) => changed(event, old, found),
    }
}

fn without_time(event: &Value, found: &mut Findings) {
    let (namespace, of) = (text(&event["metadata"]["namespace"]), text(&event["involvedObject"]["namespace"]));
    // Events of objects without a namespace are in the default one.
    if of != namespace && !(of.is_empty() && namespace == "default") {
        found.invalid("involvedObject.namespace", &json!(of), "does not match event.namespace");
    }
}

fn with_time(event: &Value, group: &str, found: &mut Findings) {
    let (namespace, of) = (text(&event["metadata"]["namespace"]), text(&event["involvedObject"]["namespace"]));
    if of.is_empty() && !matches!(namespace, "default" | "kube-system") {
        found.invalid("involvedObject.namespace", &json!(of), "does not match event.namespace");
    }
    let field = if group.is_empty() { "reportingComponent" } else { "reportingController" };
    let controller = text(&event["reportingComponent"]);
    if controller.is_empty() {
        found.required(field);
    }
    found.problems(field, controller, texts::qualified_name(controller));
    for name in ["reportingInstance", "action", "reason"] {
        let value = text(&event[name]);
        if value.is_empty() {
            found.required(name);
        }
        if value.len() > MAX_TEXT {
            found.invalid(name, &json!(""), &format!("can have at most {MAX_TEXT} characters"));
        }
    }
    if text(&event["message"]).len() > MAX_NOTE {
        found.invalid("message", &json!(""), &format!("can have at most {MAX_NOTE} characters"));
    }
}

fn new(event: &Value, found: &mut Findings) {
    series(event, found);
    if text(&event["eventTime"]).is_empty() {
        found.required("eventTime");
    }
    let kind = text(&event["type"]);
    if !matches!(kind, "Normal" | "Warning") {
        found.invalid("type", &json!(""), &format!("has invalid value: {kind}"));
    }
    for name in ["firstTimestamp", "lastTimestamp"] {
        if !event[name].is_null() {
            found.invalid(name, &json!(""), "needs to be unset");
        }
    }
    if event["count"].as_i64().is_some_and(|count| count != 0) {
        found.invalid("count", &json!(""), "needs to be unset");
    }
    if ["component", "host"].iter().any(|name| !text(&event["source"][*name]).is_empty()) {
        found.invalid("source", &json!(""), "needs to be unset");
    }
}

fn series(event: &Value, found: &mut Findings) {
    let Some(series) = event.get("series").filter(|series| !series.is_null()) else { return };
    if series["count"].as_i64().unwrap_or(0) < 2 {
        found.invalid("series.count", &json!(""), "should be at least 2");
    }
    if series["lastObservedTime"].is_null() {
        found.required("series.lastObservedTime");
    }
}

/// All but the series and the metadata stays.
fn changed(event: &Value, old: &Value, found: &mut Findings) {
    if event.get("series") != old.get("series") {
        series(event, found);
    }
    for (name, shown) in [
        ("involvedObject", "involvedObject"),
        ("reason", "reason"),
        ("message", "message"),
        ("source", "source"),
        ("firstTimestamp", "firstTimestamp"),
        ("lastTimestamp", "lastTimestamp"),
        ("count", "count"),
        ("type", "type"),
        ("eventTime", "eventTime"),
        ("action", "action"),
        ("related", "related"),
        ("reportingComponent", "reportingController"),
        ("reportingInstance", "reportingInstance"),
    ] {
        let is_text = |value: &Value| value.is_string() || value.is_null();
        let (new, known) = (&event[name], &old[name]);
        if new != known {
            let zero = if is_text(new) && is_text(known) && !name.ends_with("Time") { json!("") } else { Value::Null };
            let value = if new.is_null() { &zero } else { new };
            found.invalid(shown, value, "field is immutable");
        }
    }
}
