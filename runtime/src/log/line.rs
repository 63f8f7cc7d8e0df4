//! One line.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use crate::types::Time;

/// A line, or a piece of one that is longer than the limit.
///
/// It shows (`Display`) as its text. What is not UTF-8 is shown as �; [`bytes`](Self::bytes) has it as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// What was written: without time and line end, and otherwise as it came. It need not be UTF-8.
    pub bytes: Bytes,
    /// When it was written, to the nanosecond, by the clock of the machine that it was written on; where times were
    /// asked for.
    ///
    /// A line that has none though times were asked for is not the container's: the kubelet writes its own words, such as
    /// that it can't read the log any more, into the text.
    pub time: Option<Time>,
    /// What comes after it.
    pub end: LineEnd,
}

/// What comes after a line, or a piece of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LineEnd {
    /// The end of the line.
    Newline,
    /// More of it: the line is longer than the limit, and goes on in the next item.
    Continues,
    /// The end of the whole text, in the middle of the line. It is the last item.
    EndOfText,
}

impl Line {
    /// The text. What is not UTF-8 is shown as �.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text())
    }
}
