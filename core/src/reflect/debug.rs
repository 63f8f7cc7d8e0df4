//! `Debug` output: set fields only, and no secrets.

use std::fmt;

use crate::message::{Message, SetFields, Value, left_out};

/// The annotation in which `kubectl apply` stores the whole object, including the data of a secret.
///
/// <https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-last-applied-configuration>
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Formats a message for `Debug`, with its type's name and the fields' JSON names.
///
/// Fields that are absent or at their default are omitted; a required one that was absent when the message was decoded,
/// and is therefore not written, is shown as `absent`. Shown as `<redacted>` are a secret's value, the unknown fields
/// of a type with secrets, `data` and `stringData` of an object of a kind that is known only at run time (it may be a
/// Secret) and its `items` (it may be a list of them), and kubectl's `last-applied-configuration` annotation, which
/// repeats them.
///
/// # Errors
///
/// If the formatter's writer fails.
pub fn debug(message: &dyn Message, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let table = message.descriptor();
    let mut out = f.debug_struct(table.name);
    for index in SetFields::of(message) {
        let Some(field) = table.fields.get(index) else { break };
        if field.secret {
            out.field(field.name(), &Redacted);
        } else {
            out.field(field.name(), &Shown(message.value(index)));
        }
    }
    for field in left_out(message).filter_map(|index| table.fields.get(index)) {
        out.field(field.name(), &format_args!("absent"));
    }
    let secret = table.fields.iter().any(|field| field.secret);
    for (name, value) in message.unknown_fields().iter() {
        if secret || (table.gvk.is_none() && matches!(name, "data" | "stringData" | "items")) {
            out.field(name, &Redacted);
        } else {
            out.field(name, value);
        }
    }
    out.finish()
}

struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

struct Shown<'a>(Value<'a>);

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Absent | Value::Null => f.write_str("null"),
            Value::Bool(value) => value.fmt(f),
            Value::I32(value) => value.fmt(f),
            Value::I64(value) => value.fmt(f),
            Value::F64(value) => value.fmt(f),
            Value::Number(value) => value.fmt(f),
            Value::Str(text) => text.fmt(f),
            Value::Enum(value) => value.as_str().fmt(f),
            Value::Bytes(value) => value.fmt(f),
            Value::Base64(value) => value.fmt(f),
            Value::Quantity(value) => write!(f, "{value}"),
            Value::IntOrString(value) => match (value.as_int(), value.as_str()) {
                (Some(value), _) => value.fmt(f),
                (None, text) => text.unwrap_or_default().fmt(f),
            },
            Value::Time(value) => write!(f, "{value}"),
            Value::MicroTime(value) => write!(f, "{value}"),
            Value::DateTime(value) => value.fmt(f),
            Value::Duration(value) => write!(f, "{value}"),
            Value::Json(value) => value.fmt(f),
            Value::FieldsV1(value) => value.fmt(f),
            Value::Serde(value) => value.fmt(f),
            Value::Message(message) => debug(message, f),
            Value::List(list) => f.debug_list().entries((0..list.len()).map(|index| Shown(list.get(index)))).finish(),
            Value::Map(map) => f
                .debug_map()
                .entries((0..map.len()).filter_map(|index| map.get(index)).map(|(key, value)| (key, Shown(value))))
                .finish(),
            Value::StrMap(map) => {
                let mut out = f.debug_map();
                for (key, value) in map {
                    if key == LAST_APPLIED {
                        out.entry(key, &Redacted);
                    } else {
                        out.entry(key, value);
                    }
                }
                out.finish()
            }
        }
    }
}
