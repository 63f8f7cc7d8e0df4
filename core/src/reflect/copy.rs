//! Copying values between messages.

use compact_str::CompactString;

use crate::message::{Slot, Value, clear_slot};

/// Copies a value into a slot of the same type, replacing its contents.
///
/// An absent value clears the slot. A value of another type leaves it unchanged, and `false` is returned.
pub fn copy(value: Value<'_>, slot: Slot<'_>) -> bool {
    match (value, slot) {
        (Value::Absent, slot) => clear_slot(slot),
        (Value::Null, Slot::Option(place)) => place.set_null(),
        (value, Slot::Option(place)) => return copy(value, place.get_or_insert()),
        (Value::Null, slot) => clear_slot(slot),
        (Value::Str(text), Slot::OptStr(place)) => *place = Some(CompactString::new(text)),
        (Value::Str(text), Slot::Str(place)) => *place = CompactString::new(text),
        (Value::Bool(value), Slot::Bool(place)) => *place = value,
        (Value::I32(value), Slot::I32(place)) => *place = value,
        (Value::I64(value), Slot::I64(place)) => *place = value,
        (Value::F64(value), Slot::F64(place)) => *place = value,
        (Value::Number(value), Slot::Number(place)) => place.clone_from(value),
        (Value::Enum(value), Slot::Enum(place)) => place.set(value.as_str()),
        (Value::Bytes(value), Slot::Bytes(place)) => place.clone_from(value),
        (Value::Base64(value), Slot::Base64(place)) => place.clone_from(value),
        (Value::Quantity(value), Slot::Quantity(place)) => place.clone_from(value),
        (Value::IntOrString(value), Slot::IntOrString(place)) => place.clone_from(value),
        (Value::Time(value), Slot::Time(place)) => place.clone_from(value),
        (Value::MicroTime(value), Slot::MicroTime(place)) => place.clone_from(value),
        (Value::DateTime(value), Slot::DateTime(place)) => place.clone_from(value),
        (Value::Duration(value), Slot::Duration(place)) => place.clone_from(value),
        (Value::Json(value), Slot::Json(place)) => place.clone_from(value),
        (Value::FieldsV1(value), Slot::FieldsV1(place)) => place.clone_from(value),
        (Value::StrMap(value), Slot::StrMap(place)) => place.clone_from(value),
        (Value::Serde(value), Slot::Serde(place)) => {
            return value.to_json().is_ok_and(|json| place.fill(json.as_str(), true).is_ok());
        }
        (Value::Message(from), Slot::Message(to)) => {
            let mut whole = true;
            for index in 0..from.descriptor().fields.len() {
                whole &= copy(from.value(index), to.slot(index));
            }
            to.unknown_fields_mut().clone_from(from.unknown_fields());
            return whole;
        }
        (Value::List(from), Slot::List(to)) => {
            to.clear();
            let mut whole = true;
            for index in 0..from.len() {
                whole &= copy(from.get(index), to.push());
            }
            return whole;
        }
        (Value::List(from), Slot::StrList(to)) => {
            to.clear();
            to.extend((0..from.len()).filter_map(|index| super::text(from.get(index))).map(CompactString::new));
            return to.len() == from.len();
        }
        (Value::Map(from), Slot::Map(to)) => {
            to.clear();
            let mut whole = true;
            for (key, value) in (0..from.len()).filter_map(|index| from.get(index)) {
                whole &= copy(value, to.insert(CompactString::new(key)));
            }
            return whole;
        }
        _ => return false,
    }
    true
}
