//! Draining a node: the node is cordoned and its pods are evicted.
//!
//! ```no_run
//! use std::time::Duration;
//! use kubewright::prelude::*;
//! use kubewright_ops::prelude::*;
//!
//! # async fn run(client: Client) -> Result<(), kubewright_ops::drain::DrainError> {
//! let nodes = client.core_v1().nodes();
//! let report = nodes
//!     .drain("node-1")
//!     .ignore_daemon_sets()
//!     .delete_empty_dir_data()
//!     .timeout(Duration::from_secs(600))
//!     .on_event(|event| println!("{event}"))
//!     .await?;
//! println!("{report}");
//! # Ok(())
//! # }
//! ```

mod event;
mod filter;
mod report;
mod run;

pub use event::{DrainEvent, PodId};
pub use filter::{Obstacle, SkipReason};
pub use report::{DrainError, DrainReport, DrainedPod, PodOutcome};

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use kubewright::core::v1::Nodes;

use crate::evict::RETRY_EVERY;
use crate::sealed::Sealed;

/// How many requests are in flight at once by default.
const PARALLEL: usize = 16;

/// Draining, as a method of [`Nodes`].
pub trait DrainExt: Sealed {
    /// Drains a node: [cordons](crate::cordon::CordonExt::cordon) it, evicts its pods, and waits until they are gone.
    ///
    /// Follows `kubectl drain`: mirror pods are skipped; pods of DaemonSets, pods with data in an `emptyDir`, and pods
    /// without a controller block the drain before anything is evicted, unless
    /// [`ignore_daemon_sets`](DrainRequest::ignore_daemon_sets),
    /// [`delete_empty_dir_data`](DrainRequest::delete_empty_dir_data) and [`force`](DrainRequest::force) override that.
    /// Finished pods are always evicted. An eviction that a PodDisruptionBudget forbids, or that can't reach the
    /// server, is retried until the time-out.
    ///
    /// The node stays cordoned, however the drain ends.
    ///
    /// <https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/>
    fn drain(&self, name: &str) -> DrainRequest;
}

impl DrainExt for Nodes {
    fn drain(&self, name: &str) -> DrainRequest {
        DrainRequest {
            nodes: self.clone(),
            node: name.to_owned(),
            options: Options {
                ignore_daemon_sets: false,
                delete_empty_dir_data: false,
                force: false,
                disable_eviction: false,
                dry_run: false,
                grace_period_seconds: None,
                timeout: None,
                skip_wait_for_delete: None,
                pod_selector: None,
                retry_every: RETRY_EVERY,
                parallel: PARALLEL,
            },
            listener: None,
        }
    }
}

type Listener = Box<dyn FnMut(&DrainEvent<'_>) + Send>;

/// Request that drains a node. See [`DrainExt::drain`].
#[must_use = "a request does nothing until it is awaited"]
pub struct DrainRequest {
    nodes: Nodes,
    node: String,
    options: Options,
    listener: Option<Listener>,
}

#[derive(Clone, Debug)]
struct Options {
    ignore_daemon_sets: bool,
    delete_empty_dir_data: bool,
    force: bool,
    disable_eviction: bool,
    dry_run: bool,
    grace_period_seconds: Option<i64>,
    timeout: Option<Duration>,
    skip_wait_for_delete: Option<Duration>,
    pod_selector: Option<String>,
    retry_every: Duration,
    parallel: usize,
}

impl DrainRequest {
    /// Skips the pods of DaemonSets, whose controller ignores cordoning.
    pub fn ignore_daemon_sets(mut self) -> Self {
        self.options.ignore_daemon_sets = true;
        self
    }

    /// Also evicts pods with an `emptyDir`, whose data is then lost.
    pub fn delete_empty_dir_data(mut self) -> Self {
        self.options.delete_empty_dir_data = true;
        self
    }

    /// Also evicts pods that nothing would recreate: those without a controller, and those whose DaemonSet is not
    /// found.
    pub fn force(mut self) -> Self {
        self.options.force = true;
        self
    }

    /// Deletes the pods instead of evicting them, which bypasses PodDisruptionBudgets. Use with care.
    pub fn disable_eviction(mut self) -> Self {
        self.options.disable_eviction = true;
        self
    }

    /// Sends every step as a dry run, budgets included, and changes nothing. It does not wait: a pod whose eviction a
    /// budget forbids is [`Blocked`](PodOutcome::Blocked) in the report.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(mut self) -> Self {
        self.options.dry_run = true;
        self
    }

    /// Sets the grace period of each pod, in seconds; 0 is immediate. The default is each pod's own.
    pub fn grace_period_seconds(mut self, seconds: i64) -> Self {
        self.options.grace_period_seconds = Some(seconds);
        self
    }

    /// Limits the time for evicting all pods and waiting for their deletion. After it, the drain fails with an error
    /// that lists the remaining pods and why. The default is no limit.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.options.timeout = Some(limit);
        self
    }

    /// Does not wait for pods whose deletion is overdue by more than this, such as those of an unreachable node. The
    /// default is to wait for all.
    pub fn skip_wait_for_delete_timeout(mut self, overdue: Duration) -> Self {
        self.options.skip_wait_for_delete = Some(overdue);
        self
    }

    /// Evicts only pods whose labels match, such as `app=web`. All others are ignored.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>
    pub fn pod_selector(mut self, labels: &str) -> Self {
        self.options.pod_selector = Some(labels.to_owned());
        self
    }

    /// Sets the delay before retrying an eviction that a budget forbids, unless the server asks for a longer one;
    /// jitter shortens it by up to a fifth. The default is 5 seconds.
    pub fn retry_every(mut self, pause: Duration) -> Self {
        self.options.retry_every = pause;
        self
    }

    /// Sets the maximum number of requests in flight; 0 counts as 1. The default is 16. Pods that wait do not count.
    pub fn parallel(mut self, requests: usize) -> Self {
        self.options.parallel = requests.max(1);
        self
    }

    /// Calls `on_event` with each event of the drain. It is called between two steps of the drain and should return
    /// quickly.
    pub fn on_event(mut self, listener: impl FnMut(&DrainEvent<'_>) + Send + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }
}

impl fmt::Debug for DrainRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DrainRequest").field("node", &self.node).field("options", &self.options).finish_non_exhaustive()
    }
}

impl IntoFuture for DrainRequest {
    type Output = Result<DrainReport, DrainError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(run::run(self))
    }
}
