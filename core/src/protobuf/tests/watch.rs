//! Frames of a watch.

use super::samples::Part;
use super::{bytes, enveloped, number};
use crate::protobuf::from_slice;
use crate::protobuf::watch::{Event, PREFIX, frame_length};

#[test]
fn a_frame_is_its_length_and_an_event_with_an_object() {
    let object = enveloped("v1", "Part", &number(2, 3));
    let event = [bytes(1, "ADDED"), bytes(2, bytes(1, &object))].concat();
    let length = u32::try_from(event.len()).expect("short").to_be_bytes();
    let body = [&length[..], &event, b"next"].concat();
    let length = frame_length(&body, 1 << 20).expect("short").expect("whole");
    let event = Event::read(&body[PREFIX..PREFIX + length]).expect("an event");
    assert_eq!(event.kind, "ADDED");
    assert_eq!(from_slice::<Part>(event.object).expect("a part").size, 3);
}

#[test]
fn a_frame_that_is_not_whole_yet_is_waited_for() {
    for buffer in [&[][..], &[0, 0, 0], &[0, 0, 0, 2], &[0, 0, 0, 2, 1]] {
        assert_eq!(frame_length(buffer, 100).expect("short"), None);
    }
    assert_eq!(frame_length(&[0, 0, 0, 0], 100).expect("short"), Some(0));
}

#[test]
fn an_endless_frame_is_an_error_before_it_is_held() {
    let error = frame_length(&[0xff, 0xff, 0xff, 0xff], 100).expect_err("too large");
    assert!(error.to_string().contains("larger than the limit of 100 bytes"), "{error}");
}
