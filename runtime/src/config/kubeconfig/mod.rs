//! Kubeconfig files: as types, read and merged by kubectl's rules, made a [`Config`](super::Config), and written.
//!
//! Everything that reads YAML is in this folder.

mod auth_provider;
mod cluster;
mod kuberc;
mod load;
mod lock;
mod merge;
mod model;
mod modify;
mod options;
mod paths;
mod resolve;
mod user;
mod view;
mod write;

pub use self::auth_provider::AuthProvider;
pub use self::cluster::Cluster;
pub use self::model::{Context, Kubeconfig, NamedCluster, NamedContext, NamedUser};
pub use self::options::KubeconfigOptions;
pub use self::user::User;

use self::model::Entry;
