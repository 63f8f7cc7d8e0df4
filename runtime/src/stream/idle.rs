//! Limit of the time in which a stream transfers no data.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

/// The limit of one stream, and when it last transferred data.
pub(crate) struct Idle {
    limit: Duration,
    last: Instant,
    timer: Pin<Box<Sleep>>,
}

impl Idle {
    /// `None` if the limit is beyond what a clock can express.
    pub(crate) fn start(limit: Duration, now: Instant) -> Option<Self> {
        let end = now.checked_add(limit)?;
        Some(Self { limit, last: now, timer: Box::pin(sleep_until(end)) })
    }

    /// Records that data was transferred, or that the stream waited for this side.
    pub(crate) fn active(&mut self, now: Instant) {
        self.last = now;
    }

    /// Returns the limit once it is exceeded.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Duration> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            // The timer is not reset for each piece of data.
            match self.last.checked_add(self.limit) {
                Some(end) if end > self.timer.deadline() => self.timer.as_mut().reset(end),
                _ => return Poll::Ready(self.limit),
            }
        }
    }
}
