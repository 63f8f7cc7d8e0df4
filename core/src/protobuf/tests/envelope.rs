//! Envelopes and kinds.

use super::samples::{Part, Thing};
use super::{bytes, enveloped, number};
use crate::List;
use crate::message::MessageType;
use crate::protobuf::{Envelope, from_slice, is_supported, to_vec};

#[test]
fn an_envelope_tells_the_kind_before_anything_is_read() {
    let wire = enveloped("apps/v1", "Deployment", b"not read");
    let envelope = Envelope::read(&wire).expect("an envelope");
    assert_eq!((envelope.api_version, envelope.kind), ("apps/v1", "Deployment"));
    assert_eq!((envelope.content_type, envelope.content_encoding), ("", ""));
    assert_eq!(envelope.raw, b"not read");
}

#[test]
fn an_object_of_another_kind_is_told_apart() {
    let error = from_slice::<Thing>(&enveloped("v1", "Status", &[0xff])).expect_err("a status");
    assert!(error.is_wrong_kind());
    assert_eq!(error.to_string(), "at byte 0: expected example.io/v1beta1 Thing, got v1 Status");
    let error = from_slice::<Thing>(&enveloped("example.io/v1", "Thing", &[])).expect_err("another version");
    assert!(error.is_wrong_kind());
}

#[test]
fn an_envelope_without_a_kind_is_taken_at_its_word() {
    let wire = [b"k8s\0".to_vec(), bytes(2, number(2, 3))].concat();
    assert_eq!(from_slice::<Part>(&wire).expect("good").size, 3);
}

#[test]
fn a_list_names_the_kind_of_its_items_and_those_have_no_envelope() {
    let items = [bytes(2, number(2, 1)), bytes(2, number(2, 2))].concat();
    let wire = enveloped("v1", "PartList", &[bytes(1, bytes(2, "77")), items].concat());
    let list: List<Part> = from_slice(&wire).expect("a list");
    assert_eq!(list.items.iter().map(|part| part.size).collect::<Vec<_>>(), [1, 2]);
    assert!(from_slice::<List<Part>>(&enveloped("v1", "ThingList", &[])).expect_err("another list").is_wrong_kind());
    let again = to_vec(&list).expect("a place for everything");
    let envelope = Envelope::read(&again).expect("an envelope");
    assert_eq!((envelope.api_version, envelope.kind), ("v1", "PartList"));
}

#[test]
fn an_error_counts_bytes_from_the_start_of_the_envelope() {
    let wire = enveloped("v1", "Part", &bytes(2, "x"));
    let error = from_slice::<Part>(&wire).expect_err("not a number");
    assert_eq!(error.path(), ".size");
    assert_eq!(error.offset(), wire.windows(3).position(|window| window == [0x12, 1, b'x']));
}

#[test]
fn json_in_an_envelope_is_read_as_json() {
    let meta = [bytes(1, "v1"), bytes(2, "Part")].concat();
    let text = r#"{"apiVersion":"v1","kind":"Part","size":4}"#;
    let wire = |content_type: &str, encoding: &str| {
        [b"k8s\0".to_vec(), bytes(1, &meta), bytes(2, text), bytes(3, encoding), bytes(4, content_type)].concat()
    };
    assert_eq!(from_slice::<Part>(&wire("application/json", "")).expect("good").size, 4);
    for (content_type, encoding) in [("application/cbor", ""), ("application/json", "gzip")] {
        assert!(from_slice::<Part>(&wire(content_type, encoding)).expect_err("unreadable").needs_json());
    }
}

#[test]
fn an_envelope_without_its_object_is_cut_off_and_not_an_empty_object() {
    let meta = [bytes(1, "v1"), bytes(2, "Part")].concat();
    let wire = [b"k8s\0".to_vec(), bytes(1, meta)].concat();
    assert!(from_slice::<Part>(&wire).expect_err("cut off").is_truncated());
    assert_eq!(from_slice::<Part>(&[wire, bytes(2, "")].concat()).expect("an empty part").size, 0);
}

#[test]
fn what_is_no_envelope_is_an_error() {
    for wire in [&b""[..], b"k8s", b"k8s\0"] {
        assert!(from_slice::<Part>(wire).expect_err("cut off").is_truncated(), "{wire:?}");
    }
    for wire in [&br#"{"kind":"Part"}"#[..], b"k8s\x01", b"K"] {
        let error = from_slice::<Part>(wire).expect_err("something else");
        assert!(error.to_string().contains("expected an object in protobuf"), "{error}");
    }
}

#[test]
fn a_table_has_protobuf_if_its_fields_have_numbers() {
    assert!(is_supported(Part::table()));
    assert!(is_supported(List::<Part>::table()));
    assert!(!is_supported(Thing::table()));
    assert!(!is_supported(List::<Thing>::table()));
}
