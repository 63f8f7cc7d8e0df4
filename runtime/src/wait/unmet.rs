//! Why a wait failed.

use std::fmt;
use std::time::Duration;

use crate::error::{Ending, Error};

/// Describes a wait that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unmet {
    /// The object, such as `Deployment shop/web`.
    pub object: String,
    /// The condition, such as `to be rolled out`; empty if not set.
    pub goal: String,
    /// Why the wait ended.
    pub why: WhyUnmet,
    /// How long it waited.
    pub waited: Duration,
    /// The last observed state of the object: what was missing, and its conditions. Empty if it was not observed.
    pub last_observed: String,
}

/// Why a wait failed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhyUnmet {
    /// The time-out elapsed.
    TimedOut,
    /// The object can no longer meet the condition, such as that of a failed job. The verdict's text is in `last_observed`.
    Never,
    /// The object of the given UID was deleted.
    Deleted,
    /// The object was not found at the start.
    NotFound,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { object, goal, why, waited, last_observed } = self;
        let goal = if goal.is_empty() { "to meet the condition" } else { goal };
        let waited = Duration::from_millis(waited.as_millis().try_into().unwrap_or(u64::MAX));
        match why {
            WhyUnmet::TimedOut => write!(f, "timed out after waiting {waited:?} for {object} {goal}")?,
            WhyUnmet::Never => write!(f, "waited for {object} {goal}, which can no longer happen")?,
            WhyUnmet::Deleted => write!(f, "waited for {object} {goal}, but it was deleted")?,
            WhyUnmet::NotFound => write!(f, "{object} not found while waiting for it {goal}")?,
        }
        if last_observed.is_empty() { Ok(()) } else { write!(f, ": {last_observed}") }
    }
}

impl Ending for Unmet {
    fn is_timeout(&self) -> bool {
        self.why == WhyUnmet::TimedOut
    }

    fn is_not_found(&self) -> bool {
        self.why == WhyUnmet::NotFound
    }
}

impl Error {
    /// Returns the description of a failed [`Wait`](crate::wait::Wait), unless the error is one of its requests.
    pub fn unmet(&self) -> Option<&Unmet> {
        self.ending()
    }
}
