//! Fields whose types stand on serde and not on a table: what a kind consists of that is derived from a struct of the user's.
//!
//! A table keeps what it does not know; a serde type drops it, writes defaults that nobody set, and orders and spells
//! things its own way. So the document that was read is kept beside the value wherever the two differ, and what is
//! written is that document with the changes that the program made to the value ([`merge`]). An object that is written
//! back unchanged is the document that was read.

mod merge;
mod sparse;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::{UnknownFields, Value};
use crate::types::RawJson;

/// A type that serde reads and writes, as the engines see it. Every type that has these traits is one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be a field of a custom resource",
    label = "needs `Serialize`, `Deserialize`, `Default`, `Debug`, `Send` and `Sync`",
    note = "an object is read into an empty one, so that every field needs a `Default`; `Debug` prints objects"
)]
pub trait SerdeField: Any + fmt::Debug + Send + Sync {
    /// What serde writes, without the members that are `None`.
    #[doc(hidden)]
    fn to_json(&self) -> Result<Json, SerdeError>;

    /// Takes the value that a text stands for; on an error it is left alone.
    #[doc(hidden)]
    fn fill(&mut self, text: &str) -> Result<(), SerdeError>;

    /// What serde writes of the value that a text stands for.
    #[doc(hidden)]
    fn rewritten(&self, text: &str) -> Result<Json, SerdeError>;

    /// Puts the default in its place.
    #[doc(hidden)]
    fn reset(&mut self);

    /// Whether serde writes the same of it as of the default.
    #[doc(hidden)]
    fn is_like_default(&self) -> bool;
}

impl<T: Serialize + DeserializeOwned + Default + fmt::Debug + Send + Sync + 'static> SerdeField for T {
    fn to_json(&self) -> Result<Json, SerdeError> {
        sparse::to_json(self)
    }

    fn fill(&mut self, text: &str) -> Result<(), SerdeError> {
        *self = serde_json::from_str(text).map_err(|error| SerdeError::reading(&error))?;
        Ok(())
    }

    fn rewritten(&self, text: &str) -> Result<Json, SerdeError> {
        let value: T = serde_json::from_str(text).map_err(|error| SerdeError::reading(&error))?;
        sparse::to_json(&value)
    }

    fn reset(&mut self) {
        *self = T::default();
    }

    fn is_like_default(&self) -> bool {
        matches!((sparse::to_json(self), sparse::to_json(&T::default())), (Ok(own), Ok(default)) if own == default)
    }
}

/// Why a value did not go through serde. It quotes nothing of the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SerdeError(String);

impl SerdeError {
    /// serde's errors quote what they found. Names of fields are the type's own, and what was expected is, too.
    fn reading(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        let text = text.rsplit_once(" at line ").map_or(&*text, |(text, _)| text);
        if ["missing field", "unknown field", "duplicate field"].iter().any(|start| text.starts_with(start)) {
            return SerdeError(text.to_owned());
        }
        SerdeError(match text.rsplit_once(", expected ") {
            Some((_, expected)) => format!("expected {expected}"),
            None => "the type does not take the value".to_owned(),
        })
    }
}

/// What stands in a field whose type stands on serde: the value, and what was read where that was more.
#[derive(Clone, Copy)]
pub struct SerdeValue<'a> {
    value: &'a dyn SerdeField,
    read: Option<&'a RawJson>,
}

impl<'a> SerdeValue<'a> {
    /// Of the field with this JSON name.
    #[doc(hidden)]
    pub fn new(value: &'a dyn SerdeField, unknown: &'a UnknownFields, name: &str) -> Self {
        SerdeValue { value, read: unknown.as_read(name) }
    }

    /// What is written of it: what was read, with the changes that were made since.
    ///
    /// # Errors
    /// If the type's `Serialize` fails, or it holds what JSON has no place for.
    pub fn to_json(self) -> Result<RawJson, SerdeError> {
        let new = self.value.to_json()?;
        let Some(read) = self.read else { return Ok(RawJson::from(new)) };
        let base = self.value.rewritten(read.as_str())?;
        Ok(RawJson::from_valid_text(merge::merge(&new, &base, read.as_str())))
    }

    /// Whether it is at its type's default, and nothing else was read.
    pub fn is_default(self) -> bool {
        self.read.is_none() && self.value.is_like_default()
    }
}

/// As the type prints itself.
impl fmt::Debug for SerdeValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

impl<'a> From<SerdeValue<'a>> for Value<'a> {
    fn from(value: SerdeValue<'a>) -> Self {
        Value::Serde(value)
    }
}

/// A field whose type stands on serde, to be filled.
pub struct SerdeSlot<'a> {
    value: &'a mut dyn SerdeField,
    unknown: &'a mut UnknownFields,
    name: &'static str,
}

impl<'a> SerdeSlot<'a> {
    /// Of the field with this JSON name.
    #[doc(hidden)]
    pub fn new(value: &'a mut dyn SerdeField, unknown: &'a mut UnknownFields, name: &'static str) -> Self {
        SerdeSlot { value, unknown, name }
    }

    /// Takes the value that a text stands for, and keeps the text where it says more than the value does, if that is
    /// wanted.
    ///
    /// # Errors
    /// If the type does not take it: the field is then as it was.
    pub fn fill(self, text: &str, keep: bool) -> Result<(), SerdeError> {
        self.value.fill(text)?;
        let written = self.value.to_json().map(RawJson::from);
        let read = RawJson::from_valid_text(text);
        let more = keep && written.is_ok_and(|written| written != read);
        self.unknown.set_as_read(self.name, more.then_some(read));
        Ok(())
    }

    /// Puts the default in its place.
    pub fn clear(self) {
        self.value.reset();
        self.unknown.set_as_read(self.name, None);
    }
}
