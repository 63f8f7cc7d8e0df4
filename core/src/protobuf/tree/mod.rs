//! Objects of a kind between protobuf and [`serde_json::Value`], without a message of their type in between.
//!
//! For programs that treat objects as trees, such as API servers and proxies: they need no message. The result is the
//! same as by way of one: that of [`decode_into`](super::decode_into) and serde's `Serialize`, and of
//! [`json::decode_into`](crate::json::decode_into) and [`encode_into`](super::encode_into). What is rare is left to
//! them: a [`Codec`] then returns `None`, as it does for what is wrong.

mod fields;
mod read;
mod write;

use serde_json::Value;

use super::Envelope;
use crate::message::{Gvk, Message};
use fields::Types;

/// What is known of a kind's fields, in a form that is quick to use.
#[derive(Debug)]
pub struct Codec {
    gvk: Gvk,
    types: Types,
}

impl Codec {
    /// Prepares the codec of a kind, from an empty message of it, which is used up. `None` if the type is no kind.
    ///
    /// All types in the kind are read for it: a codec is meant to be kept.
    pub fn new(mut message: Box<dyn Message>) -> Option<Self> {
        let gvk = message.descriptor().gvk?;
        Some(Codec { gvk, types: Types::of(&mut *message) })
    }

    /// Decodes an object from its envelope.
    ///
    /// `None` if that has to be done by way of a message, or can't be done: the bytes are wrong, of another kind, or
    /// compressed, have a field that the type has not, the same field twice, or one of a form that few have.
    pub fn read(&self, bytes: &[u8]) -> Option<Value> {
        let envelope = Envelope::read(bytes).ok()?;
        let is_it = self.gvk.is_api_version(envelope.api_version) && envelope.kind == self.gvk.kind;
        let is_plain = envelope.content_type.is_empty() && envelope.content_encoding.is_empty();
        if !is_it || !is_plain {
            return None;
        }
        let mut fields = read::message(&self.types, envelope.reader())?;
        fields.insert("apiVersion".to_owned(), self.gvk.api_version().into());
        fields.insert("kind".to_owned(), self.gvk.kind.into());
        Some(Value::Object(fields))
    }

    /// Appends an object in its envelope to a buffer.
    ///
    /// `None` if that has to be done by way of a message, or can't be done: the object is of another kind, has a field
    /// that the type has not, a value of another type or spelling, or a field of a form that few have. The buffer is
    /// then unchanged.
    pub fn write(&self, object: &Value, out: &mut Vec<u8>) -> Option<()> {
        let fields = object.as_object()?;
        let text = |name: &str| fields.get(name).and_then(Value::as_str);
        let is_it = self.gvk.is_api_version(text("apiVersion")?) && text("kind")? == self.gvk.kind;
        if !is_it {
            return None;
        }
        write::object(&self.types, self.gvk, fields, out)
    }
}
