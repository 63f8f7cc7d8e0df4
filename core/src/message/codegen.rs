//! What generated types stand on, as far as messages go: what the types of `meta/v1` need.

pub use super::{
    Descriptor, FIELD, Field, FieldDesc, Gvk, ListType, Message, MessageType, Slot, UnknownFields, Value, Wire, mark,
};
pub use crate::types::{
    Base64, ByteString, DateTime, Duration, FieldsV1, IntOrString, Map, MicroTime, Nullable, Number, Quantity, RawJson,
    Time,
};
pub use crate::{message, open_enum};
pub use compact_str::CompactString;
