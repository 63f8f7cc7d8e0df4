//! Bytes, written as base64: the data of secrets, CA bundles, certificate requests.

use std::borrow::Cow;
use std::fmt;
use std::ops::{Deref, DerefMut};

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// The standard alphabet with padding; like the server's decoder, it ignores trailing bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical)
        .with_decode_allow_trailing_bits(true),
);

/// Bytes that are base64 in JSON and YAML (an OpenAPI `format: byte`), and plain bytes everywhere else.
///
/// It derefs to `[u8]`. As it may contain a secret, `Debug` shows only its length. The default is empty.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteString(pub Vec<u8>);

/// A text is not valid base64. The error does not include the text, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not standard, padded base64 ({length} characters)")]
pub struct ByteStringError {
    length: usize,
    source: base64::DecodeError,
}

impl ByteString {
    /// Decodes standard, padded base64. Line breaks are skipped, as the server does.
    pub fn from_base64(text: &str) -> Result<Self, ByteStringError> {
        let unbroken =
            if text.contains(['\r', '\n']) { Cow::Owned(text.replace(['\r', '\n'], "")) } else { Cow::Borrowed(text) };
        match BASE64.decode(unbroken.as_bytes()) {
            Ok(bytes) => Ok(ByteString(bytes)),
            Err(source) => Err(ByteStringError { length: text.len(), source }),
        }
    }

    /// Encodes the bytes as standard, padded base64.
    pub fn to_base64(&self) -> String {
        BASE64.encode(&self.0)
    }

    /// Returns the bytes as text, if they are UTF-8.
    pub fn to_str(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(&self.0)
    }

    /// Returns the bytes.
    pub fn into_vec(self) -> Vec<u8> {
        self.0
    }
}

impl fmt::Debug for ByteString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ByteString({} bytes)", self.0.len())
    }
}

impl Deref for ByteString {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for ByteString {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl AsRef<[u8]> for ByteString {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for ByteString {
    fn from(bytes: Vec<u8>) -> Self {
        ByteString(bytes)
    }
}

impl From<&[u8]> for ByteString {
    fn from(bytes: &[u8]) -> Self {
        ByteString(bytes.to_vec())
    }
}

impl<const N: usize> From<&[u8; N]> for ByteString {
    fn from(bytes: &[u8; N]) -> Self {
        ByteString(bytes.to_vec())
    }
}

/// The text's own bytes; to decode base64, use [`ByteString::from_base64`].
impl From<&str> for ByteString {
    fn from(text: &str) -> Self {
        ByteString(text.as_bytes().to_vec())
    }
}

/// The text's own bytes; to decode base64, use [`ByteString::from_base64`].
impl From<String> for ByteString {
    fn from(text: String) -> Self {
        ByteString(text.into_bytes())
    }
}

impl From<ByteString> for Vec<u8> {
    fn from(bytes: ByteString) -> Self {
        bytes.0
    }
}

impl Serialize for ByteString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_base64())
    }
}

impl<'de> Deserialize<'de> for ByteString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Base64;

        impl Visitor<'_> for Base64 {
            type Value = ByteString;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string of base64")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<ByteString, E> {
                ByteString::from_base64(text).map_err(E::custom)
            }

            fn visit_unit<E>(self) -> Result<ByteString, E> {
                Ok(ByteString::default())
            }
        }

        deserializer.deserialize_any(Base64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_base64_in_json_and_null_is_empty() {
        let bytes: ByteString = serde_json::from_str(r#""aHVudGVyMg==""#).expect("base64");
        assert_eq!(&*bytes, b"hunter2");
        assert_eq!(serde_json::to_string(&bytes).expect("a string"), r#""aHVudGVyMg==""#);
        assert!(serde_json::from_str::<ByteString>("null").expect("null").is_empty());
    }

    #[test]
    fn what_the_servers_decoder_takes_is_taken() {
        // Line breaks anywhere, and bits after the last byte.
        for text in ["aHVu\ndGVyMg==", "aHVudGVyMg=\r\n=\n", "aHVudGVyMh=="] {
            assert_eq!(ByteString::from_base64(text).as_deref(), Ok(&b"hunter2"[..]), "{text:?}");
        }
        for text in ["aHVudGVyMg", "aHVudGVyMg=", "aHVu dGVyMg==", "-_-_", "=", "a"] {
            assert!(ByteString::from_base64(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn debug_and_errors_do_not_give_a_secret_away() {
        assert_eq!(format!("{:?}", ByteString::from("hunter2")), "ByteString(7 bytes)");
        let error = ByteString::from_base64("hunter2!").expect_err("no base64");
        assert_eq!(error.to_string(), "not standard, padded base64 (8 characters)");
    }

    #[test]
    fn it_converts_from_text_and_bytes() {
        let text = ByteString::from("ab");
        assert_eq!(text, ByteString::from(b"ab"));
        assert_eq!(text, ByteString::from(vec![97, 98]));
        assert_eq!(text.to_str(), Ok("ab"));
        assert!(ByteString::from(b"\xff").to_str().is_err());
    }
}
