//! Errors of the YAML codec, which never quote the text.

use std::fmt;

use serde::de;

use crate::codec::field_path::FieldPath;

/// YAML that could not be decoded, or an object that could not be encoded.
///
/// The text has the location and the problem: `cannot read a Secret as YAML: at .data.password (line 7, column 13):
/// expected a string of base64, found an integer`. It never quotes a value, nor the lines around the error: they may
/// contain a password. The names of fields, which are in the path, and a document's `apiVersion` and `kind` are shown.
pub struct Error(Box<Inner>);

struct Inner {
    doing: &'static str,
    name: &'static str,
    problem: Problem,
}

impl Error {
    /// Returns the line of the text, from 1; `None` for an encoding error, or of the text as a whole.
    pub fn line(&self) -> Option<usize> {
        self.0.problem.0.location.map(|location| location.line)
    }

    /// Returns the column in the line, in characters, from 1; `None` as for the line.
    pub fn column(&self) -> Option<usize> {
        self.0.problem.0.location.map(|location| location.column)
    }

    /// Returns the field path, such as `.spec.containers[0].image`; empty for the document itself, and if the text is
    /// not YAML.
    pub fn path(&self) -> String {
        self.0.problem.0.field_path.path()
    }

    pub(super) fn read(name: &'static str, problem: Problem) -> Self {
        Self(Box::new(Inner { doing: "read", name, problem }))
    }

    pub(super) fn write(name: &'static str, message: String) -> Self {
        Self(Box::new(Inner { doing: "write", name, problem: Problem::new(message) }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { doing, name, problem } = &*self.0;
        write!(f, "cannot {doing} a {name} as YAML: {problem}")
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Error").field(&self.to_string()).finish()
    }
}

impl std::error::Error for Error {}

/// A line and a column, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A problem and its location.
#[derive(Debug)]
pub struct Problem(Box<Details>);

struct Details {
    message: String,
    location: Option<Location>,
    field_path: FieldPath,
}

impl fmt::Debug for Details {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Problem {
    #[cold]
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(Box::new(Details { message: message.into(), location: None, field_path: FieldPath::new(None) }))
    }

    /// Adds the location unless a more precise one is known.
    pub(super) fn or_at(mut self, location: Location) -> Self {
        self.0.location.get_or_insert(location);
        self
    }

    pub(super) fn in_key(mut self, key: &str) -> Self {
        self.0.field_path.in_key(key);
        self
    }

    pub(super) fn in_item(mut self, index: usize) -> Self {
        self.0.field_path.in_item(index);
        self
    }

    pub(super) fn location(&self) -> Option<Location> {
        self.0.location
    }

    pub(super) fn field_path(&self) -> &FieldPath {
        &self.0.field_path
    }

    pub(super) fn set_field_path(&mut self, field_path: FieldPath) {
        self.0.field_path = field_path;
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { message, location, field_path } = &*self.0;
        let path = field_path.path();
        match (path.is_empty(), location) {
            (false, Some(Location { line, column })) => {
                write!(f, "at {path} (line {line}, column {column}): {message}")
            }
            (false, None) => write!(f, "at {path}: {message}"),
            (true, Some(Location { line, column })) => write!(f, "line {line}, column {column}: {message}"),
            (true, None) => f.write_str(message),
        }
    }
}

impl std::error::Error for Problem {}

/// serde's own messages quote the value that was found: these name only its type.
impl de::Error for Problem {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message.to_string())
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("expected {}, found {}", in_yaml(expected), type_of(found)))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format!("expected {expected}, found an invalid {}", type_of(found)))
    }

    fn invalid_length(length: usize, expected: &dyn de::Expected) -> Self {
        Self::new(format!("expected {expected}, found {length} items"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("expected one of {}, found another string", expected.join(", ")))
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::new("the object has an unknown field")
    }
}

/// What serde expects, in the words for what is found: it says `a sequence`, and `struct Context` by Rust's name of the type.
fn in_yaml(expected: &dyn de::Expected) -> String {
    match expected.to_string() {
        rust if rust.starts_with("struct ") || rust == "a map" => "an object".to_owned(),
        rust if rust == "a sequence" => "a list".to_owned(),
        other => other,
    }
}

fn type_of(found: de::Unexpected<'_>) -> &'static str {
    match found {
        de::Unexpected::Bool(_) => "a boolean",
        de::Unexpected::Unsigned(_) | de::Unexpected::Signed(_) => "an integer",
        de::Unexpected::Float(_) => "a number",
        de::Unexpected::Char(_) | de::Unexpected::Str(_) => "a string",
        de::Unexpected::Bytes(_) => "bytes",
        de::Unexpected::Unit | de::Unexpected::Option => "null",
        de::Unexpected::Seq => "a list",
        de::Unexpected::Map => "an object",
        _ => "something else",
    }
}
