//! Kinds whose objects the API server stores and serves.

use super::ResourceDesc;
use crate::message::MessageType;
use crate::meta::v1::{ObjectMeta, OwnerReference, PartialObjectMetadata};

/// A kind whose objects have metadata: everything that the API server stores.
pub trait Object: MessageType {
    /// Returns the object's metadata: name, namespace, labels, owner references, ….
    fn metadata(&self) -> &ObjectMeta;

    /// Returns the object's metadata, mutably.
    fn metadata_mut(&mut self) -> &mut ObjectMeta;
}

/// A kind that the server serves as a resource, so that generic code can create a handle for it.
///
/// Generated; the verbs that the resource supports are in [`verbs`](mod@crate::verbs).
pub trait Resource: Object {
    /// The resource's names and scope.
    const RESOURCE: &'static ResourceDesc;

    /// Returns a reference by which other objects name this one as an owner; `None` before it was created, as it has no uid
    /// then. Neither `controller` nor `blockOwnerDeletion` is set. (`Owner` of `kubewright-controller` sets them, and checks that
    /// the child may be owned by it.)
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/>
    fn owner_ref(&self) -> Option<OwnerReference> {
        let metadata = self.metadata();
        Some(OwnerReference {
            api_version: Self::RESOURCE.gvk().api_version().into(),
            kind: Self::RESOURCE.kind.into(),
            name: metadata.name.clone().filter(|name| !name.is_empty())?,
            uid: metadata.uid.clone().filter(|uid| !uid.is_empty())?,
            ..OwnerReference::default()
        })
    }
}

impl Object for PartialObjectMetadata {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}
