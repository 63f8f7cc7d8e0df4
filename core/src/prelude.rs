//! What most programs need of the objects, in one `use`. The prelude of a client has this as well.

pub use crate::meta::v1::{LabelSelector, List, ObjectMeta, OwnerReference};
pub use crate::patch::Patch;
pub use crate::resource::{Object, Resource, extract};
pub use crate::types::{IntOrString, Quantity};
