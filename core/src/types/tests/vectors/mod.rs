//! What Go (k8s.io/apimachinery v0.37.1) makes of quantities, durations and times, and what we make of them. Where the two
//! differ, `differences.jsonl` says what comes here and why; it fails as well where they no longer do.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::json::tests::samples::{ObjectMeta, Resources, Widget};
use crate::message::MessageType;
use crate::types::{Duration, MicroTime, Quantity, Time};

/// One call each: `form` is what was called in Go, `input` what went in, `output` or `error` what came back.
const VECTORS: [(&str, &str, usize); 3] = [
    ("quantity", include_str!("quantity.jsonl"), 182),
    ("duration", include_str!("duration.jsonl"), 94),
    ("time", include_str!("time.jsonl"), 118),
];

const DIFFERENCES: &str = include_str!("differences.jsonl");

/// A row of the table: what comes here (null for an error) where Go gives something else.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    of: String,
    form: String,
    input: Value,
    ours: Value,
    why: String,
}

#[test]
fn quantities_durations_and_times_are_read_as_go_reads_them_but_for_a_table_of_differences() {
    let rows: Vec<Difference> =
        DIFFERENCES.lines().map(|line| serde_json::from_str(line).expect("a row of the table")).collect();
    let key = |of: &str, form: &str, input: &Value| format!("{of} {form} {input}");
    let mut table: BTreeMap<String, &Difference> =
        rows.iter().map(|row| (key(&row.of, &row.form, &row.input), row)).collect();
    assert_eq!(table.len(), rows.len(), "a row comes twice");
    assert!(rows.iter().all(|row| !row.why.is_empty()), "each row says why");

    let mut wrong = Vec::new();
    for (of, text, count) in VECTORS {
        let vectors: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(vectors.len(), count, "{of}");
        let mut met = BTreeSet::new();
        for vector in vectors {
            let (form, input) = (vector["form"].as_str().expect("a form"), &vector["input"]);
            let ours = ours(of, form, input);
            // What our types have no word for is not compared.
            let go = vector.get("output").map_or(Value::Null, floats);
            let (go, ours) = (only(&go, &ours), only(&ours, if go.is_null() { &ours } else { &go }));
            let key = key(of, form, input);
            assert!(met.insert(key.clone()), "{key}: two vectors");
            match table.remove(&key) {
                None if go == ours => {}
                None => wrong.push(json!({"of": of, "form": form, "input": input, "ours": ours, "why": "", "go": go})),
                Some(_) if go == ours => wrong.push(json!(format!("{key}: no longer differs: remove the row"))),
                Some(row) if row.ours == ours => {}
                Some(row) => wrong.push(json!(format!("{key}: the table says {}, here {ours}", row.ours))),
            }
        }
    }
    wrong.extend(table.keys().map(|key| json!(format!("{key}: a row without a vector"))));
    let lines: Vec<String> = wrong.iter().map(Value::to_string).collect();
    assert!(lines.is_empty(), "{} differences that the table does not have:\n{}", lines.len(), lines.join("\n"));
}

/// What Go gives, its floats written as Rust writes them.
fn floats(output: &Value) -> Value {
    let mut output = output.clone();
    if let Some(float) = output.get_mut("asFloat64Slow") {
        *float = json!(text(float).parse::<f64>().expect("a float").to_string());
    }
    output
}

/// Of what one gives, the fields that the other gives too; all of it where the other gives an error.
fn only(one: &Value, other: &Value) -> Value {
    match (one.as_object(), other.as_object()) {
        (Some(one), Some(other)) => {
            let both = one.iter().filter(|(name, _)| other.contains_key(*name));
            both.map(|(name, value)| (name.clone(), value.clone())).collect()
        }
        _ => one.clone(),
    }
}

fn ours(of: &str, form: &str, input: &Value) -> Value {
    match (of, form) {
        ("quantity", "parse") => Quantity::parse(text(input)).map_or(Value::Null, |read| quantity(&read)),
        ("quantity", "json") => {
            let codec = through::<Resources>(&["limits", "v"], text(input));
            codec.map_or(Value::Null, |(read, text)| with(quantity(&read.limits["v"]), "json", json!(text)))
        }
        ("quantity", "cmp") => {
            pair(input, |one, other| Some(json!({"cmp": one.checked_cmp(other).ok()? as i32, "equal": one == other})))
        }
        ("quantity", "arith") => pair(input, |one, other| {
            let text = |sum: Quantity| sum.as_str().to_owned();
            Some(json!({"add": one.checked_add(other).map(text).ok()?, "sub": one.checked_sub(other).map(text).ok()?}))
        }),
        ("duration", "json") => read::<Duration, Widget>(
            input,
            &["duration"],
            |message| message.duration,
            |read, text| json!({"json": text, "nanos": read.as_nanos()}),
        ),
        ("duration", "json-pointer") => serde_json::from_str::<Option<Duration>>(text(input))
            .map_or(Value::Null, |read| json!({"isNil": read.is_none()})),
        ("time", "Time") => read::<Time, ObjectMeta>(
            input,
            &["creationTimestamp"],
            |message| message.creation_timestamp,
            |read, text| json!({"json": text, "unix": read.unix_seconds(), "nanos": read.subsec_nanos(), "isZero": read.is_zero()}),
        ),
        ("time", "MicroTime") => read::<MicroTime, Widget>(
            input,
            &["micro"],
            |message| message.micro,
            |read, text| json!({"json": text, "unix": read.unix_seconds(), "nanos": read.subsec_nanos(), "isZero": read.is_zero()}),
        ),
        other => panic!("an unknown form: {other:?}"),
    }
}

fn text(input: &Value) -> &str {
    input.as_str().expect("a text")
}

/// A value from JSON, with the JSON that is written of it: through serde, and through a message's field, where both must
/// come to the same. (A null field of a message is absent, so that null goes through serde alone.)
fn read<T, M>(input: &Value, path: &[&str], field: fn(&M) -> Option<T>, shown: impl Fn(&T, String) -> Value) -> Value
where
    T: DeserializeOwned + serde::Serialize,
    M: MessageType,
{
    let serde = serde_json::from_str::<T>(text(input))
        .map_or(Value::Null, |read| shown(&read, serde_json::to_string(&read).expect("JSON")));
    if text(input) != "null" {
        let codec = through::<M>(path, text(input))
            .map_or(Value::Null, |(message, text)| shown(&field(&message).expect("a value"), text));
        if codec != serde {
            return json!({"serde": serde, "codec": codec});
        }
    }
    serde
}

/// A message that has this JSON at a path, with the JSON that is written there.
fn through<M: MessageType>(path: &[&str], json: &str) -> Option<(M, String)> {
    let nested = path.iter().rev().fold(json.to_owned(), |inner, name| format!("{{\"{name}\":{inner}}}"));
    let message: M = crate::json::from_str(&nested).ok()?;
    let mut written = String::from_utf8(crate::json::to_vec(&message).expect("JSON")).expect("text");
    for name in path {
        let mut fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&written).expect("an object");
        written = fields.remove(*name).expect("a field").get().to_owned();
    }
    Some((message, written))
}

fn quantity(read: &Quantity) -> Value {
    let Ok(canonical) = read.canonical() else { return Value::Null };
    json!({
        "string": canonical.as_str(),
        "value": read.to_i64().ok(),
        "milliValue": read.to_milli_i64().ok(),
        "sign": read.signum().ok(),
        "asFloat64Slow": read.to_f64().ok().map(|float| float.to_string()),
    })
}

/// An object with one field more; null stays null.
fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
    object
}

fn pair(input: &Value, calculate: impl Fn(&Quantity, &Quantity) -> Option<Value>) -> Value {
    let both: Vec<_> = input.as_array().expect("two").iter().map(|one| Quantity::new(text(one))).collect();
    calculate(&both[0], &both[1]).unwrap_or(Value::Null)
}
