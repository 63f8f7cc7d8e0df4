//! Extraction of the fields that a field manager owns, by `metadata.managedFields`.
//!
//! <https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management>

use compact_str::CompactString;
use serde_json::Value as Json;

use super::{copy, find, position, text};
use crate::message::{
    FieldDesc, ListSlot, ListType, ListValue, Message, PresentFields, SerdeValue, Slot, Value, is_left_out,
};
use crate::types::{FieldsV1, Number, RawJson, RawJsonError};

/// A set of fields in `metadata.managedFields` that could not be parsed.
#[derive(Debug, thiserror::Error)]
#[error("cannot read the fields that {manager:?} manages: {what}")]
pub struct ExtractError {
    manager: String,
    what: String,
    source: Option<RawJsonError>,
}

/// Extracts into `target` what `manager` has applied to `source`, and nothing else: the starting point for a further
/// apply with changes, without losing or taking over a field.
///
/// Both must be of the same type, and `target` is cleared first. It receives the name and the namespace of `source`,
/// and the fields that managedFields lists for this manager and subresource (`None`: the object itself) with the
/// operation `Apply`. Items of lists that are merged by key include their keys; atomic lists, maps and structs are
/// whole, as are unknown fields. A list, map or struct that the manager owns itself, but nothing in it, is empty.
/// Required fields of a custom resource that the manager does not own are marked as absent, so that they are not
/// applied ([`UnknownFields::mark_absent`](crate::message::UnknownFields::mark_absent)).
///
/// Returns whether the manager has applied anything.
///
/// # Errors
///
/// If the manager's set of fields is not in the format `FieldsV1`.
pub fn extract(
    source: &dyn Message,
    manager: &str,
    subresource: Option<&str>,
    target: &mut dyn Message,
) -> Result<bool, ExtractError> {
    super::clear(target);
    PresentFields::nothing(target);
    let Value::Message(metadata) = find(source, "metadata") else { return Ok(false) };
    if let Some(index) = position(source, "metadata")
        && let Slot::Message(to) = open(target.slot(index))
    {
        for name in ["name", "namespace"] {
            if let Some(index) = position(metadata, name) {
                copy(metadata.value(index), to.slot(index));
            }
        }
    }
    let Some(fields) = applied_fields(metadata, manager, subresource.unwrap_or_default()) else { return Ok(false) };
    let error = |what: String, source| ExtractError { manager: manager.to_owned(), what, source };
    let set = fields.to_value().map_err(|source| error("the set of fields is not JSON".into(), Some(source)))?;
    take_message(source, Set(&set), target).map_err(|bad| error(format!("{bad:?} is not a list item"), None))?;
    Ok(true)
}

/// Returns the managedFields entry of what a manager has applied.
fn applied_fields<'a>(metadata: &'a dyn Message, manager: &str, subresource: &str) -> Option<&'a FieldsV1> {
    let Value::List(entries) = find(metadata, "managedFields") else { return None };
    (0..entries.len()).find_map(|index| {
        let Value::Message(entry) = entries.get(index) else { return None };
        let is = |name, wanted| text(find(entry, name)).unwrap_or_default() == wanted;
        if !is("manager", manager) || !is("operation", "Apply") || !is("subresource", subresource) {
            return None;
        }
        match find(entry, "fieldsV1") {
            Value::FieldsV1(fields) => Some(fields),
            _ => None,
        }
    })
}

/// A set of fields: an object whose keys are path elements (`f:name`, `k:{…}`, `v:…`, `i:…`), with `.` for the
/// container itself. Without path elements it denotes the whole container.
#[derive(Clone, Copy)]
struct Set<'a>(&'a Json);

/// Path elements that can't be parsed.
type Bad = String;

impl<'a> Set<'a> {
    fn is_leaf(self) -> bool {
        self.children().next().is_none()
    }

    fn children(self) -> impl Iterator<Item = (&'a str, Set<'a>)> {
        let map = self.0.as_object().into_iter().flatten();
        map.filter(|(key, _)| *key != ".").map(|(key, set)| (key.as_str(), Set(set)))
    }

    fn field(self, name: &str) -> Option<Set<'a>> {
        self.0.as_object()?.get(&format!("f:{name}")).map(Set)
    }

    /// Returns the children that denote list items.
    fn items(self) -> Result<Vec<(Item, Set<'a>)>, Bad> {
        let mut items = Vec::new();
        for (element, set) in self.children() {
            let Some((kind, value)) = element.split_once(':') else { continue };
            let parsed = serde_json::from_str::<Json>(value).ok();
            let item = match (kind, parsed) {
                ("k", Some(Json::Object(keys))) => Item::Keys(keys.into_iter().collect()),
                ("v", Some(value)) => Item::Value(value),
                ("i", Some(index)) => Item::Index(index.as_u64().ok_or(element)?),
                ("k" | "v" | "i", _) => return Err(element.into()),
                // Future kinds of path elements.
                _ => continue,
            };
            items.push((item, set));
        }
        Ok(items)
    }
}

/// Identifies an item of a list.
enum Item {
    Keys(Vec<(String, Json)>),
    Value(Json),
    Index(u64),
}

impl Item {
    fn is(&self, index: usize, value: Value<'_>) -> bool {
        match (self, value) {
            (Item::Keys(keys), Value::Message(message)) => {
                keys.iter().all(|(name, wanted)| match (message.unknown_fields().get(name), position(message, name)) {
                    (Some(raw), _) => is_json(Value::Json(raw), wanted),
                    (None, Some(index)) => is_json(message.value(index), wanted),
                    (None, None) => false,
                })
            }
            (Item::Keys(_), Value::Json(raw)) => raw.to_value().is_ok_and(|json| self.is_json(index, &json)),
            (Item::Keys(_), _) => false,
            // A set of objects, each of them atomic.
            (Item::Value(wanted), Value::Message(message)) => crate::json::to_vec(message)
                .is_ok_and(|text| serde_json::from_slice(&text).is_ok_and(|json: Json| json == *wanted)),
            (Item::Value(wanted), value) => is_json(value, wanted),
            (Item::Index(wanted), _) => u64::try_from(index) == Ok(*wanted),
        }
    }

    /// Same for an item of a list without a table.
    fn is_json(&self, index: usize, value: &Json) -> bool {
        match self {
            Item::Keys(keys) => {
                keys.iter().all(|(name, wanted)| value.get(name).is_some_and(|value| is_same(value, wanted)))
            }
            Item::Value(wanted) => is_same(value, wanted),
            Item::Index(wanted) => u64::try_from(index) == Ok(*wanted),
        }
    }
}

/// Whether a number in a field set is this one, rounded: the server parses those numbers as floats, and writes them so
/// the next time. A manager of two integers that round to the same float owns both.
fn is_rounded(json: &Json, value: f64) -> bool {
    /// From here on not every integer is a float.
    const EXACT: f64 = (1_u64 << f64::MANTISSA_DIGITS) as f64;
    value.abs() >= EXACT && json.as_f64() == Some(value)
}

/// Same for a value without a table.
fn is_same(value: &Json, json: &Json) -> bool {
    value == json || value.as_f64().is_some_and(|value| is_rounded(json, value))
}

/// Whether a value is encoded as this JSON.
fn is_json(value: Value<'_>, json: &Json) -> bool {
    match value {
        Value::Bool(value) => json.as_bool() == Some(value),
        Value::I32(value) => json.as_i64() == Some(value.into()),
        Value::I64(value) => json.as_i64() == Some(value) || is_rounded(json, value as f64),
        Value::F64(value) => json.as_f64() == Some(value),
        Value::Number(value) => {
            let parsed = json.is_number().then(|| Number::parse(&json.to_string()).ok()).flatten();
            parsed.is_some_and(|json| json == *value) || is_rounded(json, value.as_f64())
        }
        Value::Null => json.is_null(),
        Value::IntOrString(value) => match value.as_int() {
            Some(value) => json.as_i64() == Some(value),
            None => json.as_str() == value.as_str(),
        },
        Value::Quantity(value) => json.as_str() == Some(value.as_str()),
        Value::Bytes(value) => json.as_str() == Some(&value.to_base64()),
        Value::Base64(value) => json.as_str() == Some(value.as_str()),
        Value::Time(value) => json.as_str() == Some(&value.to_string()),
        Value::MicroTime(value) => json.as_str() == Some(&value.to_string()),
        Value::DateTime(value) => json.as_str() == Some(value.as_str()),
        Value::Duration(value) => json.as_str() == Some(&value.to_string()),
        Value::Json(raw) => raw.to_value().is_ok_and(|value| is_same(&value, json)),
        value => text(value).is_some_and(|text| json.as_str() == Some(text)),
    }
}

fn take_message(from: &dyn Message, set: Set<'_>, to: &mut dyn Message) -> Result<(), Bad> {
    // Containers in which the manager owns nothing are absent, or setting one field in them later would add the
    // zeros of its siblings.
    PresentFields::nothing(to);
    let mut present = PresentFields::default();
    for (index, field) in from.descriptor().fields.iter().enumerate() {
        if let Some(set) = set.field(&field.json_name()) {
            if let Value::Serde(value) = from.value(index) {
                if take_serde(value, set, to, index, field)? && field.explicit {
                    present.add(index);
                }
                continue;
            }
            take_value(from.value(index), set, field, to.slot(index))?;
            if field.explicit && !is_left_out(from, index) {
                present.add(index);
            }
        }
    }
    present.note(to);
    for (name, raw) in from.unknown_fields().iter() {
        if let Some(set) = set.field(name) {
            to.unknown_fields_mut().insert(CompactString::new(name), take_raw(raw, set)?);
        }
    }
    Ok(())
}

/// Takes a part of what stands on serde. A part that its type does not take, since it wants more, is put beside the
/// field, and is applied from there.
fn take_serde(
    value: SerdeValue<'_>,
    set: Set<'_>,
    to: &mut dyn Message,
    index: usize,
    field: &FieldDesc,
) -> Result<bool, Bad> {
    let Ok(json) = value.to_json() else { return Ok(false) };
    // An object that the manager owns as such, but with nothing in it.
    let is_empty = set.is_leaf() && field.list != ListType::Atomic && json.as_str().starts_with('{');
    let part = if is_empty { RawJson::from_valid_text("{}") } else { take_raw(&json, set)? };
    let Slot::Serde(slot) = to.slot(index) else { return Ok(false) };
    if slot.fill(part.as_str(), true).is_ok() {
        return Ok(true);
    }
    to.unknown_fields_mut().insert(&*field.json_name(), part);
    Ok(false)
}

fn take_value(value: Value<'_>, set: Set<'_>, field: &'static FieldDesc, slot: Slot<'_>) -> Result<(), Bad> {
    let atomic = field.list == ListType::Atomic;
    match value {
        Value::Absent => {}
        _ if atomic => drop(copy(value, slot)),
        Value::Message(from) => {
            if let Slot::Message(to) = open(slot) {
                take_message(from, set, to)?;
            }
        }
        // A list without a list type in the documents is atomic.
        Value::List(_) if set.is_leaf() && field.list == ListType::Unset => drop(copy(value, slot)),
        Value::List(from) => match open(slot) {
            Slot::List(to) => take_items(from, set, to, field)?,
            Slot::StrList(to) => take_items(from, set, to, field)?,
            _ => {}
        },
        Value::Map(from) => {
            if let Slot::Map(to) = open(slot) {
                for (key, value) in (0..from.len()).filter_map(|index| from.get(index)) {
                    if let Some(set) = set.field(key) {
                        let slot = to.insert(CompactString::new(key));
                        match field.atomic_items {
                            true => drop(copy(value, slot)),
                            false => take_value(value, set, field, slot)?,
                        }
                    }
                }
            }
        }
        Value::StrMap(from) => {
            if let Slot::StrMap(to) = open(slot) {
                let owned = from.iter().filter(|(key, _)| set.field(key).is_some());
                to.extend(owned.map(|(key, value)| (key.clone(), value.clone())));
            }
        }
        Value::Json(raw) => drop(copy(Value::Json(&take_raw(raw, set)?), slot)),
        scalar => drop(copy(scalar, slot)),
    }
    Ok(())
}

fn take_items(from: &dyn ListValue, set: Set<'_>, to: &mut dyn ListSlot, field: &'static FieldDesc) -> Result<(), Bad> {
    let wanted = set.items()?;
    for index in 0..from.len() {
        let value = from.get(index);
        let Some((item, set)) = wanted.iter().find(|(item, _)| item.is(index, value)) else { continue };
        match (value, open(to.push())) {
            (value, slot) if field.atomic_items => drop(copy(value, slot)),
            (Value::Message(from), Slot::Message(to)) => {
                take_message(from, *set, to)?;
                let Item::Keys(keys) = item else { continue };
                for (name, index) in keys.iter().filter_map(|(name, _)| Some((name, position(from, name)?))) {
                    copy(from.value(index), to.slot(index));
                    to.unknown_fields_mut().unmark(name);
                    if let Some(raw) = from.unknown_fields().get(name) {
                        to.unknown_fields_mut().insert(name.as_str(), raw.clone());
                    }
                }
            }
            // Not the list's own rules, which were applied here: those of its contents.
            (value, slot) => take_value(value, *set, inner(field), slot)?,
        }
    }
    Ok(())
}

/// The rules inside a list: none are known.
fn inner(_: &'static FieldDesc) -> &'static FieldDesc {
    static INNER: FieldDesc = crate::message::field("");
    &INNER
}

fn take_raw(raw: &RawJson, set: Set<'_>) -> Result<RawJson, Bad> {
    if set.is_leaf() {
        return Ok(raw.clone());
    }
    match raw.to_value() {
        Ok(value) => Ok(RawJson::from(take_json(&value, set)?)),
        // Nested deeper than serde_json supports.
        Err(_) => Ok(raw.clone()),
    }
}

fn take_json(from: &Json, set: Set<'_>) -> Result<Json, Bad> {
    if set.is_leaf() {
        return Ok(from.clone());
    }
    Ok(match from {
        Json::Object(from) => {
            let mut to = serde_json::Map::new();
            for (key, value) in from {
                if let Some(set) = set.field(key) {
                    to.insert(key.clone(), take_json(value, set)?);
                }
            }
            Json::Object(to)
        }
        Json::Array(from) => {
            let wanted = set.items()?;
            let mut to = Vec::new();
            for (index, value) in from.iter().enumerate() {
                let Some((item, set)) = wanted.iter().find(|(item, _)| item.is_json(index, value)) else { continue };
                let mut taken = take_json(value, *set)?;
                if let (Item::Keys(keys), Json::Object(taken)) = (item, &mut taken) {
                    // From the object: in a field set, large numbers are rounded.
                    taken.extend(keys.iter().filter_map(|(name, _)| Some((name.clone(), value.get(name)?.clone()))));
                }
                to.push(taken);
            }
            Json::Array(to)
        }
        scalar => scalar.clone(),
    })
}

/// Returns the slot itself, inside of an `Option`.
fn open(slot: Slot<'_>) -> Slot<'_> {
    match slot {
        Slot::Option(place) => open(place.get_or_insert()),
        slot => slot,
    }
}
