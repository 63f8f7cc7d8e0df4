//! Framing of a watch's body in JSON: one event a line.

use bytes::{Buf as _, Bytes, BytesMut};
use tokio_util::codec::Decoder;

/// How large one event may be. The API server itself takes no object over a few MiB.
pub(super) const MAX_EVENT: usize = 64 << 20;

/// Splits a body into its lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// How much of the buffer is known to hold no line end.
    searched: usize,
}

/// What can go wrong in the framing.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    /// The connection failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// An event is longer than it may be.
    #[error("an event is over {} MiB long", MAX_EVENT >> 20)]
    TooLong,
    /// The body ended in the middle of an event.
    #[error("the watch was cut off in the middle of an event, {} bytes into it", .0.len())]
    Cut(Bytes),
}

impl Decoder for Lines {
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
        // A last event without a line end is whole if it is JSON to its end.
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

    fn feed(chunks: &[&str]) -> (Vec<String>, Option<FrameError>) {
        let (mut lines, mut buffer, mut out) = (Lines::default(), BytesMut::new(), Vec::new());
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
        assert!(matches!(Lines::default().decode(&mut buffer), Err(FrameError::TooLong)));
    }
}
