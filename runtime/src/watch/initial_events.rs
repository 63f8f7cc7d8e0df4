//! Time-out for the end of the initial events: a server without the feature never sends it, and a large list takes its
//! time.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Gaps between two events shorter than this, without a byte received, are those of a list over a slow connection.
const GAP: Duration = Duration::from_secs(1);

/// Grace period after the time-out: what was received may not have been read yet by a busy program.
const GRACE: Duration = Duration::from_millis(200);

/// Whether the end of the initial events may still come.
///
/// The time counts from when there was nothing to read to the first byte of the next event. A consumer that polls
/// rarely uses it up too, so some of it is always left, and after the time-out, received data is checked once more. In
/// the middle of an event no time is used up: the server wrote it in one piece, so the rest is on its way, unless
/// nothing is received for the whole time.
pub(super) struct InitialEventsTimeout {
    timeout: Duration,
    /// Remaining time for gaps.
    left: Duration,
    /// When reading started to wait.
    quiet_since: Option<Instant>,
    /// Number of bytes of the next event that were received.
    buffered: usize,
    /// Deadline, set once a change was received: changes follow the initial events.
    until: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the time-out elapsed and the grace period runs.
    is_up: bool,
}

impl InitialEventsTimeout {
    pub(super) fn new(timeout: Duration) -> Self {
        Self { timeout, left: timeout, quiet_since: None, buffered: 0, until: None, timer: None, is_up: false }
    }

    /// Records an event: an initial object or a change.
    pub(super) fn received(&mut self, initial: bool) {
        self.progressed(0);
        if !initial {
            self.until = self.until.or_else(|| Instant::now().checked_add(self.timeout));
        }
    }

    /// Records that this many bytes of the next event are available.
    fn progressed(&mut self, buffered: usize) {
        let gap = self.quiet_since.take().map(|since| since.elapsed()).unwrap_or_default();
        let between_events = std::mem::replace(&mut self.buffered, buffered) == 0;
        if between_events && gap > GAP {
            self.left = self.left.saturating_sub(gap).max(GAP.min(self.timeout));
        }
        (self.timer, self.is_up) = (None, false);
    }

    /// Waits for more than these bytes of the next event: ready when nothing was received for too long.
    pub(super) fn poll_timed_out(&mut self, cx: &mut Context<'_>, buffered: usize) -> Poll<()> {
        if buffered > self.buffered {
            self.progressed(buffered);
        }
        let since = *self.quiet_since.get_or_insert_with(Instant::now);
        if self.timer.is_none() {
            // A deadline beyond the clock's range never elapses.
            let left = if buffered > 0 { self.timeout } else { self.left };
            let ends = [since.checked_add(left), self.until];
            let Some(end) = ends.into_iter().flatten().min() else { return Poll::Pending };
            self.timer = Some(Box::pin(sleep_until(end)));
        }
        while let Some(timer) = &mut self.timer {
            ready!(timer.as_mut().poll(cx));
            if std::mem::replace(&mut self.is_up, true) {
                break;
            }
            timer.as_mut().reset(Instant::now() + GRACE);
        }
        Poll::Ready(())
    }
}
