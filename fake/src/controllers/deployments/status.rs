//! The status of a deployment, and the conditions of its progress.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status>

use serde_json::{Value, json};

use super::{Rollout, sum};
use crate::controllers::context::Context;
use crate::controllers::kinds::DEPLOYMENTS;
use crate::controllers::values::{
    condition, count, is_deleted, items, later, name, number, remove_condition, text, time,
};
use crate::quoted::quoted;

/// The deadline that is none.
const NO_DEADLINE: i64 = i32::MAX as i64;

/// The first minor whose deployments count the pods that are being deleted.
const COUNTS_TERMINATING: u32 = 35;

/// Whether a deployment has a time by which it should have made progress.
pub(super) fn has_deadline(deployment: &Value) -> bool {
    number(deployment, "/spec/progressDeadlineSeconds").is_some_and(|seconds| seconds != NO_DEADLINE)
}

/// Whether a deployment has all the pods that it should have, and no others.
pub(super) fn is_complete(deployment: &Value, status: &Value) -> bool {
    let wanted = count(deployment, "/spec/replicas");
    let is_wanted = |field: &str| count(status, field) == wanted;
    is_wanted("/updatedReplicas")
        && is_wanted("/replicas")
        && is_wanted("/availableReplicas")
        && count(status, "/observedGeneration") >= count(deployment, "/metadata/generation")
}

/// Sets a condition as a deployment's are set: one with the same status and reason stays as it is.
pub(super) fn set(status: &mut Value, kind: &str, (value, reason, message): (&str, &str, &str), now: &str) {
    let known = items(status, "/conditions").iter().find(|known| known["type"] == kind).cloned();
    let is_status = |known: &&Value| known["status"] == value;
    if known.as_ref().filter(is_status).is_some_and(|known| known["reason"] == reason) {
        return;
    }
    let since =
        known.as_ref().filter(is_status).map_or_else(|| json!(now), |known| known["lastTransitionTime"].clone());
    put(
        status,
        json!({
            "type": kind, "status": value, "reason": reason, "message": message, "lastUpdateTime": now,
            "lastTransitionTime": since,
        }),
    );
}

/// Puts a condition at the end, in place of the one of its type.
fn put(status: &mut Value, condition: Value) {
    remove_condition(status, condition["type"].as_str().unwrap_or_default());
    if !status["conditions"].is_array() {
        status["conditions"] = json!([]);
    }
    if let Some(conditions) = status["conditions"].as_array_mut() {
        conditions.push(condition);
    }
}

/// Writes that a deployment is paused, or is no longer. Returns whether that was written.
pub(super) fn write_paused(context: &mut Context<'_>, deployment: &Value, is_paused: bool) -> bool {
    let reason = condition(deployment, "Progressing").map(|progressing| text(progressing, "/reason"));
    let is_known = reason == Some("DeploymentPaused");
    if !has_deadline(deployment) || reason == Some("ProgressDeadlineExceeded") || is_paused == is_known {
        return false;
    }
    let said = if is_paused {
        ("Unknown", "DeploymentPaused", "Deployment is paused")
    } else {
        ("Unknown", "DeploymentResumed", "Deployment is resumed")
    };
    let mut status = deployment["status"].clone();
    set(&mut status, "Progressing", said, &context.now());
    context.update_status(DEPLOYMENTS, deployment, status).is_ok()
}

/// Writes the status; with `is_rollout` that of its progress too.
pub(super) fn write(context: &mut Context<'_>, rollout: &Rollout, is_rollout: bool) {
    let deployment = &rollout.deployment;
    let now = context.now();
    let mut status = counts(context, rollout);
    let is_available = count(&status, "/availableReplicas") >= rollout.replicas() - rollout.max_unavailable();
    let said = if is_available {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    };
    set(&mut status, "Available", said, &now);
    if is_rollout {
        set_progress(context, rollout, &mut status, &now);
        let failure = rollout.new.iter().chain(&rollout.old).find_map(|set| condition(set, "ReplicaFailure"));
        match failure {
            Some(failure) => {
                let said = (text(failure, "/status"), text(failure, "/reason"), text(failure, "/message"));
                set(&mut status, "ReplicaFailure", said, &now);
            }
            None => remove_condition(&mut status, "ReplicaFailure"),
        }
    }
    // A conflict is resolved in the next turn.
    let _ = context.update_status(DEPLOYMENTS, deployment, status);
}

fn counts(context: &Context<'_>, rollout: &Rollout) -> Value {
    let deployment = &rollout.deployment;
    let of_all = |pointer: &str| sum(rollout.all(), pointer);
    let available = of_all("/status/availableReplicas");
    let mut status = json!({ "observedGeneration": deployment["metadata"]["generation"] });
    let numbers = [
        ("replicas", of_all("/status/replicas")),
        ("updatedReplicas", sum(rollout.new.iter(), "/status/replicas")),
        ("readyReplicas", of_all("/status/readyReplicas")),
        ("availableReplicas", available),
        ("unavailableReplicas", of_all("/spec/replicas") - available),
    ];
    for (field, number) in numbers {
        if number > 0 {
            status[field] = json!(number);
        }
    }
    if context.server.documents.minor >= COUNTS_TERMINATING {
        status["terminatingReplicas"] = json!(of_all("/status/terminatingReplicas"));
    }
    for field in ["collisionCount", "conditions"] {
        if let Some(known) = deployment["status"].get(field) {
            status[field] = known.clone();
        }
    }
    status
}

fn set_progress(context: &mut Context<'_>, rollout: &Rollout, status: &mut Value, now: &str) {
    let deployment = &rollout.deployment;
    if !has_deadline(deployment) {
        return remove_condition(status, "Progressing");
    }
    let known = condition(deployment, "Progressing").cloned();
    let is_known = |reason: &str| known.as_ref().is_some_and(|known| known["reason"] == reason);
    if count(status, "/replicas") == count(status, "/updatedReplicas") && is_known("NewReplicaSetAvailable") {
        return;
    }
    let subject = match &rollout.new {
        Some(set) => format!("ReplicaSet {}", quoted(&name(set))),
        None => format!("Deployment {}", quoted(&name(deployment))),
    };
    let old = &deployment["status"];
    if is_complete(deployment, status) {
        let message = format!("{subject} has successfully progressed.");
        set(status, "Progressing", ("True", "NewReplicaSetAvailable", &message), now);
    } else if has_progressed(old, status) {
        let since = known.as_ref().filter(|known| known["status"] == "True");
        let since = since.map_or_else(|| json!(now), |known| known["lastTransitionTime"].clone());
        put(
            status,
            json!({
                "type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated",
                "message": format!("{subject} is progressing."), "lastUpdateTime": now, "lastTransitionTime": since,
            }),
        );
    } else if let Some(known) = known.filter(|known| !is_known_end(known)) {
        let seconds = count(deployment, "/spec/progressDeadlineSeconds");
        let deadline = time(&known, "/lastUpdateTime").map(|time| later(time, seconds));
        if !is_deleted(deployment) && deadline.is_some_and(|deadline| context.is_due(deadline)) {
            let message = format!("{subject} has timed out progressing.");
            set(status, "Progressing", ("False", "ProgressDeadlineExceeded", &message), now);
        }
    }
}

/// Whether a condition of progress is one that no time changes.
fn is_known_end(progressing: &Value) -> bool {
    matches!(text(progressing, "/reason"), "ProgressDeadlineExceeded" | "NewReplicaSetAvailable")
}

/// Whether a rollout has come further: more new pods, more ready or available ones, fewer old ones.
fn has_progressed(old: &Value, new: &Value) -> bool {
    let more = |field: &str| count(new, field) > count(old, field);
    let old_pods = |status: &Value| count(status, "/replicas") - count(status, "/updatedReplicas");
    more("/updatedReplicas") || more("/readyReplicas") || more("/availableReplicas") || old_pods(new) < old_pods(old)
}
