//! How long to wait for the end of the initial events: a server that does not know them never sends it, and a large list
//! takes its time.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// Shorter gaps between two events are those of a list that is coming in, over however slow a connection.
const GAP: Duration = Duration::from_millis(100);

/// Whether the end of the initial events may still come.
///
/// Time counts while there is nothing to read: a consumer that does not poll uses up none of it.
pub(super) struct Undecided {
    patience: Duration,
    /// How much of it is left for gaps.
    left: Duration,
    /// Since when there has been nothing to read.
    quiet_since: Option<Instant>,
    /// When it must have come, since a change has: changes come after what was there.
    until: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Undecided {
    pub(super) fn new(patience: Duration) -> Self {
        Self { patience, left: patience, quiet_since: None, until: None, timer: None }
    }

    /// An event has come: an object that was there, or a change.
    pub(super) fn heard(&mut self, initial: bool) {
        let gap = self.quiet_since.take().map(|since| since.elapsed()).unwrap_or_default();
        if gap > GAP {
            self.left = self.left.saturating_sub(gap);
        }
        if !initial {
            self.until.get_or_insert_with(|| Instant::now() + self.patience);
        }
        self.timer = None;
    }

    /// There is nothing to read: ready when that has been so for too long.
    pub(super) fn poll_waited(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let since = *self.quiet_since.get_or_insert_with(Instant::now);
        let (left, until) = (self.left, self.until);
        let timer = self.timer.get_or_insert_with(|| {
            let end = since + left;
            Box::pin(sleep_until(until.map_or(end, |until| until.min(end))))
        });
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(())
    }
}
