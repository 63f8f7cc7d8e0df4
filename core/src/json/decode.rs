//! Decodes JSON text into messages, by their tables.

use std::borrow::Cow;

use compact_str::CompactString;

use super::decoder_state::DecoderState;
use super::error::{Error, Kind};
use super::field_order::Orders;
use super::filter::{Node, Step};
use super::options::Options;
use super::parser::Parser;
use super::type_meta::TypeMeta;
use crate::message::{
    Descriptor, FieldDesc, ListSlot, MapSlot, Message, MessageType, OptionSlot, PresentFields, Slot, Value, clear_slot,
};
use crate::types::{
    Base64, ByteString, DateTime, Duration, FieldsV1, IntOrString, Map, MicroTime, Number, Quantity, RawJson, Time,
};

/// Decodes a document of a known type from bytes.
///
/// # Errors
///
/// If the bytes are not UTF-8, not JSON, nested deeper than 128 levels, of another kind than `T`, or a field has a
/// value of the wrong type. See [`decode_into`] for what is *not* an error.
pub fn from_slice<T: MessageType>(bytes: &[u8]) -> Result<T, Error> {
    from_str(as_utf8(bytes)?)
}

/// Decodes a document of a known type from text.
///
/// # Errors
///
/// As for [`from_slice`].
pub fn from_str<T: MessageType>(text: &str) -> Result<T, Error> {
    let mut message = T::default();
    decode_into(&mut message, text, &Options::default())?;
    Ok(message)
}

/// Converts bytes to text, validated in one pass.
///
/// # Errors
///
/// If they are not UTF-8.
pub fn as_utf8(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|error| Error::new(Kind::NotUtf8, Some(error.valid_up_to())))
}

/// Decodes a document into a message, merging with its current contents.
///
/// Decoding is as lenient as the server's own ([`encoding/json`](https://pkg.go.dev/encoding/json#Unmarshal) is the
/// model):
///
/// - A missing field leaves the message unchanged; so does a `null`, except that it clears a list, a map and an
///   `Option`, and is kept as a null if the type distinguishes the two ([`Nullable`](crate::types::Nullable)).
/// - Fields may be in any order. Of a repeated key the last value wins, and lists and maps are replaced; a repeated
///   object is merged into the first, field by field.
/// - Unknown fields are validated, and preserved verbatim in the [unknown fields](Message::unknown_fields), unless an
///   option drops them.
/// - Of a custom resource's required fields, those that were missing or null are remembered, so that they are not
///   written back as zeros ([`UnknownFields::is_absent`](crate::message::UnknownFields::is_absent)).
/// - A value that its field can't represent is an error in built-in kinds, and preserved verbatim in custom resources:
///   in the [unknown fields](Message::unknown_fields), under the field's name, with the field at its default. So is a
///   null that the field's type does not distinguish from absence.
/// - An integer may be written `3.0` or `3e0`, and a quantity as a number.
/// - The top level's `apiVersion` and `kind` may be missing; if present, they must match. Inside another object (such
///   as a volume claim template) they are ignored if they match, and otherwise preserved among the unknown fields.
///
/// # Errors
///
/// If the text is not JSON, nested deeper than 128 levels, of another kind than the message, or a field of a built-in
/// kind (any field, if the options are strict) has a value of the wrong type. The message may then be partially filled.
pub fn decode_into(message: &mut dyn Message, text: &str, options: &Options) -> Result<(), Error> {
    decode_next(message, text, options, &mut DecoderState::default())
}

/// Same for one of many documents: state learned from earlier ones speeds it up.
#[doc(hidden)]
pub fn decode_next(
    message: &mut dyn Message,
    text: &str,
    options: &Options,
    decoder_state: &mut DecoderState,
) -> Result<(), Error> {
    let filter = options.filter.of(message.descriptor());
    let (drop_unknown_fields, is_answer) = (options.drop_unknown_fields, options.is_answer);
    let mut decoder = Decoder {
        parser: Parser::new(text),
        text,
        decoder_state: std::mem::take(decoder_state),
        drop_unknown_fields,
        is_answer,
        strict: options.strict,
        filter,
        tidying: TIDYING + text.len(),
    };
    decoder.parser.space();
    let read = decoder.whole_object(message).and_then(|()| decoder.parser.end());
    *decoder_state = decoder.decoder_state;
    read
}

/// Validates that the text is an object of any kind, and discards it.
pub(crate) fn check_object(text: &str) -> Result<(), Error> {
    let mut parser = Parser::new(text);
    parser.space();
    if parser.peek() != b'{' {
        return Err(parser.unexpected("an object"));
    }
    parser.skip()?;
    parser.end()
}

/// Returns an error if the start of a response to a list request identifies itself as something else: see
/// [`TypeMeta::is_answer`].
#[doc(hidden)]
pub fn check_answer(table: &'static Descriptor, text: &str) -> Result<(), Error> {
    TypeMeta::of(table).and_then(|meta| meta.mismatch(text, 0, true)).map_or(Ok(()), Err)
}

/// Limits how many unknown fields may be re-examined because more were added to them, besides one for each byte of the
/// text. No server repeats an object; a text that repeats one a hundred thousand times must not take minutes.
const TIDYING: usize = 1 << 20;

struct Decoder<'a, 'f> {
    parser: Parser<'a>,
    text: &'a str,
    decoder_state: DecoderState,
    drop_unknown_fields: bool,
    /// Whether the document is the response to a list request.
    is_answer: bool,
    strict: bool,
    /// Remaining number of unknown fields that may be re-examined.
    tidying: usize,
    /// What to skip in the object that is decoded next, or in each of the list or map. `None` once inside.
    filter: Option<&'f Node>,
}

/// Where the value of a custom resource's field was stored.
enum Held {
    InField,
    /// In the unknown fields.
    Beside,
    /// Dropped: the field can't represent it, and unknown fields are dropped.
    Nowhere,
}

/// Tracks which fields of a custom resource's object have a value among the unknown fields, or had one until a repeated
/// key.
struct Kept {
    /// Whether any have.
    any: bool,
    stale: Vec<usize>,
}

impl Kept {
    /// Before the object is decoded.
    fn new(message: &dyn Message) -> Self {
        Kept { any: !message.unknown_fields().is_empty(), stale: Vec::new() }
    }

    /// Records that the field holds the last value.
    #[inline]
    fn is_held(&mut self, index: usize) {
        if self.any && !self.stale.contains(&index) {
            self.stale.push(index);
        }
    }

    /// Records that the last value is among the unknown fields.
    fn is_beside(&mut self, index: usize) {
        self.any = true;
        self.stale.retain(|stale| *stale != index);
    }

    /// After the object was decoded.
    #[inline]
    fn forget_stale(&self, message: &mut dyn Message) {
        if self.stale.is_empty() {
            return;
        }
        let table = message.descriptor();
        let names: Vec<_> = self.stale.iter().filter_map(|index| table.fields.get(*index)).collect();
        message.unknown_fields_mut().retain(|name| !names.iter().any(|field| field.json_name() == name));
    }
}

/// What a key of an object denotes.
enum Key<'a> {
    Field(usize),
    Unknown(Cow<'a, str>),
}

impl<'a, 'f> Decoder<'a, 'f> {
    /// Decodes a whole object: its `apiVersion` and `kind` are checked, and are not fields.
    fn whole_object(&mut self, message: &mut dyn Message) -> Result<(), Error> {
        let start = self.parser.at();
        let Some(meta) = TypeMeta::of(message.descriptor()) else {
            return self.object(message, None);
        };
        self.object(message, Some(meta)).map_err(|error| {
            // An object of another kind fails anywhere: report that it is another kind.
            let document = self.text.get(start..).unwrap_or_default();
            meta.mismatch(document, start, self.is_answer).unwrap_or(error)
        })
    }

    fn object(&mut self, message: &mut dyn Message, meta: Option<TypeMeta>) -> Result<(), Error> {
        let filter = self.filter.take();
        self.parser.enter(b'{', "an object")?;
        if self.parser.ends_at_once(b'}') {
            self.parser.leave();
            PresentFields::default().note(message);
            return Ok(());
        }
        let table = message.descriptor();
        let start = self.decoder_state.orders.start(table);
        let mut point = start;
        let mut unknown = 0usize;
        let mut present = PresentFields::default();
        let mut kept = Kept::new(message);
        loop {
            let guess = self.decoder_state.orders.guess(point);
            let field = match table.fields.get(guess) {
                Some(field) if self.parser.take_key(field.key) => Some((guess, field)),
                _ => match self.find(table, guess)? {
                    Key::Field(index) => {
                        self.decoder_state.orders.learn(point, index);
                        table.fields.get(index).map(|field| (index, field))
                    }
                    Key::Unknown(name) => {
                        unknown += usize::from(self.unknown(message, &name, meta)?);
                        None
                    }
                },
            };
            if let Some((index, field)) = field {
                point = Orders::after(start, index);
                let counts = field.explicit && self.is_seen(message, index, filter);
                let held = if field.kept && !self.strict {
                    self.kept(filter, message, index, field, &mut kept)?
                } else {
                    self.field(filter, message, index, field)?;
                    Held::InField
                };
                match held {
                    Held::InField if counts => present.add(index),
                    Held::InField => {}
                    // The field itself is empty, whatever it held before: its zero was not set by the caller.
                    Held::Beside | Held::Nowhere => {
                        unknown += usize::from(matches!(held, Held::Beside));
                        present.remove(index);
                    }
                }
            }
            if !self.parser.goes_on(b'}')? {
                break;
            }
        }
        if unknown > 0 || !kept.stale.is_empty() {
            self.tidy(message, unknown, &kept)?;
        }
        present.note(message);
        self.parser.leave();
        Ok(())
    }

    /// Whether the next value counts as present: not null, unless null is a value, and not skipped by the filter.
    fn is_seen(&self, message: &mut dyn Message, index: usize, filter: Option<&Node>) -> bool {
        let skipped = filter.is_some_and(|node| matches!(node.step(index), Step::Skip));
        !skipped && (self.parser.peek() != b'n' || takes_null(&message.slot(index)))
    }

    /// Keeps the last of each name among unknown fields, of which the given number was just added. Others exist if the
    /// object is repeated, or was not empty.
    fn tidy(&mut self, message: &mut dyn Message, new: usize, kept: &Kept) -> Result<(), Error> {
        let all = message.unknown_fields().iter().count();
        if all > new {
            let Some(left) = self.tidying.checked_sub(all) else {
                return Err(Error::new(Kind::Repeated, Some(self.parser.at())));
            };
            self.tidying = left;
        }
        kept.forget_stale(message);
        if all > 1 {
            message.unknown_fields_mut().keep_last_of_each();
        }
        Ok(())
    }

    #[inline]
    fn field(
        &mut self,
        filter: Option<&'f Node>,
        message: &mut dyn Message,
        index: usize,
        field: &'static FieldDesc,
    ) -> Result<(), Error> {
        match filter {
            Some(node) => self.filtered(node, message, index, field),
            None => self.fill(message.slot(index), field),
        }
        .map_err(|error| error.in_field(field.name()))
    }

    /// Decodes a field of a custom resource. A value that its type can't represent is stored among the unknown fields.
    fn kept(
        &mut self,
        filter: Option<&'f Node>,
        message: &mut dyn Message,
        index: usize,
        field: &'static FieldDesc,
        kept: &mut Kept,
    ) -> Result<Held, Error> {
        let start = self.parser.mark();
        let skipped = filter.is_some_and(|node| matches!(node.step(index), Step::Skip));
        let null = !skipped && self.parser.peek() == b'n';
        match self.field(filter, message, index, field) {
            Ok(()) if null && !matches!(message.value(index), Value::Null) => {}
            Ok(()) => {
                kept.is_held(index);
                return Ok(Held::InField);
            }
            Err(error) if error.is_wrong_type() => {}
            Err(error) => return Err(error),
        }
        self.filter = None;
        self.parser.back_to(start);
        let text = self.parser.raw().map_err(|error| error.in_field(field.name()))?;
        clear_slot(message.slot(index));
        if self.drop_unknown_fields {
            return Ok(Held::Nowhere);
        }
        kept.is_beside(index);
        message.unknown_fields_mut().push(field.json_name().into(), RawJson::from_valid_text(text));
        Ok(Held::Beside)
    }

    /// Decodes a field of an object of which parts are skipped.
    fn filtered(
        &mut self,
        node: &'f Node,
        message: &mut dyn Message,
        index: usize,
        field: &'static FieldDesc,
    ) -> Result<(), Error> {
        self.filter = match node.step(index) {
            Step::Keep => None,
            Step::Skip => return self.parser.skip(),
            Step::Into(inner) => Some(inner),
        };
        let read = self.fill(message.slot(index), field);
        self.filter = None;
        read
    }

    /// Reads a key that was guessed wrong, and finds its field: likely one soon after the guess.
    fn find(&mut self, table: &'static Descriptor, guess: usize) -> Result<Key<'a>, Error> {
        let start = self.parser.at();
        let name = self.parser.key()?;
        let quoted = self.text.get(start..).and_then(|rest| rest.get(..name.len() + 2)).unwrap_or_default();
        // As it stands in the text, if it is plain: its quotes are where those of a plain key would be.
        let plain = matches!(name, Cow::Borrowed(_));
        let is_it = |field: &FieldDesc| match field.key.strip_suffix(':') {
            Some(key) if plain => key == quoted,
            _ => field.json_name() == name,
        };
        let fields = table.fields;
        let (before, after) = fields.split_at(guess.min(fields.len()));
        let found = match after.iter().position(is_it) {
            Some(index) => Some(before.len() + index),
            None => before.iter().position(is_it),
        };
        Ok(found.map_or(Key::Unknown(name), Key::Field))
    }

    /// Decodes a field that is not in the table. Returns whether it was stored among the unknown fields.
    fn unknown(&mut self, message: &mut dyn Message, name: &str, meta: Option<TypeMeta>) -> Result<bool, Error> {
        if let Some(meta) = meta
            && matches!(name, "apiVersion" | "kind")
        {
            self.check_type_meta(name, meta)?;
            return Ok(false);
        }
        let text = self.parser.raw().map_err(|error| error.in_key(name))?;
        if self.drop_unknown_fields {
            return Ok(false);
        }
        message.unknown_fields_mut().push(name.into(), RawJson::from_valid_text(text));
        Ok(true)
    }

    fn check_type_meta(&mut self, name: &str, meta: TypeMeta) -> Result<(), Error> {
        if self.parser.null()? {
            return Ok(());
        }
        let offset = self.parser.at();
        let text = self.parser.string("a string").map_err(|error| error.in_key(name))?;
        // Whether it matches depends on kind and version together: the caller checks both.
        let right = text.is_empty() || (self.is_answer && meta.list);
        let right = right || if name == "kind" { meta.is_kind(&text) } else { meta.is_api_version(&text) };
        if right {
            return Ok(());
        }
        // Replaced by `whole_object` with one that gives both.
        Err(Error::new(Kind::Mismatch { expected: meta.to_string(), found: text.into_owned() }, Some(offset)))
    }

    /// Decodes a value into a slot.
    fn fill(&mut self, slot: Slot<'_>, field: &'static FieldDesc) -> Result<(), Error> {
        match slot {
            Slot::Message(message) => {
                if self.null_of(field)? {
                    return Ok(());
                }
                self.object(message, None)?;
                TypeMeta::forget_implied(message, field);
                Ok(())
            }
            Slot::OptStr(place) => {
                *place = match self.parser.plain_string() {
                    Some(text) => Some(CompactString::new(text)),
                    None if self.parser.null()? => None,
                    None => Some(self.string()?),
                };
                Ok(())
            }
            Slot::Str(place) => {
                match self.parser.plain_string() {
                    Some(text) => *place = CompactString::new(text),
                    None if self.parser.null()? => {}
                    None => *place = self.string()?,
                }
                Ok(())
            }
            Slot::Option(place) => self.option(place, field),
            Slot::List(list) => self.list(list, field),
            Slot::StrMap(map) => self.string_map(map, field),
            Slot::StrList(list) => self.string_list(list, field),
            Slot::Map(map) => self.map(map, field),
            Slot::Json(place) => {
                *place = RawJson::from_valid_text(self.parser.raw()?);
                Ok(())
            }
            Slot::Serde(slot) => {
                if self.null_of(field)? {
                    slot.clear();
                    return Ok(());
                }
                let start = self.parser.at();
                let text = self.parser.raw()?;
                slot.fill(text, !self.drop_unknown_fields)
                    .map_err(|error| Error::new(Kind::NotTaken(error.to_string()), Some(start)))
            }
            other => {
                if self.null_of(field)? {
                    return Ok(());
                }
                self.leaf(other)
            }
        }
    }

    /// Skips a null, if it comes next, if the type can't represent it: it leaves the default. Inside a custom
    /// resource's lists and maps it is a value of the wrong type, which is preserved.
    #[inline]
    fn null_of(&mut self, field: &'static FieldDesc) -> Result<bool, Error> {
        if self.parser.peek() == b'n' && field.kept && !self.strict && !self.drop_unknown_fields {
            return Err(self.parser.unexpected("a value"));
        }
        self.parser.null()
    }

    /// Rejects a null inside a list or map of a custom resource, if mistakes are errors.
    #[inline]
    fn no_null(&self, slot: &Slot<'_>, field: &'static FieldDesc) -> Result<(), Error> {
        if self.strict && field.kept && self.parser.peek() == b'n' && !takes_null(slot) {
            return Err(self.parser.unexpected("a value"));
        }
        Ok(())
    }

    fn option(&mut self, place: &mut dyn OptionSlot, field: &'static FieldDesc) -> Result<(), Error> {
        if self.parser.null()? {
            place.set_null();
            return Ok(());
        }
        self.fill(place.get_or_insert(), field)
    }

    /// Decodes a scalar that is not null.
    fn leaf(&mut self, slot: Slot<'_>) -> Result<(), Error> {
        match slot {
            Slot::Bool(place) => *place = self.parser.boolean("true or false")?,
            Slot::I32(place) => {
                let expected = "a 32-bit integer";
                let start = self.parser.at();
                let value = self.parser.integer(expected)?;
                *place = i32::try_from(value).map_err(|_| out_of_range(expected, start))?;
            }
            Slot::I64(place) => *place = self.parser.integer("a 64-bit integer")?,
            Slot::F64(place) => {
                let expected = "a number";
                let start = self.parser.at();
                let text = self.parser.number(expected)?;
                *place = text
                    .parse()
                    .ok()
                    .filter(|value: &f64| value.is_finite())
                    .ok_or_else(|| out_of_range(expected, start))?;
            }
            Slot::Number(place) => *place = Number::from_valid_text(self.parser.number("a number")?),
            Slot::Enum(place) => place.set(&self.parser.string("a string")?),
            Slot::Bytes(place) => {
                *place = self.parsed("base64 text", |text| ByteString::from_base64(text).ok())?;
            }
            Slot::Base64(place) => *place = Base64::new(&*self.parser.string("base64 text")?),
            Slot::Quantity(place) => {
                *place = match self.parser.peek() {
                    b'-' | b'0'..=b'9' => Quantity::from_json_number(self.parser.number("a quantity")?),
                    _ => Quantity::new(&*self.parser.string("a quantity such as 100m")?),
                };
            }
            Slot::IntOrString(place) => {
                *place = match self.parser.peek() {
                    b'"' => IntOrString::String(self.string()?),
                    _ => IntOrString::Int(self.parser.integer("an integer or a string")?),
                };
            }
            Slot::Time(place) => {
                *place = self.parsed("a time such as 2026-11-22T10:00:00Z", |text| Time::parse(text).ok())?
            }
            Slot::MicroTime(place) => {
                *place =
                    self.parsed("a time such as 2026-11-22T10:00:00.000000Z", |text| MicroTime::parse(text).ok())?;
            }
            Slot::DateTime(place) => {
                *place = DateTime::new(&*self.parser.string("a time such as 2026-11-22T10:00:00Z")?)
            }
            Slot::Duration(place) => {
                *place = self.parsed("a duration such as 1m30s", |text| Duration::parse(text).ok())?
            }
            Slot::FieldsV1(place) => *place = self.field_set()?,
            // The table has more fields than the type.
            _ => self.parser.skip()?,
        }
        Ok(())
    }

    fn field_set(&mut self) -> Result<FieldsV1, Error> {
        if let Some(set) = self.decoder_state.field_sets.at_start_of(self.parser.rest_as_text()) {
            self.parser.advance(set.as_str());
            return Ok(set);
        }
        Ok(self.decoder_state.field_sets.of_valid(self.parser.raw()?))
    }

    fn string(&mut self) -> Result<CompactString, Error> {
        self.parser.string("a string").map(CompactString::from)
    }

    /// Decodes a string that represents another type.
    fn parsed<T>(&mut self, expected: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Error> {
        let start = self.parser.at();
        let text = self.parser.string(expected)?;
        parse(&text).ok_or_else(|| {
            let found = "another string";
            Error::new(Kind::WrongType { expected, found }, Some(start))
        })
    }

    fn list(&mut self, list: &mut dyn ListSlot, field: &'static FieldDesc) -> Result<(), Error> {
        list.clear();
        if self.null_of(field)? {
            return Ok(());
        }
        self.parser.enter(b'[', "a list")?;
        let filter = self.filter;
        if !self.parser.ends_at_once(b']') {
            let mut index = 0;
            loop {
                self.filter = filter;
                let slot = list.push();
                self.no_null(&slot, field)
                    .and_then(|()| self.item(slot, field))
                    .map_err(|error| error.in_item(index))?;
                if !self.parser.goes_on(b']')? {
                    break;
                }
                index += 1;
            }
        }
        list.finish();
        self.parser.leave();
        Ok(())
    }

    #[inline]
    fn item(&mut self, slot: Slot<'_>, field: &'static FieldDesc) -> Result<(), Error> {
        match slot {
            Slot::Message(message) if field.items_are_objects && self.parser.peek() != b'n' => {
                self.whole_object(message)
            }
            slot => self.fill(slot, field),
        }
    }

    fn string_list(&mut self, list: &mut Vec<CompactString>, field: &'static FieldDesc) -> Result<(), Error> {
        list.clear();
        if self.null_of(field)? {
            return Ok(());
        }
        self.parser.enter(b'[', "a list")?;
        if !self.parser.ends_at_once(b']') {
            loop {
                let item = self.string_or_null(field).map_err(|error| error.in_item(list.len()))?;
                if list.len() == list.capacity() {
                    list.reserve_exact(list.len().max(1));
                }
                list.push(item);
                if !self.parser.goes_on(b']')? {
                    break;
                }
            }
        }
        list.shrink_to_fit();
        self.parser.leave();
        Ok(())
    }

    fn map(&mut self, map: &mut dyn MapSlot, field: &'static FieldDesc) -> Result<(), Error> {
        let filter = self.filter;
        map.clear();
        if self.null_of(field)? {
            return Ok(());
        }
        self.parser.enter(b'{', "an object")?;
        if !self.parser.ends_at_once(b'}') {
            loop {
                let key = self.parser.key()?;
                self.filter = filter;
                let slot = map.insert(CompactString::new(&key));
                self.no_null(&slot, field).and_then(|()| self.fill(slot, field)).map_err(|error| error.in_key(&key))?;
                if !self.parser.goes_on(b'}')? {
                    break;
                }
            }
        }
        map.finish();
        self.parser.leave();
        Ok(())
    }

    fn string_map(&mut self, map: &mut Map<CompactString>, field: &'static FieldDesc) -> Result<(), Error> {
        map.clear();
        if self.null_of(field)? {
            return Ok(());
        }
        self.parser.enter(b'{', "an object")?;
        if !self.parser.ends_at_once(b'}') {
            loop {
                let key = self.parser.key()?;
                let value = self.string_or_null(field).map_err(|error| error.in_key(&key))?;
                map.insert(CompactString::new(&key), value);
                if !self.parser.goes_on(b'}')? {
                    break;
                }
            }
        }
        map.shrink_to_fit();
        self.parser.leave();
        Ok(())
    }

    /// Decodes a string inside a list or map, where a null is an empty one.
    #[inline]
    fn string_or_null(&mut self, field: &'static FieldDesc) -> Result<CompactString, Error> {
        match self.parser.plain_string() {
            Some(text) => Ok(CompactString::new(text)),
            None if field.kept && self.strict && self.parser.peek() == b'n' => Err(self.parser.unexpected("a string")),
            None if self.null_of(field)? => Ok(CompactString::const_new("")),
            None => self.string(),
        }
    }
}

/// Whether null is a value of a slot.
pub(crate) fn takes_null(slot: &Slot<'_>) -> bool {
    matches!(slot, Slot::Option(_) | Slot::Json(_))
}

#[cold]
fn out_of_range(expected: &'static str, offset: usize) -> Error {
    Error::new(Kind::WrongType { expected, found: "a number out of its range" }, Some(offset))
}
