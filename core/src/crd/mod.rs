//! CustomResourceDefinitions of kinds that are Rust types: what `#[derive(CustomResource)]` of `kubewright-derive` stands on.
//!
//! - [`CustomResource`] is the trait of such kinds, [`CustomResource::crd_json`] their CRD.
//! - [`Structural`] rewrites a schema of schemars to the form that the API server demands.
//! - [`merge`] makes one CRD of those of several versions.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/>

mod build;
mod desc;
mod error;
mod merge;
mod structural;
#[cfg(test)]
mod tests;
mod union;

pub use desc::{CrdDesc, FieldDesc, PrinterColumn, Rule, Scale};
pub use error::CrdError;
pub use merge::merge;
pub use structural::Structural;

use crate::json;
use crate::message::MessageType;
use crate::resource::Resource;

/// A kind whose CustomResourceDefinition is made of the Rust type. Derived.
pub trait CustomResource: Resource {
    /// What the CRD says beside the schema.
    const CRD: &'static CrdDesc;

    /// The fields of the objects' top level, beside `metadata`.
    #[doc(hidden)]
    fn fields(generator: &mut schemars::SchemaGenerator) -> Vec<(&'static FieldDesc, schemars::Schema)>;

    /// The CRD, as JSON. The method `crd` of each derived kind has it as a typed object.
    ///
    /// # Errors
    /// If a type has no structural schema, since it contains itself, or the attributes name fields that are not there.
    fn crd_json() -> Result<serde_json::Value, CrdError> {
        build::crd(Self::RESOURCE, Self::CRD, Self::fields)
    }
}

/// The CRD of a kind as an object of a type that stands for CRDs.
#[doc(hidden)]
pub fn typed<K: CustomResource, T: MessageType>() -> Result<T, CrdError> {
    of_json(&K::crd_json()?)
}

fn of_json<T: MessageType>(crd: &serde_json::Value) -> Result<T, CrdError> {
    json::from_str(&crd.to_string()).map_err(|error| CrdError::at("", format!("the CRD can't be read: {error}")))
}
