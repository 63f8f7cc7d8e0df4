//! What Go (k8s.io/apimachinery v0.37.1) makes of quantities, durations and times, and what we make of them. Where the two
//! differ, `differences.jsonl` says what comes here and why; it fails as well where they no longer do.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Duration, MicroTime, Quantity, Time};

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
        let mut met = BTreeMap::new();
        for vector in vectors {
            let (form, input) = (vector["form"].as_str().expect("a form"), &vector["input"]);
            let ours = ours(of, form, input);
            // What our types have no word for is not compared.
            let go = vector.get("output").map_or(Value::Null, |output| only(output, &ours));
            let ours = only(&ours, vector.get("output").unwrap_or(&ours));
            let key = key(of, form, input);
            // Some inputs are there twice.
            if met.insert(key.clone(), ours.clone()).is_some() {
                continue;
            }
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
        ("quantity", "json") => match text(input) {
            // As the JSON codec does; serde's numbers have lost their text before anybody sees it.
            number if number.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                quantity(&Quantity::from_json_number(number))
            }
            other => serde_json::from_str::<Quantity>(other).map_or(Value::Null, |read| quantity(&read)),
        },
        ("quantity", "cmp") => {
            pair(input, |one, other| Some(json!({"cmp": one.checked_cmp(other).ok()? as i32, "equal": one == other})))
        }
        ("quantity", "arith") => pair(input, |one, other| {
            let text = |sum: Quantity| sum.as_str().to_owned();
            Some(json!({"add": one.checked_add(other).map(text).ok()?, "sub": one.checked_sub(other).map(text).ok()?}))
        }),
        ("duration", "json") => read::<Duration>(input, |read, text| json!({"json": text, "nanos": nanos(read)})),
        ("duration", "json-pointer") => serde_json::from_str::<Option<Duration>>(text(input))
            .map_or(Value::Null, |read| json!({"isNil": read.is_none()})),
        ("time", "Time") => read::<Time>(
            input,
            |read, text| json!({"json": text, "unix": read.unix_seconds(), "nanos": read.subsec_nanos(), "isZero": read.is_zero()}),
        ),
        ("time", "MicroTime") => read::<MicroTime>(
            input,
            |read, text| json!({"json": text, "unix": read.unix_seconds(), "nanos": read.subsec_nanos(), "isZero": read.is_zero()}),
        ),
        other => panic!("an unknown form: {other:?}"),
    }
}

fn text(input: &Value) -> &str {
    input.as_str().expect("a text")
}

/// A value from JSON, with the JSON that is written of it.
fn read<T: DeserializeOwned + serde::Serialize>(input: &Value, shown: impl Fn(&T, String) -> Value) -> Value {
    match serde_json::from_str::<T>(text(input)) {
        Ok(read) => shown(&read, serde_json::to_string(&read).expect("JSON")),
        Err(_) => Value::Null,
    }
}

fn quantity(read: &Quantity) -> Value {
    let Ok(canonical) = read.canonical() else { return Value::Null };
    json!({
        "string": canonical.as_str(),
        "value": read.to_i64().ok(),
        "milliValue": read.to_milli_i64().ok(),
        "sign": read.signum().ok(),
    })
}

fn pair(input: &Value, with: impl Fn(&Quantity, &Quantity) -> Option<Value>) -> Value {
    let both: Vec<_> = input.as_array().expect("two").iter().map(|one| Quantity::new(text(one))).collect();
    with(&both[0], &both[1]).unwrap_or(Value::Null)
}

fn nanos(duration: &Duration) -> Value {
    json!(duration.as_nanos())
}
