//! Legacy discovery, group by group, for servers without aggregated discovery.

use serde::Deserialize;

use super::{ApiGroup, ApiResource, ApiSubresource, ApiVersion};

/// A group, without its resources.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    pub name: String,
    #[serde(default)]
    versions: Vec<GroupVersion>,
    #[serde(default)]
    preferred_version: Option<GroupVersion>,
}

#[derive(Deserialize)]
struct GroupVersion {
    version: String,
}

/// The resources of a group-version.
#[derive(Deserialize)]
pub(super) struct ResourceList {
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    /// `pods`, or `pods/status`.
    name: String,
    #[serde(default)]
    singular_name: String,
    #[serde(default)]
    namespaced: bool,
    /// Set only if it differs from that of the list.
    #[serde(default)]
    group: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    short_names: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
}

impl Group {
    /// Creates the core group.
    pub fn core(versions: Vec<String>) -> Self {
        let versions = versions.into_iter().map(|version| GroupVersion { version }).collect();
        Self { name: String::new(), versions, preferred_version: None }
    }

    /// Returns the versions, the preferred one first.
    pub fn versions(&self) -> Vec<&str> {
        let preferred = self.preferred_version.as_ref().map(|preferred| preferred.version.as_str());
        let mut versions: Vec<_> = self.versions.iter().map(|version| version.version.as_str()).collect();
        versions.sort_by_key(|version| Some(*version) != preferred);
        versions
    }

    /// Returns the path of a version.
    pub fn path(&self, version: &str) -> String {
        if self.name.is_empty() { format!("/api/{version}") } else { format!("/apis/{}/{version}", self.name) }
    }

    pub fn with(self, versions: Vec<ApiVersion>) -> ApiGroup {
        ApiGroup { name: self.name, versions }
    }
}

impl ResourceList {
    /// Returns the version with its resources, each with its subresources.
    pub fn of(self, group: &str, version: &str) -> ApiVersion {
        let (below, resources): (Vec<_>, Vec<_>) =
            self.resources.into_iter().partition(|resource| resource.name.contains('/'));
        let mut resources: Vec<_> = resources.into_iter().map(|resource| resource.whole(group, version)).collect();
        for subresource in below {
            let Some((plural, name)) = subresource.name.split_once('/') else { continue };
            let owner = resources.iter_mut().find(|resource: &&mut ApiResource| resource.plural == plural);
            let (plural, name) = (plural.to_owned(), name.to_owned());
            match owner {
                Some(owner) => owner.subresources.push(subresource.below(name, group, version)),
                None => {
                    tracing::debug!(plural, name, "discovery lists a subresource of a resource that it does not list")
                }
            }
        }
        ApiVersion { version: version.to_owned(), resources, stale: false }
    }
}

impl Resource {
    fn whole(self, group: &str, version: &str) -> ApiResource {
        ApiResource {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: self.kind,
            plural: self.name,
            singular: self.singular_name,
            short_names: self.short_names,
            categories: self.categories,
            namespaced: self.namespaced,
            verbs: self.verbs,
            subresources: Vec::new(),
        }
    }

    fn below(self, name: String, group: &str, version: &str) -> ApiSubresource {
        let (group, version) =
            if self.version.is_empty() { (group.to_owned(), version.to_owned()) } else { (self.group, self.version) };
        ApiSubresource { name, group, version, kind: self.kind, verbs: self.verbs }
    }
}
