//! What Go's YAML library (sigs.k8s.io/yaml 1.6.0, which kubectl reads with) makes of small texts, and what we make of
//! them. Where the two differ, a table says so and why; it fails as well where they no longer do.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::types::RawJson;
use crate::yaml::options::{DuplicateKeys, Options};
use crate::yaml::read;

/// One call each: `form` is the function in Go, `input` its text, `output` or `error` what came back.
const VECTORS: &str = include_str!("vectors.jsonl");

const KEPT: &str = "a string field keeps a scalar as it is written; Go's library converts it, and kubectl refuses it";
const NOTHING: &str = "a text without content is an error where one document is asked for";
const SECOND: &str = "a second document is an error where one is asked for: Go drops it without a word";
const ESCAPE: &str = "JSON and YAML 1.2 have the escape `\\/`";
const DIGITS: &str = "an integer beyond 64 bits keeps its digits: Go makes a float of it, and as a key a short one";
const UINT: &str = "Go refuses a key between 2^63 and 2^64, and takes larger ones";
const TAB: &str = "a tab before the first key indents nothing, and has one meaning";

const JSON: &str = "YAMLToJSON";
const STRINGS: &str = "UnmarshalStrict map[string]string";

/// Form, input, what comes here (JSON, or nothing for an error), and why.
const DIFFERENCES: &[(&str, &str, Option<&str>, &str)] = &[
    (JSON, r#"a: "\/""#, Some(r#"{"a":"/"}"#), ESCAPE),
    (JSON, r#"{"a":"\/"}"#, Some(r#"{"a":"/"}"#), ESCAPE),
    (JSON, "# c", None, NOTHING),
    (JSON, "---", None, NOTHING),
    (JSON, "null", None, NOTHING),
    (JSON, "---\na: 1\n---\nb: 2", None, SECOND),
    (JSON, "a: 1\n...\nb: 2", None, SECOND),
    (JSON, "\ta: 1", Some(r#"{"a":1}"#), TAB),
    (JSON, "123456789012345678901234567890: x", Some(r#"{"123456789012345678901234567890":"x"}"#), DIGITS),
    (JSON, "18446744073709551615: x", Some(r#"{"18446744073709551615":"x"}"#), UINT),
    (
        JSON,
        "a: \u{fffd}",
        Some("{\"a\":\"\u{fffd}\"}"),
        "the vector stands for bytes that are not UTF-8: a str has none",
    ),
    (STRINGS, "a: 0400", Some(r#"{"a":"0400"}"#), KEPT),
    (STRINGS, "a: 1e3", Some(r#"{"a":"1e3"}"#), KEPT),
    (STRINGS, "a: yes", Some(r#"{"a":"yes"}"#), KEPT),
    (STRINGS, "a: 0x10", Some(r#"{"a":"0x10"}"#), KEPT),
    (STRINGS, "a: .inf", Some(r#"{"a":".inf"}"#), KEPT),
    (STRINGS, "a: 08", Some(r#"{"a":"08"}"#), KEPT),
    (STRINGS, "a: 0o17", Some(r#"{"a":"0o17"}"#), KEPT),
    (STRINGS, "a: 123456789.5", Some(r#"{"a":"123456789.5"}"#), KEPT),
    (STRINGS, "a: 1e6", Some(r#"{"a":"1e6"}"#), KEPT),
    (STRINGS, "a: 12345678.9", Some(r#"{"a":"12345678.9"}"#), KEPT),
];

#[test]
fn yaml_is_read_as_go_reads_it_but_for_a_table_of_differences() {
    let mut differences: BTreeMap<(&str, &str), Option<&str>> =
        DIFFERENCES.iter().map(|(form, input, ours, _)| ((*form, *input), *ours)).collect();
    assert_eq!(differences.len(), DIFFERENCES.len(), "a row comes twice");
    let vectors: Vec<Value> = VECTORS.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let mut wrong = Vec::new();
    assert!(DIFFERENCES.iter().all(|(.., why)| !why.is_empty()));
    for vector in &vectors {
        let (form, input) = (vector["form"].as_str().expect("a form"), vector["input"].as_str().expect("a text"));
        let (go, ours) = (go(form, vector), ours(form, input));
        match differences.remove(&(form, input)) {
            None if go == ours => {}
            // A text that the vectors hold twice.
            None if DIFFERENCES.iter().any(|row| (row.0, row.1) == (form, input)) => {}
            None => wrong.push(format!("{form}: {input:?}: Go {go:?}, here {ours:?}")),
            Some(_) if go == ours => {
                wrong.push(format!("{form}: {input:?}: no longer differs from Go: remove the row"))
            }
            Some(expected) => {
                let expected: Option<Value> = expected.map(|text| serde_json::from_str(text).expect("JSON"));
                if ours != expected {
                    wrong.push(format!("{form}: {input:?}: the table says {expected:?}, here {ours:?}"));
                }
            }
        }
    }
    assert_eq!(vectors.len(), 267);
    wrong.extend(differences.keys().map(|(form, input)| format!("{form}: {input:?}: a row without a vector")));
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), vectors.len(), wrong.join("\n"));
}

fn go(form: &str, vector: &Value) -> Option<Value> {
    let parse = |text: &Value| serde_json::from_str(text.as_str().expect("a text")).expect("JSON");
    if vector.get("error").is_some() {
        return None;
    }
    Some(match form {
        "YAMLToJSON" => parse(&vector["output"]["json"]),
        "NewYAMLOrJSONDecoder" => {
            let documents = vector["output"].as_array().map(Vec::as_slice).unwrap_or_default();
            documents.iter().filter(|text| *text != "").map(parse).collect()
        }
        _ => vector["output"].clone(),
    })
}

fn ours(form: &str, input: &str) -> Option<Value> {
    let value = |raw: RawJson| serde_json::from_str::<Value>(raw.as_str()).expect("JSON");
    let options = Options::default();
    match form {
        "YAMLToJSON" => read::one(input, &options).ok().map(value),
        "NewYAMLOrJSONDecoder" => {
            let documents: Vec<RawJson> = read::every(input, &options).ok()?;
            Some(documents.into_iter().map(value).collect())
        }
        "UnmarshalStrict map[string]string" => {
            let strict = options.duplicate_keys(DuplicateKeys::Refuse);
            let map: BTreeMap<String, String> = read::one(input, &strict).ok()?;
            Some(map.into_iter().map(|(key, value)| (key, Value::from(value))).collect())
        }
        other => panic!("an unknown form: {other}"),
    }
}
