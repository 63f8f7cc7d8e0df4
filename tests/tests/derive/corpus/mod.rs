//! Kinds that are derived from structs: each attribute and each form of a schema has one.

pub mod attributes;
pub mod enums;
pub mod fields;
pub mod objects;

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use kubewright::apiextensions::v1::CustomResourceDefinition;
use kubewright::{Api, Client, CustomResource, json, verbs};
use serde_json::Value;

/// What a kind of the corpus has.
pub trait Kind:
    CustomResource
    + PartialEq
    + Debug
    + serde::Serialize
    + verbs::Get
    + verbs::List
    + verbs::Watch
    + verbs::Create
    + verbs::Replace
    + verbs::Patch
    + verbs::Delete
{
    /// Its handle: in a namespace, or in none.
    fn api(client: &Client, namespace: &str) -> Api<Self> {
        if Self::RESOURCE.namespaced { Api::namespaced(client, namespace) } else { Api::all(client) }
    }
}

impl<K> Kind for K where
    K: CustomResource
        + PartialEq
        + Debug
        + serde::Serialize
        + verbs::Get
        + verbs::List
        + verbs::Watch
        + verbs::Create
        + verbs::Replace
        + verbs::Patch
        + verbs::Delete
{
}

type Exercise = for<'a> fn(&'a Client, &'a str, Vec<Value>) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// One of the corpus, with objects as the API server is to take them.
pub struct Case {
    pub crd: fn() -> CustomResourceDefinition,
    pub plural: &'static str,
    pub samples: fn() -> Vec<Value>,
    /// Reads an object of the kind and writes it.
    pub rewrite: fn(&str) -> Result<String, json::Error>,
    /// Makes objects on a server, and does with them what a program does.
    pub exercise: Exercise,
}

impl Case {
    /// Of a kind, and of specs, each of which makes an object.
    pub fn of<K: Kind>(samples: fn() -> Vec<Value>) -> Self {
        Case {
            crd: || kubewright::crd::typed::<K, _>().expect("a CRD"),
            plural: K::RESOURCE.plural,
            samples,
            rewrite: |text| {
                let object: K = json::from_str(text)?;
                let written = json::to_vec(&object)?;
                let again: K = json::from_slice(&written)?;
                assert_eq!(object, again, "{}: what is read is what was written", K::RESOURCE.kind);
                Ok(String::from_utf8(written).expect("UTF-8"))
            },
            exercise: |client, namespace, objects| Box::pin(crate::real::exercise::<K>(client, namespace, objects)),
        }
    }
}

pub fn all() -> Vec<Case> {
    [attributes::cases(), enums::cases(), fields::cases(), objects::cases()].into_iter().flatten().collect()
}
