//! Why there is no CRD.

use std::borrow::Cow;

/// Why a CustomResourceDefinition can't be made: of the types, of the attributes, or of several versions.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}{what}", AtPath(.at))]
pub struct CrdError {
    at: String,
    what: Cow<'static, str>,
}

impl CrdError {
    /// At a path of the object, such as `.spec.containers[]`; empty for the object itself.
    pub(super) fn at(at: &str, what: impl Into<Cow<'static, str>>) -> Self {
        CrdError { at: at.to_owned(), what: what.into() }
    }

    /// The same error, with the path from the object whose field has it.
    pub(super) fn under(self, field: &str) -> Self {
        CrdError { at: format!(".{field}{}", self.at), ..self }
    }

    /// Where, as a path of the object such as `.spec.containers[]`; empty for the object itself.
    pub fn path(&self) -> &str {
        &self.at
    }
}

struct AtPath<'a>(&'a str);

impl std::fmt::Display for AtPath<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "at {}: ", self.0) }
    }
}
