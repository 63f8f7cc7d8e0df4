//! OpenAPI v2 in protobuf, by the messages of gnostic: the form that kubectl asks for.
//!
//! <https://github.com/google/gnostic-models/blob/main/openapiv2/OpenAPIv2.proto>

use serde_json::{Map, Value};

use crate::api::wire::{field, varint};

/// What a field of JSON is in a message: its number there, and how it is encoded.
type Field = (&'static str, u32, Kind);

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Flag,
    Integer,
    Number,
    /// A list of texts, one field each.
    Texts,
    /// Texts in a message of their own.
    Types,
    /// Any value, as text of YAML.
    Any,
    /// A list of those.
    Anys,
    /// A message of these fields.
    Message(&'static Message),
    /// What clients need: the names of credentials.
    Requirements,
    /// A message with named ones of these fields, which are behind the field of this number.
    Named(u32, &'static Message),
    /// A schema, in the message that is for one or several.
    Items,
    /// A schema or whether there may be others.
    Additional,
    /// A parameter, in the messages that tell their sorts apart.
    Parameters,
    /// A schema in a response.
    OfResponse,
}

struct Message {
    fields: &'static [Field],
    /// The number of the fields that start with `x-`.
    extensions: Option<u32>,
    /// Fields of messages around it, of which the outermost is the first.
    inside: &'static [u32],
}

use Kind::{
    Additional, Any, Anys, Flag, Integer, Items, Named, Number, OfResponse, Parameters, Requirements, Text, Texts,
    Types,
};

static DOCUMENT: Message = Message {
    fields: &[
        ("swagger", 1, Text),
        ("info", 2, Kind::Message(&INFO)),
        ("paths", 8, Named(2, &PATH)),
        ("definitions", 9, Named(1, &SCHEMA)),
        ("security", 12, Requirements),
        ("securityDefinitions", 13, Named(1, &SECURITY_DEFINITION)),
    ],
    extensions: Some(16),
    inside: &[],
};

static INFO: Message =
    Message { fields: &[("title", 1, Text), ("version", 2, Text)], extensions: Some(7), inside: &[] };

static SECURITY_DEFINITION: Message = Message {
    fields: &[("type", 1, Text), ("name", 2, Text), ("in", 3, Text), ("description", 4, Text)],
    extensions: Some(5),
    // Of the sorts, the key of an API.
    inside: &[2],
};

static PATH: Message = Message {
    fields: &[
        ("get", 2, Kind::Message(&OPERATION)),
        ("put", 3, Kind::Message(&OPERATION)),
        ("post", 4, Kind::Message(&OPERATION)),
        ("delete", 5, Kind::Message(&OPERATION)),
        ("options", 6, Kind::Message(&OPERATION)),
        ("head", 7, Kind::Message(&OPERATION)),
        ("patch", 8, Kind::Message(&OPERATION)),
        ("parameters", 9, Parameters),
    ],
    extensions: Some(10),
    inside: &[],
};

static OPERATION: Message = Message {
    fields: &[
        ("tags", 1, Texts),
        ("description", 3, Text),
        ("operationId", 5, Text),
        ("produces", 6, Texts),
        ("consumes", 7, Texts),
        ("parameters", 8, Parameters),
        ("responses", 9, Named(1, &RESPONSE)),
        ("schemes", 10, Texts),
    ],
    extensions: Some(13),
    inside: &[],
};

static RESPONSE: Message =
    Message { fields: &[("description", 1, Text), ("schema", 2, OfResponse)], extensions: Some(5), inside: &[1] };

static BODY: Message = Message {
    fields: &[
        ("description", 1, Text),
        ("name", 2, Text),
        ("in", 3, Text),
        ("required", 4, Flag),
        ("schema", 5, Kind::Message(&SCHEMA)),
    ],
    extensions: Some(6),
    inside: &[1, 1],
};

static QUERY: Message = Message {
    fields: &[
        ("required", 1, Flag),
        ("in", 2, Text),
        ("description", 3, Text),
        ("name", 4, Text),
        ("type", 6, Text),
        ("uniqueItems", 20, Flag),
    ],
    extensions: Some(23),
    inside: &[1, 2, 3],
};

static IN_PATH: Message = Message {
    fields: &[
        ("required", 1, Flag),
        ("in", 2, Text),
        ("description", 3, Text),
        ("name", 4, Text),
        ("type", 5, Text),
        ("uniqueItems", 19, Flag),
    ],
    extensions: Some(22),
    inside: &[1, 2, 4],
};

static SCHEMA: Message = Message {
    fields: &[
        ("$ref", 1, Text),
        ("format", 2, Text),
        ("title", 3, Text),
        ("description", 4, Text),
        ("default", 5, Any),
        ("multipleOf", 6, Number),
        ("maximum", 7, Number),
        ("exclusiveMaximum", 8, Flag),
        ("minimum", 9, Number),
        ("exclusiveMinimum", 10, Flag),
        ("maxLength", 11, Integer),
        ("minLength", 12, Integer),
        ("pattern", 13, Text),
        ("maxItems", 14, Integer),
        ("minItems", 15, Integer),
        ("uniqueItems", 16, Flag),
        ("maxProperties", 17, Integer),
        ("minProperties", 18, Integer),
        ("required", 19, Texts),
        ("enum", 20, Anys),
        ("additionalProperties", 21, Additional),
        ("type", 22, Types),
        ("items", 23, Items),
        ("properties", 25, Named(1, &SCHEMA)),
        ("example", 30, Any),
    ],
    extensions: Some(31),
    inside: &[],
};

/// Encodes a document.
pub(in super::super) fn encode(document: &Value) -> Vec<u8> {
    DOCUMENT.encode(document)
}

impl Message {
    fn encode(&self, value: &Value) -> Vec<u8> {
        let mut written = Vec::new();
        let empty = Map::new();
        for (name, value) in value.as_object().unwrap_or(&empty) {
            match self.fields.iter().find(|(known, ..)| known == name) {
                Some((_, number, kind)) => kind.encode(*number, value, &mut written),
                None => {
                    if let Some(number) = self.extensions.filter(|_| name.starts_with("x-")) {
                        put(number, &named(name, &any(value)), &mut written);
                    }
                }
            }
        }
        self.inside.iter().rev().fold(written, |inner, number| field(*number, &inner))
    }
}

impl Kind {
    fn encode(self, number: u32, value: &Value, into: &mut Vec<u8>) {
        let texts = || value.as_array().into_iter().flatten().filter_map(Value::as_str);
        let items = || value.as_array().into_iter().flatten();
        match self {
            Text => put(number, value.as_str().unwrap_or_default().as_bytes(), into),
            Flag => whole(number, u64::from(value == &Value::Bool(true)), into),
            Integer => whole(number, value.as_i64().unwrap_or_default().cast_unsigned(), into),
            Number => {
                varint(u64::from(number << 3 | 1), into);
                into.extend(value.as_f64().unwrap_or_default().to_le_bytes());
            }
            Texts => texts().for_each(|text| put(number, text.as_bytes(), into)),
            Types => put(number, &field(1, value.as_str().unwrap_or_default().as_bytes()), into),
            Any => put(number, &any(value), into),
            Anys => items().for_each(|value| put(number, &any(value), into)),
            Self::Message(of) => put(number, &of.encode(value), into),
            Requirements => {
                for name in items().filter_map(Value::as_object).flat_map(Map::keys) {
                    put(number, &field(1, &named(name, &[])), into);
                }
            }
            Named(inner, of) => {
                let mut all = Vec::new();
                for (name, value) in value.as_object().into_iter().flatten() {
                    put(inner, &named(name, &of.encode(value)), &mut all);
                }
                put(number, &all, into);
            }
            Items => put(number, &field(1, &SCHEMA.encode(value)), into),
            Additional => {
                let mut additional = Vec::new();
                match value {
                    Value::Bool(is_allowed) => whole(2, u64::from(*is_allowed), &mut additional),
                    schema => put(1, &SCHEMA.encode(schema), &mut additional),
                }
                put(number, &additional, into);
            }
            Parameters => items().for_each(|parameter| {
                let of = match parameter["in"].as_str() {
                    Some("body") => &BODY,
                    Some("path") => &IN_PATH,
                    _ => &QUERY,
                };
                put(number, &of.encode(parameter), into);
            }),
            OfResponse => put(number, &field(1, &SCHEMA.encode(value)), into),
        }
    }
}

/// A value with a name.
fn named(name: &str, value: &[u8]) -> Vec<u8> {
    let mut written = field(1, name.as_bytes());
    put(2, value, &mut written);
    written
}

/// A value as YAML, which JSON is.
fn any(value: &Value) -> Vec<u8> {
    field(2, format!("{value}\n").as_bytes())
}

fn put(number: u32, bytes: &[u8], into: &mut Vec<u8>) {
    varint(u64::from(number << 3 | 2), into);
    varint(bytes.len() as u64, into);
    into.extend_from_slice(bytes);
}

fn whole(number: u32, value: u64, into: &mut Vec<u8>) {
    varint(u64::from(number << 3), into);
    varint(value, into);
}
