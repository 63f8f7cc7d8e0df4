//! What was waited for and did not come.

use std::fmt;
use std::time::Duration;

use crate::error::{Ending, Error};

/// What was waited for and did not come, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unmet {
    /// The object, such as `Deployment shop/web`.
    pub object: String,
    /// What it was to come to, such as `to be rolled out`; empty where nobody said so.
    pub goal: String,
    /// Why the wait ended.
    pub why: WhyUnmet,
    /// How long was waited.
    pub waited: Duration,
    /// What the object was like when it was last seen: what was missing, and its conditions. Empty if it was not seen.
    pub last_seen: String,
}

/// Why a wait ended without what was waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhyUnmet {
    /// The time was up.
    TimedOut,
    /// The object can't come to it any more: its job has failed, say. The verdict's words are in `last_seen`.
    Never,
    /// The object of the uid that was given was deleted.
    Deleted,
    /// There was no such object to begin with.
    NotFound,
}

impl fmt::Display for Unmet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { object, goal, why, waited, last_seen } = self;
        let goal = if goal.is_empty() { "to be as wanted" } else { goal };
        let waited = Duration::from_millis(waited.as_millis().try_into().unwrap_or(u64::MAX));
        match why {
            WhyUnmet::TimedOut => write!(f, "waited {waited:?} for {object} {goal}")?,
            WhyUnmet::Never => write!(f, "waited for {object} {goal}, and that can't come any more")?,
            WhyUnmet::Deleted => write!(f, "waited for {object} {goal}, and it was deleted")?,
            WhyUnmet::NotFound => write!(f, "there is no {object} to wait for: it was {goal}")?,
        }
        if last_seen.is_empty() { Ok(()) } else { write!(f, ": {last_seen}") }
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
    /// What was waited for and did not come, and why, where a [`Wait`](crate::wait::Wait) failed for other reasons than
    /// those of its requests.
    pub fn unmet(&self) -> Option<&Unmet> {
        self.ending()
    }
}
