//! The places a field can be: to read ([`Value`]) and to fill ([`Slot`]).

use compact_str::CompactString;

use super::{Message, OpenEnum, SerdeSlot, SerdeValue};
use crate::types::{
    Base64, ByteString, DateTime, Duration, FieldsV1, IntOrString, Map, MicroTime, Number, Quantity, RawJson, Time,
};

/// What stands in a field.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Value<'a> {
    /// Nothing: an `Option` that is `None`, or an index past the end.
    Absent,
    /// An explicit null, where the documents tell null and absent apart.
    Null,
    /// A boolean.
    Bool(bool),
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// A floating-point number.
    F64(f64),
    /// A number of a custom resource, digit by digit.
    Number(&'a Number),
    /// A string.
    Str(&'a str),
    /// A string enum.
    Enum(&'a dyn OpenEnum),
    /// Bytes, base64 in JSON.
    Bytes(&'a ByteString),
    /// Base64 of a custom resource, as it is written.
    Base64(&'a Base64),
    /// A resource quantity.
    Quantity(&'a Quantity),
    /// A number or a string.
    IntOrString(&'a IntOrString),
    /// A time in seconds.
    Time(&'a Time),
    /// A time in microseconds.
    MicroTime(&'a MicroTime),
    /// A time of a custom resource, as it is written.
    DateTime(&'a DateTime),
    /// A duration.
    Duration(&'a Duration),
    /// Any JSON.
    Json(&'a RawJson),
    /// The field set of a managedFields entry.
    FieldsV1(&'a FieldsV1),
    /// A message.
    Message(&'a dyn Message),
    /// A list.
    List(&'a dyn ListValue),
    /// A map with string keys.
    Map(&'a dyn MapValue),
    /// A map of strings: most maps are.
    StrMap(&'a Map<CompactString>),
    /// A value of a type that stands on serde.
    Serde(SerdeValue<'a>),
}

/// A place to be filled.
#[non_exhaustive]
pub enum Slot<'a> {
    /// No such field.
    None,
    /// A boolean.
    Bool(&'a mut bool),
    /// A 32-bit integer.
    I32(&'a mut i32),
    /// A 64-bit integer.
    I64(&'a mut i64),
    /// A floating-point number.
    F64(&'a mut f64),
    /// A number of a custom resource, digit by digit.
    Number(&'a mut Number),
    /// A string.
    Str(&'a mut CompactString),
    /// A string enum.
    Enum(&'a mut dyn OpenEnum),
    /// Bytes, base64 in JSON.
    Bytes(&'a mut ByteString),
    /// Base64 of a custom resource, as it is written.
    Base64(&'a mut Base64),
    /// A resource quantity.
    Quantity(&'a mut Quantity),
    /// A number or a string.
    IntOrString(&'a mut IntOrString),
    /// A time in seconds.
    Time(&'a mut Time),
    /// A time in microseconds.
    MicroTime(&'a mut MicroTime),
    /// A time of a custom resource, as it is written.
    DateTime(&'a mut DateTime),
    /// A duration.
    Duration(&'a mut Duration),
    /// Any JSON.
    Json(&'a mut RawJson),
    /// The field set of a managedFields entry.
    FieldsV1(&'a mut FieldsV1),
    /// A message.
    Message(&'a mut dyn Message),
    /// A value that may be absent (an `Option`), or null (a `Nullable`).
    Option(&'a mut dyn OptionSlot),
    /// An optional string: told apart since most optional fields are.
    OptStr(&'a mut Option<CompactString>),
    /// A list.
    List(&'a mut dyn ListSlot),
    /// A list of strings.
    StrList(&'a mut Vec<CompactString>),
    /// A map with string keys.
    Map(&'a mut dyn MapSlot),
    /// A map of strings: most maps are.
    StrMap(&'a mut Map<CompactString>),
    /// A value of a type that stands on serde.
    Serde(SerdeSlot<'a>),
}

/// A value that may be absent or null: an `Option` or a `Nullable`.
pub trait OptionSlot {
    /// What null makes of it: absent, or an explicit null where the two are told apart.
    fn set_null(&mut self);

    /// Takes the value out: absent, also where an explicit null is told apart. (A `Nullable` that is no `Option`'s
    /// becomes null, its default.)
    fn clear(&mut self);

    /// The place inside, made at its default first where there is none.
    fn get_or_insert(&mut self) -> Slot<'_>;
}

/// A list to be filled.
pub trait ListSlot {
    /// Removes every item.
    fn clear(&mut self);

    /// Makes room for so many further items, and no more than that in a list that had none.
    fn reserve(&mut self, additional: usize);

    /// Appends an item at its default, and gives its place.
    fn push(&mut self) -> Slot<'_>;

    /// After the last item: gives back memory that was reserved for more.
    fn finish(&mut self);

    /// Removes the last item: a reader takes back what it could not fill.
    fn pop(&mut self);
}

/// A list to be read.
pub trait ListValue {
    /// How many items there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at an index, or [`Value::Absent`] past the end.
    fn get(&self, index: usize) -> Value<'_>;
}

/// A map with string keys, to be filled.
pub trait MapSlot {
    /// Removes every entry.
    fn clear(&mut self);

    /// Makes room for so many further entries, and no more than that in a map that had none.
    fn reserve(&mut self, additional: usize);

    /// The place of a key's value, which is put at its default first: a later duplicate starts afresh.
    fn insert(&mut self, key: CompactString) -> Slot<'_>;

    /// After the last entry: gives back memory that was reserved for more.
    fn finish(&mut self);
}

/// A map with string keys, to be read in the order of its keys.
pub trait MapValue {
    /// How many entries there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry at an index in key order, or `None` past the end.
    fn get(&self, index: usize) -> Option<(&str, Value<'_>)>;
}
