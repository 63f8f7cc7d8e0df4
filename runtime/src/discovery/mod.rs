//! What a server serves, found out at run time: for kinds that are not known when the program is built.
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
    /// What the server serves: the core group first, then the others in the order of the server's preference.
    ///
    /// It takes two requests ([aggregated discovery](https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery)),
    /// and from the second time on they are answered with 304 and no body unless something has changed since: the client
    /// keeps the answers with their ETags. So it may be asked often, and is never out of date. A server without aggregated
    /// discovery (before Kubernetes 1.27, and the API servers of some extensions alone) is asked group by group.
    ///
    /// # Errors
    /// As any call. A group-version whose server does not answer is no error: it is
    /// [stale](ApiVersion::stale), and may lack resources.
    pub async fn discovery(&self) -> Result<Arc<Discovery>> {
        cache::discover(self).await
    }
}

impl Discovery {
    pub(crate) fn new(groups: Vec<ApiGroup>) -> Self {
        Self { groups }
    }

    /// The groups, the core group (whose name is empty) first.
    pub fn groups(&self) -> &[ApiGroup] {
        &self.groups
    }

    /// Every resource in every version.
    pub fn resources(&self) -> impl Iterator<Item = &ApiResource> {
        self.groups.iter().flat_map(|group| &group.versions).flat_map(|version| &version.resources)
    }

    /// Every resource once, in the first version of its group that has it.
    pub fn preferred_resources(&self) -> impl Iterator<Item = &ApiResource> {
        self.groups.iter().flat_map(ApiGroup::preferred_resources)
    }

    /// The group-versions whose servers did not answer lately: resources of them may be missing, or be out of date.
    pub fn stale(&self) -> impl Iterator<Item = (&ApiGroup, &ApiVersion)> {
        let versions = self.groups.iter().flat_map(|group| group.versions.iter().map(move |version| (group, version)));
        versions.filter(|(_, version)| version.stale)
    }
}
