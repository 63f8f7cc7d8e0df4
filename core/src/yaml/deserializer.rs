//! Serde deserializer of a document.

use std::cell::RefCell;

use serde::de::value::{MapAccessDeserializer, StringDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::document::{Content, Document, Id};
use super::error::{Location, Problem};
use super::json;
use super::scalar::Scalar;
use crate::codec::field_path::FieldPath;
use crate::types::{json_number, raw_json};

/// The document.
pub(super) struct Source<'d> {
    document: &'d Document<'d>,
    /// The location of the innermost error. Kept here since an error that replaces another one, as is done for secrets,
    /// loses its location.
    failed: RefCell<Option<(Location, FieldPath)>>,
}

impl<'d> Source<'d> {
    pub(super) fn new(document: &'d Document<'_>) -> Self {
        Self { document, failed: RefCell::new(None) }
    }

    /// Adds the location to an error: that of the innermost one, otherwise that of `id`.
    #[cold]
    pub(super) fn location(&self, mut problem: Problem, id: Id) -> Problem {
        let mut failed = self.failed.borrow_mut();
        if problem.location().is_none() {
            match failed.take() {
                Some((location, field_path)) => {
                    problem = problem.or_at(location);
                    problem.set_field_path(field_path);
                }
                None => problem = problem.or_at(self.document.location(id)),
            }
        }
        problem
    }

    /// Adds a step to the path of an error.
    #[cold]
    fn step(&self, problem: Problem, id: Id, outwards: impl FnOnce(Problem) -> Problem) -> Problem {
        let problem = outwards(self.location(problem, id));
        *self.failed.borrow_mut() = problem.location().map(|location| (location, problem.field_path().clone()));
        problem
    }
}

/// Deserializes one node.
#[derive(Clone, Copy)]
pub(super) struct Reader<'s> {
    source: &'s Source<'s>,
    id: Id,
}

impl<'s> Reader<'s> {
    pub(super) fn new(source: &'s Source<'s>, id: Id) -> Self {
        Self { source, id }
    }

    fn content(self) -> Result<Content<'s>, Problem> {
        self.source.document.content(self.id)
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.content()? {
            Content::Scalar(Scalar::Null) => visitor.visit_unit(),
            Content::Scalar(Scalar::Bool(value)) => visitor.visit_bool(value),
            Content::Scalar(Scalar::Int(value)) => visitor.visit_i64(value),
            Content::Scalar(Scalar::Uint(value)) => visitor.visit_u64(value),
            // // The digits of one beyond an `f64` are a string.
            Content::Scalar(Scalar::BigInt(digits)) => match digits.parse() {
                Ok(value) => visitor.visit_f64(value),
                Err(_) => Err(Problem::new("cannot parse the number")),
            },
            Content::Scalar(Scalar::Float(value)) if value.is_finite() => visitor.visit_f64(value),
            Content::Scalar(Scalar::Float(_)) => Err(Problem::new(json::NOT_FINITE)),
            Content::Scalar(Scalar::Str(text)) => visitor.visit_str(text),
            Content::Binary(text) => visitor.visit_string(text),
            Content::List(items) => visitor.visit_seq(Items { source: self.source, items: items.iter(), index: 0 }),
            Content::Object(entries) => visitor.visit_map(Entries { source: self.source, entries, value: None }),
        }
    }

    /// A string is the text as written, be it `yes` or `0400`: no other type is accepted.
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        if let Some(text) = self.source.document.text(self.id) {
            return visitor.visit_str(text);
        }
        match self.content()? {
            // As in JSON: null leaves the default.
            Content::Scalar(Scalar::Null) => visitor.visit_str(""),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.content()? {
            Content::Scalar(Scalar::Null) => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Problem> {
        if name == raw_json::TEXT {
            return visitor.visit_string(json::text(self.source.document, self.id)?);
        }
        let is_number = || {
            use Scalar::{BigInt, Float, Int, Uint};
            let content = self.content();
            matches!(content, Ok(Content::Scalar(Int(_) | Uint(_) | BigInt(_) | Float(_))))
        };
        if name == json_number::DIGITS && is_number() {
            return visitor.visit_string(json::text(self.source.document, self.id)?);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.content()? {
            Content::Object(entries) => {
                let entries = Entries { source: self.source, entries, value: None };
                visitor.visit_enum(MapAccessDeserializer::new(entries))
            }
            _ => match self.source.document.text(self.id) {
                Some(text) => {
                    let text: StringDeserializer<Problem> = text.to_owned().into_deserializer();
                    visitor.visit_enum(text)
                }
                None => Err(Problem::custom("expected a string or an object with one key")),
            },
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char bytes byte_buf unit unit_struct seq tuple tuple_struct
        map struct
    }
}

struct Items<'s> {
    source: &'s Source<'s>,
    items: std::slice::Iter<'s, Id>,
    index: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Problem> {
        let Some(&id) = self.items.next() else { return Ok(None) };
        let index = self.index;
        self.index += 1;
        seed.deserialize(Reader { source: self.source, id })
            .map(Some)
            .map_err(|problem| self.source.step(problem, id, |problem| problem.in_item(index)))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

struct Entries<'s> {
    source: &'s Source<'s>,
    /// Remaining keys and values, alternating.
    entries: &'s [Id],
    /// The key and the value whose key was read last.
    value: Option<(Id, Id)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Problem> {
        let [key, value, rest @ ..] = self.entries else { return Ok(None) };
        (self.entries, self.value) = (rest, Some((*key, *value)));
        let name: StringDeserializer<Problem> = self.source.document.key(*key).into_owned().into_deserializer();
        seed.deserialize(name).map(Some).map_err(|problem| self.source.location(problem, *key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let Some((key, id)) = self.value.take() else { return Err(Problem::new("a value was read before its key")) };
        seed.deserialize(Reader { source: self.source, id }).map_err(|problem| {
            let name = self.source.document.key(key);
            self.source.step(problem, id, |problem| problem.in_key(&name))
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len() / 2)
    }
}
