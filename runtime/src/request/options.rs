//! Values of request options.

/// How the server treats unknown and duplicate fields.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldValidation {
    /// Drops them silently.
    Ignore,
    /// Drops them and sends a warning header for each.
    Warn,
    /// Rejects the request.
    Strict,
}

impl FieldValidation {
    /// Returns the value of the query parameter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "Ignore",
            Self::Warn => "Warn",
            Self::Strict => "Strict",
        }
    }
}

/// How dependents of a deleted object are garbage-collected.
///
/// <https://kubernetes.io/docs/concepts/architecture/garbage-collection/#cascading-deletion>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PropagationPolicy {
    /// Orphans dependents: they lose their owner reference.
    Orphan,
    /// Deletes dependents in the background, after the object.
    Background,
    /// Deletes dependents in the foreground, before the object.
    Foreground,
}

impl PropagationPolicy {
    /// Returns the value of the query parameter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Orphan => "Orphan",
            Self::Background => "Background",
            Self::Foreground => "Foreground",
        }
    }
}

/// How the resource version of a list is matched.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#semantics-for-get-and-list>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResourceVersionMatch {
    /// Exactly that version, if it has not expired.
    Exact,
    /// That version or any newer one.
    NotOlderThan,
}

impl ResourceVersionMatch {
    /// Returns the value of the query parameter.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "Exact",
            Self::NotOlderThan => "NotOlderThan",
        }
    }
}
