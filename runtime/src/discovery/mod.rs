//! API discovery: the groups, versions and resources that a server serves, for kinds that are known only at run time.
//!
//! ```no_run
//! use futures_util::TryStreamExt as _;
//! use kubewright_runtime::{Api, Client, Scope};
//!
//! # async fn run(client: Client) -> kubewright_runtime::Result<()> {
//! let discovery = client.discovery().await?;
//! // By any name that kubectl takes: plural, singular, short name or kind, with group and version if need be.
//! if let Some(resource) = discovery.find("deploy") {
//!     let deployments = Api::dynamic(&client, &resource.into(), Scope::Namespace("shop"));
//!     println!("{} in shop", deployments.list().await?.items.len());
//! }
//! for resource in discovery.category("all") {
//!     println!("{} ({})", resource.plural, resource.kind);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api>

mod aggregated;
mod cache;
mod find;
mod legacy;
mod resource;

use std::sync::Arc;

pub use resource::{ApiGroup, ApiResource, ApiSubresource, ApiVersion};

use crate::Client;
use crate::error::Result;

/// The groups, versions and resources of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Discovery {
    groups: Vec<ApiGroup>,
}

impl Client {
    /// Returns what the server serves: the core group first, then the others in the server's order of preference.
    ///
    /// This takes two requests ([aggregated
    /// discovery](https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery)). The client
    /// caches the responses by ETag, so that later calls receive 304 without a body unless something has changed:
    /// calling it often is cheap, and the result is always current. Servers without aggregated discovery (before
    /// Kubernetes 1.27, and the API servers of some extensions) are queried group by group.
    ///
    /// # Errors
    /// As any call. A group-version whose server is unavailable is not an error: it is [stale](ApiVersion::stale), and
    /// may lack resources.
    pub async fn discovery(&self) -> Result<Arc<Discovery>> {
        cache::discover(self).await
    }
}

impl Discovery {
    pub(crate) fn new(groups: Vec<ApiGroup>) -> Self {
        Self { groups }
    }

    /// Returns the groups, the core group (whose name is empty) first.
    pub fn groups(&self) -> &[ApiGroup] {
        &self.groups
    }

    /// Iterates over every resource in every version.
    pub fn resources(&self) -> impl Iterator<Item = &ApiResource> {
        self.groups.iter().flat_map(|group| &group.versions).flat_map(|version| &version.resources)
    }

    /// Iterates over every resource once, in the first version of its group that has it.
    pub fn preferred_resources(&self) -> impl Iterator<Item = &ApiResource> {
        self.groups.iter().flat_map(ApiGroup::preferred_resources)
    }

    /// Returns the group-versions whose servers are unavailable: their resources may be missing or outdated.
    pub fn stale(&self) -> impl Iterator<Item = (&ApiGroup, &ApiVersion)> {
        let versions = self.groups.iter().flat_map(|group| group.versions.iter().map(move |version| (group, version)));
        versions.filter(|(_, version)| version.stale)
    }
}
