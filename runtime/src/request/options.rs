//! The values that options take.

/// What the server does about fields that it does not know, and about duplicate ones.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldValidation {
    /// Drops them silently.
    Ignore,
    /// Drops them and sends a warning header for each.
    Warn,
    /// Refuses the request.
    Strict,
}

impl FieldValidation {
    /// The value as the server takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "Ignore",
            Self::Warn => "Warn",
            Self::Strict => "Strict",
        }
    }
}

/// What becomes of the objects that a deleted object owns.
///
/// <https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PropagationPolicy {
    /// They are left alone and lose their owner reference.
    Orphan,
    /// They are deleted afterwards.
    Background,
    /// They are deleted first.
    Foreground,
}

impl PropagationPolicy {
    /// The value as the server takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Orphan => "Orphan",
            Self::Background => "Background",
            Self::Foreground => "Foreground",
        }
    }
}

/// How the resource version of a list is meant.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceVersionMatch {
    /// Exactly that version, if the server still has it.
    Exact,
    /// That version or any newer one.
    NotOlderThan,
}

impl ResourceVersionMatch {
    /// The value as the server takes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "Exact",
            Self::NotOlderThan => "NotOlderThan",
        }
    }
}
