//! Listing objects.

use std::future::IntoFuture;

use crate::Object;
use crate::error::Result;
use crate::list::{ListStream, Pages};
use crate::message::MessageType;
use crate::meta::v1::{List, PartialObjectMetadata, Table};
use crate::request::{ResourceVersionMatch, Response, TableRequest};
use crate::watch::{ListWatch, Watcher};

builder! {
    /// Lists objects.
    ///
    /// Awaited, it gives one [`List`]: of everything, or with [`limit`](Self::limit) of one page. With
    /// [`page_size`](Self::page_size) the pages are fetched one after the other and put together; as a
    /// [`stream`](Self::stream) the items come as they arrive.
    ///
    /// Either way items are decoded while the rest of the response is still on its way: what is held in memory is the
    /// items, one chunk and the bytes of one item, never the whole body.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#retrieving-large-results-sets-in-chunks>
    ListRequest<K>
}

select_options!(ListRequest);
shard_option!(ListRequest);
decode_options!(ListRequest);

impl<K> ListRequest<K> {
    /// At most how many items in this one page. If there are more, the list's `metadata.continue` leads on. The server
    /// ignores it for [any version](Self::any_version).
    pub fn limit(mut self, limit: u32) -> Self {
        self.call.set_query("limit", Some(&limit.to_string()));
        self
    }

    /// Goes on from where a page ended: its `metadata.continue`.
    pub fn continue_token(mut self, token: &str) -> Self {
        self.call.set_query("continue", Some(token));
        self
    }

    /// Fetches everything in pages of this many items, all of the same resource version. 0 asks for no pages.
    pub fn page_size(mut self, items: u32) -> Self {
        self.call.set_page_size(items);
        self
    }

    /// Reads whatever the server has in its cache: cheap, and perhaps a little old.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list>
    pub fn any_version(self) -> Self {
        self.resource_version("0")
    }

    /// Reads exactly this version, if the server still has it.
    pub fn exact_version(self, version: &str) -> Self {
        self.resource_version(version).resource_version_match(ResourceVersionMatch::Exact)
    }

    /// Answers pretty-printed. For people who look at the wire; it changes nothing that is decoded.
    pub fn pretty(mut self) -> Self {
        self.call.query("pretty", "true");
        self
    }

    /// Asks for the metadata alone: the server leaves spec and status out.
    pub fn metadata_only(mut self) -> ListRequest<PartialObjectMetadata> {
        self.call.keep_metadata_alone();
        self.call.accept_form(PartialObjectMetadata::ACCEPT_LIST, PartialObjectMetadata::ACCEPT_LIST_EITHER);
        ListRequest::new(&self.client, &self.resource, self.call)
    }

    /// Asks for what `kubectl get` shows: the columns that the server prints, a row an object.
    pub fn table(mut self) -> TableRequest {
        self.call.accept(Table::ACCEPT);
        TableRequest { client: self.client, call: self.call }
    }
}

impl<K: MessageType> ListRequest<K> {
    /// The items one after the other, as they arrive, page after page. Nothing is fetched before the stream is polled,
    /// no chunk is read before the items of the last one were taken, and no page is fetched before the last one ended:
    /// a slow consumer slows the server down, and nothing piles up.
    ///
    /// An item that is not understood, and a response that breaks off, are the stream's last item, after the good ones
    /// that came before. The list's resource version is known [at the end](ListStream::resource_version).
    ///
    /// If the pages take so long that the server has forgotten the version (410), the stream ends with that error
    /// ([`is_expired`](crate::Error::is_expired)): the items that came so far are of one version, and further ones
    /// would not be.
    pub fn stream(self) -> ListStream<K> {
        ListStream::new(Pages::new(self.client, self.resource, self.call))
    }
}

impl<K: Object> ListRequest<K> {
    /// Everything that is there, and then what happens to it, as one stream: what a cache or a controller begins with.
    ///
    /// The server is asked to send everything in the watch itself ([streaming lists]), which costs it far less than a
    /// list; if it refuses, the objects are listed, in pages if [`page_size`](Self::page_size) says so, and watched from
    /// there. So they are if it turns out to ignore the request, which is decided
    /// [within a bound](ListWatch::initial_events_timeout). Either way the objects come first, then [`Synced`](crate::watch::ListWatchEvent::Synced), and bookmarks
    /// now and then. A list of an [exact version](Self::exact_version) is always listed.
    ///
    /// [streaming lists]: https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists
    pub fn then_watch(mut self) -> ListWatch<K> {
        self.whole();
        ListWatch::new(self.client, self.resource, self.call)
    }

    /// A list followed by watches that reconnect, until the stream is dropped: what caches and controllers stand on.
    ///
    /// Whatever ends a watch, the next one resumes from the resource version that was reached. As long as the server still
    /// has that version, no event is lost or repeated; when it has not (410), everything is listed again, and the stream
    /// says so ([`Restarted`](crate::watch::WatcherEvent::Restarted)).
    ///
    /// It takes the verbs `list` and `watch`. [`exact_version`](Self::exact_version) and [`any_version`](Self::any_version)
    /// apply to the first list only; relists read the most recent state.
    pub fn watcher(mut self) -> Watcher<K> {
        self.whole();
        Watcher::new(self.client, self.resource, self.call)
    }

    fn whole(&mut self) {
        if self.call.has_parameter("limit") || self.call.has_parameter("continue") {
            self.call.fault("a watch follows a whole list, not one page of it: leave limit and continue_token out");
        }
    }
}

impl<K: MessageType> IntoFuture for ListRequest<K> {
    type Output = Result<List<K>>;
    type IntoFuture = Response<List<K>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(Pages::new(self.client, self.resource, self.call).collect())
    }
}
