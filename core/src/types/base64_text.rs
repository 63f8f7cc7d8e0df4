//! Base64 of a custom resource, preserved verbatim.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::{ByteString, ByteStringError};

/// Base64 text: a custom resource's field of `format: byte`.
///
/// The server stores the text of such a field verbatim, canonical or not (`YR==` and `YQ==` encode the same byte). So
/// does this type, and only [`decode`](Self::decode) may fail.
///
/// Equality and hash are those of the bytes; invalid texts equal only themselves. As it may contain a secret, `Debug`
/// shows only its length. The default is empty.
///
/// ```
/// use kubewright_core::Base64;
///
/// let key = Base64::encode("a");
/// assert_eq!(key.as_str(), "YQ==");
/// assert_eq!(&*Base64::new("YR==").decode()?, b"a");
/// # Ok::<(), kubewright_core::types::ByteStringError>(())
/// ```
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>
#[derive(Clone, Default)]
pub struct Base64(Box<str>);

impl Base64 {
    /// Creates a value from a text without validating it; decoding, or the server, may reject it.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Base64(text.into())
    }

    /// Encodes bytes as standard, padded base64.
    pub fn encode(bytes: impl AsRef<[u8]>) -> Self {
        Base64(ByteString::from(bytes.as_ref()).to_base64().into())
    }

    /// Returns the text verbatim.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Decodes the bytes.
    ///
    /// # Errors
    ///
    /// If the text is not standard, padded base64 (see [`ByteString::from_base64`]).
    pub fn decode(&self) -> Result<ByteString, ByteStringError> {
        ByteString::from_base64(&self.0)
    }
}

impl From<ByteString> for Base64 {
    fn from(bytes: ByteString) -> Self {
        Base64::encode(bytes)
    }
}

impl From<Vec<u8>> for Base64 {
    fn from(bytes: Vec<u8>) -> Self {
        Base64::encode(bytes)
    }
}

impl From<&[u8]> for Base64 {
    fn from(bytes: &[u8]) -> Self {
        Base64::encode(bytes)
    }
}

impl PartialEq for Base64 {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || matches!((self.decode(), other.decode()), (Ok(a), Ok(b)) if a == b)
    }
}

impl Eq for Base64 {}

impl Hash for Base64 {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.decode() {
            Ok(bytes) => bytes.hash(state),
            Err(_) => self.0.hash(state),
        }
    }
}

impl fmt::Debug for Base64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base64({} characters)", self.0.len())
    }
}

impl Serialize for Base64 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// `null` is empty.
impl<'de> Deserialize<'de> for Base64 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Base64;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string of base64")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Base64, E> {
                Ok(Base64::new(text))
            }

            fn visit_unit<E>(self) -> Result<Base64, E> {
                Ok(Base64::default())
            }
        }

        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use super::*;

    #[test]
    fn any_text_is_kept_and_only_decoding_may_fail() {
        for text in ["YR==", "YQ==", "YQ", "not base64!", ""] {
            let read: Base64 = serde_json::from_value(text.into()).expect("a string");
            assert_eq!((read.as_str(), serde_json::to_value(&read).expect("a string")), (text, text.into()));
        }
        assert_eq!(Base64::new("YR==").decode().as_deref(), Ok(&b"a"[..]));
        assert!(Base64::new("YQ").decode().is_err());
    }

    #[test]
    fn equality_and_hash_are_those_of_the_bytes() {
        let hasher = RandomState::new();
        let (odd, plain) = (Base64::new("YR=="), Base64::encode("a"));
        assert_eq!(odd, plain);
        assert_eq!(hasher.hash_one(&odd), hasher.hash_one(&plain));
        assert_ne!(Base64::new("YQ"), plain);
        assert_eq!(Base64::new("?"), Base64::new("?"));
    }

    #[test]
    fn debug_and_errors_do_not_give_a_secret_away() {
        assert_eq!(format!("{:?}", Base64::encode("hunter2")), "Base64(12 characters)");
        assert!(!Base64::new("hunter2!").decode().expect_err("no base64").to_string().contains("hunter2"));
    }
}
