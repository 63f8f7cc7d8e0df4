//! Classifies the pods of a node: those that a drain evicts, those that it skips, and those that block it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use kubewright::ApiGroups as _;
use kubewright::core::v1::{Pod, PodPhase};
use kubewright_runtime::meta::v1::{ObjectMeta, OwnerReference};
use kubewright_runtime::{Client, CompactString, Result};

use super::Options;

/// Annotation of mirror pods, which represent static pods.
const MIRROR: &str = "kubernetes.io/config.mirror";

/// What blocks the eviction of a pod unless an option overrides it. Its `Display` is one human-readable line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Obstacle {
    /// Managed by a DaemonSet, which would recreate it on the node.
    /// [`ignore_daemon_sets`](super::DrainRequest::ignore_daemon_sets) skips it.
    DaemonSet,
    /// Its DaemonSet is not found, so nothing would recreate it. [`force`](super::DrainRequest::force) evicts it.
    DaemonSetGone,
    /// Has data in an `emptyDir`, which will be lost.
    /// [`delete_empty_dir_data`](super::DrainRequest::delete_empty_dir_data) evicts it.
    EmptyDir,
    /// Has no controller that would recreate it. [`force`](super::DrainRequest::force) evicts it.
    Unmanaged,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DaemonSet => "its DaemonSet would recreate it (ignore_daemon_sets skips it)",
            Self::DaemonSetGone => "its DaemonSet is not found, so nothing would recreate it (force evicts it)",
            Self::EmptyDir => "it has data in an emptyDir, which would be lost (delete_empty_dir_data evicts it)",
            Self::Unmanaged => "it has no controller that would recreate it (force evicts it)",
        })
    }
}

/// Why a drain skips a pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SkipReason {
    /// A mirror pod: the kubelet runs it from its own configuration, and the API server has only a mirror.
    ///
    /// <https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/>
    Mirror,
    /// Managed by a DaemonSet.
    DaemonSet,
    /// Overdue: it should have been deleted for longer than
    /// [`skip_wait_for_delete_timeout`](super::DrainRequest::skip_wait_for_delete_timeout).
    Overdue,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mirror => "it is a mirror pod",
            Self::DaemonSet => "its DaemonSet would recreate it",
            Self::Overdue => "its deletion is overdue, and it is not waited for",
        })
    }
}

/// What to do with a pod.
pub(super) enum Action {
    /// Evict it; options overrode these obstacles.
    Evict(Vec<Obstacle>),
    Skip(SkipReason),
    /// Block the drain.
    Stop(Vec<Obstacle>),
}

/// Classifies pods, one after the other.
pub(super) struct PodFilter<'a> {
    client: &'a Client,
    options: &'a Options,
    /// Cache of DaemonSet lookups, by namespace and name: whether each exists.
    daemon_sets: BTreeMap<(CompactString, CompactString), bool>,
}

impl<'a> PodFilter<'a> {
    pub(super) fn new(client: &'a Client, options: &'a Options) -> Self {
        Self { client, options, daemon_sets: BTreeMap::new() }
    }

    /// Collects every obstacle, not just the first.
    pub(super) async fn action_for(&mut self, pod: &Pod) -> Result<Action> {
        let options = self.options;
        if is_overdue(&pod.metadata, options.skip_wait_for_delete) {
            return Ok(Action::Skip(SkipReason::Overdue));
        }
        if pod.metadata.annotations.contains_key(MIRROR) {
            return Ok(Action::Skip(SkipReason::Mirror));
        }
        if matches!(pod.status.phase, Some(PodPhase::Succeeded | PodPhase::Failed)) {
            return Ok(Action::Evict(Vec::new()));
        }
        let (mut against, mut overridden) = (Vec::new(), Vec::new());
        let mut weigh = |obstacle, allowed| if allowed { overridden.push(obstacle) } else { against.push(obstacle) };
        match controller(&pod.metadata) {
            None => weigh(Obstacle::Unmanaged, options.force),
            Some(owner) if owner.kind == "DaemonSet" && owner.api_version == "apps/v1" => {
                if !self.has_daemon_set(pod, owner).await? {
                    weigh(Obstacle::DaemonSetGone, options.force);
                } else if options.ignore_daemon_sets {
                    return Ok(Action::Skip(SkipReason::DaemonSet));
                } else {
                    // Skipped anyway: further obstacles do not matter.
                    return Ok(Action::Stop(vec![Obstacle::DaemonSet]));
                }
            }
            Some(_) => {}
        }
        if pod.spec.volumes.iter().any(|volume| volume.empty_dir.is_some()) {
            weigh(Obstacle::EmptyDir, options.delete_empty_dir_data);
        }
        Ok(if against.is_empty() { Action::Evict(overridden) } else { Action::Stop(against) })
    }

    async fn has_daemon_set(&mut self, pod: &Pod, owner: &OwnerReference) -> Result<bool> {
        let namespace = pod.metadata.namespace.clone().unwrap_or_default();
        let key = (namespace, owner.name.clone());
        if let Some(known) = self.daemon_sets.get(&key) {
            return Ok(*known);
        }
        let sets = self.client.apps_v1().daemon_sets(&key.0);
        let exists = sets.get(&key.1).metadata_only().optional().await?.is_some();
        self.daemon_sets.insert(key, exists);
        Ok(exists)
    }
}

/// Whether an object's deletion is overdue by more than this.
pub(super) fn is_overdue(metadata: &ObjectMeta, limit: Option<Duration>) -> bool {
    let (Some(limit), Some(deleted)) = (limit, metadata.deletion_timestamp) else { return false };
    let deleted = SystemTime::try_from(deleted).ok();
    deleted.and_then(|deleted| SystemTime::now().duration_since(deleted).ok()).is_some_and(|since| since > limit)
}

fn controller(metadata: &ObjectMeta) -> Option<&OwnerReference> {
    metadata.owner_references.iter().find(|owner| owner.controller == Some(true))
}
