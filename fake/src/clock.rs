//! The time that objects have.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{Timestamp, Unit};

/// The clock of a [`FakeCluster`](crate::FakeCluster): creation and deletion times, and those of `managedFields`.
///
/// By default it is the system's. [`FakeClock::at`] is a virtual one that stands still until it is set or advanced, also backwards,
/// as the clock of a machine jumps. Clones are the same clock.
///
/// Time-outs and bookmarks of watches, and the pauses of faults, are in Tokio's time: `tokio::time::pause` and `advance` change that.
#[derive(Clone, Debug, Default)]
pub struct FakeClock {
    /// The present time; `None` for the system's.
    time: Arc<Mutex<Option<Timestamp>>>,
}

impl FakeClock {
    /// A virtual clock that shows this time.
    pub fn at(time: Timestamp) -> Self {
        Self { time: Arc::new(Mutex::new(Some(time))) }
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        self.time.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(Timestamp::now)
    }

    /// Sets the time, earlier or later than the present one. The clock is a virtual one from now on.
    pub fn set(&self, time: Timestamp) {
        *self.time.lock().unwrap_or_else(PoisonError::into_inner) = Some(time);
    }

    /// Advances the time. The clock is a virtual one from now on.
    ///
    /// Beyond the year 9999 it stays at the latest time that there is.
    pub fn advance(&self, by: Duration) {
        let now = self.now();
        self.set(
            jiff::SignedDuration::try_from(by).ok().and_then(|by| now.checked_add(by).ok()).unwrap_or(Timestamp::MAX),
        );
    }

    /// The present time as objects have it: in whole seconds.
    pub(crate) fn text(&self) -> String {
        text_after(self.now(), 0)
    }
}

/// A time and some seconds, as objects have it.
pub(crate) fn text_after(now: Timestamp, seconds: i64) -> String {
    let now = now.checked_add(jiff::SignedDuration::from_secs(seconds)).unwrap_or(now);
    now.round(jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Trunc))
        .unwrap_or(now)
        .to_string()
}
