//! Objects as a user's program makes them: their fields are set, one by one, to what a manifest says of them. What it
//! says nothing of stays as `Default` leaves it.

use std::collections::BTreeMap;

use kubewright_runtime::message::{FieldDesc, ListSlot, Message, Slot};
use kubewright_runtime::{Base64, ByteString, DateTime, IntOrString, Number, Quantity, RawJson, Time};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Sets the fields of an object that a manifest has.
pub fn set_all(object: &mut dyn Message, manifest: &RawValue) -> Outcome {
    message(object, manifest, true)
}

/// Sets one field, through the fields of the path.
pub fn set_at(object: &mut dyn Message, path: &[String], value: &RawValue) -> Outcome {
    let Some((name, rest)) = path.split_first() else { return message(object, value, false) };
    let (index, field) = find(object, name)?.ok_or_else(|| format!("there is no field {name:?}"))?;
    if rest.is_empty() {
        // What stood there goes, or an object would be a mixture of both.
        reset(object.slot(index));
        return place(object.slot(index), field, value);
    }
    match object.slot(index) {
        Slot::Message(inner) => set_at(inner, rest, value),
        Slot::Option(option) => match option.get_or_insert() {
            Slot::Message(inner) => set_at(inner, rest, value),
            Slot::Option(option) => match option.get_or_insert() {
                Slot::Message(inner) => set_at(inner, rest, value),
                _ => Err(format!("{name:?} has no fields").into()),
            },
            _ => Err(format!("{name:?} has no fields").into()),
        },
        _ => Err(format!("{name:?} has no fields").into()),
    }
}

/// The field of this JSON name, and its index.
fn find(object: &dyn Message, name: &str) -> Result<Option<(usize, &'static FieldDesc)>, serde_json::Error> {
    for (index, field) in object.descriptor().fields.iter().enumerate() {
        // The table has the name as it stands in a document.
        if serde_json::from_str::<String>(&format!("\"{}\"", field.name()))? == name {
            return Ok(Some((index, field)));
        }
    }
    Ok(None)
}

fn message(object: &mut dyn Message, json: &RawValue, whole: bool) -> Outcome {
    let entries: BTreeMap<String, &RawValue> = serde_json::from_str(json.get())?;
    for (name, value) in entries {
        match find(object, &name)? {
            Some((index, field)) => place(object.slot(index), field, value)?,
            // The type says them.
            None if whole && matches!(&*name, "apiVersion" | "kind") => {}
            None => drop(object.unknown_fields_mut().insert(name, any(value)?)),
        }
    }
    Ok(())
}

/// Leaves what `Default` gives.
fn reset(slot: Slot<'_>) {
    match slot {
        Slot::Option(option) => option.clear(),
        Slot::OptStr(place) => *place = None,
        Slot::Message(message) => {
            message.unknown_fields_mut().clear();
            (0..message.descriptor().fields.len()).for_each(|index| reset(message.slot(index)));
        }
        Slot::Bool(place) => *place = false,
        Slot::I32(place) => *place = 0,
        Slot::I64(place) => *place = 0,
        Slot::F64(place) => *place = 0.0,
        Slot::Number(place) => *place = Number::default(),
        Slot::Str(place) => place.clear(),
        Slot::Enum(place) => place.set(""),
        Slot::Bytes(place) => *place = ByteString::default(),
        Slot::Base64(place) => *place = Base64::default(),
        Slot::Quantity(place) => *place = Quantity::default(),
        Slot::IntOrString(place) => *place = IntOrString::default(),
        Slot::Time(place) => *place = Time::default(),
        Slot::DateTime(place) => *place = DateTime::default(),
        Slot::Json(place) => *place = RawJson::default(),
        Slot::List(list) => list.clear(),
        Slot::StrList(list) => list.clear(),
        Slot::Map(map) => map.clear(),
        Slot::StrMap(map) => map.clear(),
        // `place` says that it can't set any other.
        _ => {}
    }
}

fn place(slot: Slot<'_>, field: &FieldDesc, json: &RawValue) -> Outcome {
    let is_null = json.get() == "null";
    match slot {
        Slot::Json(place) => *place = any(json)?,
        Slot::Option(option) if is_null => option.set_null(),
        Slot::OptStr(place) if is_null => *place = None,
        Slot::Option(option) => place(option.get_or_insert(), field, json)?,
        Slot::OptStr(place) => *place = Some(read::<String>(json)?.into()),
        Slot::Bool(place) => *place = read(json)?,
        Slot::I32(place) => *place = read(json)?,
        Slot::I64(place) => *place = read(json)?,
        Slot::F64(place) => *place = read(json)?,
        Slot::Number(place) => *place = read(json)?,
        Slot::Str(place) => *place = read::<String>(json)?.into(),
        Slot::Enum(place) => place.set(&read::<String>(json)?),
        Slot::Bytes(place) => *place = ByteString::from_base64(&read::<String>(json)?)?,
        Slot::Base64(place) => *place = Base64::new(read::<String>(json)?),
        Slot::Quantity(place) if json.get().starts_with('"') => *place = Quantity::new(read::<String>(json)?),
        Slot::Quantity(place) => *place = Quantity::from_json_number(json.get()),
        Slot::IntOrString(place) if json.get().starts_with('"') => {
            *place = IntOrString::String(read::<String>(json)?.into());
        }
        Slot::IntOrString(place) => *place = IntOrString::Int(read(json)?),
        Slot::Time(place) => *place = Time::parse(&read::<String>(json)?)?,
        Slot::DateTime(place) => *place = DateTime::new(read::<String>(json)?),
        Slot::Message(inner) => message(inner, json, false)?,
        Slot::List(list) => items(list, field, json)?,
        Slot::StrList(list) => *list = read::<Vec<String>>(json)?.into_iter().map(Into::into).collect(),
        Slot::Map(map) => {
            map.clear();
            for (key, value) in read::<BTreeMap<String, Box<RawValue>>>(json)? {
                place(map.insert(key.into()), field, &value)?;
            }
            map.finish();
        }
        Slot::StrMap(map) => {
            map.clear();
            for (key, value) in read::<BTreeMap<String, String>>(json)? {
                map.insert(key, value);
            }
        }
        _ => return Err(format!("{:?} is of a sort that this program can't set", field.name()).into()),
    }
    Ok(())
}

fn items(list: &mut dyn ListSlot, field: &FieldDesc, json: &RawValue) -> Outcome {
    list.clear();
    for item in read::<Vec<Box<RawValue>>>(json)? {
        place(list.push(), field, &item)?;
    }
    list.finish();
    Ok(())
}

fn read<T: DeserializeOwned>(json: &RawValue) -> Result<T, serde_json::Error> {
    serde_json::from_str(json.get())
}

/// Any JSON, as a program makes it: a number of the manifest without a fraction, such as `1e3`, is an integer in it, as it
/// is for kubectl.
fn any(json: &RawValue) -> Result<RawJson, Box<dyn std::error::Error + Send + Sync>> {
    fn settle(value: &mut Value) {
        match value {
            Value::Number(number) => {
                let whole =
                    number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15);
                if let Some(whole) = whole {
                    *value = Value::from(whole as i64);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(settle),
            Value::Object(fields) => fields.values_mut().for_each(settle),
            _ => {}
        }
    }
    let mut value = read(json)?;
    settle(&mut value);
    Ok(RawJson::from_text(value.to_string())?)
}
