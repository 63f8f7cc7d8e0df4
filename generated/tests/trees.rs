//! The codec of trees says the same as the codecs of messages, for every kind that there is.

use kubewright::core;
use kubewright::registry::REGISTRY;
use kubewright::runtime::message::{Message, MessageType as _};
use kubewright::runtime::protobuf::tree::Codec;
use kubewright::runtime::{json, protobuf, reflect};
use serde_json::Value;

#[path = "trees/fill.rs"]
mod fill;

use fill::{Dice, fill};

/// Kinds of which some objects go by way of a message: for lists in maps, schemas that may be booleans, nulls that are any
/// JSON or in a map.
#[cfg(feature = "v1_37")]
const ODD: &[&str] = &[
    "meta::v1::APIResourceList",
    "apiextensions::v1::CustomResourceDefinition",
    "apps::v1::ControllerRevision",
    "authentication::v1::SelfSubjectReview",
    "authentication::v1::TokenRequest",
    "authentication::v1::TokenReview",
    "authorization::v1::LocalSubjectAccessReview",
    "authorization::v1::SubjectAccessReview",
    "certificates::v1::CertificateSigningRequest",
    "policy::v1::PodDisruptionBudget",
    "resource::v1::DeviceClass",
    "resource::v1::ResourceClaim",
    "resource::v1::ResourceClaimTemplate",
    "resource::v1beta1::DeviceClass",
    "resource::v1beta1::ResourceClaim",
    "resource::v1beta1::ResourceClaimTemplate",
    "resource::v1beta2::DeviceClass",
    "resource::v1beta2::ResourceClaim",
    "resource::v1beta2::ResourceClaimTemplate",
];

/// Makes an empty object.
type New = fn() -> Box<dyn Message>;

/// Every kind that has an encoding in protobuf: its name and an empty object.
fn kinds() -> Vec<(&'static str, New)> {
    let all = REGISTRY.types().iter().filter(|known| {
        let table = (known.new)().descriptor();
        table.gvk.is_some() && protobuf::is_supported(table)
    });
    all.map(|known| (known.path, known.new)).collect()
}

fn by_message(new: New, bytes: &[u8]) -> Option<Value> {
    let mut message = new();
    protobuf::decode_into(&mut *message, bytes, &protobuf::Options::default()).ok()?;
    reflect::serialize(&*message, serde_json::value::Serializer).ok()
}

fn to_bytes_by_message(new: New, value: &Value) -> Option<Vec<u8>> {
    let mut message = new();
    json::decode_into(&mut *message, &value.to_string(), &json::Options::default()).ok()?;
    protobuf::to_vec(&*message).ok()
}

/// Compares both ways of reading, if the codec reads it.
fn check_read(name: &str, new: New, codec: &Codec, bytes: &[u8]) -> Option<Value> {
    let read = codec.read(bytes)?;
    assert_eq!(Some(&read), by_message(new, bytes).as_ref(), "{name}");
    Some(read)
}

/// Compares both ways of writing, if the codec writes it.
fn check_written(name: &str, new: New, codec: &Codec, value: &Value) -> Option<Vec<u8>> {
    let mut out = b"before".to_vec();
    let written = codec.write(value, &mut out);
    let bytes = out.strip_prefix(b"before").expect("what was there stays").to_vec();
    if written.is_none() {
        assert!(bytes.is_empty(), "{name}");
        return None;
    }
    assert!(Some(&bytes) == to_bytes_by_message(new, value).as_ref(), "{name}: {value}");
    Some(bytes)
}

#[test]
fn a_tree_is_read_and_written_as_a_message_would_be() {
    let kinds = kinds();
    assert!(kinds.len() >= 80, "{}", kinds.len());
    let mut odd = Vec::new();
    for (name, new) in kinds {
        let codec = Codec::new(new()).expect("a kind");
        let mut is_odd = false;
        for seed in 0..60 {
            let mut message = new();
            fill(&mut *message, &mut Dice::new(seed), 0);
            let bytes = protobuf::to_vec(&*message).unwrap_or_else(|error| panic!("{name}: {error}"));
            let read = check_read(name, new, &codec, &bytes);
            let value = reflect::serialize(&*message, serde_json::value::Serializer).expect("a value");
            let written = check_written(name, new, &codec, &value);
            is_odd |= read.is_none() || written.is_none();
        }
        if is_odd {
            odd.push(name);
        }
    }
    #[cfg(feature = "v1_37")]
    assert_eq!(odd, ODD);
    assert!(odd.len() < 40, "{odd:?}");
}

#[test]
fn bytes_that_are_damaged_are_read_as_by_a_message_or_not_at_all() {
    let new: New = core::v1::Pod::boxed;
    let codec = Codec::new(new()).expect("a kind");
    let mut read = 0;
    for seed in 0..1000 {
        let mut dice = Dice::new(seed);
        let mut message = new();
        fill(&mut *message, &mut dice, 0);
        let mut bytes = protobuf::to_vec(&*message).expect("bytes");
        let index = dice.below(bytes.len());
        bytes[index] = dice.below(256) as u8;
        if dice.below(4) == 0 {
            bytes.truncate(bytes.len().saturating_sub(dice.below(20)));
        }
        read += usize::from(check_read("Pod", new, &codec, &bytes).is_some());
    }
    assert!((20..1000).contains(&read), "{read}");
}

#[test]
fn values_of_other_types_are_written_as_by_a_message_or_not_at_all() {
    let new: New = core::v1::Pod::boxed;
    let codec = Codec::new(new()).expect("a kind");
    let mut written = 0;
    for seed in 0..1000 {
        let mut dice = Dice::new(seed);
        let mut message = new();
        fill(&mut *message, &mut dice, 0);
        let mut value = reflect::serialize(&*message, serde_json::value::Serializer).expect("a value");
        fill::damage(&mut value, &mut dice);
        written += usize::from(check_written("Pod", new, &codec, &value).is_some());
    }
    assert!((20..1000).contains(&written), "{written}");
}

/// An object in an envelope.
fn enveloped(kind: &str, raw: &[u8]) -> Vec<u8> {
    let field = |number: u8, bytes: &[u8]| [&[number << 3 | 2, bytes.len() as u8], bytes].concat();
    let meta = [field(1, b"v1"), field(2, kind.as_bytes())].concat();
    [b"k8s\0".to_vec(), field(1, &meta), field(2, raw)].concat()
}

#[test]
fn a_length_may_be_written_in_more_bytes_than_it_needs() {
    let new: New = core::v1::Pod::boxed;
    let codec = Codec::new(new()).expect("a kind");
    // The metadata, with an empty name.
    for raw in [&[0x0a, 2, 0x0a, 0][..], &[0x0a, 3, 0x0a, 0x80, 0], &[0x0a, 0x82, 0, 0x0a, 0]] {
        let read = check_read("Pod", new, &codec, &enveloped("Pod", raw)).expect("read");
        assert_eq!(read.pointer("/metadata/name"), None);
    }
}

#[test]
fn values_are_written_as_deep_as_by_a_message() {
    let revision: New = kubewright::apps::v1::ControllerRevision::boxed;
    let definition: New = kubewright::apiextensions::v1::CustomResourceDefinition::boxed;
    let mut written = 0;
    for depth in 100..140 {
        let data = (0..depth).fold(Value::from(1), |inner, _| Value::from(vec![inner]));
        let value =
            serde_json::json!({ "apiVersion": "apps/v1", "kind": "ControllerRevision", "data": data, "revision": 1 });
        let codec = Codec::new(revision()).expect("a kind");
        written += usize::from(check_written("ControllerRevision", revision, &codec, &value).is_some());
        // Each is two levels: an object in a list.
        let schema = (0..depth / 2).fold(serde_json::json!({}), |inner, _| serde_json::json!({ "allOf": [inner] }));
        let versions = serde_json::json!([{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": schema } }]);
        let names = serde_json::json!({ "kind": "A", "plural": "as" });
        let spec = serde_json::json!({ "group": "a.b", "names": names, "scope": "Cluster", "versions": versions });
        let value = serde_json::json!({ "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "spec": spec });
        let codec = Codec::new(definition()).expect("a kind");
        written += usize::from(check_written("CustomResourceDefinition", definition, &codec, &value).is_some());
    }
    assert!((40..80).contains(&written), "{written}");
}

#[test]
fn an_object_of_another_kind_is_refused() {
    let codec = |new: New| Codec::new(new()).expect("a kind");
    let pod = protobuf::to_vec(&core::v1::Pod::default()).expect("bytes");
    assert!(codec(core::v1::Pod::boxed).read(&pod).is_some());
    assert!(codec(core::v1::Secret::boxed).read(&pod).is_none());
    let value = serde_json::json!({ "apiVersion": "v1", "kind": "Pod", "metadata": {} });
    assert!(codec(core::v1::Pod::boxed).write(&value, &mut Vec::new()).is_some());
    assert!(codec(core::v1::Secret::boxed).write(&value, &mut Vec::new()).is_none());
    assert!(Codec::new(core::v1::PodSpec::boxed()).is_none(), "no kind");
}
