//! JSON: messages from text, and text from messages, both by their tables.
//!
//! [`from_slice`] and [`to_vec`] are what most callers want; [`decode_into`] and [`encode_into`] are the same with
//! options, and without a type known at compile time. What is lenient and what is exact is told at [`decode_into`] and
//! [`Mode`]. [`split`] takes the items out of a list while it is still coming in.

mod decode;
mod encode;
mod error;
mod field_order;
mod field_sets;
mod filter;
mod learned;
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
pub use encode::{Applied, applied};
#[doc(hidden)]
pub use learned::Learned;

pub(crate) use decode::{check_object, takes_null};
pub(crate) use field_order::{Orders, Point};
pub(crate) use field_sets::FieldSets;
pub(crate) use filter::{Node, Step};
pub(crate) use parser::MAX_DEPTH;
pub(crate) use type_meta::TypeMeta;
