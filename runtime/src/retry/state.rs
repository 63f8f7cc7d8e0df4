//! State of a loop that retries.

use std::time::Duration;

use super::{Backoff, RetryClass};
use crate::error::Error;

/// Number of consecutive errors of class `Uncertain` after which the loop gives up, by default.
const UNCERTAIN_ATTEMPTS: u32 = 3;

/// State of a loop that retries, such as one that watches: it counts consecutive failures by their [class](RetryClass),
/// and returns the delays between attempts.
///
/// | outcome of an attempt | call | effect |
/// |---|---|---|
/// | `Transient`, `Throttled` | [`failed`](Self::failed) | a delay, until the attempts are exhausted |
/// | `Uncertain`, `Expired` | `failed` | a delay, at most [a few times](Self::uncertain_attempts) in a row |
/// | `Conflict`, `Permanent` | `failed` | `None`: the error is final |
/// | a regular end, as of a watch | [`ended`](Self::ended) | a delay |
/// | a connection, a first response | [`connected`](Self::connected) | a reset, if it lasts |
/// | progress, such as a new event | [`progressed`](Self::progressed) | a reset |
#[derive(Clone, Debug)]
pub struct RetryState {
    backoff: Backoff,
    max_attempts: Option<u32>,
    initial_attempts: Option<u32>,
    uncertain_attempts: u32,
    failures: u32,
    /// Number of consecutive failures that may be permanent.
    uncertain: u32,
    reached: bool,
}

impl RetryState {
    /// Creates a state with these delays between attempts, and no limit to their number. A connection that lasts for
    /// the time of [`Backoff::reset_after`] resets it.
    pub fn new(backoff: Backoff) -> Self {
        Self {
            backoff,
            max_attempts: None,
            initial_attempts: None,
            uncertain_attempts: UNCERTAIN_ATTEMPTS,
            failures: 0,
            uncertain: 0,
            reached: false,
        }
    }

    /// Limits consecutive failed attempts, including the first; 0 counts as 1. The default is no limit.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = Some(attempts.max(1));
        self
    }

    /// Limits failed attempts before the first success, since a server that was never reached more likely has a wrong
    /// address. 0 counts as 1. The default is no limit.
    pub fn initial_attempts(mut self, attempts: u32) -> Self {
        self.initial_attempts = Some(attempts.max(1));
        self
    }

    /// Limits consecutive failures of a class that is rarely transient; 0 counts as 1. The default is 3.
    pub fn uncertain_attempts(mut self, attempts: u32) -> Self {
        self.uncertain_attempts = attempts.max(1);
        self
    }

    /// Records a failed attempt, and returns the delay before the next one, or `None` to give up.
    pub fn failed(&mut self, error: &Error) -> Option<Duration> {
        self.failed_as(error.retry_class(), error.retry_after())
    }

    /// Same as [`failed`](Self::failed), with a class that the caller has refined.
    pub fn failed_as(&mut self, class: RetryClass, retry_after: Option<Duration>) -> Option<Duration> {
        self.settle();
        self.failures = self.failures.saturating_add(1);
        match class {
            RetryClass::Transient | RetryClass::Throttled => {}
            RetryClass::Uncertain | RetryClass::Expired => {
                self.uncertain = self.uncertain.saturating_add(1);
                if self.uncertain >= self.uncertain_attempts {
                    return None;
                }
            }
            RetryClass::Conflict | RetryClass::Permanent => return None,
        }
        let initial = self.initial_attempts.filter(|_| !self.reached);
        let used_up = [self.max_attempts, initial].into_iter().flatten().any(|limit| self.failures >= limit);
        (!used_up).then(|| self.backoff.next_delay_after(retry_after))
    }

    /// Records the regular end of what an attempt started, and returns the delay before restarting it. It counts for
    /// the back-off, but not as a failure.
    pub fn ended(&mut self) -> Duration {
        self.settle();
        self.backoff.next_delay()
    }

    /// Records a successful attempt. Only if it lasts for the time of [`Backoff::reset_after`], the failures are reset:
    /// what breaks each time right after its start would be retried without end.
    pub fn connected(&mut self) {
        self.settle();
        self.reached = true;
        self.backoff.healthy();
    }

    /// Records progress: the next failure is the first of a row.
    pub fn progressed(&mut self) {
        self.reached = true;
        (self.failures, self.uncertain) = (0, 0);
        self.backoff.reset();
    }

    /// Returns the number of consecutive failures.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    fn settle(&mut self) {
        if self.backoff.settle() {
            (self.failures, self.uncertain) = (0, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use RetryClass::{Conflict, Expired, Permanent, Throttled, Transient, Uncertain};

    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(10);

    fn state() -> RetryState {
        RetryState::new(Backoff::new(FIRST, LONGEST).jitter(0.0).reset_after(LONGEST))
    }

    /// Returns how many of 20 consecutive failures are retried.
    fn retried(mut state: RetryState, class: RetryClass) -> usize {
        (0..20).take_while(|_| state.failed_as(class, None).is_some()).count()
    }

    #[test]
    fn each_class_is_retried_without_end_a_few_times_or_never() {
        let expected = [(Transient, 20), (Throttled, 20), (Uncertain, 2), (Expired, 2), (Conflict, 0), (Permanent, 0)];
        for (class, retries) in expected {
            assert_eq!(retried(state(), class), retries, "{class:?}");
        }
    }

    #[test]
    fn the_first_attempt_counts_and_one_that_succeeded_lifts_the_limit_for_the_beginning() {
        assert_eq!(retried(state().max_attempts(4), Transient), 3);
        assert_eq!(retried(state().max_attempts(0), Transient), 0);
        assert_eq!(retried(state().initial_attempts(3), Throttled), 2);
        assert_eq!(retried(state().uncertain_attempts(1), Uncertain), 0);
        let mut reached = state().initial_attempts(3);
        reached.connected();
        assert_eq!(retried(reached, Transient), 20);
    }

    #[test]
    fn an_orderly_end_makes_a_pause_and_is_no_failure() {
        let mut state = state().max_attempts(2);
        assert_eq!([state.ended(), state.ended()], [FIRST, FIRST * 2]);
        assert_eq!(state.failed_as(Transient, None), Some(FIRST * 4));
        assert_eq!(state.failures(), 1);
    }

    #[test]
    fn progress_begins_a_new_row_and_a_connection_alone_does_not() {
        let mut state = state().max_attempts(3);
        for _ in 0..10 {
            assert_eq!(state.failed_as(Transient, None), Some(FIRST));
            state.progressed();
        }
        state.connected();
        assert_eq!(state.failed_as(Transient, None), Some(FIRST));
        state.connected();
        assert_eq!(state.failed_as(Throttled, Some(LONGEST)), Some(LONGEST));
        state.connected();
        assert_eq!(state.failed_as(Transient, None), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_lasts_begins_a_new_row() {
        let mut state = state();
        for _ in 0..10 {
            state.connected();
            tokio::time::advance(LONGEST).await;
            assert_eq!(state.failed_as(Uncertain, None), Some(FIRST));
        }
    }
}
