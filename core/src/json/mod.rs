//! JSON codec: decodes messages from text and encodes them, by their tables.
//!
//! Most callers use [`from_slice`] and [`to_vec`]; [`decode_into`] and [`encode_into`] have options, and need no type
//! known at compile time. [`decode_into`] and [`Mode`] document what is lenient and what is exact. [`split`] extracts
//! the items of a list incrementally.

mod decode;
mod decoder_state;
mod encode;
mod error;
mod field_order;
mod field_sets;
mod filter;
mod options;
mod parser;
mod scan;
pub mod split;
#[cfg(test)]
pub(crate) mod tests;
mod type_meta;
mod writer;

pub use decode::{as_utf8, decode_into, from_slice, from_str};
pub use encode::{Mode, encode_into, to_vec};
pub use error::Error;
pub use filter::{Filter, NoSuchField};
pub use options::Options;

#[doc(hidden)]
pub use decode::{check_answer, decode_next};
#[doc(hidden)]
pub use decoder_state::DecoderState;
#[doc(hidden)]
pub use encode::{Applied, applied};

pub(crate) use decode::{check_object, takes_null};
pub(crate) use field_order::{Orders, Point};
pub(crate) use field_sets::FieldSets;
pub(crate) use filter::{Node, Step};
pub(crate) use parser::MAX_DEPTH;
pub(crate) use type_meta::TypeMeta;
