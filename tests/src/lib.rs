//! Black-box suites: what a user's crate, program or cluster would see. See `tests/`.

mod documents;

pub use documents::documents_when;

use std::path::Path;

use kubewright_runtime::config::Kubeconfig;
use kubewright_runtime::{Api, Client, Config, DynamicObject, DynamicResource, Scope};

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

/// The number in a variable, in decimal or, after `0x`, hexadecimal digits; or the default.
///
/// # Panics
/// It is no number.
pub fn number(variable: &str, default: u64) -> u64 {
    let Ok(text) = std::env::var(variable) else { return default };
    let number = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.unwrap_or_else(|_| panic!("{variable} is no number: {text:?}"))
}

/// A namespace of a test's own, which an earlier run may have left.
///
/// # Panics
/// The server does not let it be made.
pub async fn namespace(client: &Client, name: &str) {
    let namespaces = DynamicResource {
        group: String::new(),
        version: "v1".into(),
        kind: "Namespace".into(),
        plural: "namespaces".into(),
        namespaced: false,
    };
    let api = Api::<DynamicObject>::dynamic(client, &namespaces, Scope::Cluster);
    if let Err(error) = api.create(&DynamicObject::new(&namespaces, name)).await {
        assert!(error.is_already_exists(), "{error}");
    }
}

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;

/// The examples of the page on retries compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/retries.md")]
pub struct Retries;

/// The examples of docs/discovery.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/discovery.md")]
pub struct DiscoveryPage;

/// The examples of docs/features.md work.
#[cfg(doctest)]
#[doc = include_str!("../../docs/features.md")]
pub struct FeaturesPage;

/// The examples of docs/derive.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/derive.md")]
pub struct DerivePage;

/// The examples of docs/webhooks.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/webhooks.md")]
pub struct WebhooksPage;

/// The examples of docs/operators.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/operators.md")]
pub struct OperatorsPage;

/// The examples of docs/watching.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/watching.md")]
pub struct WatchingPage;

/// The examples of docs/configuration.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/configuration.md")]
pub struct ConfigurationPage;

/// The examples of docs/controllers.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/controllers.md")]
pub struct ControllersPage;

/// The examples of docs/streams.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/streams.md")]
pub struct StreamsPage;

/// The examples of docs/helpers.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/helpers.md")]
pub struct HelpersPage;

/// The examples of docs/leader-election.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/leader-election.md")]
pub struct LeaderElectionPage;

/// The examples of docs/testing-your-code.md compile.
#[cfg(doctest)]
#[doc = include_str!("../../docs/testing-your-code.md")]
pub struct TestingYourCode;
