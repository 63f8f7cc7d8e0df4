//! Numbers about a queue.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::time::Instant;

use super::Priority;
use super::state::{Finished, State};
use crate::metrics::{Exposition, Histogram, HistogramSnapshot, Kind};

/// Numbers about a [`WorkQueue`](super::WorkQueue) at one time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct QueueStatistics {
    /// Number of keys that are ready, by priority.
    pub depths: Vec<(Priority, usize)>,
    /// Number of keys that are scheduled for a later time, because of a failure or of `requeue_after`.
    pub scheduled: usize,
    /// Number of keys that were handed out and are not finished.
    pub running: usize,
    /// Number of keys whose last run failed.
    pub failing: usize,
    /// How often a key became ready.
    pub adds: u64,
    /// How often a key was added again by its run, because of a failure or of `requeue_after`.
    pub retries: u64,
    /// How long keys were ready before they were handed out.
    pub queue_duration: HistogramSnapshot,
    /// How long keys ran.
    pub work_duration: HistogramSnapshot,
    /// How long those that run now have run together.
    pub unfinished_work: Duration,
    /// How long the one that has run for the longest time has run.
    pub longest_running: Duration,
}

/// Bounds of the buckets, in seconds: those of controller-runtime.
const BOUNDS: &[f64] = &[1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0, 100.0, 1000.0];

pub(super) struct Counters {
    adds: AtomicU64,
    retries: AtomicU64,
    queue_duration: Histogram,
    work_duration: Histogram,
}

impl Counters {
    pub(super) fn new() -> Self {
        Self {
            adds: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            queue_duration: Histogram::new(BOUNDS),
            work_duration: Histogram::new(BOUNDS),
        }
    }

    pub(super) fn adds(&self, count: u64) {
        self.adds.fetch_add(count, Relaxed);
    }

    pub(super) fn taken(&self, waited: Duration) {
        self.queue_duration.observe(waited);
    }

    pub(super) fn finished(&self, finished: &Finished, is_retry: bool) {
        self.work_duration.observe(finished.ran);
        self.adds(finished.became_ready);
        self.retries.fetch_add(u64::from(is_retry), Relaxed);
    }

    pub(super) fn statistics(&self, state: &State, now: Instant) -> QueueStatistics {
        let ran = || state.running().map(|since| now.saturating_duration_since(since));
        QueueStatistics {
            depths: state.depths(),
            scheduled: state.scheduled(),
            running: state.running().len(),
            failing: state.failing(),
            adds: self.adds.load(Relaxed),
            retries: self.retries.load(Relaxed),
            queue_duration: self.queue_duration.snapshot(),
            work_duration: self.work_duration.snapshot(),
            unfinished_work: ran().sum(),
            longest_running: ran().max().unwrap_or_default(),
        }
    }
}

impl QueueStatistics {
    /// Adds the numbers to the metrics of a scrape, as `workqueue_depth`, `workqueue_adds_total` and so on: the names of
    /// controller-runtime, with the labels `name` and `controller`.
    pub fn expose(&self, controller: &str, exposition: &mut Exposition) {
        use Kind::{Counter, Gauge};
        let labels = &[("name", controller), ("controller", controller)];
        let empty = [Priority::DEFAULT, Priority::LOW].into_iter().map(|priority| (priority, 0));
        let absent = empty.filter(|(priority, _)| self.depths.iter().all(|(known, _)| known != priority));
        for (priority, depth) in self.depths.iter().copied().chain(absent) {
            let priority = priority.0.to_string();
            let labels = [("name", controller), ("controller", controller), ("priority", &*priority)];
            exposition.number(Gauge, "workqueue_depth", "Current depth of the work queue", &labels, depth);
        }
        let mut number = |kind, name, help, value: f64| exposition.number(kind, name, help, labels, value);
        number(Counter, "workqueue_adds_total", "Number of keys that became ready", self.adds as f64);
        number(Counter, "workqueue_retries_total", "Number of keys that were added again", self.retries as f64);
        number(
            Gauge,
            "workqueue_unfinished_work_seconds",
            "How long the keys that run now have run together",
            self.unfinished_work.as_secs_f64(),
        );
        number(
            Gauge,
            "workqueue_longest_running_processor_seconds",
            "How long the key that has run for the longest time has run",
            self.longest_running.as_secs_f64(),
        );
        let waited = "How long keys were ready before they ran";
        exposition.histogram("workqueue_queue_duration_seconds", waited, labels, &self.queue_duration);
        exposition.histogram("workqueue_work_duration_seconds", "How long keys ran", labels, &self.work_duration);
    }
}
