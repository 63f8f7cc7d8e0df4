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

/// Every kind that has an encoding in protobuf: its name and an empty object.
fn kinds() -> Vec<(&'static str, fn() -> Box<dyn Message>)> {
    let all = REGISTRY.types().iter().filter(|known| {
        let table = (known.new)().descriptor();
        table.gvk.is_some() && protobuf::is_supported(table)
    });
    all.map(|known| (known.path, known.new)).collect()
}

fn by_message(new: fn() -> Box<dyn Message>, bytes: &[u8]) -> Option<Value> {
    let mut message = new();
    protobuf::decode_into(&mut *message, bytes, &protobuf::Options::default()).ok()?;
    reflect::serialize(&*message, serde_json::value::Serializer).ok()
}

fn to_bytes_by_message(new: fn() -> Box<dyn Message>, value: &Value) -> Option<Vec<u8>> {
    let mut message = new();
    json::decode_into(&mut *message, &value.to_string(), &json::Options::default()).ok()?;
    protobuf::to_vec(&*message).ok()
}

/// Compares both ways of reading, if the codec reads it.
fn check_read(name: &str, new: fn() -> Box<dyn Message>, codec: &Codec, bytes: &[u8]) -> Option<Value> {
    let read = codec.read(bytes)?;
    assert_eq!(Some(&read), by_message(new, bytes).as_ref(), "{name}");
    Some(read)
}

/// Compares both ways of writing, if the codec writes it.
fn check_written(name: &str, new: fn() -> Box<dyn Message>, codec: &Codec, value: &Value) -> Option<Vec<u8>> {
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
    assert!(kinds.len() > 100, "{}", kinds.len());
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
    let new: fn() -> Box<dyn Message> = core::v1::Pod::boxed;
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
    assert!((50..1000).contains(&read), "{read}");
}

#[test]
fn values_of_other_types_are_written_as_by_a_message_or_not_at_all() {
    let new: fn() -> Box<dyn Message> = core::v1::Pod::boxed;
    let codec = Codec::new(new()).expect("a kind");
    let mut written = 0;
    for seed in 0..300 {
        let mut dice = Dice::new(seed);
        let mut message = new();
        fill(&mut *message, &mut dice, 0);
        let mut value = reflect::serialize(&*message, serde_json::value::Serializer).expect("a value");
        fill::damage(&mut value, &mut dice);
        written += usize::from(check_written("Pod", new, &codec, &value).is_some());
    }
    assert!((30..300).contains(&written), "{written}");
}

#[test]
fn an_object_of_another_kind_is_refused() {
    let codec = |new: fn() -> Box<dyn Message>| Codec::new(new()).expect("a kind");
    let pod = protobuf::to_vec(&core::v1::Pod::default()).expect("bytes");
    assert!(codec(core::v1::Pod::boxed).read(&pod).is_some());
    assert!(codec(core::v1::Secret::boxed).read(&pod).is_none());
    let value = serde_json::json!({ "apiVersion": "v1", "kind": "Pod", "metadata": {} });
    assert!(codec(core::v1::Pod::boxed).write(&value, &mut Vec::new()).is_some());
    assert!(codec(core::v1::Secret::boxed).write(&value, &mut Vec::new()).is_none());
    assert!(Codec::new(core::v1::PodSpec::boxed()).is_none(), "no kind");
}
