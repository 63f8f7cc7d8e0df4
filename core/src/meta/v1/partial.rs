//! Metadata-only objects.

use crate::message::UnknownFields;
use crate::meta::v1::ObjectMeta;

/// An object of any kind with only its metadata.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches>
#[derive(Clone, Default)]
pub struct PartialObjectMetadata {
    /// The object's metadata.
    pub metadata: ObjectMeta,
    /// Unknown fields, preserved as they were read.
    pub unknown_fields: UnknownFields,
}

impl PartialObjectMetadata {
    /// The `Accept` header for one object.
    pub const ACCEPT: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    /// Same with protobuf.
    pub const ACCEPT_EITHER: &str = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    /// The `Accept` header for a list.
    pub const ACCEPT_LIST: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    /// Same with protobuf.
    pub const ACCEPT_LIST_EITHER: &str = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
}

crate::table! { PartialObjectMetadata("meta.k8s.io", "v1", "PartialObjectMetadata"):
    0 metadata "metadata" { number: 1, message: Some(ObjectMeta::table), };
}
