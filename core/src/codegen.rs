//! What generated types stand on, in one `use`. It is for generated code, and not for people.

pub use crate::message::{
    Descriptor, FIELD, Field, FieldDesc, Gvk, ListType, Message, MessageType, Slot, UnknownFields, Value, Wire, mark,
};
pub use crate::meta::v1::{
    Condition, DeleteOptions, LabelSelector, LabelSelectorRequirement, List, ListMeta, ManagedFieldsEntry, ObjectMeta,
    OwnerReference, Status,
};
pub use crate::resource::{Object, Resource, ResourceDesc, Served};
pub use crate::types::{
    Base64, ByteString, DateTime, Duration, FieldsV1, IntOrString, Map, MicroTime, Nullable, Number, Quantity, RawJson,
    Time,
};
pub use crate::{message, open_enum, verbs};
pub use compact_str::CompactString;
