//! Subscribers of a store.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};
use kubewright::Object;

use super::pending::{Next, Pending};
use super::{Change, Store};

/// The changes to a [`Store`], as a stream: first the present objects, then [`Synced`](Change::Synced), then every
/// change. Created by [`Store::subscribe`].
///
/// Each subscription has its own back-pressure. Changes that were not polled yet are coalesced per object, as the keys
/// in a controller's queue are: a slow subscriber receives the newest state only, slows down neither the watch nor other
/// subscribers, and holds at most two changes of each object.
///
/// - The deletion of an object that the subscription returned is never lost. An object that was deleted and created
///   again is [`Deleted`](Change::Deleted), then [`Applied`](Change::Applied) without a previous state.
/// - An object that was created and deleted between two polls is not reported.
/// - Changes of one object are in their order; different objects are in the order of their first change that was not
///   polled yet.
///
/// The stream ends once the reflector has stopped and all changes were returned.
#[must_use = "a stream does nothing until it is polled"]
pub struct Subscription<K> {
    store: Store<K>,
    pending: Arc<Pending<K>>,
}

impl<K: Object> Subscription<K> {
    pub(super) fn new(store: Store<K>, pending: Arc<Pending<K>>) -> Self {
        Self { store, pending }
    }

    /// Returns the store.
    pub fn store(&self) -> &Store<K> {
        &self.store
    }
}

impl<K: Object> Stream for Subscription<K> {
    type Item = Change<K>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let change = match ready!(self.pending.poll_next(cx)) {
                None => return Poll::Ready(None),
                Some(Next::Synced) => Some(Change::Synced),
                Some(Next::Deleted(object)) => object.object().map(Change::Deleted),
                Some(Next::Applied { object, previous, is_initial: initial }) => {
                    let previous = previous.and_then(|previous| previous.object());
                    object.object().map(|object| Change::Applied { object, previous, initial })
                }
            };
            // One that can't be decoded was logged.
            if let Some(change) = change {
                return Poll::Ready(Some(change));
            }
        }
    }
}

impl<K: Object> FusedStream for Subscription<K> {
    fn is_terminated(&self) -> bool {
        self.pending.is_ended()
    }
}

impl<K> fmt::Debug for Subscription<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").field("store", &self.store).finish_non_exhaustive()
    }
}
