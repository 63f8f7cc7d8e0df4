//! Field sets of `metadata.managedFields`, as text.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::raw_json::{self, RawJson, RawJsonError};

/// The fields that a manager owns, as a JSON trie (`{"f:spec":{"f:replicas":{}}}`).
///
/// It is half of a typical object on the wire and rarely inspected, so it stays text; objects of one list or watch with
/// the same text share it, and so do clones. Equality is by value: the order of keys and white space do not matter. The
/// default is the empty set, `{}`. The format is that of [server-side
/// apply](https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management).
#[derive(Clone, Default)]
pub struct FieldsV1(
    // Empty represents `{}`, which then needs no allocation.
    Arc<str>,
);

impl FieldsV1 {
    /// Creates a set of fields from its text, which is validated to be JSON.
    pub fn from_text(text: impl Into<Box<str>>) -> Result<Self, RawJsonError> {
        RawJson::from_text(text).map(FieldsV1::from)
    }

    /// Same without validation, for the codec, which has done it: invalid text is written verbatim.
    #[doc(hidden)]
    pub fn from_valid_text(text: impl Into<Arc<str>>) -> Self {
        FieldsV1(text.into())
    }

    /// Returns the JSON text verbatim.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "{}" } else { &self.0 }
    }

    /// Returns the set as a JSON tree. Fails on text that is nested deeper than serde_json supports (128 levels).
    pub fn to_value(&self) -> Result<serde_json::Value, RawJsonError> {
        raw_json::read(self.as_str())
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        *self == FieldsV1::default()
    }
}

impl PartialEq for FieldsV1 {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || raw_json::equal(self.as_str(), other.as_str())
    }
}

impl Eq for FieldsV1 {}

impl Hash for FieldsV1 {
    fn hash<H: Hasher>(&self, state: &mut H) {
        raw_json::hash(self.as_str(), state);
    }
}

impl fmt::Debug for FieldsV1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for FieldsV1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<RawJson> for FieldsV1 {
    fn from(raw: RawJson) -> Self {
        FieldsV1(raw.into_text().into())
    }
}

impl From<FieldsV1> for RawJson {
    fn from(fields: FieldsV1) -> Self {
        RawJson::from_valid_text(fields.as_str())
    }
}

impl Serialize for FieldsV1 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        raw_json::serialize(self.as_str(), serializer)
    }
}

/// Deserializes any value; `null` is the empty set.
impl<'de> Deserialize<'de> for FieldsV1 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Option::<RawJson>::deserialize(deserializer)?;
        Ok(raw.map(FieldsV1::from).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_two_words() {
        assert_eq!(size_of::<FieldsV1>(), 16);
        assert_eq!(size_of::<Option<FieldsV1>>(), 16);
    }

    #[test]
    fn the_default_is_the_empty_set() {
        assert_eq!(FieldsV1::default().as_str(), "{}");
        assert!(FieldsV1::from_text(" { } ").expect("JSON").is_empty());
        assert_eq!(serde_json::from_str::<FieldsV1>("null").expect("null"), FieldsV1::default());
        assert_eq!(RawJson::from(FieldsV1::default()).as_str(), "{}");
    }

    #[test]
    fn text_is_kept_and_equality_is_by_value() {
        let fields = FieldsV1::from_text(r#"{"f:spec": {"f:b":{},"f:a":{}}}"#).expect("JSON");
        assert_eq!(fields.as_str(), r#"{"f:spec": {"f:b":{},"f:a":{}}}"#);
        assert_eq!(fields, FieldsV1::from_text(r#"{"f:spec":{"f:a":{},"f:b":{}}}"#).expect("JSON"));
        assert_ne!(fields, FieldsV1::from_text(r#"{"f:spec":{"f:a":{}}}"#).expect("JSON"));
        assert_eq!(fields.to_value().expect("JSON")["f:spec"]["f:a"], serde_json::json!({}));
        assert!(FieldsV1::from_text("{").is_err());
    }

    #[test]
    fn it_passes_through_serde_as_a_tree() {
        let fields: FieldsV1 = serde_json::from_str(r#"{"f:spec":{}}"#).expect("JSON");
        assert_eq!(serde_json::to_string(&fields).expect("JSON"), r#"{"f:spec":{}}"#);
    }
}
