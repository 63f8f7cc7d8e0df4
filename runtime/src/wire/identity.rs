//! An object's identity, read without decoding the rest of the object.

use std::fmt;
use std::sync::Arc;

use crate::CompactString;
use crate::json::{self, Options};
use crate::message::UnknownFields;
use crate::meta::v1::{ObjectMeta, PartialObjectMetadata};
use crate::protobuf;

/// Which objects of a list or watch are decoded: a function of their identity.
#[derive(Clone)]
pub(crate) struct Retain(Arc<dyn Fn(&ObjectMeta) -> bool + Send + Sync>);

impl Retain {
    pub(crate) fn new(is_retained: impl Fn(&ObjectMeta) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(is_retained))
    }

    /// Retains what both do.
    pub(crate) fn and(self, other: Self) -> Self {
        Self::new(move |metadata| (self.0)(metadata) && (other.0)(metadata))
    }

    pub(crate) fn is_retained(&self, object: &PartialObjectMetadata) -> bool {
        (self.0)(&object.metadata)
    }
}

impl fmt::Debug for Retain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Retain")
    }
}

/// An object of any kind, of which only the identity is decoded. Its table has no kind, so that any matches.
#[derive(Clone, Default)]
struct Identity {
    metadata: IdentityMetadata,
    unknown_fields: UnknownFields,
}

#[derive(Clone, Default)]
struct IdentityMetadata {
    name: Option<CompactString>,
    namespace: Option<CompactString>,
    uid: Option<CompactString>,
    resource_version: Option<CompactString>,
    unknown_fields: UnknownFields,
}

crate::table! { Identity:
    0 metadata "metadata" { number: 1, message: Some(IdentityMetadata::table), };
}
crate::table! { IdentityMetadata:
    0 name "name" { number: 1, optional: true, };
    1 namespace "namespace" { number: 3, optional: true, };
    2 uid "uid" { number: 5, optional: true, };
    3 resource_version "resourceVersion" { number: 6, optional: true, };
}

fn options() -> Options {
    let mut options = Options::default();
    options.drop_unknown_fields = true;
    options
}

impl Identity {
    fn into_partial(self) -> PartialObjectMetadata {
        let IdentityMetadata { name, namespace, uid, resource_version, .. } = self.metadata;
        let metadata = ObjectMeta { name, namespace, uid, resource_version, ..ObjectMeta::default() };
        PartialObjectMetadata { metadata, ..PartialObjectMetadata::default() }
    }
}

/// Reads the identity of an object in JSON.
pub(crate) fn of_json(text: &str) -> Result<PartialObjectMetadata, json::Error> {
    let mut identity = Identity::default();
    json::decode_into(&mut identity, text, &options())?;
    Ok(identity.into_partial())
}

/// Reads the identity of an object in protobuf, in its envelope.
pub(crate) fn of_protobuf(bytes: &[u8]) -> Result<PartialObjectMetadata, protobuf::Error> {
    let mut identity = Identity::default();
    protobuf::decode_into(&mut identity, bytes, &options())?;
    Ok(identity.into_partial())
}

/// Reads the identity of an object in protobuf without an envelope, as an item of a list is.
pub(crate) fn of_bare_protobuf(bytes: &[u8]) -> Result<PartialObjectMetadata, protobuf::Error> {
    let mut identity = Identity::default();
    protobuf::decode_bare(&mut identity, bytes, &options())?;
    Ok(identity.into_partial())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meta::v1::OwnerReference;

    #[test]
    fn the_identity_of_an_object_is_the_same_in_both_encodings() {
        let metadata = ObjectMeta {
            name: Some("web".into()),
            generate_name: Some("w".into()),
            namespace: Some("shop".into()),
            uid: Some("5d2f6a1d-9f0e".into()),
            resource_version: Some("17".into()),
            owner_references: vec![OwnerReference { name: "x".into(), uid: "y".into(), ..Default::default() }],
            ..ObjectMeta::default()
        };
        let object = PartialObjectMetadata { metadata, ..Default::default() };
        let text = r#"{"spec":{"metadata":{"uid":"no"}},"apiVersion":"apps/v1","kind":"Deployment","metadata":{
            "name":"web","generateName":"w","namespace":"shop","uid":"5d2f6a1d-9f0e","resourceVersion":"17",
            "ownerReferences":[{"name":"x","uid":"y"}]},"status":[]}"#;
        let bytes = protobuf::to_vec(&object).expect("protobuf");
        for read in [of_json(text).expect("JSON"), of_protobuf(&bytes).expect("protobuf")] {
            let metadata = read.metadata;
            assert_eq!(
                [metadata.name, metadata.namespace, metadata.uid, metadata.resource_version]
                    .map(Option::unwrap_or_default),
                ["web", "shop", "5d2f6a1d-9f0e", "17"]
            );
            assert!(metadata.generate_name.is_none() && metadata.owner_references.is_empty(), "the rest is skipped");
        }
        assert!(of_json("[]").is_err() && of_protobuf(b"k8s").is_err() && of_bare_protobuf(&[0xff]).is_err());
    }
}
