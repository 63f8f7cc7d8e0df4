//! A namespaced resource in all namespaces.

use super::{Handle, Resource, verbs};
use crate::client::Client;
use crate::request::{ListRequest, WatchRequest};

/// A namespaced resource in all namespaces, for which the API server offers only list and watch.
pub struct AllNamespaces<K>(pub(super) Handle<K>);

impl<K: Resource> AllNamespaces<K> {
    /// Creates a handle for the objects of all namespaces.
    pub fn new(client: &Client) -> Self {
        Self(Handle::cluster(client, K::RESOURCE))
    }

    /// Lists the objects of all namespaces.
    pub fn list(&self) -> ListRequest<K>
    where
        K: verbs::List,
    {
        self.0.list()
    }

    /// Watches the objects of all namespaces.
    pub fn watch(&self) -> WatchRequest<K>
    where
        K: verbs::Watch,
    {
        self.0.watch()
    }
}

impl<K> AllNamespaces<K> {
    /// Returns the client that sends the calls.
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
