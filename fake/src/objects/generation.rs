//! When an object's generation changes.

use serde_json::Value;

use crate::builtin::{self, Generation};
use crate::catalog::Resource;

/// Whether objects of a resource have a generation.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>
pub(crate) fn has_generation(resource: &Resource) -> bool {
    builtin::of(resource).is_none_or(|kind| kind.generation != Generation::None)
}

/// Whether a new object has one.
pub(crate) fn begins_with_generation(resource: &Resource) -> bool {
    let begins = |generation| !matches!(generation, Generation::None | Generation::ChangesOfSpec);
    builtin::of(resource).is_none_or(|kind| begins(kind.generation))
}

/// Whether a change of an object makes a new generation: of custom resources one of all but metadata and status, of the
/// built-in kinds by their own rules.
pub(crate) fn is_new_generation(resource: &Resource, old: &Value, new: &Value) -> bool {
    let is_changed = |name: &str| old.get(name) != new.get(name);
    let annotations_changed = || old["metadata"].get("annotations") != new["metadata"].get("annotations");
    match builtin::of(resource).map(|kind| kind.generation) {
        Some(Generation::None | Generation::Constant) => false,
        Some(Generation::Webhooks) => is_changed("webhooks"),
        Some(Generation::Template) => is_changed("template"),
        Some(Generation::Spec | Generation::ChangesOfSpec) => is_changed("spec"),
        Some(Generation::SpecAndAnnotations) => is_changed("spec") || annotations_changed(),
        Some(Generation::AllAndLabels) => {
            is_changed_beside(old, new, &["metadata"]) || old["metadata"].get("labels") != new["metadata"].get("labels")
        }
        None if resource.subresources.contains_key("status") => is_changed_beside(old, new, &["metadata", "status"]),
        None => is_changed_beside(old, new, &["metadata"]),
    }
}

fn is_changed_beside(old: &Value, new: &Value, ignored: &[&str]) -> bool {
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return false };
    let names = old.keys().chain(new.keys()).filter(|name| !ignored.contains(&name.as_str()));
    names.into_iter().any(|name| old.get(name) != new.get(name))
}
