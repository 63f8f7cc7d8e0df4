use std::hash::{BuildHasher, RandomState};

use serde_json::json;

use super::*;

fn raw(text: &str) -> RawJson {
    RawJson::from_text(text).expect("JSON")
}

#[test]
fn it_is_two_words() {
    assert_eq!(size_of::<RawJson>(), 16);
    assert_eq!(size_of::<Option<RawJson>>(), 16);
}

#[test]
fn the_text_is_kept_and_the_default_is_null() {
    let text = r#"{"z":1.50, "a":123456789012345678901234567890}"#;
    assert_eq!(raw(&format!("\n{text} ")).as_str(), text);
    assert_eq!(format!("{:?} {}", raw("[1, 2]"), raw("[1, 2]")), "[1, 2] [1, 2]");
    assert_eq!(RawJson::default().as_str(), "null");
    assert_eq!(RawJson::default(), raw(" null "));
    assert!(RawJson::default().is_null());
    assert_eq!(&*RawJson::default().into_text(), "null");
}

#[test]
fn equal_values_are_equal_however_they_are_written() {
    let table = [
        (r#"{"a":1,"b":[true,null]}"#, " { \"b\" : [ true , null ] , \"a\" : 1 } "),
        ("1", "1.0"),
        ("100", "1e2"),
        ("0", "-0.0"),
        (r#""a/b""#, r#""\u0061\/b""#),
        (r#""\ud83d\ude00""#, r#""😀""#),
        (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
        (r#"{"\u0061":1}"#, r#"{"a":1}"#),
        ("1e99999999999999999999", "1e99999999999999999999 "),
        ("[]", "[ ]"),
        ("{}", "{\n}"),
    ];
    let hasher = RandomState::new();
    for (a, b) in table {
        assert_eq!(raw(a), raw(b));
        assert_eq!(hasher.hash_one(raw(a)), hasher.hash_one(raw(b)), "{a} {b}");
    }
}

#[test]
fn different_values_differ() {
    let table = [
        ("18446744073709551616", "18446744073709551617"),
        ("0.1", "0.10000000000000000000000001"),
        ("1", "\"1\""),
        ("null", "\"null\""),
        ("[1,2]", "[2,1]"),
        ("[12]", "[1,2]"),
        ("{}", "[]"),
        ("[[],[]]", "[[[]]]"),
        (r#"{"a":{"b":1}}"#, r#"{"a":{},"b":1}"#),
        (r#"{"a":1,"b":2}"#, r#"{"a":2,"b":1}"#),
        (r#"["a\",\"b"]"#, r#"["a","b"]"#),
        (r#""\\u0061""#, r#""\u0061""#),
        (r#""\ud800""#, r#""\ud801""#),
        ("true", "false"),
    ];
    for (a, b) in table {
        assert_ne!(raw(a), raw(b));
    }
}

#[test]
fn text_that_is_not_one_json_value_is_refused() {
    for text in ["", " ", "{", "[1,]", "{\"a\"}", "1 2", "nul", "'a'", "\"\n\"", "01", "\"\\x\""] {
        let error = RawJson::from_text(text).expect_err(text);
        assert!(std::error::Error::source(&error).is_some(), "{error}");
    }
}

#[test]
fn unchecked_garbage_never_panics_and_compares_by_its_text() {
    for text in ["{", "\"", "\"\\", "[1", "{\"a\"", "{\"a\":", "]", "-", "é", "\"é\\é", "[1}", "{,}", "nul", "1 1"] {
        let garbage = RawJson::from_valid_text(text);
        assert_eq!(garbage, garbage.clone());
        assert_ne!(garbage, RawJson::default());
        assert!(garbage.to_value().is_err(), "{text}");
    }
}

#[test]
fn deep_nesting_is_compared_by_text_without_using_up_the_stack() {
    let deep = |space: &str| RawJson::from_valid_text(format!("{}{space}{}", "[".repeat(100_000), "]".repeat(100_000)));
    assert_eq!(deep(""), deep(""));
    assert_ne!(deep(""), deep(" "));
    let shallow = |space: &str| raw(&format!("{}{space}{}", "[".repeat(100), "]".repeat(100)));
    assert_eq!(shallow(""), shallow(" "));
}

#[test]
fn it_converts_from_and_to_trees_and_types() {
    let value = json!({"a": [1, "x", null], "b": 18_446_744_073_709_551_615_u64});
    assert_eq!(RawJson::from(&value).to_value().expect("JSON"), value);
    assert_eq!(RawJson::from_serialize(&[1, 2]).expect("a list").as_str(), "[1,2]");
    assert_eq!(raw("[1,2]").decode::<Vec<i64>>().expect("a list"), [1, 2]);
    assert!(raw("{}").decode::<Vec<i64>>().is_err());
    assert!(RawJson::from_serialize(&std::collections::BTreeMap::from([((), 1)])).is_err());
}

#[test]
fn through_serde_it_is_the_tree() {
    let text = r#"{"a":[1,-2,1.5,18446744073709551615]}"#;
    let value: RawJson = serde_json::from_str(text).expect("JSON");
    assert_eq!(serde_json::to_string(&value).expect("JSON"), text);
}
