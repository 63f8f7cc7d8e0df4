//! What most programs need, in one `use`. The prelude of a generated tree has this and its own accessors.

pub use crate::api::{Api, Object, Resource, Scope, extract};
pub use crate::client::Client;
pub use crate::meta::v1::{LabelSelector, List, ObjectMeta, OwnerReference};
pub use crate::request::{Deleted, Patch};
pub use crate::types::{IntOrString, Quantity};
pub use crate::watch::WatchEvent;
