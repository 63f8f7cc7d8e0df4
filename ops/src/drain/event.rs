//! What happens while a node is drained.

use std::fmt;
use std::time::Duration;

use kubewright::core::v1::Pod;
use kubewright_runtime::{CompactString, Error};

use super::SkipReason;
use crate::evict::BudgetRefusal;

/// Which pod: the UID tells it apart from a later one of the same name.
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

/// A step of a drain. `{}` is a line for people.
#[derive(Debug)]
#[non_exhaustive]
pub enum DrainEvent<'a> {
    /// The node is cordoned.
    Cordoned {
        /// Its name.
        node: &'a str,
        /// Whether it was not so before.
        changed: bool,
    },
    /// A pod stays where it is, or is not waited for any longer.
    Skipped {
        /// Which pod.
        pod: &'a PodId,
        /// Why.
        reason: SkipReason,
    },
    /// A pod is about to be evicted, or deleted.
    Evicting {
        /// Which pod.
        pod: &'a PodId,
    },
    /// A disruption budget keeps a pod for now.
    Blocked {
        /// Which pod.
        pod: &'a PodId,
        /// Which budget, and why.
        refusal: &'a BudgetRefusal,
        /// When the next attempt comes; there is none in a dry run.
        again_in: Option<Duration>,
    },
    /// Something else is in the way for now: the server is busy or can't be reached, or somebody else has just changed the
    /// pod.
    Delayed {
        /// Which pod.
        pod: &'a PodId,
        /// What the server said.
        error: &'a Error,
        /// When the next attempt comes.
        again_in: Duration,
    },
    /// A pod is marked for deletion, and shuts down. In a dry run: it would be.
    Evicted {
        /// Which pod.
        pod: &'a PodId,
    },
    /// A pod is gone.
    Gone {
        /// Which pod.
        pod: &'a PodId,
    },
    /// A pod was evicted, and the server refuses to let it be looked after. The others go on.
    Unwatched {
        /// Which pod.
        pod: &'a PodId,
        /// Why.
        error: &'a Error,
    },
    /// A pod can't be evicted. The others go on.
    Failed {
        /// Which pod.
        pod: &'a PodId,
        /// Why.
        error: &'a Error,
    },
}

impl fmt::Display for DrainEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cordoned { node, changed: true } => write!(f, "{node} is cordoned"),
            Self::Cordoned { node, changed: false } => write!(f, "{node} was cordoned already"),
            Self::Skipped { pod, reason } => write!(f, "{pod} is left alone: {reason}"),
            Self::Evicting { pod } => write!(f, "evicting {pod}"),
            Self::Blocked { pod, refusal, again_in: Some(pause) } => {
                write!(f, "{pod} has to stay for now: {refusal}; trying again in {pause:.1?}")
            }
            Self::Blocked { pod, refusal, again_in: None } => write!(f, "{pod} would have to stay: {refusal}"),
            Self::Delayed { pod, error, again_in } => write!(f, "{pod}: {error}; trying again in {again_in:.1?}"),
            Self::Evicted { pod } => write!(f, "{pod} is evicted"),
            Self::Gone { pod } => write!(f, "{pod} is gone"),
            Self::Unwatched { pod, error } => {
                write!(f, "{pod} is evicted, and can't be watched until it is gone: {error}")
            }
            Self::Failed { pod, error } => write!(f, "{pod} can't be evicted: {error}"),
        }
    }
}
