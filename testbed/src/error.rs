//! What can go wrong with the test bed, in words for the developer who sees it.

use std::fmt;

/// Why the test bed could not do what it was asked.
///
/// Its text says what was being done, to what, and what to do about it. The text is for people and may change.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    source: Option<std::io::Error>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nobody has built or installed the binaries.
    NotInstalled,
    /// The run is not about this minor.
    LeftOut,
    /// A port that was free a moment ago is taken.
    PortTaken,
    /// Anything else.
    Failed,
}

impl Error {
    /// Whether the binaries are not there (no build in the cache, or no Go to make one): nothing is broken, and a
    /// test may skip itself.
    #[must_use]
    pub fn is_not_installed(&self) -> bool {
        self.kind == Kind::NotInstalled
    }

    /// Whether it is about a minor that this run of tests has left out: nothing is broken, and a test skips itself.
    #[must_use]
    pub fn is_left_out(&self) -> bool {
        self.kind == Kind::LeftOut
    }

    pub(crate) fn is_port_taken(&self) -> bool {
        self.kind == Kind::PortTaken
    }

    pub(crate) fn not_installed(message: impl Into<String>) -> Self {
        Self { kind: Kind::NotInstalled, message: message.into(), source: None }
    }

    pub(crate) fn left_out(message: impl Into<String>) -> Self {
        Self { kind: Kind::LeftOut, message: message.into(), source: None }
    }

    pub(crate) fn port_taken(message: impl Into<String>) -> Self {
        Self { kind: Kind::PortTaken, message: message.into(), source: None }
    }

    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { kind: Kind::Failed, message: message.into(), source: None }
    }

    pub(crate) fn io(doing: impl Into<String>, source: std::io::Error) -> Self {
        Self { kind: Kind::Failed, message: doing.into(), source: Some(source) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.source {
            Some(source) => write!(f, ": {source}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
