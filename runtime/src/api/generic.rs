//! One type for every resource, for code that is generic over the kind or learns it at run time.

use super::{AllNamespaces, DynamicResource, Handle, Resource, verbs};
use crate::DynamicObject;
use crate::Object;
use crate::client::Client;
use crate::message::MessageType;
#[cfg(feature = "logs")]
use crate::request::TextRequest;
use crate::request::{
    ApplyRequest, Change, CreateRequest, DeleteCollectionRequest, DeleteRequest, GetRequest, ListRequest,
    ModifyRequest, Patch, PatchRequest, ReplaceRequest, ScaleRequest, WatchRequest,
};

/// A resource, for code that is generic over the kind `K`.
///
/// It has the verbs that the kind's resource supports, by the marker traits of [`verbs`](mod@crate::verbs). Code with a
/// fixed kind should prefer the generated handle, which also has the subresources.
pub struct Api<K>(pub(crate) Handle<K>);

/// Scope of the objects of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope<'a> {
    /// Cluster-scoped objects, or those of all namespaces.
    Cluster,
    /// Objects of one namespace.
    Namespace(&'a str),
}

impl<K: Resource> Api<K> {
    /// Creates an `Api` for one namespace.
    pub fn namespaced(client: &Client, namespace: &str) -> Self {
        Self(Handle::namespaced(client, K::RESOURCE, namespace))
    }

    /// Creates an `Api` for the namespace of the client's configuration, or `default`: [`Client::default_namespace`].
    pub fn default_namespaced(client: &Client) -> Self {
        Self::namespaced(client, client.default_namespace())
    }

    /// Creates an `Api` for a cluster-scoped resource, or for all namespaces: with the latter, only list and watch are
    /// supported, and other calls fail before anything is sent.
    pub fn all(client: &Client) -> Self {
        Self(Handle::cluster(client, K::RESOURCE))
    }
}

impl Api<DynamicObject> {
    /// Creates an `Api` for a resource known only at run time.
    pub fn dynamic(client: &Client, resource: &DynamicResource, scope: Scope<'_>) -> Self {
        let namespace = match scope {
            Scope::Cluster => None,
            Scope::Namespace(namespace) => Some(namespace),
        };
        Self(Handle::dynamic(client, resource, namespace))
    }
}

impl<K> Api<K> {
    /// Returns the client that sends the calls.
    pub fn client(&self) -> &Client {
        self.0.client()
    }

    /// Returns the namespace, if the scope is one.
    pub fn namespace(&self) -> Option<&str> {
        self.0.namespace()
    }

    /// Returns the resource's names and scope.
    pub fn resource(&self) -> DynamicResource {
        self.0.resource().into()
    }
}

impl<K: Object> Api<K> {
    /// Reads the named object.
    pub fn get(&self, name: &str) -> GetRequest<K>
    where
        K: verbs::Get,
    {
        self.0.get(name)
    }

    /// Lists the objects.
    pub fn list(&self) -> ListRequest<K>
    where
        K: verbs::List,
    {
        self.0.list()
    }

    /// Watches the objects.
    pub fn watch(&self) -> WatchRequest<K>
    where
        K: verbs::Watch,
    {
        self.0.watch()
    }

    /// Creates an object.
    pub fn create(&self, object: &K) -> CreateRequest<K>
    where
        K: verbs::Create,
    {
        self.0.create(object)
    }

    /// Creates an object for which the server returns another kind `R`, as for a `Binding`. No marker trait covers
    /// these kinds: [`verbs::Create`] is for those that are returned themselves.
    pub fn create_as<R: MessageType>(&self, object: &K) -> CreateRequest<R> {
        self.0.create_as(object)
    }

    /// Replaces an object, by the name in its metadata.
    pub fn replace(&self, object: &K) -> ReplaceRequest<K>
    where
        K: verbs::Replace,
    {
        self.0.replace(object)
    }

    /// Reads the named object, changes it and replaces it, retrying on conflict.
    pub fn modify<'a, R: Change>(&self, name: &str, change: impl FnMut(&mut K) -> R + Send + 'a) -> ModifyRequest<'a, K>
    where
        K: verbs::Get + verbs::Replace,
    {
        self.0.modify(name, change)
    }

    /// Patches the named object.
    pub fn patch(&self, name: &str, patch: Patch) -> PatchRequest<K>
    where
        K: verbs::Patch,
    {
        self.0.patch(name, patch)
    }

    /// Applies an object (server-side apply), by the name in its metadata, with the given field manager. Of a custom
    /// resource this includes its required fields, even at their zero value, unless the apply is
    /// [`partial`](ApplyRequest::partial).
    pub fn apply(&self, object: &K, field_manager: &str) -> ApplyRequest<K>
    where
        K: verbs::Patch,
    {
        self.0.apply(object, field_manager)
    }

    /// Deletes the named object.
    pub fn delete(&self, name: &str) -> DeleteRequest<K>
    where
        K: verbs::Delete,
    {
        self.0.delete(name)
    }

    /// Deletes a collection of objects: all, or those that match the selectors.
    pub fn delete_collection(&self) -> DeleteCollectionRequest<K>
    where
        K: verbs::DeleteCollection,
    {
        self.0.delete_collection()
    }

    /// Reads a subresource of the same kind, such as `status`. Generated handles have a method for each.
    pub fn get_subresource(&self, name: &str, subresource: &str) -> GetRequest<K> {
        self.0.get_sub(name, subresource)
    }

    /// Replaces a subresource of the same kind, such as `status`, by the name in the metadata.
    pub fn replace_subresource(&self, object: &K, subresource: &str) -> ReplaceRequest<K> {
        self.0.replace_sub(object, subresource)
    }

    /// Reads the named object, changes it and replaces a subresource of the same kind, such as `status`, retrying on
    /// conflict.
    pub fn modify_subresource<'a, R: Change>(
        &self,
        name: &str,
        subresource: &str,
        change: impl FnMut(&mut K) -> R + Send + 'a,
    ) -> ModifyRequest<'a, K>
    where
        K: verbs::Get,
    {
        self.0.modify_sub(name, subresource, change)
    }

    /// Patches a subresource of the same kind, such as `status`.
    pub fn patch_subresource(&self, name: &str, subresource: &str, patch: Patch) -> PatchRequest<K> {
        self.0.patch_sub(name, subresource, patch)
    }

    /// Applies a subresource of the same kind, such as `status`, by the name in the metadata, with the given field
    /// manager.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/>
    pub fn apply_subresource(&self, object: &K, subresource: &str, field_manager: &str) -> ApplyRequest<K> {
        self.0.apply_sub(object, subresource, field_manager)
    }

    /// Creates a subresource: sends an object of kind `S`, such as a `TokenRequest` to `token`. The response is of kind
    /// `R`.
    ///
    /// A 429 from `eviction` is the refusal of a PodDisruptionBudget, not that of a busy server. To not retry it, pass
    /// [`NoRetryOn429`](crate::retry::NoRetryOn429) as an [`extension`](CreateRequest::extension), as the generated
    /// handles do.
    pub fn create_subresource<S: MessageType, R: MessageType>(
        &self,
        name: &str,
        subresource: &str,
        object: &S,
    ) -> CreateRequest<R> {
        self.0.create_sub(name, subresource, object)
    }

    /// Reads a subresource of kind `S`, such as a `Scale`.
    pub fn get_subresource_of<S: MessageType>(&self, name: &str, subresource: &str) -> GetRequest<S> {
        self.0.get_sub(name, subresource)
    }

    /// Replaces a subresource of kind `S`, such as a `Scale`.
    pub fn replace_subresource_of<S: MessageType>(
        &self,
        name: &str,
        subresource: &str,
        object: &S,
    ) -> ReplaceRequest<S> {
        self.0.replace_sub_of(name, subresource, object)
    }

    /// Patches a subresource of kind `S`, such as a `Scale`.
    pub fn patch_subresource_of<S: MessageType>(&self, name: &str, subresource: &str, patch: Patch) -> PatchRequest<S> {
        self.0.patch_sub(name, subresource, patch)
    }

    /// Applies a subresource of kind `S`, such as a `Scale`, with the given field manager.
    pub fn apply_subresource_of<S: MessageType>(
        &self,
        name: &str,
        subresource: &str,
        object: &S,
        field_manager: &str,
    ) -> ApplyRequest<S> {
        self.0.apply_sub_of(name, subresource, object, field_manager)
    }

    /// Reads the `scale` subresource, or sets it with [`replicas`](ScaleRequest::replicas). `S` is the kind of the
    /// response: `autoscaling/v1` `Scale` for the built-in kinds.
    ///
    /// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#scale-subresource>
    pub fn scale<S: MessageType>(&self, name: &str) -> ScaleRequest<S> {
        self.0.scale(name)
    }

    /// Reads a subresource that is text, such as `log`. Its options are query parameters ([`TextRequest::query`]).
    #[cfg(feature = "logs")]
    pub fn text_subresource(&self, name: &str, subresource: &str) -> TextRequest<K> {
        self.0.text_sub(name, subresource)
    }
}

impl<K> From<Handle<K>> for Api<K> {
    fn from(handle: Handle<K>) -> Self {
        Self(handle)
    }
}

impl<K> From<Api<K>> for Handle<K> {
    fn from(api: Api<K>) -> Self {
        api.0
    }
}

/// Same scope as [`Api::all`].
impl<K> From<AllNamespaces<K>> for Api<K> {
    fn from(all: AllNamespaces<K>) -> Self {
        Self(all.0)
    }
}

impl<K> Clone for Api<K> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<K> std::fmt::Debug for Api<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Api").field(&self.0).finish()
    }
}
