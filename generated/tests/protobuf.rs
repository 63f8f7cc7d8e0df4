//! Objects that Go's own encoders wrote, in JSON and in protobuf: both are read as the same object, and what is written
//! from it is read as that again.

use kubewright::runtime::message::{Message, MessageType};
use kubewright::runtime::{List, json, protobuf, reflect};
use kubewright::{
    admissionregistration, apiextensions, apiregistration, apps, authorization, certificates, coordination, core,
    networking, resource,
};

/// Random objects of kinds that have every form a field can take: name, JSON and protobuf, each with its length in front.
/// `generated/tests/protobuf/vectors.sh` makes them again.
static VECTORS: &[u8] = include_bytes!("protobuf/vectors.bin");

/// An empty object of a kind.
fn empty(kind: &str) -> Option<Box<dyn Message>> {
    Some(match kind {
        "/v1/ConfigMap" => core::v1::ConfigMap::boxed(),
        "/v1/PersistentVolume" => core::v1::PersistentVolume::boxed(),
        "/v1/Pod" => core::v1::Pod::boxed(),
        "/v1/Secret" => core::v1::Secret::boxed(),
        "/v1/ServiceList" => List::<core::v1::Service>::boxed(),
        "admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy" => {
            admissionregistration::v1::ValidatingAdmissionPolicy::boxed()
        }
        "admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration" => {
            admissionregistration::v1::ValidatingWebhookConfiguration::boxed()
        }
        "apiextensions.k8s.io/v1/CustomResourceDefinition" => apiextensions::v1::CustomResourceDefinition::boxed(),
        "apiregistration.k8s.io/v1/APIService" => apiregistration::v1::APIService::boxed(),
        "apps/v1/ControllerRevision" => apps::v1::ControllerRevision::boxed(),
        "authorization.k8s.io/v1/SubjectAccessReview" => authorization::v1::SubjectAccessReview::boxed(),
        "certificates.k8s.io/v1/CertificateSigningRequest" => certificates::v1::CertificateSigningRequest::boxed(),
        "coordination.k8s.io/v1/Lease" => coordination::v1::Lease::boxed(),
        "networking.k8s.io/v1/NetworkPolicy" => networking::v1::NetworkPolicy::boxed(),
        "resource.k8s.io/v1/ResourceSlice" => resource::v1::ResourceSlice::boxed(),
        _ => return None,
    })
}

fn frame<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (frame, rest) = rest.split_at(u32::from_be_bytes(*length) as usize);
    *bytes = rest;
    Some(frame)
}

/// Every vector of a known kind.
fn vectors() -> Vec<(&'static str, &'static str, &'static [u8])> {
    let mut bytes = VECTORS;
    let mut all = Vec::new();
    while let (Some(kind), Some(text), Some(wire)) = (frame(&mut bytes), frame(&mut bytes), frame(&mut bytes)) {
        let kind = std::str::from_utf8(kind).expect("a kind");
        if empty(kind).is_some() {
            all.push((kind, json::as_utf8(text).expect("text"), wire));
        }
    }
    assert!(all.len() > 30, "{} vectors", all.len());
    all
}

fn read(kind: &str, wire: &[u8]) -> Box<dyn Message> {
    let mut object = empty(kind).expect("a known kind");
    protobuf::decode_into(&mut *object, wire, &protobuf::Options::default())
        .unwrap_or_else(|error| panic!("{kind}: {error}"));
    object
}

// The vectors are of 1.37: without its feature some of their fields are unknown, and kept as they came.
#[cfg(feature = "v1_37")]
#[test]
fn an_object_is_the_same_from_protobuf_as_from_json() {
    for (kind, text, wire) in vectors() {
        let from_protobuf = read(kind, wire);
        let mut from_json = empty(kind).expect("a known kind");
        json::decode_into(&mut *from_json, text, &json::Options::default()).expect("good JSON");
        assert!(
            reflect::equal(&*from_protobuf, &*from_json),
            "{kind}:\n{}\n{text}",
            String::from_utf8_lossy(&json::to_vec(&*from_protobuf).expect("finite numbers"))
        );
    }
}

#[cfg(feature = "v1_37")]
#[test]
fn the_tables_know_every_field() {
    for (kind, text, wire) in vectors() {
        let mut object = read(kind, wire);
        assert!(protobuf::is_supported(object.descriptor()), "{kind}");
        assert!(object.unknown_fields_mut().is_empty(), "{kind}: {text}");
    }
}

#[cfg(not(feature = "v1_37"))]
#[test]
fn fields_of_a_newer_minor_are_kept_and_written_back_in_either_encoding() {
    let (mut kept, mut refused) = (0, 0);
    for (kind, text, wire) in vectors() {
        let object = read(kind, wire);
        let written = protobuf::to_vec(&*object).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert!(reflect::equal(&*object, &*read(kind, &written)), "{kind}");

        let parse = |text: &str| {
            let mut object = empty(kind).expect("a known kind");
            json::decode_into(&mut *object, text, &json::Options::default()).expect("good JSON");
            object
        };
        let object = parse(text);
        let written = json::to_vec(&*object).expect("finite numbers");
        assert!(reflect::equal(&*object, &*parse(json::as_utf8(&written).expect("text"))), "{kind}");
        // What came as JSON and is not known has no place in protobuf, and is not left out silently.
        match protobuf::to_vec(&*object) {
            Ok(_) => kept += 1,
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 0, "of {kept} objects none has a field that only 1.37 knows: the vectors prove nothing");
}

#[test]
fn what_is_written_is_read_as_the_same() {
    for (kind, _, wire) in vectors() {
        let object = read(kind, wire);
        let written = protobuf::to_vec(&*object).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert!(reflect::equal(&*object, &*read(kind, &written)), "{kind}");
    }
}

#[test]
fn an_object_that_is_cut_off_is_an_error() {
    for (kind, _, wire) in vectors() {
        // Two empty fields end the envelope, and may be missing.
        for end in (0..wire.len() - 4).step_by(7) {
            let mut object = empty(kind).expect("a known kind");
            assert!(protobuf::decode_into(&mut *object, &wire[..end], &Default::default()).is_err(), "{kind}, {end}");
        }
    }
}
