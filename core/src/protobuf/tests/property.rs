//! What holds for any input.

use compact_str::CompactString;
use proptest::prelude::*;

use super::samples::{THING, Thing};
use super::{read, written};
use crate::json::{self, DecoderState};
use crate::protobuf::split::ListSplitter;
use crate::protobuf::watch::Event;
use crate::protobuf::{Options, decode_bare, decode_next_bare, encode_bare, from_slice};
use crate::types::{ByteString, Duration, IntOrString, MicroTime, Quantity, RawJson, Time};

/// Reads bytes that may be bad; what is good is written and read again as the same.
fn read_and_rewrite(bytes: &[u8]) {
    let mut thing = Thing::default();
    if decode_bare(&mut thing, bytes, &Options::default()).is_ok() {
        let mut out = Vec::new();
        // A list of lists has no place, nor has a schema that is none.
        if encode_bare(&thing, &mut out).is_ok() {
            // Not compared as values: a number that is none differs from itself.
            assert_eq!(written(&read::<Thing>(&out)), out);
        }
    }
}

prop_compose! {
    fn thing()(
        flag: Option<bool>, count: Option<i32>, total: i64, ratio in proptest::option::of(-1e300..1e300f64),
        text: Option<String>, names in proptest::collection::vec(any::<String>(), 0..4), numbers: Vec<i32>,
        data in proptest::collection::btree_map(any::<String>(), any::<Vec<u8>>(), 0..4), seconds in -62_135_596_799..1i64 << 40,
        nanos in 0..1_000_000i64, timeout: Option<i64>, port in prop_oneof![any::<i32>().prop_map(|n| IntOrString::Int(n.into())), ".*".prop_map(|s| IntOrString::String(s.into()))],
        depth in 0..3usize,
    ) -> Thing {
        let mut thing = Thing {
            flag, count: count.filter(|count| *count != 0), total, ratio, text: text.map(Into::into), numbers,
            names: names.into_iter().map(Into::into).collect(),
            data: data.into_iter().map(|(key, value)| (CompactString::from(key), ByteString(value))).collect(),
            quantity: Some(Quantity::new("1Gi")), port: Some(port), created: Some(Time::from_unix(seconds, 0)),
            renewed: Some(MicroTime::from_unix(seconds, nanos * 1000)), timeout: timeout.map(Duration::from_nanos),
            raw: RawJson::from_text("[1]").ok(), ..Default::default()
        };
        for _ in 0..depth {
            thing = Thing { nested: Some(Box::new(thing)), ..Default::default() };
        }
        thing
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_the_same(thing in thing()) {
        prop_assert_eq!(read::<Thing>(&written(&thing)), thing);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, chunk in 1..20usize) {
        read_and_rewrite(&bytes);
        let enveloped = [b"k8s\0", &bytes[..]].concat();
        let _ = from_slice::<Thing>(&enveloped);
        let _ = Event::read(&bytes);
        let mut splitter = ListSplitter::new(1000);
        'all: for mut chunk in enveloped.chunks(chunk) {
            loop {
                match splitter.next(&mut chunk) {
                    Ok(Some(_)) => {}
                    Ok(None) => break,
                    Err(_) => break 'all,
                }
            }
        }
    }

    #[test]
    fn no_damage_makes_it_panic(damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = written(&json::from_str::<Thing>(THING).expect("good JSON"));
        for (index, byte) in damage {
            let index = index.index(bytes.len());
            bytes[index] = byte;
        }
        read_and_rewrite(&bytes);
    }

    #[test]
    fn what_was_learned_from_one_message_never_shows_in_the_next(
        damages in proptest::collection::vec(proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4), 1..8),
    ) {
        let good = written(&json::from_str::<Thing>(THING).expect("good JSON"));
        let mut decoder_state = DecoderState::for_many();
        for damage in damages {
            let mut bytes = good.clone();
            for (index, byte) in damage {
                let index = index.index(bytes.len());
                bytes[index] = byte;
            }
            let (mut alone, mut next) = (Thing::default(), Thing::default());
            let read_alone = decode_bare(&mut alone, &bytes, &Options::default());
            let read_next = decode_next_bare(&mut next, &bytes, &Options::default(), &mut decoder_state);
            prop_assert_eq!(read_alone.map_err(|error| error.to_string()), read_next.map_err(|error| error.to_string()));
            // Not as values: a number that is none differs from itself.
            let bytes = |thing: &Thing| {
                let mut bytes = Vec::new();
                encode_bare(thing, &mut bytes).map(|()| bytes).map_err(|error| error.to_string())
            };
            prop_assert_eq!(bytes(&alone), bytes(&next));
        }
    }

    #[test]
    fn fields_may_come_in_any_order(keys in proptest::collection::vec(any::<u32>(), 100)) {
        let thing: Thing = json::from_str(THING).expect("good JSON");
        // One field at a time, in an order by chance; those of a list stay in theirs.
        let mut parts: Vec<(u32, Vec<u8>)> = Vec::new();
        for (index, key) in (0..40).zip(&keys) {
            let mut part = Thing { seen: thing.seen, ..Default::default() };
            if crate::reflect::copy(crate::message::Message::value(&thing, index), crate::message::Message::slot(&mut part, index)) {
                parts.push((*key, written(&part)));
            }
        }
        parts.sort();
        let bytes: Vec<u8> = parts.into_iter().flat_map(|(_, bytes)| bytes).collect();
        prop_assert_eq!(read::<Thing>(&bytes), thing);
    }
}
