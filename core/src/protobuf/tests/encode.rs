//! Writing.

use super::samples::{Claim, Part, THING, Thing, Volume};
use super::{bytes, number, written};
use crate::json;
use crate::message::Message;
use crate::protobuf::{encode_bare, encode_into};
use crate::types::{IntOrString, Map, Quantity, RawJson, Time};

/// Why a message can't be written.
#[track_caller]
fn error(message: &dyn Message) -> String {
    let mut out = b"before".to_vec();
    let error = encode_bare(message, &mut out).expect_err("no place");
    assert!(error.needs_json());
    assert_eq!(out, b"before", "the buffer is as it was");
    error.to_string()
}

#[test]
fn fields_follow_one_another_as_the_table_has_them() {
    let claim = Claim { name: "c".into(), read_only: Some(true), ..Default::default() };
    assert_eq!(written(&claim), [bytes(1, "c"), number(2, 1)].concat());
}

#[test]
fn plain_fields_at_their_default_are_left_out_unless_required() {
    assert_eq!(written(&Part::default()), number(2, 0));
    let thing = Thing { flag: Some(false), ..Default::default() };
    assert_eq!(written(&thing), [number(2, 0), bytes(14, "")].concat());
}

#[test]
fn maps_are_written_in_the_order_of_their_keys() {
    let limits = Map::from([("b", Quantity::new("2")), ("a", Quantity::new("1"))]);
    let thing = Thing { limits, ..Default::default() };
    let entry = |key: &str, value: &str| bytes(10, [bytes(1, key), bytes(2, bytes(1, value))].concat());
    assert_eq!(written(&thing), [entry("a", "1"), entry("b", "2"), bytes(14, "")].concat());
}

#[test]
fn numbers_in_a_list_are_not_packed() {
    let thing = Thing { numbers: vec![1, -1], ..Default::default() };
    assert_eq!(written(&thing), [bytes(14, ""), number(19, 1), number(19, -1)].concat());
}

#[test]
fn times_are_written_as_the_server_does() {
    let thing = Thing { seen: Time::from_unix(-5, 0), ..Default::default() };
    assert_eq!(written(&thing), bytes(14, [number(1, -5), number(2, 0)].concat()));
}

#[test]
fn inlined_messages_are_entered_once_for_each_run_of_their_fields() {
    let volume = Volume {
        name: "v".into(),
        claim: Some(Box::default()),
        operations: vec!["a".into()],
        groups: vec!["b".into(), "c".into()],
        ..Default::default()
    };
    let groups = bytes(2, [bytes(1, "b"), bytes(1, "c")].concat());
    let operations = bytes(4, [bytes(1, "a"), groups].concat());
    assert_eq!(written(&volume), [bytes(1, "v"), bytes(2, bytes(3, bytes(1, ""))), operations].concat());
}

#[test]
fn lists_that_are_messages_are_wrapped() {
    let extra = Map::from([("k", vec!["a".into(), "b".into()])]);
    let thing = Thing { verbs: vec!["get".into()], extra, ..Default::default() };
    let entry = [bytes(1, "k"), bytes(2, [bytes(1, "a"), bytes(1, "b")].concat())].concat();
    assert_eq!(written(&thing), [bytes(14, ""), bytes(23, bytes(1, "get")), bytes(24, entry)].concat());
}

#[test]
fn an_unknown_field_from_json_is_not_dropped_silently() {
    let thing: Thing =
        json::from_str(r#"{"nested":{"seen":null,"volumes":[{"name":"v","later":1}]}}"#).expect("good JSON");
    assert_eq!(
        error(&thing),
        "at .nested.volumes[0].later: protobuf can't represent an unknown field that was decoded from JSON: send the object as JSON"
    );
}

#[test]
fn the_kind_of_an_object_inside_another_is_known_from_its_place() {
    let thing: Thing = json::from_str(r#"{"parts":[{"apiVersion":"v1","kind":"Part","size":1}]}"#).expect("good JSON");
    assert_eq!(written(&thing), [bytes(14, ""), bytes(22, number(2, 1))].concat());
}

#[test]
fn what_has_no_place_is_an_error() {
    let thing = Thing { unnumbered: Some("x".into()), ..Default::default() };
    assert!(error(&thing).starts_with("at .unnumbered: protobuf can't represent the field"));
    let thing = Thing { port: Some(IntOrString::Int(1 << 31)), ..Default::default() };
    assert!(error(&thing).starts_with("at .port: protobuf can't represent an integer beyond 32 bits"));
    let thing = Thing { matrix: vec![vec![1]], ..Default::default() };
    assert!(error(&thing).starts_with("at .matrix[0]: protobuf can't represent a list of lists"));
}

#[test]
fn null_is_written_as_nothing_in_raw_json() {
    let thing = Thing { raw: Some(RawJson::default()), ..Default::default() };
    assert_eq!(written(&thing), [bytes(14, ""), bytes(17, "")].concat());
}

#[test]
fn what_was_in_the_buffer_stays() {
    let thing: Thing = json::from_str(THING).expect("good JSON");
    let mut out = b"before".to_vec();
    encode_into(&thing, &mut out).expect("a place for everything");
    assert!(out.starts_with(b"beforek8s\0"));
    assert_eq!(crate::protobuf::from_slice::<Thing>(&out[6..]).expect("good"), thing);
}
