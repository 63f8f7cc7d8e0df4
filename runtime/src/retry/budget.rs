//! Retry budget: limits the ratio of retries to requests.

use std::time::Duration;

use tower::retry::budget::TpsBudget;

/// How long a request counts.
const WINDOW: Duration = Duration::from_secs(10);

/// Limits the retries of a client to a ratio of its requests, plus a minimum. It prevents a client from multiplying the
/// load of a failing server; errors beyond the budget are returned without a retry.
///
/// All clones of a client share one budget; see [`Config::retry_budget`](crate::Config::retry_budget). Long-running
/// loops, such as waits and followed logs, have their own [back-off](super::Backoff) instead.
///
/// It is tower's [`TpsBudget`]: a token bucket over the requests of the last 10 seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryBudget {
    ratio: f32,
    min_per_second: u32,
}

impl RetryBudget {
    /// Creates a budget with `ratio` retries per request (0.2 is one for five), and `min_per_second` per second for
    /// clients that send little.
    ///
    /// A ratio below 0, and NaN, count as 0; the maximum is 1000. The maximum per second is 1,000,000.
    pub fn new(ratio: f32, min_per_second: u32) -> Self {
        let ratio = if ratio > 0.0 { ratio.min(1000.0) } else { 0.0 };
        Self { ratio, min_per_second: min_per_second.min(1_000_000) }
    }

    /// Returns a full bucket.
    pub(crate) fn bucket(self) -> TpsBudget {
        TpsBudget::new(WINDOW, self.min_per_second, self.ratio)
    }
}

/// One retry for five requests, and ten per second.
impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(0.2, 10)
    }
}

#[cfg(test)]
mod tests {
    use tower::retry::budget::Budget as _;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_share_of_the_requests_may_be_sent_again_and_some_more_a_second() {
        let bucket = RetryBudget::new(0.2, 1).bucket();
        let withdrawn = || (0..100).take_while(|_| bucket.withdraw()).count();
        assert_eq!(withdrawn(), 10, "ten seconds' worth");
        for _ in 0..50 {
            bucket.deposit();
        }
        assert_eq!(withdrawn(), 10, "a fifth");
    }

    #[test]
    fn numbers_that_make_no_sense_make_no_panic() {
        for ratio in [f32::NAN, f32::INFINITY, f32::MIN_POSITIVE, f32::MAX, -1.0, 0.0] {
            for min_per_second in [0, u32::MAX] {
                let bucket = RetryBudget::new(ratio, min_per_second).bucket();
                bucket.deposit();
                assert!(min_per_second == 0 || bucket.withdraw(), "{ratio}");
            }
        }
    }
}
