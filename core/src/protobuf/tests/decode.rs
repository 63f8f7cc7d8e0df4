//! Reading.

use super::samples::{Claim, Mode, Part, THING, Thing, Volume};
use super::{bytes, error, number, read, varint, written};
use crate::json;
use crate::message::Message;
use crate::protobuf::{Options, decode_bare};
use crate::types::{IntOrString, MicroTime, Quantity, Time};

#[test]
fn an_object_is_the_same_from_protobuf_as_from_json() {
    let from_json: Thing = json::from_str(THING).expect("good JSON");
    let from_protobuf: Thing = read(&written(&from_json));
    assert_eq!(from_protobuf, from_json);
    assert_eq!(json::to_vec(&from_protobuf).expect("JSON"), THING.as_bytes());
}

#[test]
fn negative_numbers_take_ten_bytes_and_come_back() {
    let ten = [&[0x20][..], &[0xff; 9], &[1]].concat();
    assert_eq!(read::<Thing>(&ten).total, -1);
    assert_eq!(read::<Thing>(&number(3, -7)).count, Some(-7));
}

#[test]
fn what_goes_beyond_the_type_is_cut_off_as_every_reader_does() {
    assert_eq!(read::<Part>(&number(2, (1 << 40) + 5)).size, 5);
    assert_eq!(read::<Thing>(&number(2, 2)).flag, Some(true));
}

#[test]
fn a_zero_is_absent_where_protobuf_cannot_tell_and_stays_where_it_can() {
    let thing: Thing = read(&[number(2, 0), number(3, 0), bytes(6, ""), bytes(7, ""), bytes(1, bytes(1, ""))].concat());
    assert_eq!((thing.flag, thing.count), (Some(false), None));
    assert_eq!(thing.text.as_deref(), Some(""));
    assert_eq!(thing.mode, None);
    assert_eq!(thing.metadata.name, None);
}

#[test]
fn a_zero_is_one_however_many_bytes_it_takes() {
    for zero in [&[0][..], &[0x80, 0], &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]] {
        let thing: Thing = read(&[&[3 << 3][..], zero].concat());
        assert_eq!(thing.count, None, "{zero:?}");
    }
    // Within 32 bits nothing is left of it.
    let thing: Thing = read(&[3 << 3, 0x80, 0x80, 0x80, 0x80, 0x10]);
    assert_eq!(thing.count, None);
    let beyond = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x22];
    let thing: Thing = read(&[&[3 << 3][..], &beyond].concat());
    assert_eq!(thing.count, None);
    let thing: Thing = read(&[3 << 3, 0x80, 1]);
    assert_eq!(thing.count, Some(128));
}

#[test]
fn an_int_or_string_of_zero_is_a_value() {
    let port = [number(1, 0), number(2, 0), bytes(3, "")].concat();
    assert_eq!(read::<Thing>(&bytes(11, port)).port, Some(IntOrString::Int(0)));
    let port = [number(1, 1), bytes(3, "http")].concat();
    assert_eq!(read::<Thing>(&bytes(11, port)).port, Some(IntOrString::String("http".into())));
}

#[test]
fn a_time_without_a_byte_in_it_is_null_and_the_epoch_is_not() {
    let thing: Thing = read(&[bytes(12, ""), bytes(13, ""), bytes(14, "")].concat());
    assert_eq!((thing.created, thing.renewed), (None, None));
    assert!(thing.seen.is_zero());
    let epoch = [number(1, 0), number(2, 0)].concat();
    let thing: Thing = read(&[bytes(12, &epoch), bytes(13, &epoch)].concat());
    assert_eq!(thing.created, Some(Time::from_unix(0, 0)));
    assert_eq!(thing.renewed, Some(MicroTime::from_unix(0, 0)));
}

#[test]
fn times_are_cut_to_what_json_shows() {
    let stamp = [number(1, 5), number(2, 123_456_789)].concat();
    let thing: Thing = read(&[bytes(14, &stamp), bytes(13, &stamp)].concat());
    assert_eq!(thing.seen.to_string(), "1970-01-01T00:00:05Z");
    assert_eq!(thing.renewed.map(|time| time.to_string()).as_deref(), Some("1970-01-01T00:00:05.123456Z"));
}

#[test]
fn null_in_raw_json_is_absent() {
    let thing: Thing = read(&[bytes(17, ""), bytes(16, bytes(1, ""))].concat());
    assert!(thing.raw.is_none() && thing.fields.is_none());
}

#[test]
fn the_last_value_wins_and_lists_maps_and_messages_are_joined() {
    let entry = |key: &str, value: &str| bytes(11, [bytes(1, key), bytes(2, value)].concat());
    let thing: Thing = read(
        &[
            bytes(6, "one"),
            bytes(6, "two"),
            bytes(18, "a"),
            number(4, 1),
            bytes(18, "b"),
            bytes(1, [bytes(1, "name"), entry("k", "1"), entry("l", "2")].concat()),
            bytes(1, entry("k", "3")),
        ]
        .concat(),
    );
    assert_eq!(thing.text.as_deref(), Some("two"));
    assert_eq!(thing.names, ["a", "b"]);
    assert_eq!(thing.metadata.name.as_deref(), Some("name"));
    assert_eq!(thing.metadata.labels["k"], "3");
    assert_eq!(thing.metadata.labels["l"], "2");
}

#[test]
fn numbers_in_a_list_come_one_by_one_or_packed() {
    let packed = [varint(1), varint((-2i64).cast_unsigned())].concat();
    let ratios = [1.5f64.to_le_bytes(), 2.5f64.to_le_bytes()].concat();
    let thing: Thing = read(&[number(19, 7), bytes(19, packed), number(19, 8), bytes(20, ratios)].concat());
    assert_eq!(thing.numbers, [7, 1, -2, 8]);
    assert_eq!(thing.ratios, [1.5, 2.5]);
}

#[test]
fn a_map_entry_may_lack_its_key_or_value_and_have_them_in_any_order() {
    let thing: Thing = read(
        &[
            bytes(10, [bytes(2, bytes(1, "1Gi")), bytes(1, "memory")].concat()),
            bytes(10, bytes(2, bytes(1, "5"))),
            bytes(10, bytes(1, "cpu")),
            bytes(27, [bytes(2, number(2, 1)), bytes(1, "p"), bytes(2, number(2, 2))].concat()),
        ]
        .concat(),
    );
    assert_eq!(thing.limits["memory"], Quantity::new("1Gi"));
    assert_eq!(thing.limits[""], Quantity::new("5"));
    assert_eq!(thing.limits["cpu"], Quantity::default());
    assert_eq!(thing.by_name["p"].size, 2);
}

#[test]
fn fields_of_inlined_messages_are_read_from_inside_them() {
    let claim = [bytes(1, "c"), number(2, 1)].concat();
    let volume: Volume = read(
        &[
            bytes(2, [bytes(2, ""), bytes(3, claim)].concat()),
            bytes(1, "v"),
            bytes(4, [bytes(1, "op"), bytes(2, bytes(1, "group"))].concat()),
        ]
        .concat(),
    );
    assert_eq!(volume.name, "v");
    assert!(volume.empty_dir.is_some());
    assert_eq!(volume.claim.map(|claim| (claim.name, claim.read_only)), Some(("c".into(), Some(true))));
    assert_eq!((volume.operations, volume.groups), (vec!["op".into()], vec!["group".into()]));
}

#[test]
fn lists_that_are_messages_are_unwrapped() {
    let items = [bytes(1, "get"), bytes(1, "list")].concat();
    let entry = [bytes(1, "k"), bytes(2, &items)].concat();
    let thing: Thing = read(&[bytes(23, &items), bytes(24, entry)].concat());
    assert_eq!(thing.verbs, ["get", "list"]);
    assert_eq!(thing.extra["k"], ["get", "list"]);
}

#[test]
fn unknown_fields_survive_a_read_modify_write() {
    let group = [varint(90 << 3 | 3), number(1, 2), varint(90 << 3 | 4)].concat();
    let unknown = [number(91, 5), bytes(92, "later"), varint(93 << 3 | 5), vec![1, 2, 3, 4], group].concat();
    let mut claim: Claim = read(&[bytes(1, "c"), unknown.clone()].concat());
    assert_eq!(claim.unknown_fields.protobuf(), unknown);
    claim.name = "d".into();
    assert_eq!(written(&claim), [bytes(1, "d"), unknown].concat());
}

#[test]
fn unknown_fields_of_inlined_messages_go_back_into_them() {
    let wire = [bytes(1, "v"), bytes(4, bytes(2, [bytes(1, "g"), number(77, 5)].concat()))].concat();
    let volume: Volume = read(&wire);
    assert_eq!(volume.unknown_fields.protobuf(), bytes(4, bytes(2, number(77, 5))));
    let again: Volume = read(&written(&volume));
    assert_eq!(again, volume);
}

#[test]
fn unknown_fields_are_dropped_on_demand() {
    let mut claim = Claim::default();
    let options = Options { drop_unknown_fields: true, ..Default::default() };
    decode_bare(&mut claim, &number(91, 5), &options).expect("good");
    assert!(claim.unknown_fields().is_empty());
}

#[test]
fn unknown_values_of_an_enum_are_kept() {
    let thing: Thing = read(&[bytes(21, "Shared"), bytes(21, "Later")].concat());
    assert_eq!(thing.modes, [Mode::Shared, Mode::from("Later")]);
}

#[test]
fn an_error_names_the_place_and_the_byte() {
    let bad = bytes(22, bytes(1, bytes(11, [bytes(1, "k"), bytes(2, [b'a', 0xff])].concat())));
    let wire = [bytes(22, ""), number(4, 1), bad].concat();
    let error = error::<Thing>(&wire);
    assert_eq!(error.path(), ".parts[1].metadata.labels.k");
    assert_eq!(error.offset(), Some(wire.len() - 1));
    assert_eq!(
        error.to_string(),
        format!(
            "at .parts[1].metadata.labels.k (byte {}): expected text, found bytes that are not UTF-8",
            wire.len() - 1
        )
    );
}

#[test]
fn a_layout_that_the_field_does_not_take_is_an_error() {
    for wire in
        [bytes(4, "x"), number(6, 1), number(22, 1), number(18, 1), bytes(5, "12345678"), bytes(11, bytes(1, "x"))]
    {
        let text = error::<Thing>(&wire).to_string();
        assert!(text.contains("expected ") && text.contains(", found "), "{text}");
    }
}

#[test]
fn garbage_is_an_error_and_not_a_panic_or_all_memory() {
    for (wire, told) in [
        (varint(0), "field number"),
        (varint(6 << 3 | 7), "wire type"),
        (varint(91 << 3 | 4), "group"),
        ([varint(91 << 3 | 3), varint(92 << 3 | 4)].concat(), "another number"),
        ([varint(91 << 3), vec![0xff; 11]].concat(), "more than 10 bytes"),
        ([varint(6 << 3 | 2), varint(u64::MAX)].concat(), "as many bytes as its length"),
        ([varint(22 << 3 | 2), varint(1 << 40)].concat(), "as many bytes as its length"),
        (bytes(16, bytes(1, "{\"a\":")), "expected JSON"),
        (bytes(17, bytes(1, "nonsense")), "expected JSON"),
    ] {
        let text = error::<Thing>(&wire).to_string();
        assert!(text.contains(told), "{text}");
    }
}

#[test]
fn a_message_that_is_cut_off_says_so() {
    let whole = written(&json::from_str::<Thing>(THING).expect("good JSON"));
    let mut cut = 0;
    for end in 0..whole.len() {
        let mut thing = Thing::default();
        if let Err(error) = decode_bare(&mut thing, &whole[..end], &Options::default()) {
            assert!(error.is_truncated(), "{error}");
            cut += 1;
        }
    }
    // It ends well between its fields alone.
    assert!(cut > whole.len() / 2);
}

#[test]
fn depth_is_bounded() {
    let deep = |levels: usize| (0..levels).fold(Vec::new(), |inner, _| bytes(25, inner));
    read::<Thing>(&deep(127));
    assert!(error::<Thing>(&deep(128)).to_string().ends_with("nested deeper than 128 levels"));
    error::<Thing>(&deep(5_000));
    let groups = [varint(91 << 3 | 3).repeat(5_000), varint(91 << 3 | 4).repeat(5_000)].concat();
    assert!(error::<Thing>(&groups).to_string().ends_with("nested deeper than 128 levels"));
}

#[test]
fn content_in_another_encoding_is_told_apart_from_garbage() {
    let inner = super::enveloped("v1", "Pod", &[]);
    let error = error::<Thing>(&bytes(17, bytes(1, inner)));
    assert!(error.needs_json());
    assert_eq!(error.path(), ".raw");
    assert!(error.to_string().contains("an object in protobuf inside another (v1 Pod)"), "{error}");
}
