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
