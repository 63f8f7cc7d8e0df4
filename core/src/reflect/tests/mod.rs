//! The engines, on the codec's samples.

mod extract;
mod presence;
mod serde_shims;

use super::{clear, copy, equal, is_default};
use crate::json::tests::samples::{Container, EnvVar, POD, Pod, Secret, WIDGET, Widget};
use crate::json::tests::{read, written};
use crate::message::{Field, Message};
use crate::types::{ByteString, Nullable};

#[test]
fn messages_are_equal_when_they_say_the_same() {
    let pod: Pod = read(POD);
    assert_eq!(pod, read::<Pod>(POD));
    assert_eq!(pod, pod.clone());
    // Quantities by value, raw JSON and unknown fields whatever their order and spelling.
    let a: Widget = read(r#"{"quantity":"1000m","extra":{"a":1,"b":2},"x":1,"y":[ ]}"#);
    let b: Widget = read(r#"{"quantity":"1","extra":{"b":2, "a":1.0},"y":[],"x":1}"#);
    assert_eq!(a, b);
}

#[test]
fn messages_differ_in_any_field() {
    let one: Widget = read(WIDGET);
    let pod: Pod = read(POD);
    for index in 0..Widget::default().descriptor().fields.len() {
        let mut other = one.clone();
        let name = one.descriptor().fields[index].name();
        copy(Widget::default().value(index), other.slot(index));
        assert!(one != other || name == "strict", "{name}");
    }
    let mut other = pod.clone();
    other.spec.containers[0].unknown_fields.insert("x", Default::default());
    assert_ne!(pod, other);
    let mut other = pod.clone();
    other.spec.containers.pop();
    assert_ne!(pod, other);
    assert!(!equal(&pod, &one));
    assert!(!equal(&EnvVar::default(), &Container::default()), "of two types, though nothing is set in either");
}

#[test]
fn absent_null_and_zero_are_not_equal() {
    let size = |size| Widget { size, ..Default::default() };
    assert_ne!(size(None), size(Some(Nullable::Null)));
    assert_ne!(size(Some(Nullable::Null)), size(Some(Nullable::Value(0))));
    assert_ne!(size(None), size(Some(Nullable::Value(0))));
    let strict = |strict| Widget { strict, ..Default::default() };
    assert_ne!(strict(Nullable::Null), strict(Nullable::Value("".into())));
    assert!(super::is_default(&strict(Nullable::Null)));
    assert!(!super::is_default(&strict(Nullable::Value("".into()))));
}

#[test]
fn copies_are_equal() {
    for text in [WIDGET, r#"{"size":3,"maybe":[],"strict":"s","future":{"a":1}}"#, r#"{"maybe":null}"#, "{}"] {
        let from: Widget = read(text);
        let mut to: Widget = read(WIDGET);
        assert!(copy(from.as_value(), to.as_slot()));
        assert_eq!(written(&to), written(&from));
        assert_eq!(to, from);
    }
    let from: Pod = read(POD);
    let mut to = Pod::default();
    assert!(copy(from.as_value(), to.as_slot()));
    assert_eq!(to, from);
}

#[test]
fn a_value_of_another_type_is_not_copied() {
    let mut name: Option<compact_str::CompactString> = Some("a".into());
    assert!(!copy(1i64.as_value(), name.as_slot()));
    assert_eq!(name.as_deref(), Some("a"));
}

#[test]
fn clearing_leaves_nothing() {
    let mut pod: Pod = read(POD);
    pod.unknown_fields.insert("x", Default::default());
    assert!(!is_default(&pod));
    clear(&mut pod);
    assert!(is_default(&pod));
    assert_eq!(pod, Pod::default());
    let mut widget: Widget = read(WIDGET);
    clear(&mut widget);
    assert_eq!(widget, Widget::default());
    assert_eq!(widget.size, None, "and no null");
}

#[test]
fn an_option_that_is_there_is_not_the_default() {
    assert!(!is_default(&EnvVar { value: Some("".into()), ..Default::default() }));
    assert!(!is_default(&Widget { size: Some(Nullable::Null), ..Default::default() }));
    assert!(is_default(&Pod::default()));
}

#[test]
fn debug_shows_what_is_set() {
    let pod: Pod = read(
        r#"{"metadata":{"name":"a","labels":{"x":"y"}},"spec":{"containers":[{"name":"c","resources":{"limits":{"cpu":"1"}}}],"hostNetwork":false},"status":{"phase":"Running"},"future":[1]}"#,
    );
    assert_eq!(
        format!("{pod:?}"),
        r#"Pod { metadata: ObjectMeta { name: "a", labels: {"x": "y"} }, spec: PodSpec { containers: [Container { name: "c", resources: Resources { limits: {"cpu": 1} } }], hostNetwork: false }, status: PodStatus { phase: "Running" }, future: [1] }"#
    );
    assert_eq!(
        format!("{:#?}", EnvVar { value: Some("".into()), ..Default::default() }),
        "EnvVar {\n    value: \"\",\n}"
    );
    assert_eq!(format!("{:?}", Pod::default()), "Pod");
}

#[test]
fn debug_shows_no_secrets() {
    let mut secret: Secret = read(
        r#"{"metadata":{"name":"s"},"data":{"password":"aHVudGVyMg=="},"token":"hunter2","type":"Opaque","newSecret":"hunter2"}"#,
    );
    secret
        .metadata
        .annotations
        .insert("kubectl.kubernetes.io/last-applied-configuration", r#"{"data":{"password":"aHVudGVyMg=="}}"#);
    let text = format!("{secret:?} {secret:#?}");
    assert!(!text.contains("hunter2") && !text.contains("aHVu"), "{text}");
    assert!(
        format!("{secret:?}")
            .ends_with(r#"data: <redacted>, token: <redacted>, type: "Opaque", newSecret: <redacted> }"#)
    );
    assert!(text.contains(r#""kubectl.kubernetes.io/last-applied-configuration": <redacted>"#));
    // What is not there may be seen not to be there.
    assert!(!format!("{:?}", Secret::default()).contains("redacted"));
    assert_eq!(secret.data["password"], ByteString::from("hunter2"));
}

#[test]
fn debug_shows_no_data_of_an_object_that_may_be_a_secret() {
    let text = r#"{"kind":"Secret","apiVersion":"v1","data":{"p":"hunter2"},"stringData":{"p":"hunter2"},"other":1}"#;
    let object: crate::DynamicObject = crate::json::from_str(text).expect("an object");
    let shown = format!("{object:?}");
    assert!(!shown.contains("hunter2") && shown.contains("other"), "{shown}");
    let list = format!(r#"{{"kind":"List","apiVersion":"v1","items":[{text}]}}"#);
    let list: crate::DynamicObject = crate::json::from_str(&list).expect("an object");
    assert!(!format!("{list:?}").contains("hunter2") && format!("{list:?}").contains("items"), "{list:?}");
    let unknown = format!("{:?} {:#?}", object.unknown_fields, list.unknown_fields);
    assert!(!unknown.contains("hunter2") && unknown.contains("stringData") && unknown.contains("items"), "{unknown}");
    let patch = crate::Patch::merge(serde_json::json!({"stringData": {"p": "hunter2"}}));
    assert!(!format!("{patch:?}").contains("hunter2"), "{patch:?}");
}
