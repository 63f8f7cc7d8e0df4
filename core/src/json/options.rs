//! How to read.

use super::filter::Filter;

/// How to read a document, in JSON or in protobuf; the default keeps everything.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Options {
    /// Whether to leave out fields that the tables don't know, in place of keeping them as
    /// [unknown fields](crate::message::UnknownFields), and with them the values that a custom resource's fields can't
    /// hold. Saves memory where objects are only read: an object read so and written back takes away, in an update, what a
    /// newer server had put there. Default: `false`.
    pub drop_unknown_fields: bool,
    /// Fields that the tables know, to leave out. Default: none.
    pub filter: Filter,
    /// Whether the document is what the server gave for the list of a resource: it is that list, whatever its kind is
    /// called. Who sets it checks that it is no `Status`.
    pub(crate) is_answer: bool,
    /// Whether a value that a custom resource's field can't hold is an error, as it always is in built-in kinds. Else it
    /// is kept among the [unknown fields](crate::message::UnknownFields), so that one odd value does not cost the rest of
    /// the object. For texts that people write, whose mistakes are to be named. Default: `false`.
    pub strict: bool,
}

impl Options {
    /// How to read what the server gave for the list of a resource.
    #[doc(hidden)]
    pub fn answer() -> Self {
        Self { is_answer: true, ..Self::default() }
    }

    /// Leaves out these fields.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }
}
