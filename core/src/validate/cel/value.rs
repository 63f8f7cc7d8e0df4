//! JSON as values of CEL, by the types of its schema.
//!
//! <https://kubernetes.io/docs/reference/using-api/cel/#type-system-integration>

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cel::Value;
use cel::objects::OptionalValue;
use serde_json::{Number, Value as Json};

use super::super::{node::Node, rule};
use crate::types::Duration;

/// A value of a schema; without one, as JSON says what it is.
pub fn of(value: &Json, node: Option<&Node>) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => self::number(number, node),
        Json::String(text) => self::text(text, node),
        Json::Array(items) => {
            let node = node.and_then(|node| node.items.as_deref());
            Value::List(Arc::new(items.iter().map(|item| of(item, node)).collect()))
        }
        Json::Object(fields) => {
            // The names of fields are escaped, the keys of maps are not.
            let is_struct = node.is_some_and(|node| !node.properties.is_empty());
            let entry = |(name, value): (&String, &Json)| {
                let node = node.and_then(|node| node.field(name)).map(|node| &**node);
                (if is_struct { rule::escaped(name) } else { name.clone() }, of(value, node))
            };
            Value::Map(fields.iter().map(entry).collect::<HashMap<_, _>>().into())
        }
    }
}

/// The value before an update, for rules that are checked without one, too.
pub fn optional(value: Option<Value>) -> Value {
    Value::Opaque(Arc::new(value.map_or_else(OptionalValue::none, OptionalValue::of)))
}

fn number(number: &Number, node: Option<&Node>) -> Value {
    let float = || number.as_f64().unwrap_or_default();
    match number.as_i64() {
        _ if node.is_some_and(|node| node.types.is("number")) => Value::Float(float()),
        Some(integer) => Value::Int(integer),
        None if node.is_some_and(|node| node.types.is("integer")) => Value::Int(float() as i64),
        None => Value::Float(float()),
    }
}

fn text(text: &str, node: Option<&Node>) -> Value {
    let format = node.and_then(|node| node.format).map(|format| format.kind()).unwrap_or_default();
    let plain = || Value::String(Arc::new(text.to_owned()));
    match format {
        "byte" => STANDARD.decode(text).map_or_else(|_| plain(), |bytes| Value::Bytes(Arc::new(bytes))),
        "duration" => {
            let nanos = text.parse::<Duration>().ok().map(Duration::as_nanos);
            nanos.map_or_else(plain, |nanos| Value::Duration(chrono::Duration::nanoseconds(nanos)))
        }
        "datetime" | "date" => {
            let midnight = if format == "date" { "T00:00:00Z" } else { "" };
            let time = chrono::DateTime::parse_from_rfc3339(&format!("{text}{midnight}"));
            time.map_or_else(|_| plain(), Value::Timestamp)
        }
        _ => plain(),
    }
}
