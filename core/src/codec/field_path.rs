//! Field path of an error, shared by both codecs.

use std::fmt;

use compact_str::CompactString;

/// Path from the object to the place of an error, and the byte offset.
#[derive(Clone)]
pub(crate) struct FieldPath {
    /// Steps from the innermost outwards: recorded while the decoder unwinds.
    steps: Vec<Step>,
    /// Byte offset; `None` for an encoding error.
    pub(crate) offset: Option<usize>,
}

#[derive(Clone, Debug)]
enum Step {
    Field(&'static str),
    Key(CompactString),
    Index(usize),
}

impl FieldPath {
    pub(crate) fn new(offset: Option<usize>) -> Self {
        Self { steps: Vec::new(), offset }
    }

    /// The path with JSON names, such as `.spec.containers[0].image`; empty for the object itself.
    pub(crate) fn path(&self) -> String {
        Path(&self.steps).to_string()
    }

    /// Adds the message's field.
    pub(crate) fn in_field(&mut self, name: &'static str) {
        self.steps.push(Step::Field(name));
    }

    /// Adds the map's key.
    pub(crate) fn in_key(&mut self, key: &str) {
        self.steps.push(Step::Key(key.into()));
    }

    /// Adds the list's index.
    pub(crate) fn in_item(&mut self, index: usize) {
        self.steps.push(Step::Index(index));
    }

    /// Adds the index of a list document whose item, which starts at an offset, was decoded separately.
    pub(crate) fn in_items(&mut self, index: usize, start: usize) {
        self.offset = self.offset.map(|offset| start + offset);
        self.in_item(index);
        self.in_field("items");
    }
}

/// Writes the prefix of an error message: `at .spec (byte 12): `, as far as known.
impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.steps.is_empty(), self.offset) {
            (false, Some(offset)) => write!(f, "at {} (byte {offset}): ", Path(&self.steps)),
            (false, None) => write!(f, "at {}: ", Path(&self.steps)),
            (true, Some(offset)) => write!(f, "at byte {offset}: "),
            (true, None) => Ok(()),
        }
    }
}

/// Writes steps outermost first, which are stored innermost first.
struct Path<'a>(&'a [Step]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for step in self.0.iter().rev() {
            match step {
                Step::Field(name) => write_name(f, name)?,
                Step::Key(key) => write_name(f, key)?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Writes `.name` for a plain name, `["any text"]` for any other.
fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$'))
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$'));
    if plain { write!(f, ".{name}") } else { write!(f, "[{name:?}]") }
}
