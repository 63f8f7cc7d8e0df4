//! Until when a credential holds, by two clocks.
//!
//! The system's clock alone would take a credential for good for too long after it was set back, and the monotonic one
//! stands still while the machine sleeps. A credential holds as long as both say so.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// A credential is replaced this long before it expires, and for a short life a tenth of it: a request takes a while, and
/// the server's clock may be ahead.
const MARGIN: Duration = Duration::from_secs(30);

/// How long a credential is used that has expired when it comes. The issuer's clock may be another one, so that only the
/// server knows; and else a plugin that says so would be run for every request.
const ARRIVED_EXPIRED: Duration = Duration::from_secs(5);

/// When a credential expires. `None` inside: never by itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expiry(Option<Times>);

#[derive(Clone, Copy, Debug)]
struct Times {
    expires: SystemTime,
    deadline: Instant,
    margin: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// It holds.
    Fresh,
    /// It holds, and should be replaced.
    Due,
    /// It holds no more.
    Expired,
}

impl Expiry {
    /// Of a credential that came at these times of both clocks.
    pub(super) fn new(expires: Option<SystemTime>, wall: SystemTime, now: Instant) -> Self {
        Self(expires.and_then(|expires| {
            let life = expires.duration_since(wall).unwrap_or_default();
            let (expires, life) =
                if life.is_zero() { (wall.checked_add(ARRIVED_EXPIRED)?, ARRIVED_EXPIRED) } else { (expires, life) };
            // A time beyond what the clock can express is never.
            let deadline = now.checked_add(life)?;
            Some(Times { expires, deadline, margin: MARGIN.min(life / 10) })
        }))
    }

    pub(super) fn age(&self, wall: SystemTime, now: Instant) -> Age {
        let Some(Times { expires, deadline, margin }) = self.0 else { return Age::Fresh };
        let by_wall = expires.duration_since(wall).unwrap_or_default();
        let left = by_wall.min(deadline.saturating_duration_since(now));
        if left.is_zero() {
            Age::Expired
        } else if left <= margin {
            Age::Due
        } else {
            Age::Fresh
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_credential_is_due_a_little_before_it_expires_by_either_clock() {
        let (wall, now) = (SystemTime::now(), Instant::now());
        let expiry = Expiry::new(Some(wall + HOUR), wall, now);
        let cases = [
            (Duration::ZERO, Duration::ZERO, Age::Fresh),
            (HOUR - MARGIN - SECOND, HOUR - MARGIN - SECOND, Age::Fresh),
            (HOUR - MARGIN, HOUR - MARGIN, Age::Due),
            (HOUR, HOUR, Age::Expired),
            // The clock was set back, or has not moved, while the hour passed.
            (Duration::ZERO, HOUR, Age::Expired),
            // The machine slept, or the clock was set ahead.
            (HOUR, Duration::ZERO, Age::Expired),
            (HOUR - SECOND, Duration::ZERO, Age::Due),
        ];
        for (by_wall, by_monotonic, age) in cases {
            assert_eq!(expiry.age(wall + by_wall, now + by_monotonic), age, "{by_wall:?} {by_monotonic:?}");
        }
        assert_eq!(expiry.age(wall - 10 * HOUR, now + HOUR), Age::Expired, "set back by ten hours");
    }

    #[test]
    fn a_short_life_has_a_short_margin_and_no_expiry_never_ends() {
        let (wall, now) = (SystemTime::now(), Instant::now());
        let short = Expiry::new(Some(wall + 10 * SECOND), wall, now);
        assert_eq!(short.age(wall + 8 * SECOND, now + 8 * SECOND), Age::Fresh);
        assert_eq!(short.age(wall + 9 * SECOND, now + 9 * SECOND), Age::Due);
        let past = Expiry::new(Some(wall - HOUR), wall, now);
        assert_eq!(past.age(wall, now), Age::Fresh);
        assert_eq!(past.age(wall, now + ARRIVED_EXPIRED), Age::Expired);
        let never = Expiry::new(None, wall, now);
        assert_eq!(never.age(wall + 10_000 * HOUR, now + 10_000 * HOUR), Age::Fresh);
    }
}
