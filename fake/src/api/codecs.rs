//! The protobuf of built-in kinds: by the codecs of trees, which are kept for all clusters of a process. What these leave goes by way of
//! a message.

use std::sync::{LazyLock, OnceLock};

use bytes::Bytes;
use kubewright::registry::REGISTRY;
use kubewright_core::protobuf::Envelope;
use kubewright_core::protobuf::tree::Codec;
use serde_json::Value;

use crate::room;

/// Those of the resources of the registry, in its order, once they were needed.
static CODECS: LazyLock<Vec<OnceLock<Option<Codec>>>> =
    LazyLock::new(|| REGISTRY.resources().iter().map(|_| OnceLock::new()).collect());

/// Decodes an object. `None` if a message has to do that, or can say what is wrong.
pub(super) fn read(body: &[u8], envelope: &Envelope<'_>) -> Option<Value> {
    of(envelope.api_version, envelope.kind)?.read(body)
}

/// Whether an object was sent as a message of its type, which has no fields that the type has not: in an envelope there may be JSON, too.
pub(super) fn is_plain(body: &[u8]) -> bool {
    Envelope::read(body).is_ok_and(|envelope| envelope.content_type.is_empty())
}

/// Encodes an object. `None` if a message has to do that, or can say what is wrong.
pub(super) fn write(object: &Value) -> Option<Bytes> {
    let codec = of(object["apiVersion"].as_str()?, object["kind"].as_str()?)?;
    let (bytes, outcome) = room::written(|bytes| codec.write(object, bytes));
    outcome.map(|()| bytes)
}

fn of(api_version: &str, kind: &str) -> Option<&'static Codec> {
    let is_it = |desc: &kubewright::ResourceDesc| desc.kind == kind && desc.gvk().is_api_version(api_version);
    let (place, resource) = REGISTRY.resources().iter().enumerate().find(|(_, resource)| is_it(resource.desc))?;
    CODECS.get(place)?.get_or_init(|| Codec::new((resource.object)())).as_ref()
}
