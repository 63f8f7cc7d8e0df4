//! Deserialization through serde: from any self-describing format, by the rules of the JSON codec.

use std::fmt;

use compact_str::CompactString;
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor,
};

use crate::json::{MAX_DEPTH, TypeMeta, takes_null};
use crate::message::{FieldDesc, Message, MessageType, PresentFields, Slot};
use crate::types::{RawJson, integral_f64};

/// Deserializes a message, by the rules of [`json::decode_into`](crate::json::decode_into) with
/// [strict](crate::json::Options::strict) options: a value of the wrong type is an error in custom resources too, as is
/// a null in their lists and maps, since this is used for manifests, whose mistakes should be reported.
///
/// # Errors
///
/// The deserializer's own; a value of the wrong type; an `apiVersion` or `kind` other than the type's.
pub fn deserialize<'de, T: MessageType, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let mut message = T::default();
    Object { message: &mut message, whole: true, depth: 0 }.deserialize(deserializer)?;
    Ok(message)
}

struct Object<'a> {
    message: &'a mut dyn Message,
    whole: bool,
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for Object<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.depth >= MAX_DEPTH {
            return Err(D::Error::custom(format_args!("nested deeper than {MAX_DEPTH} levels")));
        }
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Object<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match TypeMeta::of(self.message.descriptor()) {
            Some(meta) if self.whole => write!(f, "an object, {meta}"),
            _ => write!(f, "an object, {}", self.message.descriptor().name),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Object { message, whole, depth } = self;
        let table = message.descriptor();
        let meta = if whole { TypeMeta::of(table) } else { None };
        let (mut api_version, mut kind) = (None, None);
        let mut next = 0;
        let mut present = PresentFields::default();
        while let Some(Key(key)) = map.next_key()? {
            match &*key {
                "apiVersion" if meta.is_some() => api_version = map.next_value::<Option<String>>()?,
                "kind" if meta.is_some() => kind = map.next_value::<Option<String>>()?,
                _ => {
                    let (before, after) = table.fields.split_at(next);
                    let is_it = |field: &FieldDesc| field.json_name() == key;
                    let index = match after.iter().position(is_it) {
                        Some(index) => Some(before.len() + index),
                        None => before.iter().position(is_it),
                    };
                    if let Some((index, field)) = index.and_then(|index| Some((index, table.fields.get(index)?))) {
                        next = index + 1;
                        let place = SlotSeed { slot: message.slot(index), field, depth: depth + 1, inside: false };
                        let is_there = map.next_value_seed(place).map_err(|error| match field.secret {
                            // serde's own errors quote what they found.
                            true => A::Error::custom(format_args!("cannot read the secret value of {}", field.name())),
                            false => error,
                        })?;
                        if is_there && field.explicit {
                            present.add(index);
                        }
                    } else {
                        let value = map.next_value::<RawJson>()?;
                        message.unknown_fields_mut().push(key, value);
                    }
                }
            }
        }
        message.unknown_fields_mut().keep_last_of_each();
        present.note(message);
        let Some(meta) = meta else { return Ok(()) };
        let (api_version, kind) = (api_version.unwrap_or_default(), kind.unwrap_or_default());
        if (api_version.is_empty() || meta.is_api_version(&api_version)) && (kind.is_empty() || meta.is_kind(&kind)) {
            return Ok(());
        }
        Err(A::Error::custom(format_args!("expected {meta}, got {api_version} {kind}")))
    }
}

/// The key of an object; in YAML also a number or a boolean, which is converted to text.
struct Key(CompactString);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text).map(Key)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = CompactString;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<CompactString, E> {
        Ok(CompactString::new(text))
    }
}

/// A string inside a list or map. A null is an empty one in Go's types, and an error in a custom resource.
struct StringOrNull(&'static FieldDesc);

impl<'de> DeserializeSeed<'de> for StringOrNull {
    type Value = CompactString;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<CompactString, D::Error> {
        match Option::<Key>::deserialize(deserializer)? {
            Some(Key(text)) => Ok(text),
            None if self.0.kept => Err(D::Error::invalid_type(Unexpected::Unit, &Text)),
            None => Ok(CompactString::const_new("")),
        }
    }
}

/// A field, list item or map value to deserialize.
struct SlotSeed<'a> {
    slot: Slot<'a>,
    field: &'static FieldDesc,
    depth: u8,
    /// Whether it is the item of a list or the value of a map.
    inside: bool,
}

impl SlotSeed<'_> {
    /// Whether a null is an error here, if it is not a value: in a list or map of a custom resource. (In a field it
    /// means absent. Go's types treat it as the zero value in either place.)
    fn refuses_null(&self) -> bool {
        self.inside && self.field.kept && !takes_null(&self.slot)
    }
}

/// Returns whether there was a value: not null, unless null is one.
impl<'de> DeserializeSeed<'de> for SlotSeed<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        // Raw JSON treats a null as a value, any other slot as absent.
        match self.slot {
            Slot::Json(place) => {
                *place = Deserialize::deserialize(deserializer)?;
                Ok(true)
            }
            Slot::None => IgnoredAny::deserialize(deserializer).map(|_| true),
            Slot::Serde(slot) => {
                let json = RawJson::deserialize(deserializer)?;
                if json.is_null() {
                    slot.clear();
                    return Ok(false);
                }
                let name = self.field.name();
                slot.fill(json.as_str(), true).map_err(|error| D::Error::custom(format_args!("{name}: {error}")))?;
                Ok(true)
            }
            _ => deserializer.deserialize_option(self),
        }
    }
}

impl<'de> Visitor<'de> for SlotSeed<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.slot {
            Slot::Message(_) | Slot::Map(_) | Slot::StrMap(_) => "an object",
            Slot::List(_) | Slot::StrList(_) => "a list",
            Slot::Bool(_) => "true or false",
            Slot::I32(_) => "a 32-bit integer",
            Slot::I64(_) => "a 64-bit integer",
            Slot::F64(_) | Slot::Number(_) => "a number",
            _ => "a string",
        })
    }

    fn visit_none<E: de::Error>(self) -> Result<bool, E> {
        self.visit_unit()
    }

    fn visit_unit<E: de::Error>(self) -> Result<bool, E> {
        if self.refuses_null() {
            return Err(E::invalid_type(Unexpected::Unit, &self));
        }
        let takes_null = takes_null(&self.slot);
        match self.slot {
            Slot::OptStr(place) => *place = None,
            Slot::Option(place) => place.set_null(),
            Slot::List(list) => list.clear(),
            Slot::StrList(list) => list.clear(),
            Slot::Map(map) => map.clear(),
            Slot::StrMap(map) => map.clear(),
            _ => {}
        }
        Ok(takes_null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        let SlotSeed { slot, field, depth, inside } = self;
        match slot {
            Slot::Option(place) => {
                return SlotSeed { slot: place.get_or_insert(), field, depth, inside }.visit_some(deserializer);
            }
            Slot::Message(message) => {
                Object { message: &mut *message, whole: false, depth }.deserialize(deserializer)?;
                TypeMeta::forget_implied(message, field);
            }
            Slot::OptStr(place) => *place = Some(deserializer.deserialize_str(Text)?),
            Slot::Str(place) => *place = deserializer.deserialize_str(Text)?,
            Slot::Enum(place) => place.set(&deserializer.deserialize_str(Text)?),
            Slot::Bool(place) => *place = bool::deserialize(deserializer)?,
            Slot::I32(place) => {
                *place = i32::try_from(deserializer.deserialize_i64(Integer)?)
                    .map_err(|_| D::Error::custom("expected a 32-bit integer, found a number out of its range"))?;
            }
            Slot::I64(place) => *place = deserializer.deserialize_i64(Integer)?,
            Slot::F64(place) => *place = f64::deserialize(deserializer)?,
            Slot::Number(place) => *place = Deserialize::deserialize(deserializer)?,
            Slot::Bytes(place) => *place = Deserialize::deserialize(deserializer)?,
            Slot::Base64(place) => *place = Deserialize::deserialize(deserializer)?,
            Slot::Quantity(place) => *place = Deserialize::deserialize(deserializer)?,
            Slot::IntOrString(place) => *place = Deserialize::deserialize(deserializer)?,
            Slot::Time(place) => *place = Deserialize::deserialize(deserializer)?,
            Slot::MicroTime(place) => *place = Deserialize::deserialize(deserializer)?,
            Slot::DateTime(place) => *place = Deserialize::deserialize(deserializer)?,
            Slot::Duration(place) => *place = Deserialize::deserialize(deserializer)?,
            Slot::Json(place) => *place = Deserialize::deserialize(deserializer)?,
            Slot::FieldsV1(place) => *place = Deserialize::deserialize(deserializer)?,
            Slot::None | Slot::Serde(_) => {
                IgnoredAny::deserialize(deserializer)?;
            }
            slot @ (Slot::List(_) | Slot::StrList(_)) => {
                deserializer.deserialize_seq(Items(SlotSeed { slot, field, depth, inside }))?;
            }
            slot @ (Slot::Map(_) | Slot::StrMap(_)) => {
                deserializer.deserialize_map(Items(SlotSeed { slot, field, depth, inside }))?;
            }
        }
        Ok(true)
    }
}

/// A whole number, in any spelling.
struct Integer;

impl Visitor<'_> for Integer {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an integer")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<i64, E> {
        Ok(value)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<i64, E> {
        i64::try_from(value).map_err(|_| E::custom("expected a 64-bit integer, found a number out of its range"))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<i64, E> {
        integral_f64(value)
            .ok_or_else(|| E::custom("expected an integer, found a number with a fraction or out of its range"))
    }
}

/// The contents of a list or a map.
struct Items<'a>(SlotSeed<'a>);

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let SlotSeed { slot, field, depth, inside } = self.0;
        match slot {
            Slot::StrList(list) => {
                list.clear();
                while let Some(text) = seq.next_element_seed(StringOrNull(field))? {
                    list.push(text);
                }
            }
            Slot::List(list) => {
                list.clear();
                while seq.next_element_seed(Item { list, field, depth })?.is_some() {}
            }
            slot => {
                return Err(A::Error::invalid_type(Unexpected::Seq, &Items(SlotSeed { slot, field, depth, inside })));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let SlotSeed { slot, field, depth, inside } = self.0;
        match slot {
            Slot::StrMap(place) => {
                place.clear();
                while let Some(Key(key)) = map.next_key()? {
                    place.insert(key, map.next_value_seed(StringOrNull(field))?);
                }
            }
            Slot::Map(place) => {
                place.clear();
                while let Some(Key(key)) = map.next_key()? {
                    map.next_value_seed(SlotSeed { slot: place.insert(key), field, depth: depth + 1, inside: true })?;
                }
            }
            slot => {
                return Err(A::Error::invalid_type(Unexpected::Map, &Items(SlotSeed { slot, field, depth, inside })));
            }
        }
        Ok(())
    }
}

/// The next item of a list: its slot is created once it exists.
struct Item<'a> {
    list: &'a mut dyn crate::message::ListSlot,
    field: &'static FieldDesc,
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for Item<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let depth = self.depth + 1;
        match self.list.push() {
            Slot::Message(message) if self.field.items_are_objects => {
                Object { message, whole: true, depth }.deserialize(deserializer)
            }
            slot => SlotSeed { slot, field: self.field, depth, inside: true }.deserialize(deserializer).map(drop),
        }
    }
}
