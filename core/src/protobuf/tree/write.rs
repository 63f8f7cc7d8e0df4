//! From trees to protobuf. Everything is written backwards: read each function from its end.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::fields::{Field, Leaf, Shape, Type, Types};
use crate::message::Gvk;
use crate::protobuf::MAX_DEPTH;
use crate::protobuf::encode::{Encoder, Open};
use crate::protobuf::envelope::MAGIC;
use crate::protobuf::reader::WireType;
use crate::protobuf::writer::Writer;
use crate::types::{Duration, MicroTime, Time};

/// The most fields that a type may have.
const MOST: usize = u64::BITS as usize;

/// Writes an object of a kind in its envelope.
pub(super) fn object(types: &Types, gvk: Gvk, fields: &Map<String, Value>, out: &mut Vec<u8>) -> Option<()> {
    let mut tree = TreeWriter { types, encoder: Encoder { out: Writer::new(out) } };
    let written = tree.object(gvk, fields);
    match written {
        Some(()) => tree.encoder.out.finish(),
        None => tree.encoder.out.abandon(),
    }
    written
}

struct TreeWriter<'a, 'o> {
    types: &'a Types,
    encoder: Encoder<'o>,
}

impl TreeWriter<'_, '_> {
    fn object(&mut self, gvk: Gvk, fields: &Map<String, Value>) -> Option<()> {
        let end = self.encoder.out.written();
        self.message(self.types.whole()?, fields, true, MAX_DEPTH)?;
        self.encoder.end(2, end);
        self.encoder.type_meta(gvk, [gvk.kind, ""]).ok()?;
        self.encoder.out.bytes(&MAGIC);
        Some(())
    }

    /// Writes a message, which may have the fields `apiVersion` and `kind` of a whole object.
    fn message(&mut self, of: &Type, fields: &Map<String, Value>, is_whole: bool, depth: u8) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        if of.fields.len() > MOST {
            return None;
        }
        let mut values = [None; MOST];
        let mut marks = 0_u64;
        for index in &of.required {
            *values.get_mut(*index)? = of.fields.get(*index)?.default.as_ref();
            marks |= 1 << index;
        }
        of.each(fields, |place, name, value| {
            let Some(index) = place else {
                let is_known = is_whole && matches!(name, "apiVersion" | "kind");
                return (is_known || of.is_implied(name, value)).then_some(());
            };
            if self.is_written(of.fields.get(index)?, value)? {
                *values.get_mut(index)? = Some(value);
                marks |= 1 << index;
            }
            Some(())
        })?;
        let mut open = Open::default();
        while let Some(index) = marks.checked_ilog2() {
            marks &= !(1 << index);
            let field = of.fields.get(index as usize)?;
            let Some(value) = values.get(index as usize).copied().flatten() else { continue };
            if !field.desc.is_at(open.path) {
                self.encoder.go_to(&mut open, field.desc.path());
            }
            self.field(field, value, depth)?;
        }
        if !open.path.is_empty() {
            self.encoder.go_to(&mut open, &[]);
        }
        Some(())
    }

    /// Whether a field of an object is written.
    fn is_written(&self, field: &Field, value: &Value) -> Option<bool> {
        match (value, field.leaf) {
            // Absent, or null: the message tells.
            (Value::Null, Leaf::Json) | (_, Leaf::Other) => None,
            (Value::Null, _) => Some(false),
            _ if field.is_optional => Some(true),
            _ => Some(!self.is_zero(field, value)?),
        }
    }

    /// Whether a value is the zero value of its field, which is not optional.
    fn is_zero(&self, field: &Field, value: &Value) -> Option<bool> {
        Some(match (field.shape, field.leaf) {
            (Shape::List, _) => value.as_array()?.is_empty(),
            (Shape::Map, _) => value.as_object()?.is_empty(),
            (Shape::One, leaf) => match leaf {
                Leaf::Text | Leaf::Bytes => value.as_str()?.is_empty(),
                Leaf::Message(id) => self.is_empty(self.types.get(id)?, value.as_object()?)?,
                Leaf::Bool => !value.as_bool()?,
                Leaf::I32 | Leaf::I64 => value.as_i64()? == 0,
                Leaf::F64 => value.as_f64()?.to_bits() == 0,
                Leaf::Quantity => value.as_str()? == "0",
                Leaf::IntOrString => value.as_i64() == Some(0),
                Leaf::Time => of_text::<Time>(value)?.is_zero(),
                Leaf::MicroTime => of_text::<MicroTime>(value)?.is_zero(),
                Leaf::Duration => of_text::<Duration>(value)?.as_nanos() == 0,
                Leaf::FieldsV1 => value.as_object()?.is_empty(),
                Leaf::Json => false,
                Leaf::Other => return None,
            },
        })
    }

    /// Whether no field of a message is written, but for the required ones.
    fn is_empty(&self, of: &Type, fields: &Map<String, Value>) -> Option<bool> {
        let mut is_empty = true;
        of.each(fields, |place, name, value| {
            match place {
                Some(place) => is_empty &= !self.is_written(of.fields.get(place)?, value)?,
                None => return of.is_implied(name, value).then_some(()),
            }
            Some(())
        })?;
        Some(is_empty)
    }

    fn field(&mut self, field: &Field, value: &Value, depth: u8) -> Option<()> {
        let (leaf, number) = (field.leaf, field.desc.number);
        match field.shape {
            Shape::One => self.value(leaf, number, value, depth),
            Shape::List => {
                let depth = depth.checked_sub(1)?;
                value.as_array()?.iter().rev().try_for_each(|item| self.value(leaf, number, item, depth))
            }
            Shape::Map => {
                let depth = depth.checked_sub(1)?;
                value.as_object()?.iter().rev().try_for_each(|(key, value)| {
                    let end = self.encoder.out.written();
                    self.value(leaf, 2, value, depth)?;
                    self.encoder.bytes(1, key.as_bytes());
                    self.encoder.end(number, end);
                    Some(())
                })
            }
        }
    }

    fn value(&mut self, leaf: Leaf, number: u32, value: &Value, depth: u8) -> Option<()> {
        let encoder = &mut self.encoder;
        match leaf {
            Leaf::FieldsV1 | Leaf::Json if !fits(value, depth) => return None,
            Leaf::Text => encoder.bytes(number, value.as_str()?.as_bytes()),
            Leaf::Message(id) => {
                let end = encoder.out.written();
                self.message(self.types.get(id)?, value.as_object()?, false, depth)?;
                self.encoder.end(number, end);
            }
            Leaf::Bool => encoder.varint(number, value.as_bool()?.into()),
            Leaf::I32 => {
                let whole = i32::try_from(value.as_i64()?).ok()?;
                encoder.varint(number, i64::from(whole).cast_unsigned());
            }
            Leaf::I64 => encoder.varint(number, value.as_i64()?.cast_unsigned()),
            Leaf::F64 => {
                encoder.out.bytes(&value.as_f64()?.to_le_bytes());
                encoder.tag(number, WireType::Fixed64);
            }
            Leaf::Bytes => encoder.bytes(number, &STANDARD.decode(value.as_str()?).ok()?),
            Leaf::Quantity => encoder.wrapped_bytes(number, value.as_str()?.as_bytes()),
            Leaf::IntOrString => {
                let (whole, text) = match value {
                    Value::String(text) => (None, text.as_str()),
                    other => (Some(i32::try_from(other.as_i64()?).ok()?), ""),
                };
                encoder.int_or_string(number, whole, text).ok()?;
            }
            Leaf::Time => encoder.time(number, &time(value)?).ok()?,
            Leaf::MicroTime => encoder.micro_time(number, &time(value)?).ok()?,
            Leaf::Duration => encoder.duration(number, &of_text(value)?).ok()?,
            Leaf::FieldsV1 => encoder.wrapped_bytes(number, &serde_json::to_vec(value.as_object()?).ok()?),
            Leaf::Json if value.is_null() => return None,
            Leaf::Json => encoder.wrapped_bytes(number, value.to_string().as_bytes()),
            Leaf::Other => return None,
        }
        Some(())
    }
}

/// Whether a value is nested no deeper than this: by way of a message, its text would be read again.
fn fits(value: &Value, depth: u8) -> bool {
    match (value, depth.checked_sub(1)) {
        (Value::Array(items), Some(depth)) => items.iter().all(|item| fits(item, depth)),
        (Value::Object(fields), Some(depth)) => fields.values().all(|value| fits(value, depth)),
        (Value::Array(_) | Value::Object(_), None) => false,
        _ => true,
    }
}

/// A value that JSON has as a text.
fn of_text<T: for<'de> Deserialize<'de>>(value: &Value) -> Option<T> {
    value.as_str()?;
    T::deserialize(value).ok()
}

/// A time, which is null if it is none.
fn time<T: for<'de> Deserialize<'de> + Default>(value: &Value) -> Option<T> {
    if value.is_null() { Some(T::default()) } else { of_text(value) }
}
