//! What is watched: the calls that a list and the watches after it are made of.

use super::WatchStream;
use crate::client::Response;
use crate::list::ListStream;
use crate::wire::{Call, ResourceRef};
use crate::{Client, Object};

/// What is needed to begin.
#[derive(Clone)]
pub(super) struct Source {
    pub client: Client,
    pub resource: ResourceRef,
    /// The list, in pages or not.
    pub list: Call,
    /// Whether the server is known not to send what is there in the watch itself, so that it need not be asked again.
    pub lists: bool,
}

impl Source {
    /// Asks for a watch that begins with everything that is there.
    pub fn ask<K: Object>(&self) -> Response<WatchStream<K>> {
        let mut call = self.watch();
        call.set_query("sendInitialEvents", Some("true"));
        call.set_query("resourceVersionMatch", Some("NotOlderThan"));
        super::open(self.client.clone(), self.resource.clone(), call)
    }

    pub fn list<K: Object>(&self) -> ListStream<K> {
        ListStream::start(self.client.clone(), self.resource.clone(), self.list.clone())
    }

    /// A watch that goes on from this version, which a list or a watch has come to.
    pub fn watch_from<K: Object>(&self, resource_version: &str) -> Response<WatchStream<K>> {
        let mut call = self.watch();
        call.set_query("resourceVersionMatch", None);
        call.set_query("resourceVersion", Some(resource_version));
        // Of a list of one shard it is known that it is.
        super::open_proven(self.client.clone(), self.resource.clone(), call)
    }

    /// Reads the state of now from here on: a version that was asked for at first may be gone, or be older than what was
    /// seen since.
    pub fn read_the_newest(&mut self) {
        self.list.set_query("resourceVersion", None);
        self.list.set_query("resourceVersionMatch", None);
    }

    fn watch(&self) -> Call {
        let mut call = self.list.clone();
        call.list_to_watch();
        call.set_query("watch", Some("true"));
        call.set_query("allowWatchBookmarks", Some("true"));
        call
    }
}
