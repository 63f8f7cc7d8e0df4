//! A namespaced resource over all namespaces.

use super::{Handle, Resource, verbs};
use crate::client::Client;
use crate::request::{ListRequest, WatchRequest};

/// A namespaced resource over all namespaces, where the server can list and watch but nothing else.
pub struct AllNamespaces<K>(pub(super) Handle<K>);

impl<K: Resource> AllNamespaces<K> {
    /// The objects of every namespace.
    pub fn new(client: &Client) -> Self {
        Self(Handle::cluster(client, K::RESOURCE))
    }

    /// Lists the objects of every namespace.
    pub fn list(&self) -> ListRequest<K>
    where
        K: verbs::List,
    {
        self.0.list()
    }

    /// Watches the objects of every namespace.
    pub fn watch(&self) -> WatchRequest<K>
    where
        K: verbs::Watch,
    {
        self.0.watch()
    }
}

impl<K> AllNamespaces<K> {
    /// The client that the calls go through.
    pub fn client(&self) -> &Client {
        self.0.client()
    }
}

impl<K> Clone for AllNamespaces<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K> std::fmt::Debug for AllNamespaces<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("AllNamespaces").field(&self.0).finish()
    }
}
