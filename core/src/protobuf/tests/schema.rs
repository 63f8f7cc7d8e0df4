//! Schemas of custom resources.

use super::samples::Schema;
use super::{bytes, number, read, written};
use crate::json;

#[test]
fn what_is_a_schema_or_something_else_is_its_json() {
    let string = bytes(1, "string");
    let entry = |key: &str, value: &[u8]| bytes(6, [bytes(1, key), bytes(2, value)].concat());
    let wire = [
        bytes(4, [bytes(2, &string), bytes(2, "")].concat()),
        bytes(5, [number(1, 1), bytes(2, &string)].concat()),
        entry("a", &bytes(1, &string)),
        entry("b", &[bytes(2, "x"), bytes(2, "y")].concat()),
    ]
    .concat();
    let schema: Schema = read(&wire);
    let text = r#"{"items":[{"type":"string"},{}],"additional":{"type":"string"},"dependencies":{"a":{"type":"string"},"b":["x","y"]}}"#;
    assert_eq!(String::from_utf8(json::to_vec(&schema).expect("JSON")).expect("text"), text);
    assert_eq!(written(&schema), wire);
}

#[test]
fn a_boolean_in_a_schemas_place_is_its_number() {
    for (text, value) in [("true", 1), ("false", 0)] {
        let schema: Schema = json::from_str(&format!(r#"{{"additional":{text}}}"#)).expect("good JSON");
        let wire = bytes(5, number(1, value));
        assert_eq!(written(&schema), wire);
        assert_eq!(read::<Schema>(&wire), schema);
    }
}

#[test]
fn a_boolean_after_a_schema_does_not_replace_it() {
    let schema: Schema = read(&bytes(5, [bytes(2, bytes(1, "string")), number(1, 1)].concat()));
    assert_eq!(schema.additional.map(|json| json.to_string()).as_deref(), Some(r#"{"type":"string"}"#));
}

#[test]
fn json_that_is_neither_is_an_error() {
    for text in [
        r#"{"items":3}"#,
        r#"{"additional":"x"}"#,
        r#"{"additional":[]}"#,
        r#"{"dependencies":{"a":[1]}}"#,
        r#"{"items":[1]}"#,
    ] {
        let schema: Schema = json::from_str(text).expect("good JSON");
        let mut out = Vec::new();
        let error = crate::protobuf::encode_bare(&schema, &mut out).expect_err("neither");
        assert!(error.to_string().contains("the JSON inside"), "{error}");
    }
}

#[test]
fn an_unknown_field_in_a_schema_is_not_dropped_silently() {
    let schema: Schema = json::from_str(r#"{"items":{"items":{"later":1}}}"#).expect("good JSON");
    let mut out = Vec::new();
    let error = crate::protobuf::encode_bare(&schema, &mut out).expect_err("no place");
    assert!(error.needs_json());
    assert_eq!(error.path(), ".items.items.later");
}
