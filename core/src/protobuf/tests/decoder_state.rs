//! What a reader learns from one message for the next, and how much memory it takes.

use super::samples::Thing;
use super::{bytes, number, read};
use crate::json::{self, DecoderState};
use crate::protobuf::{Options, decode_next_bare};

/// Reads messages as the items of one list.
fn read_all(messages: &[Vec<u8>]) -> Vec<Thing> {
    let mut decoder_state = DecoderState::for_many();
    let read = |message: &Vec<u8>| {
        let mut thing = Thing::default();
        decode_next_bare(&mut thing, message, &Options::default(), &mut decoder_state).expect("good protobuf");
        thing
    };
    messages.iter().map(read).collect()
}

fn field_set(text: &str) -> Vec<u8> {
    bytes(16, bytes(1, text))
}

fn address(thing: &Thing) -> *const u8 {
    thing.fields.as_ref().expect("a field set").as_str().as_ptr()
}

#[test]
fn items_of_a_list_share_the_field_sets_that_they_have_in_common() {
    let (a, b) = (field_set(r#"{"f:spec":{}}"#), field_set(r#"{"f:status":{}}"#));
    let things = read_all(&[a.clone(), b.clone(), a, b]);
    assert_eq!(things[0].fields.as_ref().map(|set| set.as_str()), Some(r#"{"f:spec":{}}"#));
    assert_eq!(things[1].fields.as_ref().map(|set| set.as_str()), Some(r#"{"f:status":{}}"#));
    assert_eq!(address(&things[0]), address(&things[2]));
    assert_eq!(address(&things[1]), address(&things[3]));
}

#[test]
fn in_json_they_are_shared_too_and_what_follows_is_not_lost() {
    let mut decoder_state = DecoderState::for_many();
    let mut read = |text: &str| {
        let mut thing = Thing::default();
        json::decode_next(&mut thing, text, &json::Options::default(), &mut decoder_state).expect("good JSON");
        thing
    };
    let one = read(r#"{"fields":{"f:a":{}},"text":"one"}"#);
    let two = read(r#"{"fields":{"f:a":{}} , "text":"two"}"#);
    let other = read(r#"{"fields":{"f:a":{},"f:b":{}},"text":"three"}"#);
    assert_eq!(address(&one), address(&two));
    assert_eq!(two.text.as_deref(), Some("two"));
    assert_eq!(other.fields.map(|set| set.to_string()).as_deref(), Some(r#"{"f:a":{},"f:b":{}}"#));
    assert_eq!(other.text.as_deref(), Some("three"));
}

#[test]
fn a_broken_field_set_is_an_error_every_time() {
    let mut decoder_state = DecoderState::for_many();
    for _ in 0..3 {
        for text in ["{", r#"{"f:a":}"#, "1", "{} {}"] {
            let read =
                decode_next_bare(&mut Thing::default(), &field_set(text), &Options::default(), &mut decoder_state);
            assert_eq!(
                read.expect_err("no object").to_string(),
                "at .fields (byte 5): expected JSON, found other bytes",
                "{text}"
            );
        }
    }
}

#[test]
fn inlined_messages_of_different_kinds_take_turns() {
    let config = bytes(26, [bytes(2, bytes(2, bytes(1, "dir"))), bytes(1, "a")].concat());
    let claim = bytes(26, [bytes(1, "b"), bytes(2, bytes(3, bytes(1, "disk")))].concat());
    let plain = bytes(26, bytes(1, "c"));
    let message = [config.clone(), claim.clone(), plain, claim, config].concat();
    for thing in read_all(&[message.clone(), message]) {
        let names: Vec<_> = thing.volumes.iter().map(|volume| &*volume.name).collect();
        assert_eq!(names, ["a", "b", "c", "b", "a"]);
        let dirs: Vec<_> = thing.volumes.iter().map(|volume| volume.empty_dir.is_some()).collect();
        assert_eq!(dirs, [true, false, false, false, true]);
        let claims: Vec<_> = thing.volumes.iter().map(|volume| volume.claim.is_some()).collect();
        assert_eq!(claims, [false, true, false, true, false]);
    }
}

#[test]
fn lists_and_maps_take_room_for_their_items_and_no_more() {
    for count in [1, 2, 3, 5, 9, 100] {
        let label = |index: usize| bytes(11, [bytes(1, format!("{index:03}")), bytes(2, "x")].concat());
        let limit = |index: usize| bytes(10, [bytes(1, format!("{index:03}")), bytes(2, bytes(1, "1"))].concat());
        let message = [
            bytes(1, (0..count).flat_map(label).collect::<Vec<u8>>()),
            (0..count).flat_map(limit).collect(),
            (0..count).flat_map(|index| bytes(18, index.to_string())).collect(),
            (0..count).flat_map(|index| number(19, index as i64)).collect(),
            (0..count).flat_map(|index| bytes(22, number(2, index as i64))).collect(),
        ]
        .concat();
        let thing: Thing = read(&message);
        assert_eq!((thing.metadata.labels.len(), thing.metadata.labels.capacity()), (count, count));
        assert_eq!((thing.limits.len(), thing.limits.capacity()), (count, count));
        assert_eq!((thing.names.len(), thing.names.capacity()), (count, count));
        assert_eq!((thing.numbers.len(), thing.numbers.capacity()), (count, count));
        assert_eq!((thing.parts.len(), thing.parts.capacity()), (count, count));
    }
}

#[test]
fn items_that_are_scattered_or_many_are_all_read() {
    let scattered: Vec<u8> =
        (0..1000).flat_map(|index| [bytes(18, index.to_string()), number(19, index)].concat()).collect();
    let thing: Thing = read(&scattered);
    assert!(thing.names.iter().enumerate().all(|(index, name)| *name == index.to_string()));
    assert_eq!(thing.numbers, (0..1000).collect::<Vec<i32>>());
    let many: Vec<u8> = (0..20_000).flat_map(|index| number(19, index)).collect();
    assert_eq!(read::<Thing>(&many).numbers, (0..20_000).collect::<Vec<i32>>());
}
