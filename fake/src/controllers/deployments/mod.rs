//! Deployments: a ReplicaSet for each template, and steps from one to the next.
//!
//! Each pass over a deployment takes one step and leaves the rest to the next turn, which finds the objects as they are then.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/>

mod revisions;
mod rollout;
mod scaling;
mod status;

use std::sync::Arc;

use serde_json::Value;

use super::claim::claim;
use super::context::Context;
use super::kinds::{DEPLOYMENTS, REPLICA_SETS};
use super::values::{count, is_deleted, share};
use crate::stored::Stored;

/// The annotation of the revision, of a deployment and of its ReplicaSets.
pub(super) const REVISION: &str = "deployment.kubernetes.io/revision";
/// The annotations of what a ReplicaSet is a part of: the replicas of its deployment, and the most that there are in a rollout.
pub(super) const DESIRED: &str = "deployment.kubernetes.io/desired-replicas";
pub(super) const MAX: &str = "deployment.kubernetes.io/max-replicas";
/// The label that tells the pods of one template from those of others.
pub(super) const HASH: &str = "pod-template-hash";

/// A deployment with its ReplicaSets.
pub(super) struct Rollout {
    pub deployment: Arc<Stored>,
    /// The one of the present template.
    pub new: Option<Arc<Stored>>,
    /// The others, in the order of their revisions.
    pub old: Vec<Arc<Stored>>,
}

pub(super) fn sync(context: &mut Context<'_>) {
    for deployment in context.list(DEPLOYMENTS) {
        let sets = claim(context, REPLICA_SETS, &deployment, DEPLOYMENTS);
        let rollout = Rollout::of(deployment, sets);
        step(context, &rollout);
    }
}

/// Takes a step of a rollout.
fn step(context: &mut Context<'_>, rollout: &Rollout) {
    let spec = &rollout.deployment["spec"];
    if is_deleted(&rollout.deployment) {
        return status::write(context, rollout, false);
    }
    let is_paused = spec["paused"] == true;
    if status::write_paused(context, &rollout.deployment, is_paused) {
        return;
    }
    if revisions::sync(context, rollout) {
        return;
    }
    if is_paused || scaling::is_asked_for(rollout) {
        if !scaling::scale(context, rollout) {
            if is_paused {
                revisions::clean_up(context, rollout);
            }
            status::write(context, rollout, false);
        }
        return;
    }
    let is_recreate = spec["strategy"]["type"] == "Recreate";
    let has_acted = if is_recreate { rollout::recreate(context, rollout) } else { rollout::roll(context, rollout) };
    if !has_acted && status::is_complete(&rollout.deployment, &rollout.deployment["status"]) {
        revisions::clean_up(context, rollout);
    }
    status::write(context, rollout, true);
}

impl Rollout {
    fn of(deployment: Arc<Stored>, mut sets: Vec<Arc<Stored>>) -> Self {
        sets.sort_by_cached_key(|set| {
            (revisions::of(set), super::values::text(set, "/metadata/creationTimestamp").to_owned())
        });
        let is_new = |set: &Arc<Stored>| revisions::has_template(set, &deployment["spec"]["template"]);
        let new = sets.iter().position(is_new).map(|place| sets.remove(place));
        Self { deployment, new, old: sets }
    }

    /// How many replicas there should be.
    pub fn replicas(&self) -> i64 {
        count(&self.deployment, "/spec/replicas")
    }

    pub fn all(&self) -> impl Iterator<Item = &Arc<Stored>> {
        self.old.iter().chain(&self.new)
    }

    /// Those that should have pods.
    pub fn active(&self) -> Vec<&Arc<Stored>> {
        self.all().filter(|set| replicas_of(set) > 0).collect()
    }

    pub fn max_surge(&self) -> i64 {
        self.limits().0
    }

    pub fn max_unavailable(&self) -> i64 {
        self.limits().1
    }

    /// How many pods there may be more, and how many fewer. One of them is not 0, so that a rollout goes on.
    fn limits(&self) -> (i64, i64) {
        let strategy = &self.deployment["spec"]["strategy"];
        let replicas = self.replicas();
        if strategy["type"] == "Recreate" || replicas == 0 {
            return (0, 0);
        }
        let surge = share(&strategy["rollingUpdate"]["maxSurge"], replicas, true);
        let unavailable = share(&strategy["rollingUpdate"]["maxUnavailable"], replicas, false).min(replicas);
        if surge == 0 && unavailable == 0 { (0, 1) } else { (surge, unavailable) }
    }
}

/// How many replicas a ReplicaSet should have.
pub(super) fn replicas_of(set: &Value) -> i64 {
    count(set, "/spec/replicas")
}

/// The sum of a number of several ReplicaSets.
pub(super) fn sum<'v>(sets: impl Iterator<Item = &'v Arc<Stored>>, pointer: &str) -> i64 {
    sets.map(|set| count(set, pointer)).sum()
}
