//! Decodes protobuf into messages, by their tables.

use compact_str::CompactString;

use super::envelope::Envelope;
use super::error::{Error, Kind};
use super::leaf::{self, Filled};
use super::reader::{Reader, Tag, WireType};
use super::{MAX_DEPTH, Options, schema};
use crate::json::{DecoderState, Node, Orders, Point, Step};
use crate::message::{FieldDesc, ListSlot, MapSlot, Message, MessageType, OptionSlot, Slot, Wire};
use crate::types::{Map, RawJson};

/// Decodes an object of a known type from its envelope.
///
/// # Errors
///
/// If the bytes are not an object in an envelope, nested deeper than 128 levels, of another kind than `T`, or a field
/// has a value of the wrong type. See [`decode_into`] for what is *not* an error.
pub fn from_slice<T: MessageType>(bytes: &[u8]) -> Result<T, Error> {
    let mut message = T::default();
    decode_into(&mut message, bytes, &Options::default())?;
    Ok(message)
}

/// Decodes an object from its envelope into a message, merging with its current contents.
///
/// - A missing field leaves the message unchanged. So does one that protobuf can't distinguish from a missing one
///   ([`implicit`](crate::message::FieldDesc::implicit)), if it is an `Option`.
/// - Fields may be in any order. Of a repeated one the last value wins; lists are concatenated, maps and messages
///   merged.
/// - Numbers in a list may be packed or not.
/// - Unknown fields are preserved, byte for byte, in the [unknown fields](Message::unknown_fields), unless an option
///   drops them.
/// - The envelope's `apiVersion` and `kind` may be missing; if present, they must match. Its content may be JSON, which
///   is then decoded as such.
///
/// # Errors
///
/// If the bytes are not an object in an envelope, nested deeper than 128 levels, of another kind than the message, or a
/// field has a value of the wrong type. The message may then be partially filled.
pub fn decode_into(message: &mut dyn Message, bytes: &[u8], options: &Options) -> Result<(), Error> {
    decode_next(message, bytes, options, &mut DecoderState::default())
}

/// Same for one of many objects: state learned from earlier ones speeds it up.
#[doc(hidden)]
pub fn decode_next(
    message: &mut dyn Message,
    bytes: &[u8],
    options: &Options,
    decoder_state: &mut DecoderState,
) -> Result<(), Error> {
    let envelope = Envelope::read(bytes)?;
    envelope.check_kind(message.descriptor(), options.is_answer)?;
    envelope.check_content()?;
    if envelope.is_json() {
        let text = crate::json::as_utf8(envelope.raw);
        return text
            .and_then(|text| crate::json::decode_into(message, text, options))
            .map_err(|error| Error::new(Kind::Json(error.to_string()), Some(envelope.raw_at())));
    }
    read(envelope.reader(), message, options, decoder_state)
}

/// Decodes a message without an envelope, such as an item of a list. Its kind can't be checked.
///
/// # Errors
///
/// As for [`decode_into`], except for the kind.
pub fn decode_bare(message: &mut dyn Message, bytes: &[u8], options: &Options) -> Result<(), Error> {
    decode_next_bare(message, bytes, options, &mut DecoderState::default())
}

/// Same for one of many messages: state learned from earlier ones speeds it up.
#[doc(hidden)]
pub fn decode_next_bare(
    message: &mut dyn Message,
    bytes: &[u8],
    options: &Options,
    decoder_state: &mut DecoderState,
) -> Result<(), Error> {
    read(Reader::new(bytes), message, options, decoder_state)
}

fn read(
    reader: Reader<'_>,
    message: &mut dyn Message,
    options: &Options,
    decoder_state: &mut DecoderState,
) -> Result<(), Error> {
    let filter = options.filter.of(message.descriptor());
    let mut decoder =
        Decoder { drop_unknown_fields: options.drop_unknown_fields, decoder_state: std::mem::take(decoder_state) };
    let read = decoder.message(reader, message, filter, MAX_DEPTH);
    *decoder_state = decoder.decoder_state;
    read
}

pub(super) struct Decoder {
    drop_unknown_fields: bool,
    decoder_state: DecoderState,
}

/// A value to decode: its bytes, what to skip in it, and the remaining nesting.
struct FieldInput<'a, 'r> {
    reader: &'r mut Reader<'a>,
    tag: Tag,
    /// Whether the previous field was another one.
    is_first: bool,
    filter: Option<&'r Node>,
    depth: u8,
}

/// The most items for which capacity is reserved at once, whatever length is announced.
const MAX_ROOM: usize = 4096;

/// What a tag denotes.
enum Found {
    Field(usize),
    /// An inlined message, which contains the field of this index.
    Inlined(usize),
    Unknown,
}

impl Decoder {
    pub(super) fn message(
        &mut self,
        reader: Reader<'_>,
        message: &mut dyn Message,
        filter: Option<&Node>,
        depth: u8,
    ) -> Result<(), Error> {
        let start = match self.decoder_state.is_for_many() {
            true => self.decoder_state.orders.start(message.descriptor()),
            false => Point::default(),
        };
        let section = Section { start, point: start, path: &[] };
        self.section(reader, message, section, filter, depth).map(drop)
    }

    /// Decodes the fields of a message below a path of inlined messages, and returns the resulting position.
    fn section(
        &mut self,
        mut reader: Reader<'_>,
        message: &mut dyn Message,
        mut section: Section,
        filter: Option<&Node>,
        depth: u8,
    ) -> Result<Point, Error> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Error::new(Kind::TooDeep, Some(reader.at())));
        };
        let begin = reader.at();
        let fields = message.descriptor().fields;
        let mut last = usize::MAX;
        while let Some(tag) = reader.tag()? {
            // A list's items are adjacent; otherwise the predicted field is likely.
            let index = match fields.get(last) {
                Some(field) if section.has(field, tag) => last,
                _ => {
                    let guess = match self.decoder_state.is_for_many() {
                        true => self.decoder_state.orders.guess(section.point),
                        // Only little is learned: tables are nearly in the order of numbers.
                        false => last.wrapping_add(1),
                    };
                    match fields.get(guess) {
                        Some(field) if section.has(field, tag) => guess,
                        _ => match section.find(fields, guess, tag) {
                            Found::Field(index) => {
                                self.decoder_state.orders.learn(section.point, index);
                                index
                            }
                            Found::Inlined(index) => {
                                let path = fields.get(index).map_or(&[][..], FieldDesc::path);
                                let path = path.get(..=section.path.len()).unwrap_or_default();
                                let inner = Section { path, ..section };
                                section.point = self.section(reader.inner()?, message, inner, filter, depth)?;
                                continue;
                            }
                            Found::Unknown => {
                                self.unknown(&mut reader, message, section.path, tag)?;
                                continue;
                            }
                        },
                    }
                }
            };
            let Some(field) = fields.get(index) else { continue };
            let is_first = last != index;
            last = index;
            section.point = Orders::after(section.start, index);
            let filter = match filter.map(|node| node.step(index)) {
                None | Some(Step::Keep) => None,
                Some(Step::Into(inner)) => Some(&**inner),
                Some(Step::Skip) => {
                    reader.skip(tag).map_err(|error| error.in_field(field.name()))?;
                    continue;
                }
            };
            let mut input = FieldInput { reader: &mut reader, tag, is_first, filter, depth };
            let Err(error) = self.fill(&mut input, message.slot(index), field) else { continue };
            let error = match message.slot(index) {
                Slot::List(_) | Slot::StrList(_) if !matches!(field.wire, Wire::Wrapped) => {
                    error.in_item(occurrences(reader.between(begin, tag.at), tag.number))
                }
                _ => error,
            };
            return Err(error.in_field(field.name()));
        }
        Ok(section.point)
    }

    /// Preserves a field that the table doesn't contain.
    fn unknown(
        &mut self,
        reader: &mut Reader<'_>,
        message: &mut dyn Message,
        path: &[u32],
        tag: Tag,
    ) -> Result<(), Error> {
        reader.skip(tag)?;
        if self.drop_unknown_fields {
            return Ok(());
        }
        let bytes = reader.since(tag.at);
        if path.is_empty() {
            message.unknown_fields_mut().push_protobuf(bytes);
        } else {
            // As a further occurrence of the inlined message: decoders merge the two.
            let mut whole = bytes.to_vec();
            for number in path.iter().rev() {
                whole = super::encode::enclosed(*number, &whole);
            }
            message.unknown_fields_mut().push_protobuf(&whole);
        }
        Ok(())
    }

    #[inline]
    fn fill(&mut self, input: &mut FieldInput<'_, '_>, slot: Slot<'_>, field: &FieldDesc) -> Result<(), Error> {
        match slot {
            Slot::Message(message) => self.message(input.inner()?, message, input.filter, input.depth),
            Slot::OptStr(option) => {
                let text = input.text()?;
                *option = if field.implicit && text.is_empty() { None } else { Some(CompactString::new(text)) };
                Ok(())
            }
            Slot::Str(string) => {
                *string = CompactString::new(input.text()?);
                Ok(())
            }
            Slot::StrMap(map) => {
                if input.is_first {
                    map.make_room(input.run());
                }
                string_map(map, input.inner()?)
            }
            Slot::StrList(list) => string_list(input, list, field),
            Slot::Option(option) => self.option(input, option, field),
            Slot::List(list) if matches!(field.wire, Wire::Wrapped) => self.wrapped(input, list, field),
            Slot::List(list) => {
                if std::mem::take(&mut input.is_first) {
                    list.reserve(input.run());
                }
                self.list(input, list, field)
            }
            Slot::Map(map) => {
                if std::mem::take(&mut input.is_first) {
                    map.reserve(input.run());
                }
                self.map(input, map, field)
            }
            slot => self.leaf(input, slot, field).map(drop),
        }
    }

    fn option(
        &mut self,
        input: &mut FieldInput<'_, '_>,
        option: &mut dyn OptionSlot,
        field: &FieldDesc,
    ) -> Result<(), Error> {
        if field.implicit && field.message.is_none() && input.is_empty() {
            input.reader.skip(input.tag)?;
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
                self.fill(input, slot, field)?;
                Filled::Value
            }
            slot => self.leaf(input, slot, field)?,
        };
        if filled == Filled::Null || (field.implicit && is_zero(&option.get_or_insert())) {
            option.clear();
        }
        Ok(())
    }

    /// Decodes a scalar.
    fn leaf(&mut self, input: &mut FieldInput<'_, '_>, slot: Slot<'_>, field: &FieldDesc) -> Result<Filled, Error> {
        match slot {
            Slot::Bool(value) => *value = input.varint()? != 0,
            // Excess bits are dropped, as by every protobuf decoder.
            #[allow(clippy::cast_possible_truncation)]
            Slot::I32(value) => *value = input.varint()? as i32,
            Slot::I64(value) => *value = input.varint()?.cast_signed(),
            Slot::F64(value) => {
                input.expect(WireType::Fixed64)?;
                *value = f64::from_bits(input.reader.fixed64()?);
            }
            Slot::Enum(value) => value.set(input.text()?),
            Slot::Str(value) => *value = CompactString::new(input.text()?),
            Slot::OptStr(value) => *value = Some(CompactString::new(input.text()?)),
            Slot::Bytes(value) => {
                input.expect(WireType::Bytes)?;
                value.0.clear();
                value.0.extend_from_slice(input.reader.bytes()?);
                return Ok(if value.0.is_empty() { Filled::Null } else { Filled::Value });
            }
            Slot::Quantity(value) => *value = leaf::quantity(input.inner()?)?,
            Slot::IntOrString(value) => *value = leaf::int_or_string(input.inner()?)?,
            Slot::Duration(value) => *value = leaf::duration(input.inner()?)?,
            Slot::Time(value) => {
                let inner = input.inner()?;
                let filled = Filled::of(&inner);
                *value = leaf::time(inner)?;
                return Ok(filled);
            }
            Slot::MicroTime(value) => {
                let inner = input.inner()?;
                let filled = Filled::of(&inner);
                *value = leaf::micro_time(inner)?;
                return Ok(filled);
            }
            Slot::FieldsV1(value) => match leaf::fields_v1(input.inner()?, &mut self.decoder_state.field_sets)? {
                Some(fields) => *value = fields,
                None => return Ok(Filled::Null),
            },
            Slot::Json(value) => {
                let inner = input.inner()?;
                let json = match field.wire {
                    Wire::Plain | Wire::Within(_) | Wire::Wrapped => leaf::json(inner)?,
                    form => Some(schema::read(self, inner, form, input.depth)?),
                };
                *value = json.unwrap_or_else(RawJson::default);
                return Ok(if value.is_null() { Filled::Null } else { Filled::Value });
            }
            // The table has more fields than the type, or a type that no built-in kind has.
            _ => {
                let expected = "a field with a protobuf encoding";
                return Err(Error::new(Kind::WrongType { expected, found: "another" }, Some(input.tag.at)));
            }
        }
        Ok(Filled::Value)
    }

    fn list(
        &mut self,
        input: &mut FieldInput<'_, '_>,
        list: &mut dyn ListSlot,
        field: &FieldDesc,
    ) -> Result<(), Error> {
        let packed = match list.push() {
            Slot::Bool(_) | Slot::I32(_) | Slot::I64(_) | Slot::F64(_) => input.tag.wire == WireType::Bytes,
            slot => return self.fill(input, slot, field),
        };
        list.pop();
        if !packed {
            return self.leaf(input, list.push(), field).map(drop);
        }
        let mut reader = input.reader.inner()?;
        while !reader.is_at_end() {
            let slot = list.push();
            let wire = if matches!(slot, Slot::F64(_)) { WireType::Fixed64 } else { WireType::Varint };
            let tag = Tag { wire, ..input.tag };
            self.leaf(&mut FieldInput { depth: input.depth, ..FieldInput::alone(&mut reader, tag) }, slot, field)?;
        }
        Ok(())
    }

    fn wrapped(
        &mut self,
        input: &mut FieldInput<'_, '_>,
        list: &mut dyn ListSlot,
        field: &FieldDesc,
    ) -> Result<(), Error> {
        let mut items = input.inner()?;
        while let Some(tag) = items.tag()? {
            match tag.number {
                1 => self.list(
                    &mut FieldInput { depth: input.depth, ..FieldInput::alone(&mut items, tag) },
                    list,
                    field,
                )?,
                _ => items.skip(tag)?,
            }
        }
        Ok(())
    }

    /// Decodes one entry of a map: a message with the key as its number 1 and the value as its number 2.
    fn map(&mut self, input: &mut FieldInput<'_, '_>, map: &mut dyn MapSlot, field: &FieldDesc) -> Result<(), Error> {
        let entry = input.inner()?;
        let (mut key, mut has_value) = ("", false);
        let mut reader = entry;
        while let Some(tag) = reader.tag()? {
            match tag.number {
                1 => key = FieldInput::alone(&mut reader, tag).text()?,
                number => {
                    has_value |= number == 2;
                    reader.skip(tag)?;
                }
            }
        }
        let Some(depth) = input.depth.checked_sub(1) else {
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
            let mut input = FieldInput { filter: input.filter, depth, ..FieldInput::alone(&mut reader, tag) };
            self.fill(&mut input, map.insert(key.clone()), field).map_err(|error| error.in_key(&key))?;
        }
        Ok(())
    }
}

/// A position in the table of a message: mostly at its top level, or in an inlined message.
#[derive(Clone, Copy)]
struct Section {
    /// Start of the message and current field: inlined messages have their fields in its table.
    start: Point,
    point: Point,
    path: &'static [u32],
}

impl Section {
    /// Whether a tag is that of a field at this position.
    #[inline]
    fn has(&self, field: &FieldDesc, tag: Tag) -> bool {
        field.number == tag.number && field.is_at(self.path)
    }

    /// Searches for a tag in the whole table, starting after the guess.
    fn find(&self, fields: &'static [FieldDesc], guess: usize, tag: Tag) -> Found {
        // Nearly no field is inlined, and comparing empty slices is slow (see `FieldDesc::is_at`).
        let leads_on = |field: &FieldDesc| match field.wire {
            Wire::Within(path) => path.strip_prefix(self.path).and_then(<[u32]>::first) == Some(&tag.number),
            _ => false,
        };
        if tag.wire == WireType::Bytes && fields.get(guess).is_some_and(leads_on) {
            return Found::Inlined(guess);
        }
        let (before, after) = fields.split_at(guess.min(fields.len()));
        let found = match after.iter().position(|field| self.has(field, tag)) {
            Some(index) => Some(before.len() + index),
            None => before.iter().position(|field| self.has(field, tag)),
        };
        let inlined = || fields.iter().position(leads_on).filter(|_| tag.wire == WireType::Bytes);
        match (found, found.map_or_else(inlined, |_| None)) {
            (Some(index), _) => Found::Field(index),
            (None, Some(index)) => Found::Inlined(index),
            (None, None) => Found::Unknown,
        }
    }
}

impl<'a, 'r> FieldInput<'a, 'r> {
    /// A scalar value.
    #[inline]
    fn alone(reader: &'r mut Reader<'a>, tag: Tag) -> Self {
        FieldInput { reader, tag, is_first: false, filter: None, depth: 0 }
    }

    /// Counts adjacent occurrences of the field, including this one.
    fn run(&self) -> usize {
        let (mut reader, mut count) = (*self.reader, 1);
        while count < MAX_ROOM {
            let past = match self.tag.wire {
                WireType::Bytes => reader.bytes().map(drop),
                _ => reader.skip(self.tag),
            };
            if past.is_err() {
                break;
            }
            match reader.tag() {
                Ok(Some(next)) if next.number == self.tag.number && next.wire == self.tag.wire => count += 1,
                _ => break,
            }
        }
        count
    }

    /// Returns an error unless the value has this wire type.
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

    /// Whether the value has a length of zero.
    fn is_empty(&self) -> bool {
        // Encoders write a zero in one byte, but longer forms are valid.
        let mut ahead = *self.reader;
        self.tag.wire == WireType::Bytes && matches!(ahead.varint(), Ok(0))
    }
}

/// Whether a number was decoded as zero, possibly after dropping excess bits.
fn is_zero(slot: &Slot<'_>) -> bool {
    match slot {
        Slot::Bool(value) => !**value,
        Slot::I32(value) => **value == 0,
        Slot::I64(value) => **value == 0,
        Slot::F64(value) => value.to_bits() == 0,
        _ => false,
    }
}

fn string_map(map: &mut Map<CompactString>, mut entry: Reader<'_>) -> Result<(), Error> {
    let (mut key, mut value) = ("", "");
    while let Some(tag) = entry.tag()? {
        let mut input = FieldInput::alone(&mut entry, tag);
        match tag.number {
            1 => key = input.text()?,
            2 => value = input.text().map_err(|error| error.in_key(key))?,
            _ => entry.skip(tag)?,
        }
    }
    map.insert(CompactString::new(key), CompactString::new(value));
    Ok(())
}

fn string_list(input: &mut FieldInput<'_, '_>, list: &mut Vec<CompactString>, field: &FieldDesc) -> Result<(), Error> {
    if !matches!(field.wire, Wire::Wrapped) {
        if input.is_first {
            ListSlot::reserve(list, input.run());
        }
        push(list, input.text()?);
        return Ok(());
    }
    let mut items = input.inner()?;
    while let Some(tag) = items.tag()? {
        match tag.number {
            1 => {
                let text = FieldInput::alone(&mut items, tag).text();
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

/// Counts the occurrences of a field in a part of a message that was decoded before.
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
