//! Errors of the JSON codec, with their field path.

use std::fmt;

use crate::codec::field_path::FieldPath;

/// JSON that could not be decoded into a message, or a message that could not be encoded as JSON.
///
/// The text has the field path, and what was expected and found: `at .spec.containers[0].image (byte 1234): expected a
/// string, found a number`. It never quotes a value, so that no secret gets into a log.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    field_path: FieldPath,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The text is not JSON.
    Syntax {
        expected: &'static str,
        found: &'static str,
    },
    /// The text is truncated.
    Truncated {
        expected: &'static str,
    },
    /// Valid JSON of a type that the field does not accept.
    WrongType {
        expected: &'static str,
        found: &'static str,
    },
    /// Good JSON that a type does not take which stands on serde.
    NotTaken(String),
    /// A value that its type's serde impl could not write.
    NotWritten(String),
    /// A document of another kind.
    Mismatch {
        expected: String,
        found: String,
    },
    /// Trailing data after the document.
    Trailing,
    TooDeep,
    /// One object is repeated too often, with unknown fields.
    Repeated,
    NotUtf8,
    /// A floating-point number that JSON can't represent.
    NotFinite,
    /// Something that JSON can't represent.
    NoPlace(&'static str),
    /// Larger than the caller's limit.
    TooLarge {
        limit: usize,
    },
}

impl Error {
    /// Returns the field path, such as `.spec.containers[0].image`; empty for the document itself.
    pub fn path(&self) -> String {
        self.0.field_path.path()
    }

    /// Returns the byte offset of the error in the text; `None` for an encoding error.
    pub fn offset(&self) -> Option<usize> {
        self.0.field_path.offset
    }

    /// Whether the document is of another kind than the requested one, such as a `Status` instead of a `Pod`.
    pub fn is_wrong_kind(&self) -> bool {
        matches!(self.0.kind, Kind::Mismatch { .. })
    }

    /// Whether the text is truncated.
    pub fn is_truncated(&self) -> bool {
        matches!(self.0.kind, Kind::Truncated { .. })
    }

    /// Whether protobuf could represent the object, but JSON can't: it contains fields that were decoded from protobuf,
    /// and whose names this version doesn't know.
    pub fn needs_protobuf(&self) -> bool {
        matches!(self.0.kind, Kind::NoPlace(_))
    }

    /// Whether the text is valid JSON, but a value is not of its field's type.
    pub(super) fn is_wrong_type(&self) -> bool {
        matches!(self.0.kind, Kind::WrongType { .. } | Kind::NotTaken(_))
    }

    #[cold]
    pub(super) fn new(kind: Kind, offset: Option<usize>) -> Self {
        Error(Box::new(Inner { kind, field_path: FieldPath::new(offset) }))
    }

    /// Adds the object's field to the path.
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
            Kind::Syntax { expected, found } | Kind::WrongType { expected, found } => {
                write!(f, "expected {expected}, found {found}")
            }
            Kind::Truncated { expected } => write!(f, "expected {expected}, but the text ends here"),
            Kind::Mismatch { expected, found } => write!(f, "expected {expected}, got {found}"),
            Kind::NotTaken(why) => write!(f, "{why}"),
            Kind::NotWritten(why) => write!(f, "the value can't be encoded: {why}"),
            Kind::Trailing => f.write_str("expected the end of the text after the document, found more"),
            Kind::TooDeep => write!(f, "nested deeper than {} levels", super::MAX_DEPTH),
            Kind::Repeated => f.write_str("the object is repeated too often, with unknown fields"),
            Kind::NotUtf8 => f.write_str("the text is not UTF-8"),
            Kind::NotFinite => f.write_str("JSON can't represent an infinite number or NaN"),
            Kind::NoPlace(what) => write!(f, "JSON can't represent {what}: send the object as protobuf"),
            Kind::TooLarge { limit } => write!(f, "larger than the limit of {limit} bytes"),
        }
    }
}
