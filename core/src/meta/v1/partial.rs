//! An object's metadata without the rest of it.

use crate::message::{Descriptor, Field, Gvk, Message, MessageType, Slot, UnknownFields, Value, field};
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

crate::message!(PartialObjectMetadata);

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

impl MessageType for PartialObjectMetadata {
    fn table() -> &'static Descriptor {
        static TABLE: Descriptor = Descriptor::new(
            "PartialObjectMetadata",
            Some(Gvk { group: "meta.k8s.io", version: "v1", kind: "PartialObjectMetadata" }),
            &[field("\"metadata\":").number(1).message(ObjectMeta::table)],
        );
        &TABLE
    }
}

impl Message for PartialObjectMetadata {
    fn descriptor(&self) -> &'static Descriptor {
        Self::table()
    }

    fn slot(&mut self, field: usize) -> Slot<'_> {
        match field {
            0 => self.metadata.as_slot(),
            _ => Slot::None,
        }
    }

    fn value(&self, field: usize) -> Value<'_> {
        match field {
            0 => self.metadata.as_value(),
            _ => Value::Absent,
        }
    }

    fn unknown_fields(&self) -> &UnknownFields {
        &self.unknown_fields
    }

    fn unknown_fields_mut(&mut self) -> &mut UnknownFields {
        &mut self.unknown_fields
    }
}
