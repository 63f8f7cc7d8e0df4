//! An object's metadata without the rest of it.

use crate::message::UnknownFields;
use crate::meta::v1::ObjectMeta;

/// An object of any kind of which the server sent the metadata alone.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches>
#[derive(Clone, Default)]
pub struct PartialObjectMetadata {
    /// The object's metadata.
    pub metadata: ObjectMeta,
    /// Fields that this version does not know, kept as they were read.
    pub unknown_fields: UnknownFields,
}

impl PartialObjectMetadata {
    /// What a reader of one object says that it accepts.
    pub const ACCEPT: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    /// The same of a reader who takes protobuf too.
    pub const ACCEPT_EITHER: &str = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1, application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
    /// What a reader of a list says that it accepts.
    pub const ACCEPT_LIST: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
    /// The same of a reader who takes protobuf too.
    pub const ACCEPT_LIST_EITHER: &str = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1, application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
}

crate::table! { PartialObjectMetadata("meta.k8s.io", "v1", "PartialObjectMetadata"):
    0 metadata "metadata" { number: 1, message: Some(ObjectMeta::table), };
}
