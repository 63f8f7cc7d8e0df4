//! Serialization through serde: to any format, by the rules of the JSON codec.

use serde::ser::{Error as _, Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::json::TypeMeta;
use crate::message::{FieldDesc, Message, SetFields, Value, is_beside, is_replaced};

/// Serializes a message, with its `apiVersion` and `kind` first if it is a kind.
///
/// The fields are those of [`json::to_vec`](crate::json::to_vec). Raw JSON is serialized as its structure.
///
/// # Errors
///
/// The serializer's own, raw JSON that serde_json does not read, and unknown fields that were read from protobuf.
pub fn serialize<S: Serializer>(message: &dyn Message, serializer: S) -> Result<S::Ok, S::Error> {
    Object { message, whole: true }.serialize(serializer)
}

struct Object<'a> {
    message: &'a dyn Message,
    whole: bool,
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let message = self.message;
        if !message.unknown_fields().protobuf().is_empty() {
            return Err(S::Error::custom(format_args!(
                "a {} contains an unknown field from protobuf: it can only be encoded as protobuf",
                message.descriptor().name
            )));
        }
        let table = message.descriptor();
        let meta = if self.whole { TypeMeta::of(table) } else { None };
        let fields = || {
            let places = SetFields::or_required(message).filter(|index| !is_beside(message, *index));
            let places = places.filter_map(|index| Some((table.fields.get(index)?, index)));
            let values = places.map(|(field, index)| (field, message.value(index)));
            values.filter(|(_, value)| !matches!(value, Value::Absent))
        };
        let unknown = || {
            message
                .unknown_fields()
                .iter()
                .filter(|(name, _)| meta.is_none() || !matches!(*name, "apiVersion" | "kind"))
                .filter(|(name, _)| !is_replaced(message, name))
        };
        let length = fields().count() + unknown().count() + if meta.is_some() { 2 } else { 0 };
        let mut map = serializer.serialize_map(Some(length))?;
        if let Some(meta) = meta {
            map.serialize_entry("apiVersion", &meta.gvk.api_version())?;
            let [kind, end] = meta.kind();
            map.serialize_entry("kind", &format_args!("{kind}{end}"))?;
        }
        for (field, value) in fields() {
            map.serialize_entry(&*field.json_name(), &Written { value, field })?;
        }
        for (name, value) in unknown() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

struct Written<'a> {
    value: Value<'a>,
    field: &'static FieldDesc,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let field = self.field;
        match self.value {
            Value::Absent | Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(value),
            Value::I32(value) => serializer.serialize_i32(value),
            Value::I64(value) => serializer.serialize_i64(value),
            Value::F64(value) => serializer.serialize_f64(value),
            Value::Number(value) => value.serialize(serializer),
            Value::Str(text) => serializer.serialize_str(text),
            Value::Enum(value) => serializer.serialize_str(value.as_str()),
            Value::Bytes(value) => value.serialize(serializer),
            Value::Base64(value) => value.serialize(serializer),
            Value::Quantity(value) => value.serialize(serializer),
            Value::IntOrString(value) => value.serialize(serializer),
            Value::Time(value) => value.serialize(serializer),
            Value::MicroTime(value) => value.serialize(serializer),
            Value::DateTime(value) => value.serialize(serializer),
            Value::Duration(value) => value.serialize(serializer),
            Value::Json(value) => value.serialize(serializer),
            Value::FieldsV1(value) => value.serialize(serializer),
            Value::Serde(value) => value.to_json().map_err(S::Error::custom)?.serialize(serializer),
            Value::Message(message) => Object { message, whole: false }.serialize(serializer),
            Value::List(list) => {
                let mut seq = serializer.serialize_seq(Some(list.len()))?;
                for index in 0..list.len() {
                    match list.get(index) {
                        Value::Message(message) => {
                            seq.serialize_element(&Object { message, whole: field.items_are_objects })?;
                        }
                        value => seq.serialize_element(&Written { value, field })?,
                    }
                }
                seq.end()
            }
            Value::Map(map) => {
                let mut out = serializer.serialize_map(Some(map.len()))?;
                for (key, value) in (0..map.len()).filter_map(|index| map.get(index)) {
                    out.serialize_entry(key, &Written { value, field })?;
                }
                out.end()
            }
            Value::StrMap(map) => serializer.collect_map(map),
        }
    }
}
