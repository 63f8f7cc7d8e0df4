//! Checks of metadata, which all kinds share.

use std::fmt;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use crate::catalog::Resource;
use crate::objects::{name_problems, texts};

/// The most bytes that the keys and values of all annotations have.
const MAX_ANNOTATIONS: usize = 256 << 10;

/// Checks the metadata of an object.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>
pub(super) fn check(object: &Value, resource: &Resource, found: &mut Findings) {
    let metadata = &object["metadata"];
    let (name, base) = (text(&metadata["name"]), text(&metadata["generateName"]));
    if !base.is_empty() {
        found.problems("metadata.generateName", base, name_problems(base, resource, true));
    }
    if name.is_empty() {
        found.required_because("metadata.name", "name or generateName is required");
    } else {
        found.problems("metadata.name", name, name_problems(name, resource, false));
    }
    labels(&metadata["labels"], format_args!("metadata.labels"), found);
    for key in metadata["annotations"].as_object().into_iter().flat_map(|annotations| annotations.keys()) {
        found.problems("metadata.annotations", key, texts::qualified_name(&key.to_lowercase()));
    }
    let annotations = metadata["annotations"].as_object().into_iter().flatten();
    let size: usize = annotations.map(|(key, value)| key.len() + text(value).len()).sum();
    if size > MAX_ANNOTATIONS {
        found.too_long("metadata.annotations", MAX_ANNOTATIONS);
    }
    for (index, owner) in items(&metadata["ownerReferences"]).iter().enumerate() {
        let field = format_args!("metadata.ownerReferences[{index}]");
        if text(&owner["apiVersion"]).is_empty() {
            found.required_because(format_args!("{field}.apiVersion"), "must not be empty");
        }
        for name in ["kind", "name", "uid"] {
            if text(&owner[name]).is_empty() {
                found.required_because(format_args!("{field}.{name}"), "must not be empty");
            }
        }
    }
    for (index, finalizer) in items(&metadata["finalizers"]).iter().enumerate() {
        let (field, name) = (format!("metadata.finalizers[{index}]"), text(finalizer));
        found.problems("metadata.finalizers", name, texts::qualified_name(name));
        if !name.contains('/') && !matches!(name, "orphan" | "foregroundDeletion" | "kubernetes") {
            found.invalid(field, finalizer, "name is neither a standard finalizer name nor is it fully qualified");
        }
    }
}

/// Checks labels, or what selects by them.
pub(super) fn labels(labels: &Value, field: fmt::Arguments<'_>, found: &mut Findings) {
    for (key, value) in labels.as_object().into_iter().flatten() {
        found.problems(field, key, texts::qualified_name(key));
        let value = text(value);
        for problem in texts::label_value(value) {
            found.invalid(field, &json!(value), &problem);
        }
    }
}
