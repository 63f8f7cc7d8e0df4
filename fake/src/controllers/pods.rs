//! What the controllers of workloads have in common: making pods, counting them, and choosing those to delete.

use std::cmp::Reverse;

use serde_json::{Value, json};

use super::context::Context;
use super::kinds::{Kind, PODS};
use super::values::{
    condition, count, is_deleted, is_true, items, later, managed_by, name, namespace, set_condition, text, time,
};

/// A new pod of a template. It has no name.
pub(super) fn from_template(owner: &Value, kind: Kind) -> Value {
    let template = &owner["spec"]["template"];
    let mut metadata = json!({ "namespace": namespace(owner), "ownerReferences": [managed_by(owner, kind)] });
    for field in ["labels", "annotations", "finalizers"] {
        if template["metadata"][field].is_object() || template["metadata"][field].is_array() {
            metadata[field] = template["metadata"][field].clone();
        }
    }
    json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] })
}

/// Whether a pod runs or will: it has not ended, and is not being deleted.
pub(super) fn is_active(pod: &Value) -> bool {
    !has_ended(pod) && !is_deleted(pod)
}

/// Whether the containers of a pod have ended for good.
pub(super) fn has_ended(pod: &Value) -> bool {
    matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

pub(super) fn is_ready(pod: &Value) -> bool {
    is_true(pod, "Ready")
}

/// Whether a pod has been ready for a number of seconds.
pub(super) fn is_available(context: &mut Context<'_>, pod: &Value, min_ready: i64) -> bool {
    if !is_ready(pod) {
        return false;
    }
    let since = condition(pod, "Ready").and_then(|ready| time(ready, "/lastTransitionTime"));
    min_ready <= 0 || since.is_some_and(|since| context.is_due(later(since, min_ready)))
}

/// The order in which pods are deleted when there are too many: first those that are of least use.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/#scaling-a-replicaset>
pub(super) fn deletion_order(pod: &Value) -> impl Ord + use<> {
    let phase = match text(pod, "/status/phase") {
        "Pending" => 0,
        "Running" => 2,
        _ => 1,
    };
    let cost = text(pod, "/metadata/annotations/controller.kubernetes.io~1pod-deletion-cost");
    let ready_since = condition(pod, "Ready").map(|ready| text(ready, "/lastTransitionTime").to_owned());
    let restarts: i64 =
        items(pod, "/status/containerStatuses").iter().map(|status| count(status, "/restartCount")).sum();
    (
        !text(pod, "/spec/nodeName").is_empty(),
        phase,
        is_ready(pod),
        cost.parse::<i64>().unwrap_or(0),
        Reverse(ready_since),
        Reverse(restarts),
        Reverse(text(pod, "/metadata/creationTimestamp").to_owned()),
        Reverse(name(pod).to_owned()),
    )
}

/// Sets or removes the condition of a workload whose pods can't be made. It says why the first one was refused: each attempt is of
/// a pod of another name, which the reason may tell.
pub(super) fn set_failure(status: &mut Value, failure: Option<&str>, now: &str) {
    let is_said = items(status, "/conditions").iter().any(|known| known["type"] == "ReplicaFailure");
    match failure {
        Some(_) if is_said => {}
        Some(message) => {
            let condition =
                json!({ "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message });
            set_condition(status, condition, now);
        }
        None => super::values::remove_condition(status, "ReplicaFailure"),
    }
    let is_empty = items(status, "/conditions").is_empty();
    if let Some(fields) = status.as_object_mut().filter(|_| is_empty) {
        fields.remove("conditions");
    }
}

/// Deletes a pod.
pub(super) fn delete(context: &mut Context<'_>, pod: &Value) {
    // Whoever has deleted it already has done the same.
    let _ = context.delete(PODS, pod, json!({}));
}
