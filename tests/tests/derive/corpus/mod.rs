//! Kinds that are derived from structs: each attribute and each form of a schema has one.

pub mod attributes;
pub mod enums;
pub mod fields;
pub mod objects;

use kubewright::apiextensions::v1::CustomResourceDefinition;
use kubewright::{CustomResource, json};
use serde_json::Value;

/// One of the corpus, with objects as the API server is to take them.
pub struct Case {
    pub crd: fn() -> CustomResourceDefinition,
    pub plural: &'static str,
    pub samples: fn() -> Vec<Value>,
    /// Reads an object of the kind and writes it.
    pub rewrite: fn(&str) -> Result<String, json::Error>,
}

impl Case {
    /// Of a kind, and of specs, each of which makes an object.
    pub fn of<K: CustomResource + PartialEq + std::fmt::Debug>(samples: fn() -> Vec<Value>) -> Self {
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
        }
    }
}

pub fn all() -> Vec<Case> {
    [attributes::cases(), enums::cases(), fields::cases(), objects::cases()].into_iter().flatten().collect()
}
