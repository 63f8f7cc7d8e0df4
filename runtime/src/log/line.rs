//! A line of a log.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;

use crate::types::Time;

/// A line, or a piece of one that is longer than the limit.
///
/// Its `Display` is the text, in which � replaces invalid UTF-8; [`bytes`](Self::bytes) has the original.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// The bytes as written, without timestamp and line end. They need not be UTF-8.
    pub bytes: Bytes,
    /// The timestamp in nanoseconds, by the clock of the node; only if timestamps were requested.
    ///
    /// A line without one, though timestamps were requested, is not the container's: the kubelet writes its own
    /// messages into the text, such as that it can't read the log any more.
    pub time: Option<Time>,
    /// How it ends.
    pub end: LineEnd,
}

/// How a line, or a piece of one, ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LineEnd {
    /// With a line end.
    Newline,
    /// The line is longer than the limit and continues in the next item.
    Continues,
    /// With the end of the text, in the middle of the line. This is the last item.
    EndOfText,
}

impl Line {
    /// Returns the text, in which � replaces invalid UTF-8.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text())
    }
}
