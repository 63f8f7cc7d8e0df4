//! The delay between one attempt and the next.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use tokio::time::Instant;

/// Exponential back-off with jitter: increasing delays between attempts, up to a maximum.
///
/// It returns durations and does not sleep, so that a delay can be reported before it starts, and combined with the
/// server's `Retry-After`. Each loop that retries has its own; clones are independent.
///
/// ```
/// use std::time::Duration;
/// use kubewright_runtime::retry::Backoff;
///
/// let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(10)).jitter(0.0);
/// assert_eq!(backoff.next_delay(), Duration::from_millis(100));
/// assert_eq!(backoff.next_delay(), Duration::from_millis(200));
/// // The server requested more, by `Retry-After`.
/// assert_eq!(backoff.next_delay_after(Some(Duration::from_secs(3))), Duration::from_secs(3));
/// backoff.reset();
/// assert_eq!(backoff.next_delay(), Duration::from_millis(100));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Backoff {
    initial: Duration,
    max: Duration,
    factor: f64,
    jitter: f64,
    reset_after: Option<Duration>,
    /// Number of delays since the last reset.
    given: u32,
    healthy_since: Option<Instant>,
}

impl Backoff {
    /// Creates delays from `initial` to `max`, with a [factor](Self::factor) of 2 and a [jitter](Self::jitter) of 0.5.
    /// They are not [reset](Self::reset_after) by time.
    pub const fn new(initial: Duration, max: Duration) -> Self {
        Self { initial, max, factor: 2.0, jitter: 0.5, reset_after: None, given: 0, healthy_since: None }
    }

    /// Sets the ratio of each delay to the previous one. Less than 1, and NaN, count as 1: constant delays.
    pub const fn factor(mut self, factor: f64) -> Self {
        self.factor = if factor >= 1.0 { factor } else { 1.0 };
        self
    }

    /// Sets the fraction of a delay that is random: with 0.5, a delay is between half of its full length and all of it.
    /// So clients that failed together do not retry together. 0 is no jitter; more than 1 counts as 1, and NaN as 0.
    pub const fn jitter(mut self, jitter: f64) -> Self {
        self.jitter = if jitter > 1.0 {
            1.0
        } else if jitter > 0.0 {
            jitter
        } else {
            0.0
        };
        self
    }

    /// Resets to the initial delay after this time without failures: see [`healthy`](Self::healthy).
    pub const fn reset_after(mut self, time: Duration) -> Self {
        self.reset_after = Some(time);
        self
    }

    /// Returns the delay before the next attempt.
    pub fn next_delay(&mut self) -> Duration {
        self.next_delay_after(None)
    }

    /// Returns the delay before the next attempt, if the server may have requested one
    /// ([`Error::retry_after`](crate::Error::retry_after)): then it is at least that, plus a random part of up to the
    /// jitter's fraction of it, so that clients that were rejected together do not retry together.
    ///
    /// The requested delay is not limited by `max`, the random part is.
    pub fn next_delay_after(&mut self, retry_after: Option<Duration>) -> Duration {
        self.settle();
        let full = self.full();
        self.given = self.given.saturating_add(1);
        // The standard library's random hasher keys are random enough for this, and cost no dependency.
        let random = RandomState::new().hash_one(self.given) as f64 / u64::MAX as f64;
        let spread = self.jitter * random;
        let delay = scale(full, 1.0 - self.jitter + spread, full);
        match retry_after {
            Some(asked) => asked.saturating_add(scale(asked.min(self.max), spread, self.max)).max(delay),
            None => delay,
        }
    }

    /// Marks the start of a time without failures, such as when a connection was opened that should last: if the next
    /// delay is taken at least [`reset_after`](Self::reset_after) later, it is the initial one. Success alone is not
    /// enough: what succeeds and breaks at once would be retried without any back-off.
    pub fn healthy(&mut self) {
        self.healthy_since = Some(Instant::now());
    }

    /// Resets to the initial delay.
    pub fn reset(&mut self) {
        (self.given, self.healthy_since) = (0, None);
    }

    /// Ends a time without failures, and returns whether it was long enough for a reset.
    pub(crate) fn settle(&mut self) -> bool {
        let healthy = self.healthy_since.take().map(|since| since.elapsed());
        let is_reset = healthy.zip(self.reset_after).is_some_and(|(lasted, enough)| lasted >= enough);
        if is_reset {
            self.reset();
        }
        is_reset
    }

    /// Returns the next delay without its jitter.
    fn full(&self) -> Duration {
        let times = self.factor.powi(i32::try_from(self.given).unwrap_or(i32::MAX));
        scale(self.initial, times, self.max).min(self.max)
    }
}

/// Returns a multiple of a duration, or `beyond` if it overflows.
fn scale(duration: Duration, by: f64, beyond: Duration) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * by).unwrap_or(beyond)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(10);

    fn plain() -> Backoff {
        Backoff::new(FIRST, LONGEST).jitter(0.0)
    }

    fn delays(backoff: &mut Backoff, count: usize) -> Vec<u128> {
        (0..count).map(|_| backoff.next_delay().as_millis()).collect()
    }

    #[test]
    fn delays_double_up_to_the_longest_and_are_never_below_half() {
        for _ in 0..100 {
            let mut backoff = Backoff::new(FIRST, LONGEST);
            for full in [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000] {
                let (full, delay) = (Duration::from_millis(full), backoff.next_delay());
                assert!(full / 2 <= delay && delay <= full, "{full:?}: {delay:?}");
            }
        }
    }

    #[test]
    fn two_loops_that_failed_together_get_different_delays() {
        let all = |_| Backoff::new(LONGEST, LONGEST).next_delay_after(Some(LONGEST));
        let different: std::collections::BTreeSet<_> = (0..20).map(all).collect();
        assert!(different.len() > 1, "{different:?}");
    }

    #[test]
    fn a_delay_is_never_less_than_the_server_asks_for_and_counts_as_one_of_the_row() {
        let asked = Duration::from_secs(60);
        for _ in 0..100 {
            let mut backoff = Backoff::new(FIRST, LONGEST);
            let delay = backoff.next_delay_after(Some(asked));
            // The random part is of the longest delay, since more was asked for.
            assert!(asked <= delay && delay <= asked + LONGEST / 2, "{delay:?}");
        }
        let mut backoff = plain();
        assert_eq!(backoff.next_delay_after(Some(Duration::from_millis(10))), FIRST);
        assert_eq!(backoff.next_delay_after(Some(asked)), asked);
        assert_eq!(backoff.next_delay_after(None), FIRST * 4);
    }

    #[test]
    fn numbers_that_make_no_sense_make_no_panic() {
        let huge = Duration::MAX;
        for factor in [f64::NAN, f64::INFINITY, f64::MAX, -1.0, 0.0] {
            for jitter in [f64::NAN, f64::INFINITY, -1.0, 7.0] {
                for (initial, max) in [(Duration::ZERO, Duration::ZERO), (huge, huge), (LONGEST, FIRST), (FIRST, huge)]
                {
                    let mut backoff = Backoff::new(initial, max).factor(factor).jitter(jitter);
                    backoff.given = u32::MAX - 1;
                    for asked in [None, Some(Duration::ZERO), Some(huge)] {
                        assert!(backoff.next_delay_after(asked) <= max.max(asked.unwrap_or_default()));
                    }
                }
            }
        }
        assert_eq!(delays(&mut plain().factor(0.5), 3), [100, 100, 100]);
        assert_eq!(delays(&mut plain().factor(3.0), 3), [100, 300, 900]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_time_of_health_resets_the_delays_and_a_short_one_does_not() {
        let enough = Duration::from_secs(5);
        let mut backoff = plain().reset_after(enough);
        assert_eq!(delays(&mut backoff, 2), [100, 200]);
        backoff.healthy();
        tokio::time::advance(enough - FIRST).await;
        assert_eq!(delays(&mut backoff, 1), [400], "healthy, but not for long");
        backoff.healthy();
        tokio::time::advance(enough).await;
        assert_eq!(delays(&mut backoff, 2), [100, 200]);
        tokio::time::advance(enough).await;
        assert_eq!(delays(&mut backoff, 1), [400], "time alone is no health");
        backoff.reset();
        assert_eq!(delays(&mut backoff, 1), [100]);
    }
}
