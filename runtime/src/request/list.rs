//! Listing objects.

use std::future::IntoFuture;

use crate::Object;
use crate::error::Result;
use crate::list::{ListStream, Pages};
use crate::message::MessageType;
use crate::meta::v1::{List, PartialObjectMetadata, Table};
use crate::request::{ResourceVersionMatch, ResponseFuture, TableRequest};
use crate::watch::{ListWatch, Watcher};

builder! {
    /// Lists objects.
    ///
    /// Awaited, it returns one [`List`]: of everything, or with [`limit`](Self::limit) of one page. With
    /// [`page_size`](Self::page_size) the pages are fetched one after the other and concatenated; as a
    /// [`stream`](Self::stream) the items are returned as they arrive.
    ///
    /// Either way items are decoded while the rest of the response is being received: memory holds the items, one chunk
    /// and the bytes of one item, never the whole body.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks>
    ListRequest<K>
}

select_options!(ListRequest);
shard_option!(ListRequest);
decode_options!(ListRequest);

impl<K> ListRequest<K> {
    /// Limits the items of this single page. If there are more, the list's `metadata.continue` is set. The server
    /// ignores it for [any version](Self::any_version).
    pub fn limit(mut self, limit: u32) -> Self {
        self.call.set_query("limit", Some(&limit.to_string()));
        self
    }

    /// Continues after a page: its `metadata.continue`.
    pub fn continue_token(mut self, token: &str) -> Self {
        self.call.set_query("continue", Some(token));
        self
    }

    /// Fetches everything in pages of this many items, all of the same resource version. 0 requests no pages.
    pub fn page_size(mut self, items: u32) -> Self {
        self.call.set_page_size(items);
        self
    }

    /// Accepts any version in the server's cache: cheap, and possibly outdated.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list>
    pub fn any_version(self) -> Self {
        self.resource_version("0")
    }

    /// Reads exactly this version, if the server still has it.
    pub fn exact_version(self, version: &str) -> Self {
        self.resource_version(version).resource_version_match(ResourceVersionMatch::Exact)
    }

    /// Requests pretty-printed output, for inspecting the wire; decoding is unaffected.
    pub fn pretty(mut self) -> Self {
        self.call.query("pretty", "true");
        self
    }

    /// Requests only the metadata: the server omits spec and status.
    pub fn metadata_only(mut self) -> ListRequest<PartialObjectMetadata> {
        self.call.keep_metadata_alone();
        self.call.accept_form(PartialObjectMetadata::ACCEPT_LIST, PartialObjectMetadata::ACCEPT_LIST_EITHER);
        ListRequest::new(&self.client, &self.resource, self.call)
    }

    /// Requests the table that `kubectl get` shows, with columns printed by the server and a row per object.
    pub fn table(mut self) -> TableRequest {
        self.call.accept(Table::ACCEPT);
        TableRequest { client: self.client, call: self.call }
    }
}

impl<K: MessageType> ListRequest<K> {
    /// Streams the items as they arrive, page after page. Nothing is fetched before the stream is polled, no chunk is
    /// read before the items of the last one were taken, and no page is fetched before the last one ended: slow
    /// consumers apply back-pressure.
    ///
    /// An item that can't be decoded, or an incomplete response, is the stream's last item, after the preceding items.
    /// The list's resource version is known [at the end](ListStream::resource_version).
    ///
    /// If the version expires between pages (410), the stream ends with that error
    /// ([`is_expired`](crate::Error::is_expired)): the items returned so far are of one version, and further ones would
    /// not be.
    pub fn stream(self) -> ListStream<K> {
        ListStream::new(Pages::new(self.client, self.resource, self.call))
    }
}

impl<K: Object> ListRequest<K> {
    /// Streams the existing objects and then the changes to them: a list followed by one watch, as caches and
    /// controllers start.
    ///
    /// The server is asked to send everything in the watch itself ([streaming lists]), which costs it far less than a
    /// list; if it rejects that, the objects are listed, in pages if [`page_size`](Self::page_size) is set, and watched
    /// from there. The same happens if it turns out to ignore the request, which is decided [within a
    /// bound](ListWatch::initial_events_timeout). Either way the objects come first, then
    /// [`Synced`](crate::watch::ListWatchEvent::Synced), then changes and periodic bookmarks. An [exact
    /// version](Self::exact_version) is always listed.
    ///
    /// [streaming lists]: https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
    pub fn then_watch(mut self) -> ListWatch<K> {
        self.whole();
        ListWatch::new(self.client, self.resource, self.call)
    }

    /// Streams a list followed by watches that reconnect, until the stream is dropped: the basis of caches and
    /// controllers.
    ///
    /// Whatever ends a watch, the next one resumes from the resource version that was reached. While the server still
    /// has that version, no event is lost or repeated; otherwise (410), everything is listed again, and the stream
    /// reports that ([`Restarted`](crate::watch::WatcherEvent::Restarted)).
    ///
    /// This requires the verbs `list` and `watch`. [`exact_version`](Self::exact_version) and
    /// [`any_version`](Self::any_version) apply to the first list only; relists read the most recent state.
    pub fn watcher(mut self) -> Watcher<K> {
        self.whole();
        Watcher::new(self.client, self.resource, self.call)
    }

    fn whole(&mut self) {
        if self.call.has_parameter("limit") || self.call.has_parameter("continue") {
            self.call.fault("a watch requires a whole list, not one page: remove limit and continue_token");
        }
    }
}

impl<K: MessageType> IntoFuture for ListRequest<K> {
    type Output = Result<List<K>>;
    type IntoFuture = ResponseFuture<List<K>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(Pages::new(self.client, self.resource, self.call).collect())
    }
}
