//! Kinds whose objects the API server stores and serves.

use super::ResourceDesc;
use crate::message::MessageType;
use crate::meta::v1::{ObjectMeta, PartialObjectMetadata};

/// A kind whose objects have metadata: everything that the API server stores.
pub trait Object: MessageType {
    /// The object's name, namespace, labels, owner references, ….
    fn metadata(&self) -> &ObjectMeta;

    /// The object's metadata, to be changed.
    fn metadata_mut(&mut self) -> &mut ObjectMeta;
}

/// A kind that the server serves as a resource, so that generic code can make a handle of it.
///
/// Generated; the verbs that the resource has are in [`verbs`](mod@crate::verbs).
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
