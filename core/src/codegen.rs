//! Support for generated types, in one `use`. Not public API.

pub use crate::crd::{CrdDesc, Defined, PrinterColumn, Scale, SelectableField};
pub use crate::message::codegen::*;
pub use crate::meta::v1::{
    Condition, DeleteOptions, LabelSelector, LabelSelectorRequirement, List, ListMeta, ManagedFieldsEntry, ObjectMeta,
    OwnerReference, Status,
};
pub use crate::resource::{Object, Resource, ResourceDesc, Served};
pub use crate::verbs;

#[cfg(feature = "schemars")]
pub use derive::*;

/// What `#[derive(CustomResource)]` of `kubewright-derive` writes stands on.
#[cfg(feature = "schemars")]
mod derive {
    pub use crate::crd::{CrdError, CustomResource, FieldDesc as CrdField, Rule, typed as crd};
    pub use crate::message::{SerdeField, SerdeSlot, SerdeValue, field};
    pub use crate::schemars;

    /// What stands for CustomResourceDefinitions here.
    pub type CustomResourceDefinition = crate::DynamicObject;
}
