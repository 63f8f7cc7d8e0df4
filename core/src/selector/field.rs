//! Selectors by fields.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use super::SelectorError;

/// A field selector: terms such as `status.phase=Running` that must all be met. The default has none, and selects
/// everything.
///
/// Which fields it may name depends on the kind: each object has `metadata.name` and `metadata.namespace`, some kinds
/// a few more, custom resources those in `selectableFields`. So the caller looks up the fields' values.
///
/// ```
/// use kubewright_core::selector::FieldSelector;
///
/// let selector: FieldSelector = "metadata.name=web,status.phase!=Failed".parse()?;
/// let field = |path: &str| (path == "metadata.name").then_some("web".into());
/// assert!(selector.matches(field));
/// # Ok::<(), kubewright_core::selector::SelectorError>(())
/// ```
///
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/>
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct FieldSelector {
    terms: Vec<FieldTerm>,
}

/// One term of a [`FieldSelector`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FieldTerm {
    field: String,
    is_equal: bool,
    value: String,
}

impl FieldTerm {
    pub(crate) fn new(field: &str, is_equal: bool, value: String) -> Self {
        Self { field: field.to_owned(), is_equal, value }
    }

    /// Returns the path of the field, such as `spec.nodeName`.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Whether the field must have the value; otherwise it must not.
    pub fn is_equal(&self) -> bool {
        self.is_equal
    }

    /// Returns the value.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl FieldSelector {
    /// Returns the terms, sorted by their text.
    pub fn terms(&self) -> &[FieldTerm] {
        &self.terms
    }

    /// Whether the selector has no terms, and selects everything.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether an object with these fields is selected. `field` returns the value of a field by its path; an absent
    /// field counts as empty.
    pub fn matches<'a>(&self, field: impl Fn(&str) -> Option<Cow<'a, str>>) -> bool {
        self.terms.iter().all(|term| (field(&term.field).unwrap_or_default() == term.value) == term.is_equal)
    }
}

impl FromStr for FieldSelector {
    type Err = SelectorError;

    /// Parses the syntax of `kubectl get --field-selector` and of the query parameter `fieldSelector`: terms with `=`,
    /// `==` or `!=`, separated by commas. In a value, a backslash escapes `,`, `=` and `\`. Spaces count.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = split(text);
        parts.sort_unstable();
        let terms = parts.into_iter().filter(|part| !part.is_empty()).map(term).collect::<Result<_, _>>();
        Ok(Self { terms: terms.map_err(|error| error.in_text("field selector", text))? })
    }
}

/// Splits at commas that are not escaped.
fn split(text: &str) -> Vec<&str> {
    let mut is_escaped = false;
    text.split(|character| {
        let was_escaped = std::mem::take(&mut is_escaped);
        is_escaped = character == '\\' && !was_escaped;
        character == ',' && !was_escaped
    })
    .collect()
}

fn term(text: &str) -> Result<FieldTerm, SelectorError> {
    let Some(at) = text.find('=') else { return Err(SelectorError::new(format!("{text:?} has no operator"))) };
    let (field, rest) = text.split_at(at);
    let (field, is_equal) = match field.strip_suffix('!') {
        Some(field) => (field, false),
        None => (field, true),
    };
    let rest = rest.strip_prefix("==").filter(|_| is_equal).unwrap_or_else(|| rest.strip_prefix('=').unwrap_or(rest));
    Ok(FieldTerm { field: field.to_owned(), is_equal, value: unescaped(rest)? })
}

fn unescaped(text: &str) -> Result<String, SelectorError> {
    let mut value = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped @ ('\\' | ',' | '=')) => value.push(escaped),
                other => {
                    let sequence: String = ['\\'].into_iter().chain(other).collect();
                    return Err(SelectorError::new(format!("invalid escape sequence {sequence}")));
                }
            },
            ',' | '=' => return Err(SelectorError::new(format!("{character} must be escaped by a backslash"))),
            other => value.push(other),
        }
    }
    Ok(value)
}

impl fmt::Display for FieldSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.terms.iter().enumerate().try_for_each(|(index, term)| {
            let comma = if index > 0 { "," } else { "" };
            write!(f, "{comma}{term}")
        })
    }
}

impl fmt::Display for FieldTerm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operator = if self.is_equal { "=" } else { "!=" };
        write!(f, "{}{operator}", self.field)?;
        self.value.chars().try_for_each(|character| {
            if matches!(character, '\\' | ',' | '=') {
                f.write_str("\\")?;
            }
            write!(f, "{character}")
        })
    }
}
