//! Decodes small messages that JSON shows as a single value: quantities, times, raw JSON and the like.

use super::error::{Error, Kind};
use super::reader::{Reader, Tag, WireType};
use crate::CompactString;
use crate::json::FieldSets;
use crate::types::{Duration, FieldsV1, IntOrString, MicroTime, Quantity, RawJson, Time};

/// Result of filling a slot.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Filled {
    Value,
    /// JSON writes it as null or omits it.
    Null,
}

impl Filled {
    /// An empty message is Go's zero time.
    pub(super) fn of(reader: &Reader<'_>) -> Self {
        if reader.is_at_end() { Filled::Null } else { Filled::Value }
    }
}

pub(super) fn quantity(mut reader: Reader<'_>) -> Result<Quantity, Error> {
    let mut text = "";
    while let Some(tag) = reader.tag()? {
        match (tag.number, tag.wire) {
            (1, WireType::Bytes) => text = reader.text()?,
            _ => past(&mut reader, tag, &[1])?,
        }
    }
    Ok(if text.is_empty() { Quantity::default() } else { Quantity::new(text) })
}

pub(super) fn int_or_string(mut reader: Reader<'_>) -> Result<IntOrString, Error> {
    let (mut is_text, mut number, mut text) = (false, 0, "");
    while let Some(tag) = reader.tag()? {
        match (tag.number, tag.wire) {
            (1, WireType::Varint) => is_text = reader.varint()? != 0,
            #[allow(clippy::cast_possible_truncation, reason = "cut off, as every reader does")]
            (2, WireType::Varint) => number = reader.varint()? as i32,
            (3, WireType::Bytes) => text = reader.text()?,
            _ => past(&mut reader, tag, &[1, 2, 3])?,
        }
    }
    Ok(if is_text { IntOrString::String(CompactString::new(text)) } else { IntOrString::Int(number.into()) })
}

pub(super) fn duration(mut reader: Reader<'_>) -> Result<Duration, Error> {
    let mut nanos = 0;
    while let Some(tag) = reader.tag()? {
        match (tag.number, tag.wire) {
            (1, WireType::Varint) => nanos = reader.varint()?.cast_signed(),
            _ => past(&mut reader, tag, &[1])?,
        }
    }
    Ok(Duration::from_nanos(nanos))
}

/// Whole seconds: the server truncates a fraction as well.
pub(super) fn time(reader: Reader<'_>) -> Result<Time, Error> {
    Ok(stamp(reader)?.map_or_else(Time::default, |(seconds, _)| Time::from_unix(seconds, 0)))
}

pub(super) fn micro_time(reader: Reader<'_>) -> Result<MicroTime, Error> {
    Ok(stamp(reader)?.map_or_else(MicroTime::default, |(seconds, nanos)| MicroTime::from_unix(seconds, nanos.into())))
}

fn stamp(mut reader: Reader<'_>) -> Result<Option<(i64, i32)>, Error> {
    if reader.is_at_end() {
        return Ok(None);
    }
    let (mut seconds, mut nanos) = (0, 0);
    while let Some(tag) = reader.tag()? {
        match (tag.number, tag.wire) {
            (1, WireType::Varint) => seconds = reader.varint()?.cast_signed(),
            #[allow(clippy::cast_possible_truncation, reason = "cut off, as every reader does")]
            (2, WireType::Varint) => nanos = reader.varint()? as i32,
            _ => past(&mut reader, tag, &[1, 2])?,
        }
    }
    Ok(Some((seconds, nanos)))
}

/// Decodes the field set of a managedFields entry; `None` for null.
pub(super) fn fields_v1(reader: Reader<'_>, known: &mut FieldSets) -> Result<Option<FieldsV1>, Error> {
    let Some((bytes, at)) = raw(reader)? else { return Ok(None) };
    // A cached set was validated before.
    if let Some(set) = known.find(bytes) {
        return Ok(Some(set));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| not_json(at))?;
    crate::json::check_object(text).map_err(|_| not_json(at))?;
    Ok(Some(known.of_valid(text)))
}

/// Decodes raw JSON; `None` for null.
pub(super) fn json(reader: Reader<'_>) -> Result<Option<RawJson>, Error> {
    let Some((bytes, at)) = raw(reader)? else { return Ok(None) };
    if let Some(content) = super::envelope::foreign(bytes) {
        return Err(Error::new(Kind::Foreign { content }, Some(at)));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| not_json(at))?;
    RawJson::from_text(text).map(Some).map_err(|_| not_json(at))
}

/// Returns the bytes in a message with a single field, and their offset; `None` if there are none.
pub(super) fn raw(mut reader: Reader<'_>) -> Result<Option<(&[u8], usize)>, Error> {
    let mut found = None;
    while let Some(tag) = reader.tag()? {
        match (tag.number, tag.wire) {
            (1, WireType::Bytes) => {
                let bytes = reader.bytes()?;
                found = Some((bytes, reader.at() - bytes.len()));
            }
            _ => past(&mut reader, tag, &[1])?,
        }
    }
    Ok(found.filter(|(bytes, _)| !bytes.is_empty()))
}

/// Skips a field that such a message doesn't have, since it can't be preserved. A known field with another wire type is
/// an error.
fn past(reader: &mut Reader<'_>, tag: Tag, known: &[u32]) -> Result<(), Error> {
    if known.contains(&tag.number) {
        let kind = Kind::WrongType { expected: "another wire type", found: tag.wire.name() };
        return Err(Error::new(kind, Some(tag.at)));
    }
    reader.skip(tag)
}

#[cold]
fn not_json(at: usize) -> Error {
    Error::new(Kind::Invalid { expected: "JSON", found: "other bytes" }, Some(at))
}
