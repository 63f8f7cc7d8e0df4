//! Certificates and keys as PEM text, and where they came from.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

use super::error::{ConfigError, Kind};

/// PEM text of certificates or of a private key, which remembers its origin so that errors can name it, and the file
/// that it was read from, if any, so that it can be read again.
///
/// `Debug` prints the origin and the length, never the content, which is wiped from memory when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Pem {
    bytes: Arc<Zeroizing<Vec<u8>>>,
    origin: Arc<str>,
    file: Option<Arc<Path>>,
}

impl Pem {
    /// PEM text that the program itself provides.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::with_origin(bytes.into(), "the PEM text given by the program")
    }

    /// Reads a PEM file. Its path is kept, relative to the working directory of now: see [`reread`](Self::reread).
    ///
    /// # Errors
    /// The file can't be read.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, ConfigError> {
        let path = path.as_ref();
        Self::read_for(path, path.display().to_string()).map_err(|error| {
            ConfigError::new(Kind::Unreadable, format!("cannot read {}", path.display())).because(error)
        })
    }

    /// The text. It is not checked to be PEM before it is used.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where it came from, in words: a path, or a field of a kubeconfig.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The file that it was read from; `None` where it was given as text.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Reads it again from its file. What has none stays as it is.
    ///
    /// # Errors
    /// The file can't be read now.
    pub fn reread(&self) -> Result<Self, ConfigError> {
        let Some(file) = &self.file else { return Ok(self.clone()) };
        match std::fs::read(file) {
            Ok(bytes) => Ok(Self { bytes: Arc::new(bytes.into()), ..self.clone() }),
            Err(error) => {
                let message = format!("cannot read {} again", self.origin);
                Err(ConfigError::new(Kind::Unreadable, message).because(error))
            }
        }
    }

    pub(crate) fn with_origin(bytes: Vec<u8>, origin: impl Into<Arc<str>>) -> Self {
        Self { bytes: Arc::new(bytes.into()), origin: origin.into(), file: None }
    }

    /// Reads a file that is called `origin` in messages.
    pub(super) fn read_for(path: &Path, origin: impl Into<Arc<str>>) -> std::io::Result<Self> {
        // Found again after a change of the working directory.
        let file = std::path::absolute(path)?;
        let bytes = std::fs::read(&file)?;
        Ok(Self { file: Some(file.into()), ..Self::with_origin(bytes, origin) })
    }
}

impl fmt::Debug for Pem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pem({} bytes from {})", self.bytes.len(), self.origin)
    }
}
