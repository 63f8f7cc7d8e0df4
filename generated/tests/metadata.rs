//! What objects say of themselves.
#![allow(missing_docs)]

use kubewright::apps::v1::Deployment;
use kubewright::core::v1::Node;
use kubewright::prelude::*;

fn created<K: Resource>(name: &str) -> K {
    let mut object = K::default();
    let metadata = object.metadata_mut();
    (metadata.name, metadata.uid) = (Some(name.into()), Some("7c1f".into()));
    object
}

#[test]
fn the_owner_reference_of_an_object_names_its_kind_with_and_without_a_group() {
    let reference = created::<Deployment>("web").owner_ref().expect("it was created");
    assert_eq!((&*reference.api_version, &*reference.kind), ("apps/v1", "Deployment"));
    assert_eq!((&*reference.name, &*reference.uid), ("web", "7c1f"));
    assert_eq!((reference.controller, reference.block_owner_deletion), (None, None));
    let reference = created::<Node>("n1").owner_ref().expect("it was created");
    assert_eq!((&*reference.api_version, &*reference.kind), ("v1", "Node"));
}

#[test]
fn an_object_that_was_not_created_yet_can_own_nothing() {
    let web = Deployment { metadata: ObjectMeta::named("web"), ..Default::default() };
    assert_eq!(web.owner_ref(), None);
    assert_eq!(created::<Deployment>("").owner_ref(), None);
}
