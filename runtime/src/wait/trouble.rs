//! Whether a wait goes on when its watch ends, and after how long.

use std::time::Duration;

use crate::error::Error;
use crate::retry::{Backoff, RetryState};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How many attempts may fail before the object, or that there is none, was ever known.
const INITIAL_ATTEMPTS: u32 = 3;

/// What went wrong since the watch last did well: since it showed a change, or held for as long as the longest pause.
#[derive(Debug)]
pub(super) struct Trouble(RetryState);

impl Default for Trouble {
    fn default() -> Self {
        let backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE).reset_after(LONGEST_PAUSE);
        Self(RetryState::new(backoff).initial_attempts(INITIAL_ATTEMPTS))
    }
}

impl Trouble {
    /// The object, or that there is none, is known.
    pub(super) fn synced(&mut self) {
        self.0.connected();
    }

    /// The object changed while it was watched.
    pub(super) fn moved(&mut self) {
        self.0.progressed();
    }

    /// How long to pause before the next watch; `None` if there is no point in one.
    pub(super) fn next(&mut self, error: Option<&Error>) -> Option<Duration> {
        match error {
            Some(error) => self.0.failed(error),
            None => Some(self.0.ended()),
        }
    }
}
