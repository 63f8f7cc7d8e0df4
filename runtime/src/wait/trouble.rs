//! What becomes of a wait when its watch ends: whether it goes on, and after how long.

use std::time::Duration;

use tokio::time::Instant;

use crate::backoff::backoff;
use crate::error::Error;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// How often something may go wrong that might be for good, before the watch does well.
const PATIENCE: u32 = 3;

/// What went wrong since the watch last did well: since it showed a change, or held for as long as the longest pause. That
/// it began well is not enough: what cuts every watch right after its beginning would be asked again and again without end.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    /// How often the watch ended, for whatever reason.
    ended: u32,
    /// How often it failed.
    failed: u32,
    /// How often it failed in a way that may be for good.
    doubtful: u32,
    /// Whether the object, or that there is none, was ever known.
    reached: bool,
    /// When it came to be known by the watch that goes on.
    since: Option<Instant>,
}

impl Trouble {
    /// The object, or that there is none, is known.
    pub(super) fn synced(&mut self) {
        (self.reached, self.since) = (true, Some(Instant::now()));
    }

    /// The object changed before the eyes of the watch.
    pub(super) fn moved(&mut self) {
        (self.ended, self.failed, self.doubtful) = (0, 0, 0);
    }

    /// How long to pause before the next watch; `None` if there is no point in one.
    pub(super) fn next(&mut self, error: Option<&Error>) -> Option<Duration> {
        if self.since.take().is_some_and(|since| since.elapsed() >= LONGEST_PAUSE) {
            self.moved();
        }
        self.ended = self.ended.saturating_add(1);
        if let Some(error) = error {
            self.failed = self.failed.saturating_add(1);
            let hopeless = match kind(error) {
                Kind::Passes => !self.reached && self.failed >= PATIENCE,
                // An event that was cut off is one, and an object that can't be understood: that stays so.
                Kind::MayPass => {
                    self.doubtful = self.doubtful.saturating_add(1);
                    self.doubtful >= PATIENCE
                }
                Kind::Stays => true,
            };
            if hopeless {
                return None;
            }
        }
        let asked = error.and_then(Error::retry_after).unwrap_or_default();
        Some(backoff(FIRST_PAUSE, LONGEST_PAUSE, self.ended).max(asked))
    }
}

enum Kind {
    Passes,
    MayPass,
    Stays,
}

fn kind(error: &Error) -> Kind {
    if error.is_response() || error.is_expired() {
        return Kind::MayPass;
    }
    let busy =
        error.is_too_many_requests() || error.is_server_timeout() || error.is_internal() || error.is_unavailable();
    // A 500 without a reason is nearly always the request's own fault: it stays so.
    let bare = error.is_request_fault();
    if bare {
        return Kind::MayPass;
    }
    let down = error.code().is_some_and(|code| code.is_server_error());
    if error.is_connection() || error.is_timeout() || busy || down { Kind::Passes } else { Kind::Stays }
}
