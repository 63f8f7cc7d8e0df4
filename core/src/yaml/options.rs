//! How much is read, and what counts as a mistake.

use serde::Deserialize;

use super::{Error, read};
use crate::message::MessageType;

/// How to read YAML; the default is what [`from_str`](super::from_str) and [`from_multiple`](super::from_multiple) do.
///
/// There is no limit on the number of documents or of values in them: reading takes time and memory in proportion to the
/// text and to what aliases and merges add to it, both of which are limited.
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
    /// The longest text, in bytes. Default: 256 MiB.
    pub max_bytes: usize,
    /// How much aliases (`*name`) and merges (`<<: *name`) may add to a text, in bytes, over all of its documents: an
    /// alias counts as the text that it stands for, and at least one byte for each value in it, and a merge as the keys
    /// that it brings. Default: 8 MiB, several times what an API server takes as one object.
    ///
    /// It stops documents of a few lines in which each alias stands for ten others, before anything is expanded.
    pub max_alias_bytes: usize,
    /// How many objects and lists may stand inside one another. Default: 1,000; what the tables know of an object goes
    /// no deeper than 128 in any case, and neither does JSON that is read from a server.
    pub max_depth: usize,
    /// What to do about a key that comes twice in one object. Default: [`DuplicateKeys::LastWins`], as kubectl.
    pub duplicate_keys: DuplicateKeys,
}

/// What to do about a key that comes twice in one object.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DuplicateKeys {
    /// The last value counts, and a `tracing` event at the level `WARN` names the line and the field path; beyond the
    /// 32nd of a text one event counts them. That is what kubectl does, but for the events.
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
    /// Limits the length of the text, in bytes.
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Limits what aliases and merges add to a text, in bytes.
    pub fn max_alias_bytes(mut self, bytes: usize) -> Self {
        self.max_alias_bytes = bytes;
        self
    }

    /// Limits how many objects and lists may stand inside one another.
    pub fn max_depth(mut self, depth: usize) -> Self {
        self.max_depth = depth;
        self
    }

    /// Sets what to do about a key that comes twice in one object.
    pub fn duplicate_keys(mut self, duplicate_keys: DuplicateKeys) -> Self {
        self.duplicate_keys = duplicate_keys;
        self
    }

    /// Reads one document, as [`from_str`](super::from_str) does.
    ///
    /// # Errors
    /// As [`from_str`](super::from_str).
    pub fn read<T: MessageType + for<'de> Deserialize<'de>>(&self, text: &str) -> Result<T, Error> {
        read::one(text, self).map_err(|problem| Error::read(T::table().name, problem))
    }

    /// Reads every document, as [`from_multiple`](super::from_multiple) does.
    ///
    /// # Errors
    /// As [`from_str`](super::from_str).
    pub fn read_multiple<T: MessageType + for<'de> Deserialize<'de>>(&self, text: &str) -> Result<Vec<T>, Error> {
        read::every(text, self).map_err(|problem| Error::read(T::table().name, problem))
    }
}
