//! Events of a drain.

use std::fmt;
use std::time::Duration;

use kubewright::core::v1::Pod;
use kubewright_runtime::{CompactString, Error};

use super::SkipReason;
use crate::evict::BudgetRefusal;

/// Identifies a pod. The UID tells it from a later one of the same name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct PodId {
    /// Its namespace.
    pub namespace: CompactString,
    /// Its name.
    pub name: CompactString,
    /// Its UID.
    pub uid: CompactString,
}

impl PodId {
    pub(super) fn of(pod: &Pod) -> Self {
        let metadata = &pod.metadata;
        let [namespace, name, uid] =
            [&metadata.namespace, &metadata.name, &metadata.uid].map(|part| part.clone().unwrap_or_default());
        Self { namespace, name, uid }
    }
}

impl fmt::Display for PodId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// A step of a drain. Its `Display` is one human-readable line.
#[derive(Debug)]
#[non_exhaustive]
pub enum DrainEvent<'a> {
    /// The node is cordoned.
    Cordoned {
        /// Its name.
        node: &'a str,
        /// Whether the drain changed it; `false` if it was cordoned already.
        changed: bool,
    },
    /// A pod is skipped, or no longer waited for.
    Skipped {
        /// The pod.
        pod: &'a PodId,
        /// The reason.
        reason: SkipReason,
    },
    /// A pod is about to be evicted or deleted.
    Evicting {
        /// The pod.
        pod: &'a PodId,
    },
    /// A PodDisruptionBudget forbids an eviction for now.
    Blocked {
        /// The pod.
        pod: &'a PodId,
        /// The budget and its message.
        refusal: &'a BudgetRefusal,
        /// Delay until the next attempt; `None` in a dry run.
        again_in: Option<Duration>,
    },
    /// An attempt failed for another transient reason: the server is busy or unreachable, or the pod was modified
    /// concurrently.
    Delayed {
        /// The pod.
        pod: &'a PodId,
        /// The error.
        error: &'a Error,
        /// Delay until the next attempt.
        again_in: Duration,
    },
    /// A pod is marked for deletion and shuts down. In a dry run: it would be.
    Evicted {
        /// The pod.
        pod: &'a PodId,
    },
    /// A pod is deleted.
    Gone {
        /// The pod.
        pod: &'a PodId,
    },
    /// A pod was evicted, but reading it was refused, so that its deletion can't be observed. The drain continues with
    /// the others.
    Unwatched {
        /// The pod.
        pod: &'a PodId,
        /// The error.
        error: &'a Error,
    },
    /// A pod can't be evicted. The drain continues with the others.
    Failed {
        /// The pod.
        pod: &'a PodId,
        /// The error.
        error: &'a Error,
    },
}

impl fmt::Display for DrainEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cordoned { node, changed: true } => write!(f, "{node} is cordoned"),
            Self::Cordoned { node, changed: false } => write!(f, "{node} was already cordoned"),
            Self::Skipped { pod, reason } => write!(f, "{pod} is skipped: {reason}"),
            Self::Evicting { pod } => write!(f, "evicting {pod}"),
            Self::Blocked { pod, refusal, again_in: Some(pause) } => {
                write!(f, "{pod} can't be evicted yet: {refusal}; retrying in {pause:.1?}")
            }
            Self::Blocked { pod, refusal, again_in: None } => write!(f, "{pod} could not be evicted yet: {refusal}"),
            Self::Delayed { pod, error, again_in } => write!(f, "{pod}: {error}; retrying in {again_in:.1?}"),
            Self::Evicted { pod } => write!(f, "{pod} is evicted"),
            Self::Gone { pod } => write!(f, "{pod} is deleted"),
            Self::Unwatched { pod, error } => {
                write!(f, "{pod} is evicted, but its deletion can't be observed: {error}")
            }
            Self::Failed { pod, error } => write!(f, "{pod} can't be evicted: {error}"),
        }
    }
}
