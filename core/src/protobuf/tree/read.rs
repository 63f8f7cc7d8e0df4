//! From protobuf to trees.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::fields::{Field, Leaf, Shape, Type, Types};
use crate::message::{FieldDesc, Wire};
use crate::protobuf::MAX_DEPTH;
use crate::protobuf::error::Error;
use crate::protobuf::leaf;
use crate::protobuf::reader::{Reader, Tag, WireType};
use crate::types::{IntOrString, MicroTime, Time};

/// What was read of a value.
enum Found {
    Value(Value),
    /// The zero value of its type.
    Zero(Value),
    /// What JSON has no value for: an optional field is absent.
    Null,
}

/// Reads an object's fields.
pub(super) fn message(types: &Types, reader: Reader<'_>) -> Option<Map<String, Value>> {
    let (fields, _) = TreeReader { types }.message(types.whole()?, reader, MAX_DEPTH)?;
    Some(fields)
}

struct TreeReader<'a> {
    types: &'a Types,
}

impl TreeReader<'_> {
    /// Reads a message, and says whether any field is set.
    fn message(&self, of: &Type, reader: Reader<'_>, depth: u8) -> Option<(Map<String, Value>, bool)> {
        let mut fields = Map::new();
        self.section(of, reader, &[], &mut fields, depth)?;
        let is_set = !fields.is_empty();
        for field in of.required.iter().filter_map(|index| of.fields.get(*index)) {
            if let Some(default) = field.default.as_ref().filter(|_| !fields.contains_key(&*field.name)) {
                fields.insert(field.name.clone().into(), default.clone());
            }
        }
        Some((fields, is_set))
    }

    /// Reads the fields of a message that are at a path of inlined ones.
    fn section(
        &self,
        of: &Type,
        mut reader: Reader<'_>,
        path: &'static [u32],
        into: &mut Map<String, Value>,
        depth: u8,
    ) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let mut next = 0;
        while let Some(tag) = reader.tag().ok()? {
            let Some((index, field)) = find(of, next, path, tag) else {
                let inner = inlined(of, path, tag)?;
                self.section(of, reader.inner().ok()?, inner, into, depth)?;
                continue;
            };
            next = index + 1;
            match field.shape {
                Shape::One => self.one(field, tag, &mut reader, into, depth)?,
                Shape::List => self.list(field, tag, &mut reader, into, depth)?,
                Shape::Map => self.map(field, tag, &mut reader, into, depth)?,
            }
        }
        Some(())
    }

    fn one(
        &self,
        field: &Field,
        tag: Tag,
        reader: &mut Reader<'_>,
        into: &mut Map<String, Value>,
        depth: u8,
    ) -> Option<()> {
        let is_implicit = field.is_optional && field.desc.implicit && !matches!(field.leaf, Leaf::Message(_));
        // No length: absent, whatever it would be. It may be written in more than one byte.
        let mut ahead = *reader;
        let is_empty = is_implicit && tag.wire == WireType::Bytes && matches!(ahead.varint(), Ok(0));
        let value = match self.value(field.leaf, tag, reader, depth)? {
            _ if is_empty => None,
            Found::Value(value) => Some(value),
            Found::Zero(value) => Some(value).filter(|_| field.is_optional && !is_absent(field.leaf, is_implicit)),
            Found::Null => None,
        };
        // Twice: the last one counts, and messages are merged.
        let is_first = match value {
            Some(value) => into.insert(field.name.clone().into(), value).is_none(),
            None => !into.contains_key(&*field.name),
        };
        is_first.then_some(())
    }

    /// Reads a run of a list's items.
    fn list(
        &self,
        field: &Field,
        mut tag: Tag,
        reader: &mut Reader<'_>,
        into: &mut Map<String, Value>,
        depth: u8,
    ) -> Option<()> {
        let mut items = Vec::new();
        loop {
            items.push(self.value_in(field.leaf, tag, reader, depth)?);
            match next_of_run(reader, tag) {
                Some(next) => tag = next,
                None => break,
            }
        }
        into.insert(field.name.clone().into(), Value::Array(items)).is_none().then_some(())
    }

    /// Reads a run of a map's entries: messages with the key as number 1 and the value as number 2.
    fn map(
        &self,
        field: &Field,
        mut tag: Tag,
        reader: &mut Reader<'_>,
        into: &mut Map<String, Value>,
        depth: u8,
    ) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let mut values = Map::new();
        loop {
            let mut entry = inner(tag, reader)?;
            let (mut key, mut value) = (None, None);
            while let Some(part) = entry.tag().ok()? {
                match part.number {
                    1 if key.is_none() => key = Some(text(part, &mut entry)?),
                    2 if value.is_none() => value = Some(self.value_in(field.leaf, part, &mut entry, depth)?),
                    _ => return None,
                }
            }
            values.insert(key.unwrap_or_default().to_owned(), value?);
            match next_of_run(reader, tag) {
                Some(next) => tag = next,
                None => break,
            }
        }
        into.insert(field.name.clone().into(), Value::Object(values)).is_none().then_some(())
    }

    /// Reads an item of a list, or a value of a map.
    fn value_in(&self, leaf: Leaf, tag: Tag, reader: &mut Reader<'_>, depth: u8) -> Option<Value> {
        match self.value(leaf, tag, reader, depth)? {
            Found::Value(value) | Found::Zero(value) => Some(value),
            Found::Null => None,
        }
    }

    fn value(&self, leaf: Leaf, tag: Tag, reader: &mut Reader<'_>, depth: u8) -> Option<Found> {
        let found = |is_zero: bool, value: Value| if is_zero { Found::Zero(value) } else { Found::Value(value) };
        Some(match leaf {
            Leaf::Text => {
                let text = text(tag, reader)?;
                found(text.is_empty(), text.into())
            }
            Leaf::Message(id) => {
                let (fields, is_set) = self.message(self.types.get(id)?, inner(tag, reader)?, depth)?;
                found(!is_set, Value::Object(fields))
            }
            Leaf::Bool => {
                let flag = varint(tag, reader)? != 0;
                found(!flag, flag.into())
            }
            #[allow(clippy::cast_possible_truncation, reason = "excess bits are dropped, as by every protobuf decoder")]
            Leaf::I32 => {
                let number = varint(tag, reader)? as i32;
                found(number == 0, number.into())
            }
            Leaf::I64 => {
                let number = varint(tag, reader)?.cast_signed();
                found(number == 0, number.into())
            }
            Leaf::F64 => {
                is_of(tag, WireType::Fixed64)?;
                let bits = reader.fixed64().ok()?;
                found(bits == 0, Number::from_f64(f64::from_bits(bits)).map_or(Value::Null, Value::Number))
            }
            Leaf::Quantity => {
                let quantity = leaf::quantity(inner(tag, reader)?).ok()?;
                found(quantity.as_str() == "0", quantity.as_str().into())
            }
            Leaf::IntOrString => match leaf::int_or_string(inner(tag, reader)?).ok()? {
                IntOrString::Int(number) => found(number == 0, number.into()),
                IntOrString::String(text) => Found::Value(text.as_str().into()),
            },
            Leaf::Bytes => {
                is_of(tag, WireType::Bytes)?;
                let bytes = reader.bytes().ok()?;
                found(bytes.is_empty(), STANDARD.encode(bytes).into())
            }
            Leaf::Time => stamp(inner(tag, reader)?, leaf::time, Time::is_zero)?,
            Leaf::MicroTime => stamp(inner(tag, reader)?, leaf::micro_time, MicroTime::is_zero)?,
            Leaf::Duration => {
                let duration = leaf::duration(inner(tag, reader)?).ok()?;
                found(duration.as_nanos() == 0, serde_json::to_value(duration).ok()?)
            }
            Leaf::Json => match leaf::json(inner(tag, reader)?).ok()? {
                Some(json) if !json.is_null() => Found::Value(json.to_value().ok()?),
                _ => Found::Null,
            },
            Leaf::FieldsV1 => match leaf::raw(inner(tag, reader)?).ok()? {
                Some((bytes, _)) => match serde_json::from_slice(bytes).ok()? {
                    Value::Object(set) => found(set.is_empty(), Value::Object(set)),
                    _ => return None,
                },
                None => Found::Null,
            },
            Leaf::Other => return None,
        })
    }
}

/// The field of a tag, which most likely is the next one.
fn find<'a>(of: &'a Type, next: usize, path: &[u32], tag: Tag) -> Option<(usize, &'a Field)> {
    let is_it = |field: &&Field| field.desc.number == tag.number && field.desc.is_at(path);
    if let Some(field) = of.fields.get(next).filter(is_it) {
        return Some((next, field));
    }
    let (before, after) = of.fields.split_at_checked(next)?;
    let ahead = || (next..).zip(after).find(|(_, field)| is_it(field));
    ahead().or_else(|| (0..).zip(before).find(|(_, field)| is_it(field)))
}

/// The path of an inlined message that a tag begins.
fn inlined(of: &Type, path: &[u32], tag: Tag) -> Option<&'static [u32]> {
    is_of(tag, WireType::Bytes)?;
    let leads_on = |desc: &&'static FieldDesc| match desc.wire {
        Wire::Within(own) => own.strip_prefix(path).and_then(<[u32]>::first) == Some(&tag.number),
        _ => false,
    };
    of.fields.iter().map(|field| field.desc).find(leads_on)?.path().get(..=path.len())
}

/// The next tag, if it is that of the same field.
fn next_of_run(reader: &mut Reader<'_>, tag: Tag) -> Option<Tag> {
    let mut ahead = *reader;
    let next = ahead.tag().ok()?.filter(|next| next.number == tag.number)?;
    *reader = ahead;
    Some(next)
}

/// Whether an optional field is absent if it is at its zero value: where protobuf can't tell the two apart.
fn is_absent(leaf: Leaf, is_implicit: bool) -> bool {
    match leaf {
        Leaf::Bytes => true,
        Leaf::Bool | Leaf::I32 | Leaf::I64 | Leaf::F64 => is_implicit,
        _ => false,
    }
}

/// A time. An empty message is none.
fn stamp<'a, T: Serialize + Copy>(
    reader: Reader<'a>,
    read: impl FnOnce(Reader<'a>) -> Result<T, Error>,
    is_zero: impl FnOnce(T) -> bool,
) -> Option<Found> {
    if reader.is_at_end() {
        return Some(Found::Null);
    }
    let time = read(reader).ok()?;
    if is_zero(time) { None } else { Some(Found::Value(serde_json::to_value(time).ok()?)) }
}

fn is_of(tag: Tag, wire: WireType) -> Option<()> {
    (tag.wire == wire).then_some(())
}

fn varint(tag: Tag, reader: &mut Reader<'_>) -> Option<u64> {
    is_of(tag, WireType::Varint)?;
    reader.varint().ok()
}

fn text<'a>(tag: Tag, reader: &mut Reader<'a>) -> Option<&'a str> {
    is_of(tag, WireType::Bytes)?;
    reader.text().ok()
}

fn inner<'a>(tag: Tag, reader: &mut Reader<'a>) -> Option<Reader<'a>> {
    is_of(tag, WireType::Bytes)?;
    reader.inner().ok()
}
