//! Everything that generated code stands on, in one `use`. It is for generated code, and not for people.

pub use crate::api::{AllNamespaces, Handle, Object, Resource, ResourceDesc, Served};
pub use crate::client::Client;
pub use crate::error::Result;
pub use crate::message::{
    Descriptor, FIELD, Field, FieldDesc, Gvk, ListType, Message, MessageType, Slot, UnknownFields, Value, Wire, mark,
};
pub use crate::meta::v1::{
    Condition, DeleteOptions, LabelSelector, LabelSelectorRequirement, List, ListMeta, ManagedFieldsEntry, ObjectMeta,
    OwnerReference, Status,
};
pub use crate::request::{
    ApplyRequest, Change, CreateRequest, DeleteCollectionRequest, DeleteRequest, GetRequest, ListRequest,
    ModifyRequest, Patch, PatchRequest, ReplaceRequest, Response, ScaleRequest, TextRequest, WatchRequest,
};
pub use crate::stream::{AttachRequest, ConnectRequest, ExecRequest, PortForwardRequest, Proxy};
pub use crate::text::{Lines, TextReader};
pub use crate::types::{
    Base64, ByteString, DateTime, Duration, FieldsV1, IntOrString, Map, MicroTime, Nullable, Number, Quantity, RawJson,
    Time,
};
pub use crate::wait::Wait;
pub use crate::{copy_methods, message, open_enum, verbs};
pub use bytes::Bytes;
pub use compact_str::CompactString;
pub use http::Request;
