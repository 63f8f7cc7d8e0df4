//! Scaling a deployment, also amid a rollout or while it is paused: its ReplicaSets share the difference.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling>

use std::cmp::Reverse;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{DESIRED, MAX, Rollout, replicas_of, revisions, sum};
use crate::controllers::context::Context;
use crate::controllers::kinds::REPLICA_SETS;
use crate::controllers::values::count;
use crate::stored::Stored;

/// Whether the replicas of a deployment were changed since its ReplicaSets got theirs.
pub(super) fn is_asked_for(rollout: &Rollout) -> bool {
    rollout.active().into_iter().any(|set| number(set, DESIRED).is_some_and(|desired| desired != rollout.replicas()))
}

/// Brings the sizes of the ReplicaSets to the size of the deployment. Returns whether anything was written.
pub(super) fn scale(context: &mut Context<'_>, rollout: &Rollout) -> bool {
    let wanted = rollout.replicas();
    let active = rollout.active();
    let one = match active.as_slice() {
        [] => rollout.new.as_ref().or(rollout.old.last()),
        [one] => Some(*one),
        _ => None,
    };
    if let Some(one) = one {
        return replicas_of(one) != wanted && set_replicas(context, rollout, one, wanted);
    }
    let Some(new) = &rollout.new else { return share(context, rollout, active) };
    let is_saturated = replicas_of(new) == wanted
        && number(new, DESIRED) == Some(wanted)
        && count(new, "/status/availableReplicas") == wanted;
    if !is_saturated {
        return share(context, rollout, active);
    }
    let mut has_acted = false;
    for set in rollout.old.iter().filter(|set| replicas_of(set) > 0) {
        has_acted |= set_replicas(context, rollout, set, 0);
    }
    has_acted
}

/// Shares the difference by size, and gives the largest what is left over.
fn share(context: &mut Context<'_>, rollout: &Rollout, mut active: Vec<&Arc<Stored>>) -> bool {
    if rollout.deployment["spec"]["strategy"]["type"] == "Recreate" {
        return false;
    }
    let wanted = rollout.replicas();
    let allowed = if wanted > 0 { wanted + rollout.max_surge() } else { 0 };
    let missing = allowed - sum(active.iter().copied(), "/spec/replicas");
    // Of the same size, the newer ones grow first, and the older ones shrink first.
    active.sort_by_key(|set| {
        let revision = revisions::of(set);
        (Reverse(replicas_of(set)), if missing > 0 { -revision } else { revision })
    });
    let mut added = 0;
    let mut sizes = Vec::new();
    for set in &active {
        let part = part(set, wanted, rollout.max_surge(), missing, added);
        added += part;
        sizes.push(replicas_of(set) + part);
    }
    if let Some(first) = sizes.first_mut() {
        *first = (*first + missing - added).max(0);
    }
    let mut has_acted = false;
    for (set, size) in active.into_iter().zip(sizes) {
        has_acted |= set_replicas(context, rollout, set, size);
    }
    has_acted
}

/// What a ReplicaSet gets of the difference.
fn part(set: &Value, wanted: i64, max_surge: i64, missing: i64, added: i64) -> i64 {
    let size = replicas_of(set);
    if size == 0 || missing == 0 || missing == added {
        return 0;
    }
    let before = number(set, MAX).filter(|before| *before > 0);
    let part = match before {
        _ if wanted == 0 => -size,
        // Rounded to the nearest, away from zero.
        Some(before) => {
            let scaled = size.saturating_mul(wanted + max_surge);
            scaled.saturating_mul(2).saturating_add(before).div_euclid(before.saturating_mul(2)) - size
        }
        None => 0,
    };
    let left = missing - added;
    if missing > 0 { part.min(left) } else { part.max(left) }
}

/// Sets the size of a ReplicaSet. Returns whether anything was written.
pub(super) fn set_replicas(context: &mut Context<'_>, rollout: &Rollout, set: &Value, replicas: i64) -> bool {
    let mut changed = set.clone();
    changed["spec"]["replicas"] = json!(replicas);
    annotate(&mut changed, rollout);
    changed != *set && context.update(REPLICA_SETS, &changed).is_ok()
}

/// Says of what a ReplicaSet is a part.
pub(super) fn annotate(set: &mut Value, rollout: &Rollout) {
    if !set["metadata"]["annotations"].is_object() {
        set["metadata"]["annotations"] = json!({});
    }
    let wanted = rollout.replicas();
    set["metadata"]["annotations"][DESIRED] = json!(wanted.to_string());
    set["metadata"]["annotations"][MAX] = json!((wanted + rollout.max_surge()).to_string());
}

fn number(set: &Value, annotation: &str) -> Option<i64> {
    set["metadata"]["annotations"][annotation].as_str()?.parse().ok()
}
