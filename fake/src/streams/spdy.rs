//! The part of SPDY/3.1 that port-forwards need, from the server's side, without IO.
//!
//! All clients use one implementation (github.com/moby/spdystream), which has no flow control and ignores the headers of replies.
//!
//! <https://www.chromium.org/spdy/spdy-protocol/spdy-protocol-draft3-1/>

use std::collections::HashMap;

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use flate2::{Decompress, FlushDecompress};

const VERSION: u16 = 0x8003;
const SYN_STREAM: u16 = 1;
const SYN_REPLY: u16 = 2;
const RST_STREAM: u16 = 3;
const PING: u16 = 6;

const FIN: u8 = 1;
const HEADER: usize = 8;
/// A control frame is small; a larger one is none.
const CONTROL_LIMIT: usize = 64 << 10;
/// The most bytes of a stream's headers.
const HEADERS_LIMIT: usize = 64 << 10;
/// The status of a stream that is refused.
const REFUSED: u32 = 3;

/// What header blocks are compressed with.
const DICTIONARY: &[u8] = include_bytes!("spdy_dictionary.bin");

/// A frame of the client.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A new stream, with its headers.
    Open(u32, HashMap<String, String>),
    /// Data, possibly a part of a frame's.
    Data(u32, Bytes),
    /// The client ends its half.
    Fin(u32),
    /// The client ends both halves.
    Reset(u32),
    /// Has to be sent back.
    Ping(u32),
}

/// Decodes what a client sends, with any message boundaries.
pub(super) struct Decoder {
    input: BytesMut,
    /// The data of a frame that is missing: its stream, how much, and whether the stream ends with it.
    data: Option<(u32, usize, bool)>,
    /// All header blocks of a connection are one stream.
    headers: Decompress,
}

impl Decoder {
    pub fn new() -> Self {
        Self { input: BytesMut::new(), data: None, headers: Decompress::new(true) }
    }

    /// Takes what a client sent.
    pub fn push(&mut self, input: &[u8]) {
        self.input.extend_from_slice(input);
    }

    /// The next frame. `None` if it isn't there yet.
    ///
    /// # Errors
    /// If it is not SPDY.
    pub fn next(&mut self) -> Result<Option<Frame>, String> {
        loop {
            if let Some((stream, left, fin)) = self.data {
                if left == 0 {
                    self.data = None;
                    if fin {
                        return Ok(Some(Frame::Fin(stream)));
                    }
                    continue;
                }
                if self.input.is_empty() {
                    return Ok(None);
                }
                let data = self.input.split_to(left.min(self.input.len())).freeze();
                self.data = Some((stream, left - data.len(), fin));
                return Ok(Some(Frame::Data(stream, data)));
            }
            let Some(mut header) = self.input.first_chunk::<HEADER>().map(|header| &header[..]) else {
                return Ok(None);
            };
            let (first, second) = (header.get_u32(), header.get_u32());
            let (fin, length) = ((second >> 24) as u8 & FIN != 0, (second & 0xff_ffff) as usize);
            if first & 0x8000_0000 == 0 {
                self.input.advance(HEADER);
                self.data = Some((first, length, fin));
                continue;
            }
            if (first >> 16) as u16 != VERSION || length > CONTROL_LIMIT {
                return Err(format!("not SPDY/3.1: a frame starts with {first:08x} {second:08x}"));
            }
            if self.input.len() < HEADER + length {
                return Ok(None);
            }
            self.input.advance(HEADER);
            let payload = self.input.split_to(length).freeze();
            if let Some(frame) = self.control(first as u16, fin, payload)? {
                return Ok(Some(frame));
            }
        }
    }

    fn control(&mut self, kind: u16, fin: bool, mut payload: Bytes) -> Result<Option<Frame>, String> {
        let short = || format!("not SPDY/3.1: a frame of type {kind} is too short");
        let number = payload.try_get_u32().map_err(|_| short());
        Ok(match kind {
            SYN_STREAM => {
                let stream = number? & 0x7fff_ffff;
                // The associated stream, the priority and the slot.
                if payload.len() < 6 {
                    return Err(short());
                }
                payload.advance(6);
                let headers = self.headers(&payload)?;
                if fin {
                    self.data = Some((stream, 0, true));
                }
                Some(Frame::Open(stream, headers))
            }
            RST_STREAM => Some(Frame::Reset(number? & 0x7fff_ffff)),
            PING => Some(Frame::Ping(number?)),
            // Settings, windows and the announcement that the client leaves.
            _ => None,
        })
    }

    /// Decodes a block of headers.
    fn headers(&mut self, mut block: &[u8]) -> Result<HashMap<String, String>, String> {
        let bad = || "not SPDY/3.1: the headers of a stream can't be read".to_owned();
        let mut text = Vec::with_capacity(HEADERS_LIMIT);
        while !block.is_empty() {
            let before = (self.headers.total_in(), text.len());
            let decoded = self.headers.decompress_vec(block, &mut text, FlushDecompress::Sync);
            let taken = usize::try_from(self.headers.total_in() - before.0).unwrap_or(block.len());
            block = &block[taken.min(block.len())..];
            match decoded {
                Err(error) if error.needs_dictionary().is_some() => {
                    self.headers.set_dictionary(DICTIONARY).map_err(|_| bad())?;
                }
                Ok(_) if taken > 0 || text.len() > before.1 => {}
                _ => return Err(bad()),
            }
        }
        let mut text = &text[..];
        let count = text.try_get_u32().map_err(|_| bad())?;
        let mut headers = HashMap::new();
        for _ in 0..count {
            let mut part = || {
                let length = text.try_get_u32().ok()? as usize;
                let (part, rest) = text.split_at_checked(length)?;
                text = rest;
                Some(String::from_utf8_lossy(part).into_owned())
            };
            let (name, value) = part().zip(part()).ok_or_else(bad)?;
            headers.insert(name, value);
        }
        Ok(headers)
    }
}

/// Encodes the acceptance of a stream, without headers.
pub(super) fn reply(stream: u32, is_first: bool) -> Bytes {
    // The header of the zlib stream, a stored block with no headers in it (their number: 0), and an empty one, before which Go's
    // decoder returns nothing.
    let mut block: Vec<u8> = if is_first { vec![0x78, 0x01] } else { Vec::new() };
    block.extend([0, 4, 0, 0xfb, 0xff, 0, 0, 0, 0]);
    block.extend([0, 0, 0, 0xff, 0xff]);
    control(SYN_REPLY, stream, &block)
}

/// Encodes the refusal of a stream.
pub(super) fn refuse(stream: u32) -> Bytes {
    control(RST_STREAM, stream, &REFUSED.to_be_bytes())
}

/// Encodes the answer to a ping.
pub(super) fn pong(id: u32) -> Bytes {
    control(PING, id, &[])
}

/// Encodes data.
pub(super) fn data(stream: u32, data: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(HEADER + data.len());
    frame.put_u32(stream);
    frame.put_u32(data.len() as u32 & 0xff_ffff);
    frame.put_slice(data);
    frame.freeze()
}

/// Encodes the end of the server's half of a stream.
pub(super) fn fin(stream: u32) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_u32(stream);
    frame.put_u32(u32::from(FIN) << 24);
    frame.freeze()
}

fn control(kind: u16, number: u32, rest: &[u8]) -> Bytes {
    let mut frame = BytesMut::new();
    frame.put_u16(VERSION);
    frame.put_u16(kind);
    frame.put_u32(4 + rest.len() as u32);
    frame.put_u32(number);
    frame.put_slice(rest);
    frame.freeze()
}

#[cfg(test)]
mod tests {
    use flate2::{Compress, Compression, FlushCompress};

    use super::*;

    /// The opening of a stream as Go writes it: compressed with the dictionary.
    fn open(compress: &mut Compress, stream: u32, headers: &[(&str, &str)]) -> Vec<u8> {
        let mut text = (headers.len() as u32).to_be_bytes().to_vec();
        for part in headers.iter().flat_map(|(name, value)| [name, value]) {
            text.extend((part.len() as u32).to_be_bytes());
            text.extend(part.as_bytes());
        }
        let mut block = Vec::with_capacity(4096);
        compress.compress_vec(&text, &mut block, FlushCompress::Sync).expect("compressed");
        let rest = [&[0; 6], &block[..]].concat();
        control(SYN_STREAM, stream, &rest).to_vec()
    }

    fn frames(wire: &[u8], size: usize) -> Vec<Frame> {
        let mut decoder = Decoder::new();
        let mut frames: Vec<Frame> = Vec::new();
        for piece in wire.chunks(size) {
            decoder.push(piece);
            while let Some(frame) = decoder.next().expect("SPDY") {
                match (frames.last_mut(), frame) {
                    (Some(Frame::Data(known, data)), Frame::Data(stream, more)) if *known == stream => {
                        *data = [&data[..], &more[..]].concat().into();
                    }
                    (_, frame) => frames.push(frame),
                }
            }
        }
        frames
    }

    #[test]
    fn frames_are_read_however_they_are_cut() {
        let mut compress = Compress::new(Compression::best(), true);
        compress.set_dictionary(DICTIONARY).expect("a dictionary");
        let error = [("port", "8080"), ("requestid", "0"), ("streamtype", "error")];
        let stream = [("port", "8080"), ("requestid", "0"), ("streamtype", "data")];
        let wire = [
            open(&mut compress, 1, &error),
            open(&mut compress, 3, &stream),
            data(3, b"hello").to_vec(),
            fin(3).to_vec(),
            pong(7).to_vec(),
            refuse(1).to_vec(),
        ]
        .concat();
        let map = |headers: &[(&str, &str)]| {
            headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let expected = [
            Frame::Open(1, map(&error)),
            Frame::Open(3, map(&stream)),
            Frame::Data(3, Bytes::from_static(b"hello")),
            Frame::Fin(3),
            Frame::Ping(7),
            Frame::Reset(1),
        ];
        for size in 1..=wire.len() {
            assert_eq!(frames(&wire, size), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_no_spdy_is_an_error() {
        for wire in [
            &b"\xffHTTP/1.1 200 OK"[..],
            &[0x80, 3, 0, 1, 0, 0, 0, 2, 0, 0],
            &[0x80, 3, 0, 1, 0, 0, 0, 12, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 2],
            &[0x80, 3, 0, 1, 0, 0xff, 0xff, 0xff],
        ] {
            let mut decoder = Decoder::new();
            decoder.push(wire);
            assert!(decoder.next().is_err(), "{wire:?}");
        }
    }

    #[test]
    fn headers_of_replies_are_one_zlib_stream() {
        let (first, second) = (reply(1, true), reply(3, false));
        let block = [&first[12..], &second[12..]].concat();
        let mut text = Vec::with_capacity(100);
        Decompress::new(true).decompress_vec(&block, &mut text, FlushDecompress::Sync).expect("zlib");
        assert_eq!(text, [0; 8], "twice no headers");
    }
}
