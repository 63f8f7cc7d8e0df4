//! Which pods a drain evicts, which it leaves alone, and which stop it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use kubewright::ApiGroups as _;
use kubewright::core::v1::{Pod, PodPhase};
use kubewright_runtime::meta::v1::{ObjectMeta, OwnerReference};
use kubewright_runtime::{Client, CompactString, Result};

use super::Options;

/// Set on the pods that a kubelet runs by itself, from files on its node.
const MIRROR: &str = "kubernetes.io/config.mirror";

/// What stands against evicting a pod, unless an option says otherwise. `{}` is a line for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Obstacle {
    /// A daemon set would start it on the node again. [`ignore_daemon_sets`](super::DrainRequest::ignore_daemon_sets)
    /// leaves it where it is.
    DaemonSet,
    /// Its daemon set is gone, so that nothing will start it again. [`force`](super::DrainRequest::force) evicts it.
    DaemonSetGone,
    /// It has data in an `emptyDir`, which will be lost.
    /// [`delete_empty_dir_data`](super::DrainRequest::delete_empty_dir_data) evicts it.
    EmptyDir,
    /// It has no controller that will start it again. [`force`](super::DrainRequest::force) evicts it.
    Unmanaged,
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DaemonSet => "its daemon set would start it again (ignore_daemon_sets leaves it)",
            Self::DaemonSetGone => "its daemon set is gone, so that nothing starts it again (force evicts it)",
            Self::EmptyDir => "it has data in an emptyDir, which would be lost (delete_empty_dir_data evicts it)",
            Self::Unmanaged => "it has no controller that starts it again (force evicts it)",
        })
    }
}

/// Why a drain leaves a pod alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SkipReason {
    /// The kubelet runs it by itself: the API server has but its mirror image.
    ///
    /// <https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/>
    Mirror,
    /// It is of a daemon set.
    DaemonSet,
    /// It should have been gone for longer than
    /// [`skip_wait_for_delete_timeout`](super::DrainRequest::skip_wait_for_delete_timeout).
    Overdue,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Mirror => "the kubelet runs it by itself",
            Self::DaemonSet => "its daemon set would start it again",
            Self::Overdue => "it should have been gone long ago, and is not waited for",
        })
    }
}

/// What is to become of a pod.
pub(super) enum Action {
    /// It is evicted; the options had to say so about these.
    Evict(Vec<Obstacle>),
    Skip(SkipReason),
    /// It stops the drain.
    Stop(Vec<Obstacle>),
}

/// Decides about pods, one after the other.
pub(super) struct PodFilter<'a> {
    client: &'a Client,
    options: &'a Options,
    /// Whether the daemon sets that were asked for exist, by namespace and name.
    daemon_sets: BTreeMap<(CompactString, CompactString), bool>,
}

impl<'a> PodFilter<'a> {
    pub(super) fn new(client: &'a Client, options: &'a Options) -> Self {
        Self { client, options, daemon_sets: BTreeMap::new() }
    }

    /// All that stands against a pod is told, not just the first.
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
                    // It would be left alone: what else there is about it does not matter.
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

/// Whether an object should have been gone for longer than that.
pub(super) fn is_overdue(metadata: &ObjectMeta, limit: Option<Duration>) -> bool {
    let (Some(limit), Some(deleted)) = (limit, metadata.deletion_timestamp) else { return false };
    let deleted = SystemTime::try_from(deleted).ok();
    deleted.and_then(|deleted| SystemTime::now().duration_since(deleted).ok()).is_some_and(|since| since > limit)
}

fn controller(metadata: &ObjectMeta) -> Option<&OwnerReference> {
    metadata.owner_references.iter().find(|owner| owner.controller == Some(true))
}
