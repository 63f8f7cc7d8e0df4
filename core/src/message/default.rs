//! Whether a message or value is at its default.

use super::{Message, SetFields, Value};
use crate::types::{Duration, MicroTime, Time};

/// Whether all fields of a message are at their default: every `Option` is `None`, every plain field is zero or empty,
/// and there are no unknown fields. Marks of absent required fields are ignored.
pub fn is_default(message: &dyn Message) -> bool {
    message.unknown_fields().is_empty() && SetFields::of(message).next().is_none()
}

/// Whether a plain field's value is its type's default: absent, null, `false`, zero, empty.
pub fn is_default_value(value: Value<'_>) -> bool {
    match value {
        Value::Absent | Value::Null => true,
        Value::Bool(value) => !value,
        Value::I32(value) => value == 0,
        Value::I64(value) => value == 0,
        // Not -0.0, which would not round-trip.
        Value::F64(value) => value.to_bits() == 0,
        // By its text, as with quantities: another zero, such as 0.0, would not round-trip.
        Value::Number(value) => value.as_str() == "0",
        Value::Str(text) => text.is_empty(),
        Value::Enum(value) => value.as_str().is_empty(),
        Value::Bytes(bytes) => bytes.is_empty(),
        Value::Base64(value) => value.as_str().is_empty(),
        Value::Quantity(value) => !value.is_json_number() && value.as_str() == "0",
        Value::IntOrString(value) => value.as_int() == Some(0),
        Value::Time(value) => *value == Time::default(),
        Value::MicroTime(value) => *value == MicroTime::default(),
        Value::DateTime(value) => value.as_str().is_empty(),
        Value::Duration(value) => *value == Duration::default(),
        Value::Json(value) => value.is_null(),
        Value::FieldsV1(value) => value.as_str() == "{}",
        Value::Message(message) => is_default(message),
        Value::List(list) => list.is_empty(),
        Value::Map(map) => map.is_empty(),
        Value::StrMap(map) => map.is_empty(),
        Value::Serde(value) => value.is_default(),
    }
}
