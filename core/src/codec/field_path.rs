//! Where in an object something went wrong: what the errors of both codecs tell alike.

use std::fmt;

use compact_str::CompactString;

/// The way from the object down to the place, and how far the reader was.
#[derive(Clone)]
pub(crate) struct FieldPath {
    /// From the innermost step outwards: it is filled while the reader unwinds.
    steps: Vec<Step>,
    /// The byte, counted from 0; `None` for an error in writing.
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

    /// By the names that JSON uses, such as `.spec.containers[0].image`; empty for the object itself.
    pub(crate) fn path(&self) -> String {
        Path(&self.steps).to_string()
    }

    /// From the message whose field went wrong.
    pub(crate) fn in_field(&mut self, name: &'static str) {
        self.steps.push(Step::Field(name));
    }

    /// From the map whose entry went wrong.
    pub(crate) fn in_key(&mut self, key: &str) {
        self.steps.push(Step::Key(key.into()));
    }

    /// From the list whose item went wrong.
    pub(crate) fn in_item(&mut self, index: usize) {
        self.steps.push(Step::Index(index));
    }

    /// From the list document whose item, which starts at an offset of its own, was read by itself.
    pub(crate) fn in_items(&mut self, index: usize, start: usize) {
        self.offset = self.offset.map(|offset| start + offset);
        self.in_item(index);
        self.in_field("items");
    }
}

/// What stands in front of what went wrong: `at .spec (byte 12): `, or as much of it as is known.
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

/// Steps, innermost first, written outermost first.
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

/// `.name` for a plain name, `["any text"]` for any other.
fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '$'))
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'$'));
    if plain { write!(f, ".{name}") } else { write!(f, "[{name:?}]") }
}
