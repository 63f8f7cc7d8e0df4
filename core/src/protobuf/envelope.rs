//! The protobuf envelope of an object, with its kind and its encoded bytes.
//!
//! It starts with four bytes, `k8s` and a zero, followed by a message
//! (<https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding-idl>).

use super::error::{Error, Kind};
use super::reader::{Reader, WireType};
use crate::json::TypeMeta;
use crate::message::Descriptor;

/// The magic number of every envelope.
pub(super) const MAGIC: [u8; 4] = *b"k8s\0";

/// A decoded envelope, with the object's own bytes, which are not decoded yet.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Envelope<'a> {
    /// The object's `apiVersion`; may be empty.
    pub api_version: &'a str,
    /// The object's `kind`; may be empty.
    pub kind: &'a str,
    /// The compression of the object's bytes; empty for none.
    pub content_encoding: &'a str,
    /// The media type of the object's bytes; empty for protobuf.
    pub content_type: &'a str,
    /// The object's bytes.
    pub raw: &'a [u8],
    raw_at: usize,
    whole: &'a [u8],
}

impl<'a> Envelope<'a> {
    /// Decodes an envelope.
    ///
    /// # Errors
    ///
    /// If the bytes are not an envelope, or are truncated.
    pub fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        if !bytes.starts_with(&MAGIC) {
            if MAGIC.starts_with(bytes) {
                return Err(Error::new(Kind::Truncated { expected: "an object in protobuf" }, Some(bytes.len())));
            }
            let found = "bytes without the magic number";
            return Err(Error::new(Kind::Invalid { expected: "an object in protobuf", found }, Some(0)));
        }
        let mut envelope = Envelope { whole: bytes, ..Envelope::default() };
        let mut reader = Reader::new(bytes).between(MAGIC.len(), bytes.len());
        if reader.is_at_end() {
            return Err(Error::new(Kind::Truncated { expected: "an object in protobuf" }, Some(bytes.len())));
        }
        let mut has_object = false;
        while let Some(tag) = reader.tag()? {
            match (tag.number, tag.wire) {
                (1, WireType::Bytes) => envelope.read_type(reader.inner()?)?,
                (2, WireType::Bytes) => {
                    has_object = true;
                    envelope.raw = reader.bytes()?;
                    envelope.raw_at = reader.at() - envelope.raw.len();
                }
                (3, WireType::Bytes) => envelope.content_encoding = reader.text()?,
                (4, WireType::Bytes) => envelope.content_type = reader.text()?,
                _ => reader.skip(tag)?,
            }
        }
        // An empty object is present all the same: without it, the rest is truncated.
        if !has_object {
            return Err(Error::new(Kind::Truncated { expected: "the object in its envelope" }, Some(bytes.len())));
        }
        Ok(envelope)
    }

    fn read_type(&mut self, mut reader: Reader<'a>) -> Result<(), Error> {
        while let Some(tag) = reader.tag()? {
            match (tag.number, tag.wire) {
                (1, WireType::Bytes) => self.api_version = reader.text()?,
                (2, WireType::Bytes) => self.kind = reader.text()?,
                _ => reader.skip(tag)?,
            }
        }
        Ok(())
    }

    /// Returns an error if the object's kind is not that of the table; for an `answer` see [`TypeMeta::is_answer`].
    pub(super) fn check_kind(&self, table: &'static Descriptor, answer: bool) -> Result<(), Error> {
        let Some(expected) = TypeMeta::of(table) else { return Ok(()) };
        let right = if answer {
            expected.is_answer(self.api_version, self.kind)
        } else {
            (self.api_version.is_empty() || expected.is_api_version(self.api_version))
                && (self.kind.is_empty() || expected.is_kind(self.kind))
        };
        if right {
            return Ok(());
        }
        let found = match (self.api_version, self.kind) {
            (version, "") => format!("{version} without a kind"),
            ("", kind) => format!("a {kind} without an apiVersion"),
            (version, kind) => format!("{version} {kind}"),
        };
        Err(Error::new(Kind::Mismatch { expected: expected.to_string(), found }, Some(0)))
    }

    /// Returns an error unless the object's bytes are plain protobuf or JSON.
    pub(super) fn check_content(&self) -> Result<(), Error> {
        let known = self.content_type.is_empty() || self.content_type == super::MEDIA_TYPE || self.is_json();
        if known && self.content_encoding.is_empty() {
            return Ok(());
        }
        let content = format!("content of type {:?} and encoding {:?}", self.content_type, self.content_encoding);
        Err(Error::new(Kind::Foreign { content }, Some(self.raw_at())))
    }

    pub(super) fn is_json(&self) -> bool {
        self.content_type == "application/json"
    }

    /// Returns the offset of the object's bytes.
    pub(super) fn raw_at(&self) -> usize {
        self.raw_at
    }

    pub(super) fn reader(&self) -> Reader<'a> {
        Reader::new(self.whole).between(self.raw_at, self.raw_at + self.raw.len())
    }
}

/// Describes bytes in place of JSON, if they are recognizably something else.
pub(super) fn foreign(bytes: &[u8]) -> Option<String> {
    if bytes.starts_with(&MAGIC) {
        let envelope = Envelope::read(bytes).unwrap_or_default();
        return Some(format!("an object in protobuf inside another ({} {})", envelope.api_version, envelope.kind));
    }
    bytes.starts_with(&[0xd9, 0xd9, 0xf7]).then(|| "CBOR".to_owned())
}
