//! Objects by chance.

use kubewright::runtime::message::{FieldDesc, Message, Slot, Wire};
use kubewright::runtime::types::{Duration, MicroTime, Quantity, RawJson, Time};
use kubewright::runtime::{ByteString, IntOrString};
use serde_json::{Value, json};

/// Numbers by chance, the same ones for the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        // Xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit.max(1)
    }

    fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len())].clone()
    }
}

/// How deep messages are nested at most: types contain themselves.
const DEPTH: usize = 7;

/// Sets about half of a message's fields, some to zero.
pub fn fill(message: &mut dyn Message, dice: &mut Dice, depth: usize) {
    for (index, field) in message.descriptor().fields.iter().enumerate() {
        if depth < DEPTH && dice.below(5) < 3 {
            set(message.slot(index), field, dice, depth);
        }
    }
}

fn set(slot: Slot<'_>, field: &FieldDesc, dice: &mut Dice, depth: usize) {
    let whole = dice.one_of(&[0, 1, -1, 80, i64::from(i32::MAX), i64::from(i32::MIN)]);
    let text = dice.one_of(&["", "a", "web-0", "ä\n\"\\", "0"]);
    match slot {
        Slot::Bool(value) => *value = whole > 0,
        Slot::I32(value) => *value = whole as i32,
        Slot::I64(value) => *value = whole << dice.below(30),
        Slot::F64(value) => *value = dice.one_of(&[0.0, -0.0, 1.5, -3e300, 7.0]),
        Slot::Str(value) => *value = text.into(),
        Slot::OptStr(value) => *value = Some(text.into()),
        Slot::Enum(value) => value.set(text),
        Slot::Bytes(value) => *value = ByteString::from(dice.one_of(&[&b""[..], b"a", b"\0\xff\xfe", b"abcdef"])),
        Slot::Quantity(value) => *value = Quantity::new(dice.one_of(&["0", "1", "100m", "1Gi", "0.5", "1e3"])),
        Slot::IntOrString(value) => {
            *value = dice.one_of(&[IntOrString::Int(whole), IntOrString::String(text.into())]);
        }
        Slot::Time(value) => *value = dice.one_of(&[Time::default(), Time::from_unix(1_700_000_000, 0)]),
        Slot::MicroTime(value) => {
            *value = dice.one_of(&[MicroTime::default(), MicroTime::from_unix(1_700_000_000, 123_456_000)]);
        }
        Slot::Duration(value) => *value = Duration::from_nanos(whole * 1_000_000),
        Slot::FieldsV1(value) => {
            let set = dice.one_of(&[json!({}), json!({"f:a": {"v:\"b\"": {}}})]);
            *value = serde_json::from_value(set).expect("a set of fields");
        }
        Slot::Json(value) => *value = raw(field.wire, dice),
        Slot::Message(message) => fill(message, dice, depth + 1),
        Slot::Option(option) => set(option.get_or_insert(), field, dice, depth),
        Slot::List(list) => (0..dice.below(4)).for_each(|_| set(list.push(), field, dice, depth)),
        Slot::StrList(list) => (0..dice.below(4)).for_each(|_| list.push(dice.one_of(&["", "a", "b"]).into())),
        Slot::Map(map) => {
            (0..dice.below(4)).for_each(|key| set(map.insert(key.to_string().into()), field, dice, depth))
        }
        Slot::StrMap(map) => (0..dice.below(4)).for_each(|key| {
            map.insert(key.to_string(), text);
        }),
        _ => {}
    }
}

fn raw(wire: Wire, dice: &mut Dice) -> RawJson {
    let value = match wire {
        Wire::SchemaOrArray(_) => dice.one_of(&[json!({}), json!({"type": "string"}), json!([{"type": "object"}])]),
        Wire::SchemaOrBool(_) => dice.one_of(&[json!(true), json!({"type": "string"})]),
        Wire::SchemaOrStrings(_) => dice.one_of(&[json!(["a"]), json!({"type": "string"})]),
        _ => dice.one_of(&[json!(null), json!({}), json!({"a": [1, null, 2.5]}), json!("b"), json!(0)]),
    };
    RawJson::from(value)
}

/// Replaces a value somewhere in an object by one of another type or spelling, or adds a field.
pub fn damage(value: &mut Value, dice: &mut Dice) {
    let odd =
        [json!(null), json!(1), json!(1.0), json!("x"), json!(""), json!(false), json!({}), json!([]), json!([null])];
    match value {
        Value::Object(fields) if !fields.is_empty() && dice.below(8) > 0 => {
            if dice.below(10) == 0 {
                fields.insert(dice.one_of(&["kind", "apiVersion", "spec", "zzz"]).to_owned(), dice.one_of(&odd));
                return;
            }
            let place = dice.below(fields.len());
            if let Some(value) = fields.values_mut().nth(place) {
                damage(value, dice);
            }
        }
        Value::Array(items) if !items.is_empty() && dice.below(8) > 0 => {
            let place = dice.below(items.len());
            damage(&mut items[place], dice);
        }
        other => *other = dice.one_of(&odd),
    }
}
