//! Scalar types of Kubernetes objects: quantities, times, maps, raw JSON and the like.
//!
//! Each preserves its text: an object that is decoded and encoded unchanged has the same quantities, timestamps and
//! numbers, character by character. Comparison, however, is by meaning: `1000m` equals `1`, and
//! `2026-11-22T10:00:00+01:00` equals `2026-11-22T09:00:00Z`.
//!
//! Nothing here panics, whatever text a server, a file or a user supplies.

mod base64_text;
mod byte_string;
mod date_time;
mod duration;
mod fields_v1;
mod int_or_string;
mod integer;
pub(crate) mod json_number;
mod map;
mod nullable;
mod number;
mod quantity;
pub(crate) mod raw_json;
#[cfg(feature = "schemars")]
mod schema;
#[cfg(test)]
mod tests;
mod time;

pub use base64_text::Base64;
pub use byte_string::{ByteString, ByteStringError};
pub use date_time::DateTime;
pub use duration::{Duration, DurationError};
pub use fields_v1::FieldsV1;
pub use int_or_string::{IntOrString, IntOrStringError};
pub(crate) use integer::{NotInteger, integral, integral_f64};
pub use map::{Entry, IntoIter, Iter, IterMut, Map, OccupiedEntry, VacantEntry};
pub use nullable::{Nullable, deserialize_present};
pub use number::{Number, NumberError};
pub use quantity::{Quantity, QuantityError};
pub use raw_json::{RawJson, RawJsonError};
pub use time::{MicroTime, Time, TimeError};
