//! Limits, and handling of duplicate keys.

use serde::Deserialize;

use super::{Error, read};
use crate::message::MessageType;

/// Options for decoding YAML; the default is that of [`from_str`](super::from_str) and
/// [`from_multiple`](super::from_multiple).
///
/// The number of documents and of values in them is unlimited: decoding takes time and memory in proportion to the text
/// and the additions of aliases and merges, both of which are limited.
///
/// ```
/// use kubewright_core::yaml::{DuplicateKeys, Options};
/// use kubewright_core::DynamicObject;
///
/// let options = Options::default().max_bytes(1 << 20).duplicate_keys(DuplicateKeys::Refuse);
/// let error = options.read::<DynamicObject>("kind: A\nkind: B\n").expect_err("a key that comes twice");
/// assert_eq!((error.line(), error.path().as_str()), (Some(2), ".kind"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// Maximum length of the text, in bytes. Default: 256 MiB.
    pub max_bytes: usize,
    /// How much aliases (`*name`) and merges (`<<: *name`) may add to a text, in bytes, over all of its documents: an
    /// alias counts as the text of its anchor, and at least one byte for each value in it, and a merge as its keys.
    /// Default: 8 MiB, several times an API server's limit for one object.
    ///
    /// It stops short documents in which each alias expands to ten others, before anything is expanded.
    pub max_alias_bytes: usize,
    /// Maximum nesting of objects and lists. Default: 1,000; known fields of an object are limited to 128 in any case,
    /// and so is JSON from a server.
    pub max_depth: usize,
    /// How to handle a duplicate key in one object. Default: [`DuplicateKeys::LastWins`], as kubectl.
    pub duplicate_keys: DuplicateKeys,
}

/// How to handle a duplicate key in one object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DuplicateKeys {
    /// The last value is used, and a `tracing` event at the level `WARN` has the line and the field path; beyond the
    /// 32nd of a text one event counts them. kubectl does the same, without the events.
    #[default]
    LastWins,
    /// It is an error.
    Refuse,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_bytes: 256 << 20,
            max_alias_bytes: 8 << 20,
            max_depth: 1_000,
            duplicate_keys: DuplicateKeys::default(),
        }
    }
}

impl Options {
    /// Sets the maximum length of the text, in bytes.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets how much aliases and merges may add to a text, in bytes.
    pub fn max_alias_bytes(mut self, bytes: usize) -> Self {
        self.max_alias_bytes = bytes;
        self
    }

    /// Sets the maximum nesting of objects and lists.
    pub fn max_depth(mut self, depth: usize) -> Self {
        self.max_depth = depth;
        self
    }

    /// Sets how to handle a duplicate key in one object.
    pub fn duplicate_keys(mut self, duplicate_keys: DuplicateKeys) -> Self {
        self.duplicate_keys = duplicate_keys;
        self
    }

    /// Decodes one document, as [`from_str`](super::from_str) does.
    ///
    /// # Errors
    /// As [`from_str`](super::from_str).
    pub fn read<T: MessageType + for<'de> Deserialize<'de>>(&self, text: &str) -> Result<T, Error> {
        read::one(text, self).map_err(|problem| Error::read(T::table().name, problem))
    }

    /// Decodes every document, as [`from_multiple`](super::from_multiple) does.
    ///
    /// # Errors
    /// As [`from_str`](super::from_str).
    pub fn read_multiple<T: MessageType + for<'de> Deserialize<'de>>(&self, text: &str) -> Result<Vec<T>, Error> {
        read::every(text, self).map_err(|problem| Error::read(T::table().name, problem))
    }
}
