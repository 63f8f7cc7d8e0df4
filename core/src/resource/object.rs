//! Kinds whose objects the API server stores and serves.

use super::ResourceDesc;
use crate::message::MessageType;
use crate::meta::v1::{ObjectMeta, PartialObjectMetadata};

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
}

impl Object for PartialObjectMetadata {
    fn metadata(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn metadata_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}
