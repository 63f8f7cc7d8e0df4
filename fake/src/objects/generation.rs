//! When an object's generation changes.

use serde_json::Value;

use crate::catalog::Resource;

/// Whether objects of a resource have a generation: of the kinds that are served, custom resources and their definitions.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>
pub(crate) fn has_generation(resource: &Resource) -> bool {
    resource.custom().is_some() || resource.plural == "customresourcedefinitions"
}

/// Whether a change of an object makes a new generation: one of all but its metadata and status.
pub(crate) fn is_new_generation(resource: &Resource, old: &Value, new: &Value) -> bool {
    let has_status = resource.subresources.contains_key("status");
    let is_counted = |name: &&String| *name != "metadata" && !(has_status && *name == "status");
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return false };
    old.keys().chain(new.keys()).filter(is_counted).any(|name| old.get(name) != new.get(name))
}
