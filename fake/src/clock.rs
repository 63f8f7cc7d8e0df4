//! The time that objects have.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use jiff::{Timestamp, Unit};

use crate::server::Server;

/// How many times at which controllers have something to do are met on the way of an [`advance`](FakeClock::advance).
const STEPS: usize = 10_000;

/// The clock of a [`FakeCluster`](crate::FakeCluster): creation and deletion times, and those of `managedFields`.
///
/// By default it is the system's. [`FakeClock::at`] is a virtual one that stands still until it is set or advanced, also backwards,
/// as the clock of a machine jumps. Clones are the same clock.
///
/// [`Controllers`](crate::Controllers) that are on act by it: what is due happens within [`advance`](FakeClock::advance) and
/// [`set`](FakeClock::set). By the system's clock it happens at the next request, and each second while the cluster listens on a port.
///
/// Time-outs and bookmarks of watches, and the pauses of faults, are in Tokio's time: `tokio::time::pause` and `advance` change that.
#[derive(Clone, Debug, Default)]
pub struct FakeClock {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// The present time; `None` for the system's.
    time: Mutex<Option<Timestamp>>,
    /// The clusters whose controllers act by it.
    clusters: Mutex<Vec<Weak<Server>>>,
}

impl FakeClock {
    /// A virtual clock that shows this time.
    pub fn at(time: Timestamp) -> Self {
        let clock = Self::default();
        clock.show(time);
        clock
    }

    /// The present time.
    pub fn now(&self) -> Timestamp {
        self.shared.time.lock().unwrap_or_else(PoisonError::into_inner).unwrap_or_else(Timestamp::now)
    }

    /// Sets the time, earlier or later than the present one. The clock is a virtual one from now on. Controllers find it as it is
    /// then.
    pub fn set(&self, time: Timestamp) {
        self.show(time);
        self.settle();
    }

    /// Advances the time. The clock is a virtual one from now on. What controllers have to do on the way, such as the jobs of a
    /// schedule, they do in order, each at its time; after 10,000 such times the clock jumps to the end.
    ///
    /// Beyond the year 9999 it stays at the latest time that there is.
    pub fn advance(&self, by: Duration) {
        let start = self.now();
        let end =
            jiff::SignedDuration::try_from(by).ok().and_then(|by| start.checked_add(by).ok()).unwrap_or(Timestamp::MAX);
        let mut now = start;
        for _ in 0..STEPS {
            let due = self.clusters().iter().filter_map(|server| server.controllers.due()).min();
            let Some(due) = due.filter(|due| *due > now && *due < end) else { break };
            now = due;
            self.set(due);
        }
        self.set(end);
    }

    /// Has the controllers of a cluster act by this clock.
    pub(crate) fn notify(&self, server: &Arc<Server>) {
        let mut clusters = self.shared.clusters.lock().unwrap_or_else(PoisonError::into_inner);
        clusters.retain(|known| known.strong_count() > 0);
        clusters.push(Arc::downgrade(server));
    }

    fn show(&self, time: Timestamp) {
        *self.shared.time.lock().unwrap_or_else(PoisonError::into_inner) = Some(time);
    }

    fn settle(&self) {
        for server in self.clusters() {
            // If they do not settle, the next request is answered with that.
            let _ = server.settle_now();
        }
    }

    fn clusters(&self) -> Vec<Arc<Server>> {
        let clusters = self.shared.clusters.lock().unwrap_or_else(PoisonError::into_inner);
        clusters.iter().filter_map(Weak::upgrade).collect()
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
