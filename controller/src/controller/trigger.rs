//! What triggers reconciles: the changes of a cache.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use futures_core::Stream;
use futures_util::StreamExt as _;
use kubewright::watch::{Watcher, WatcherEvent};
use kubewright::{Api, Object, verbs};
use tokio::sync::oneshot;

use crate::coverage::Shard;
use crate::key::ObjectKey;
use crate::panics;
use crate::predicate::{ObjectChange, Predicate};
use crate::queue::{Priority, WorkQueue};
use crate::reflector::Reflector;
use crate::sharding::ShardWatcher;
use crate::store::{Change, Store, Subscription};

pub(super) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A cache whose changes trigger reconciles, and which of them.
///
/// It is made from a [`Store`], which may have other users, or from an [`Api`], a [`Watcher`], or a [`ShardWatcher`] for the
/// objects that this replica owns, for which the controller keeps a cache of its own.
///
/// ```no_run
/// # use kubewright::core::v1::ConfigMap;
/// # use kubewright::Api;
/// # use kubewright_controller::{Predicate, Store, Trigger};
/// # fn example(store: &Store<ConfigMap>, maps: Api<ConfigMap>) {
/// let shared = Trigger::from(store).predicate(Predicate::labels());
/// let own = Trigger::from(maps.list().labels("app=web").watcher());
/// # }
/// ```
#[must_use]
pub struct Trigger<T> {
    store: Store<T>,
    /// Fills the store, if that is up to the controller.
    driver: Option<BoxFuture<()>>,
    predicate: Option<Predicate<T>>,
    /// If the cache has only the objects that this replica owns.
    pub(super) shard: Option<Shard>,
}

impl<T: Object> Trigger<T> {
    /// Ignores changes that this predicate does not let pass. All predicates of a trigger must let a change pass.
    pub fn predicate(mut self, predicate: Predicate<T>) -> Self {
        self.predicate = Some(match self.predicate {
            Some(known) => known.and(predicate),
            None => predicate,
        });
        self
    }

    /// Returns the cache.
    pub fn store(&self) -> &Store<T> {
        &self.store
    }
}

impl<T: Object> From<Store<T>> for Trigger<T> {
    fn from(store: Store<T>) -> Self {
        Self { store, driver: None, predicate: None, shard: None }
    }
}

impl<T: Object> From<&Store<T>> for Trigger<T> {
    fn from(store: &Store<T>) -> Self {
        store.clone().into()
    }
}

/// With a cache of its own, such as one that is [packed](Reflector::packed).
impl<T, W> From<Reflector<T, W>> for Trigger<T>
where
    T: Object,
    W: Stream<Item = kubewright::Result<WatcherEvent<T>>> + Send + 'static,
{
    fn from(mut reflector: Reflector<T, W>) -> Self {
        let shard = reflector.shard.take();
        let (store, driver) = reflector.start();
        let driver = async move {
            // Its error is the store's, which is reported with it.
            let _ = driver.await;
        };
        Self { store, driver: Some(Box::pin(driver)), predicate: None, shard }
    }
}

/// With a cache of its own.
impl<T: Object> From<Watcher<T>> for Trigger<T> {
    fn from(watcher: Watcher<T>) -> Self {
        Reflector::new(watcher).into()
    }
}

/// The objects that this replica owns, with a cache of its own. A controller of them has the gate of the watch.
impl<T: Object> From<ShardWatcher<T>> for Trigger<T> {
    fn from(watcher: ShardWatcher<T>) -> Self {
        watcher.reflector().into()
    }
}

/// All objects of the handle's scope, with a cache of its own.
impl<T: Object + verbs::List + verbs::Watch> From<Api<T>> for Trigger<T> {
    fn from(api: Api<T>) -> Self {
        api.list().watcher().into()
    }
}

/// All objects of the handle's scope, with a cache of its own.
impl<T: Object + verbs::List + verbs::Watch> From<&Api<T>> for Trigger<T> {
    fn from(api: &Api<T>) -> Self {
        api.list().watcher().into()
    }
}

/// A trigger that is running: three futures, of which each is polled for itself.
pub(super) struct Feed {
    /// For messages, such as `owned Deployment`.
    pub(super) what: String,
    /// Ends when the keys of everything that exists at the start are in the queue.
    pub(super) synced: Option<BoxFuture<()>>,
    /// Fills the cache.
    pub(super) driver: Option<BoxFuture<()>>,
    /// Adds keys to the queue until the trigger ends.
    pub(super) run: BoxFuture<()>,
}

/// Makes a [`Feed`] once there is a queue.
pub(super) type Start = Box<dyn FnOnce(WorkQueue) -> Feed + Send>;

impl<T: Object> Trigger<T> {
    /// Starts to add the keys that the function returns for the state before and after each change.
    pub(super) fn start<I>(self, what: String, keys: impl Fn(&T) -> I + Send + Sync + 'static, queue: WorkQueue) -> Feed
    where
        I: IntoIterator<Item = ObjectKey> + 'static,
    {
        let Self { store, driver, predicate, shard: _ } = self;
        let (initial, synced) = oneshot::channel();
        let run = follow(what.clone(), store.subscribe(), initial, predicate, keys, queue);
        Feed {
            what,
            synced: Some(Box::pin(async move {
                // A cache that stops before is reported where its changes are followed.
                let _ = synced.await;
            })),
            driver,
            run: Box::pin(run),
        }
    }
}

async fn follow<T: Object, I: IntoIterator<Item = ObjectKey>>(
    what: String,
    mut subscription: Subscription<T>,
    initial: oneshot::Sender<()>,
    predicate: Option<Predicate<T>>,
    keys: impl Fn(&T) -> I + Send + Sync + 'static,
    queue: WorkQueue,
) {
    let mut initial = Some(initial);
    while let Some(change) = subscription.next().await {
        if let Some(initial) = initial.take_if(|_| matches!(change, Change::Synced)) {
            // If nobody waits any more, reconciles have started without.
            let _ = initial.send(());
        }
        // Functions of the user's. A panic in one costs this change, and not those after it.
        let added = catch_unwind(AssertUnwindSafe(|| add_keys(&change, predicate.as_ref(), &keys, &queue)));
        if let Err(panic) = added {
            let (panic, object) =
                (panics::text(&*panic), change.object().map(|object| ObjectKey::of(object.metadata())));
            let object = object.as_ref().map(tracing::field::display);
            tracing::error!(trigger = what, object, panic, "a predicate or mapping panicked; the change is ignored");
        }
        tokio::task::coop::consume_budget().await;
    }
    let stopped = subscription.store().stopped().await;
    tracing::error!(trigger = what, error = %stopped, "a trigger of the controller has ended");
}

fn add_keys<T: Object, I: IntoIterator<Item = ObjectKey>>(
    change: &Change<T>,
    predicate: Option<&Predicate<T>>,
    keys: impl Fn(&T) -> I,
    queue: &WorkQueue,
) {
    let (old, new, priority) = match change {
        Change::Applied { object, previous, initial } => {
            let priority = if *initial { Priority::LOW } else { Priority::DEFAULT };
            (previous.as_deref(), Some(&**object), priority)
        }
        Change::Deleted(object) => (Some(&**object), None, Priority::DEFAULT),
        _ => return,
    };
    let change = match (old, new) {
        (Some(old), Some(new)) => ObjectChange::Modified { old, new },
        (None, Some(new)) => ObjectChange::Created(new),
        (Some(old), None) => ObjectChange::Deleted(old),
        (None, None) => return,
    };
    if predicate.is_none_or(|predicate| predicate.passes(&change)) {
        // Of both states: whoever owned the object before has lost it.
        for state in old.into_iter().chain(new) {
            keys(state).into_iter().for_each(|key| queue.add(key, priority));
        }
    }
}

impl<T> fmt::Debug for Trigger<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Trigger");
        text.field("store", &self.store).field("predicate", &self.predicate).finish_non_exhaustive()
    }
}
