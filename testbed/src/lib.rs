//! Real Kubernetes API servers for tests: etcd, kube-apiserver and a fake kubelet, on this machine, in seconds.
//!
//! The servers are the upstream ones, built from their Go modules (see `testbed/go`) into a cache outside the
//! checkout, once for each version. A [`Cluster`] runs on free ports with its own certificate authority, serves every
//! API of its version, and has nodes whose pods run at once, whose logs can be read, into which one can `exec`, and
//! whose ports can be forwarded, all through the real API server. It cannot outlive the process that owns it, however
//! that process ends.
//!
//! A test writes:
//!
//! ```no_run
//! let Some(bed) = kubewright_testbed::shared_or_skip() else { return };
//! println!("talk to {}", bed.kubeconfig().display());
//! ```
//!
//! and one that needs a certain minor asks [`shared_of_or_skip`] for it.
//!
//! | variable | meaning |
//! |---|---|
//! | `KUBEWRIGHT_TESTBED_KUBECONFIG` | use this cluster; `cargo xtask test` sets it |
//! | `KUBEWRIGHT_TESTBED_CLUSTERS` | the clusters of this run, one of each minor; `cargo xtask test` sets it |
//! | `KUBEWRIGHT_REQUIRE_TESTBED` | `1`: a test that finds no test bed fails instead of skipping itself |
//! | `KUBEWRIGHT_PEERS` | `1`: tests with kube build it, once, in a minute or two; `cargo xtask test` sets it |
//! | `KUBEWRIGHT_CACHE` | where built binaries go; else `$XDG_CACHE_HOME/kubewright`, else `~/.cache/kubewright` |
//! | `KUBEBUILDER_ASSETS` | a folder with `kube-apiserver`, `etcd`, `kubectl`, perhaps `kwok` and `sample-apiserver`, used instead of building |
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod aggregated;
mod binaries;
mod build;
mod certificates;
mod cluster;
mod environment;
mod error;
mod etcd;
mod kubectl;
mod kubelet;
mod module;
mod ports;
mod process_group;
mod program;
mod running;
mod shared;
mod versions;

pub use binaries::Binaries;
pub use build::{Component, Progress, Step, build, build_protofields, build_protovectors};
pub use cluster::{Cluster, Options};
pub use environment::cache_folder;
pub use error::Error;
pub use kubectl::Kubectl;
pub use module::write_module;
pub use program::{build_go_program, build_rust_program};
pub use running::{Running, supervise};
pub use shared::{
    Shared, kubelet_or_skip, name_clusters, or_skip, shared, shared_of, shared_of_or_skip, shared_or_skip,
};
pub use versions::{KWOK, Minor, minor, minors};
