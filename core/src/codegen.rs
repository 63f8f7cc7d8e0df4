//! Support for generated types, in one `use`. Not public API.

pub use crate::message::codegen::*;
pub use crate::meta::v1::{
    Condition, DeleteOptions, LabelSelector, LabelSelectorRequirement, List, ListMeta, ManagedFieldsEntry, ObjectMeta,
    OwnerReference, Status,
};
pub use crate::resource::{Object, Resource, ResourceDesc, Served};
pub use crate::verbs;
