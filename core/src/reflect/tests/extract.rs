//! Extraction of what a manager has applied.

use crate::json::tests::samples::{Kite, Pod, Widget};
use crate::json::tests::{read, written};
use crate::message::{Message, MessageType};
use crate::reflect::extract;

/// An object with these fields, all of them, and an entry for the manager `m`.
fn object(fields: &str, set: &str) -> String {
    let set = set.replace('\n', "");
    let entries = format!(
        r#"[{{"manager":"m","operation":"Update","fieldsV1":{{"f:x":{{}}}}}},{{"manager":"other","operation":"Apply","fieldsV1":{{}}}},{{"manager":"m","operation":"Apply","fieldsV1":{{"f:status":{{"f:phase":{{}}}}}},"subresource":"status"}},{{"manager":"m","operation":"Apply","fieldsV1":{set}}}]"#
    );
    format!(
        r#"{{"metadata":{{"name":"n","namespace":"s","labels":{{"a":"1","b":"2"}},"managedFields":{entries}}},{fields}}}"#
    )
}

#[track_caller]
fn extracted<T: MessageType>(object: &str) -> String {
    let mut target = T::default();
    let found = extract(&read::<T>(object), "m", None, &mut target).unwrap_or_else(|error| panic!("{error}"));
    assert!(found);
    without_kind(&target)
}

fn without_kind(message: &dyn Message) -> String {
    let text = written(message);
    let start = text.find(r#""metadata""#).map_or(0, |at| at);
    text[start..].strip_suffix('}').unwrap_or_default().to_owned()
}

const SPEC: &str = r#""spec":{"containers":[{"name":"app","image":"i","args":["a","b"],"ports":[{"containerPort":80,"protocol":"TCP"},{"containerPort":80,"protocol":"UDP"}],"env":[{"name":"A","value":"1"},{"name":"B","value":"2"}],"resources":{"limits":{"cpu":"1","memory":"2"}},"livenessProbe":{"port":80,"periodSeconds":9}},{"name":"side","image":"j"}],"nodeName":"x","nodeSelector":{"k":"v","l":"w"},"affinity":{"terms":[{"a":1}]}},"status":{"phase":"Running","ready":true}"#;

#[test]
fn only_the_fields_that_the_manager_applied_are_there() {
    let set = r#"{"f:metadata":{"f:labels":{"f:b":{}}},"f:spec":{"f:nodeName":{}}}"#;
    assert_eq!(
        extracted::<Pod>(&object(SPEC, set)),
        r#""metadata":{"name":"n","namespace":"s","labels":{"b":"2"}},"spec":{"containers":[],"nodeName":"x"}"#
    );
}

#[test]
fn items_of_a_list_are_found_by_their_keys_and_come_with_them() {
    let set = r#"{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{".":{},"f:image":{},"f:ports":{"k:{\"containerPort\":80,\"protocol\":\"UDP\"}":{".":{}}},
        "f:env":{"k:{\"name\":\"B\"}":{".":{},"f:name":{},"f:value":{}}}},"k:{\"name\":\"gone\"}":{"f:image":{}}}}}"#;
    assert_eq!(
        extracted::<Pod>(&object(SPEC, set)),
        r#""metadata":{"name":"n","namespace":"s"},"spec":{"containers":[{"name":"app","image":"i","ports":[{"containerPort":80,"protocol":"UDP"}],"env":[{"name":"B","value":"2"}]}]}"#
    );
}

#[test]
fn atomic_lists_and_maps_come_whole() {
    let set = r#"{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{"f:args":{}}},"f:nodeSelector":{},"f:affinity":{"f:terms":{}}}}"#;
    assert_eq!(
        extracted::<Pod>(&object(SPEC, set)),
        r#""metadata":{"name":"n","namespace":"s"},"spec":{"containers":[{"name":"app","args":["a","b"]}],"nodeSelector":{"k":"v","l":"w"},"affinity":{"terms":[{"a":1}]}}"#
    );
}

#[test]
fn a_struct_that_the_manager_owns_without_its_fields_comes_empty() {
    let set = r#"{"f:spec":{"f:containers":{"k:{\"name\":\"app\"}":{"f:livenessProbe":{},"f:resources":{".":{},"f:limits":{".":{},"f:cpu":{}}}}},"f:affinity":{".":{}}}}"#;
    assert_eq!(
        extracted::<Pod>(&object(SPEC, set)),
        r#""metadata":{"name":"n","namespace":"s"},"spec":{"containers":[{"name":"app","resources":{"limits":{"cpu":"1"}},"livenessProbe":{"port":0}}],"affinity":{}}"#
    );
}

#[test]
fn members_of_a_set_are_found_by_their_value_and_items_by_their_index() {
    let text = object(SPEC, r#"{"f:metadata":{"f:finalizers":{".":{},"v:\"b/c\"":{}}}}"#)
        .replace(r#""labels":"#, r#""finalizers":["a/b","b/c"],"labels":"#);
    assert_eq!(extracted::<Pod>(&text), r#""metadata":{"name":"n","namespace":"s","finalizers":["b/c"]}"#);
    let set = r#"{"f:matrix":{"i:1":{"v:4":{}}},"f:parts":{"f:p":{"f:name":{}}},"f:names":{},"f:size":{},"f:groups":{"f:g":{}}}"#;
    let fields = r#""groups":{"g":["x"],"h":["y"]},"matrix":[[1],[3,4]],"names":["a"],"parts":{"p":{"name":"n","value":"v"},"q":{"name":"m"}},"size":null,"total":5"#;
    assert_eq!(
        extracted::<Widget>(&object(fields, set)),
        r#""metadata":{"name":"n","namespace":"s"},"groups":{"g":["x"]},"matrix":[[4]],"names":["a"],"parts":{"p":{"name":"n"}},"size":null,"strict":null"#
    );
}

#[test]
fn integers_that_the_server_rounded_in_a_field_set_are_found_and_not_rounded() {
    let fields = r#""extra":{"list":[{"id":9007199254740993,"x":1},{"id":1,"x":2}],"set":[9007199254740993,1]},"matrix":[[-9223372036854775808,9007199254740993,9007199254740995]],"strict":"s""#;
    let set = r#"{"f:extra":{"f:list":{"k:{\"id\":9007199254740992}":{".":{},"f:x":{}}},"f:set":{"v:9007199254740992":{}}},
        "f:matrix":{"i:0":{"v:-9223372036854776000":{},"v:9007199254740992":{}}}}"#;
    assert_eq!(
        extracted::<Widget>(&object(fields, set)),
        r#""metadata":{"name":"n","namespace":"s"},"extra":{"list":[{"id":9007199254740993,"x":1}],"set":[9007199254740993]},"matrix":[[-9223372036854775808,9007199254740993]],"strict":null"#
    );
    let set = r#"{"f:spec":{"f:heights":{"v:-9223372036854776000":{},"v:9007199254740992":{}}}}"#;
    let fields = r#""spec":{"name":"k","count":1,"heights":[9007199254740993,-9223372036854775808,5]}"#;
    assert_eq!(
        extracted::<Kite>(&object(fields, set)),
        r#""metadata":{"name":"n","namespace":"s"},"spec":{"heights":[9007199254740993,-9223372036854775808]}"#
    );
}

#[test]
fn raw_json_and_unknown_fields_are_taken_apart_too() {
    let set = r#"{"f:extra":{"f:a":{"f:b":{}},"f:list":{"k:{\"id\":2}":{".":{},"f:x":{}}}},"f:future":{"f:y":{}},"f:whole":{}}"#;
    let fields = r#""extra":{"a":{"b":1,"c":2},"list":[{"id":1,"x":1,"y":1},{"id":2,"x":2,"y":2}],"z":0},"strict":"s","future":{"x":1,"y":2},"whole":{"a" : 1.50}"#;
    assert_eq!(
        extracted::<Widget>(&object(fields, set)),
        r#""metadata":{"name":"n","namespace":"s"},"extra":{"a":{"b":1},"list":[{"id":2,"x":2}]},"strict":null,"future":{"y":2},"whole":{"a" : 1.50}"#
    );
}

#[test]
fn subresources_and_operations_have_entries_of_their_own() {
    let source: Pod = read(&object(SPEC, r#"{"f:spec":{"f:nodeName":{}}}"#));
    let mut target: Pod = read(r#"{"spec":{"hostNetwork":true},"x":1}"#);
    assert!(extract(&source, "m", Some("status"), &mut target).is_ok_and(|found| found));
    assert_eq!(without_kind(&target), r#""metadata":{"name":"n","namespace":"s"},"status":{"phase":"Running"}"#);
}

#[test]
fn a_manager_that_applied_nothing_gets_the_name_alone() {
    let source: Pod = read(&object(SPEC, "{}"));
    let mut target = Pod::default();
    assert!(extract(&source, "nobody", None, &mut target).is_ok_and(|found| !found));
    assert_eq!(without_kind(&target), r#""metadata":{"name":"n","namespace":"s"}"#);
}

#[test]
fn a_set_that_makes_no_sense_is_an_error() {
    let source: Pod = read(&object(SPEC, r#"{"f:spec":{"f:containers":{"k:{name}":{}}}}"#));
    let error = extract(&source, "m", None, &mut Pod::default()).expect_err("no key");
    assert_eq!(error.to_string(), r#"cannot read the fields that "m" manages: "k:{name}" is not a list item"#);
}
