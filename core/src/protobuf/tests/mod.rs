//! The codec's rules, each by a test that says it.

mod decode;
mod decoder_state;
mod encode;
mod envelope;
mod nulls;
mod property;
mod samples;
mod schema;
mod split;
mod watch;

use super::{Error, Options, decode_bare, encode_bare};
use crate::message::{Message, MessageType};

/// A varint.
fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A field that is a number.
fn number(field: u64, value: i64) -> Vec<u8> {
    [varint(field << 3), varint(value.cast_unsigned())].concat()
}

/// A field that is text, bytes or a message.
fn bytes(field: u64, value: impl AsRef<[u8]>) -> Vec<u8> {
    let value = value.as_ref();
    [varint(field << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
}

/// An object in its envelope.
fn enveloped(api_version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
    let meta = [bytes(1, api_version), bytes(2, kind)].concat();
    [b"k8s\0".to_vec(), bytes(1, meta), bytes(2, raw), bytes(3, ""), bytes(4, "")].concat()
}

/// Reads a message that must be good.
#[track_caller]
fn read<T: MessageType>(bytes: &[u8]) -> T {
    let mut message = T::default();
    decode_bare(&mut message, bytes, &Options::default()).unwrap_or_else(|error| panic!("{error}"));
    message
}

/// The error of a message that must be bad.
#[track_caller]
fn error<T: MessageType>(bytes: &[u8]) -> Error {
    match decode_bare(&mut T::default(), bytes, &Options::default()) {
        Ok(()) => panic!("accepted: {bytes:?}"),
        Err(error) => error,
    }
}

/// The bytes of a message.
#[track_caller]
fn written(message: &dyn Message) -> Vec<u8> {
    let mut out = Vec::new();
    encode_bare(message, &mut out).expect("a message with a place for everything");
    out
}
