//! Local time of leases: when a request was sent, and when what it was granted ends.
//!
//! Times in a Lease are written by the clocks of other machines, and never compared with the local one. What a replica knows
//! is how much time has passed here since it sent a request, or since it observed a change.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// A moment on this machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    monotonic: Instant,
    wall: SystemTime,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self { monotonic: Instant::now(), wall: SystemTime::now() }
    }

    /// The time that has passed since, rather more than less.
    ///
    /// The monotonic clock counts while the process is stopped (`SIGSTOP`, a frozen cgroup), but on Linux not while the
    /// machine is suspended. The wall clock then shows more; a step of the wall clock forward has the same effect, on the
    /// safe side. A step backward has none.
    pub(crate) fn elapsed(&self) -> Duration {
        self.monotonic.elapsed().max(self.wall.elapsed().unwrap_or_default())
    }
}

/// The end of a time that was granted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    start: Moment,
    length: Duration,
}

impl Deadline {
    /// The deadline this long after a moment.
    pub(crate) fn after(start: Moment, length: Duration) -> Self {
        Self { start, length }
    }

    /// Whether it has passed, at the time of the call.
    pub(crate) fn has_passed(&self) -> bool {
        self.start.elapsed() >= self.length
    }

    /// The time left; zero if it has passed.
    pub(crate) fn remaining(&self) -> Duration {
        self.length.saturating_sub(self.start.elapsed())
    }

    /// Waits until it has passed.
    pub(crate) async fn passed(&self) {
        while !self.has_passed() {
            // A suspended machine's timers are late by the time of its suspension; they fire at most this much late.
            tokio::time::sleep(self.remaining().min(Duration::from_secs(1))).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn a_deadline_has_passed_when_its_time_has_passed_on_the_monotonic_clock() {
        let deadline = Deadline::after(Moment::now(), SECOND * 10);
        tokio::time::advance(SECOND * 9).await;
        assert!(!deadline.has_passed());
        tokio::time::advance(SECOND).await;
        assert!(deadline.has_passed());
        assert_eq!(deadline.remaining(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_machine_that_was_suspended_shows_it_by_the_wall_clock() {
        let now = Moment::now();
        let before_suspension = Moment { wall: now.wall - SECOND * 10, ..now };
        assert!(Deadline::after(before_suspension, SECOND * 10).has_passed());
    }

    #[tokio::test(start_paused = true)]
    async fn a_wall_clock_that_was_set_back_prolongs_nothing() {
        let now = Moment::now();
        let deadline = Deadline::after(Moment { wall: now.wall + SECOND * 3600, ..now }, SECOND * 10);
        assert!(!deadline.has_passed());
        tokio::time::timeout(SECOND * 11, deadline.passed()).await.expect("the monotonic clock alone counts");
    }
}
