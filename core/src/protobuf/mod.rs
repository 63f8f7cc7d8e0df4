//! Protobuf: messages from bytes, and bytes from messages, both by their tables.
//!
//! It is how the API server's own clients talk to it, for every built-in kind
//! (<https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding>). An object travels in an
//! envelope that names its kind: [`from_slice`] and [`to_vec`] read and write that; [`decode_into`] and [`encode_into`]
//! are the same without a type known at compile time; [`decode_bare`] and [`encode_bare`] do without the envelope.
//! [`watch`] takes the frames of a watch apart, and [`split`] the items out of a list while it is still coming in.
//!
//! A kind has protobuf if its table's fields have numbers ([`is_supported`]). What has no place in it is an error that
//! says so ([`Error::needs_json`]), never left out.

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

/// Whether bytes start as an object in its envelope does.
#[doc(hidden)]
pub fn is_envelope(bytes: &[u8]) -> bool {
    bytes.starts_with(&envelope::MAGIC)
}

/// Whether the objects of a table have a protobuf form: custom resources don't, nor do lists of them.
pub fn is_supported(table: &Descriptor) -> bool {
    table.fields.iter().all(|field| {
        let items = field.message.filter(|_| field.items_are_objects);
        field.number > 0 && items.is_none_or(|items| is_supported(items()))
    })
}
