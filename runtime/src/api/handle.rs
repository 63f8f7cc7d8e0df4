//! Support for generated handles: every verb, for a resource in its scope.

use std::borrow::Cow;
use std::marker::PhantomData;

use compact_str::CompactString;
use http::Method;

use super::{DynamicResource, Object, ResourceDesc, Served};
use crate::client::Client;
use crate::json;
use crate::message::{Message, MessageType};
use crate::protobuf;
#[cfg(feature = "logs")]
use crate::request::TextRequest;
use crate::request::{
    ApplyRequest, CreateRequest, DeleteCollectionRequest, DeleteRequest, GetRequest, ListRequest, Patch, PatchRequest,
    ReplaceRequest, ScaleRequest, WatchRequest,
};
use crate::wire::{Call, JSON, NewMessage, ResourceRef, Target};

/// A resource in its scope, with every verb.
///
/// Generated handles wrap it and expose the verbs that their resource supports; [`Api`](crate::Api) does so for generic
/// code. Public for generated code only.
pub struct Handle<K> {
    client: Client,
    resource: ResourceRef,
    namespace: Option<CompactString>,
    served: Served,
    kind: PhantomData<fn() -> K>,
}

impl<K> Handle<K> {
    /// Creates a handle for the objects of one namespace.
    pub fn namespaced(client: &Client, resource: &'static ResourceDesc, namespace: &str) -> Self {
        Self::new(client, ResourceRef::Known(resource), Some(namespace))
    }

    /// Creates a handle for a cluster-scoped resource, or for all namespaces.
    pub fn cluster(client: &Client, resource: &'static ResourceDesc) -> Self {
        Self::new(client, ResourceRef::Known(resource), None)
    }

    pub(crate) fn dynamic(client: &Client, resource: &DynamicResource, namespace: Option<&str>) -> Self {
        Self::new(client, ResourceRef::Dynamic(std::sync::Arc::new(resource.clone())), namespace)
    }

    fn new(client: &Client, resource: ResourceRef, namespace: Option<&str>) -> Self {
        let (client, namespace) = (client.clone(), namespace.map(CompactString::from));
        Self { client, served: resource.served(), resource, namespace, kind: PhantomData }
    }

    /// Narrows the versions that serve a call to fewer than serve the resource.
    pub fn served(&self, served: Served) -> Self {
        Self { served: self.served.and(served), ..self.clone() }
    }

    /// Returns the client that sends the calls.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns the namespace, if the handle is for one.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    pub(crate) fn resource(&self) -> &ResourceRef {
        &self.resource
    }

    /// Describes one object in messages: `Pod shop/web-0`.
    pub(crate) fn label(&self, name: &str) -> String {
        let kind = self.resource.kind();
        self.namespace().map_or_else(|| format!("{kind} {name}"), |namespace| format!("{kind} {namespace}/{name}"))
    }

    pub(crate) fn call(&self, method: Method, name: Option<&str>, subresource: Option<&str>) -> Call {
        let target = Target { resource: &self.resource, namespace: self.namespace(), name, subresource };
        let mut call = Call::new(method, target.path());
        call.served_by(self.served);
        call
    }

    /// Creates a call with a response of kind `R`, or a list of them.
    fn call_for<R: MessageType>(&self, method: Method, name: Option<&str>, subresource: Option<&str>) -> Call {
        let mut call = self.call(method, name, subresource);
        if let Some(kind) = self.client.negotiation().offer(R::table()) {
            call.offer_protobuf(kind);
        }
        call
    }

    /// Creates a call that reads objects of kind `R`.
    fn read<R: MessageType>(&self, name: Option<&str>, subresource: Option<&str>) -> Call {
        let mut call = self.call_for::<R>(Method::GET, name, subresource);
        if self.client.reads_without_managed_fields() {
            call.drop_managed_fields(R::table());
        }
        call
    }

    /// Creates a call with an object as its body, and a response of kind `R`.
    fn send<S: MessageType, R: MessageType>(
        &self,
        method: Method,
        name: Option<&str>,
        subresource: Option<&str>,
        object: &S,
    ) -> Call {
        let mut call = self.call_for::<R>(method, name, subresource);
        write_body(&self.client, object, S::boxed, &mut call);
        call
    }

    /// Creates a call that applies an object.
    fn send_applied<S: MessageType>(&self, name: Option<&str>, subresource: Option<&str>, object: &S) -> Call {
        let mut call = self.call_for::<S>(Method::PATCH, name, subresource);
        match json::applied(object) {
            Ok(body) => call.apply_body(body.whole.into(), body.partial.map(Into::into)),
            Err(error) => call.fault(format!("cannot encode the {} as JSON: {error}", S::table().name)),
        }
        call
    }
}

/// Sets the body: in protobuf if that is negotiated and the object can be encoded in it, otherwise in JSON.
fn write_body(client: &Client, object: &dyn Message, make: NewMessage, call: &mut Call) {
    let table = object.descriptor();
    let mut body = Vec::new();
    let mut reason = String::new();
    if let Some(kind) = client.negotiation().offer(table) {
        match protobuf::encode_into(object, &mut body) {
            Ok(()) => return call.protobuf_body(body.into(), kind, make),
            Err(error) if error.needs_json() => reason = format!(", nor as protobuf: {error}"),
            Err(error) => return call.fault(format!("cannot encode the {} as protobuf: {error}", table.name)),
        }
    }
    match json::encode_into(object, &mut body, json::Mode::Full) {
        Ok(()) => call.body(JSON, body.into()),
        Err(error) => call.fault(format!("cannot encode the {} as JSON: {error}{reason}", table.name)),
    }
}

impl<K: MessageType> Handle<K> {
    /// `GET` of one object.
    pub fn get(&self, name: &str) -> GetRequest<K> {
        GetRequest::new(&self.client, &self.resource, self.read::<K>(Some(name), None))
    }

    /// `GET` of the collection.
    pub fn list(&self) -> ListRequest<K> {
        ListRequest::new(&self.client, &self.resource, self.read::<K>(None, None))
    }

    /// `GET` of the collection with `watch=true`.
    pub fn watch(&self) -> WatchRequest<K> {
        let mut call = self.read::<K>(None, None);
        call.query("watch", "true");
        WatchRequest::new(&self.client, &self.resource, call)
    }

    /// `DELETE` of one object.
    pub fn delete(&self, name: &str) -> DeleteRequest<K> {
        DeleteRequest::new(&self.client, &self.resource, self.call_for::<K>(Method::DELETE, Some(name), None))
    }

    /// `DELETE` of the collection.
    pub fn delete_collection(&self) -> DeleteCollectionRequest<K> {
        DeleteCollectionRequest::new(&self.client, &self.resource, self.call_for::<K>(Method::DELETE, None, None))
    }

    /// `PATCH` of one object.
    pub fn patch(&self, name: &str, patch: Patch) -> PatchRequest<K> {
        self.patch_of(name, None, patch)
    }

    /// `GET` of a subresource.
    pub fn get_sub<S: MessageType>(&self, name: &str, subresource: &str) -> GetRequest<S> {
        GetRequest::new(&self.client, &self.resource, self.read::<S>(Some(name), Some(subresource)))
    }

    /// `GET` of a subresource that is text.
    #[cfg(feature = "logs")]
    pub fn text_sub(&self, name: &str, subresource: &str) -> TextRequest<K> {
        let mut call = self.call(Method::GET, Some(name), Some(subresource));
        call.accept("*/*");
        TextRequest::new(&self.client, &self.resource, call)
    }

    /// `PATCH` of a subresource.
    pub fn patch_sub<S: MessageType>(&self, name: &str, subresource: &str, patch: Patch) -> PatchRequest<S> {
        self.patch_of(name, Some(subresource), patch)
    }

    /// `POST` to a subresource.
    pub fn create_sub<S: MessageType, R: MessageType>(
        &self,
        name: &str,
        subresource: &str,
        object: &S,
    ) -> CreateRequest<R> {
        let call = self.send::<S, R>(Method::POST, Some(name), Some(subresource), object);
        CreateRequest::new(&self.client, &self.resource, call)
    }

    /// `PUT` of a subresource that is of another kind than the resource.
    pub fn replace_sub_of<S: MessageType, R: MessageType>(
        &self,
        name: &str,
        subresource: &str,
        object: &S,
    ) -> ReplaceRequest<R> {
        let call = self.send::<S, R>(Method::PUT, Some(name), Some(subresource), object);
        ReplaceRequest::new(&self.client, &self.resource, call)
    }

    /// Server-side apply of a subresource that is of another kind than the resource.
    pub fn apply_sub_of<S: MessageType>(
        &self,
        name: &str,
        subresource: &str,
        object: &S,
        field_manager: &str,
    ) -> ApplyRequest<S> {
        self.applied(self.send_applied(Some(name), Some(subresource), object), field_manager)
    }

    /// `GET`, or with replicas given `PATCH`, of the scale subresource.
    pub fn scale<S: MessageType>(&self, name: &str) -> ScaleRequest<S> {
        ScaleRequest::new(&self.client, &self.resource, self.call_for::<S>(Method::GET, Some(name), Some("scale")))
    }

    fn patch_of<S: MessageType>(&self, name: &str, subresource: Option<&str>, patch: Patch) -> PatchRequest<S> {
        let mut call = self.call_for::<S>(Method::PATCH, Some(name), subresource);
        match patch.body() {
            Ok(body) => call.body(patch.media_type(), body.clone()),
            Err(fault) => call.fault(fault),
        }
        PatchRequest::new(&self.client, &self.resource, call)
    }

    fn applied<S: MessageType>(&self, mut call: Call, field_manager: &str) -> ApplyRequest<S> {
        if field_manager.is_empty() {
            call.fault("the field manager is empty: set it to the name of your controller");
        }
        call.query("fieldManager", field_manager);
        ApplyRequest::new(&self.client, &self.resource, call)
    }
}

impl<K: Object> Handle<K> {
    /// `POST` to the collection.
    pub fn create(&self, object: &K) -> CreateRequest<K> {
        self.create_as(object)
    }

    /// `POST` to the collection, with a response of another kind.
    pub fn create_as<S: Object, R: MessageType>(&self, object: &S) -> CreateRequest<R> {
        let mut call = self.send::<S, R>(Method::POST, None, None, object);
        self.check_namespace(object, &mut call);
        if self.resource.namespaced() && self.namespace.is_none() {
            call.fault(format!("{} is namespaced: use a handle for its namespace to create it", self.resource.kind()));
        }
        CreateRequest::new(&self.client, &self.resource, call)
    }

    /// `PUT` of one object, by the name in its metadata.
    pub fn replace(&self, object: &K) -> ReplaceRequest<K> {
        ReplaceRequest::new(&self.client, &self.resource, self.put(None, object))
    }

    /// Server-side apply, by the name in the metadata.
    pub fn apply(&self, object: &K, field_manager: &str) -> ApplyRequest<K> {
        self.apply_of(object, None, field_manager)
    }

    /// `PUT` of a subresource of the same kind, by the name in the metadata.
    pub fn replace_sub(&self, object: &K, subresource: &str) -> ReplaceRequest<K> {
        ReplaceRequest::new(&self.client, &self.resource, self.put(Some(subresource), object))
    }

    /// Server-side apply of a subresource of the same kind, by the name in the metadata.
    pub fn apply_sub(&self, object: &K, subresource: &str, field_manager: &str) -> ApplyRequest<K> {
        self.apply_of(object, Some(subresource), field_manager)
    }

    fn apply_of(&self, object: &K, subresource: Option<&str>, field_manager: &str) -> ApplyRequest<K> {
        let mut call = self.send_applied(Some(name_of(object)), subresource, object);
        self.check_namespace(object, &mut call);
        self.applied(call, field_manager)
    }

    /// Creates a call that replaces an object, or a subresource of it, by the name in its metadata.
    fn put(&self, subresource: Option<&str>, object: &K) -> Call {
        let mut call = self.send::<K, K>(Method::PUT, Some(name_of(object)), subresource, object);
        self.check_namespace(object, &mut call);
        call
    }

    /// An object with a namespace must not be sent to another one: the server's error would be less clear.
    fn check_namespace<S: Object>(&self, object: &S, call: &mut Call) {
        let named = object.metadata().namespace.as_deref().filter(|named| !named.is_empty());
        if let (Some(named), Some(own)) = (named, self.namespace())
            && named != own
        {
            call.fault(format!("the object's namespace is {named:?}, but the handle's is {own:?}"));
        }
    }
}

/// Returns an object's name, or an empty string.
fn name_of<K: Object>(object: &K) -> &str {
    object.metadata().name.as_deref().unwrap_or_default()
}

impl<K> Clone for Handle<K> {
    fn clone(&self) -> Self {
        Self {
            client: self.client.clone(),
            resource: self.resource.clone(),
            namespace: self.namespace.clone(),
            served: self.served,
            kind: PhantomData,
        }
    }
}

impl<K> std::fmt::Debug for Handle<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let scope =
            self.namespace().map_or(Cow::Borrowed("cluster"), |namespace| format!("namespace {namespace}").into());
        f.debug_struct("Handle")
            .field("resource", &self.resource.plural())
            .field("scope", &scope)
            .finish_non_exhaustive()
    }
}
