//! What can go wrong between JSON text and a message, and where.

use std::fmt;

use crate::codec::field_path::FieldPath;

/// JSON that could not be read into a message, or a message that could not be written as JSON.
///
/// The text names the place, what was expected there and what was found:
/// `at .spec.containers[0].image (byte 1234): expected a string, found a number`. It never quotes a value, so that no
/// secret gets into a log.
pub struct Error(Box<Inner>);

struct Inner {
    kind: Kind,
    trail: FieldPath,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The text is not JSON.
    Syntax {
        expected: &'static str,
        found: &'static str,
    },
    /// The text stops before the document does.
    Truncated {
        expected: &'static str,
    },
    /// Good JSON of a type that the field does not take.
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
    /// Something follows the document.
    Trailing,
    TooDeep,
    /// One object comes again and again, with fields that the table doesn't have.
    Repeated,
    NotUtf8,
    /// A floating-point number that JSON has no way to write.
    NotFinite,
    /// What is to be written has no place in JSON.
    NoPlace(&'static str),
    /// More than the caller wants to hold.
    TooLarge {
        limit: usize,
    },
}

impl Error {
    /// Where in the document, such as `.spec.containers[0].image`; empty for the document itself.
    pub fn path(&self) -> String {
        self.0.trail.path()
    }

    /// The byte of the text, counted from 0, at which reading stopped; `None` for an error in writing.
    pub fn offset(&self) -> Option<usize> {
        self.0.trail.offset
    }

    /// Whether the document is of another kind than the one asked for, such as a `Status` in place of a `Pod`.
    pub fn is_wrong_kind(&self) -> bool {
        matches!(self.0.kind, Kind::Mismatch { .. })
    }

    /// Whether the text stops before the document does: the rest may have been lost on the way.
    pub fn is_truncated(&self) -> bool {
        matches!(self.0.kind, Kind::Truncated { .. })
    }

    /// Whether protobuf would do where JSON does not: the object holds fields that were read from protobuf, and whose
    /// names this version doesn't know.
    pub fn needs_protobuf(&self) -> bool {
        matches!(self.0.kind, Kind::NoPlace(_))
    }

    /// Whether the text is JSON, and a value is not of its field's type.
    pub(super) fn is_wrong_type(&self) -> bool {
        matches!(self.0.kind, Kind::WrongType { .. } | Kind::NotTaken(_))
    }

    #[cold]
    pub(super) fn new(kind: Kind, offset: Option<usize>) -> Self {
        Error(Box::new(Inner { kind, trail: FieldPath::new(offset) }))
    }

    /// The same error, seen from the object whose field went wrong.
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
            Kind::Syntax { expected, found } | Kind::WrongType { expected, found } => {
                write!(f, "expected {expected}, found {found}")
            }
            Kind::Truncated { expected } => write!(f, "expected {expected}, but the text ends here"),
            Kind::Mismatch { expected, found } => write!(f, "expected {expected}, got {found}"),
            Kind::NotTaken(why) => write!(f, "{why}"),
            Kind::NotWritten(why) => write!(f, "the value can't be written: {why}"),
            Kind::Trailing => f.write_str("expected the end of the text after the document, but more follows"),
            Kind::TooDeep => write!(f, "nested deeper than {} levels", super::MAX_DEPTH),
            Kind::Repeated => f.write_str("the object comes too often, with fields that this version does not know"),
            Kind::NotUtf8 => f.write_str("the text is not UTF-8"),
            Kind::NotFinite => f.write_str("JSON has no way to write an infinite number or NaN"),
            Kind::NoPlace(what) => write!(f, "{what} has no place in JSON: send the object as protobuf"),
            Kind::TooLarge { limit } => write!(f, "larger than the limit of {limit} bytes"),
        }
    }
}
