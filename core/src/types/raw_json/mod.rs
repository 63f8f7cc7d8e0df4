//! Any JSON value, as text: raw extensions, JSON schema defaults, fields of unknown structure.

mod canonical;
#[cfg(test)]
mod tests;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny, Visitor};
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::Value;

/// Any JSON value, as its original text. The default is `null`.
///
/// The client writes the text back verbatim: numbers keep all their digits, objects the order of their keys.
///
/// Equality (and hashing) is by value, regardless of the order of keys, white space and spelling: strings compare
/// unescaped, numbers by their exact decimal value (`1`, `1.0` and `1e0` are equal; two integers of 30 digits that
/// differ in the last are not), and of a duplicate key the last value counts. Values nested more than 256 deep compare
/// by their text.
///
/// Through serde it is the tree of the value, in which an integer beyond 64 bits becomes an `f64`.
#[derive(Clone, Default)]
pub struct RawJson(
    // // Empty represents `null`, which then needs no allocation.
    Box<str>,
);

/// A text, a value or a type could not be converted to or from JSON.
#[derive(Debug, thiserror::Error)]
#[error("{doing}")]
pub struct RawJsonError {
    doing: &'static str,
    source: serde_json::Error,
}

impl RawJson {
    /// Creates a value from its text, which is validated to be exactly one JSON value. White space around it is
    /// removed.
    pub fn from_text(text: impl Into<Box<str>>) -> Result<Self, RawJsonError> {
        let text = text.into();
        match serde_json::from_str::<IgnoredAny>(&text) {
            Ok(_) => Ok(RawJson(trimmed(text))),
            Err(source) => Err(RawJsonError { doing: "the text is not one JSON value", source }),
        }
    }

    /// Same without validation, for the codec, which has done it: invalid text is written verbatim.
    #[doc(hidden)]
    pub fn from_valid_text(text: impl Into<Box<str>>) -> Self {
        RawJson(text.into())
    }

    /// Creates a value from anything that serde can serialize to JSON. Fails on maps whose keys are not strings.
    pub fn from_serialize(value: &(impl Serialize + ?Sized)) -> Result<Self, RawJsonError> {
        match serde_json::to_string(value) {
            Ok(text) => Ok(RawJson(text.into())),
            Err(source) => Err(RawJsonError { doing: "the value cannot be written as JSON", source }),
        }
    }

    /// Returns the JSON text.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "null" } else { &self.0 }
    }

    /// Converts into the JSON text.
    pub fn into_text(self) -> Box<str> {
        if self.0.is_empty() { "null".into() } else { self.0 }
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        self.as_str().trim_ascii() == "null"
    }

    /// Returns the value as a JSON tree.
    ///
    /// The tree has integers beyond 64 bits as `f64`. Fails on text that is nested deeper than serde_json supports (128
    /// levels), on numbers beyond an `f64`, and on strings with half a surrogate pair.
    pub fn to_value(&self) -> Result<Value, RawJsonError> {
        read(self.as_str())
    }

    /// Deserializes the value as a type.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, RawJsonError> {
        read(self.as_str())
    }
}

impl PartialEq for RawJson {
    fn eq(&self, other: &Self) -> bool {
        equal(self.as_str(), other.as_str())
    }
}

impl Eq for RawJson {}

impl Hash for RawJson {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash(self.as_str(), state);
    }
}

/// The JSON text.
impl fmt::Debug for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The JSON text.
impl fmt::Display for RawJson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Parses a JSON text, as [`RawJson::from_text`] does.
impl FromStr for RawJson {
    type Err = RawJsonError;

    fn from_str(text: &str) -> Result<Self, RawJsonError> {
        RawJson::from_text(text)
    }
}

impl From<Value> for RawJson {
    fn from(value: Value) -> Self {
        RawJson::from(&value)
    }
}

impl From<&Value> for RawJson {
    fn from(value: &Value) -> Self {
        RawJson(value.to_string().into())
    }
}

impl Serialize for RawJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(self.as_str(), serializer)
    }
}

/// The newtype name by which a deserializer of this crate recognizes a [`RawJson`]: it visits the JSON text, as a
/// string.
pub(crate) const TEXT: &str = "$kubewright::RawJson";

impl<'de> Deserialize<'de> for RawJson {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrTree;

        #[allow(clippy::serde_api_misuse, reason = "a string from elsewhere would be a value, and not JSON text")]
        impl<'de> Visitor<'de> for TextOrTree {
            type Value = RawJson;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }

            fn visit_string<E>(self, text: String) -> Result<RawJson, E> {
                Ok(RawJson::from_valid_text(text))
            }

            /// Any other deserializer ignores the name, and provides the value itself.
            fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<RawJson, D::Error> {
                Value::deserialize(deserializer).map(RawJson::from)
            }
        }

        deserializer.deserialize_newtype_struct(TEXT, TextOrTree)
    }
}

/// Deserializes JSON text as a type.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, RawJsonError> {
    serde_json::from_str(text)
        .map_err(|source| RawJsonError { doing: "the JSON cannot be read as the type asked for", source })
}

/// Whether two JSON texts have the same value.
pub(super) fn equal(a: &str, b: &str) -> bool {
    a == b || matches!((canonical::text(a), canonical::text(b)), (Some(a), Some(b)) if a == b)
}

/// A hash that is the same for all texts of one value.
pub(super) fn hash<H: Hasher>(text: &str, state: &mut H) {
    match canonical::text(text) {
        Some(canonical) => canonical.hash(state),
        None => text.hash(state),
    }
}

/// Serializes the tree of a JSON text.
pub(super) fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    read::<Value>(text).map_err(|error| S::Error::custom(error.source))?.serialize(serializer)
}

fn trimmed(text: Box<str>) -> Box<str> {
    let inner = text.trim_ascii();
    if inner.len() == text.len() { text } else { inner.into() }
}
