//! Keys that are there twice, as decoders into Go's types read their values.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::is_opaque;
use crate::schema::Schema;

/// Reads an object of a built-in kind. The value of a field that is there again is read into that of before: of objects, what the last
/// doesn't have stays. `None` if it is no JSON.
pub(crate) fn merged(text: &[u8], schema: Schema<'_>) -> Option<Value> {
    let reader = Reader { schema: Some(schema), present: Value::Null };
    reader.deserialize(&mut serde_json::Deserializer::from_slice(text)).ok()
}

/// Reads a value into the one that is there.
struct Reader<'a> {
    /// None of what decodes itself.
    schema: Option<Schema<'a>>,
    present: Value,
}

impl<'a> Reader<'a> {
    fn new(schema: Option<Schema<'a>>, present: Value) -> Self {
        Self { schema: schema.filter(|schema| !is_opaque(*schema)), present }
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = match self.present {
            Value::Object(fields) if self.schema.is_some() => fields,
            _ => Map::new(),
        };
        while let Some(key) = map.next_key::<String>()? {
            let before = fields.remove(&key).unwrap_or_default();
            // The values of a map are new ones.
            let is_field = self.schema.is_some_and(|schema| schema.has_property(&key));
            let present = if is_field { before } else { Value::Null };
            let value = map.next_value_seed(Reader::new(self.schema.map(|schema| schema.field(&key)), present))?;
            fields.insert(key, value);
        }
        Ok(Value::Object(fields))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let present = match self.present {
            Value::Array(present) if self.schema.is_some() => present,
            _ => Vec::new(),
        };
        let (mut present, mut list) = (present.into_iter(), Vec::new());
        let schema = self.schema.map(Schema::item);
        while let Some(item) = items.next_element_seed(Reader::new(schema, present.next().unwrap_or_default()))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_that_is_there_again_keeps_what_the_last_value_does_not_have() {
        let schema = json!({"type": "object", "properties": {
            "data": {"type": "object", "additionalProperties": {"type": "object"}},
            "list": {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}}}},
            "text": {"type": "string"},
        }});
        let text = br#"{"data":{"x":{"a":1},"y":{"a":1}},"list":[{"a":1},{"a":2},{"a":3}],"text":"a",
            "data":{"x":{"b":2}},"list":[{"b":1},{"a":4}],"text":"b"}"#;
        let expected =
            json!({"data": {"x": {"b": 2}, "y": {"a": 1}}, "list": [{"a": 1, "b": 1}, {"a": 4}], "text": "b"});
        assert_eq!(merged(text, Schema::structural(&schema)), Some(expected));
        assert_eq!(merged(b"{", Schema::structural(&schema)), None);
    }
}
