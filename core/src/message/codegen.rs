//! Support for generated types, as far as those of `meta/v1` need it.

pub use super::{
    Descriptor, FIELD, Field, FieldDesc, Gvk, ListType, Message, MessageType, Slot, UnknownFields, Value, Wire, mark,
};
pub use crate::types::{
    Base64, ByteString, DateTime, Duration, FieldsV1, IntOrString, Map, MicroTime, Nullable, Number, Quantity, RawJson,
    Time,
};
pub use crate::{message, open_enum};
pub use compact_str::CompactString;
