//! Encodes messages as protobuf, by their tables. Everything is written backwards: read each function from its end.

use super::envelope::MAGIC;
use super::error::{Error, Kind};
use super::reader::WireType;
use super::schema::Content;
use super::writer::Writer;
use crate::json::TypeMeta;
use crate::message::{FieldDesc, Gvk, ListValue, MapValue, Message, SetFields, Value, Wire};
use crate::types::{Duration, IntOrString, MicroTime, RawJson, Time};

/// Encodes an object in its envelope.
///
/// # Errors
///
/// As for [`encode_into`].
pub fn to_vec(message: &dyn Message) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    encode_into(message, &mut out)?;
    Ok(out)
}

/// Appends an object in its envelope to a buffer.
///
/// It contains the fields that [JSON's full mode](crate::json::Mode::Full) writes, then the unknown fields from
/// protobuf.
///
/// # Errors
///
/// If the message contains something that protobuf can't represent, which is never omitted: a field without a number,
/// an unknown field from JSON, an integer of an [`IntOrString`] beyond 32 bits, an explicit null. The buffer is then
/// unchanged.
pub fn encode_into(message: &dyn Message, out: &mut Vec<u8>) -> Result<(), Error> {
    let meta = TypeMeta::of(message.descriptor());
    append(out, |encoder| {
        encoder.enclose(2, |encoder| encoder.message(message))?;
        if let Some(meta) = meta {
            encoder.type_meta(meta.gvk, meta.kind())?;
        }
        encoder.out.bytes(&MAGIC);
        Ok(())
    })
}

/// Appends a message to a buffer, without an envelope.
///
/// # Errors
///
/// As for [`encode_into`].
pub fn encode_bare(message: &dyn Message, out: &mut Vec<u8>) -> Result<(), Error> {
    append(out, |encoder| encoder.message(message))
}

/// Encodes bytes as a message's field with this number.
pub(super) fn enclosed(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut buffer = Vec::with_capacity(bytes.len() + 12);
    let mut encoder = Encoder { out: Writer::new(&mut buffer) };
    encoder.bytes(number, bytes);
    encoder.out.finish();
    buffer
}

fn append(out: &mut Vec<u8>, write: impl FnOnce(&mut Encoder<'_>) -> Result<(), Error>) -> Result<(), Error> {
    let mut encoder = Encoder { out: Writer::new(out) };
    let result = write(&mut encoder);
    match result {
        Ok(()) => encoder.out.finish(),
        Err(_) => encoder.out.abandon(),
    }
    result
}

pub(super) struct Encoder<'a> {
    pub(super) out: Writer<'a>,
}

/// The inlined messages that are being written, outermost first.
#[derive(Default)]
pub(super) struct Open {
    pub(super) path: &'static [u32],
    /// The length of the output when each was started.
    ends: [usize; MAX_PATH],
}

/// Maximum nesting of inlined messages.
pub(super) const MAX_PATH: usize = 4;

impl Encoder<'_> {
    fn message(&mut self, message: &dyn Message) -> Result<(), Error> {
        let table = message.descriptor();
        let unknown = message.unknown_fields();
        if !unknown.is_empty() {
            if let Some((name, _)) = unknown.iter().next() {
                let kind = Kind::NoPlace("an unknown field that was decoded from JSON");
                return Err(Error::new(kind, None).in_key(name));
            }
            self.out.bytes(unknown.protobuf());
        }
        let mut open = Open::default();
        for index in SetFields::or_required(message).rev() {
            let Some(field) = table.fields.get(index) else { break };
            let value = message.value(index);
            if let Value::Absent = value {
                continue;
            }
            if !field.is_at(open.path) {
                self.go_to(&mut open, field.path());
            }
            self.field(value, field).map_err(|error| error.in_field(field.name()))?;
        }
        if !open.path.is_empty() {
            self.go_to(&mut open, &[]);
        }
        Ok(())
    }

    /// Ends the inlined messages that do not contain a field, and starts those that do.
    pub(super) fn go_to(&mut self, open: &mut Open, path: &'static [u32]) {
        let common = open.path.iter().zip(path).take_while(|(a, b)| a == b).count();
        for (number, end) in open.path.iter().zip(open.ends).skip(common).rev() {
            self.end(*number, end);
        }
        let written = self.out.written();
        open.ends.iter_mut().skip(common).for_each(|end| *end = written);
        open.path = path;
    }

    fn field(&mut self, value: Value<'_>, field: &FieldDesc) -> Result<(), Error> {
        if field.number == 0 || field.path().len() > MAX_PATH {
            return Err(no_place("the field"));
        }
        match value {
            Value::List(list) if matches!(field.wire, Wire::Wrapped) => {
                self.enclose(field.number, |encoder| encoder.list(1, list, field))
            }
            Value::List(list) => self.list(field.number, list, field),
            Value::Map(map) => self.map(map, field),
            Value::StrMap(map) => {
                for (key, value) in map.iter().rev() {
                    self.enclose(field.number, |encoder| {
                        encoder.bytes(2, value.as_bytes());
                        encoder.bytes(1, key.as_bytes());
                        Ok(())
                    })?;
                }
                Ok(())
            }
            value => self.value(field.number, value, field),
        }
    }

    fn list(&mut self, number: u32, list: &dyn ListValue, field: &FieldDesc) -> Result<(), Error> {
        for index in (0..list.len()).rev() {
            self.value(number, list.get(index), field).map_err(|error| error.in_item(index))?;
        }
        Ok(())
    }

    fn map(&mut self, map: &dyn MapValue, field: &FieldDesc) -> Result<(), Error> {
        for index in (0..map.len()).rev() {
            let Some((key, value)) = map.get(index) else { continue };
            self.enclose(field.number, |encoder| {
                match value {
                    Value::List(list) if matches!(field.wire, Wire::Wrapped) => {
                        encoder.enclose(2, |encoder| encoder.list(1, list, field))
                    }
                    value => encoder.value(2, value, field),
                }
                .map_err(|error| error.in_key(key))?;
                encoder.bytes(1, key.as_bytes());
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Encodes a value that is not a list or a map.
    fn value(&mut self, number: u32, value: Value<'_>, field: &FieldDesc) -> Result<(), Error> {
        match value {
            Value::Str(text) => self.bytes(number, text.as_bytes()),
            Value::Message(message) => self.enclose(number, |encoder| encoder.message(message))?,
            Value::Enum(value) => self.bytes(number, value.as_str().as_bytes()),
            Value::Bool(value) => self.varint(number, value.into()),
            Value::I32(value) => self.varint(number, i64::from(value).cast_unsigned()),
            Value::I64(value) => self.varint(number, value.cast_unsigned()),
            Value::F64(value) => {
                self.out.bytes(&value.to_le_bytes());
                self.tag(number, WireType::Fixed64);
            }
            Value::Bytes(value) => self.bytes(number, &value.0),
            Value::Quantity(value) => self.wrapped_bytes(number, value.as_str().as_bytes()),
            Value::FieldsV1(value) => self.wrapped_bytes(number, value.as_str().as_bytes()),
            Value::Json(value) => self.json(number, value, field)?,
            Value::IntOrString(value) => {
                let (whole, text) = match value {
                    IntOrString::Int(value) => {
                        (Some(i32::try_from(*value).map_err(|_| no_place("an integer beyond 32 bits"))?), "")
                    }
                    IntOrString::String(text) => (None, text.as_str()),
                };
                self.int_or_string(number, whole, text)?;
            }
            Value::Duration(value) => self.duration(number, value)?,
            Value::Time(value) => self.time(number, value)?,
            Value::MicroTime(value) => self.micro_time(number, value)?,
            // Only custom resources have these.
            Value::Number(_) => return Err(no_place("an arbitrary-precision number")),
            Value::Base64(_) => return Err(no_place("verbatim base64 text")),
            Value::DateTime(_) => return Err(no_place("verbatim time text")),
            Value::Serde(_) => return Err(no_place("a value of a serde type")),
            Value::Null => return Err(no_place("an explicit null")),
            Value::Absent => {}
            Value::List(_) | Value::Map(_) | Value::StrMap(_) => return Err(no_place("a list of lists")),
        }
        Ok(())
    }

    /// Encodes the kind of the object that follows in the envelope; the kind in two parts.
    pub(super) fn type_meta(&mut self, gvk: Gvk, [kind, end]: [&str; 2]) -> Result<(), Error> {
        self.enclose(1, |encoder| {
            encoder.enclose(2, |encoder| {
                encoder.out.bytes(end.as_bytes());
                encoder.out.bytes(kind.as_bytes());
                Ok(())
            })?;
            encoder.enclose(1, |encoder| {
                encoder.out.bytes(gvk.version.as_bytes());
                if !gvk.group.is_empty() {
                    encoder.out.bytes(b"/");
                    encoder.out.bytes(gvk.group.as_bytes());
                }
                Ok(())
            })
        })
    }

    /// Encodes a number, or a text if there is none.
    pub(super) fn int_or_string(&mut self, number: u32, whole: Option<i32>, text: &str) -> Result<(), Error> {
        self.enclose(number, |encoder| {
            encoder.bytes(3, text.as_bytes());
            encoder.varint(2, i64::from(whole.unwrap_or_default()).cast_unsigned());
            encoder.varint(1, whole.is_none().into());
            Ok(())
        })
    }

    pub(super) fn duration(&mut self, number: u32, value: &Duration) -> Result<(), Error> {
        self.enclose(number, |encoder| {
            encoder.varint(1, value.as_nanos().cast_unsigned());
            Ok(())
        })
    }

    /// Encodes whole seconds, as the server writes them: it would truncate a fraction.
    pub(super) fn time(&mut self, number: u32, value: &Time) -> Result<(), Error> {
        if value.is_zero() {
            self.bytes(number, &[]);
            return Ok(());
        }
        self.stamp(number, value.unix_seconds(), 0)
    }

    pub(super) fn micro_time(&mut self, number: u32, value: &MicroTime) -> Result<(), Error> {
        if value.is_zero() {
            self.bytes(number, &[]);
            return Ok(());
        }
        self.stamp(number, value.unix_seconds(), value.subsec_nanos() / 1000 * 1000)
    }

    fn stamp(&mut self, number: u32, seconds: i64, nanos: u32) -> Result<(), Error> {
        self.enclose(number, |encoder| {
            encoder.varint(2, nanos.into());
            encoder.varint(1, seconds.cast_unsigned());
            Ok(())
        })
    }

    fn json(&mut self, number: u32, value: &RawJson, field: &FieldDesc) -> Result<(), Error> {
        let content = match field.wire {
            Wire::Plain | Wire::Within(_) | Wire::Wrapped => {
                if value.is_null() {
                    self.bytes(number, &[]);
                } else {
                    self.wrapped_bytes(number, value.as_str().as_bytes());
                }
                return Ok(());
            }
            form => Content::of(value, form)?,
        };
        // A schema beside a boolean, or in place of a list, has another number.
        let schema_number = if matches!(field.wire, Wire::SchemaOrBool(_)) { 2 } else { 1 };
        self.enclose(number, |encoder| {
            match &content {
                Content::Null => {}
                Content::Boolean(value) => encoder.varint(1, (*value).into()),
                Content::Schema(schema) => {
                    encoder.enclose(schema_number, |encoder| encoder.message(&**schema))?;
                    if schema_number == 2 {
                        encoder.varint(1, 1);
                    }
                }
                Content::Schemas(list) => {
                    for (index, schema) in list.iter().enumerate().rev() {
                        let written = encoder.enclose(2, |encoder| encoder.message(&**schema));
                        written.map_err(|error| error.in_item(index))?;
                    }
                }
                Content::Strings(list) => list.iter().rev().for_each(|text| encoder.bytes(2, text.as_bytes())),
            }
            Ok(())
        })
    }

    /// Encodes a message with only these bytes, as its number 1.
    pub(super) fn wrapped_bytes(&mut self, number: u32, bytes: &[u8]) {
        let end = self.out.written();
        self.bytes(1, bytes);
        self.end(number, end);
    }

    /// Encodes the output of `write` as a message with this number.
    #[inline]
    fn enclose(&mut self, number: u32, write: impl FnOnce(&mut Self) -> Result<(), Error>) -> Result<(), Error> {
        let end = self.out.written();
        write(self)?;
        self.end(number, end);
        Ok(())
    }

    /// Makes what was written since `end` a message with this number.
    #[inline]
    pub(super) fn end(&mut self, number: u32, end: usize) {
        self.out.varint((self.out.written() - end) as u64);
        self.tag(number, WireType::Bytes);
    }

    #[inline]
    pub(super) fn bytes(&mut self, number: u32, bytes: &[u8]) {
        self.out.bytes(bytes);
        self.out.varint(bytes.len() as u64);
        self.tag(number, WireType::Bytes);
    }

    #[inline]
    pub(super) fn varint(&mut self, number: u32, value: u64) {
        self.out.varint(value);
        self.tag(number, WireType::Varint);
    }

    #[inline]
    pub(super) fn tag(&mut self, number: u32, wire: WireType) {
        self.out.varint(u64::from(number) << 3 | wire as u64);
    }
}

#[cold]
fn no_place(what: &'static str) -> Error {
    Error::new(Kind::NoPlace(what), None)
}
