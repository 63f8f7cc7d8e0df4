//! Random messages: a walk over the places that a table names, each filled with what it can hold.

use kubewright::message::{FieldDesc, ListSlot, Message, Slot, Value, Wire};
use kubewright::runtime::reflect::is_default_value;
use kubewright::runtime::types::FieldsV1;
use kubewright::{ByteString, CompactString, Duration, IntOrString, MicroTime, Quantity, RawJson, Time, json};

use crate::random::{self, Rng, once_in};

/// What random messages are like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// How many levels of messages stand in one another, at most.
    pub depth: usize,
    /// Of how many fields one is filled, on average.
    pub one_in: u32,
    /// What fields that no table knows there are.
    pub unknown: Unknown,
}

/// Fields that no table knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// None.
    No,
    /// Some, as if they were read from JSON.
    Json,
    /// Some, as if they were read from protobuf.
    Protobuf,
}

impl Shape {
    /// A message of any size, that either encoding can hold.
    pub fn any(rng: &mut Rng) -> Self {
        // Dense messages are small ones, or they would have no end.
        let one_in = rng.u32(1..8);
        Self { depth: if one_in < 3 { 3 } else { 6 }, one_in, unknown: Unknown::No }
    }

    /// A message of some hundred bytes.
    pub const SMALL: Self = Self { depth: 3, one_in: 6, unknown: Unknown::No };
}

/// Puts random values into a message that is empty.
pub fn fill(message: &mut dyn Message, rng: &mut Rng, shape: Shape) {
    let fields = message.descriptor().fields;
    for (index, field) in fields.iter().enumerate() {
        if !field.required && !once_in(rng, shape.one_in) {
            continue;
        }
        place(message.slot(index), field, rng, shape);
        // Protobuf can't tell such a zero from nothing at all, nor read empty bytes as anything else.
        let value = message.value(index);
        let is_lost =
            matches!(value, Value::Bytes(bytes) if bytes.is_empty()) || (field.implicit && is_default_value(value));
        if field.optional && is_lost {
            match message.slot(index) {
                Slot::Option(option) => option.clear(),
                Slot::OptStr(text) => *text = None,
                _ => {}
            }
        }
    }
    if shape.unknown != Unknown::No && once_in(rng, 3) {
        add_unknown(message, rng, shape.unknown);
    }
}

/// Adds a field that the message's table does not know.
pub fn add_unknown(message: &mut dyn Message, rng: &mut Rng, encoding: Unknown) {
    match encoding {
        Unknown::No => {}
        Unknown::Json => {
            let value = RawJson::from_text(random::json(rng, 3)).unwrap_or_default();
            message.unknown_fields_mut().insert(format!("new{}", random::name(rng)), value);
        }
        Unknown::Protobuf => {
            let field = protobuf_field(rng);
            message.unknown_fields_mut().push_protobuf(&field);
        }
    }
}

/// A protobuf field with a number that no table has.
fn protobuf_field(rng: &mut Rng) -> Vec<u8> {
    let number = rng.u64(5000..1 << 29);
    let (wire, value) = match rng.u64(..4) {
        0 => (0, varint(rng.u64(..))),
        1 => (1, rng.u64(..).to_le_bytes().to_vec()),
        2 => (5, rng.u32(..).to_le_bytes().to_vec()),
        _ => {
            let bytes = random::bytes(rng, 200);
            (2, [varint(bytes.len() as u64), bytes].concat())
        }
    };
    [varint(number << 3 | wire), value].concat()
}

/// A number as protobuf writes it.
pub fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn place(slot: Slot<'_>, field: &FieldDesc, rng: &mut Rng, shape: Shape) {
    match slot {
        Slot::Bool(place) => *place = rng.bool(),
        Slot::I32(place) => *place = random::integer(rng) as i32,
        Slot::I64(place) => *place = random::integer(rng),
        Slot::F64(place) => *place = random::float(rng),
        Slot::Str(place) => *place = random::string(rng).into(),
        Slot::OptStr(place) => *place = Some(random::string(rng).into()),
        Slot::Enum(place) => place.set(&random::string(rng)),
        Slot::Bytes(place) => *place = ByteString(random::bytes(rng, 40)),
        Slot::Quantity(place) => *place = Quantity::new(quantity(rng)),
        Slot::IntOrString(place) => *place = int_or_string(rng),
        Slot::Time(place) => *place = Time::from_unix(seconds(rng), 0),
        Slot::MicroTime(place) => *place = MicroTime::from_unix(seconds(rng), rng.i64(0..1_000_000) * 1000),
        Slot::Duration(place) => *place = Duration::from_nanos(random::integer(rng)),
        Slot::Json(place) => *place = raw(field, rng, shape),
        Slot::FieldsV1(place) => *place = FieldsV1::from_text(random::object(rng, 3)).unwrap_or_default(),
        Slot::Message(message) => inner(message, rng, shape),
        Slot::Option(option) => place(option.get_or_insert(), field, rng, shape),
        Slot::List(list) => items(list, field, rng, shape),
        Slot::StrList(list) => list.extend((0..rng.usize(..4)).map(|_| CompactString::from(random::string(rng)))),
        Slot::Map(map) => {
            for _ in 0..rng.usize(..4) {
                place(map.insert(random::string(rng).into()), field, rng, shape);
            }
            map.finish();
        }
        Slot::StrMap(map) => {
            for _ in 0..rng.usize(..4) {
                map.insert(random::string(rng), random::string(rng));
            }
        }
        // A kind of place that this does not know would go untested.
        Slot::None => {}
        _ => panic!("a field of {:?} is of a sort that no random value is made for", field.name()),
    }
}

fn items(list: &mut dyn ListSlot, field: &FieldDesc, rng: &mut Rng, shape: Shape) {
    for _ in 0..rng.usize(..4) {
        place(list.push(), field, rng, shape);
    }
    list.finish();
}

fn inner(message: &mut dyn Message, rng: &mut Rng, shape: Shape) {
    if let Some(depth) = shape.depth.checked_sub(1) {
        fill(message, rng, Shape { depth, ..shape });
    }
}

/// Seconds in the years 1 to 9999, the first one left out: its first second is Go's zero.
fn seconds(rng: &mut Rng) -> i64 {
    if rng.bool() { rng.i64(0..2_000_000_000) } else { rng.i64(-62_135_000_000..253_402_300_800) }
}

/// A resource quantity, mostly a good one.
pub fn quantity(rng: &mut Rng) -> String {
    let suffix = random::one(rng, &["", "m", "k", "M", "Gi", "Ki", "E", "n", "u", "e3", "E-2", "x"]);
    match rng.u32(..4) {
        0 => format!("{}{suffix}", rng.u32(..5000)),
        1 => format!("-{}.{}{suffix}", rng.u32(..50), rng.u32(..1000)),
        2 => format!("{}{suffix}", random::integer(rng)),
        _ => format!("{}.{}{suffix}", rng.u64(..), rng.u64(..)),
    }
}

fn int_or_string(rng: &mut Rng) -> IntOrString {
    if rng.bool() {
        IntOrString::from(random::integer(rng) as i32)
    } else {
        IntOrString::from(random::string(rng).as_str())
    }
}

/// Raw JSON such as stands in a field: any, or a schema where it must be one.
fn raw(field: &FieldDesc, rng: &mut Rng, shape: Shape) -> RawJson {
    let text = match field.wire {
        Wire::SchemaOrBool(_) if rng.bool() => random::one(rng, &["true", "false"]).to_owned(),
        Wire::SchemaOrStrings(_) if rng.bool() => {
            let strings: Vec<String> = (0..rng.usize(1..4)).map(|_| random::string(rng)).collect();
            serde_json::to_string(&strings).unwrap_or_default()
        }
        Wire::SchemaOrArray(make) if rng.bool() => {
            let schemas: Vec<String> = (0..rng.usize(1..3)).map(|_| schema(make(), rng, shape)).collect();
            format!("[{}]", schemas.join(","))
        }
        Wire::SchemaOrBool(make) | Wire::SchemaOrStrings(make) | Wire::SchemaOrArray(make) => {
            schema(make(), rng, shape)
        }
        _ => random::json(rng, 3),
    };
    RawJson::from_text(text).unwrap_or_default()
}

fn schema(mut message: Box<dyn Message>, rng: &mut Rng, shape: Shape) -> String {
    inner(&mut *message, rng, Shape { depth: shape.depth.min(3), unknown: Unknown::No, ..shape });
    String::from_utf8(json::to_vec(&*message).unwrap_or_default()).unwrap_or_default()
}

/// Whether something that no table knows stands in the message, or in one within.
pub fn has_unknown(message: &dyn Message) -> bool {
    fn within(value: Value<'_>) -> bool {
        match value {
            Value::Message(message) => has_unknown(message),
            Value::List(list) => (0..list.len()).any(|index| within(list.get(index))),
            Value::Map(map) => (0..map.len()).any(|index| map.get(index).is_some_and(|(_, value)| within(value))),
            _ => false,
        }
    }
    !message.unknown_fields().is_empty()
        || (0..message.descriptor().fields.len()).any(|index| within(message.value(index)))
}
