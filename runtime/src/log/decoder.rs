//! Splits bytes into lines.

use bytes::{Buf as _, Bytes, BytesMut};
use tokio_util::codec::Decoder;

use super::line::{Line, LineEnd};
use crate::types::Time;

/// The longest timestamp with the blank after it: `2006-01-02T15:04:05.000000000+07:00 `.
const LONGEST_TIME: usize = 36;

/// The smallest limit, so that every piece makes progress.
const SMALLEST_LIMIT: usize = 4;

/// Splits text into lines and strips the timestamp of each, if any. The result does not depend on chunk boundaries.
#[derive(Debug)]
pub(super) struct LineDecoder {
    limit: usize,
    /// Whether lines start with a timestamp.
    timed: bool,
    /// Set in the middle of a line: its timestamp, which is not in the buffer any more.
    begun: Option<Option<Time>>,
    /// Length of the buffer's prefix that is known to have no line end.
    searched: usize,
}

impl LineDecoder {
    pub(super) fn new(limit: usize, timed: bool) -> Self {
        Self { limit: limit.max(SMALLEST_LIMIT), timed, begun: None, searched: 0 }
    }

    pub(super) fn set_limit(&mut self, limit: usize) {
        self.limit = limit.max(SMALLEST_LIMIT);
    }

    /// Returns the timestamp of the current line and strips it if necessary; `None` if it is incomplete.
    fn begin(&mut self, buffer: &mut BytesMut, whole: bool) -> Option<Option<Time>> {
        if let Some(time) = self.begun {
            return Some(time);
        }
        let time = if self.timed {
            let head = &buffer[..buffer.len().min(LONGEST_TIME)];
            let end = head.iter().position(|byte| matches!(byte, b' ' | b'\n'));
            if end.is_none() && head.len() < LONGEST_TIME && !whole {
                return None;
            }
            let end = end.filter(|end| head[*end] == b' ');
            let time = end.and_then(|end| Time::parse(std::str::from_utf8(&head[..end]).ok()?).ok());
            if let (Some(_), Some(end)) = (time, end) {
                buffer.advance(end + 1);
            }
            time
        } else {
            None
        };
        self.begun = Some(time);
        Some(time)
    }

    fn next(&mut self, buffer: &mut BytesMut, whole: bool) -> Option<Line> {
        if buffer.is_empty() && self.begun.is_none() {
            return None;
        }
        let time = self.begin(buffer, whole)?;
        let window = buffer.len().min(self.limit + 1);
        if let Some(offset) = memchr::memchr(b'\n', buffer.get(self.searched..window).unwrap_or_default()) {
            let bytes = buffer.split_to(self.searched + offset).freeze();
            buffer.advance(1);
            (self.begun, self.searched) = (None, 0);
            return Some(Line { bytes, time, end: LineEnd::Newline });
        }
        if buffer.len() > self.limit {
            let bytes = buffer.split_to(boundary(buffer, self.limit)).freeze();
            self.searched = 0;
            return Some(Line { bytes, time, end: LineEnd::Continues });
        }
        self.searched = window;
        None
    }
}

/// Returns where to split, at most at `limit`: at a UTF-8 character boundary.
fn boundary(buffer: &[u8], at: usize) -> usize {
    let is_inside = |at: &usize| buffer.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (at.saturating_sub(3)..=at).rev().find(|at| !is_inside(at)).filter(|at| *at > 0).unwrap_or(at)
}

impl Decoder for LineDecoder {
    type Item = Line;
    type Error = std::io::Error;

    fn decode(&mut self, buffer: &mut BytesMut) -> std::io::Result<Option<Line>> {
        Ok(self.next(buffer, false))
    }

    fn decode_eof(&mut self, buffer: &mut BytesMut) -> std::io::Result<Option<Line>> {
        if let Some(line) = self.next(buffer, true) {
            return Ok(Some(line));
        }
        self.searched = 0;
        let bytes: Bytes = buffer.split().freeze();
        let Some(time) = self.begun.take() else { return Ok(None) };
        Ok(Some(Line { bytes, time, end: LineEnd::EndOfText }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes out of the chunks: text, second and what comes after it.
    fn lines(chunks: &[&[u8]], limit: usize, timed: bool) -> Vec<(Vec<u8>, Option<i64>, LineEnd)> {
        let (mut decoder, mut buffer, mut out) = (LineDecoder::new(limit, timed), BytesMut::new(), Vec::new());
        let mut push =
            |line: Line| out.push((line.bytes.to_vec(), line.time.map(|time| time.unix_seconds()), line.end));
        for chunk in chunks {
            buffer.extend_from_slice(chunk);
            while let Some(line) = decoder.decode(&mut buffer).expect("no IO") {
                push(line);
            }
        }
        while let Some(line) = decoder.decode_eof(&mut buffer).expect("no IO") {
            push(line);
        }
        out
    }

    #[test]
    fn chunks_may_end_anywhere() {
        let texts: [&[u8]; 6] = [
            b"1970-01-01T00:00:01.000000001Z one\n1970-01-01T00:00:02.000000000+01:00 two \n\nno time\n1970-01-01T00:00:03Z \n",
            b"1970-01-01T00:00:01.000000001Z a long line of which the limit makes many\n1970-01-01T00:00:02Z end",
            "1970-01-01T00:00:01Z \u{20ac}\u{20ac}\u{20ac}\u{1f980}\u{1f980}ab\u{e4}\u{e4}\u{e4}\n".as_bytes(),
            b"\xff\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\n",
            b"1970-01-01T00:00:01Z",
            b"\n\n\n1970-01-01T00:00:01Z ",
        ];
        for (text, limit, timed) in texts
            .iter()
            .flat_map(|text| [4, 8, 9, 1000].map(|limit| (text, limit)))
            .flat_map(|(text, limit)| [(text, limit, true), (text, limit, false)])
        {
            let whole = lines(&[text], limit, timed);
            for at in 0..=text.len() {
                assert_eq!(lines(&[&text[..at], &text[at..]], limit, timed), whole, "at {at}");
            }
            let bytes: Vec<_> = text.chunks(1).collect();
            assert_eq!(lines(&bytes, limit, timed), whole);
            assert!(whole.iter().all(|(bytes, ..)| bytes.len() <= limit));
        }
    }

    #[test]
    fn times_are_taken_off_where_they_were_asked_for() {
        let text = b"1970-01-01T00:00:07.5Z a b\nnone\n";
        let newline = LineEnd::Newline;
        assert_eq!(lines(&[text], 100, true), [(b"a b".to_vec(), Some(7), newline), (b"none".to_vec(), None, newline)]);
        assert_eq!(lines(&[text], 100, false)[0].0, b"1970-01-01T00:00:07.5Z a b");
    }

    #[test]
    fn a_line_over_the_limit_comes_in_pieces_and_a_character_in_one() {
        let (continues, newline) = (LineEnd::Continues, LineEnd::Newline);
        let pieces = lines(&["1970-01-01T00:00:07Z abc\u{20ac}d\nx\n".as_bytes()], 5, true);
        let expected: [(&str, _); 3] = [("abc", continues), ("\u{20ac}d", newline), ("x", newline)];
        assert_eq!(pieces.len(), expected.len());
        for ((bytes, _, end), expected) in pieces.iter().zip(expected) {
            assert_eq!((std::str::from_utf8(bytes).expect("UTF-8"), *end), expected);
        }
        assert_eq!(pieces[1].1, Some(7), "each piece has the time of its line");
        assert_eq!(lines(&[b"abcde\n"], 5, false).len(), 1, "the line end does not count");
    }

    #[test]
    fn a_text_may_end_in_the_middle_of_a_line() {
        let last = LineEnd::EndOfText;
        assert_eq!(lines(&[b"a\nb"], 100, false)[1], (b"b".to_vec(), None, last));
        assert_eq!(lines(&[b"1970-01-01T00:00:07Z "], 100, true), [(Vec::new(), Some(7), last)]);
        assert_eq!(lines(&[b"1970-01-01T00"], 100, true), [(b"1970-01-01T00".to_vec(), None, last)]);
        assert_eq!(lines(&[b""], 100, true), []);
    }
}
