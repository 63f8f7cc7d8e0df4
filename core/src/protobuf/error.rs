//! What can go wrong between protobuf and a message, and where.

use std::fmt;

use crate::codec::field_path::FieldPath;

/// Protobuf that could not be read into a message, or a message that could not be written as protobuf.
///
/// The text names the place and what is wrong with it: `at .spec.containers[0].image (byte 1234): expected text, found
/// bytes that are not UTF-8`. It never quotes a value, so that no secret gets into a log.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    trail: FieldPath,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The bytes stop before what they announce does.
    Truncated {
        expected: &'static str,
    },
    /// The bytes are not protobuf.
    Malformed(&'static str),
    /// Good protobuf of a type that the field does not take.
    WrongType {
        expected: &'static str,
        found: &'static str,
    },
    /// Text or JSON that is none.
    Invalid {
        expected: &'static str,
        found: &'static str,
    },
    /// An object of another kind.
    Mismatch {
        expected: String,
        found: String,
    },
    /// Content that only another decoder could read.
    Foreign {
        content: String,
    },
    TooDeep,
    /// More than the caller wants to hold.
    TooLarge {
        limit: usize,
    },
    /// What is to be written has no place in protobuf.
    NoPlace(&'static str),
    /// JSON inside protobuf could not be read or written.
    Json(String),
}

impl Error {
    /// Where in the object, by the names that JSON uses, such as `.spec.containers[0].image`; empty for the object itself.
    pub fn path(&self) -> String {
        self.0.trail.path()
    }

    /// The byte, counted from 0, at which reading stopped; `None` for an error in writing.
    pub fn offset(&self) -> Option<usize> {
        self.0.trail.offset
    }

    /// Whether the object is of another kind than the one asked for, such as a `Status` in place of a `Pod`.
    pub fn is_wrong_kind(&self) -> bool {
        matches!(self.0.kind, Kind::Mismatch { .. })
    }

    /// Whether the bytes stop before what they announce does: the rest may have been lost on the way.
    pub fn is_truncated(&self) -> bool {
        matches!(self.0.kind, Kind::Truncated { .. })
    }

    /// Whether JSON would do where protobuf does not: the object holds something that protobuf has no place for, or that
    /// came in an encoding which only JSON is converted from. Ask or send again in JSON.
    pub fn needs_json(&self) -> bool {
        matches!(self.0.kind, Kind::NoPlace(_) | Kind::Foreign { .. })
    }

    #[cold]
    pub(super) fn new(kind: Kind, offset: Option<usize>) -> Self {
        Error(Box::new(Inner { kind, trail: FieldPath::new(offset) }))
    }

    /// The same error, seen from the message whose field went wrong.
    #[cold]
    pub(super) fn in_field(mut self, name: &'static str) -> Self {
        self.0.trail.in_field(name);
        self
    }

    /// The same error, seen from the map whose entry went wrong.
    #[cold]
    pub(super) fn in_key(mut self, key: &str) -> Self {
        self.0.trail.in_key(key);
        self
    }

    /// The same error, seen from the list whose item, which starts at an offset of its own, was read by itself.
    #[cold]
    #[doc(hidden)]
    pub fn in_items(mut self, index: usize, start: usize) -> Self {
        self.0.trail.in_items(index, start);
        self
    }

    /// The same error, seen from the list whose item went wrong.
    #[cold]
    pub(super) fn in_item(mut self, index: usize) -> Self {
        self.0.trail.in_item(index);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0.trail, self.0.kind)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("path", &self.path())
            .field("offset", &self.0.trail.offset)
            .finish()
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Truncated { expected } => write!(f, "expected {expected}, but the bytes end here"),
            Kind::Malformed(what) => write!(f, "this is not protobuf: {what}"),
            Kind::WrongType { expected, found } | Kind::Invalid { expected, found } => {
                write!(f, "expected {expected}, found {found}")
            }
            Kind::Mismatch { expected, found } => write!(f, "expected {expected}, got {found}"),
            Kind::Foreign { content } => write!(f, "{content} can't be read here: ask the server for JSON"),
            Kind::TooDeep => write!(f, "nested deeper than {} levels", super::MAX_DEPTH),
            Kind::TooLarge { limit } => write!(f, "larger than the limit of {limit} bytes"),
            Kind::NoPlace(what) => write!(f, "{what} has no place in protobuf: send the object as JSON"),
            Kind::Json(message) => write!(f, "the JSON inside: {message}"),
        }
    }
}
