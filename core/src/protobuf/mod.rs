//! Protobuf codec: decodes messages from bytes and encodes them, by their tables.
//!
//! Kubernetes' own components use it for every built-in kind
//! (<https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding>). An object is sent in an envelope
//! that names its kind: [`from_slice`] and [`to_vec`] read and write that; [`decode_into`] and [`encode_into`] need no
//! type known at compile time; [`decode_bare`] and [`encode_bare`] work without the envelope. [`watch`] splits a watch
//! into frames, and [`split`] extracts the items of a list incrementally. [`tree`] is for objects as JSON trees.
//!
//! A kind supports protobuf if its table's fields have numbers ([`is_supported`]). What protobuf can't represent is an
//! error ([`Error::needs_json`]), never omitted.

mod decode;
mod encode;
mod envelope;
mod error;
mod leaf;
mod reader;
mod schema;
pub mod split;
#[cfg(test)]
mod tests;
pub mod tree;
pub mod watch;
mod writer;

pub use crate::json::Options;
pub use decode::{decode_bare, decode_into, from_slice};
pub use encode::{encode_bare, encode_into, to_vec};
pub use envelope::Envelope;
pub use error::Error;

pub(crate) use crate::json::MAX_DEPTH;
#[doc(hidden)]
pub use decode::{decode_next, decode_next_bare};

use crate::message::Descriptor;

/// The media type of objects in protobuf, for `Accept` and `Content-Type`.
pub const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// Whether bytes start with the envelope's magic number.
#[doc(hidden)]
pub fn is_envelope(bytes: &[u8]) -> bool {
    bytes.starts_with(&envelope::MAGIC)
}

/// Whether the objects of a table have a protobuf encoding: custom resources and lists of them don't.
pub fn is_supported(table: &Descriptor) -> bool {
    table.fields.iter().all(|field| {
        let items = field.message.filter(|_| field.items_are_objects);
        field.number > 0 && items.is_none_or(|items| is_supported(items()))
    })
}
