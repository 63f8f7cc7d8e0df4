//! Field selectors.

use std::borrow::Cow;

use kubewright_core::selector::FieldSelector;
use serde_json::Value;

use crate::catalog::Resource;
use crate::status::Status;

/// Fields of built-in kinds that can be selected by, besides the name and the namespace.
const SELECTABLE: &[(&str, &str, &[&str])] = &[
    (
        "",
        "events",
        &[
            "involvedObject.kind",
            "involvedObject.namespace",
            "involvedObject.name",
            "involvedObject.uid",
            "involvedObject.apiVersion",
            "involvedObject.resourceVersion",
            "involvedObject.fieldPath",
            "reason",
            "reportingComponent",
            "source",
            "type",
        ],
    ),
    ("", "namespaces", &["status.phase"]),
    ("", "nodes", &["spec.unschedulable"]),
    (
        "",
        "pods",
        &[
            "spec.nodeName",
            "spec.restartPolicy",
            "spec.schedulerName",
            "spec.serviceAccountName",
            "spec.hostNetwork",
            "status.phase",
            "status.podIP",
            "status.nominatedNodeName",
        ],
    ),
    ("", "replicationcontrollers", &["status.replicas"]),
    ("", "secrets", &["type"]),
    ("", "services", &["spec.clusterIP", "spec.type"]),
    ("apps", "replicasets", &["status.replicas"]),
    ("batch", "jobs", &["status.successful"]),
    ("certificates.k8s.io", "certificatesigningrequests", &["spec.signerName"]),
];

/// Reads a field selector, which may name the fields of its kind alone.
pub(crate) fn selector(text: &str, resource: &Resource) -> Result<FieldSelector, Status> {
    let selector: FieldSelector = text.parse().map_err(|error| Status::bad_request(format!("{error}")))?;
    selector.terms().iter().try_for_each(|term| check(term.field(), resource))?;
    Ok(selector)
}

/// The value of a field as selectors compare it.
pub(crate) fn value<'v>(object: &'v Value, path: &str) -> Option<Cow<'v, str>> {
    Some(match path.split('.').try_fold(object, |value, name| value.get(name))? {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    })
}

fn check(path: &str, resource: &Resource) -> Result<(), Status> {
    let is_name = path == "metadata.name" || (path == "metadata.namespace" && resource.namespaced);
    let known = SELECTABLE.iter().find(|(group, plural, _)| *group == resource.group && *plural == resource.plural);
    if is_name || known.is_some_and(|(_, _, paths)| paths.contains(&path)) {
        return Ok(());
    }
    match resource.custom() {
        Some(custom) if custom.selectable.iter().any(|known| known.trim_start_matches('.') == path) => Ok(()),
        Some(_) => Err(Status::bad_request(format!("field label not supported: {path}"))),
        None => Err(Status::bad_request(format!(
            "{path:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\""
        ))),
    }
}
