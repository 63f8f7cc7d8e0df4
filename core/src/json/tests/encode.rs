//! Writing.

use super::samples::{Container, POD, Pod, PodSpec, Probe, Resources, StatefulSet, WIDGET, Widget};
use super::{read, rewritten, written};
use crate::json::{Mode, encode_into, to_vec};
use crate::message::Message;
use crate::types::{IntOrString, Nullable, RawJson};

fn applied(message: &dyn Message) -> String {
    let mut out = Vec::new();
    encode_into(message, &mut out, Mode::Apply).expect("finite numbers");
    String::from_utf8(out).expect("UTF-8")
}

#[test]
fn what_was_read_is_written_back() {
    assert_eq!(rewritten::<Pod>(POD), POD);
    assert_eq!(rewritten::<Widget>(WIDGET), WIDGET);
}

#[test]
fn unknown_fields_survive_a_read_modify_write() {
    let mut pod: Pod = read(r#"{"future":{"a" : 1.50},"spec":{"containers":[{"name":"a","new":"\u0041"}]}}"#);
    pod.spec.node_name = Some("n".into());
    assert_eq!(
        written(&pod),
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"name":"a","new":"\u0041"}],"nodeName":"n"},"future":{"a" : 1.50}}"#
    );
}

#[test]
fn plain_fields_at_their_default_are_left_out_unless_required() {
    let spec = PodSpec { containers: vec![Container::default()], ..Default::default() };
    assert_eq!(written(&spec), r#"{"containers":[{"name":""}]}"#);
    assert_eq!(written(&PodSpec::default()), r#"{"containers":[]}"#);
    assert_eq!(written(&Probe::default()), r#"{"port":0}"#);
    assert_eq!(written(&Widget::default()), r#"{"apiVersion":"example.com/v1beta1","kind":"Widget","strict":null}"#);
}

#[test]
fn an_object_is_left_out_when_everything_in_it_is_at_its_default() {
    // PodSpec would write its required containers, but nobody set anything in it.
    assert_eq!(written(&Pod::default()), r#"{"apiVersion":"v1","kind":"Pod"}"#);
    let mut pod = Pod::default();
    pod.spec.host_network = Some(false);
    assert_eq!(written(&pod), r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[],"hostNetwork":false}}"#);
    let mut pod = Pod::default();
    pod.spec.unknown_fields.insert("x", RawJson::default());
    assert_eq!(written(&pod), r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[],"x":null}}"#);
}

#[test]
fn optional_fields_are_written_whenever_they_are_there() {
    let container = Container { image: Some("".into()), probe: Some(Box::default()), ..Default::default() };
    assert_eq!(written(&container), r#"{"name":"","image":"","livenessProbe":{"port":0}}"#);
    let widget = Widget {
        names: Some(vec![]),
        size: Some(Nullable::Null),
        tags: Some(Default::default()),
        count: Some(0),
        ..Default::default()
    };
    assert!(written(&widget).ends_with(r#""count":0,"names":[],"size":null,"strict":null,"tags":{}}"#));
}

#[test]
fn apply_mode_leaves_out_whatever_is_at_its_default() {
    let pod: Pod = read(r#"{"metadata":{"name":"a"},"spec":{"containers":[{"image":"i"},{}],"affinity":{}}}"#);
    assert_eq!(
        applied(&pod),
        r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"image":"i"},{}],"affinity":{}}}"#
    );
    assert_eq!(applied(&PodSpec::default()), "{}");
    // A probe's port is required, but was not set.
    let probe =
        Container { probe: Some(Box::new(Probe { period: Some(5), ..Default::default() })), ..Default::default() };
    assert_eq!(applied(&probe), r#"{"livenessProbe":{"periodSeconds":5}}"#);
}

#[test]
fn apply_mode_leaves_out_managed_fields_and_keeps_the_status_and_unknown_fields() {
    let pod: Pod = read(
        r#"{"metadata":{"name":"a","managedFields":[{"manager":"m"}]},"spec":{"managedFields":[1]},"status":{"phase":"Running"}}"#,
    );
    let text = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"managedFields":[1]},"status":{"phase":"Running"}}"#;
    assert_eq!(applied(&pod), text);
    assert!(written(&pod).contains(r#""metadata":{"name":"a","managedFields":[{"manager":"m"}]}"#));
}

#[test]
fn strings_are_escaped_where_json_asks_for_it_and_nowhere_else() {
    let every: String = ('\0'..='\u{ff}').chain("€😀\u{2028}".chars()).collect();
    for text in [
        every.as_str(),
        "",
        "\"",
        "plain",
        "seven77",
        "eight888\\",
        "a long plain text of more than sixteen bytes\u{1}",
    ] {
        let container = Container { name: text.into(), ..Default::default() };
        let json = written(&container);
        let value: serde_json::Value = serde_json::from_str(&json).expect("good JSON");
        assert_eq!(value["name"], text);
        assert_eq!(json, format!(r#"{{"name":{}}}"#, serde_json::to_string(text).expect("a string")));
    }
}

#[test]
fn numbers_are_written_so_that_they_come_back() {
    for ratio in [0.0, -0.0, 1.0, -1.5, 0.1, 1e21, 1e300, 5e-324, f64::MAX, 9_007_199_254_740_993.0, 1.0 / 3.0] {
        let widget = Widget { ratio: Some(ratio), total: i64::MIN, count: Some(i32::MIN), ..Default::default() };
        let back: Widget = read(&written(&widget));
        assert_eq!(back.ratio.map(f64::to_bits), Some(ratio.to_bits()), "{ratio}");
        assert_eq!((back.total, back.count), (i64::MIN, Some(i32::MIN)));
    }
    assert!(written(&Widget { ratio: Some(3.0), ..Default::default() }).contains(r#""ratio":3,"#));
}

#[test]
fn a_number_that_json_cannot_write_is_an_error_and_leaves_the_buffer_alone() {
    for ratio in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let widget = Widget { ratio: Some(ratio), ..Default::default() };
        let mut out = b"before".to_vec();
        let error = encode_into(&widget, &mut out, Mode::Full).expect_err("not finite");
        assert_eq!(error.to_string(), "at .ratio: JSON can't represent an infinite number or NaN");
        assert_eq!(out, b"before");
        assert!(to_vec(&widget).is_err());
    }
}

#[test]
fn a_document_starts_with_its_version_and_kind() {
    assert_eq!(written(&StatefulSet::default()), r#"{"apiVersion":"apps/v1","kind":"StatefulSet"}"#);
    assert_eq!(written(&Resources::default()), "{}");
}

#[test]
fn writing_appends() {
    let mut out = b"[".to_vec();
    encode_into(&Probe { port: IntOrString::from("http"), ..Default::default() }, &mut out, Mode::Full).expect("good");
    assert_eq!(out, br#"[{"port":"http"}"#);
}
