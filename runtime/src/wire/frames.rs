//! Framing of a watch: one event per line in JSON, length-delimited in protobuf.

use bytes::{Buf as _, Bytes, BytesMut};
use tokio_util::codec::Decoder;

use crate::protobuf::watch;
use crate::wire::Codec;

/// Maximum size of an event. The API server limits objects to a few MiB.
pub(crate) const MAX_EVENT: usize = 64 << 20;

/// Splits a body into events, in either encoding.
#[derive(Debug)]
pub(crate) enum Frames {
    Json(LineFrames),
    Protobuf(Lengths),
}

impl Frames {
    pub(crate) fn of(codec: Codec) -> Self {
        match codec {
            Codec::Json => Self::Json(LineFrames::default()),
            Codec::Protobuf => Self::Protobuf(Lengths),
        }
    }
}

impl Decoder for Frames {
    type Item = Bytes;
    type Error = FrameError;

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        match self {
            Self::Json(lines) => lines.decode(buffer),
            Self::Protobuf(lengths) => lengths.decode(buffer),
        }
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        match self {
            Self::Json(lines) => lines.decode_eof(buffer),
            Self::Protobuf(lengths) => lengths.decode_eof(buffer),
        }
    }
}

/// Splits a body into lines.
#[derive(Debug, Default)]
pub(crate) struct LineFrames {
    /// Length of the buffer's prefix that is known to have no line end.
    searched: usize,
}

/// A framing error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameError {
    /// The connection failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// An event exceeds the limit.
    #[error("an event is larger than {} MiB", MAX_EVENT >> 20)]
    TooLong,
    /// The body ended in the middle of an event.
    #[error("the watch was truncated in the middle of an event, after {} bytes of it", .0.len())]
    Cut(Bytes),
    /// Text instead of protobuf.
    #[error("expected watch events as protobuf, got: {}", crate::wire::response::excerpt(.0))]
    Foreign(Bytes),
}

/// Splits a body into length-delimited events.
#[derive(Debug, Default)]
pub(crate) struct Lengths;

impl Decoder for Lengths {
    type Item = Bytes;
    type Error = FrameError;

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        let Ok(length) = watch::frame_length(buffer, MAX_EVENT) else {
            // Text of another server, in place of a watch, would be misread as a length.
            let foreign = buffer.iter().take(watch::PREFIX).all(|byte| byte.is_ascii_graphic() || *byte == b' ');
            return Err(if foreign { FrameError::Foreign(buffer.split().freeze()) } else { FrameError::TooLong });
        };
        let Some(length) = length else { return Ok(None) };
        buffer.advance(watch::PREFIX);
        Ok(Some(buffer.split_to(length).freeze()))
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        match self.decode(buffer)? {
            None if !buffer.is_empty() => Err(FrameError::Cut(buffer.split().freeze())),
            frame => Ok(frame),
        }
    }
}

impl Decoder for LineFrames {
    type Item = Bytes;
    type Error = FrameError;

    fn decode(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        loop {
            let Some(offset) = memchr::memchr(b'\n', &buffer[self.searched..]) else {
                self.searched = buffer.len();
                return if buffer.len() > MAX_EVENT { Err(FrameError::TooLong) } else { Ok(None) };
            };
            let line = buffer.split_to(self.searched + offset).freeze();
            buffer.advance(1);
            self.searched = 0;
            if line.len() > MAX_EVENT {
                return Err(FrameError::TooLong);
            }
            if !line.trim_ascii().is_empty() {
                return Ok(Some(line));
            }
        }
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> Result<Option<Bytes>, FrameError> {
        if let Some(line) = self.decode(buffer)? {
            return Ok(Some(line));
        }
        let rest = buffer.split().freeze();
        self.searched = 0;
        // A last event without a line end is complete if it is valid JSON.
        match serde_json::from_slice::<serde::de::IgnoredAny>(&rest) {
            Ok(_) => Ok(Some(rest)),
            Err(_) if rest.trim_ascii().is_empty() => Ok(None),
            Err(_) => Err(FrameError::Cut(rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_with_a_length_may_span_chunks_and_a_chunk_hold_many() {
        let whole = b"\0\0\0\x03abc\0\0\0\0\0\0\0\x01d";
        for at in 0..whole.len() {
            let (mut buffer, mut out) = (BytesMut::new(), Vec::new());
            for chunk in [&whole[..at], &whole[at..]] {
                buffer.extend_from_slice(chunk);
                while let Some(frame) = Lengths.decode(&mut buffer).expect("short enough") {
                    out.push(frame);
                }
            }
            assert_eq!(out, [&b"abc"[..], b"", b"d"]);
            assert!(matches!(Lengths.decode_eof(&mut buffer), Ok(None)));
        }
    }

    #[test]
    fn a_frame_that_is_cut_is_an_error() {
        for rest in [&b"\0\0"[..], b"\0\0\0\x03ab"] {
            let mut buffer = BytesMut::from(rest);
            assert!(matches!(Lengths.decode_eof(&mut buffer), Err(FrameError::Cut(cut)) if cut == rest));
        }
    }

    #[test]
    fn a_length_over_the_limit_is_an_error_and_text_is_told_as_such() {
        let mut huge = BytesMut::from(&b"\xff\0\0\0"[..]);
        assert!(matches!(Lengths.decode(&mut huge), Err(FrameError::TooLong)));
        let mut html = BytesMut::from(&b"<html>"[..]);
        assert!(matches!(Lengths.decode(&mut html), Err(FrameError::Foreign(_))));
    }

    fn feed(chunks: &[&str]) -> (Vec<String>, Option<FrameError>) {
        let (mut lines, mut buffer, mut out) = (LineFrames::default(), BytesMut::new(), Vec::new());
        for chunk in chunks {
            buffer.extend_from_slice(chunk.as_bytes());
            while let Some(line) = lines.decode(&mut buffer).expect("short enough") {
                out.push(String::from_utf8(line.into()).expect("UTF-8"));
            }
        }
        loop {
            match lines.decode_eof(&mut buffer) {
                Ok(Some(line)) => out.push(String::from_utf8(line.into()).expect("UTF-8")),
                Ok(None) => return (out, None),
                Err(error) => return (out, Some(error)),
            }
        }
    }

    #[test]
    fn a_frame_may_span_chunks_and_a_chunk_hold_many() {
        let (lines, error) = feed(&["{\"a\"", ":1}\n{\"b\":2}\n{", "\"c\":3}\n"]);
        assert_eq!(lines, [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":3}"#]);
        assert!(error.is_none());
    }

    #[test]
    fn a_last_line_without_an_end_counts_if_it_is_whole() {
        assert_eq!(feed(&["{\"a\":1}\n{\"b\":2}"]).0.len(), 2);
    }

    #[test]
    fn an_event_that_is_cut_is_an_error_and_what_came_before_it_is_not_lost() {
        let (lines, error) = feed(&["{\"a\":1}\n{\"b\":"]);
        assert_eq!(lines, [r#"{"a":1}"#]);
        assert!(matches!(error, Some(FrameError::Cut(rest)) if &rest[..] == b"{\"b\":"));
    }

    #[test]
    fn blank_lines_are_no_events() {
        assert_eq!(feed(&["\n\r\n{}\n\n"]).0, ["{}"]);
    }

    #[test]
    fn an_endless_event_is_an_error_and_not_all_memory() {
        let mut buffer = BytesMut::from(&vec![b'x'; MAX_EVENT + 1][..]);
        assert!(matches!(LineFrames::default().decode(&mut buffer), Err(FrameError::TooLong)));
    }
}
