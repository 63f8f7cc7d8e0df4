//! Strict findings in JSON.

use std::collections::HashSet;
use std::fmt::{self, Write as _};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::{is_opaque, unknown_field};
use crate::quoted::quoted;
use crate::schema::Schema;

/// The most findings that a decoder keeps.
const MAX_FINDINGS: usize = 100;

/// The fields of an operation of a JSON patch.
const OPERATION: [&str; 4] = ["op", "path", "from", "value"];

/// Whether a JSON text has a key twice in one object: then it has more keys than the value that was read from it.
pub(crate) fn has_duplicates(text: &[u8], value: &Value) -> bool {
    keys_in_text(text) != keys_in_value(value)
}

/// The keys that are there twice, whatever object they are in.
pub(crate) fn duplicates(text: &[u8]) -> Vec<String> {
    let mut found = Findings::default();
    walk(text, What::Untyped, &mut found);
    found.all
}

/// The fields that a built-in kind doesn't have and the keys that are there twice, in the order of the text.
pub(crate) fn in_object(text: &[u8], schema: Schema<'_>) -> Vec<String> {
    let mut found = Findings::default();
    walk(text, What::Typed(schema), &mut found);
    found.all
}

/// The same in the operations of a JSON patch.
pub(crate) fn in_json_patch(text: &[u8]) -> Vec<String> {
    let mut found = Findings::default();
    walk(text, What::Operations, &mut found);
    found.all.into_iter().map(|finding| format!("json patch {finding}")).collect()
}

fn keys_in_text(text: &[u8]) -> usize {
    let (mut keys, mut is_in_string) = (0, false);
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => is_in_string = !is_in_string,
            b'\\' if is_in_string => {
                bytes.next();
            }
            b':' if !is_in_string => keys += 1,
            _ => {}
        }
    }
    keys
}

fn keys_in_value(value: &Value) -> usize {
    match value {
        Value::Object(fields) => fields.len() + fields.values().map(keys_in_value).sum::<usize>(),
        Value::Array(items) => items.iter().map(keys_in_value).sum(),
        _ => 0,
    }
}

/// What is found, each once, and the path of the value that is being read.
#[derive(Default)]
struct Findings {
    all: Vec<String>,
    path: String,
}

impl Findings {
    fn add(&mut self, finding: String) {
        if self.all.len() < MAX_FINDINGS && !self.all.contains(&finding) {
            self.all.push(finding);
        }
    }

    fn field(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }
}

/// What a value is decoded into.
#[derive(Clone, Copy)]
enum What<'a> {
    /// Maps that have any keys.
    Untyped,
    /// A type of Go.
    Typed(Schema<'a>),
    /// The list of operations of a JSON patch.
    Operations,
    /// One of them.
    Operation,
    /// What decodes itself.
    Opaque,
}

impl<'a> What<'a> {
    /// What the value of a key is; `None` if there is no such field.
    fn field(self, name: &str) -> Option<What<'a>> {
        match self {
            Self::Typed(schema) => match schema.field(name) {
                field if field.is_absent() => None,
                field if is_opaque(field) => Some(Self::Opaque),
                field => Some(Self::Typed(field)),
            },
            Self::Operation => OPERATION.contains(&name).then_some(Self::Untyped),
            other => Some(other),
        }
    }

    fn item(self) -> What<'a> {
        match self {
            Self::Typed(schema) if is_opaque(schema.item()) => Self::Opaque,
            Self::Typed(schema) => Self::Typed(schema.item()),
            Self::Operations => Self::Operation,
            other => other,
        }
    }
}

/// Reads a text that was read as JSON before: what can't be read again is left.
fn walk(text: &[u8], what: What<'_>, found: &mut Findings) {
    let _ = Reader { what, found }.deserialize(&mut serde_json::Deserializer::from_slice(text));
}

/// Reads one value.
struct Reader<'a, 'f> {
    what: What<'a>,
    found: &'f mut Findings,
}

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.what {
            What::Opaque => deserializer.deserialize_ignored_any(IgnoredAny).map(|_| ()),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Reader<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { what, found } = self;
        let mut seen = HashSet::new();
        while let Some(key) = map.next_key::<String>()? {
            let path = found.field(&key);
            let Some(what) = what.field(&key) else {
                found.add(unknown_field(&path));
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if !seen.insert(key) {
                found.add(format!("duplicate field {}", quoted(&path)));
            }
            let outer = std::mem::replace(&mut found.path, path);
            map.next_value_seed(Reader { what, found })?;
            found.path = outer;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Self { what, found } = self;
        let length = found.path.len();
        for index in 0_usize.. {
            let _ = write!(found.path, "[{index}]");
            let item = items.next_element_seed(Reader { what: what.item(), found })?;
            found.path.truncate(length);
            if item.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_that_are_there_twice_are_named_once_in_the_order_of_the_text() {
        let text = br#"{"b":{"x":1,"x":2,"x":3},"a":[{"y":"}\":","y":1}],"b":1}"#;
        assert!(has_duplicates(text, &serde_json::from_slice(text).expect("JSON")));
        let found = duplicates(text);
        assert_eq!(found, ["duplicate field \"b.x\"", "duplicate field \"a[0].y\"", "duplicate field \"b\""]);
        let text = br#"{"a":{"b":[1,{"c":"\":"}]},"d":{}}"#;
        assert!(!has_duplicates(text, &serde_json::from_slice(text).expect("JSON")));
    }

    #[test]
    fn what_a_kind_does_not_have_is_not_looked_into() {
        let schema = json!({"type": "object", "properties": {
            "spec": {"type": "object", "properties": {"size": {"type": "integer"}}},
            "map": {"type": "object", "additionalProperties": {"type": "string"}},
        }});
        let text = br#"{"z":{"a":1,"a":2},"spec":{"y":1,"size":1,"size":2},"a":1,"map":{"k":"1","k":"2"}}"#;
        let found = in_object(text, Schema::structural(&schema));
        let expected = [
            "unknown field \"z\"",
            "unknown field \"spec.y\"",
            "duplicate field \"spec.size\"",
            "unknown field \"a\"",
            "duplicate field \"map.k\"",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn operations_of_patches_have_fields_of_their_own() {
        let text = br#"[{"op":"add","op":"add","path":"/a","value":{"x":1,"x":2},"bogus":1}]"#;
        let expected = [
            "json patch duplicate field \"[0].op\"",
            "json patch duplicate field \"[0].value.x\"",
            "json patch unknown field \"[0].bogus\"",
        ];
        assert_eq!(in_json_patch(text), expected);
    }
}
