//! Outcome of a drain.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use kubewright_runtime::Error;

use super::{Obstacle, PodId, SkipReason};
use crate::evict::BudgetRefusal;

/// Outcome of a drain: every pod of the node and its outcome. Its `Display` is human-readable.
#[derive(Debug)]
#[non_exhaustive]
pub struct DrainReport {
    /// The node.
    pub node: String,
    /// Whether the drain cordoned it; `false` if it was cordoned already.
    pub newly_cordoned: bool,
    /// Whether it was a dry run.
    pub dry_run: bool,
    /// The pods.
    pub pods: Vec<DrainedPod>,
}

/// Outcome of one pod.
#[derive(Debug)]
#[non_exhaustive]
pub struct DrainedPod {
    /// The pod.
    pub pod: PodId,
    /// Its outcome.
    pub outcome: PodOutcome,
    /// Obstacles to its eviction that options overrode.
    pub overridden: Vec<Obstacle>,
}

/// Outcome of one pod. Its `Display` is human-readable.
#[derive(Debug)]
#[non_exhaustive]
pub enum PodOutcome {
    /// Evicted and deleted. In a dry run: it would be evicted.
    Evicted,
    /// Deleted by another client before the server confirmed the eviction.
    GoneBefore,
    /// Skipped.
    Skipped(SkipReason),
    /// Could not be evicted.
    Failed(Error),
    /// Evicted, but reading it was refused: whether it is deleted is unknown.
    Unwatched(Error),
    /// A PodDisruptionBudget forbade its eviction until the time-out. In a dry run: would forbid it.
    Blocked(BudgetRefusal),
    /// Evicted, but still shutting down at the time-out.
    ShuttingDown,
    /// Neither evicted nor finally refused at the time-out.
    Pending,
}

impl PodOutcome {
    /// Whether this is the intended outcome: deleted, or skipped as requested.
    pub fn is_settled(&self) -> bool {
        matches!(self, Self::Evicted | Self::GoneBefore | Self::Skipped(_))
    }

    /// Returns the error, if the pod could not be evicted or observed.
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
            Self::GoneBefore => f.write_str("deleted by another client"),
            Self::Skipped(reason) => write!(f, "skipped: {reason}"),
            Self::Failed(error) => write!(f, "failed, {error}"),
            Self::Unwatched(error) => write!(f, "evicted, but its deletion could not be observed: {error}"),
            Self::Blocked(refusal) => write!(f, "blocked, {refusal}"),
            Self::ShuttingDown => f.write_str("still shutting down"),
            Self::Pending => f.write_str("not evicted yet"),
        }
    }
}

impl DrainReport {
    /// Returns the deleted pods. In a dry run: those that would be.
    pub fn evicted(&self) -> impl Iterator<Item = &PodId> {
        self.of(|outcome| matches!(outcome, PodOutcome::Evicted))
    }

    /// Returns the skipped pods.
    pub fn skipped(&self) -> impl Iterator<Item = &PodId> {
        self.of(|outcome| matches!(outcome, PodOutcome::Skipped(_)))
    }

    /// Returns the pods that should have been deleted, but were not or may not have been.
    pub fn remaining(&self) -> impl Iterator<Item = &PodId> {
        self.of(|outcome| !outcome.is_settled())
    }

    /// Returns the outcome of a pod.
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
        write!(f, "{}{would}: {gone} pods evicted, {left} skipped", self.node)?;
        for one in self.pods.iter().filter(|one| !one.outcome.is_settled()) {
            write!(f, "; {}: {}", one.pod, one.outcome)?;
        }
        Ok(())
    }
}

/// Why a drain failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum DrainError {
    /// The node could not be cordoned or its pods could not be listed: nothing was evicted.
    Api {
        /// The failed step.
        doing: String,
        /// The error.
        source: Error,
    },
    /// These pods block the drain: nothing was evicted. Options of the drain override the obstacles.
    Stopped {
        /// The node.
        node: String,
        /// The pods, each with every obstacle to its eviction.
        pods: Vec<(PodId, Vec<Obstacle>)>,
    },
    /// Some pods could not be evicted or observed. All others are deleted.
    Failed(DrainReport),
    /// The time-out elapsed with pods remaining on the node.
    TimedOut {
        /// Outcome of the pods until then.
        report: DrainReport,
        /// The time-out.
        limit: Duration,
    },
}

impl DrainError {
    /// Returns the report, if evicting had begun.
    pub fn report(&self) -> Option<&DrainReport> {
        match self {
            Self::Api { .. } | Self::Stopped { .. } => None,
            Self::Failed(report) | Self::TimedOut { report, .. } => Some(report),
        }
    }

    /// Whether the time-out elapsed.
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

/// For `?` among other calls. An error of the API converts to itself; every other one becomes an error that [is
/// aborted](Error::is_aborted), with this one as its `source`.
impl From<DrainError> for Error {
    fn from(error: DrainError) -> Self {
        let node = match error {
            DrainError::Api { source, .. } => return source,
            DrainError::Stopped { ref node, .. } => node,
            DrainError::Failed(ref report) | DrainError::TimedOut { ref report, .. } => &report.node,
        };
        Self::aborted(format!("drain of {node} did not complete")).because(error)
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
