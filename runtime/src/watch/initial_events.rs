//! How long to wait for the end of the initial events: a server that does not know them never sends it, and a large list
//! takes its time.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Shorter gaps between two events are those of a list that is coming in over a slow connection.
const GAP: Duration = Duration::from_secs(1);

/// How much longer to look once the time is up: what has arrived may not have been read yet, by a busy program.
const GRACE: Duration = Duration::from_millis(200);

/// Whether the end of the initial events may still come.
///
/// Time counts from when there was nothing to read to the next event. A consumer that polls rarely uses it up too, so some
/// of it is always left, and when it is up, what has arrived is looked for once more.
pub(super) struct InitialEventsTimeout {
    timeout: Duration,
    /// How much of it is left for gaps.
    left: Duration,
    /// Since when there has been nothing to read.
    quiet_since: Option<Instant>,
    /// When it must have come, since a change has: changes come after what was there.
    until: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the time is up, and the grace runs.
    is_up: bool,
}

impl InitialEventsTimeout {
    pub(super) fn new(timeout: Duration) -> Self {
        Self { timeout, left: timeout, quiet_since: None, until: None, timer: None, is_up: false }
    }

    /// An event has come: an object that was there, or a change.
    pub(super) fn received(&mut self, initial: bool) {
        let gap = self.quiet_since.take().map(|since| since.elapsed()).unwrap_or_default();
        if gap > GAP {
            self.left = self.left.saturating_sub(gap).max(GAP.min(self.timeout));
        }
        if !initial {
            self.until = self.until.or_else(|| Instant::now().checked_add(self.timeout));
        }
        (self.timer, self.is_up) = (None, false);
    }

    /// There is nothing to read: ready when that has been so for too long.
    pub(super) fn poll_timed_out(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let since = *self.quiet_since.get_or_insert_with(Instant::now);
        if self.timer.is_none() {
            // One that is too far away to be told never comes.
            let ends = [since.checked_add(self.left), self.until];
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
