//! Watching objects.

use std::future::IntoFuture;

use crate::Object;
use crate::error::Result;
use crate::meta::v1::PartialObjectMetadata;
use crate::request::ResponseFuture;
use crate::watch::WatchStream;

builder! {
    /// Watches objects. Awaited, it returns a stream of events.
    ///
    /// Without a [`resource_version`](Self::resource_version), the server first sends an `Added` event for each
    /// existing object. The server ends a watch after 30 to 60 minutes; resuming without missing or repeating anything
    /// is what [`watcher`](crate::request::ListRequest::watcher) does, while this is the single call.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes>
    WatchRequest<K>
}

select_options!(WatchRequest);
shard_option!(WatchRequest);
decode_options!(WatchRequest);

impl<K> WatchRequest<K> {
    /// Requests periodic bookmarks: events that carry only a resource version, from which a later watch can resume. A
    /// server may send none, as kube-apiserver does for core Events.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks>
    pub fn bookmarks(mut self) -> Self {
        self.call.set_query("allowWatchBookmarks", Some("true"));
        self
    }

    /// Requests all existing objects as `Added` events first, followed by a bookmark that marks their end (its
    /// [`initial_events_end`](crate::watch::Bookmark::initial_events_end)). Sets `allowWatchBookmarks`, and the match
    /// `NotOlderThan`, which the server requires.
    ///
    /// A server without the feature may ignore it: that bookmark then never comes.
    /// [`then_watch`](crate::request::ListRequest::then_watch) detects that and lists.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists>
    pub fn send_initial_events(mut self) -> Self {
        self.call.set_query("sendInitialEvents", Some("true"));
        self.call.set_query("resourceVersionMatch", Some("NotOlderThan"));
        self.bookmarks()
    }

    /// Requests only the metadata: the server omits spec and status.
    pub fn metadata_only(mut self) -> WatchRequest<PartialObjectMetadata> {
        self.call.keep_metadata_alone();
        self.call.accept_form(PartialObjectMetadata::ACCEPT, PartialObjectMetadata::ACCEPT_EITHER);
        WatchRequest::new(&self.client, &self.resource, self.call)
    }
}

impl<K: Object> IntoFuture for WatchRequest<K> {
    type Output = Result<WatchStream<K>>;
    type IntoFuture = ResponseFuture<WatchStream<K>>;

    fn into_future(self) -> Self::IntoFuture {
        crate::watch::open(self.client, self.resource, self.call)
    }
}
