//! Watching for changes.

use std::future::IntoFuture;

use crate::Object;
use crate::error::Result;
use crate::meta::v1::PartialObjectMetadata;
use crate::request::Response;
use crate::watch::WatchStream;

builder! {
    /// Watches for changes. Awaited, it gives a stream of events.
    ///
    /// Without a [`resource_version`](Self::resource_version) the server first sends an `Added` event for everything
    /// that is there. A watch ends when the server ends it, which it does every half an hour to hour; going on without
    /// missing or repeating anything is the watcher's job, this is the single call.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>
    WatchRequest<K>
}

select_options!(WatchRequest);
shard_option!(WatchRequest);
decode_options!(WatchRequest);

impl<K> WatchRequest<K> {
    /// Asks the server for a bookmark now and then: an event that carries nothing but a resource version, from which
    /// a later watch can go on. A server may send none, as kube-apiserver does for core Events.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks>
    pub fn bookmarks(mut self) -> Self {
        self.call.set_query("allowWatchBookmarks", Some("true"));
        self
    }

    /// Asks the server to send everything that is there as `Added` events first, and then a bookmark that says so
    /// (its [`initial_events_end`](crate::watch::Bookmark::initial_events_end)). It asks for bookmarks, and for a match of
    /// `NotOlderThan`, which the server wants with it.
    ///
    /// A server that does not know it may ignore it: that bookmark then never comes.
    /// [`then_watch`](crate::request::ListRequest::then_watch) finds out and lists.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists>
    pub fn send_initial_events(mut self) -> Self {
        self.call.set_query("sendInitialEvents", Some("true"));
        self.call.set_query("resourceVersionMatch", Some("NotOlderThan"));
        self.bookmarks()
    }

    /// Asks for the metadata alone: the server leaves spec and status out.
    pub fn metadata_only(mut self) -> WatchRequest<PartialObjectMetadata> {
        self.call.keep_metadata_alone();
        self.call.accept_form(PartialObjectMetadata::ACCEPT, PartialObjectMetadata::ACCEPT_EITHER);
        WatchRequest::new(&self.client, &self.resource, self.call)
    }
}

impl<K: Object> IntoFuture for WatchRequest<K> {
    type Output = Result<WatchStream<K>>;
    type IntoFuture = Response<WatchStream<K>>;

    fn into_future(self) -> Self::IntoFuture {
        crate::watch::open(self.client, self.resource, self.call)
    }
}
