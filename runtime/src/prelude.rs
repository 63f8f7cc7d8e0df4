//! What most programs need, in one `use`. The prelude of a generated tree has this and its own accessors.

pub use crate::api::{Api, Scope};
pub use crate::client::Client;
pub use crate::request::Deleted;
pub use crate::watch::WatchEvent;
pub use kubewright_core::prelude::*;
