//! Comparison.

use std::any::Any;

use crate::message::{Message, SetFields, Value, left_out};

/// Whether two messages are of one type, and equal field by field, unknown fields included.
///
/// Scalars compare by meaning: the quantities `1` and `1000m` are equal. Absent differs from zero if the server
/// distinguishes them: in an `Option`, and in a required field of a custom resource that was absent when the message
/// was decoded.
pub fn equal(a: &dyn Message, b: &dyn Message) -> bool {
    (a as &dyn Any).type_id() == (b as &dyn Any).type_id()
        && SetFields::of_either(a, b).all(|index| equal_values(a.value(index), b.value(index)))
        && a.unknown_fields() == b.unknown_fields()
        && left_out(a).eq(left_out(b))
}

/// Whether two values are of one type, and equal. An absent value differs from one at its default.
pub fn equal_values(a: Value<'_>, b: Value<'_>) -> bool {
    match (a, b) {
        (Value::Absent, Value::Absent) | (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::I32(a), Value::I32(b)) => a == b,
        (Value::I64(a), Value::I64(b)) => a == b,
        (Value::F64(a), Value::F64(b)) => a == b,
        (Value::Number(a), Value::Number(b)) => a == b,
        (Value::Str(a), Value::Str(b)) => a == b,
        (Value::Enum(a), Value::Enum(b)) => a.as_str() == b.as_str(),
        (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::Base64(a), Value::Base64(b)) => a == b,
        (Value::Quantity(a), Value::Quantity(b)) => a == b,
        (Value::IntOrString(a), Value::IntOrString(b)) => a == b,
        (Value::Time(a), Value::Time(b)) => a == b,
        (Value::MicroTime(a), Value::MicroTime(b)) => a == b,
        (Value::DateTime(a), Value::DateTime(b)) => a == b,
        (Value::Duration(a), Value::Duration(b)) => a == b,
        (Value::Json(a), Value::Json(b)) => a == b,
        (Value::FieldsV1(a), Value::FieldsV1(b)) => a == b,
        (Value::Message(a), Value::Message(b)) => equal(a, b),
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && (0..a.len()).all(|index| equal_values(a.get(index), b.get(index)))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && (0..a.len()).all(|index| match (a.get(index), b.get(index)) {
                    (Some((a_key, a)), Some((b_key, b))) => a_key == b_key && equal_values(a, b),
                    _ => false,
                })
        }
        (Value::StrMap(a), Value::StrMap(b)) => a == b,
        (Value::Serde(a), Value::Serde(b)) => matches!((a.to_json(), b.to_json()), (Ok(a), Ok(b)) if a == b),
        _ => false,
    }
}
