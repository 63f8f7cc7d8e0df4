//! Checks of ReplicationControllers, PodTemplates and ControllerRevisions.

use serde_json::{Value, json};

use super::findings::Findings;
use super::{selectors, workloads};

/// <https://kubernetes.io/docs/concepts/workloads/controllers/replicationcontroller/>
pub(super) fn replication_controller(object: &Value, found: &mut Findings) {
    let spec = &object["spec"];
    let has_labels = spec["selector"].as_object().is_some_and(|labels| !labels.is_empty());
    if !has_labels {
        found.required("spec.selector");
    }
    let template = &spec["template"];
    if template.is_null() {
        found.required("spec.template");
    } else {
        let labels = &template["metadata"]["labels"];
        if has_labels && !selectors::selects(&json!({ "matchLabels": spec["selector"] }), labels) {
            found.invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        }
        workloads::template(template, "spec.template", found);
        workloads::always_restarted(spec, "ReplicationController", found);
    }
    found.put_last("metadata.name");
    found.not_negative("spec.replicas", &spec["replicas"]);
    found.not_negative("spec.minReadySeconds", &spec["minReadySeconds"]);
}

/// <https://kubernetes.io/docs/concepts/workloads/pods/#pod-templates>
pub(super) fn pod_template(object: &Value, found: &mut Findings) {
    workloads::template(&object["template"], "template", found);
}

/// What the history of a StatefulSet or a DaemonSet is kept in.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/controller-revision-v1/>
pub(super) fn revision(object: &Value, old: Option<&Value>, found: &mut Findings) {
    found.not_negative("revision", &object["revision"]);
    let data = &object["data"];
    match old {
        Some(old) => found.immutable("data", data, &old["data"]),
        None if data.is_null() => found.required_because("data", "data is mandatory"),
        None if !data.is_object() => found.required_because("data", "data must be a valid JSON object"),
        None => {}
    }
}
