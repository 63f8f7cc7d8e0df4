//! What the API server does to objects of single built-in kinds.

use serde_json::{Value, json};

use crate::catalog::Resource;

/// The built-in kinds that are served: those of which everything that the API server does to them is done here too.
/// (Of many others, Go code sets defaults and checks values that no document tells of.)
const SERVED: &[(&str, &[&str])] = &[
    ("", &["configmaps", "namespaces"]),
    ("apiextensions.k8s.io", &["customresourcedefinitions"]),
    ("authentication.k8s.io", &["selfsubjectreviews"]),
    ("authorization.k8s.io", &["selfsubjectaccessreviews"]),
    ("coordination.k8s.io", &["leases"]),
];

/// Whether objects of a resource are served.
pub(crate) fn is_served(resource: &Resource) -> bool {
    let known = SERVED.iter().find(|(group, _)| *group == resource.group);
    resource.custom().is_some() || known.is_some_and(|(_, plurals)| plurals.contains(&resource.plural.as_str()))
}

/// Sets what the API server sets in a new object.
pub(crate) fn begin(object: &mut Value, resource: &Resource) {
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "namespaces") => {
            let name = object["metadata"]["name"].clone();
            object["metadata"]["labels"]["kubernetes.io/metadata.name"] = name;
            object["spec"]["finalizers"] = json!(["kubernetes"]);
            object["status"] = json!({ "phase": "Active" });
        }
        ("apiextensions.k8s.io", "customresourcedefinitions") => {
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
        _ => {}
    }
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
