//! What can go wrong between a kubeconfig (or a pod's service account) and a usable client.

use std::error::Error;
use std::fmt;

type BoxError = Box<dyn Error + Send + Sync>;

/// A configuration that can't be used.
///
/// The message names the file, the entry and the field, and says what to do; the cause below it, such as an I/O error,
/// is [`source`](Error::source). The text is for people: programs ask the predicates.
pub struct ConfigError {
    inner: Box<Inner>,
}

struct Inner {
    kind: Kind,
    message: String,
    source: Option<BoxError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    NotFound,
    Incomplete,
    /// Incomplete in that no cluster is there to be reached, which client-go calls an empty configuration.
    Empty,
    Unreadable,
    Invalid,
    Unsupported,
}

impl ConfigError {
    /// There is no configuration: no kubeconfig where one is looked for, and this is not a pod.
    pub fn is_not_found(&self) -> bool {
        self.inner.kind == Kind::NotFound
    }

    /// Something is missing: a context, or the cluster or user that it names, or one half of a pair of fields.
    pub fn is_incomplete(&self) -> bool {
        matches!(self.inner.kind, Kind::Incomplete | Kind::Empty)
    }

    /// A file could not be read, written or locked.
    pub fn is_unreadable(&self) -> bool {
        self.inner.kind == Kind::Unreadable
    }

    /// A value is there, and is wrong: broken YAML, base64, PEM or URL, a key that doesn't fit its certificate.
    pub fn is_invalid(&self) -> bool {
        self.inner.kind == Kind::Invalid
    }

    /// It asks for something that this crate doesn't do (yet).
    pub fn is_unsupported(&self) -> bool {
        self.inner.kind == Kind::Unsupported
    }

    pub(super) fn is_empty(&self) -> bool {
        self.inner.kind == Kind::Empty
    }

    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { inner: Box::new(Inner { kind, message: message.into(), source: None }) }
    }

    pub(crate) fn because(mut self, source: impl Into<BoxError>) -> Self {
        self.inner.source = Some(source.into());
        self
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("ConfigError");
        debug.field(&self.inner.kind).field(&self.inner.message);
        if let Some(source) = &self.inner.source {
            debug.field(source);
        }
        debug.finish()
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}

impl From<ConfigError> for crate::Error {
    fn from(error: ConfigError) -> Self {
        Self::config(error)
    }
}
