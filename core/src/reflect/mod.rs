//! Engines that walk a message's table, other than the codecs: comparison, `Debug`, copying, serde, extraction of a
//! field manager's fields.
//!
//! Each is one piece of code for every type. Generated types call them through the [`message!`](crate::message!)
//! macro.

mod copy;
mod debug;
mod deserialize;
mod equal;
mod extract;
#[cfg(feature = "schemars")]
mod schema;
mod serialize;
#[cfg(test)]
mod tests;

pub use copy::copy;
pub use debug::debug;
pub use deserialize::deserialize;
pub use equal::{equal, equal_values};
pub use extract::{ExtractError, extract};
#[cfg(feature = "schemars")]
pub use schema::schema;
pub use serialize::serialize;

use crate::message::{Message, Value};
pub use crate::message::{clear, is_default, is_default_value};

/// Returns the index of the field with this JSON name.
fn position(message: &dyn Message, name: &str) -> Option<usize> {
    message.descriptor().fields.iter().position(|field| field.json_name() == name)
}

/// Returns the value of the field with this JSON name.
#[doc(hidden)]
pub fn find<'a>(message: &'a dyn Message, name: &str) -> Value<'a> {
    position(message, name).map_or(Value::Absent, |index| message.value(index))
}

/// Returns a string, or the text of a string enum.
#[doc(hidden)]
pub fn text(value: Value<'_>) -> Option<&str> {
    match value {
        Value::Str(text) => Some(text),
        Value::Enum(value) => Some(value.as_str()),
        _ => None,
    }
}
