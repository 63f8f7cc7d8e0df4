//! The subset of SPDY/3.1 for port-forwards, without IO: two streams of one connection, opened by the client.
//!
//! All peers use one implementation (github.com/moby/spdystream), which has no flow control and ignores the headers of
//! its replies. So header blocks are written uncompressed, which zlib allows, and never read.

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};

const VERSION: u16 = 0x8003;
const SYN_STREAM: u16 = 1;
const SYN_REPLY: u16 = 2;
const RST_STREAM: u16 = 3;
const PING: u16 = 6;
const GOAWAY: u16 = 7;

const FIN: u8 = 1;
const HEADER: usize = 8;
/// An empty stored block of zlib.
const SYNC: &[u8] = &[0, 0, 0, 0xff, 0xff];
/// Length of the part of a control frame's payload that is read.
const DETAIL: usize = 8;

/// An event decoded from the peer's frames.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// The peer accepted the stream.
    Reply(u32),
    /// Data, possibly only a part of a frame's.
    Data(u32, Bytes),
    /// End of data.
    Fin(u32),
    /// The stream was reset, with this code.
    Reset(u32, u32),
    /// A reply to send.
    Ping(u32),
    /// No new streams.
    GoAway,
}

/// Decodes frames, with any message boundaries.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    /// The start of a frame's header, or of a control frame's payload.
    partial: BytesMut,
    state: DecoderState,
}

#[derive(Debug, Default, Clone, Copy)]
enum DecoderState {
    #[default]
    Header,
    /// In the data of a stream: the number of remaining bytes, and whether the stream ends with them.
    Data { stream: u32, left: usize, fin: bool },
    /// In a control frame's payload of this total length.
    Control { kind: u16, fin: bool, left: usize },
    /// In a payload that is skipped.
    Skip { left: usize },
}

impl Decoder {
    /// Decodes a chunk from the peer.
    ///
    /// # Errors
    /// If it is not SPDY.
    pub(crate) fn push(&mut self, mut input: Bytes, mut found: impl FnMut(Frame)) -> Result<(), String> {
        while !input.is_empty() {
            match self.state {
                DecoderState::Header => {
                    if !self.gather(&mut input, HEADER) {
                        return Ok(());
                    }
                    let mut header = self.partial.split();
                    let (first, second) = (header.get_u32(), header.get_u32());
                    let (fin, length) = ((second >> 24) as u8 & FIN != 0, (second & 0xff_ffff) as usize);
                    self.state = if first & 0x8000_0000 == 0 {
                        DecoderState::Data { stream: first, left: length, fin }
                    } else if (first >> 16) as u16 == VERSION {
                        DecoderState::Control { kind: first as u16, fin, left: length }
                    } else {
                        return Err(format!(
                            "the server violated the SPDY/3.1 protocol: a frame starts with {first:08x}"
                        ));
                    };
                    self.settle(&mut found);
                }
                DecoderState::Data { stream, left, fin } => {
                    let data = input.split_to(left.min(input.len()));
                    self.state = DecoderState::Data { stream, left: left - data.len(), fin };
                    found(Frame::Data(stream, data));
                    self.settle(&mut found);
                }
                DecoderState::Control { kind, fin, left } => {
                    let wanted = left.min(DETAIL);
                    if !self.gather(&mut input, wanted) {
                        return Ok(());
                    }
                    let detail = self.partial.split().freeze();
                    control(kind, fin, detail, &mut found);
                    self.state = DecoderState::Skip { left: left - wanted };
                    self.settle(&mut found);
                }
                DecoderState::Skip { left } => {
                    let skipped = left.min(input.len());
                    input.advance(skipped);
                    self.state = DecoderState::Skip { left: left - skipped };
                    self.settle(&mut found);
                }
            }
        }
        Ok(())
    }

    /// Whether this many bytes are available.
    fn gather(&mut self, input: &mut Bytes, wanted: usize) -> bool {
        let missing = wanted.saturating_sub(self.partial.len()).min(input.len());
        self.partial.extend_from_slice(&input.split_to(missing));
        self.partial.len() == wanted
    }

    /// Ends a frame without remaining payload.
    fn settle(&mut self, found: &mut impl FnMut(Frame)) {
        match self.state {
            DecoderState::Data { stream, left: 0, fin } => {
                if fin {
                    found(Frame::Fin(stream));
                }
                self.state = DecoderState::Header;
            }
            DecoderState::Control { left: 0, .. } | DecoderState::Skip { left: 0 } => self.state = DecoderState::Header,
            _ => {}
        }
    }
}

fn control(kind: u16, fin: bool, mut detail: Bytes, found: &mut impl FnMut(Frame)) {
    let mut number = || (detail.len() >= 4).then(|| detail.get_u32());
    let (first, second) = (number(), number());
    match (kind, first, second) {
        (SYN_REPLY, Some(stream), _) => {
            let stream = stream & 0x7fff_ffff;
            found(Frame::Reply(stream));
            if fin {
                found(Frame::Fin(stream));
            }
        }
        (RST_STREAM, Some(stream), Some(code)) => found(Frame::Reset(stream & 0x7fff_ffff, code)),
        (PING, Some(id), _) => found(Frame::Ping(id)),
        (GOAWAY, ..) => found(Frame::GoAway),
        // Settings, windows, further headers: irrelevant to a port-forward.
        _ => {}
    }
}

/// Encodes the opening of a stream, with these headers. Names are in lower case.
pub(crate) fn syn_stream(out: &mut BytesMut, stream: u32, headers: &[(&str, &str)], first: bool) {
    let mut block = BytesMut::new();
    block.put_u32(headers.len() as u32);
    for text in headers.iter().flat_map(|(name, value)| [name, value]) {
        block.put_u32(text.len() as u32);
        block.put_slice(text.as_bytes());
    }
    // All blocks of a connection form one zlib stream, of which this is a stored block (RFC 1950 and 1951) …
    let zlib: &[u8] = if first { &[0x78, 0x01] } else { &[] };
    let length = block.len() as u16;
    put_control(out, SYN_STREAM, 10 + zlib.len() + 5 + block.len() + SYNC.len());
    out.put_u32(stream);
    out.put_u32(0);
    out.put_slice(&[0, 0]);
    out.put_slice(zlib);
    out.put_u8(0);
    out.put_u16_le(length);
    out.put_u16_le(!length);
    out.put_slice(&block);
    // … and an empty one, before which Go's decoder returns nothing.
    out.put_slice(SYNC);
}

/// Encodes the reply to a ping.
pub(crate) fn ping(id: u32) -> Bytes {
    let mut out = BytesMut::new();
    put_control(&mut out, PING, 4);
    out.put_u32(id);
    out.freeze()
}

/// Encodes the end of the client's half of a stream.
pub(crate) fn fin(stream: u32) -> Bytes {
    let mut out = BytesMut::new();
    out.put_u32(stream);
    out.put_u32(u32::from(FIN) << 24);
    out.freeze()
}

/// Fills in the header of a data frame, which is the first [`DATA_HEADER`] bytes.
pub(crate) fn seal(frame: &mut [u8], stream: u32) {
    let length = frame.len().saturating_sub(DATA_HEADER) as u32;
    if let Some(header) = frame.first_chunk_mut::<DATA_HEADER>() {
        header[..4].copy_from_slice(&stream.to_be_bytes());
        header[4..].copy_from_slice(&(length & 0xff_ffff).to_be_bytes());
    }
}

/// Length of a data frame's header.
pub(crate) const DATA_HEADER: usize = HEADER;

fn put_control(out: &mut BytesMut, kind: u16, length: usize) {
    out.put_u16(VERSION);
    out.put_u16(kind);
    out.put_u32(length as u32 & 0xff_ffff);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that a peer says, in pieces of this size.
    fn decode(wire: &[u8], size: usize) -> Vec<Frame> {
        let mut decoder = Decoder::default();
        let mut frames: Vec<Frame> = Vec::new();
        for piece in wire.chunks(size) {
            let pushed = decoder.push(Bytes::copy_from_slice(piece), |frame| match (frames.last_mut(), frame) {
                (Some(Frame::Data(known, data)), Frame::Data(stream, more)) if *known == stream => {
                    *data = [&data[..], &more[..]].concat().into();
                }
                (_, frame) => frames.push(frame),
            });
            pushed.expect("SPDY");
        }
        frames
    }

    #[test]
    fn frames_are_read_however_they_are_cut() {
        let wire: Vec<u8> = [
            &[0x80, 3, 0, 2, 0, 0, 0, 12, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8][..],
            &[0x80, 3, 0, 4, 0, 0, 0, 4, 9, 9, 9, 9],
            &[0, 0, 0, 3, 0, 0, 0, 5, b'h', b'e', b'l', b'l', b'o'],
            &[0, 0, 0, 3, 1, 0, 0, 0],
            &[0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 2],
            &[0x80, 3, 0, 3, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 5],
            &[0x80, 3, 0, 7, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0],
        ]
        .concat();
        let expected = [
            Frame::Reply(1),
            Frame::Data(3, Bytes::from_static(b"hello")),
            Frame::Fin(3),
            Frame::Ping(2),
            Frame::Reset(1, 5),
            Frame::GoAway,
        ];
        for size in 1..=wire.len() {
            assert_eq!(decode(&wire, size), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn what_is_not_spdy_is_an_error() {
        let mut decoder = Decoder::default();
        assert!(decoder.push(Bytes::from_static(b"\xffHTTP/1.1"), |_| {}).is_err());
    }

    #[test]
    fn headers_are_a_zlib_stream_that_any_decoder_reads() {
        let mut out = BytesMut::new();
        syn_stream(&mut out, 1, &[("port", "80")], true);
        let first = out.split();
        syn_stream(&mut out, 3, &[("port", "81")], false);
        let block = [&first[18..], &out[18..]].concat();
        let mut text = vec![0; 100];
        let mut inflate = flate2::Decompress::new(true);
        inflate.decompress(&block, &mut text, flate2::FlushDecompress::Sync).expect("zlib");
        let text = &text[..usize::try_from(inflate.total_out()).expect("small")];
        let header = |value: &[u8]| [&[0, 0, 0, 1, 0, 0, 0, 4][..], b"port", &[0, 0, 0, 2], value].concat();
        assert_eq!(text, [header(b"80"), header(b"81")].concat());
        assert_eq!(first[..8], [0x80, 3, 0, 1, 0, 0, 0, (first.len() - 8) as u8]);
    }

    #[test]
    fn data_is_sealed_with_its_stream_and_length() {
        let mut frame = vec![0; DATA_HEADER];
        frame.extend_from_slice(b"hello");
        seal(&mut frame, 3);
        assert_eq!(decode(&frame, 100), [Frame::Data(3, Bytes::from_static(b"hello"))]);
        assert_eq!(decode(&fin(3), 100), [Frame::Fin(3)]);
        assert_eq!(decode(&ping(4), 100), [Frame::Ping(4)]);
    }
}
