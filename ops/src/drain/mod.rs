//! Draining a node: nothing new comes onto it, and what runs on it is evicted.
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

/// How many requests are under way at once.
const PARALLEL: usize = 16;

/// Draining, as a method of [`Nodes`].
pub trait DrainExt: Sealed {
    /// Drains a node: [cordons](crate::cordon::CordonExt::cordon) it, evicts its pods, and waits until they are gone.
    ///
    /// As `kubectl drain` does it: pods that the kubelet runs by itself (mirror pods) stay; pods of daemon sets, pods with
    /// data in an `emptyDir`, and pods that nothing would start again stop the drain before anything is evicted, unless
    /// [`ignore_daemon_sets`](DrainRequest::ignore_daemon_sets),
    /// [`delete_empty_dir_data`](DrainRequest::delete_empty_dir_data) and [`force`](DrainRequest::force) say otherwise.
    /// Pods that have finished go in any case. Where a disruption budget forbids an eviction, it is tried again until
    /// time is up. Where the server can't be reached meanwhile, it is asked again until time is up, too.
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

/// Drains a node. See [`DrainExt::drain`].
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
    /// Leaves the pods of daemon sets where they are: their controller puts them onto cordoned nodes, too.
    pub fn ignore_daemon_sets(mut self) -> Self {
        self.options.ignore_daemon_sets = true;
        self
    }

    /// Evicts pods with an `emptyDir` as well, whose data is lost then.
    pub fn delete_empty_dir_data(mut self) -> Self {
        self.options.delete_empty_dir_data = true;
        self
    }

    /// Evicts pods as well that nothing will start again: those without a controller, and those whose daemon set is gone.
    pub fn force(mut self) -> Self {
        self.options.force = true;
        self
    }

    /// Deletes the pods instead of evicting them, which no disruption budget forbids. Use it with care.
    pub fn disable_eviction(mut self) -> Self {
        self.options.disable_eviction = true;
        self
    }

    /// Asks the server about every step, budgets included, but changes nothing. It does not wait: a pod that a budget
    /// would keep is [`Blocked`](PodOutcome::Blocked) in the report.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run>
    pub fn dry_run(mut self) -> Self {
        self.options.dry_run = true;
        self
    }

    /// How long each pod may take to shut down, in seconds; 0 is at once. The default is each pod's own.
    pub fn grace_period_seconds(mut self, seconds: i64) -> Self {
        self.options.grace_period_seconds = Some(seconds);
        self
    }

    /// How long evicting and shutting down may take in all; then the drain ends with an error that says which pods remain,
    /// and why. The default is no limit.
    pub fn timeout(mut self, limit: Duration) -> Self {
        self.options.timeout = Some(limit);
        self
    }

    /// Does not wait for pods that should have been gone for longer than this: those of a node that is unreachable never
    /// go. The default is to wait for all.
    pub fn skip_wait_for_delete_timeout(mut self, overdue: Duration) -> Self {
        self.options.skip_wait_for_delete = Some(overdue);
        self
    }

    /// Evicts those pods alone whose labels match, such as `app=web`. The others are not looked at.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>
    pub fn pod_selector(mut self, labels: &str) -> Self {
        self.options.pod_selector = Some(labels.to_owned());
        self
    }

    /// How long to wait before evicting a pod again that a budget keeps, where the server does not ask for more; by
    /// chance up to a fifth less. The default is 5 seconds.
    pub fn retry_every(mut self, pause: Duration) -> Self {
        self.options.retry_every = pause;
        self
    }

    /// How many requests may be under way at once; 0 counts as 1. The default is 16. Pods that wait hold no place.
    pub fn parallel(mut self, requests: usize) -> Self {
        self.options.parallel = requests.max(1);
        self
    }

    /// Is told what happens, as it happens. It is called between two steps of the drain: it should not take long.
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
