//! The protobuf of built-in kinds: by the codecs of trees, which are kept for all clusters of a process. What these leave goes by way of
//! a message.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use bytes::Bytes;
use kubewright::registry::{REGISTRY, RegisteredResource};
use kubewright_core::protobuf::Envelope;
use kubewright_core::protobuf::tree::Codec;
use serde_json::Value;

use crate::room;

/// Those of the resources of the registry by kind, once they were needed.
static CODECS: LazyLock<HashMap<&str, Vec<Known>>> = LazyLock::new(|| {
    let mut codecs: HashMap<&str, Vec<Known>> = HashMap::new();
    for resource in REGISTRY.resources() {
        codecs.entry(resource.desc.kind).or_default().push(Known { resource, codec: OnceLock::new() });
    }
    codecs
});

struct Known {
    resource: &'static RegisteredResource,
    codec: OnceLock<Option<Codec>>,
}

/// Decodes an object. `None` if a message has to do that, or can say what is wrong.
pub(super) fn read(body: &[u8], envelope: &Envelope<'_>) -> Option<Value> {
    of(envelope.api_version, envelope.kind)?.read(body)
}

/// Whether what is in an envelope is a message: there may be JSON, which has any fields.
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
    let mut of_kind = CODECS.get(kind)?.iter();
    let known = of_kind.find(|known| known.resource.desc.gvk().is_api_version(api_version))?;
    known.codec.get_or_init(|| Codec::new((known.resource.object)())).as_ref()
}
