//! Numbers about a controller.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::metrics::{Exposition, Histogram, HistogramSnapshot, Kind};
use crate::queue::{QueueStatistics, WorkQueue};

/// Numbers about a [`Controller`](super::Controller), readable while it runs. Cheap to clone.
///
/// ```no_run
/// use kubewright_controller::ControllerMetrics;
/// use kubewright_controller::metrics::Exposition;
///
/// /// The body of a response to a scrape.
/// fn scrape(controllers: &[ControllerMetrics]) -> String {
///     let mut exposition = Exposition::new();
///     controllers.iter().for_each(|controller| controller.expose(&mut exposition));
///     exposition.to_string()
/// }
/// ```
#[derive(Clone)]
pub struct ControllerMetrics(pub(super) Arc<Counters>);

/// Numbers about reconciles at one time.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReconcileStatistics {
    /// Reconciles that returned [`Action::done`](crate::Action::done).
    pub succeeded: u64,
    /// Reconciles that returned [`Action::requeue_after`](crate::Action::requeue_after).
    pub requeued: u64,
    /// Reconciles that returned an error or panicked.
    pub failed: u64,
    /// Reconciles that panicked.
    pub panicked: u64,
    /// Reconciles that were aborted, because leadership was lost or the shutdown took too long.
    pub aborted: u64,
    /// Reconciles that run now.
    pub active: u64,
    /// The limit of reconciles that run at a time.
    pub concurrency: usize,
    /// How long reconciles took.
    pub time: HistogramSnapshot,
    /// Numbers about the queue; `None` before the controller runs.
    pub queue: Option<QueueStatistics>,
}

/// Bounds of the buckets, in seconds: those of controller-runtime.
const BOUNDS: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.25, 1.5,
    1.75, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 60.0,
];

pub(super) struct Counters {
    name: OnceLock<String>,
    concurrency: OnceLock<usize>,
    queue: OnceLock<WorkQueue>,
    started: AtomicU64,
    ended: AtomicU64,
    succeeded: AtomicU64,
    requeued: AtomicU64,
    failed: AtomicU64,
    panicked: AtomicU64,
    aborted: AtomicU64,
    time: Histogram,
}

/// How a reconcile ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Succeeded,
    Requeued,
    Failed,
    Panicked,
    Aborted,
}

impl Counters {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            name: OnceLock::new(),
            concurrency: OnceLock::new(),
            queue: OnceLock::new(),
            started: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            succeeded: AtomicU64::new(0),
            requeued: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            panicked: AtomicU64::new(0),
            aborted: AtomicU64::new(0),
            time: Histogram::new(BOUNDS),
        })
    }

    /// Sets what is known when the controller starts.
    pub(super) fn describe(&self, name: &str, concurrency: usize, queue: &WorkQueue) {
        let _ = self.name.set(name.to_owned());
        let _ = self.concurrency.set(concurrency);
        let _ = self.queue.set(queue.clone());
    }

    /// Counts a reconcile that starts, and returns its number.
    pub(super) fn started(&self) -> u64 {
        self.started.fetch_add(1, Relaxed) + 1
    }

    pub(super) fn ended(&self, ending: Ending, took: Duration) {
        self.ended.fetch_add(1, Relaxed);
        self.time.observe(took);
        let counter = match ending {
            Ending::Succeeded => &self.succeeded,
            Ending::Requeued => &self.requeued,
            Ending::Failed => &self.failed,
            Ending::Aborted => &self.aborted,
            Ending::Panicked => {
                self.panicked.fetch_add(1, Relaxed);
                &self.failed
            }
        };
        counter.fetch_add(1, Relaxed);
    }
}

impl ControllerMetrics {
    /// Returns the numbers as they are now.
    pub fn statistics(&self) -> ReconcileStatistics {
        let counters = &*self.0;
        let read = |counter: &AtomicU64| counter.load(Relaxed);
        let ended = read(&counters.ended);
        ReconcileStatistics {
            succeeded: read(&counters.succeeded),
            requeued: read(&counters.requeued),
            failed: read(&counters.failed),
            panicked: read(&counters.panicked),
            aborted: read(&counters.aborted),
            active: read(&counters.started).saturating_sub(ended),
            concurrency: counters.concurrency.get().copied().unwrap_or_default(),
            time: counters.time.snapshot(),
            queue: counters.queue.get().map(WorkQueue::statistics),
        }
    }

    /// Adds the numbers to the metrics of a scrape, as `controller_runtime_reconcile_total` and so on: the names, labels and
    /// buckets of controller-runtime. The label `controller` is the controller's [name](super::Controller::name). A
    /// controller that does not run yet adds nothing.
    ///
    /// <https://book.kubebuilder.io/reference/metrics-reference>
    pub fn expose(&self, exposition: &mut Exposition) {
        use Kind::{Counter, Gauge};
        let Some(name) = self.0.name.get() else { return };
        let now = self.statistics();
        let results = [
            ("success", now.succeeded),
            ("requeue_after", now.requeued),
            ("error", now.failed),
            ("aborted", now.aborted),
        ];
        for (result, count) in results {
            let labels = [("controller", name.as_str()), ("result", result)];
            exposition.number(Counter, "controller_runtime_reconcile_total", "Number of reconciles", &labels, count);
        }
        let labels = &[("controller", name.as_str())];
        let mut number = |kind, name, help, value: u64| exposition.number(kind, name, help, labels, value);
        number(Counter, "controller_runtime_reconcile_errors_total", "Number of reconciles that failed", now.failed);
        number(
            Counter,
            "controller_runtime_reconcile_panics_total",
            "Number of reconciles that panicked",
            now.panicked,
        );
        number(Gauge, "controller_runtime_active_workers", "Number of reconciles that run now", now.active);
        number(
            Gauge,
            "controller_runtime_max_concurrent_reconciles",
            "The limit of reconciles that run at a time",
            now.concurrency as u64,
        );
        exposition.histogram(
            "controller_runtime_reconcile_time_seconds",
            "How long reconciles took",
            labels,
            &now.time,
        );
        if let Some(queue) = now.queue {
            queue.expose(name, exposition);
        }
    }
}

impl fmt::Debug for ControllerMetrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ControllerMetrics").field(&self.statistics()).finish()
    }
}
