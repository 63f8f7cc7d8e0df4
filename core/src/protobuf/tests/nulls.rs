//! A null in a list or a map: what Go's types make of it, in JSON and by way of protobuf.

use super::samples::Scalars;
use super::{Options, decode_bare, encode_bare};
use crate::{json, reflect};

/// A field with a null in it, and the field as the server has it after it was stored: of `k8s.io/api` 0.37.1, read from
/// JSON, written as protobuf, read again and written as JSON.
///
/// Go writes a null for bytes and for a list inside a map, too, as long as it has them from JSON: the server, which has
/// them from protobuf, writes what stands here.
const NULLS: [(&str, &str); 17] = [
    (r#"{"times":{"x":null}}"#, r#"{"times":{"x":null}}"#),
    (r#"{"quantities":{"x":null}}"#, r#"{"quantities":{"x":"0"}}"#),
    (r#"{"strings":{"x":null}}"#, r#"{"strings":{"x":""}}"#),
    (r#"{"bytes":{"x":null}}"#, r#"{"bytes":{"x":""}}"#),
    (r#"{"ports":{"x":null}}"#, r#"{"ports":{"x":0}}"#),
    (r#"{"counts":{"x":null}}"#, r#"{"counts":{"x":0}}"#),
    (r#"{"flags":{"x":null}}"#, r#"{"flags":{"x":false}}"#),
    (r#"{"modes":{"x":null}}"#, r#"{"modes":{"x":""}}"#),
    (r#"{"lists":{"x":null}}"#, r#"{"lists":{"x":[]}}"#),
    (r#"{"texts":["a",null]}"#, r#"{"texts":["a",""]}"#),
    (r#"{"numbers":[1,null]}"#, r#"{"numbers":[1,0]}"#),
    (r#"{"ratios":[0.5,null,1.5]}"#, r#"{"ratios":[0.5,0,1.5]}"#),
    (r#"{"kinds":["Single",null]}"#, r#"{"kinds":["Single",""]}"#),
    (r#"{"stamps":[null,"2026-11-22T10:00:00Z"]}"#, r#"{"stamps":[null,"2026-11-22T10:00:00Z"]}"#),
    (r#"{"micros":[null,"2026-11-22T10:00:00.000001Z"]}"#, r#"{"micros":[null,"2026-11-22T10:00:00.000001Z"]}"#),
    (r#"{"amounts":[null]}"#, r#"{"amounts":["0"]}"#),
    (r#"{"parts":[null]}"#, r#"{"parts":[{"name":""}]}"#),
];

fn written(message: &Scalars) -> String {
    String::from_utf8(json::to_vec(message).expect("JSON")).expect("UTF-8")
}

#[test]
fn a_null_in_a_list_or_a_map_is_what_gos_types_make_of_it_in_json_and_in_protobuf() {
    for (text, stored) in NULLS {
        let read: Scalars = json::from_str(text).expect(text);
        assert_eq!(written(&read), stored);
        let mut wire = Vec::new();
        encode_bare(&read, &mut wire).expect("protobuf");
        let mut again = Scalars::default();
        decode_bare(&mut again, &wire, &Options::default()).expect("protobuf");
        assert_eq!(written(&again), stored, "by way of protobuf");
        assert!(reflect::equal(&read, &again), "{text}");
        let shim: Scalars = serde_json::from_str(text).expect(text);
        assert_eq!(written(&shim), stored, "read through serde");
        let value = serde_json::to_value(&shim).expect("JSON");
        assert_eq!(written(&serde_json::from_value(value).expect("JSON")), stored, "written through serde");
    }
}
