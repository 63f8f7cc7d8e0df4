//! Clearing messages.

use compact_str::CompactString;

use super::{Message, Slot, UnknownFields};
use crate::types::{Duration, IntOrString, MicroTime, Number, Quantity, RawJson, Time};

/// Resets all fields of a message to their default, with its unknown fields and marks of absent fields.
pub fn clear(message: &mut dyn Message) {
    for index in 0..message.descriptor().fields.len() {
        clear_slot(message.slot(index));
    }
    *message.unknown_fields_mut() = UnknownFields::default();
}

/// Resets a slot to its default: absent, zero, empty.
pub(crate) fn clear_slot(slot: Slot<'_>) {
    match slot {
        Slot::None => {}
        Slot::Bool(place) => *place = false,
        Slot::I32(place) => *place = 0,
        Slot::I64(place) => *place = 0,
        Slot::F64(place) => *place = 0.0,
        Slot::Number(place) => *place = Number::default(),
        Slot::Str(place) => *place = CompactString::const_new(""),
        Slot::Enum(place) => place.set(""),
        Slot::Bytes(place) => place.0.clear(),
        Slot::Base64(place) => *place = Default::default(),
        Slot::Quantity(place) => *place = Quantity::default(),
        Slot::IntOrString(place) => *place = IntOrString::default(),
        Slot::Time(place) => *place = Time::default(),
        Slot::MicroTime(place) => *place = MicroTime::default(),
        Slot::DateTime(place) => *place = Default::default(),
        Slot::Duration(place) => *place = Duration::default(),
        Slot::Json(place) => *place = RawJson::default(),
        Slot::FieldsV1(place) => *place = Default::default(),
        Slot::Message(message) => clear(message),
        Slot::Option(place) => place.clear(),
        Slot::OptStr(place) => *place = None,
        Slot::List(list) => list.clear(),
        Slot::StrList(list) => list.clear(),
        Slot::Map(map) => map.clear(),
        Slot::StrMap(map) => map.clear(),
        Slot::Serde(slot) => slot.clear(),
    }
}
