//! Reading: protobuf into messages, by their tables.

use compact_str::CompactString;

use super::envelope::Envelope;
use super::error::{Error, Kind};
use super::leaf::{self, Filled};
use super::reader::{Reader, Tag, WireType};
use super::{MAX_DEPTH, Options, schema};
use crate::json::{Node, Step};
use crate::message::{FieldDesc, ListSlot, MapSlot, Message, MessageType, OptionSlot, Slot, Wire};
use crate::types::{Map, RawJson};

/// Reads an object of a known type, in its envelope.
///
/// # Errors
///
/// If the bytes are no object in an envelope, nested deeper than 128 levels, of another kind than `T`, or a field has a
/// value of the wrong type. See [`decode_into`] for what is *not* an error.
pub fn from_slice<T: MessageType>(bytes: &[u8]) -> Result<T, Error> {
    let mut message = T::default();
    decode_into(&mut message, bytes, &Options::default())?;
    Ok(message)
}

/// Reads an object in its envelope into a message, over what is in it.
///
/// - A field that is missing leaves the message as it is. So does one that protobuf can't tell from a missing one
///   ([`implicit`](crate::message::FieldDesc::implicit)), where it is an `Option`.
/// - Fields come in any order. Of one that comes twice the last value wins; lists are joined, maps and messages merged.
/// - Numbers in a list come one by one or packed.
/// - Fields that the table doesn't know are kept, byte for byte, in the
///   [unknown fields](Message::unknown_fields), unless an option drops them.
/// - The envelope's `apiVersion` and `kind` may be missing; if they are there, they must be the right ones. Its content
///   may be JSON, which is then read as such.
///
/// # Errors
///
/// If the bytes are no object in an envelope, nested deeper than 128 levels, of another kind than the message, or a
/// field has a value of the wrong type. The message may then be half filled.
pub fn decode_into(message: &mut dyn Message, bytes: &[u8], options: &Options) -> Result<(), Error> {
    let envelope = Envelope::read(bytes)?;
    envelope.check_kind(message.descriptor())?;
    envelope.check_content()?;
    if envelope.is_json() {
        let text = crate::json::as_utf8(envelope.raw);
        return text
            .and_then(|text| crate::json::decode_into(message, text, options))
            .map_err(|error| Error::new(Kind::Json(error.to_string()), Some(envelope.raw_at())));
    }
    read(envelope.reader(), message, options)
}

/// Reads a message without an envelope: an item of a list, say. Its kind can't be checked.
///
/// # Errors
///
/// As for [`decode_into`], but for the kind.
pub fn decode_bare(message: &mut dyn Message, bytes: &[u8], options: &Options) -> Result<(), Error> {
    read(Reader::new(bytes), message, options)
}

fn read(reader: Reader<'_>, message: &mut dyn Message, options: &Options) -> Result<(), Error> {
    let filter = options.filter.of(message.descriptor());
    Decoder { drop_unknown_fields: options.drop_unknown_fields }.message(reader, message, filter, MAX_DEPTH)
}

pub(super) struct Decoder {
    drop_unknown_fields: bool,
}

/// A value that is to be read: the place of its bytes, what to leave out of it, and how many levels may still follow.
struct Place<'a, 'r> {
    reader: &'r mut Reader<'a>,
    tag: Tag,
    filter: Option<&'r Node>,
    depth: u8,
}

impl Decoder {
    pub(super) fn message(
        &self,
        reader: Reader<'_>,
        message: &mut dyn Message,
        filter: Option<&Node>,
        depth: u8,
    ) -> Result<(), Error> {
        self.section(reader, message, &[], filter, depth)
    }

    /// Reads the fields of a message that stand under a path: at the end of it, mostly none, or in an inlined message.
    fn section(
        &self,
        mut reader: Reader<'_>,
        message: &mut dyn Message,
        path: &[u32],
        filter: Option<&Node>,
        depth: u8,
    ) -> Result<(), Error> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Error::new(Kind::TooDeep, Some(reader.at())));
        };
        let start = reader.at();
        let fields = message.descriptor().fields;
        let mut guess = 0;
        while let Some(tag) = reader.tag()? {
            let is_it = |field: &FieldDesc| field.number == tag.number && field.is_at(path);
            // A list's items follow one another; else it is likely one soon after the last.
            let (before, after) = fields.split_at(guess.min(fields.len()));
            let found = match after.iter().position(is_it) {
                Some(index) => Some(before.len() + index),
                None => before.iter().position(is_it),
            };
            let Some((index, field)) = found.and_then(|index| Some((index, fields.get(index)?))) else {
                self.other(&mut reader, message, path, tag, filter, depth)?;
                continue;
            };
            guess = index;
            let filter = match filter.map(|node| node.step(index)) {
                None | Some(Step::Keep) => None,
                Some(Step::Into(inner)) => Some(&**inner),
                Some(Step::Skip) => {
                    reader.skip(tag).map_err(|error| error.in_field(field.name()))?;
                    continue;
                }
            };
            let mut place = Place { reader: &mut reader, tag, filter, depth };
            let Err(error) = self.fill(&mut place, message.slot(index), field) else { continue };
            let error = match message.slot(index) {
                Slot::List(_) | Slot::StrList(_) if !matches!(field.wire, Wire::Wrapped) => {
                    error.in_item(occurrences(reader.between(start, tag.at), tag.number))
                }
                _ => error,
            };
            return Err(error.in_field(field.name()));
        }
        Ok(())
    }

    /// Reads a field that the section doesn't have: an inlined message, or one that is unknown.
    fn other(
        &self,
        reader: &mut Reader<'_>,
        message: &mut dyn Message,
        path: &[u32],
        tag: Tag,
        filter: Option<&Node>,
        depth: u8,
    ) -> Result<(), Error> {
        let leads_on = |field: &FieldDesc| {
            let rest = field.path().strip_prefix(path);
            rest.and_then(<[u32]>::first) == Some(&tag.number)
        };
        if tag.wire == WireType::Bytes && message.descriptor().fields.iter().any(leads_on) {
            let inner = reader.inner()?;
            let longer = [path, &[tag.number]].concat();
            return self.section(inner, message, &longer, filter, depth);
        }
        reader.skip(tag)?;
        if self.drop_unknown_fields {
            return Ok(());
        }
        let bytes = reader.since(tag.at);
        if path.is_empty() {
            message.unknown_fields_mut().push_protobuf(bytes);
        } else {
            // As one more occurrence of the inlined message: whoever reads it merges the two.
            let mut whole = bytes.to_vec();
            for number in path.iter().rev() {
                whole = super::encode::enclosed(*number, &whole);
            }
            message.unknown_fields_mut().push_protobuf(&whole);
        }
        Ok(())
    }

    #[inline]
    fn fill(&self, place: &mut Place<'_, '_>, slot: Slot<'_>, field: &FieldDesc) -> Result<(), Error> {
        match slot {
            Slot::Message(message) => self.message(place.inner()?, message, place.filter, place.depth),
            Slot::OptStr(option) => {
                let text = place.text()?;
                *option = if field.implicit && text.is_empty() { None } else { Some(CompactString::new(text)) };
                Ok(())
            }
            Slot::Str(string) => {
                *string = CompactString::new(place.text()?);
                Ok(())
            }
            Slot::StrMap(map) => string_map(map, place.inner()?),
            Slot::StrList(list) => string_list(place, list, field),
            Slot::Option(option) => self.option(place, option, field),
            Slot::List(list) if matches!(field.wire, Wire::Wrapped) => self.wrapped(place, list, field),
            Slot::List(list) => self.list(place, list, field),
            Slot::Map(map) => self.map(place, map, field),
            slot => self.leaf(place, slot, field).map(drop),
        }
    }

    fn option(&self, place: &mut Place<'_, '_>, option: &mut dyn OptionSlot, field: &FieldDesc) -> Result<(), Error> {
        if field.implicit && field.message.is_none() && place.is_zero() {
            place.reader.skip(place.tag)?;
            option.clear();
            return Ok(());
        }
        let filled = match option.get_or_insert() {
            slot @ (Slot::Message(_)
            | Slot::List(_)
            | Slot::StrList(_)
            | Slot::Map(_)
            | Slot::StrMap(_)
            | Slot::Option(_)) => {
                self.fill(place, slot, field)?;
                Filled::Value
            }
            slot => self.leaf(place, slot, field)?,
        };
        if filled == Filled::Null {
            option.clear();
        }
        Ok(())
    }

    /// Reads a value that has no fields of its own.
    fn leaf(&self, place: &mut Place<'_, '_>, slot: Slot<'_>, field: &FieldDesc) -> Result<Filled, Error> {
        match slot {
            Slot::Bool(value) => *value = place.varint()? != 0,
            // What goes beyond 32 bits is cut off, as every reader does.
            #[allow(clippy::cast_possible_truncation)]
            Slot::I32(value) => *value = place.varint()? as i32,
            Slot::I64(value) => *value = place.varint()?.cast_signed(),
            Slot::F64(value) => {
                place.expect(WireType::Fixed64)?;
                *value = f64::from_bits(place.reader.fixed64()?);
            }
            Slot::Enum(value) => value.set(place.text()?),
            Slot::Str(value) => *value = CompactString::new(place.text()?),
            Slot::OptStr(value) => *value = Some(CompactString::new(place.text()?)),
            Slot::Bytes(value) => {
                place.expect(WireType::Bytes)?;
                value.0.clear();
                value.0.extend_from_slice(place.reader.bytes()?);
                return Ok(if value.0.is_empty() { Filled::Null } else { Filled::Value });
            }
            Slot::Quantity(value) => *value = leaf::quantity(place.inner()?)?,
            Slot::IntOrString(value) => *value = leaf::int_or_string(place.inner()?)?,
            Slot::Duration(value) => *value = leaf::duration(place.inner()?)?,
            Slot::Time(value) => {
                let inner = place.inner()?;
                let filled = Filled::of(&inner);
                *value = leaf::time(inner)?;
                return Ok(filled);
            }
            Slot::MicroTime(value) => {
                let inner = place.inner()?;
                let filled = Filled::of(&inner);
                *value = leaf::micro_time(inner)?;
                return Ok(filled);
            }
            Slot::FieldsV1(value) => match leaf::fields_v1(place.inner()?)? {
                Some(fields) => *value = fields,
                None => return Ok(Filled::Null),
            },
            Slot::Json(value) => {
                let inner = place.inner()?;
                let json = match field.wire {
                    Wire::Plain | Wire::Within(_) | Wire::Wrapped => leaf::json(inner)?,
                    form => Some(schema::read(self, inner, form, place.depth)?),
                };
                *value = json.unwrap_or_else(RawJson::default);
                return Ok(if value.is_null() { Filled::Null } else { Filled::Value });
            }
            // A table that promises more than the type has, or a type that no built-in kind has.
            _ => {
                let expected = "a field that protobuf has a form for";
                return Err(Error::new(Kind::WrongType { expected, found: "another" }, Some(place.tag.at)));
            }
        }
        Ok(Filled::Value)
    }

    fn list(&self, place: &mut Place<'_, '_>, list: &mut dyn ListSlot, field: &FieldDesc) -> Result<(), Error> {
        let packed = match list.push() {
            Slot::Bool(_) | Slot::I32(_) | Slot::I64(_) | Slot::F64(_) => place.tag.wire == WireType::Bytes,
            slot => return self.fill(place, slot, field),
        };
        list.pop();
        if !packed {
            return self.leaf(place, list.push(), field).map(drop);
        }
        let mut reader = place.reader.inner()?;
        while !reader.is_at_end() {
            let slot = list.push();
            let wire = if matches!(slot, Slot::F64(_)) { WireType::Fixed64 } else { WireType::Varint };
            let tag = Tag { wire, ..place.tag };
            self.leaf(&mut Place { reader: &mut reader, tag, filter: None, depth: place.depth }, slot, field)?;
        }
        Ok(())
    }

    fn wrapped(&self, place: &mut Place<'_, '_>, list: &mut dyn ListSlot, field: &FieldDesc) -> Result<(), Error> {
        let mut items = place.inner()?;
        while let Some(tag) = items.tag()? {
            match tag.number {
                1 => {
                    self.list(&mut Place { reader: &mut items, tag, filter: None, depth: place.depth }, list, field)?
                }
                _ => items.skip(tag)?,
            }
        }
        Ok(())
    }

    /// Reads one entry of a map: a message with the key as its number 1 and the value as its number 2.
    fn map(&self, place: &mut Place<'_, '_>, map: &mut dyn MapSlot, field: &FieldDesc) -> Result<(), Error> {
        let entry = place.inner()?;
        let (mut key, mut has_value) = ("", false);
        let mut reader = entry;
        while let Some(tag) = reader.tag()? {
            match tag.number {
                1 => key = Place { reader: &mut reader, tag, filter: None, depth: 0 }.text()?,
                number => {
                    has_value |= number == 2;
                    reader.skip(tag)?;
                }
            }
        }
        let Some(depth) = place.depth.checked_sub(1) else {
            return Err(Error::new(Kind::TooDeep, Some(entry.at())));
        };
        let key = CompactString::new(key);
        if !has_value {
            map.insert(key);
            return Ok(());
        }
        let mut reader = entry;
        while let Some(tag) = reader.tag()? {
            if tag.number != 2 {
                reader.skip(tag)?;
                continue;
            }
            let mut place = Place { reader: &mut reader, tag, filter: place.filter, depth };
            self.fill(&mut place, map.insert(key.clone()), field).map_err(|error| error.in_key(&key))?;
        }
        Ok(())
    }
}

impl<'a> Place<'a, '_> {
    /// An error unless the value is laid out so.
    #[inline]
    fn expect(&self, wire: WireType) -> Result<(), Error> {
        if self.tag.wire == wire {
            return Ok(());
        }
        let kind = Kind::WrongType { expected: wire.name(), found: self.tag.wire.name() };
        Err(Error::new(kind, Some(self.tag.at)))
    }

    #[inline]
    fn varint(&mut self) -> Result<u64, Error> {
        self.expect(WireType::Varint)?;
        self.reader.varint()
    }

    #[inline]
    fn text(&mut self) -> Result<&'a str, Error> {
        self.expect(WireType::Bytes)?;
        self.reader.text()
    }

    #[inline]
    fn inner(&mut self) -> Result<Reader<'a>, Error> {
        self.expect(WireType::Bytes)?;
        self.reader.inner()
    }

    /// Whether the value is the zero of its layout.
    fn is_zero(&self) -> bool {
        match self.tag.wire {
            WireType::Varint | WireType::Bytes => self.reader.rest().first() == Some(&0),
            WireType::Fixed64 => self.reader.rest().starts_with(&[0; 8]),
            _ => false,
        }
    }
}

fn string_map(map: &mut Map<CompactString>, mut entry: Reader<'_>) -> Result<(), Error> {
    let (mut key, mut value) = ("", "");
    while let Some(tag) = entry.tag()? {
        let mut place = Place { reader: &mut entry, tag, filter: None, depth: 0 };
        match tag.number {
            1 => key = place.text()?,
            2 => value = place.text().map_err(|error| error.in_key(key))?,
            _ => entry.skip(tag)?,
        }
    }
    map.insert(CompactString::new(key), CompactString::new(value));
    Ok(())
}

fn string_list(place: &mut Place<'_, '_>, list: &mut Vec<CompactString>, field: &FieldDesc) -> Result<(), Error> {
    if !matches!(field.wire, Wire::Wrapped) {
        push(list, place.text()?);
        return Ok(());
    }
    let mut items = place.inner()?;
    while let Some(tag) = items.tag()? {
        match tag.number {
            1 => {
                let text = Place { reader: &mut items, tag, filter: None, depth: 0 }.text();
                push(list, text.map_err(|error| error.in_item(list.len()))?);
            }
            _ => items.skip(tag)?,
        }
    }
    Ok(())
}

fn push(list: &mut Vec<CompactString>, text: &str) {
    // By doubling from one on: most lists are short.
    if list.len() == list.capacity() {
        list.reserve_exact(list.len().max(1));
    }
    list.push(CompactString::new(text));
}

/// How often a field occurs in part of a message that was read before.
#[cold]
fn occurrences(mut reader: Reader<'_>, number: u32) -> usize {
    let mut count = 0;
    while let Ok(Some(tag)) = reader.tag() {
        count += usize::from(tag.number == number);
        if reader.skip(tag).is_err() {
            break;
        }
    }
    count
}
