//! Re-exports what most programs need. The prelude of a generated tree includes this and its own traits.

pub use crate::api::{Api, Scope};
pub use crate::client::Client;
pub use crate::request::Deleted;
pub use crate::watch::WatchEvent;
pub use kubewright_core::prelude::*;
