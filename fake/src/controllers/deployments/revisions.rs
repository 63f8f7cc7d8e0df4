//! The revisions of a deployment: its ReplicaSets, each for one template.

use serde_json::{Value, json};

use super::{DESIRED, HASH, MAX, REVISION, Rollout, replicas_of, rollout, status};
use crate::controllers::context::Context;
use crate::controllers::hash::hash;
use crate::controllers::kinds::{DEPLOYMENTS, REPLICA_SETS};
use crate::controllers::values::{condition, count, is_deleted, managed_by, name, namespace, number};
use crate::quoted::quoted;

/// The annotation of the revisions that a template had before, after a rollback.
const HISTORY: &str = "deployment.kubernetes.io/revision-history";

/// The annotations of a deployment that its ReplicaSets don't get.
const OWN: [&str; 6] = [
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION,
    HISTORY,
    DESIRED,
    MAX,
    "deprecated.deployment.rollback.to",
];

/// The revision of a ReplicaSet; 0 if it has none.
pub(super) fn of(set: &Value) -> i64 {
    set["metadata"]["annotations"][REVISION].as_str().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// Whether a ReplicaSet is the one of a template.
pub(super) fn has_template(set: &Value, template: &Value) -> bool {
    let mut own = set["spec"]["template"].clone();
    if let Some(labels) = own.pointer_mut("/metadata/labels").and_then(Value::as_object_mut) {
        labels.remove(HASH);
    }
    own == *template
}

/// Brings the revisions up to date, and makes the ReplicaSet of the template when its time has come. Returns whether anything was
/// written.
pub(super) fn sync(context: &mut Context<'_>, rollout: &Rollout) -> bool {
    let revision = rollout.old.iter().map(|set| of(set)).max().unwrap_or(0) + 1;
    match &rollout.new {
        Some(set) => sync_set(context, rollout, set, revision) || sync_deployment(context, rollout, set),
        None if rollout.deployment["spec"]["paused"] == true || super::scaling::is_asked_for(rollout) => false,
        None if rollout.deployment["spec"]["strategy"]["type"] == "Recreate"
            && !rollout::old_are_gone(context, rollout) =>
        {
            false
        }
        None => create(context, rollout, revision),
    }
}

/// Brings annotations and the seconds until a pod counts as available up to date in a ReplicaSet.
fn sync_set(context: &mut Context<'_>, rollout: &Rollout, set: &Value, revision: i64) -> bool {
    let mut changed = set.clone();
    annotate(&mut changed, &rollout.deployment, revision);
    let seconds = count(&rollout.deployment, "/spec/minReadySeconds");
    if count(set, "/spec/minReadySeconds") != seconds {
        changed["spec"]["minReadySeconds"] = json!(seconds);
    }
    changed != *set && context.update(REPLICA_SETS, &changed).is_ok()
}

/// Puts the annotations of a deployment and a revision onto a ReplicaSet.
fn annotate(set: &mut Value, deployment: &Value, revision: i64) {
    if !set["metadata"]["annotations"].is_object() {
        set["metadata"]["annotations"] = json!({});
    }
    let present = of(set);
    let annotations = &mut set["metadata"]["annotations"];
    for (key, value) in deployment["metadata"]["annotations"].as_object().into_iter().flatten() {
        if !OWN.contains(&key.as_str()) {
            annotations[key] = value.clone();
        }
    }
    if present >= revision {
        return;
    }
    annotations[REVISION] = json!(revision.to_string());
    if present > 0 {
        let earlier = annotations[HISTORY].as_str().filter(|earlier| !earlier.is_empty());
        let history = earlier.map_or_else(|| present.to_string(), |earlier| format!("{earlier},{present}"));
        annotations[HISTORY] = json!(history);
    }
}

/// Brings the revision up to date in the deployment, and begins to watch its progress.
fn sync_deployment(context: &mut Context<'_>, rollout: &Rollout, set: &Value) -> bool {
    let deployment = &rollout.deployment;
    let revision = &set["metadata"]["annotations"][REVISION];
    let is_unknown = status::has_deadline(deployment) && condition(deployment, "Progressing").is_none();
    if deployment["metadata"]["annotations"][REVISION] == *revision && !is_unknown {
        return false;
    }
    let message = format!("Found new replica set {}", quoted(&name(set)));
    let reason = is_unknown.then_some(("FoundNewReplicaSet", message.as_str()));
    write(context, deployment, revision, reason)
}

/// Writes the revision of a deployment, and the condition of its progress.
fn write(context: &mut Context<'_>, deployment: &Value, revision: &Value, reason: Option<(&str, &str)>) -> bool {
    let mut changed = deployment.clone();
    if !changed["metadata"]["annotations"].is_object() {
        changed["metadata"]["annotations"] = json!({});
    }
    changed["metadata"]["annotations"][REVISION] = revision.clone();
    let mut new_status = changed["status"].clone();
    if let Some((reason, message)) = reason {
        status::set(&mut new_status, "Progressing", ("True", reason, message), &context.now());
    }
    // The revision alone is a change, which a comparison of the status would not find.
    changed["status"] = json!({});
    context.update_status(DEPLOYMENTS, &changed, new_status).is_ok()
}

fn create(context: &mut Context<'_>, rollout: &Rollout, revision: i64) -> bool {
    let deployment = &rollout.deployment;
    let spec = &deployment["spec"];
    let collisions = number(deployment, "/status/collisionCount");
    let hash = hash(&spec["template"], collisions.unwrap_or(0));
    let mut template = spec["template"].clone();
    let mut selector = spec["selector"].clone();
    template["metadata"]["labels"][HASH] = json!(hash);
    selector["matchLabels"][HASH] = json!(hash);
    let mut set = json!({
        "metadata": {
            "name": format!("{}-{hash}", name(deployment)), "namespace": namespace(deployment),
            "labels": template["metadata"]["labels"], "annotations": {},
            "ownerReferences": [managed_by(deployment, DEPLOYMENTS)],
        },
        "spec": {
            "replicas": rollout::new_replicas(rollout), "selector": selector, "template": template,
            "minReadySeconds": count(deployment, "/spec/minReadySeconds"),
        },
    });
    annotate(&mut set, deployment, revision);
    super::scaling::annotate(&mut set, rollout);
    match context.create(REPLICA_SETS, &set) {
        Ok(()) => {
            let message = format!("Created new replica set {}", quoted(&name(&set)));
            let reason = status::has_deadline(deployment).then_some(("NewReplicaSetCreated", message.as_str()));
            write(context, deployment, &json!(revision.to_string()), reason);
            true
        }
        Err(refused) if refused.is_conflict() => {
            // Another has the name: a collision of hashes.
            let mut status = deployment["status"].clone();
            status["collisionCount"] = json!(collisions.unwrap_or(0) + 1);
            context.update_status(DEPLOYMENTS, deployment, status).is_ok()
        }
        Err(refused) if status::has_deadline(deployment) => {
            let message = format!("Failed to create new replica set {}: {}", quoted(&name(&set)), refused.message);
            let mut new_status = deployment["status"].clone();
            status::set(&mut new_status, "Progressing", ("False", "ReplicaSetCreateError", &message), &context.now());
            let is_written = deployment["status"] != new_status;
            // What can't be written is written in the next turn.
            let _ = context.update_status(DEPLOYMENTS, deployment, new_status);
            is_written
        }
        Err(_) => false,
    }
}

/// Deletes the oldest ReplicaSets without pods, of which more are there than the limit of the history.
pub(super) fn clean_up(context: &mut Context<'_>, rollout: &Rollout) {
    let Some(limit) = number(&rollout.deployment, "/spec/revisionHistoryLimit") else { return };
    let kept: Vec<_> = rollout.old.iter().filter(|set| !is_deleted(set)).collect();
    let surplus = kept.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
    for set in kept.into_iter().take(surplus) {
        let is_settled = count(set, "/status/observedGeneration") >= count(set, "/metadata/generation");
        if is_settled && replicas_of(set) == 0 && count(set, "/status/replicas") == 0 {
            // Whoever has deleted it already has done the same.
            let _ = context.delete(REPLICA_SETS, set, json!({}));
        }
    }
}
