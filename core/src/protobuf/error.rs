//! Errors of the protobuf codec, with their field path.

use std::fmt;

use crate::codec::field_path::FieldPath;

/// Protobuf that could not be decoded into a message, or a message that could not be encoded as protobuf.
///
/// The text has the field path and the problem: `at .spec.containers[0].image (byte 1234): expected text, found bytes
/// that are not UTF-8`. It never quotes a value, so that no secret gets into a log.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    field_path: FieldPath,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The bytes are truncated.
    Truncated {
        expected: &'static str,
    },
    /// The bytes are not protobuf.
    Malformed(&'static str),
    /// Valid protobuf of a type that the field does not accept.
    WrongType {
        expected: &'static str,
        found: &'static str,
    },
    /// Invalid text or JSON.
    Invalid {
        expected: &'static str,
        found: &'static str,
    },
    /// An object of another kind.
    Mismatch {
        expected: String,
        found: String,
    },
    /// Content that this decoder does not support.
    Foreign {
        content: String,
    },
    TooDeep,
    /// Larger than the caller's limit.
    TooLarge {
        limit: usize,
    },
    /// Something that protobuf can't represent.
    NoPlace(&'static str),
    /// JSON inside protobuf could not be decoded or encoded.
    Json(String),
}

impl Error {
    /// Returns the field path with JSON names, such as `.spec.containers[0].image`; empty for the object itself.
    pub fn path(&self) -> String {
        self.0.field_path.path()
    }

    /// Returns the byte offset of the error; `None` for an encoding error.
    pub fn offset(&self) -> Option<usize> {
        self.0.field_path.offset
    }

    /// Whether the object is of another kind than the requested one, such as a `Status` instead of a `Pod`.
    pub fn is_wrong_kind(&self) -> bool {
        matches!(self.0.kind, Kind::Mismatch { .. })
    }

    /// Whether the bytes are truncated.
    pub fn is_truncated(&self) -> bool {
        matches!(self.0.kind, Kind::Truncated { .. })
    }

    /// Whether JSON could represent the object, but protobuf can't: it contains something without a protobuf encoding,
    /// or was received in an encoding that only the server can convert. Request or send it in JSON.
    pub fn needs_json(&self) -> bool {
        matches!(self.0.kind, Kind::NoPlace(_) | Kind::Foreign { .. })
    }

    #[cold]
    pub(super) fn new(kind: Kind, offset: Option<usize>) -> Self {
        Error(Box::new(Inner { kind, field_path: FieldPath::new(offset) }))
    }

    /// Adds the message's field to the path.
    #[cold]
    pub(super) fn in_field(mut self, name: &'static str) -> Self {
        self.0.field_path.in_field(name);
        self
    }

    /// Adds the map's key to the path.
    #[cold]
    pub(super) fn in_key(mut self, key: &str) -> Self {
        self.0.field_path.in_key(key);
        self
    }

    /// Adds the index of a list's item, which starts at an offset, to the path.
    #[cold]
    #[doc(hidden)]
    pub fn in_items(mut self, index: usize, start: usize) -> Self {
        self.0.field_path.in_items(index, start);
        self
    }

    /// Adds the list's index to the path.
    #[cold]
    pub(super) fn in_item(mut self, index: usize) -> Self {
        self.0.field_path.in_item(index);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0.field_path, self.0.kind)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("path", &self.path())
            .field("offset", &self.0.field_path.offset)
            .finish()
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Truncated { expected } => write!(f, "expected {expected}, but the bytes end here"),
            Kind::Malformed(what) => write!(f, "not protobuf: {what}"),
            Kind::WrongType { expected, found } | Kind::Invalid { expected, found } => {
                write!(f, "expected {expected}, found {found}")
            }
            Kind::Mismatch { expected, found } => write!(f, "expected {expected}, got {found}"),
            Kind::Foreign { content } => write!(f, "{content} is not supported: request JSON from the server"),
            Kind::TooDeep => write!(f, "nested deeper than {} levels", super::MAX_DEPTH),
            Kind::TooLarge { limit } => write!(f, "larger than the limit of {limit} bytes"),
            Kind::NoPlace(what) => write!(f, "protobuf can't represent {what}: send the object as JSON"),
            Kind::Json(message) => write!(f, "the JSON inside: {message}"),
        }
    }
}
