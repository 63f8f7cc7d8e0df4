//! Writing: messages as JSON text, by their tables.

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::{Error, Kind};
use super::scan::plain_run;
use super::type_meta::TypeMeta;
use crate::engine::is_default_value;
use crate::message::{FieldDesc, ListValue, MapValue, Message, Value};
use crate::types::IntOrString;

/// What is written of a message.
///
/// Whatever the mode, an `Option` is written whenever it is there, unknown fields are written after the known, a
/// document starts with its `apiVersion` and `kind`, and the items of a list and the values of a map are written even
/// if they are empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// For create and update: a plain field is left out at its default, unless it is required. An object is at its
    /// default when everything in it is.
    #[default]
    Full,
    /// For [server-side apply](https://kubernetes.io/docs/reference/using-api/server-side-apply/): a plain field is left
    /// out at its default, required or not, so that the manager owns exactly what was set. `metadata.managedFields` is
    /// left out too, as the server does not take it.
    Apply,
}

/// Writes a message as a JSON document.
///
/// # Errors
///
/// If the message holds something that JSON has no place for, which is never left out: an unknown field that was read
/// from protobuf ([`Error::needs_protobuf`]), or a floating-point number that is infinite or NaN.
pub fn to_vec(message: &dyn Message) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(1024);
    encode_into(message, &mut out, Mode::Full)?;
    Ok(out)
}

/// Appends a message to a buffer, as a JSON document.
///
/// # Errors
///
/// As for [`to_vec`]; the buffer is then as it was.
pub fn encode_into(message: &dyn Message, out: &mut Vec<u8>, mode: Mode) -> Result<(), Error> {
    let before = out.len();
    let result = Encoder { out: &mut *out, mode }.object(message, Role::Whole);
    if result.is_err() {
        out.truncate(before);
    }
    result
}

/// Whether a field is written.
#[inline]
pub(crate) fn is_written(value: Value<'_>, field: &FieldDesc, mode: Mode) -> bool {
    match value {
        Value::Absent => false,
        _ if field.optional || (field.required && mode == Mode::Full) => true,
        value => !is_default_value(value),
    }
}

/// Where an object stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// It is a document, or an item of a list of documents.
    Whole,
    /// It is the metadata of a document.
    Metadata,
    Inner,
}

struct Encoder<'a> {
    out: &'a mut Vec<u8>,
    mode: Mode,
}

impl Encoder<'_> {
    fn object(&mut self, message: &dyn Message, role: Role) -> Result<(), Error> {
        let table = message.descriptor();
        let meta = if role == Role::Whole { TypeMeta::of(table) } else { None };
        self.out.push(b'{');
        if let Some(meta) = meta {
            self.type_meta(meta);
        }
        for (index, field) in table.fields.iter().enumerate() {
            let value = message.value(index);
            if !is_written(value, field, self.mode) {
                continue;
            }
            let mut inner = Role::Inner;
            if self.mode == Mode::Apply {
                match (role, field.name()) {
                    (Role::Whole, "metadata") => inner = Role::Metadata,
                    (Role::Metadata, "managedFields") => continue,
                    _ => {}
                }
            }
            self.out.extend_from_slice(field.key.as_bytes());
            self.value(value, field, inner).map_err(|error| error.in_field(field.name()))?;
            self.out.push(b',');
        }
        let unknown = message.unknown_fields();
        if !unknown.is_empty() {
            if !unknown.protobuf().is_empty() {
                let what = "a field that was read from protobuf and that this version doesn't know";
                return Err(Error::new(Kind::NoPlace(what), None));
            }
            for (name, value) in unknown.iter() {
                // An object that was read inside another one kept these; as a document it has its own.
                if meta.is_some() && matches!(name, "apiVersion" | "kind") {
                    continue;
                }
                self.string(name);
                self.out.push(b':');
                self.out.extend_from_slice(value.as_str().as_bytes());
                self.out.push(b',');
            }
        }
        self.close(b'}');
        Ok(())
    }

    fn type_meta(&mut self, meta: TypeMeta) {
        let gvk = meta.gvk;
        self.out.extend_from_slice(b"\"apiVersion\":\"");
        if !gvk.group.is_empty() {
            self.out.extend_from_slice(gvk.group.as_bytes());
            self.out.push(b'/');
        }
        self.out.extend_from_slice(gvk.version.as_bytes());
        self.out.extend_from_slice(b"\",\"kind\":\"");
        self.out.extend_from_slice(gvk.kind.as_bytes());
        if meta.list {
            self.out.extend_from_slice(b"List");
        }
        self.out.extend_from_slice(b"\",");
    }

    /// Ends a list or object: every item so far left a comma behind.
    #[inline]
    fn close(&mut self, bracket: u8) {
        match self.out.last_mut() {
            Some(last) if *last == b',' => *last = bracket,
            _ => self.out.push(bracket),
        }
    }

    fn value(&mut self, value: Value<'_>, field: &FieldDesc, role: Role) -> Result<(), Error> {
        match value {
            Value::Str(text) => self.string(text),
            Value::Message(message) => self.object(message, role)?,
            Value::List(list) => self.list(list, field)?,
            Value::StrMap(map) => {
                self.out.push(b'{');
                for (key, value) in map {
                    self.string(key);
                    self.out.push(b':');
                    self.string(value);
                    self.out.push(b',');
                }
                self.close(b'}');
            }
            Value::Map(map) => self.map(map, field)?,
            Value::Enum(value) => self.string(value.as_str()),
            Value::Bool(value) => self.out.extend_from_slice(if value { b"true" } else { b"false" }),
            Value::I32(value) => self.integer(value.into()),
            Value::I64(value) => self.integer(value),
            Value::F64(value) => self.float(value)?,
            Value::FieldsV1(value) => self.out.extend_from_slice(value.as_str().as_bytes()),
            Value::Json(value) => self.out.extend_from_slice(value.as_str().as_bytes()),
            Value::IntOrString(IntOrString::Int(value)) => self.integer(*value),
            Value::IntOrString(IntOrString::String(text)) => self.string(text),
            Value::Quantity(value) if value.is_json_number() => self.out.extend_from_slice(value.as_str().as_bytes()),
            Value::Quantity(value) => self.string(value.as_str()),
            Value::Time(value) => self.display(value),
            Value::MicroTime(value) => self.display(value),
            Value::Duration(value) => self.display(value),
            Value::Bytes(value) => self.base64(value),
            Value::Absent | Value::Null => self.out.extend_from_slice(b"null"),
        }
        Ok(())
    }

    fn list(&mut self, list: &dyn ListValue, field: &FieldDesc) -> Result<(), Error> {
        let role = if field.items_are_objects { Role::Whole } else { Role::Inner };
        self.out.push(b'[');
        for index in 0..list.len() {
            self.value(list.get(index), field, role).map_err(|error| error.in_item(index))?;
            self.out.push(b',');
        }
        self.close(b']');
        Ok(())
    }

    fn map(&mut self, map: &dyn MapValue, field: &FieldDesc) -> Result<(), Error> {
        self.out.push(b'{');
        for index in 0..map.len() {
            let Some((key, value)) = map.get(index) else { break };
            self.string(key);
            self.out.push(b':');
            self.value(value, field, Role::Inner).map_err(|error| error.in_key(key))?;
            self.out.push(b',');
        }
        self.close(b'}');
        Ok(())
    }

    #[inline]
    fn string(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let end = plain_run(bytes, 0);
        self.out.reserve(bytes.len() + 2);
        self.out.push(b'"');
        if end == bytes.len() {
            self.out.extend_from_slice(bytes);
        } else {
            self.escaped(bytes, end);
        }
        self.out.push(b'"');
    }

    #[cold]
    fn escaped(&mut self, bytes: &[u8], mut end: usize) {
        let mut start = 0;
        loop {
            self.out.extend_from_slice(bytes.get(start..end).unwrap_or_default());
            let Some(byte) = bytes.get(end) else { return };
            let short = match byte {
                b'"' => b'"',
                b'\\' => b'\\',
                b'\n' => b'n',
                b'\r' => b'r',
                b'\t' => b't',
                0x08 => b'b',
                0x0c => b'f',
                _ => 0,
            };
            if short == 0 {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
                self.out.extend_from_slice(b"\\u00");
                self.out.extend_from_slice(&digits);
            } else {
                self.out.extend_from_slice(&[b'\\', short]);
            }
            start = end + 1;
            end = plain_run(bytes, start);
        }
    }

    fn integer(&mut self, value: i64) {
        self.out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
    }

    /// Writes a whole number without a fraction, as the server does.
    fn float(&mut self, value: f64) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(Error::new(Kind::NotFinite, None));
        }
        match super::number::integral_f64(value) {
            Some(whole) if value != 0.0 || value.is_sign_positive() => self.integer(whole),
            _ => self.out.extend_from_slice(zmij::Buffer::new().format_finite(value).as_bytes()),
        }
        Ok(())
    }

    /// Writes text that needs no escapes: a time, a duration.
    fn display(&mut self, value: &dyn std::fmt::Display) {
        self.out.push(b'"');
        // Writing to a vector does not fail.
        let _ = write!(self.out, "{value}");
        self.out.push(b'"');
    }

    fn base64(&mut self, bytes: &[u8]) {
        self.out.push(b'"');
        let start = self.out.len();
        let length = base64::encoded_len(bytes.len(), true).unwrap_or(0);
        self.out.resize(start + length, 0);
        let written = self.out.get_mut(start..).and_then(|place| STANDARD.encode_slice(bytes, place).ok());
        self.out.truncate(start + written.unwrap_or(0));
        self.out.push(b'"');
    }
}
