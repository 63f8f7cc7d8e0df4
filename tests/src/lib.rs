//! Black-box suites: what a user's crate, program or cluster would see. See `tests/`.

use std::path::Path;

use kubewright_runtime::config::Kubeconfig;
use kubewright_runtime::{Client, Config};

/// The configuration of a test's cluster.
///
/// # Panics
/// The kubeconfig can't be used.
pub fn config(kubeconfig: &Path) -> Config {
    let kubeconfig = Kubeconfig::read(kubeconfig).expect("a kubeconfig");
    Config::from_kubeconfig(&kubeconfig, &Default::default()).expect("a config")
}

/// A client of a test's cluster.
///
/// # Panics
/// The kubeconfig can't be used.
pub fn client(kubeconfig: &Path) -> Client {
    Client::new(&config(kubeconfig)).expect("a client")
}

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
