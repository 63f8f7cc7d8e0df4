//! What the API server does to objects of single built-in kinds.

use serde_json::{Value, json};

use crate::builtin;
use crate::catalog::Resource;

/// Whether objects of a resource are served.
pub(crate) fn is_served(resource: &Resource) -> bool {
    resource.custom().is_some() || builtin::of(resource).is_some()
}

/// Sets the first status of a new definition.
pub(crate) fn begin(object: &mut Value, resource: &Resource) {
    if (resource.group.as_str(), resource.plural.as_str()) != ("apiextensions.k8s.io", "customresourcedefinitions") {
        return;
    }
    object["status"] = json!({ "storedVersions": [] });
    builtin::set_stored_version(object);
    let stored = object["status"]["storedVersions"].take();
    object["status"] = json!({
        "conditions": null, "acceptedNames": { "plural": "", "kind": "" }, "storedVersions": stored,
    });
}

/// What a controller of the API server makes of an object as soon as it is there. `None` if nothing.
pub(crate) fn settled(object: &Value, resource: &Resource, now: &str) -> Option<Value> {
    if resource.plural != "customresourcedefinitions" || object["status"]["conditions"].is_array() {
        return None;
    }
    let mut settled = object.clone();
    let condition = |kind: &str, reason: &str, message: &str| json!({ "type": kind, "status": "True", "lastTransitionTime": now, "reason": reason, "message": message });
    settled["status"]["conditions"] = json!([
        condition("NamesAccepted", "NoConflicts", "no conflicts found"),
        condition("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    ]);
    settled["status"]["acceptedNames"] = object["spec"]["names"].clone();
    Some(settled)
}
