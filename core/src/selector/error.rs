//! Why a selector is invalid.

/// A selector that can't be parsed, or that has an invalid key, operator or value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SelectorError(String);

impl SelectorError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// Adds the text that was parsed.
    pub(super) fn in_text(self, what: &str, text: &str) -> Self {
        Self(format!("invalid {what} {text:?}: {}", self.0))
    }
}
