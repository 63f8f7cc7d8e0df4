//! Encodes messages as JSON text, by their tables.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::{Error, Kind};
use super::scan::{is_plain, plain_run};
use super::type_meta::TypeMeta;
use super::writer::Writer;
use crate::message::{
    FieldDesc, Gvk, ListType, ListValue, MapValue, Message, SetFields, Value, is_beside, is_replaced,
};
use crate::types::{IntOrString, Number};

/// Which fields of a message are written.
///
/// In any mode, an `Option` is written if it is set, unknown fields follow the known ones, a document starts with its
/// `apiVersion` and `kind`, and the items of a list and the values of a map are written even if they are empty. A
/// required field of a custom resource that was absent when its object was decoded stays absent while it is at its
/// default ([`UnknownFields::mark_absent`](crate::message::UnknownFields::mark_absent)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// For create and update: a plain field is omitted at its default, unless it is required. An object is at its
    /// default if all its fields are.
    #[default]
    Full,
    /// For [server-side apply](https://kubernetes.io/docs/reference/using-api/server-side-apply/): a plain field is
    /// omitted at its default, required or not, so that the manager owns exactly what was set. Required fields of a
    /// custom resource are always written, since its server distinguishes zero from absent ([`FieldDesc::explicit`]).
    /// `metadata.managedFields` is omitted, as the server rejects it.
    Apply,
    /// Same for a manager that owns only some fields of an object: of a custom resource, too, a plain field is omitted
    /// at its default, unless it is a key of a list's item. What is owned as a whole (an atomic list, map, struct or
    /// item, a list inside a list or map, the items of a set) is written as in [`Apply`](Self::Apply).
    ApplyPartial,
}

/// Encodes a message as a JSON document.
///
/// # Errors
///
/// If the message contains something that JSON can't represent, which is never omitted: an unknown field that was
/// decoded from protobuf ([`Error::needs_protobuf`]), or a floating-point number that is infinite or NaN.
pub fn to_vec(message: &dyn Message) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    encode_into(message, &mut out, Mode::Full)?;
    Ok(out)
}

/// Appends a message to a buffer, as a JSON document.
///
/// # Errors
///
/// As for [`to_vec`]; the buffer is then unchanged.
pub fn encode_into(message: &dyn Message, out: &mut Vec<u8>, mode: Mode) -> Result<(), Error> {
    let mut encoder = Encoder { out: Writer::new(std::mem::take(out)), mode, zeros: false };
    let result = encoder.object(message, Role::Whole);
    *out = if result.is_ok() { encoder.out.finish() } else { encoder.out.abandon() };
    result
}

/// An object encoded for apply.
#[doc(hidden)]
#[derive(Debug)]
pub struct Applied {
    /// In [`Mode::Apply`].
    pub whole: Vec<u8>,
    /// In [`Mode::ApplyPartial`], if that differs.
    pub partial: Option<Vec<u8>>,
}

/// Encodes a message for apply, in both modes.
#[doc(hidden)]
pub fn applied(message: &dyn Message) -> Result<Applied, Error> {
    let mut encoder = Encoder { out: Writer::new(Vec::new()), mode: Mode::Apply, zeros: false };
    encoder.object(message, Role::Whole)?;
    let mut partial = encoder.zeros.then(Vec::new);
    if let Some(out) = &mut partial {
        encode_into(message, out, Mode::ApplyPartial)?;
    }
    Ok(Applied { whole: encoder.out.finish(), partial })
}

/// The position of an object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// A document, or an item of a list of documents.
    Whole,
    /// The metadata of a document.
    Metadata,
    /// An item of a list, with these keys.
    Item(&'static [&'static str]),
    Inner,
}

struct Encoder {
    out: Writer,
    mode: Mode,
    /// Whether a field at its zero value was written that a partial apply omits.
    zeros: bool,
}

impl Encoder {
    fn object(&mut self, message: &dyn Message, role: Role) -> Result<(), Error> {
        let table = message.descriptor();
        let meta = if role == Role::Whole { TypeMeta::of(table) } else { None };
        self.out.byte(b'{');
        if let Some(meta) = meta {
            self.type_meta(meta);
        }
        match self.mode {
            Mode::Full => self.fields(message, SetFields::or_required(message))?,
            Mode::Apply => {
                let indices = SetFields::or_explicit(message);
                self.zeros |= indices.has_zeros();
                self.applied(message, indices, role)?;
            }
            Mode::ApplyPartial => match role {
                Role::Item(keys) => self.fields(message, SetFields::or_keys(message, keys))?,
                _ => self.applied(message, SetFields::of(message), role)?,
            },
        }
        if !message.unknown_fields().is_empty() {
            self.unknown(message, meta.is_some())?;
        }
        self.close(b'}');
        Ok(())
    }

    #[inline]
    fn fields(&mut self, message: &dyn Message, indices: impl Iterator<Item = usize>) -> Result<(), Error> {
        let table = message.descriptor().fields;
        let unknown = !message.unknown_fields().is_empty();
        for index in indices {
            let Some(field) = table.get(index) else { break };
            if unknown && is_beside(message, index) {
                continue;
            }
            // Most fields' key and value are written in one piece.
            match message.value(index) {
                Value::Str(text) => self.member(field.key, text),
                Value::Enum(value) => self.member(field.key, value.as_str()),
                Value::Bool(value) => {
                    self.out.pieces([field.key.as_bytes(), if value { b"true," } else { b"false," }]);
                }
                Value::Absent => {}
                value => {
                    self.out.bytes(field.key.as_bytes());
                    match value {
                        Value::Message(message) if field.list == ListType::Unset => self.object(message, Role::Inner),
                        value => self.owned(value, field),
                    }
                    .map_err(|error| error.in_field(field.name()))?;
                    self.out.byte(b',');
                }
            }
        }
        Ok(())
    }

    /// Encodes fields for apply.
    fn applied(&mut self, message: &dyn Message, indices: SetFields<'_>, role: Role) -> Result<(), Error> {
        if !matches!(role, Role::Whole | Role::Metadata) {
            return self.fields(message, indices);
        }
        for index in indices {
            let Some(field) = message.descriptor().fields.get(index) else { break };
            match (role, field.name(), message.value(index)) {
                (Role::Metadata, "managedFields", _) => {}
                (Role::Whole, "metadata", Value::Message(metadata)) => {
                    self.out.bytes(field.key.as_bytes());
                    self.object(metadata, Role::Metadata).map_err(|error| error.in_field(field.name()))?;
                    self.out.byte(b',');
                }
                _ => self.fields(message, std::iter::once(index))?,
            }
        }
        Ok(())
    }

    #[cold]
    fn unknown(&mut self, message: &dyn Message, whole: bool) -> Result<(), Error> {
        let unknown = message.unknown_fields();
        if !unknown.protobuf().is_empty() {
            let what = "an unknown field that was decoded from protobuf";
            return Err(Error::new(Kind::NoPlace(what), None));
        }
        for (name, value) in unknown.iter() {
            // An object that was decoded inside another one kept these; as a document it has its own.
            if whole && matches!(name, "apiVersion" | "kind") || is_replaced(message, name) {
                continue;
            }
            self.string(name);
            self.out.pieces([b":", value.as_str().as_bytes(), b","]);
        }
        Ok(())
    }

    fn type_meta(&mut self, meta: TypeMeta) {
        let (Gvk { group, version, .. }, [kind, end]) = (meta.gvk, meta.kind());
        let slash: &[u8] = if group.is_empty() { b"" } else { b"/" };
        self.out.pieces([b"\"apiVersion\":\"", group.as_bytes(), slash, version.as_bytes()]);
        self.out.pieces([b"\",\"kind\":\"", kind.as_bytes(), end.as_bytes(), b"\","]);
    }

    /// Ends a list or object: every item so far was followed by a comma.
    #[inline]
    fn close(&mut self, bracket: u8) {
        match self.out.last_mut() {
            Some(last) if *last == b',' => *last = bracket,
            _ => self.out.byte(bracket),
        }
    }

    /// Encodes the value of a field.
    fn owned(&mut self, value: Value<'_>, field: &FieldDesc) -> Result<(), Error> {
        let whole = match field.list {
            ListType::Atomic | ListType::Set => true,
            // A list without a list type in the documents is atomic.
            ListType::Unset => matches!(value, Value::List(_)) && !field.items_are_objects,
            ListType::Map(_) => false,
        };
        self.perhaps_whole(whole, |encoder| encoder.value(value, field))
    }

    /// Encodes an item of a list, or a value of a map.
    #[inline]
    fn item(&mut self, value: Value<'_>, field: &FieldDesc, role: Role) -> Result<(), Error> {
        // The table has no list type for a list inside: the default is atomic.
        let whole = field.atomic_items || matches!(value, Value::List(_));
        self.perhaps_whole(whole, |encoder| match value {
            Value::Message(message) => encoder.object(message, role),
            value => encoder.value(value, field),
        })
    }

    /// Encodes a value. An owner of a part of an atomic one owns all of it, zeros included.
    #[inline]
    fn perhaps_whole(&mut self, whole: bool, write: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        if !whole || self.mode != Mode::ApplyPartial {
            return write(self);
        }
        self.mode = Mode::Apply;
        let written = write(self);
        self.mode = Mode::ApplyPartial;
        written
    }

    fn value(&mut self, value: Value<'_>, field: &FieldDesc) -> Result<(), Error> {
        match value {
            Value::Str(text) => self.string(text),
            Value::Message(message) => self.object(message, Role::Inner)?,
            Value::List(list) => self.list(list, field)?,
            Value::StrMap(map) => {
                self.out.byte(b'{');
                for (key, value) in map {
                    if is_plain(key.as_bytes()) && is_plain(value.as_bytes()) {
                        self.out.pieces([b"\"", key.as_bytes(), b"\":\"", value.as_bytes(), b"\","]);
                    } else {
                        self.string(key);
                        self.out.byte(b':');
                        self.string(value);
                        self.out.byte(b',');
                    }
                }
                self.close(b'}');
            }
            Value::Map(map) => self.map(map, field)?,
            Value::Enum(value) => self.string(value.as_str()),
            Value::Bool(value) => self.out.bytes(if value { b"true" } else { b"false" }),
            Value::I32(value) => self.integer(value.into()),
            Value::I64(value) => self.integer(value),
            Value::F64(value) => self.float(value)?,
            Value::FieldsV1(value) => self.out.bytes(value.as_str().as_bytes()),
            Value::Json(value) => self.out.bytes(value.as_str().as_bytes()),
            Value::IntOrString(IntOrString::Int(value)) => self.integer(*value),
            Value::IntOrString(IntOrString::String(text)) => self.string(text),
            Value::Quantity(value) if value.is_json_number() => self.out.bytes(value.as_str().as_bytes()),
            Value::Quantity(value) => self.string(value.as_str()),
            Value::Number(value) => self.number(value)?,
            Value::Base64(value) => self.string(value.as_str()),
            Value::DateTime(value) => self.string(value.as_str()),
            // As in Go, where the zero time is encoded as null.
            Value::Time(value) if value.is_zero() => self.out.bytes(b"null"),
            Value::MicroTime(value) if value.is_zero() => self.out.bytes(b"null"),
            Value::Time(value) => value.with_text(|text| self.quoted(text)),
            Value::MicroTime(value) => value.with_text(|text| self.quoted(text)),
            Value::Duration(value) => self.quoted(&value.to_string()),
            Value::Bytes(value) => self.base64(value),
            Value::Serde(value) => {
                let json = value.to_json().map_err(|error| Error::new(Kind::NotWritten(error.to_string()), None))?;
                self.out.bytes(json.as_str().as_bytes());
            }
            Value::Absent | Value::Null => self.out.bytes(b"null"),
        }
        Ok(())
    }

    fn list(&mut self, list: &dyn ListValue, field: &FieldDesc) -> Result<(), Error> {
        let role = match field.list {
            _ if field.items_are_objects => Role::Whole,
            ListType::Map(keys) if self.mode == Mode::ApplyPartial => Role::Item(keys),
            _ => Role::Inner,
        };
        self.out.byte(b'[');
        for index in 0..list.len() {
            self.item(list.get(index), field, role).map_err(|error| error.in_item(index))?;
            self.out.byte(b',');
        }
        self.close(b']');
        Ok(())
    }

    fn map(&mut self, map: &dyn MapValue, field: &FieldDesc) -> Result<(), Error> {
        self.out.byte(b'{');
        for index in 0..map.len() {
            let Some((key, value)) = map.get(index) else { break };
            self.string(key);
            self.out.byte(b':');
            self.item(value, field, Role::Inner).map_err(|error| error.in_key(key))?;
            self.out.byte(b',');
        }
        self.close(b'}');
        Ok(())
    }

    /// Writes a key as in its table, the text as its value, and a comma.
    #[inline]
    fn member(&mut self, key: &'static str, text: &str) {
        if is_plain(text.as_bytes()) {
            self.out.pieces([key.as_bytes(), b"\"", text.as_bytes(), b"\","]);
        } else {
            self.out.bytes(key.as_bytes());
            self.escaped(text.as_bytes());
            self.out.byte(b',');
        }
    }

    #[inline]
    fn string(&mut self, text: &str) {
        if is_plain(text.as_bytes()) {
            self.out.pieces([b"\"", text.as_bytes(), b"\""]);
        } else {
            self.escaped(text.as_bytes());
        }
    }

    #[cold]
    fn escaped(&mut self, bytes: &[u8]) {
        self.out.byte(b'"');
        let mut start = 0;
        loop {
            let end = plain_run(bytes, start);
            self.out.bytes(bytes.get(start..end).unwrap_or_default());
            let Some(byte) = bytes.get(end) else { break };
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
                self.out.bytes(b"\\u00");
                self.out.bytes(&digits);
            } else {
                self.out.bytes(&[b'\\', short]);
            }
            start = end + 1;
        }
        self.out.byte(b'"');
    }

    fn integer(&mut self, value: i64) {
        self.out.bytes(itoa::Buffer::new().format(value).as_bytes());
    }

    fn number(&mut self, value: &Number) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(Error::new(Kind::NotFinite, None));
        }
        self.out.bytes(value.as_str().as_bytes());
        Ok(())
    }

    /// Writes a whole number without a fraction, as the server does.
    fn float(&mut self, value: f64) -> Result<(), Error> {
        if !value.is_finite() {
            return Err(Error::new(Kind::NotFinite, None));
        }
        match crate::types::integral_f64(value) {
            Some(whole) if value != 0.0 || value.is_sign_positive() => self.integer(whole),
            _ => self.out.bytes(zmij::Buffer::new().format_finite(value).as_bytes()),
        }
        Ok(())
    }

    /// Writes text without characters to escape: a time, a duration.
    fn quoted(&mut self, text: &str) {
        self.out.pieces([b"\"", text.as_bytes(), b"\""]);
    }

    fn base64(&mut self, bytes: &[u8]) {
        self.out.byte(b'"');
        let length = base64::encoded_len(bytes.len(), true).unwrap_or(0);
        let written = STANDARD.encode_slice(bytes, self.out.room(length)).unwrap_or(0);
        self.out.take_back(length - written);
        self.out.byte(b'"');
    }
}
