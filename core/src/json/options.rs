//! Decoding options.

use super::filter::Filter;

/// How to decode a document, in JSON or in protobuf; the default preserves everything.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Whether to drop fields that the tables don't know, instead of preserving them as [unknown
    /// fields](crate::message::UnknownFields), and with them the values that a custom resource's fields can't
    /// represent. Saves memory if objects are only read: writing such an object back removes, in an update, the fields
    /// of a newer server. Default: `false`.
    pub drop_unknown_fields: bool,
    /// Known fields to skip. Default: none.
    pub filter: Filter,
    /// Whether the document is the response to a list request: it is that list, whatever its kind is named. The caller
    /// must check that it is not a `Status`.
    pub(crate) is_answer: bool,
    /// Whether a value that a custom resource's field can't represent is an error, as it always is in built-in kinds.
    /// Otherwise it is preserved among the [unknown fields](crate::message::UnknownFields), so that one invalid value
    /// does not cost the rest of the object. For manifests, whose mistakes should be reported. Default: `false`.
    pub strict: bool,
}

impl Options {
    /// Options for the response to a list request.
    #[doc(hidden)]
    pub fn answer() -> Self {
        Self { is_answer: true, ..Self::default() }
    }

    /// Skips these fields.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }
}
