//! The steps of a rollout: pods of the new template come, and those of the old ones go.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy>

use serde_json::Value;

use super::{Rollout, replicas_of, scaling, sum};
use crate::controllers::context::Context;
use crate::controllers::kinds::PODS;
use crate::controllers::pods::has_ended;
use crate::controllers::values::{count, is_managed_by, namespace, uid};

/// How many replicas the ReplicaSet of the template may have now.
pub(super) fn new_replicas(rollout: &Rollout) -> i64 {
    let wanted = rollout.replicas();
    if rollout.deployment["spec"]["strategy"]["type"] == "Recreate" {
        return wanted;
    }
    let present = rollout.new.as_deref().map_or(0, |new| replicas_of(new));
    let all = sum(rollout.all(), "/spec/replicas");
    let room = wanted + rollout.max_surge() - all;
    if room <= 0 { present } else { present + room.min(wanted - present) }
}

/// Replaces pods step by step. Returns whether this was one.
pub(super) fn roll(context: &mut Context<'_>, rollout: &Rollout) -> bool {
    let Some(new) = &rollout.new else { return false };
    let wanted = rollout.replicas();
    let present = replicas_of(new);
    let next = if present > wanted { wanted } else { new_replicas(rollout) };
    if next != present {
        return scaling::set_replicas(context, rollout, new, next);
    }
    roll_down(context, rollout, new)
}

/// Takes pods of old templates away: first those that are not available, then as many as there are more than needed.
fn roll_down(context: &mut Context<'_>, rollout: &Rollout, new: &Value) -> bool {
    let old: Vec<_> = rollout.old.iter().filter(|set| replicas_of(set) > 0).collect();
    if old.is_empty() {
        return false;
    }
    let min_available = rollout.replicas() - rollout.max_unavailable();
    let new_unavailable = replicas_of(new) - count(new, "/status/availableReplicas");
    let mut room = sum(rollout.all(), "/spec/replicas") - min_available - new_unavailable;
    if room <= 0 {
        return false;
    }
    let mut sizes: Vec<i64> = old.iter().map(|set| replicas_of(set)).collect();
    for (set, size) in old.iter().zip(&mut sizes) {
        let unavailable = (*size - count(set, "/status/availableReplicas")).clamp(0, room);
        *size -= unavailable;
        room -= unavailable;
    }
    let mut spare = sum(rollout.all(), "/status/availableReplicas") - min_available;
    for size in &mut sizes {
        let taken = (*size).min(spare.max(0));
        *size -= taken;
        spare -= taken;
    }
    let mut has_acted = false;
    for (set, size) in old.into_iter().zip(sizes) {
        if size != replicas_of(set) {
            has_acted |= scaling::set_replicas(context, rollout, set, size);
        }
    }
    has_acted
}

/// Takes all old pods away, and makes new ones when they are gone. Returns whether this was a step.
pub(super) fn recreate(context: &mut Context<'_>, rollout: &Rollout) -> bool {
    let mut has_acted = false;
    for set in rollout.old.iter().filter(|set| replicas_of(set) > 0) {
        has_acted |= scaling::set_replicas(context, rollout, set, 0);
    }
    if has_acted || !old_are_gone(context, rollout) {
        return true;
    }
    let Some(new) = &rollout.new else { return false };
    let wanted = rollout.replicas();
    replicas_of(new) != wanted && scaling::set_replicas(context, rollout, new, wanted)
}

/// Whether no pod of an old template is left but such as have ended.
pub(super) fn old_are_gone(context: &Context<'_>, rollout: &Rollout) -> bool {
    if sum(rollout.old.iter(), "/spec/replicas") > 0 || sum(rollout.old.iter(), "/status/replicas") > 0 {
        return false;
    }
    let pods = context.list_in(PODS, namespace(&rollout.deployment));
    let is_old = |pod: &Value| rollout.old.iter().any(|set| is_managed_by(pod, uid(set)));
    !pods.iter().any(|pod| is_old(pod) && !has_ended(pod))
}
