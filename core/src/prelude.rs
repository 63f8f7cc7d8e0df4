//! Re-exports what most programs need for objects. The prelude of a client includes this.

pub use crate::meta::v1::{LabelSelector, List, ObjectMeta, OwnerReference};
pub use crate::patch::Patch;
pub use crate::resource::{Object, Resource, extract};
pub use crate::types::{IntOrString, Quantity};
