//! Running a controller.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{join_all, select_all};
use kubewright::Object;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::timeout;

use super::Controller;
use super::context::Context;
use super::ended::{ControllerError, Ended};
use super::reconcile::{self, Shared};
use super::trigger::{BoxFuture, Feed};
use super::waiting::Waiting;
use crate::action::Action;
use crate::key::ObjectKey;
use crate::panics;
use crate::predicate::{ObjectChange, Predicate};
use crate::queue::WorkQueue;
use crate::store::Stopped;

impl<K: Object> Controller<K> {
    /// Runs until the [shutdown](Self::shutdown_on): calls the function for each object that exists when the controller
    /// starts, and whenever a trigger fires for one. The object is its state in the cache at the time of the call. For
    /// objects that no longer exist it is not called: clean up by a [finalizer](crate::finalizer), or use
    /// [`run_with_deleted`](Self::run_with_deleted).
    ///
    /// The function returns what is to be done next. An error, of whatever type, is reported as a `tracing` event, and the
    /// object is reconciled again after its [back-off](Self::backoff); so it is after a panic, unless the program is built
    /// with `panic = "abort"`.
    ///
    /// After the shutdown was requested no reconcile starts, and [`Context::stopping`] is ready. Those that run have the time
    /// of [`shutdown_grace`](Self::shutdown_grace) to end. Then they are aborted where they wait, and reported in [`Ended`].
    ///
    /// It needs a tokio runtime. If the future is dropped, everything ends at once.
    ///
    /// # Errors
    /// If the cache of the controller's objects stops for good. That of a watch does so only if its request can't be built.
    pub async fn run<F, E>(
        self,
        reconcile: impl Fn(Arc<K>, Context) -> F + Send + Sync + 'static,
    ) -> Result<Ended, ControllerError>
    where
        F: Future<Output = Result<Action, E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        let reconcile = move |object: Option<Arc<K>>, context| {
            let running = object.map(|object| reconcile(object, context));
            async move {
                match running {
                    Some(running) => running.await,
                    None => Ok(Action::done()),
                }
            }
        };
        self.run_any(false, reconcile).await
    }

    /// Same as [`run`](Self::run), and calls the function without an object for one that no longer exists. Its key is that
    /// of the [`Context`].
    ///
    /// A deletion is reported to the replica that [may act](Self::gate) on the object at that time. If there is none, if the
    /// object is being handed over, or if no controller runs, it is reported to nobody: for a cleanup that must not be missed, there are [finalizers](crate::finalizer).
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub async fn run_with_deleted<F, E>(
        self,
        reconcile: impl Fn(Option<Arc<K>>, Context) -> F + Send + Sync + 'static,
    ) -> Result<Ended, ControllerError>
    where
        F: Future<Output = Result<Action, E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        self.run_any(true, reconcile).await
    }

    async fn run_any<R, F, E>(self, deleted: bool, reconcile: R) -> Result<Ended, ControllerError>
    where
        R: Fn(Option<Arc<K>>, Context) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Action, E>> + Send + 'static,
        E: Display + Send + 'static,
    {
        let Self {
            name,
            kind,
            primary,
            others,
            queue,
            concurrency,
            gate,
            shutdown,
            shutdown_grace,
            sync_timeout,
            counters,
        } = self;
        let queue = queue.concurrency(concurrency).build();
        counters.describe(&name, concurrency, &queue);
        let (stop, stopping) = watch::channel(false);
        let store = primary.store().clone();
        let shared = Arc::new(Shared {
            waiting: Waiting::new(gate, primary.shard.as_ref().map(|shard| shard.coverage.clone())),
            kind: kind.kind,
            store: store.clone(),
            counters,
            stopping,
            deleted,
            reconcile,
            name,
        });

        let primary = primary.predicate(remembering(&shared));
        let own = primary.start(shared.kind.clone(), |object: &K| [ObjectKey::of(object.metadata())], queue.clone());
        let mut feeds = JoinSet::new();
        let own_synced = feed(&mut feeds, own).map(|(_, synced)| synced);
        let others: Vec<_> = others.into_iter().filter_map(|start| feed(&mut feeds, start(queue.clone()))).collect();
        feeds.spawn({
            let (shared, queue, store) = (shared.clone(), queue.clone(), store.clone());
            let changes = shared.waiting.changes();
            async move { shared.waiting.admit(changes, &store, &queue).await }
        });

        let mut shutdown = Box::pin(any(shutdown));
        let mut running = Running { reconciles: JoinSet::new(), keys: HashMap::new() };
        let stopped = tokio::select! {
            () = &mut shutdown => None,
            stopped = store.stopped() => Some(stopped),
            stopped = async {
                if let Some(synced) = own_synced {
                    synced.await;
                }
                wait_synced(others, sync_timeout).await;
                dispatch(&shared, &queue, &mut running, &mut feeds).await
            } => stopped,
        };

        queue.close();
        stop.send_replace(true);
        let ended = running.end(shutdown_grace, &shared.name).await;
        // Until here, since reconciles may wait for a cache.
        drop(feeds);
        match stopped {
            None => Ok(ended),
            Some(stopped) => Err(ControllerError { controller: shared.name.clone(), stopped, ended }),
        }
    }
}

/// Starts reconciles until the queue is closed.
async fn dispatch<K, R, F, E>(
    shared: &Arc<Shared<K, R>>,
    queue: &WorkQueue,
    running: &mut Running,
    feeds: &mut JoinSet<()>,
) -> Option<Stopped>
where
    K: Object,
    R: Fn(Option<Arc<K>>, Context) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Action, E>> + Send + 'static,
    E: Display + Send + 'static,
{
    loop {
        tokio::select! {
            Some(joined) = running.reconciles.join_next_with_id() => running.joined(joined),
            job = queue.next() => {
                // Closed by nobody but us, when this has ended.
                let job = job?;
                let key = job.key().clone();
                let task = running.reconciles.spawn(reconcile::reconcile(shared.clone(), job));
                running.keys.insert(task.id(), key);
            }
            Some(Err(error)) = feeds.join_next() => {
                let panic = error.try_into_panic();
                let panic = panic.as_ref().map_or("(aborted)", |panic| panics::text(&**panic));
                tracing::error!(controller = shared.name, panic, "a trigger of the controller panicked and has ended");
            }
        }
    }
}

/// A predicate for the controller's own objects that lets everything pass, and remembers what is needed of deleted ones.
fn remembering<K: Object, R: Send + Sync + 'static>(shared: &Arc<Shared<K, R>>) -> Predicate<K> {
    let shared = shared.clone();
    Predicate::new(move |change: &ObjectChange<'_, K>| {
        match change {
            _ if !shared.deleted => {}
            ObjectChange::Deleted(object) => shared.waiting.deleted(*object),
            change => shared.waiting.exists(&ObjectKey::of(change.object().metadata())),
        }
        true
    })
}

/// Runs a trigger. Returns what it is, and when its cache has its initial objects.
fn feed(feeds: &mut JoinSet<()>, feed: Feed) -> Option<(String, BoxFuture<()>)> {
    feeds.spawn(feed.run);
    if let Some(driver) = feed.driver {
        feeds.spawn(driver);
    }
    feed.synced.map(|synced| (feed.what, synced))
}

/// Waits until the caches have their initial objects, but not for ever.
async fn wait_synced(caches: Vec<(String, BoxFuture<()>)>, limit: Duration) {
    let all = caches.into_iter().map(|(what, synced)| async move {
        if timeout(limit, synced).await.is_err() {
            tracing::warn!(trigger = what, "a cache has no initial objects yet; reconciles start without");
        }
    });
    join_all(all).await;
}

/// Waits for the first of these; for ever if there is none.
async fn any(futures: Vec<BoxFuture<()>>) {
    if futures.is_empty() {
        return std::future::pending().await;
    }
    select_all(futures).await;
}

/// The reconciles that run.
struct Running {
    reconciles: JoinSet<()>,
    keys: HashMap<Id, ObjectKey>,
}

impl Running {
    fn joined(&mut self, joined: Result<(Id, ()), JoinError>) {
        let id = match joined {
            Ok((id, ())) => id,
            // Panics of the user's function are caught before; this one would be ours.
            Err(error) => {
                if error.is_panic() {
                    tracing::error!(%error, "a task of the controller panicked; its object is retried");
                }
                error.id()
            }
        };
        self.keys.remove(&id);
    }

    /// Waits for the reconciles to end, and aborts those that don't in time.
    async fn end(mut self, grace: Duration, controller: &str) -> Ended {
        let all = async {
            while let Some(joined) = self.reconciles.join_next_with_id().await {
                self.joined(joined);
            }
        };
        if timeout(grace, all).await.is_ok() {
            return Ended { aborted: Vec::new() };
        }
        self.reconciles.abort_all();
        let mut aborted = Vec::new();
        while let Some(joined) = self.reconciles.join_next_with_id().await {
            // One may have ended at the last moment.
            if let Err(error) = &joined
                && error.is_cancelled()
                && let Some(key) = self.keys.get(&error.id())
            {
                tracing::warn!(controller, object = %key, ?grace, "a reconcile did not end in time and was aborted");
                aborted.push(key.clone());
            }
            self.joined(joined);
        }
        aborted.sort_unstable();
        Ended { aborted }
    }
}
