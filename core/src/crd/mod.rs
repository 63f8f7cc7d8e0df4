//! CustomResourceDefinitions: what they say of a kind beside its schema and, with the feature `schemars`, the definitions of
//! kinds that are Rust types (what `#[derive(CustomResource)]` of `kubewright-derive` stands on).
//!
//! - [`Defined`] is the trait of kinds whose definition is known, generated or derived: their printer columns, scale,
//!   selectable fields, whether the version is stored or deprecated.
//! - `CustomResource` is the trait of derived kinds, `CustomResource::crd_json` their CRD.
//! - `Structural` rewrites a schema of schemars to the form that the API server demands.
//! - `merge` makes one CRD of those of several versions.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/>

#[cfg(feature = "schemars")]
mod build;
mod columns;
mod desc;
#[cfg(feature = "schemars")]
mod error;
#[cfg(any(feature = "schemars", feature = "validate"))]
mod format;
mod json_path;
#[cfg(feature = "schemars")]
mod merge;
mod select;
#[cfg(feature = "schemars")]
mod structural;
#[cfg(all(test, feature = "schemars"))]
mod tests;
#[cfg(feature = "schemars")]
mod union;

pub use columns::{ColumnError, cells};
pub use desc::{CrdDesc, FieldDesc, PrinterColumn, Rule, Scale};
#[cfg(feature = "schemars")]
pub use error::CrdError;
#[cfg(feature = "validate")]
pub(crate) use format::of_text;
#[cfg(any(feature = "schemars", feature = "validate"))]
pub use format::text_formats;
pub use json_path::{JsonPath, JsonPathError};
#[cfg(feature = "schemars")]
pub use merge::merge;
pub use select::SelectableField;
#[cfg(feature = "schemars")]
pub use structural::Structural;

use crate::resource::Resource;
#[cfg(feature = "schemars")]
use crate::{json, message::MessageType};

/// A kind whose CustomResourceDefinition is known: of a tree that was generated from definitions, or derived.
pub trait Defined: Resource {
    /// What the definition says of the version beside its schema.
    const CRD: &'static CrdDesc;
}

/// A kind whose CustomResourceDefinition is made of the Rust type. Derived.
#[cfg(feature = "schemars")]
pub trait CustomResource: Defined {
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
#[cfg(feature = "schemars")]
#[doc(hidden)]
pub fn typed<K: CustomResource, T: MessageType>() -> Result<T, CrdError> {
    of_json(&K::crd_json()?)
}

#[cfg(feature = "schemars")]
fn of_json<T: MessageType>(crd: &serde_json::Value) -> Result<T, CrdError> {
    json::from_str(&crd.to_string()).map_err(|error| CrdError::at("", format!("the CRD can't be read: {error}")))
}
