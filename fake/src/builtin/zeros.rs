//! The object of a kind in which nothing is set, as Go converts it from the form in which the API server keeps it: what a pointer of a
//! version is made of is a value there, and so is written.

use serde_json::{Value, json};

use crate::catalog::{Resource, Source};
use crate::patch::merge_patch;

/// What a converted object has beside what every object of its kind has.
fn converted(resource: &Resource) -> Value {
    let scaled = || json!({ "spec": { "replicas": 0 } });
    match (&*resource.group, &*resource.plural) {
        ("apps", "daemonsets") => {
            json!({ "metadata": { "annotations": { "deprecated.daemonset.template.generation": "0" } } })
        }
        ("apps", "deployments" | "replicasets" | "statefulsets") => scaled(),
        ("rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings") => {
            json!({ "roleRef": { "apiGroup": "" } })
        }
        _ => json!({}),
    }
}

/// Pointers, lists and data that Go writes although they are not set.
const NULLS: &[(&str, &str)] = &[
    ("apiextensions.k8s.io/customresourcedefinitions", "/status/conditions"),
    ("apiextensions.k8s.io/customresourcedefinitions", "/status/storedVersions"),
    ("apps/controllerrevisions", "/data"),
    ("apps/daemonsets", "/spec/selector"),
    ("apps/deployments", "/spec/selector"),
    ("apps/replicasets", "/spec/selector"),
    ("apps/statefulsets", "/spec/selector"),
    ("certificates.k8s.io/certificatesigningrequests", "/spec/request"),
];

/// Makes of an object in which nothing is set the one that bookmarks have.
pub(crate) fn as_converted(nothing: &mut Value, resource: &Resource) {
    if !matches!(resource.source, Source::BuiltIn { .. }) {
        return;
    }
    merge_patch(nothing, &converted(resource));
    let kind = format!("{}/{}", resource.group, resource.plural);
    for (_, path) in NULLS.iter().filter(|(known, _)| *known == kind) {
        let (parent, name) = path.rsplit_once('/').unwrap_or_default();
        if let Some(Value::Object(fields)) = nothing.pointer_mut(parent) {
            fields.entry(name).or_insert(Value::Null);
        }
    }
}
