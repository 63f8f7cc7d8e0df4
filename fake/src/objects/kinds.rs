//! What the API server does to objects of single built-in kinds.

use serde_json::{Value, json};

use crate::builtin;
use crate::catalog::Resource;

/// Whether objects of a resource are served.
pub(crate) fn is_served(resource: &Resource) -> bool {
    resource.custom().is_some() || builtin::of(resource).is_some()
}

/// Sets the defaults of a new definition, and its first status.
pub(crate) fn begin(object: &mut Value, resource: &Resource) {
    if (resource.group.as_str(), resource.plural.as_str()) != ("apiextensions.k8s.io", "customresourcedefinitions") {
        return;
    }
    let kind = object["spec"]["names"]["kind"].as_str().unwrap_or_default().to_owned();
    let names = &mut object["spec"]["names"];
    if names["singular"].is_null() {
        names["singular"] = json!(kind.to_lowercase());
    }
    if names["listKind"].is_null() {
        names["listKind"] = json!(format!("{kind}List"));
    }
    if object["spec"]["conversion"].is_null() {
        object["spec"]["conversion"] = json!({ "strategy": "None" });
    }
    let versions = object["spec"]["versions"].as_array().into_iter().flatten();
    let stored: Vec<Value> =
        versions.filter(|version| version["storage"] == true).map(|version| version["name"].clone()).collect();
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
