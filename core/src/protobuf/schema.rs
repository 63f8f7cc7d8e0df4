//! Fields of a custom resource's schema that are a schema or something else: raw JSON in Rust, as in JSON, and messages
//! of their own in protobuf.
//!
//! <https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.37/#jsonschemaprops-v1-apiextensions-k8s-io>

use super::decode::Decoder;
use super::error::{Error, Kind};
use super::reader::{Reader, WireType};
use crate::json;
use crate::message::{Message, Wire};
use crate::types::RawJson;

/// The content of such a field.
pub(super) enum Content {
    Null,
    Boolean(bool),
    Schema(Box<dyn Message>),
    Schemas(Vec<Box<dyn Message>>),
    Strings(Vec<String>),
}

/// Decodes such a message, and encodes it as JSON.
pub(super) fn read(decoder: &mut Decoder, mut reader: Reader<'_>, form: Wire, depth: u8) -> Result<RawJson, Error> {
    let start = reader.at();
    let mut content = match form {
        Wire::SchemaOrBool(_) => Content::Boolean(false),
        _ => Content::Null,
    };
    while let Some(tag) = reader.tag()? {
        match (form, tag.number, tag.wire) {
            (Wire::SchemaOrBool(_), 1, WireType::Varint) => {
                let allows = reader.varint()? != 0;
                if !matches!(content, Content::Schema(_)) {
                    content = Content::Boolean(allows);
                }
            }
            (Wire::SchemaOrBool(make), 2, WireType::Bytes)
            | (Wire::SchemaOrArray(make) | Wire::SchemaOrStrings(make), 1, WireType::Bytes) => {
                let mut schema = match content {
                    Content::Schema(schema) => schema,
                    _ => make(),
                };
                decoder.message(reader.inner()?, &mut *schema, None, depth)?;
                content = Content::Schema(schema);
            }
            (Wire::SchemaOrArray(make), 2, WireType::Bytes) => {
                let mut schema = make();
                decoder.message(reader.inner()?, &mut *schema, None, depth)?;
                match &mut content {
                    Content::Schemas(list) => list.push(schema),
                    other => *other = Content::Schemas(vec![schema]),
                }
            }
            (Wire::SchemaOrStrings(_), 2, WireType::Bytes) => {
                let text = reader.text()?.to_owned();
                match &mut content {
                    Content::Strings(list) => list.push(text),
                    other => *other = Content::Strings(vec![text]),
                }
            }
            _ => reader.skip(tag)?,
        }
    }
    content.to_json().map_err(|error| {
        let kind = match error.needs_protobuf() {
            true => Kind::Foreign { content: "a schema with an unknown field".to_owned() },
            false => Kind::Json(error.to_string()),
        };
        Error::new(kind, Some(start))
    })
}

impl Content {
    /// Parses the JSON of such a field.
    pub(super) fn of(json: &RawJson, form: Wire) -> Result<Self, Error> {
        let fault = |error: &dyn std::fmt::Display| Error::new(Kind::Json(error.to_string()), None);
        let text = json.as_str().trim_ascii();
        let schema = |text: &str| {
            let (Wire::SchemaOrArray(make) | Wire::SchemaOrBool(make) | Wire::SchemaOrStrings(make)) = form else {
                return Err(fault(&"a schema where there is none"));
            };
            let mut message = make();
            json::decode_into(&mut *message, text, &json::Options::default()).map_err(|error| fault(&error))?;
            Ok(message)
        };
        match (form, text.as_bytes().first()) {
            (_, Some(b'{')) => Ok(Content::Schema(schema(text)?)),
            (Wire::SchemaOrBool(_), _) if matches!(text, "true" | "false") => Ok(Content::Boolean(text == "true")),
            (Wire::SchemaOrStrings(_), Some(b'[')) => {
                serde_json::from_str(text).map(Content::Strings).map_err(|error| fault(&error))
            }
            (Wire::SchemaOrArray(_), Some(b'[')) => {
                let items: Vec<&serde_json::value::RawValue> =
                    serde_json::from_str(text).map_err(|error| fault(&error))?;
                items.into_iter().map(|item| schema(item.get())).collect::<Result<_, _>>().map(Content::Schemas)
            }
            (_, Some(b'n')) => Ok(Content::Null),
            _ => Err(fault(&"neither a schema nor an alternative to it")),
        }
    }

    fn to_json(&self) -> Result<RawJson, json::Error> {
        let mut out = Vec::new();
        match self {
            Content::Null => return Ok(RawJson::default()),
            Content::Boolean(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Content::Schema(schema) => json::encode_into(&**schema, &mut out, json::Mode::Full)?,
            Content::Schemas(list) => {
                out.push(b'[');
                for (index, schema) in list.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    json::encode_into(&**schema, &mut out, json::Mode::Full)?;
                }
                out.push(b']');
            }
            Content::Strings(list) => out = serde_json::to_vec(list).unwrap_or_default(),
        }
        Ok(RawJson::from_valid_text(json::as_utf8(&out)?))
    }
}
