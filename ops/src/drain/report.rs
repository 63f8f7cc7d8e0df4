//! What came of a drain.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use kubewright_runtime::Error;

use super::{Obstacle, PodId, SkipReason};
use crate::evict::BudgetRefusal;

/// What came of a drain: every pod that was on the node, and what became of it. `{}` is for people.
#[derive(Debug)]
#[non_exhaustive]
pub struct DrainReport {
    /// The node.
    pub node: String,
    /// Whether the drain cordoned it: otherwise it was so before.
    pub newly_cordoned: bool,
    /// Whether nothing was really done.
    pub dry_run: bool,
    /// The pods.
    pub pods: Vec<DrainedPod>,
}

/// What became of a pod.
#[derive(Debug)]
#[non_exhaustive]
pub struct DrainedPod {
    /// Which one.
    pub pod: PodId,
    /// What became of it.
    pub outcome: PodOutcome,
    /// What stood against evicting it, and an option overrode.
    pub overridden: Vec<Obstacle>,
}

/// What became of a pod. `{}` is for people.
#[derive(Debug)]
#[non_exhaustive]
pub enum PodOutcome {
    /// It was evicted, and is gone. In a dry run: it would be evicted.
    Evicted,
    /// It was gone before the server said that it was evicted: somebody else deleted it.
    GoneBefore,
    /// It was left alone.
    Skipped(SkipReason),
    /// It could not be evicted.
    Failed(Error),
    /// It was evicted, and the server refused to let it be looked after: nothing is known of whether it is gone.
    Unwatched(Error),
    /// A disruption budget kept it until time was up. In a dry run: would keep it.
    Blocked(BudgetRefusal),
    /// It was evicted, and was shutting down when time was up.
    ShuttingDown,
    /// It was not evicted, nor refused for good, when time was up.
    Pending,
}

impl PodOutcome {
    /// Whether all is well with it: it is gone, or was left alone as asked for.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Evicted | Self::GoneBefore | Self::Skipped(_))
    }

    /// What went wrong with it, if it could not be evicted, or not be looked after.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Self::Failed(error) | Self::Unwatched(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for PodOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Evicted => f.write_str("evicted"),
            Self::GoneBefore => f.write_str("gone by itself"),
            Self::Skipped(reason) => write!(f, "left alone, {reason}"),
            Self::Failed(error) => write!(f, "failed, {error}"),
            Self::Unwatched(error) => write!(f, "evicted, but could not be watched, {error}"),
            Self::Blocked(refusal) => write!(f, "blocked, {refusal}"),
            Self::ShuttingDown => f.write_str("still shutting down"),
            Self::Pending => f.write_str("not evicted yet"),
        }
    }
}

impl DrainReport {
    /// The pods that are gone. In a dry run: that would be.
    pub fn evicted(&self) -> impl Iterator<Item = &PodId> {
        self.of(|outcome| matches!(outcome, PodOutcome::Evicted))
    }

    /// The pods that were left alone.
    pub fn skipped(&self) -> impl Iterator<Item = &PodId> {
        self.of(|outcome| matches!(outcome, PodOutcome::Skipped(_)))
    }

    /// The pods that should be gone and are not, or of which that is not known.
    pub fn remaining(&self) -> impl Iterator<Item = &PodId> {
        self.of(|outcome| !outcome.is_settled())
    }

    /// What became of a pod.
    pub fn outcome(&self, namespace: &str, name: &str) -> Option<&PodOutcome> {
        let pod = self.pods.iter().find(|one| one.pod.namespace == namespace && one.pod.name == name);
        pod.map(|one| &one.outcome)
    }

    fn of(&self, wanted: fn(&PodOutcome) -> bool) -> impl Iterator<Item = &PodId> {
        self.pods.iter().filter(move |one| wanted(&one.outcome)).map(|one| &one.pod)
    }
}

impl fmt::Display for DrainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let would = if self.dry_run { " (dry run)" } else { "" };
        let (gone, left) = (self.evicted().count(), self.skipped().count());
        write!(f, "{}{would}: {gone} pods evicted, {left} left alone", self.node)?;
        for one in self.pods.iter().filter(|one| !one.outcome.is_settled()) {
            write!(f, "; {}: {}", one.pod, one.outcome)?;
        }
        Ok(())
    }
}

/// Why a node was not drained, or not wholly.
#[derive(Debug)]
#[non_exhaustive]
pub enum DrainError {
    /// The node could not be cordoned, or its pods not be listed: nothing was evicted.
    Api {
        /// What was being done.
        doing: String,
        /// What went wrong.
        source: Error,
    },
    /// These pods stop it: nothing was evicted. Options of the drain say what is to become of them.
    Stopped {
        /// The node.
        node: String,
        /// The pods, each with all that stands against evicting it.
        pods: Vec<(PodId, Vec<Obstacle>)>,
    },
    /// Some pods could not be evicted, or not be watched until they were gone. All others are gone.
    Failed(DrainReport),
    /// Time was up, with pods on the node still.
    TimedOut {
        /// What became of the pods until then.
        report: DrainReport,
        /// The limit that was set.
        limit: Duration,
    },
}

impl DrainError {
    /// What became of the pods, if any was to be evicted.
    pub fn report(&self) -> Option<&DrainReport> {
        match self {
            Self::Api { .. } | Self::Stopped { .. } => None,
            Self::Failed(report) | Self::TimedOut { report, .. } => Some(report),
        }
    }

    /// Whether time was up.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::TimedOut { .. })
    }
}

impl fmt::Display for DrainError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let remain = |f: &mut fmt::Formatter<'_>, report: &DrainReport| {
            for (index, one) in report.pods.iter().filter(|one| !one.outcome.is_settled()).enumerate() {
                write!(f, "{}{}: {}", if index == 0 { "" } else { "; " }, one.pod, one.outcome)?;
            }
            Ok(())
        };
        match self {
            Self::Api { doing, .. } => write!(f, "{doing} failed"),
            Self::Stopped { node, pods } => {
                write!(f, "{node} can't be drained, and nothing was evicted: ")?;
                for (index, (pod, obstacles)) in pods.iter().enumerate() {
                    write!(f, "{}{pod}: ", if index == 0 { "" } else { "; " })?;
                    for (index, obstacle) in obstacles.iter().enumerate() {
                        write!(f, "{}{obstacle}", if index == 0 { "" } else { ", and " })?;
                    }
                }
                Ok(())
            }
            Self::Failed(report) => {
                write!(f, "{} is not drained: ", report.node)?;
                remain(f, report)
            }
            Self::TimedOut { report, limit } => {
                write!(f, "{} is not drained after {limit:?}: ", report.node)?;
                remain(f, report)
            }
        }
    }
}

/// For a `?` among other calls. An error of the API is itself; every other one
/// [is abandoned](Error::is_abandoned), and its `source` is this one.
impl From<DrainError> for Error {
    fn from(error: DrainError) -> Self {
        let node = match error {
            DrainError::Api { source, .. } => return source,
            DrainError::Stopped { ref node, .. } => node,
            DrainError::Failed(ref report) | DrainError::TimedOut { ref report, .. } => &report.node,
        };
        Self::abandoned(format!("the drain of {node} did not come to its end")).because(error)
    }
}

impl StdError for DrainError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Api { source, .. } => Some(source),
            Self::Failed(report) | Self::TimedOut { report, .. } => {
                let error = report.pods.iter().find_map(|one| one.outcome.error());
                error.map(|error| error as &(dyn StdError + 'static))
            }
            Self::Stopped { .. } => None,
        }
    }
}
