//! How long to wait before something is tried again.

use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

/// The pause after the attempt with this number, counted from 1: it doubles with every attempt, from the first up to the
/// longest; of that, something between the half and all, so that those who met once don't meet again.
pub(crate) fn backoff(first: Duration, longest: Duration, attempt: u32) -> Duration {
    let full = first.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1))).min(longest);
    // The standard library's random hasher keys are random enough for this, and cost no dependency.
    let random = RandomState::new().hash_one(attempt) as f64 / u64::MAX as f64;
    full.mul_f64(0.5 + random / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest_and_are_never_below_half() {
        let (first, longest) = (Duration::from_millis(100), Duration::from_secs(10));
        for (attempt, full) in [(0, 100), (1, 100), (2, 200), (7, 6400), (8, 10_000), (u32::MAX, 10_000)] {
            let full = Duration::from_millis(full);
            for _ in 0..100 {
                let pause = backoff(first, longest, attempt);
                assert!(full / 2 <= pause && pause <= full, "{attempt}: {pause:?}");
            }
        }
    }
}
