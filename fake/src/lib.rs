//! A Kubernetes API server in the test process, made from the same documents as the client.
//!
//! ```
//! use kubewright::core::v1::ConfigMap;
//! use kubewright::prelude::*;
//! use kubewright_fake::FakeCluster;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = FakeCluster::builder().build()?.client();
//! let config_maps = client.core_v1().config_maps("default");
//! let settings = ConfigMap { metadata: ObjectMeta::named("settings"), ..Default::default() };
//! let created = config_maps.create(&settings).await?;
//! assert_eq!(created.metadata.name.as_deref(), Some("settings"));
//! # Ok(())
//! # }
//! ```
//!
//! Without the feature `cel`, which is on by default, the crates that evaluate CEL are not compiled. Then what needs CEL is refused with 501
//! when it is written: rules in CustomResourceDefinitions, match conditions of webhooks, admission policies, selectors of devices, and
//! shard selectors.
#![deny(missing_docs)]
// Without CEL, nobody uses what admission policies alone need: patches that they make, and what they know of a request.
#![cfg_attr(not(feature = "cel"), allow(dead_code, unused_imports))]

mod access;
mod admission;
mod api;
mod builtin;
mod catalog;
mod clock;
mod cluster;
mod controllers;
mod crd;
mod documents;
mod exponents;
mod faults;
mod file;
mod gates;
#[cfg(feature = "listen")]
mod listen;
mod objects;
mod ownership;
mod patch;
mod priority;
mod quoted;
mod requests;
mod room;
mod schema;
mod server;
mod snapshot;
mod status;
mod store;
mod stored;
mod streams;
mod strict;
mod user;
mod webhooks;
#[cfg(not(feature = "cel"))]
mod without_cel;

pub use clock::FakeClock;
pub use cluster::{BuildError, FakeCluster, FakeClusterBuilder, FakeService};
pub use controllers::{Controllers, PodOutcome};
pub use faults::{FaultBuilder, Faults};
#[cfg(feature = "listen")]
pub use listen::{FakeListener, ListenError};
pub use requests::{RecordedRequest, Requests, Verb};
pub use streams::{FakeLog, PortForwardCall, SessionCall, SessionInput, SessionOutput, TerminalSize, TerminalSizes};
pub use user::FakeUser;
