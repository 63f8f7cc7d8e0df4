//! Work queue of a controller: which object is reconciled next.
//!
//! - A key is in the queue once, however often it is added, and it is handed out to one at a time. Added while it runs, it
//!   runs once more afterwards.
//! - Of the times for which a key was added, the **earliest** counts: a change does not wait for a
//!   [`requeue_after`](Job::requeue_after) or a back-off that was scheduled before, and one that is scheduled later does not
//!   delay what is ready. The run ends all schedules that were made before it began, since its own result makes the next
//!   one. (controller-runtime's priority queue does the same; client-go's delaying queue also runs the older schedule.)
//! - Of the [priorities](Priority) with which it was added, the highest counts.
//! - A key that failed is retried with a back-off of its own, which a success resets.
//!
//! A [`Controller`](crate::Controller) has a queue of its own. This module is for programs with a loop of their own:
//!
//! ```
//! use kubewright_controller::ObjectKey;
//! use kubewright_controller::queue::{Priority, WorkQueue};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build()?.block_on(async {
//! let queue = WorkQueue::new();
//! queue.add(ObjectKey::namespaced("shop", "web"), Priority::LOW);
//! queue.add(ObjectKey::namespaced("shop", "api"), Priority::DEFAULT);
//! queue.add(ObjectKey::namespaced("shop", "web"), Priority::LOW);
//!
//! let job = queue.next().await.expect("the queue is open");
//! assert_eq!(job.key().name(), "api");
//! job.done();
//! # });
//! # Ok::<(), std::io::Error>(())
//! ```

mod job;
mod priority;
mod ready;
mod state;
mod statistics;
#[cfg(test)]
mod tests;

use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kubewright::retry::Backoff;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

pub use self::job::Job;
pub use self::priority::Priority;
pub use self::statistics::QueueStatistics;

use self::job::Outcome;
use self::state::State;
use self::statistics::Counters;
use crate::key::ObjectKey;

/// Default delays after failures: from 5 ms, as in client-go and controller-runtime, to 5 minutes.
pub(crate) const BACKOFF: Backoff = Backoff::new(Duration::from_millis(5), Duration::from_secs(300));

/// Work queue of objects' keys. See the [module](self).
///
/// Clones are cheap, and are the same queue. Nothing of it waits but [`next`](Self::next).
#[derive(Clone)]
pub struct WorkQueue {
    shared: Arc<Shared>,
}

/// Settings of a [`WorkQueue`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Settings {
    concurrency: usize,
    fair: bool,
    backoff: Backoff,
}

struct Shared {
    state: Mutex<State>,
    counters: Counters,
    /// Notified whenever callers of `next` have to check the state again.
    changed: Notify,
}

impl Default for Settings {
    fn default() -> Self {
        Self { concurrency: usize::MAX, fair: false, backoff: BACKOFF }
    }
}

impl Settings {
    /// Limits the keys that are handed out and not finished; 0 counts as 1. The default is no limit.
    pub fn concurrency(mut self, limit: usize) -> Self {
        self.concurrency = limit.max(1);
        self
    }

    /// Hands out keys of each priority by namespaces in turn, so that one with thousands of objects does not hold up the
    /// others. By default they come in the order in which they were added.
    pub fn fair_between_namespaces(mut self) -> Self {
        self.fair = true;
        self
    }

    /// Sets the delays after failures, for each key separately. By default they double from 5 ms to 5 minutes, and half of
    /// each is random.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Creates the queue.
    pub fn build(self) -> WorkQueue {
        let state = Mutex::new(State::new(&self));
        WorkQueue { shared: Arc::new(Shared { state, counters: Counters::new(), changed: Notify::new() }) }
    }
}

impl WorkQueue {
    /// Creates a queue with the default settings.
    pub fn new() -> Self {
        Settings::default().build()
    }

    /// Returns the settings to create a queue with others.
    pub fn settings() -> Settings {
        Settings::default()
    }

    /// Adds a key, to run as soon as possible. Does nothing if the queue is closed.
    pub fn add(&self, key: ObjectKey, priority: Priority) {
        self.add_at(key, priority, None);
    }

    /// Adds a key, to run after this time. It has no effect on one that is to run earlier.
    pub fn add_after(&self, key: ObjectKey, priority: Priority, delay: Duration) {
        self.add_at(key, priority, Some(state::later(Instant::now(), delay)));
    }

    fn add_at(&self, key: ObjectKey, priority: Priority, at: Option<Instant>) {
        let became_ready = self.state().add(Arc::new(key), priority, at, Instant::now());
        self.shared.counters.adds(u64::from(became_ready));
        self.shared.changed.notify_waiters();
    }

    /// Waits for the next key, and for one of those that run to finish if the [limit](Settings::concurrency) is reached.
    /// `None` if the queue is closed.
    ///
    /// Cancel-safe: a future that is dropped takes no key with it.
    pub async fn next(&self) -> Option<Job> {
        loop {
            // Registered before the state is read, so that no change in between is missed.
            let mut changed = pin!(self.shared.changed.notified());
            changed.as_mut().enable();
            let due = {
                let mut state = self.state();
                if state.is_closed() {
                    return None;
                }
                let now = Instant::now();
                self.shared.counters.adds(state.promote(now));
                if let Some(taken) = state.take(now) {
                    self.shared.counters.taken(taken.waited);
                    return Some(Job::new(self.clone(), taken));
                }
                state.next_due()
            };
            match due {
                Some(due) => {
                    tokio::select! {
                        () = changed => {}
                        () = sleep_until(due) => {}
                    }
                }
                None => changed.await,
            }
        }
    }

    fn finish(&self, key: &Arc<ObjectKey>, priority: Priority, outcome: Outcome) -> Option<Duration> {
        let finished = self.state().finish(key, priority, outcome, Instant::now());
        self.shared.counters.finished(&finished, !matches!(outcome, Outcome::Done));
        self.shared.changed.notify_waiters();
        finished.retry
    }

    /// Closes the queue: it accepts and hands out nothing more, and [`next`](Self::next) returns `None`. Keys that were not
    /// handed out are dropped.
    pub fn close(&self) {
        self.state().close();
        self.shared.changed.notify_waiters();
    }

    /// Returns numbers about the queue.
    pub fn statistics(&self) -> QueueStatistics {
        let (counters, state) = (&self.shared.counters, self.state());
        counters.statistics(&state, Instant::now())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing panics in between that leaves the state inconsistent.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for WorkQueue {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for WorkQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let QueueStatistics { depths, scheduled, running, .. } = self.statistics();
        let depth: usize = depths.iter().map(|(_, depth)| depth).sum();
        let mut text = f.debug_struct("WorkQueue");
        text.field("ready", &depth).field("scheduled", &scheduled).field("running", &running).finish_non_exhaustive()
    }
}
