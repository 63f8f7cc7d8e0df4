//! The calls of a list and its watches.

use super::WatchStream;
use crate::client::ResponseFuture;
use crate::list::ListStream;
use crate::wire::{Call, ResourceRef};
use crate::{Client, Object};

/// What a list and its watches need.
#[derive(Clone)]
pub(super) struct Source {
    pub client: Client,
    pub resource: ResourceRef,
    /// The list, paged or not.
    pub list: Call,
    /// Whether the server is known not to send initial events, so that they are not requested again.
    pub lists: bool,
}

impl Source {
    /// Returns a watch with initial events.
    pub fn ask<K: Object>(&self) -> ResponseFuture<WatchStream<K>> {
        let mut call = self.watch();
        call.set_query("sendInitialEvents", Some("true"));
        call.set_query("resourceVersionMatch", Some("NotOlderThan"));
        super::open(self.client.clone(), self.resource.clone(), call)
    }

    pub fn list<K: Object>(&self) -> ListStream<K> {
        ListStream::start(self.client.clone(), self.resource.clone(), self.list.clone())
    }

    /// Returns a watch that resumes from this version of a list or watch.
    pub fn watch_from<K: Object>(&self, resource_version: &str) -> ResponseFuture<WatchStream<K>> {
        let mut call = self.watch();
        call.set_query("resourceVersionMatch", None);
        call.set_query("resourceVersion", Some(resource_version));
        // That the server shards is known from the list.
        super::open_proven(self.client.clone(), self.resource.clone(), call)
    }

    /// Reads the current state from here on: the version that was first requested may have expired, or be older than
    /// what was observed since.
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
