//! Objects as they are answered: those that are answered as they are stored have their bytes already.

use std::sync::Arc;

use bytes::Bytes;
use kubewright_core::protobuf;
use serde_json::{Value, json};

use super::answer::{message_of, message_of_text};
use super::call::Call;
use super::codecs;
use super::negotiate::{Encoding, Form, View};
use super::read::shown;
use super::wire::{field, head};
use crate::builtin;
use crate::catalog::Resource;
use crate::status::Status;
use crate::stored::Stored;

/// The first bytes of an object in protobuf.
const MAGIC: &[u8] = b"k8s\0";

/// An object that is answered.
#[derive(Debug)]
pub(crate) enum Shown {
    /// As it is stored.
    Stored(Arc<Stored>),
    /// In another form, or not stored at all.
    Value(Value),
}

impl Shown {
    /// A stored object in the form of a resource.
    ///
    /// # Errors
    ///
    /// If a webhook has to be asked for it, or does not convert it.
    pub fn of(call: &Call, resource: &Resource, object: &Arc<Stored>) -> Result<Self, Status> {
        if is_as_stored(resource, object) {
            return Ok(Self::Stored(object.clone()));
        }
        object.with(|object| shown(call, resource, object)).map(Self::Value)
    }

    pub fn into_value(self) -> Value {
        match self {
            Self::Stored(object) => object.with(Value::clone),
            Self::Value(object) => object,
        }
    }
}

impl From<Value> for Shown {
    fn from(object: Value) -> Self {
        Self::Value(object)
    }
}

/// Whether an object is answered as it is stored: other versions and views of it have other fields.
pub(super) fn is_as_stored(resource: &Resource, object: &Stored) -> bool {
    match resource.custom() {
        None => !builtin::is_view(resource),
        Some(_) => object.is_of(&resource.api_version()),
    }
}

/// Whether lists and watches of a form can send the bytes that objects have.
pub(super) fn has_bytes(form: Form) -> bool {
    form.view == View::Whole && form.encoding != Encoding::Yaml
}

/// The bytes of a stored object in an encoding that [`has_bytes`].
pub(super) fn bytes_of(object: &Stored, encoding: Encoding) -> Result<&Bytes, Status> {
    match encoding {
        Encoding::Protobuf => object.protobuf(codecs::write, |text| {
            // It is shorter than the text: no room has to be added.
            let mut bytes = Vec::with_capacity(text.whole.len());
            let message = message_of_text(&text.api_version, &text.kind, text.whole)?;
            protobuf::encode_into(&*message, &mut bytes).map_err(unencoded)?;
            // Without the room that is left: it is kept.
            Ok(bytes.into_boxed_slice().into())
        }),
        Encoding::Json | Encoding::Yaml => Ok(object.json()),
    }
}

fn unencoded(error: protobuf::Error) -> Status {
    Status::unexplained(format!("the object can't be encoded: {error}"))
}

/// What is before an object of some length in protobuf.
pub(super) fn envelope(api_version: &str, kind: &str, length: usize) -> Vec<u8> {
    let mut meta = field(1, api_version.as_bytes());
    meta.extend(field(2, kind.as_bytes()));
    let mut start = MAGIC.to_vec();
    start.extend(field(1, &meta));
    start.extend(head(2, length));
    start
}

/// A list as it is sent, in pieces: those of its items are shared with all other lists.
///
/// # Errors
///
/// If an item has no such encoding.
pub(super) fn list(
    resource: &Resource,
    metadata: &Value,
    items: &[Arc<Stored>],
    encoding: Encoding,
) -> Result<Vec<Bytes>, Status> {
    let (api_version, kind) = (resource.api_version(), format!("{}List", resource.kind));
    let mut pieces = Vec::with_capacity(2 * items.len() + 2);
    if encoding == Encoding::Protobuf {
        let empty = json!({ "apiVersion": api_version, "kind": kind, "metadata": metadata, "items": [] });
        let mut start = Vec::new();
        protobuf::encode_bare(&*message_of(&empty)?, &mut start).map_err(unencoded)?;
        let mut length = start.len();
        for item in items {
            let whole = bytes_of(item, encoding)?;
            // Items come without an envelope.
            let bytes = whole.slice_ref(protobuf::Envelope::read(whole).map_err(unencoded)?.raw);
            let head = head(2, bytes.len());
            length += head.len() + bytes.len();
            pieces.extend([head.into(), bytes]);
        }
        let mut whole = envelope(&api_version, &kind, length);
        whole.extend(start);
        pieces.insert(0, whole.into());
        return Ok(pieces);
    }
    let of_item = format!("{{\"apiVersion\":{},\"kind\":{},", json!(api_version), json!(resource.kind));
    pieces.push(format!("{{\"apiVersion\":{},\"items\":[", json!(api_version)).into());
    for (index, item) in items.iter().enumerate() {
        let bytes = bytes_of(item, encoding)?;
        let comma = if index == 0 { "" } else { "," };
        // Items of built-in kinds don't say what they are.
        let (start, bytes) = match (resource.custom(), bytes.strip_prefix(of_item.as_bytes())) {
            (Some(_), _) => ("", bytes.clone()),
            (None, Some(rest)) => ("{", bytes.slice_ref(rest)),
            (None, None) => ("", item.with(|object| super::read::item(resource, object)).to_string().into()),
        };
        pieces.extend([Bytes::from(format!("{comma}{start}")), bytes]);
    }
    pieces.push(format!("],\"kind\":{},\"metadata\":{metadata}}}", json!(kind)).into());
    Ok(pieces)
}
