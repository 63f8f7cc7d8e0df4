//! Results of a validation.

use std::fmt;

/// The result of a validation: what is wrong, and what could not be checked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Validation {
    pub(super) errors: Vec<FieldError>,
    pub(super) unchecked: Vec<Unchecked>,
}

impl Validation {
    /// Returns what is wrong, in no particular order.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Returns what could not be checked, and may be wrong.
    pub fn unchecked(&self) -> &[Unchecked] {
        &self.unchecked
    }

    /// Whether nothing wrong was found. The API server may still reject what is in [`unchecked`](Self::unchecked).
    pub fn is_valid(&self) -> bool {
        self.errors.is_empty()
    }

    /// Returns an error if anything is wrong. What could not be checked is no error: see [`unchecked`](Self::unchecked).
    ///
    /// # Errors
    /// If the object is invalid.
    pub fn ok(self) -> Result<(), Invalid> {
        if self.is_valid() { Ok(()) } else { Err(Invalid(self)) }
    }

    pub(super) fn unreadable(unchecked: Unchecked) -> Self {
        Self { errors: Vec::new(), unchecked: vec![unchecked] }
    }
}

/// An invalid object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(Validation);

impl Invalid {
    /// Returns what is wrong with it.
    pub fn errors(&self) -> &[FieldError] {
        self.0.errors()
    }

    /// Returns the whole result.
    pub fn validation(&self) -> &Validation {
        &self.0
    }
}

/// Formats as the API server does: one error as it is, more than one in brackets.
impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.errors() {
            [one] => one.fmt(f),
            several => {
                f.write_str("[")?;
                for (index, error) in several.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    error.fmt(f)?;
                }
                f.write_str("]")
            }
        }
    }
}

impl std::error::Error for Invalid {}

/// An error of a field, in the words of the API server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field path, such as `spec.ports[0].name`. Empty for the object, and for errors of `oneOf` and its like, for which
    /// the API server has no path (`<nil>`); their message names it.
    pub field: String,
    /// The category.
    pub reason: Reason,
    /// What is wrong, such as `Invalid value: 0: spec.size in body should be greater than or equal to 1`.
    pub message: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let field = if self.field.is_empty() { "<nil>" } else { &self.field };
        write!(f, "{field}: {}", self.message)
    }
}

/// The category of an error: the `reason` of a cause in the server's `Status`.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// A required value is absent.
    Required,
    /// Two values are equal that must differ.
    Duplicate,
    /// A value is malformed or out of bounds.
    Invalid,
    /// A value has another type, or not the format, of its schema.
    TypeInvalid,
    /// A value is none of those that are listed.
    NotSupported,
    /// A value is forbidden.
    Forbidden,
    /// A text is too long.
    TooLong,
    /// A list or map has too many items.
    TooMany,
}

impl Reason {
    /// Returns the API server's word for it, such as `FieldValueInvalid`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "FieldValueRequired",
            Self::Duplicate => "FieldValueDuplicate",
            Self::Invalid => "FieldValueInvalid",
            Self::TypeInvalid => "FieldValueTypeInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Forbidden => "FieldValueForbidden",
            Self::TooLong => "FieldValueTooLong",
            Self::TooMany => "FieldValueTooMany",
        }
    }

    /// Whether the API server does not evaluate rules on an object with such an error.
    pub(super) fn blocks_rules(self) -> bool {
        matches!(self, Self::NotSupported | Self::Required | Self::TooLong | Self::TooMany | Self::TypeInvalid)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A rule or pattern that could not be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unchecked {
    /// The field path of the value; empty for the whole object.
    pub field: String,
    /// The rule or pattern; empty if nothing of the object could be checked.
    pub rule: String,
    /// Why not.
    pub why: String,
}

impl Unchecked {
    pub(super) fn whole(why: String) -> Self {
        Self { field: String::new(), rule: String::new(), why }
    }
}

impl fmt::Display for Unchecked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rule.is_empty() {
            return write!(f, "not checked: {}", self.why);
        }
        let field = if self.field.is_empty() { "<nil>" } else { &self.field };
        write!(f, "{field}: not checked: {:?}: {}", self.rule, self.why)
    }
}

/// A schema that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct SchemaError {
    what: String,
}

impl SchemaError {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into() }
    }
}
