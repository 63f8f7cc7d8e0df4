//! Checks of evictions and of requests of them, of `lifecycle.k8s.io`.
//!
//! <https://kubernetes.io/docs/concepts/scheduling-eviction/>

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::{conditions, uids};
use crate::objects::texts;

const MAX_ITEMS: usize = 100;
const INTENTS: &[&str] = &["Eviction", "Withdrawn"];

/// Checks an eviction or a request of one, a new one or one in place of another.
pub(super) fn check(object: &Value, old: Option<&Value>, plural: &str, found: &mut Findings) {
    let spec = &object["spec"];
    target(&spec["target"], old.map(|old| &old["spec"]["target"]), found);
    if plural != "evictionrequests" {
        return;
    }
    let requester = text(&spec["requester"]);
    match old {
        Some(old) if text(&old["spec"]["requester"]) != requester => immutable("spec.requester", found),
        Some(_) => {}
        None if requester.is_empty() => found.required("spec.requester"),
        None => {
            prefixed("spec.requester", requester, found);
            let domain = requester.split('/').next().unwrap_or_default();
            let is_reserved = |suffix: &str| domain == suffix || domain.ends_with(&format!(".{suffix}"));
            if requester.contains('/') && (is_reserved("k8s.io") || is_reserved("kubernetes.io")) {
                let why = "domain names *.k8s.io, *.kubernetes.io are reserved";
                found.invalid("spec.requester", &spec["requester"], why);
            }
        }
    }
    intent("spec.intent", &spec["intent"], found);
}

/// Checks the status of one. How responders come after each other is not checked.
pub(super) fn status(object: &Value, old: &Value, found: &mut Findings) {
    let (status, known) = (&object["status"], &old["status"]);
    conditions::check(&status["conditions"], "status.conditions", found);
    for name in ["conditions", "requesters"] {
        let count = items(&status[name]).len();
        if count > MAX_ITEMS {
            found.too_many(format!("status.{name}"), count, MAX_ITEMS);
        }
    }
    let field = "status.observedGeneration";
    match (status["observedGeneration"].as_i64(), known["observedGeneration"].as_i64()) {
        (None, Some(_)) => found.invalid(field, &Value::Null, "field cannot be cleared once set"),
        (Some(number), _) if number < 1 => {
            found.invalid(field, &json!(number), "must be greater than or equal to 1");
        }
        (Some(number), Some(known)) if number < known => {
            found.invalid(field, &json!(number), &format!("may not be decreased from {known}"));
        }
        _ => {}
    }
    let requesters = items(&status["requesters"]);
    for (index, requester) in requesters.iter().enumerate() {
        if requesters[..index].iter().any(|other| other["name"] == requester["name"]) {
            // In the order of Go's fields.
            let name = json!({ "name": requester["name"] }).to_string();
            let shown = match requester["intent"].as_str() {
                Some(intent) => format!("{},\"intent\":{}}}", name.trim_end_matches('}'), json!(intent)),
                None => name,
            };
            found.duplicate_text(format!("status.requesters[{index}]"), &shown);
        }
    }
    for (index, requester) in requesters.iter().enumerate() {
        let path = format!("status.requesters[{index}]");
        match text(&requester["name"]) {
            "" => found.required(format!("{path}.name")),
            name => prefixed(&format!("{path}.name"), name, found),
        }
        intent(&format!("{path}.intent"), &requester["intent"], found);
    }
}

/// What is evicted: a pod, by its name and uid.
fn target(target: &Value, old: Option<&Value>, found: &mut Findings) {
    if let Some(old) = old {
        if old != target {
            immutable("spec.target", found);
        }
        return;
    }
    let pod = &target["pod"];
    if pod.is_null() {
        return found.invalid("spec.target", &json!(""), "must specify one of: `pod`");
    }
    match text(&pod["name"]) {
        "" => found.required("spec.target.pod.name"),
        name => found.problems("spec.target.pod.name", name, texts::subdomain_name(name)),
    }
    match text(&pod["uid"]) {
        "" => found.required("spec.target.pod.uid"),
        uid if uids::is_valid(uid) => {}
        uid => found.invalid("spec.target.pod.uid", &json!(uid), uids::WHY),
    }
}

fn immutable(field: &str, found: &mut Findings) {
    found.invalid(field, &Value::Null, "field is immutable");
}

fn intent(field: &str, intent: &Value, found: &mut Findings) {
    match text(intent) {
        "" => found.required(field),
        _ => found.one_of(field, intent, INTENTS),
    }
}

/// The key of a label that has a prefix.
fn prefixed(field: &str, key: &str, found: &mut Findings) {
    let problems = texts::qualified_name(key);
    if problems.is_empty() && !key.contains('/') {
        found.invalid(field, &json!(key), "must include a prefix (e.g. 'example.com/key')");
    }
    found.problems(field, key, problems);
}
