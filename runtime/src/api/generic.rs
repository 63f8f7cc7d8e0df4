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
/// It has the verbs that the kind's resource has, by the marker traits of [`verbs`](mod@crate::verbs). Code that knows the
/// kind is better off with the generated handle, which has the subresources too.
pub struct Api<K>(pub(crate) Handle<K>);

/// Which objects of a resource are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scope<'a> {
    /// Those of a resource without namespaces, or those of all namespaces.
    Cluster,
    /// Those of one namespace.
    Namespace(&'a str),
}

impl<K: Resource> Api<K> {
    /// The objects of one namespace.
    pub fn namespaced(client: &Client, namespace: &str) -> Self {
        Self(Handle::namespaced(client, K::RESOURCE, namespace))
    }

    /// The objects of the namespace that the client's configuration names, or of `default`:
    /// [`Client::default_namespace`].
    pub fn default_namespaced(client: &Client) -> Self {
        Self::namespaced(client, client.default_namespace())
    }

    /// The objects of a resource without namespaces, or of all namespaces: there, list and watch alone work, and other
    /// calls fail before anything is sent.
    pub fn all(client: &Client) -> Self {
        Self(Handle::cluster(client, K::RESOURCE))
    }
}

impl Api<DynamicObject> {
    /// The objects of a resource known only at run time.
    pub fn dynamic(client: &Client, resource: &DynamicResource, scope: Scope<'_>) -> Self {
        let namespace = match scope {
            Scope::Cluster => None,
            Scope::Namespace(namespace) => Some(namespace),
        };
        Self(Handle::dynamic(client, resource, namespace))
    }
}

impl<K> Api<K> {
    /// The client that the calls go through.
    pub fn client(&self) -> &Client {
        self.0.client()
    }

    /// The namespace, if the objects are those of one.
    pub fn namespace(&self) -> Option<&str> {
        self.0.namespace()
    }

    /// The resource's names and scope.
    pub fn resource(&self) -> DynamicResource {
        self.0.resource().into()
    }
}

impl<K: Object> Api<K> {
    /// Reads one object by its name.
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

    /// Watches for changes.
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

    /// Creates an object where the server answers with another kind `R`, as it does to a `Binding`. No marker says of which
    /// kinds that holds: [`verbs::Create`] is for those that come back.
    pub fn create_as<R: MessageType>(&self, object: &K) -> CreateRequest<R> {
        self.0.create_as(object)
    }

    /// Replaces an object as a whole, by the name in its metadata.
    pub fn replace(&self, object: &K) -> ReplaceRequest<K>
    where
        K: verbs::Replace,
    {
        self.0.replace(object)
    }

    /// Reads an object, changes it and writes it back, retried on conflict.
    pub fn modify<'a, R: Change>(&self, name: &str, change: impl FnMut(&mut K) -> R + Send + 'a) -> ModifyRequest<'a, K>
    where
        K: verbs::Get + verbs::Replace,
    {
        self.0.modify(name, change)
    }

    /// Changes an object by a patch.
    pub fn patch(&self, name: &str, patch: Patch) -> PatchRequest<K>
    where
        K: verbs::Patch,
    {
        self.0.patch(name, patch)
    }

    /// Applies an object, by the name in its metadata, and owns what is set in it under the name of the manager. In a custom
    /// resource that includes its required fields, zeros too, unless the apply is [`partial`](ApplyRequest::partial).
    pub fn apply(&self, object: &K, field_manager: &str) -> ApplyRequest<K>
    where
        K: verbs::Patch,
    {
        self.0.apply(object, field_manager)
    }

    /// Deletes one object by its name.
    pub fn delete(&self, name: &str) -> DeleteRequest<K>
    where
        K: verbs::Delete,
    {
        self.0.delete(name)
    }

    /// Deletes every object, or those that selectors pick.
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

    /// Reads an object, changes it and writes a subresource of the same kind back, such as `status`, again until nobody
    /// came in between.
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

    /// Changes a subresource of the same kind, such as `status`, by a patch.
    pub fn patch_subresource(&self, name: &str, subresource: &str, patch: Patch) -> PatchRequest<K> {
        self.0.patch_sub(name, subresource, patch)
    }

    /// Applies a subresource of the same kind, such as `status`, by the name in the metadata, and owns what is set in it
    /// under the name of the manager.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/>
    pub fn apply_subresource(&self, object: &K, subresource: &str, field_manager: &str) -> ApplyRequest<K> {
        self.0.apply_sub(object, subresource, field_manager)
    }

    /// Posts an object of the kind `S` to a subresource, such as a `TokenRequest` to `token`. The answer is of the kind `R`.
    ///
    /// The 429 of `eviction` is a disruption budget's answer, and not that of a busy server. Not to retry it, pass
    /// [`NoRetryOn429`](crate::retry::NoRetryOn429) as an [`extension`](CreateRequest::extension), as the generated handles
    /// do.
    pub fn create_subresource<S: MessageType, R: MessageType>(
        &self,
        name: &str,
        subresource: &str,
        object: &S,
    ) -> CreateRequest<R> {
        self.0.create_sub(name, subresource, object)
    }

    /// Reads a subresource of the kind `S`, such as a `Scale`.
    pub fn get_subresource_of<S: MessageType>(&self, name: &str, subresource: &str) -> GetRequest<S> {
        self.0.get_sub(name, subresource)
    }

    /// Replaces a subresource of the kind `S`, such as a `Scale`.
    pub fn replace_subresource_of<S: MessageType>(
        &self,
        name: &str,
        subresource: &str,
        object: &S,
    ) -> ReplaceRequest<S> {
        self.0.replace_sub_of(name, subresource, object)
    }

    /// Changes a subresource of the kind `S`, such as a `Scale`, by a patch.
    pub fn patch_subresource_of<S: MessageType>(&self, name: &str, subresource: &str, patch: Patch) -> PatchRequest<S> {
        self.0.patch_sub(name, subresource, patch)
    }

    /// Applies a subresource of the kind `S`, such as a `Scale`, and owns what is set in it under the name of the manager.
    pub fn apply_subresource_of<S: MessageType>(
        &self,
        name: &str,
        subresource: &str,
        object: &S,
        field_manager: &str,
    ) -> ApplyRequest<S> {
        self.0.apply_sub_of(name, subresource, object, field_manager)
    }

    /// Reads the subresource `scale`, or with [`replicas`](ScaleRequest::replicas) sets it. `S` is the kind of the answer:
    /// `autoscaling/v1` `Scale` for what Kubernetes itself has.
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

/// As [`Api::all`] makes it.
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
