//! How long to wait for the end of the initial events: a server that does not know them never sends it, and a large list
//! takes its time.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Shorter gaps between two events, in which not a byte comes, are those of a list that is coming in over a slow connection.
const GAP: Duration = Duration::from_secs(1);

/// How much longer to look once the time is up: what has arrived may not have been read yet, by a busy program.
const GRACE: Duration = Duration::from_millis(200);

/// Whether the end of the initial events may still come.
///
/// Time counts from when there was nothing to read to the first byte of the next event. A consumer that polls rarely uses
/// it up too, so some of it is always left, and when it is up, what has arrived is looked for once more. In the middle of an
/// event nothing is used up: the server wrote it in one go, so the rest is on its way, unless it is silent for all the time.
pub(super) struct InitialEventsTimeout {
    timeout: Duration,
    /// How much of it is left for gaps.
    left: Duration,
    /// Since when there has been nothing to read.
    quiet_since: Option<Instant>,
    /// How many bytes of the next event have come.
    buffered: usize,
    /// When it must have come, since a change has: changes come after what was there.
    until: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the time is up, and the grace runs.
    is_up: bool,
}

impl InitialEventsTimeout {
    pub(super) fn new(timeout: Duration) -> Self {
        Self { timeout, left: timeout, quiet_since: None, buffered: 0, until: None, timer: None, is_up: false }
    }

    /// An event has come: an object that was there, or a change.
    pub(super) fn received(&mut self, initial: bool) {
        self.progressed(0);
        if !initial {
            self.until = self.until.or_else(|| Instant::now().checked_add(self.timeout));
        }
    }

    /// So many bytes of the next event are there now.
    fn progressed(&mut self, buffered: usize) {
        let gap = self.quiet_since.take().map(|since| since.elapsed()).unwrap_or_default();
        let between_events = std::mem::replace(&mut self.buffered, buffered) == 0;
        if between_events && gap > GAP {
            self.left = self.left.saturating_sub(gap).max(GAP.min(self.timeout));
        }
        (self.timer, self.is_up) = (None, false);
    }

    /// There is nothing to read but so many bytes of the next event: ready when nothing has come for too long.
    pub(super) fn poll_timed_out(&mut self, cx: &mut Context<'_>, buffered: usize) -> Poll<()> {
        if buffered > self.buffered {
            self.progressed(buffered);
        }
        let since = *self.quiet_since.get_or_insert_with(Instant::now);
        if self.timer.is_none() {
            // One that is too far away to be told never comes.
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
