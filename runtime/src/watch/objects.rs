//! A watcher's objects, without its events.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::{FusedStream, Stream};

use super::{Watcher, WatcherEvent};
use crate::Object;
use crate::error::Result;

/// The objects of a [`Watcher`]; see [`Watcher::applied_objects`].
#[derive(Debug)]
#[must_use = "a stream does nothing until it is polled"]
pub struct Objects<K> {
    watcher: Watcher<K>,
    /// Whether deleted objects are included.
    deleted: bool,
}

impl<K> Objects<K> {
    pub(super) fn new(watcher: Watcher<K>, deleted: bool) -> Self {
        Self { watcher, deleted }
    }
}

impl<K: Object> Stream for Objects<K> {
    type Item = Result<K>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(event) = ready!(Pin::new(&mut self.watcher).poll_next(cx)) else { return Poll::Ready(None) };
            match event {
                Ok(WatcherEvent::Initial(object) | WatcherEvent::Applied(object)) => {
                    return Poll::Ready(Some(Ok(object)));
                }
                Ok(WatcherEvent::Deleted(object)) if self.deleted => return Poll::Ready(Some(Ok(object))),
                Ok(WatcherEvent::Interrupted { error: Some(error), pause }) => {
                    tracing::warn!(%error, ?pause, "a watch was interrupted");
                }
                Ok(_) => {}
                Err(error) => return Poll::Ready(Some(Err(error))),
            }
        }
    }
}

impl<K: Object> FusedStream for Objects<K> {
    fn is_terminated(&self) -> bool {
        self.watcher.is_terminated()
    }
}
