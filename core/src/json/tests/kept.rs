//! What a custom resource holds comes back letter by letter, whatever it is.

use super::read;
use super::samples::{Kite, KiteList, KiteSpec, Pod, Secret};
use crate::json::{Filter, Mode, Options, decode_into, encode_into, from_str, to_vec};
use crate::message::{Message, MessageType};
use crate::reflect::{equal, extract};
use crate::types::{Base64, DateTime, Number, RawJson};

/// A kite with this spec, whose fields are in the order of the table.
fn kite(spec: &str) -> String {
    format!(r#"{{"apiVersion":"example.com/v1","kind":"Kite","spec":{spec}}}"#)
}

fn written(message: &dyn Message) -> String {
    String::from_utf8(to_vec(message).expect("JSON")).expect("UTF-8")
}

/// The keys and values of a kite's spec, sorted, since what is kept beside its field is written last.
fn spec_of(text: &str) -> serde_json::Map<String, serde_json::Value> {
    let value: serde_json::Value = serde_json::from_str(text).expect("JSON");
    value["spec"].as_object().expect("an object").clone()
}

fn spec(kite: &mut Kite) -> &mut KiteSpec {
    kite.spec.as_deref_mut().expect("a spec")
}

#[test]
fn numbers_times_and_base64_come_back_letter_by_letter() {
    for inner in [
        r#""height":9007199254740993"#,
        r#""height":0.1000000000000000055511151231257827"#,
        r#""height":1e+21"#,
        r#""height":18446744073709551616"#,
        r#""height":-0"#,
        r#""height":0"#,
        r#""height":1.50,"heights":[9007199254740993,-9223372036854775808,1.0],"byName":{"a":9007199254740993}"#,
        r#""since":"2024-01-01T00:00:00.1234567890123Z","times":["2024-01-01t00:00:00z","2024-1-1T0:0:0+99:00",""]"#,
        r#""since":"""#,
        r#""key":"YR==","keys":{"a":"YQ","b":"not base64","c":"YQ=="}"#,
        r#""key":"","maybe":9007199254740993"#,
    ] {
        let text = kite(&format!(r#"{{"name":"k",{}"count":0}}"#, String::from(inner) + ","));
        let read: Kite = read(&text);
        assert!(read.spec.as_ref().is_some_and(|spec| spec.unknown_fields.is_empty()), "{inner}");
        // The codec's order is the table's.
        assert_eq!(spec_of(&written(&read)).len(), spec_of(&text).len());
        for piece in inner.split(",\"") {
            let piece = piece.trim_start_matches('"');
            assert!(written(&read).contains(&format!("\"{piece}")), "{piece} is not in {}", written(&read));
        }
    }
}

/// Values that their fields can't hold.
const ODD: [(&str, &str); 26] = [
    ("name", "7"),
    ("name", "null"),
    ("height", r#""tall""#),
    ("heights", r#"[1,"2",3]"#),
    ("heights", "[1,null]"),
    ("byName", r#"{"a":1,"b":null}"#),
    ("since", "1700000000"),
    ("times", r#"["2024-01-01T00:00:00Z",null]"#),
    ("key", "[1,2]"),
    ("keys", r#"{"a":null}"#),
    ("count", "3000000000"),
    ("count", "1.5"),
    ("count", "null"),
    ("total", "18446744073709551615"),
    ("flag", r#""yes""#),
    ("label", "true"),
    ("label", "null"),
    ("phase", "{}"),
    ("port", "1.5"),
    ("amount", "false"),
    ("tags", r#"{"a":"b","c":null}"#),
    ("names", r#"["a",1]"#),
    ("grid", r#"[[1],null,["x"]]"#),
    ("maybe", r#""much""#),
    ("tails", r#"{"key":1}"#),
    ("tail", r#"["key"]"#),
];

#[test]
fn a_value_that_its_field_cannot_hold_is_kept_and_costs_nothing_else() {
    for (name, odd) in ODD {
        let mut fields = vec![("name", r#""k""#), ("count", "3"), ("flag", "true"), ("height", "2")];
        fields.retain(|(field, _)| *field != name);
        fields.push((name, odd));
        let inner: Vec<String> = fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let text = kite(&format!("{{{}}}", inner.join(",")));
        let mut first: Kite = read(&text);
        assert_eq!(spec(&mut first).unknown_fields.get(name).map(RawJson::as_str), Some(odd), "{name}");
        if name != "flag" {
            assert_eq!(spec(&mut first).flag, Some(true), "{name}: {odd}");
        }
        let out = written(&first);
        assert_eq!(spec_of(&out), spec_of(&text), "{name}");
        assert!(out.contains(&format!("\"{name}\":{odd}")), "letter by letter: {out}");
        assert_eq!(
            serde_json::to_value(&first).expect("a value"),
            serde_json::from_str::<serde_json::Value>(&text).expect("JSON")
        );
        let again: Kite = read(&out);
        assert!(equal(&first, &again) && equal(&first, &first.clone()));
        for mode in [Mode::Apply, Mode::ApplyPartial] {
            let mut applied = Vec::new();
            encode_into(&first, &mut applied, mode).expect("JSON");
            assert!(String::from_utf8_lossy(&applied).contains(&format!("\"{name}\":{odd}")), "{name}");
        }
    }
}

#[test]
fn where_unknown_fields_are_dropped_a_value_that_a_field_cannot_hold_is_absent_not_zero() {
    for odd in ["7", "null", "{}", r#""x""#] {
        let name = if odd == r#""x""# { "count" } else { "name" };
        let text = kite(&format!(r#"{{"{name}":{odd},"flag":true}}"#));
        let mut first = Kite::default();
        let options = Options { drop_unknown_fields: true, ..Options::default() };
        decode_into(&mut first, &text, &options).expect("good");
        assert_eq!(written(&first), kite(r#"{"flag":true}"#), "{name}: {odd}");
    }
}

#[test]
fn where_the_last_value_of_a_key_is_dropped_its_field_is_absent_not_zero() {
    let options = Options { drop_unknown_fields: true, ..Options::default() };
    for odd in ["7", "null"] {
        let mut first = Kite::default();
        let text = kite(&format!(r#"{{"name":"k","count":1,"name":{odd}}}"#));
        decode_into(&mut first, &text, &options).expect("good");
        assert_eq!(written(&first), kite(r#"{"count":1}"#), "{odd}");
    }
}

#[test]
fn a_required_field_whose_odd_value_is_forgotten_is_absent_not_zero() {
    for inner in [r#"{"name":7,"count":1}"#, r#"{"name":null,"count":1}"#, r#"{"name":"k","count":1,"name":7}"#] {
        let mut first: Kite = read(&kite(inner));
        spec(&mut first).unknown_fields.clear();
        assert_eq!(written(&first), kite(r#"{"count":1}"#), "{inner}");
    }
}

#[test]
fn a_null_is_kept_though_a_filter_leaves_something_out_of_the_same_object() {
    let text = kite(r#"{"name":"k","count":1,"flag":null,"heights":[1],"label":null}"#);
    let filter = Filter::new(Kite::table(), &["spec.label", "spec.tail.length"]).expect("fields");
    let mut first = Kite::default();
    decode_into(&mut first, &text, &Options::default().filter(filter)).expect("good");
    assert_eq!(spec_of(&written(&first)), spec_of(&kite(r#"{"name":"k","count":1,"flag":null,"heights":[1]}"#)));
}

#[test]
fn a_null_inside_an_object_of_a_list_stays_with_its_item() {
    let text = kite(r#"{"name":"k","count":1,"tails":[{"key":1,"length":null},{"key":"x"},{"key":3,"length":2}]}"#);
    let mut read: Kite = read(&text);
    let tails = spec(&mut read).tails.as_ref().expect("tails");
    assert_eq!((tails[0].key, tails[2].length.as_ref().map(Number::as_f64)), (1, Some(2.0)));
    assert_eq!(tails[1].unknown_fields.get("key").map(RawJson::as_str), Some(r#""x""#));
    assert_eq!(spec_of(&written(&read)), spec_of(&text));
}

#[test]
fn a_list_of_the_kind_is_read_though_one_of_its_objects_is_odd() {
    let texts =
        [kite(r#"{"name":"a","count":1}"#), kite(r#"{"name":7,"count":"x","since":5}"#), kite("[]"), kite("null")];
    let list: KiteList = read(&format!(r#"{{"items":[{}]}}"#, texts.join(",")));
    assert_eq!(list.items.len(), 4);
    assert_eq!(list.items[0].spec.as_ref().map(|spec| &*spec.name), Some("a"));
    for (item, text) in list.items.iter().zip(&texts).skip(1) {
        let (out, text): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(&written(item)).expect("JSON"), serde_json::from_str(text).expect("JSON"));
        assert_eq!(out["spec"], text["spec"]);
    }
}

#[test]
fn what_is_set_since_takes_the_place_of_what_was_kept() {
    let mut first: Kite = read(&kite(r#"{"name":7,"count":"x","height":"tall","label":null}"#));
    let fields = spec(&mut first);
    fields.name = "k".into();
    fields.height = Some(Number::from(0));
    fields.label = Some("".into());
    // A zero that is meant.
    assert!(fields.unknown_fields.mark_present("count"));
    assert_eq!(written(&first), kite(r#"{"name":"k","height":0,"count":0,"label":""}"#));
}

#[test]
fn the_last_value_of_a_key_counts_whether_its_field_holds_it_or_not() {
    for (inner, last) in [
        (r#"{"name":"k","count":1,"height":"tall","height":2}"#, r#"{"name":"k","height":2,"count":1}"#),
        (r#"{"name":"k","count":1,"height":2,"height":"tall"}"#, r#"{"name":"k","count":1,"height":"tall"}"#),
        (r#"{"name":"k","count":1,"height":"a","height":"b"}"#, r#"{"name":"k","count":1,"height":"b"}"#),
        (r#"{"name":"k","count":1,"height":2,"height":null}"#, r#"{"name":"k","count":1,"height":null}"#),
    ] {
        assert_eq!(written(&read::<Kite>(&kite(inner))), kite(last), "{inner}");
    }
    let twice = format!(r#"{{"spec":{{"name":1,"height":"tall"}},"spec":{}}}"#, r#"{"name":"k","count":1,"height":3}"#);
    assert_eq!(written(&read::<Kite>(&twice)), kite(r#"{"name":"k","height":3,"count":1}"#));
}

#[test]
fn what_is_no_json_is_an_error_in_custom_resources_too() {
    for inner in
        [r#"{"count":1.}"#, r#"{"height":nul}"#, r#"{"heights":[1,"a}"#, r#"{"tail":{"key":01}}"#, r#"{"since":"\x"}"#]
    {
        assert!(from_str::<Kite>(&kite(inner)).is_err(), "{inner}");
    }
    // Deeper than any document is: the depth is not a mistake of the type.
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    assert!(from_str::<Kite>(&kite(&format!(r#"{{"grid":{deep}}}"#))).is_err());
}

#[test]
fn a_wrong_value_is_an_error_in_built_in_kinds_and_in_strict_texts() {
    let pod = r#"{"spec":{"containers":[{"name":7}]}}"#;
    assert!(from_str::<Pod>(pod).is_err());
    assert!(from_str::<Secret>(r#"{"data":{"a":"!"}}"#).is_err());
    // Metadata is of Go's types everywhere.
    assert!(from_str::<Kite>(r#"{"metadata":{"creationTimestamp":"soon"}}"#).is_err());
    let strict = Options { strict: true, ..Options::default() };
    let decode = |text: &str| decode_into(&mut Kite::default(), text, &strict);
    let error = decode(&kite(r#"{"name":"k","count":"x"}"#)).expect_err("strict").to_string();
    assert!(error.contains("spec.count") && error.contains("32-bit integer"), "{error}");
    decode(&kite(r#"{"name":"k","count":1,"label":null,"heights":null}"#)).expect("nulls leave the default");
    let error = decode(&kite(r#"{"name":"k","count":1,"heights":[null]}"#)).expect_err("a null in a list").to_string();
    assert!(error.contains("spec.heights[0]") && error.contains("null"), "{error}");
}

#[test]
fn unknown_fields_that_are_dropped_take_along_what_fields_cannot_hold() {
    let options = Options { drop_unknown_fields: true, ..Options::default() };
    let mut read = Kite::default();
    let text = kite(r#"{"name":"k","count":"x","height":"tall","heights":[1,null]}"#);
    decode_into(&mut read, &text, &options).expect("lenient");
    let fields = spec(&mut read);
    assert!(fields.unknown_fields.is_empty() && fields.height.is_none());
    assert_eq!((&*fields.name, fields.heights.as_ref().map(Vec::len)), ("k", Some(2)));
}

#[test]
fn a_filter_and_an_odd_value_go_together() {
    let filter = Filter::new(Kite::table(), &[".spec.tail.length", ".spec.label"]).expect("fields");
    let options = Options { filter, ..Options::default() };
    let mut read = Kite::default();
    let text = kite(r#"{"name":"k","count":1,"label":7,"height":"tall","tail":{"key":"x","length":null}}"#);
    decode_into(&mut read, &text, &options).expect("lenient");
    assert_eq!(written(&read), kite(r#"{"name":"k","count":1,"tail":{"key":"x"},"height":"tall"}"#));
}

#[test]
fn debug_shows_what_was_kept_but_no_secret() {
    let read: Kite = read(&kite(r#"{"name":"k","count":1,"password":{"v":"hunter2"}}"#));
    assert!(!format!("{read:?}").contains("hunter2"), "{read:?}");
}

#[test]
fn a_manager_gets_back_what_it_applied_though_no_field_can_hold_it() {
    let fields = r#"{"f:spec":{"f:height":{},"f:tails":{"k:{\"key\":\"x\"}":{".":{},"f:key":{},"f:length":{}}}}}"#;
    let managed = format!(r#"[{{"manager":"m","operation":"Apply","fieldsV1":{fields}}}]"#);
    let inner = r#"{"name":"k","count":1,"height":"tall","tails":[{"key":"x","length":2},{"key":2}]}"#;
    let text = format!(r#"{{"metadata":{{"name":"a","managedFields":{managed}}},"spec":{inner}}}"#);
    let (source, mut target) = (read::<Kite>(&text), Kite::default());
    assert!(extract(&source, "m", None, &mut target).expect("a set"));
    let out = spec_of(&written(&target));
    assert_eq!(
        serde_json::Value::Object(out),
        serde_json::json!({"height": "tall", "tails": [{"key": "x", "length": 2}]})
    );
}

#[test]
fn numbers_that_json_has_not_cannot_be_written() {
    let mut message: Kite = read(&kite(r#"{"name":"k","count":1}"#));
    spec(&mut message).height = Some(Number::from(f64::NAN));
    let error = to_vec(&message).expect_err("not a number").to_string();
    assert!(error.contains("spec.height"), "{error}");
}

#[test]
fn values_are_made_in_rust_and_compared_by_what_they_stand_for() {
    let mut message = Kite { spec: Some(Box::default()), ..Kite::default() };
    let fields = spec(&mut message);
    fields.height = Some(9_007_199_254_740_993_i64.into());
    fields.since = Some(DateTime::new("2026-11-22T11:00:00+01:00"));
    fields.key = Some(Base64::encode("a"));
    let other: Kite =
        read(&kite(r#"{"name":"","height":9007199254740993.0,"since":"2026-11-22T10:00:00Z","key":"YR==","count":0}"#));
    assert!(equal(&message, &other));
}
