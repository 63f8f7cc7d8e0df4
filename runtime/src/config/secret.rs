//! A string that must not be printed: a token, a password, a private key.

use std::fmt;

use secrecy::ExposeSecret as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// A secret. `Debug` prints `[redacted]` and there is no `Display`; [`expose`](Self::expose) returns the text, which is
/// wiped from memory when it is dropped.
///
/// It is (de)serialised as the plain string, since a kubeconfig holds it so.
#[derive(Clone, Default)]
pub struct SecretString(secrecy::SecretString);

impl SecretString {
    /// Wraps `secret`. A `String` that is given is wiped; copies of it that were made before are not.
    pub fn new(secret: impl Into<String>) -> Self {
        // Copied to a place of its size: to shrink a string may leave a copy behind.
        let secret = Zeroizing::new(secret.into());
        Self(secret.as_str().into())
    }

    /// The secret itself. Don't log it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether it is the empty string.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

// The inner type does it.
impl ZeroizeOnDrop for SecretString {}

// For settings, which are compared with one another; not for checking a secret that somebody sent, since the time that
// it takes depends on the text.
impl PartialEq for SecretString {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for SecretString {}

impl fmt::Debug for SecretString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Serialize for SecretString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

impl<'de> Deserialize<'de> for SecretString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

impl From<String> for SecretString {
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

impl From<&str> for SecretString {
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}
