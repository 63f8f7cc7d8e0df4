//! Aggregated discovery: all groups of one path in one response.
//!
//! <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery>

use serde::Deserialize;

use super::{ApiGroup, ApiResource, ApiSubresource, ApiVersion};

/// The accepted media types; a server without aggregated discovery responds in the legacy form.
pub(super) const ACCEPT: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

/// The response at `/api` or `/apis`.
#[derive(Deserialize)]
#[serde(tag = "kind")]
pub(super) enum Answer {
    /// Aggregated discovery.
    #[serde(rename = "APIGroupDiscoveryList")]
    Aggregated {
        #[serde(default)]
        items: Vec<Group>,
    },
    /// Legacy form: the versions of the core group.
    #[serde(rename = "APIVersions")]
    Versions {
        #[serde(default)]
        versions: Vec<String>,
    },
    /// Legacy form: the groups and their versions.
    #[serde(rename = "APIGroupList")]
    Groups {
        #[serde(default)]
        groups: Vec<super::legacy::Group>,
    },
}

#[derive(Deserialize)]
pub(super) struct Group {
    #[serde(default)]
    metadata: Metadata,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    freshness: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    resource: String,
    #[serde(default)]
    response_kind: Option<Kind>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    singular_resource: String,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    short_names: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    subresources: Vec<Subresource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Subresource {
    subresource: String,
    #[serde(default)]
    response_kind: Option<Kind>,
    #[serde(default)]
    verbs: Vec<String>,
}

/// A kind; group and version are empty if they are those of the resource.
#[derive(Default, Deserialize)]
struct Kind {
    #[serde(default)]
    group: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    kind: String,
}

impl From<Group> for ApiGroup {
    fn from(group: Group) -> Self {
        let name = group.metadata.name;
        let versions = group.versions.into_iter().map(|version| version.of(&name)).collect();
        ApiGroup { name, versions }
    }
}

impl Version {
    fn of(self, group: &str) -> ApiVersion {
        // An entry without a kind is a path that has only subresources.
        let has_kind = |resource: &Resource| resource.response_kind.as_ref().is_some_and(|kind| !kind.kind.is_empty());
        let resources = self.resources.into_iter().filter(has_kind);
        let resources = resources.map(|resource| resource.of(group, &self.version)).collect();
        ApiVersion { resources, stale: self.freshness == "Stale", version: self.version }
    }
}

impl Resource {
    fn of(self, group: &str, version: &str) -> ApiResource {
        let kind = self.response_kind.unwrap_or_default();
        let subresources = self.subresources.into_iter().map(|subresource| subresource.of(group, version)).collect();
        ApiResource {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.kind,
            plural: self.resource,
            singular: self.singular_resource,
            short_names: self.short_names,
            categories: self.categories,
            namespaced: self.scope == "Namespaced",
            verbs: self.verbs,
            subresources,
        }
    }
}

impl Subresource {
    fn of(self, group: &str, version: &str) -> ApiSubresource {
        let Kind { group: own_group, version: own_version, kind } = self.response_kind.unwrap_or_default();
        // Without a version, both are those of the resource: the core group's name is empty.
        let (group, version) =
            if own_version.is_empty() { (group.to_owned(), version.to_owned()) } else { (own_group, own_version) };
        ApiSubresource { name: self.subresource, group, version, kind, verbs: self.verbs }
    }
}
