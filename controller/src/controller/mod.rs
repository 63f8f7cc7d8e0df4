//! Controllers: a function that makes the cluster match each object of a kind, called whenever something may have changed.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use kubewright::apps::v1::Deployment;
//! use kubewright::core::v1::ConfigMap;
//! use kubewright::{Api, Client};
//! use kubewright_controller::{Action, Cache, Context, Controller, Predicate};
//!
//! async fn reconcile(client: Client, deployment: Arc<Deployment>, _: Context) -> kubewright::Result<Action> {
//!     // Compare what should exist with what does, and change the difference.
//!     Ok(Action::done())
//! }
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::try_default().await?;
//! let cache = Cache::new(&client);
//! let stop = kubewright_controller::signal::shutdown()?; // SIGTERM, or SIGINT
//! Controller::new(cache.of::<Deployment>().store())
//!     .predicate(Predicate::generation())
//!     .owns(cache.of::<ConfigMap>().store())
//!     .concurrency(20)
//!     .shutdown_on(async move {
//!         stop.await;
//!     })
//!     .run(move |deployment, context| reconcile(client.clone(), deployment, context))
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! - **Triggers** are caches ([`owns`](Controller::owns), [`watches`](Controller::watches)), streams
//!   ([`reconcile_on`](Controller::reconcile_on)) and schedules ([`schedule`](Controller::schedule)). Each runs for itself: one
//!   that fails or ends neither stops nor slows the others, and is reported as a `tracing` event.
//! - **Reconciles** start when all caches have their initial objects. One object is never reconciled twice at a time; the
//!   [queue](crate::queue) says in which order.
//! - **Errors** of reconciles are reported and retried with a back-off of the object. So are panics.
//! - **Shutdown**: no reconcile starts any more, and those that run have a time to end. See [`run`](Controller::run).
//!
//! Each reconcile has a `tracing` span `reconcile`, with the controller, kind, namespace, name and a `reconcile_id`.

mod context;
mod ended;
mod reconcile;
mod run;
mod statistics;
#[cfg(test)]
mod tests;
mod trigger;
mod waiting;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_core::Stream;
use futures_util::StreamExt as _;
use kubewright::retry::Backoff;
use kubewright::{DynamicResource, Object, Resource};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

pub use self::context::Context;
pub use self::ended::{ControllerError, Ended};
pub use self::statistics::{ControllerMetrics, ReconcileStatistics};
pub use self::trigger::Trigger;

use self::statistics::Counters;
use self::trigger::{BoxFuture, Feed, Start};
use crate::gate::Gate;
use crate::key::ObjectKey;
use crate::owner;
use crate::predicate::Predicate;
use crate::queue::{Priority, Settings, WorkQueue};
use crate::store::Store;

/// Default limit of reconciles that run at a time.
const CONCURRENCY: usize = 10;

/// Default time that running reconciles have to end, which is a bit less than the 30 seconds that a pod has by default.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(25);

/// Default time that the caches of triggers have for their initial objects, as in controller-runtime.
const SYNC_TIMEOUT: Duration = Duration::from_secs(120);

/// A controller of the objects of one kind. See the [module](self).
#[must_use = "a controller does nothing until it is run"]
pub struct Controller<K> {
    name: String,
    kind: DynamicResource,
    primary: Trigger<K>,
    others: Vec<Start>,
    queue: Settings,
    concurrency: usize,
    gate: Gate,
    shutdown: Vec<BoxFuture<()>>,
    shutdown_grace: Duration,
    sync_timeout: Duration,
    counters: Arc<Counters>,
}

impl<K: Resource> Controller<K> {
    /// Creates a controller of the objects of a cache, or of an [`Api`](kubewright::Api) or
    /// [`Watcher`](kubewright::watch::Watcher) for which it keeps a cache of its own.
    ///
    /// With a [`ShardWatcher`](crate::sharding::ShardWatcher) it is one of several replicas that share the objects: its cache
    /// has those that this replica owns, and its [gate](Self::gate) is that of the watcher.
    pub fn new(objects: impl Into<Trigger<K>>) -> Self {
        Self::of_resource(&K::RESOURCE.into(), objects)
    }
}

impl<K: Object> Controller<K> {
    /// Creates a controller for a resource known only at run time, or of metadata alone: `K` is
    /// [`DynamicObject`](kubewright::DynamicObject) or [`PartialObjectMetadata`](kubewright::PartialObjectMetadata).
    pub fn of_resource(resource: &DynamicResource, objects: impl Into<Trigger<K>>) -> Self {
        let primary = objects.into();
        let gate = primary.shard.as_ref().map_or_else(Gate::always_open, |shard| shard.gate.clone());
        Self {
            name: resource.kind.to_ascii_lowercase(),
            kind: resource.clone(),
            primary,
            others: Vec::new(),
            queue: WorkQueue::settings(),
            concurrency: CONCURRENCY,
            gate,
            shutdown: Vec::new(),
            shutdown_grace: SHUTDOWN_GRACE,
            sync_timeout: SYNC_TIMEOUT,
            counters: Counters::new(),
        }
    }

    /// Sets the name in metrics, logs and spans. The default is the kind in lower case; a second controller of a kind needs
    /// another.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Ignores changes of the controller's own objects that this predicate does not let pass. Those of other triggers have
    /// [predicates of their own](Trigger::predicate).
    pub fn predicate(mut self, predicate: Predicate<K>) -> Self {
        self.primary = self.primary.predicate(predicate);
        self
    }

    /// Reconciles an object when another one changes that it controls: that has an owner reference to it with `controller:
    /// true`, as [`Owner::controller`](crate::owner::Owner::controller) sets it.
    pub fn owns<C: Object>(self, children: impl Into<Trigger<C>>) -> Self {
        self.owned(children.into(), true)
    }

    /// Reconciles an object when another one changes that has any owner reference to it.
    pub fn owns_any<C: Object>(self, children: impl Into<Trigger<C>>) -> Self {
        self.owned(children.into(), false)
    }

    fn owned<C: Object>(mut self, children: Trigger<C>, only_controller: bool) -> Self {
        let kind = self.kind.clone();
        let owners = move |child: &C| owner::owners(child.metadata(), &kind, only_controller).collect::<Vec<_>>();
        let what = format!("owned {}", C::table().name);
        self.others.push(Box::new(move |queue| children.start(what, owners, queue)));
        self
    }

    /// Reconciles the objects with the keys that the function returns for an object that changes. It is called for the state
    /// before a change as well: what an object no longer refers to is also reconciled.
    pub fn watches<T, I>(
        mut self,
        objects: impl Into<Trigger<T>>,
        keys: impl Fn(&T) -> I + Send + Sync + 'static,
    ) -> Self
    where
        T: Object,
        I: IntoIterator<Item = ObjectKey> + 'static,
    {
        let objects = objects.into();
        let what = format!("watched {}", T::table().name);
        self.others.push(Box::new(move |queue| objects.start(what, keys, queue)));
        self
    }

    /// Reconciles the objects with the keys of a stream, such as the receiver of a channel.
    pub fn reconcile_on(mut self, keys: impl Stream<Item = ObjectKey> + Send + 'static) -> Self {
        self.stream("stream of keys", move |queue| {
            let mut keys = Box::pin(keys);
            async move {
                while let Some(key) = keys.next().await {
                    queue.add(key, Priority::DEFAULT);
                    tokio::task::coop::consume_budget().await;
                }
            }
        });
        self
    }

    /// Reconciles all objects for each item of a stream, such as when a configuration was reloaded. They come after those
    /// that changed.
    pub fn reconcile_all_on(mut self, stream: impl Stream<Item = ()> + Send + 'static) -> Self {
        let store = self.primary.store().clone();
        self.stream("stream for all objects", move |queue| {
            let mut stream = Box::pin(stream);
            async move {
                while stream.next().await.is_some() {
                    add_all(&store, &queue);
                    tokio::task::coop::consume_budget().await;
                }
            }
        });
        self
    }

    /// Reconciles all objects each time that this period has passed, for what no watch reports, such as resources outside of
    /// the cluster. They come after those that changed. Zero counts as a millisecond.
    ///
    /// controller-runtime does it every 10 hours (`SyncPeriod`); here it is off by default.
    pub fn schedule(mut self, period: Duration) -> Self {
        let (store, period) = (self.primary.store().clone(), period.max(Duration::from_millis(1)));
        self.stream("schedule", move |queue| async move {
            if let Some(first) = Instant::now().checked_add(period) {
                let mut ticks = interval_at(first, period);
                ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
                loop {
                    ticks.tick().await;
                    add_all(&store, &queue);
                }
            }
        });
        self
    }

    fn stream<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        what: &'static str,
        run: impl FnOnce(WorkQueue) -> F + Send + 'static,
    ) {
        self.others.push(Box::new(move |queue| {
            let run = run(queue);
            let run = async move {
                run.await;
                tracing::debug!(trigger = what, "a trigger of the controller has ended");
            };
            Feed { what: what.to_owned(), synced: None, driver: None, run: Box::pin(run) }
        }));
    }

    /// Limits the reconciles that run at a time; 0 counts as 1. The default is 10. (controller-runtime has 1, and kube no
    /// limit.)
    pub fn concurrency(mut self, limit: usize) -> Self {
        self.concurrency = limit.max(1);
        self
    }

    /// Lets namespaces take turns: one with thousands of objects that changed does not hold up the others.
    pub fn fair_between_namespaces(mut self) -> Self {
        self.queue = self.queue.fair_between_namespaces();
        self
    }

    /// Sets the delays after errors, for each object separately. By default they double from 5 ms to 5 minutes, and half of
    /// each is random.
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.queue = self.queue.backoff(backoff);
        self
    }

    /// Reconciles only the objects for which this replica may act: the gate of
    /// [leader election](crate::election) or [scale-out](crate::sharding).
    ///
    /// Caches are kept up to date meanwhile, so that a replica that becomes the leader starts at once. When it no longer may
    /// act, running reconciles are dropped where they wait, before another replica begins. What was not admitted is
    /// reconciled when the gate opens for it.
    pub fn gate(mut self, gate: Gate) -> Self {
        self.gate = gate;
        self
    }

    /// Shuts down when this future ends, such as one that waits for `SIGTERM`. Of several, the first counts.
    pub fn shutdown_on(mut self, signal: impl Future<Output = ()> + Send + 'static) -> Self {
        self.shutdown.push(Box::pin(signal));
        self
    }

    /// Sets the time that running reconciles have to end after the shutdown was requested. The default is 25 seconds, which
    /// is less than the [30 seconds](https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination) that
    /// a pod has.
    pub fn shutdown_grace(mut self, grace: Duration) -> Self {
        self.shutdown_grace = grace;
        self
    }

    /// Sets the time after which reconciles start although caches of other triggers have no initial objects yet, for example
    /// because their CRD is not installed. A warning names them. The default is 2 minutes.
    ///
    /// The controller's own objects are waited for without a limit. A reconcile that reads another cache, and must not take
    /// an absent object for one that does not exist, checks [`Store::is_synced`].
    pub fn sync_timeout(mut self, timeout: Duration) -> Self {
        self.sync_timeout = timeout;
        self
    }

    /// Returns the cache of the controller's objects.
    pub fn store(&self) -> &Store<K> {
        self.primary.store()
    }

    /// Returns a handle of the numbers about this controller, to be read while it runs.
    pub fn metrics(&self) -> ControllerMetrics {
        ControllerMetrics(self.counters.clone())
    }
}

fn add_all<K: Object>(store: &Store<K>, queue: &WorkQueue) {
    for object in store.list().iter() {
        queue.add(ObjectKey::of(object.metadata()), Priority::LOW);
    }
}

impl<K> fmt::Debug for Controller<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Controller");
        text.field("name", &self.name).field("kind", &self.kind.kind).finish_non_exhaustive()
    }
}
