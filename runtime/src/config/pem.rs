//! Certificates and keys as PEM text, and where they came from.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::error::{ConfigError, Kind};

/// PEM text of certificates or of a private key, which remembers its origin so that errors can name it.
///
/// `Debug` prints the origin and the length, never the content.
#[derive(Clone, PartialEq, Eq)]
pub struct Pem {
    bytes: Arc<[u8]>,
    origin: Arc<str>,
}

impl Pem {
    /// PEM text that the program itself provides.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::with_origin(bytes.into(), "the PEM text given by the program")
    }

    /// Reads a PEM file, once: a file that changes later needs a new configuration.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        match std::fs::read(path) {
            Ok(bytes) => Ok(Self::with_origin(bytes, path.display().to_string())),
            Err(error) => {
                Err(ConfigError::new(Kind::Unreadable, format!("cannot read {}", path.display())).because(error))
            }
        }
    }

    /// The text. It is not checked to be PEM before it is used.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where it came from, in words: a path, or a field of a kubeconfig.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    pub(crate) fn with_origin(bytes: Vec<u8>, origin: impl Into<Arc<str>>) -> Self {
        Self { bytes: bytes.into(), origin: origin.into() }
    }
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pem({} bytes from {})", self.bytes.len(), self.origin)
    }
}
