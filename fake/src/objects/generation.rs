//! When an object's generation changes.

use serde_json::Value;

use crate::catalog::Resource;

/// Built-in kinds whose objects have a generation. (All custom ones have.)
const WITH_GENERATION: &[(&str, &[&str])] = &[
    ("", &["pods", "podtemplates", "replicationcontrollers"]),
    (
        "admissionregistration.k8s.io",
        &[
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
            "mutatingwebhookconfigurations",
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "validatingwebhookconfigurations",
        ],
    ),
    ("apiextensions.k8s.io", &["customresourcedefinitions"]),
    ("apps", &["daemonsets", "deployments", "replicasets", "statefulsets"]),
    ("batch", &["cronjobs", "jobs"]),
    ("discovery.k8s.io", &["endpointslices"]),
    ("flowcontrol.apiserver.k8s.io", &["flowschemas", "prioritylevelconfigurations"]),
    ("networking.k8s.io", &["ingressclasses", "ingresses", "networkpolicies"]),
    ("policy", &["poddisruptionbudgets"]),
    ("scheduling.k8s.io", &["priorityclasses"]),
];

/// Whether objects of a resource have a generation.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>
pub(crate) fn has_generation(resource: &Resource) -> bool {
    let known = WITH_GENERATION.iter().find(|(group, _)| *group == resource.group);
    resource.custom().is_some() || known.is_some_and(|(_, plurals)| plurals.contains(&resource.plural.as_str()))
}

/// Whether a change of an object makes a new generation: one of all but its metadata and status.
pub(crate) fn is_new_generation(resource: &Resource, old: &Value, new: &Value) -> bool {
    let has_status = resource.subresources.contains_key("status");
    let is_counted = |name: &&String| *name != "metadata" && !(has_status && *name == "status");
    let (Value::Object(old), Value::Object(new)) = (old, new) else { return false };
    let names = old.keys().chain(new.keys()).filter(is_counted);
    let is_changed = |name: &String| old.get(name) != new.get(name);
    // Deployments count annotations too, which carry the revision.
    let annotations = |object: &serde_json::Map<String, Value>| object["metadata"]["annotations"].clone();
    names.into_iter().any(is_changed)
        || (resource.group == "apps" && resource.plural == "deployments" && annotations(old) != annotations(new))
}
