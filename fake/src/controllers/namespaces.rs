//! Namespaces that are deleted: they are emptied, and go when nothing is left in them.
//!
//! <https://kubernetes.io/docs/tasks/administer-cluster/namespaces/#deleting-a-namespace>

use std::collections::BTreeMap;
use std::sync::Arc;

use http::Method;
use serde_json::{Value, json};

use super::context::{Context, path_of};
use super::kinds::NAMESPACES;
use super::values::{is_deleted, items, name, set_condition, text};
use crate::catalog::Resource;
use crate::stored::Stored;

/// The finalizer in the spec of a namespace that this controller removes.
const FINALIZER: &str = "kubernetes";

/// What is left in a namespace.
#[derive(Default)]
struct Left {
    /// How many objects of each resource.
    objects: BTreeMap<String, usize>,
    /// How many objects have each finalizer.
    finalizers: BTreeMap<String, usize>,
    /// Why some can't be deleted.
    failures: Vec<String>,
}

pub(super) fn sync(context: &mut Context<'_>) {
    for namespace in context.list(NAMESPACES) {
        let has_finalizer = items(&namespace, "/spec/finalizers").iter().any(|known| known == FINALIZER);
        if !is_deleted(&namespace) || !has_finalizer {
            continue;
        }
        let failures = empty(context, name(&namespace));
        let left = Left { failures, ..left(context, name(&namespace)) };
        if write_conditions(context, &namespace, &left) && left.objects.is_empty() && left.failures.is_empty() {
            finalize(context, name(&namespace));
        }
    }
}

/// Deletes what is in a namespace and not being deleted yet. Returns what was refused.
fn empty(context: &mut Context<'_>, namespace: &str) -> Vec<String> {
    let mut failures = Vec::new();
    for (resource, object) in content(context, namespace) {
        if is_deleted(&object) {
            continue;
        }
        let Resource { group, version, plural, .. } = &*resource;
        let path = format!("{}/{}", path_of(group, version, namespace, plural), name(&object));
        // The pods of jobs go by themselves, as all else does.
        if let Err(refused) = context.send(Method::DELETE, &path, &json!({ "propagationPolicy": "Background" })) {
            failures.push(refused.message);
        }
    }
    failures
}

fn left(context: &Context<'_>, namespace: &str) -> Left {
    let mut left = Left::default();
    for (resource, object) in content(context, namespace) {
        *left.objects.entry(format!("{}.{}", resource.plural, resource.group)).or_default() += 1;
        for finalizer in items(&object, "/metadata/finalizers") {
            *left.finalizers.entry(finalizer.as_str().unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    left
}

/// The objects in a namespace, of all kinds.
fn content(context: &Context<'_>, namespace: &str) -> Vec<(Arc<Resource>, Arc<Stored>)> {
    let resources = context.resources();
    let state = context.server.state();
    let prefix = format!("{namespace}/");
    let mut content = Vec::new();
    for resource in resources.into_iter().filter(|resource| resource.namespaced) {
        let storage = resource.storage_key();
        let objects = state.store.all(&storage).filter(|(key, _)| key.starts_with(&prefix));
        content.extend(objects.map(|(_, object)| (resource.clone(), object.clone())));
    }
    content
}

/// Writes what is left into the conditions. Returns whether they are up to date.
fn write_conditions(context: &mut Context<'_>, namespace: &Value, left: &Left) -> bool {
    let listed = |counts: &BTreeMap<String, usize>, what: &str| -> Option<String> {
        let listed: Vec<String> =
            counts.iter().map(|(of, number)| format!("{of} {what} {number} resource instances")).collect();
        (!listed.is_empty()).then(|| listed.join(", "))
    };
    let remaining = listed(&left.objects, "has").map(|text| format!("Some resources are remaining: {text}"));
    let finalizers = listed(&left.finalizers, "in")
        .map(|text| format!("Some content in the namespace has finalizers remaining: {text}"));
    let failures = (!left.failures.is_empty()).then(|| {
        let (number, text) = (left.failures.len(), left.failures.join(", "));
        format!("Failed to delete all resource types, {number} remaining: {text}")
    });
    let conditions = [
        ("NamespaceDeletionDiscoveryFailure", None, "", "ResourcesDiscovered", "All resources successfully discovered"),
        (
            "NamespaceDeletionGroupVersionParsingFailure",
            None,
            "",
            "ParsedGroupVersions",
            "All legacy kube types successfully parsed",
        ),
        (
            "NamespaceDeletionContentFailure",
            failures,
            "ContentDeletionFailed",
            "ContentDeleted",
            "All content successfully deleted, may be waiting on finalization",
        ),
        (
            "NamespaceContentRemaining",
            remaining,
            "SomeResourcesRemain",
            "ContentRemoved",
            "All content successfully removed",
        ),
        (
            "NamespaceFinalizersRemaining",
            finalizers,
            "SomeFinalizersRemain",
            "ContentHasNoFinalizers",
            "All content-preserving finalizers finished",
        ),
    ];
    let now = context.now();
    let mut status = namespace["status"].clone();
    for (kind, found, reason, usual_reason, usual) in conditions {
        let (value, reason, message) = match &found {
            Some(message) => ("True", reason, message.as_str()),
            None => ("False", usual_reason, usual),
        };
        let condition = json!({ "type": kind, "status": value, "reason": reason, "message": message });
        set_condition(&mut status, condition, &now);
    }
    context.update_status(NAMESPACES, namespace, status).is_ok()
}

/// Removes the finalizer of the spec, whereupon the namespace goes if it has no other.
fn finalize(context: &mut Context<'_>, name: &str) {
    let Some(namespace) = context.get(NAMESPACES, "", name) else { return };
    let mut finalized = Value::clone(&namespace);
    let others = items(&namespace, "/spec/finalizers").iter().filter(|known| *known != FINALIZER).cloned();
    finalized["spec"]["finalizers"] = others.collect();
    // A conflict is resolved in the next turn.
    let path = format!("/api/v1/namespaces/{}/finalize", text(&namespace, "/metadata/name"));
    let _ = context.send(Method::PUT, &path, &finalized);
}
