//! Makes an object maximal: puts into it, field by field, whatever the server takes.
//!
//! Only `UPDATE_GOLDEN=1` does this. Each field that a table names and the object does not have is tried with some
//! values that its name and the documents suggest; the first that the server accepts, and does not drop, stays. What it
//! accepts nowhere, such as the second member of a union, is tried in a list's further item.

use std::collections::{BTreeMap, BTreeSet};

use kubewright::message::{Descriptor, FieldDesc, ListType, Message, Slot};
use serde_json::{Value, json};

use super::fixture::escaped;

/// Fields of objects and their metadata that are left alone: the server alone sets them, or they are set already.
const LEFT_ALONE: &[&str] = &[
    "managedFields",
    "resourceVersion",
    "uid",
    "selfLink",
    "generateName",
    "deletionTimestamp",
    "namespace",
    "deletionGracePeriodSeconds",
    "apiVersion",
    "kind",
];

/// Fields that no two objects may share.
const OF_ONE_ALONE: &[&str] = &["clusterIP", "clusterIPs", "nodePort", "healthCheckNodePort"];

fn is_left_alone(table: &Descriptor, is_top: bool, field: &str) -> bool {
    OF_ONE_ALONE.contains(&field) || ((is_top || table.name == "ObjectMeta") && LEFT_ALONE.contains(&field))
}

/// What the documents list as the values of fields, by the fields' names.
pub type Enums = BTreeMap<String, Vec<String>>;

/// Grows the part of an object that a pointer names, as long as `accepted` says what the server made of it.
pub async fn grow<F: Future<Output = Option<Value>>>(
    message: fn() -> Box<dyn Message>,
    mut object: Value,
    top: Top,
    enums: &Enums,
    accepted: impl Fn(Value) -> F,
) -> Value {
    let mut covered: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut done = BTreeSet::new();
    // Each round goes into what the last one added.
    loop {
        let mut places = Vec::new();
        find(&mut *message(), &object, String::new(), &mut Vec::new(), &mut covered, &mut places);
        places.retain(|place| done.insert(place.pointer.clone()));
        if places.is_empty() {
            return object;
        }
        for place in places {
            let mut scratch = message();
            let Some(inner) = walk(&mut *scratch, &place.path) else { continue };
            let table = inner.descriptor();
            for (index, field) in table.fields.iter().enumerate() {
                let is_top = place.path.is_empty();
                let id = (std::ptr::from_ref(table) as usize, index);
                if covered.contains(&id)
                    || is_left_alone(table, is_top, field.name())
                    || (is_top && !top.is_for(field.name()))
                {
                    continue;
                }
                let values = candidates(inner.slot(index), field, enums, 4);
                let mut attempts: Vec<(Value, String)> = Vec::new();
                for value in values.iter().take(16) {
                    let pointer = format!("{}/{}", place.pointer, escaped(field.name()));
                    attempts.extend(put(&object, &place.pointer, field.name(), value).map(|with| (with, pointer)));
                }
                if let Some(list) = &place.list {
                    for value in values.iter().take(4) {
                        attempts.extend(sibling(&object, &place, list, field.name(), value));
                    }
                }
                for (attempt, pointer) in attempts {
                    let Some(answer) = accepted(attempt.clone()).await else { continue };
                    if answer.pointer(&pointer).is_some_and(|value| !is_nothing(value)) {
                        covered.insert(id);
                        object = attempt;
                        break;
                    }
                }
            }
        }
    }
}

/// Which fields of the object itself are grown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Top {
    All,
    NotStatus,
    StatusAlone,
}

impl Top {
    fn is_for(self, field: &str) -> bool {
        match self {
            Self::All => true,
            Self::NotStatus => field != "status",
            Self::StatusAlone => field == "status",
        }
    }
}

/// A message in the object.
struct Place {
    pointer: String,
    /// The indices of the fields that lead to it.
    path: Vec<usize>,
    /// The list that it stands in: its pointer, and the fields that tell its items apart.
    list: Option<(String, &'static [&'static str])>,
}

fn find(
    message: &mut dyn Message,
    value: &Value,
    pointer: String,
    path: &mut Vec<usize>,
    covered: &mut BTreeSet<(usize, usize)>,
    places: &mut Vec<Place>,
) {
    let table = message.descriptor();
    // Those of workloads have what their seeds have: it is grown as a pod.
    if table.name == "PodTemplateSpec" {
        return;
    }
    places.push(Place { pointer: pointer.clone(), path: path.clone(), list: None });
    for (index, field) in table.fields.iter().enumerate() {
        let Some(inner) = value.get(field.name()) else { continue };
        covered.insert((std::ptr::from_ref(table) as usize, index));
        let pointer = format!("{pointer}/{}", escaped(field.name()));
        path.push(index);
        match inner {
            Value::Object(entries) if is_map(message.slot(index)) => {
                for (key, value) in entries {
                    if let Some(message) = enter(message.slot(index)) {
                        find(message, value, format!("{pointer}/{}", escaped(key)), path, covered, places);
                    }
                }
            }
            Value::Array(items) => {
                for (number, item) in items.iter().enumerate() {
                    let Some(message) = enter(message.slot(index)) else { break };
                    let at = places.len();
                    find(message, item, format!("{pointer}/{number}"), path, covered, places);
                    let keys = if let ListType::Map(keys) = field.list { keys } else { &["name"] };
                    if let Some(place) = places.get_mut(at) {
                        place.list = Some((pointer.clone(), keys));
                    }
                }
            }
            _ => {
                if let Some(message) = enter(message.slot(index)) {
                    find(message, inner, pointer, path, covered, places);
                }
            }
        }
        path.pop();
    }
}

fn is_map(slot: Slot<'_>) -> bool {
    match slot {
        Slot::Option(option) => is_map(option.get_or_insert()),
        Slot::Map(_) => true,
        _ => false,
    }
}

/// The message in a place, or a first one in a list or map.
fn enter(slot: Slot<'_>) -> Option<&mut dyn Message> {
    match slot {
        Slot::Message(message) => Some(message),
        Slot::Option(option) => enter(option.get_or_insert()),
        Slot::List(list) => enter(list.push()),
        Slot::Map(map) => enter(map.insert("x".into())),
        _ => None,
    }
}

fn walk<'a>(message: &'a mut dyn Message, path: &[usize]) -> Option<&'a mut dyn Message> {
    match path {
        [] => Some(message),
        [first, rest @ ..] => walk(enter(message.slot(*first))?, rest),
    }
}

fn put(object: &Value, pointer: &str, name: &str, value: &Value) -> Option<Value> {
    let mut object = object.clone();
    object.pointer_mut(pointer)?.as_object_mut()?.insert(name.to_owned(), value.clone());
    Some(object)
}

/// The object with one more item in a list, which has nothing but what tells it apart, and a field.
fn sibling(
    object: &Value,
    place: &Place,
    (list, keys): &(String, &'static [&'static str]),
    name: &str,
    value: &Value,
) -> Option<(Value, String)> {
    let item = object.pointer(&place.pointer)?.as_object()?;
    let number = object.pointer(list)?.as_array()?.len();
    let mut new = serde_json::Map::new();
    for key in item.keys().filter(|key| keys.contains(&key.as_str()) || key.as_str() == "mountPath" || *key == "image")
    {
        let kept = match &item[key] {
            Value::String(text) if keys.first() == Some(&key.as_str()) => format!("{text}{number}").into(),
            Value::Number(text) => (text.as_i64()? + number as i64).into(),
            other => other.clone(),
        };
        new.insert(key.clone(), kept);
    }
    new.insert(name.to_owned(), value.clone());
    let mut object = object.clone();
    object.pointer_mut(list)?.as_array_mut()?.push(new.into());
    Some((object, format!("{list}/{number}/{}", escaped(name))))
}

fn is_nothing(value: &Value) -> bool {
    value.is_null() || *value == json!([]) || *value == json!("")
}

/// Values that a field might have, likely ones first.
fn candidates(slot: Slot<'_>, field: &FieldDesc, enums: &Enums, depth: usize) -> Vec<Value> {
    let name = field.name();
    match slot {
        Slot::Bool(_) => vec![json!(true), json!(false)],
        Slot::I32(_) | Slot::I64(_) => vec![json!(1), json!(5), json!(60), json!(1000), json!(2000), json!(3_000_000)],
        Slot::F64(_) => vec![json!(1.5)],
        Slot::Bytes(_) => vec![json!("eA==")],
        Slot::Quantity(_) => vec![json!("1"), json!("1Gi"), json!("100m")],
        Slot::IntOrString(_) => vec![json!(1), json!("50%"), json!("http")],
        Slot::Time(_) => vec![json!("2024-05-06T07:08:09Z"), json!("2099-05-06T07:08:09Z")],
        Slot::MicroTime(_) => vec![json!("2024-05-06T07:08:09.123456Z")],
        Slot::Duration(_) => vec![json!("5s")],
        Slot::Json(_) => vec![json!({"a": [1, "é"]}), json!("a"), json!(true), json!({"type": "string"})],
        Slot::FieldsV1(_) => vec![json!({"f:x": {}})],
        Slot::Str(_) | Slot::OptStr(_) | Slot::Enum(_) => texts(name, enums),
        Slot::StrList(_) => texts(name, enums).into_iter().map(|text| json!([text])).collect(),
        Slot::StrMap(_) => vec![json!({"example.com/x": "y"}), json!({"x": "y"}), json!({"cpu": "1"})],
        Slot::Option(option) => candidates(option.get_or_insert(), field, enums, depth),
        Slot::List(list) => {
            candidates(list.push(), field, enums, depth).into_iter().map(|value| json!([value])).collect()
        }
        Slot::Map(map) => {
            let values = candidates(map.insert("x".into()), field, enums, depth);
            let keys = ["example.com/x", "cpu", "x", "storage"];
            keys.iter().flat_map(|key| values.iter().map(move |value| json!({*key: value}))).collect()
        }
        Slot::Message(message) => messages(message, enums, depth),
        _ => Vec::new(),
    }
}

/// A message with what it requires, and the same with one field more.
fn messages(message: &mut dyn Message, enums: &Enums, depth: usize) -> Vec<Value> {
    let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
    let fields = message.descriptor().fields;
    let mut base = serde_json::Map::new();
    let mut more = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        let values = candidates(message.slot(index), field, enums, depth);
        let Some(first) = values.first() else { continue };
        if field.required || matches!(field.name(), "name" | "key") {
            base.insert(field.name().to_owned(), first.clone());
        }
        more.push((field.name(), values));
    }
    let mut out = vec![Value::Object(base.clone())];
    for (name, values) in more {
        for value in values.into_iter().take(8) {
            let mut with = base.clone();
            with.insert(name.to_owned(), value);
            out.push(with.into());
        }
    }
    // All in one, for what must come together.
    out.truncate(40);
    out
}

fn texts(name: &str, enums: &Enums) -> Vec<Value> {
    let listed = enums.get(name).into_iter().flatten().map(String::as_str).take(24);
    let lower = name.to_lowercase();
    let suggested: &[&str] = if lower.ends_with("path") {
        &["/x", "x", "http://example.com/x"]
    } else if lower.contains("ip") {
        &["10.1.2.3", "192.0.2.7", "fd00::7"]
    } else if lower.contains("cidr") {
        &["10.4.0.0/24", "10.4.0.0/16"]
    } else if lower.contains("time") {
        &["2024-05-06T07:08:09Z", "UTC"]
    } else if lower.contains("expression") || lower.contains("filter") {
        &["true", "'x'", "object.metadata.name", ".spec.x"]
    } else if lower == "status" {
        &["True", "Bound", "Ready"]
    } else if lower.contains("hash") || lower.contains("profile") {
        &["x.json", "123"]
    } else {
        &[]
    };
    let any = [
        "x",
        "example.com/x",
        "x.example.com",
        "1",
        "Always",
        "/x",
        "10.1.2.3",
        "a=b",
        "https://example.com/x",
        "v1",
        "X",
        "true",
        "x.example.com/y/z",
        "uuid:6f1c7b4a-4d0e-4f0e-9d07-0d6d5b0e8a11",
        "6f1c7b4a-4d0e-4f0e-9d07-0d6d5b0e8a11",
    ];
    listed.chain(suggested.iter().copied()).chain(any).map(Value::from).collect()
}
