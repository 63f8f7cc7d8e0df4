//! Fills a store from a watch.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use kubewright::watch::{Watcher, WatcherEvent};
use kubewright::{Object, Result};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::Store;
use crate::coverage::Shard;
use crate::store::{Shared, Stopped};

/// Number of events after which other tasks have their turn.
const EVENTS_AT_ONCE: usize = 64;

/// Fills a [`Store`] from a watch, and keeps it up to date.
///
/// The watch is a [`Watcher`], whose list decides what is kept: selectors, fields to skip, metadata only. Objects are
/// decoded straight into the store, without the skipped fields.
///
/// Objects that a relist returns unchanged, by uid and resource version, keep their place and their `Arc`; the others are
/// replaced as they arrive, and those that were not in the list are removed at its end. So there is no second collection,
/// and subscribers receive exactly the changes and deletions that happened meanwhile.
///
/// [`Cache`](crate::Cache) shares one reflector between all its users of a kind.
///
/// Any stream of [`WatcherEvent`]s can replace the watcher, such as one of a test.
#[must_use = "a reflector does nothing until it is started"]
pub struct Reflector<K, W = Watcher<K>> {
    events: W,
    is_packed: bool,
    /// If the watch has only the objects that this replica owns.
    pub(crate) shard: Option<Shard>,
    kind: PhantomData<fn() -> K>,
}

impl<K: Object, W: Stream<Item = Result<WatcherEvent<K>>> + Send + 'static> Reflector<K, W> {
    /// Creates a reflector of a watch.
    pub fn new(watcher: W) -> Self {
        Self { events: watcher, is_packed: false, shard: None, kind: PhantomData }
    }

    /// Keeps objects in their encoded form, compressed by what they have in common, and decodes them when they are read:
    /// for caches that are large and rarely read.
    ///
    /// Built-in kinds are kept in protobuf, others in JSON. Each read decodes the object again, for reads, indexes and
    /// subscribers alike. See `docs/controllers.md` in the repository for figures.
    pub fn packed(mut self) -> Self {
        self.is_packed = true;
        self
    }

    /// Returns the store, and the future that fills it: nothing happens unless that is polled.
    pub fn start(self) -> (Store<K>, Driver<K, W>) {
        let shared = Arc::new(Shared::new(self.is_packed));
        let users = CancellationToken::new();
        let unused = Box::pin(users.clone().cancelled_owned());
        let driver = Driver { shared: shared.clone(), events: Box::pin(self.events), unused };
        (Store::new(shared, users.drop_guard()), driver)
    }

    /// Fills the store in a task of its own, and returns it.
    ///
    /// # Panics
    /// If called from outside of a tokio runtime.
    pub fn spawn(self) -> Store<K> {
        let (store, driver) = self.start();
        tokio::spawn(async move {
            if let Err(stopped) = driver.await
                && let Some(error) = stopped.cause()
            {
                tracing::error!(%error, kind = K::table().name, "the reflector of a store has stopped");
            }
        });
        store
    }
}

impl<K, W> fmt::Debug for Reflector<K, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reflector").field("is_packed", &self.is_packed).finish_non_exhaustive()
    }
}

/// The future that fills a [`Store`].
///
/// It ends with an error if the watch does, and without one if the watch ends otherwise, as only a test's does, or when
/// the last [`Store`], [`Subscription`](crate::Subscription) and [`Index`](crate::Index) is dropped. When it has ended or
/// is dropped, the store is [stopped](Store::is_stopped).
#[must_use = "a future does nothing until it is polled"]
pub struct Driver<K: Object, W = Watcher<K>> {
    shared: Arc<Shared<K>>,
    events: Pin<Box<W>>,
    unused: Pin<Box<WaitForCancellationFutureOwned>>,
}

impl<K: Object, W: Stream<Item = Result<WatcherEvent<K>>>> Future for Driver<K, W> {
    type Output = Result<(), Stopped>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.unused.as_mut().poll(cx).is_ready() {
            self.shared.stop(Stopped::new(None));
            return Poll::Ready(Ok(()));
        }
        for _ in 0..EVENTS_AT_ONCE {
            match self.events.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(event))) => self.shared.apply(event),
                Poll::Ready(Some(Err(error))) => {
                    let stopped = Stopped::new(Some(Arc::new(error)));
                    self.shared.stop(stopped.clone());
                    return Poll::Ready(Err(stopped));
                }
                Poll::Ready(None) => {
                    self.shared.stop(Stopped::new(None));
                    return Poll::Ready(Ok(()));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<K: Object, W> Drop for Driver<K, W> {
    fn drop(&mut self) {
        self.shared.stop(Stopped::new(None));
    }
}

impl<K: Object, W> fmt::Debug for Driver<K, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("kind", &K::table().name).finish_non_exhaustive()
    }
}
