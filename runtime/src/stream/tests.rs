//! Arbitrary input of a server: nothing panics, and data is decoded completely.

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::prelude::*;

use super::channel::Channels;
use super::codec::{Codec, Event};
use super::failure::Failure;
use super::port_channel::PortChannels;
use super::spdy;
use super::tunnel::Tunnel;

/// Any messages; often such as begin like the protocol's own.
fn messages() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let start = prop_oneof![
        Just(Vec::new()),
        (0..=5_u8).prop_map(|channel| vec![channel]),
        Just(vec![255]),
        Just(b"\x03{\"status\":\"Failure\"".to_vec()),
        (0..=10_u8, 0..=20_u8).prop_map(|(kind, length)| vec![0x80, 3, 0, kind, 0, 0, 0, length]),
        (0..=4_u8, 0..=20_u8).prop_map(|(stream, length)| vec![0, 0, 0, stream, 1, 0, 0, length]),
    ];
    vec((start, vec(any::<u8>(), 0..40)).prop_map(|(start, rest)| [start, rest].concat()), 0..12)
}

fn feed(mut codec: impl Codec, messages: &[Vec<u8>]) {
    let mut events: Vec<Event> = Vec::new();
    for message in messages {
        codec.receive(Bytes::copy_from_slice(message), &mut events);
    }
    codec.closed(None);
    codec.closed(Some(Failure::broken("cut off")));
}

proptest! {
    #[test]
    fn no_message_makes_a_codec_panic(messages in messages()) {
        feed(Channels::new(true), &messages);
        feed(Channels::new(false), &messages);
        feed(PortChannels::new(80), &messages);
        feed(Tunnel::new(80), &messages);
    }

    #[test]
    fn data_in_frames_comes_out_whole_however_it_is_cut(pieces in vec(vec(any::<u8>(), 0..50), 0..8), size in 1..60_usize) {
        let mut wire = Vec::new();
        for piece in &pieces {
            let mut frame = BytesMut::zeroed(spdy::DATA_HEADER);
            frame.extend_from_slice(piece);
            spdy::seal(&mut frame, 3);
            wire.extend_from_slice(&frame);
        }
        wire.extend_from_slice(&spdy::fin(3));
        let mut decoder = spdy::Decoder::default();
        let (mut data, mut ended) = (Vec::new(), 0);
        for part in wire.chunks(size) {
            let read = decoder.push(Bytes::copy_from_slice(part), |frame| match frame {
                spdy::Frame::Data(3, bytes) => data.extend_from_slice(&bytes),
                spdy::Frame::Fin(3) => ended += 1,
                _ => ended = 100,
            });
            prop_assert!(read.is_ok());
        }
        prop_assert_eq!((data, ended), (pieces.concat(), 1));
    }
}
