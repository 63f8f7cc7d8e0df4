//! Groups, versions and resources, as discovery lists them.

use std::collections::HashSet;

use crate::DynamicResource;

/// An API group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiGroup {
    /// The group's name; empty for the core group.
    pub name: String,
    /// Its versions, the server's preferred one first.
    pub versions: Vec<ApiVersion>,
}

/// A version of an API group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiVersion {
    /// The version's name, such as `v1beta1`.
    pub version: String,
    /// Its resources.
    pub resources: Vec<ApiResource>,
    /// Whether the server of this version (possibly an aggregated one) is unavailable, so that resources may be
    /// missing.
    pub stale: bool,
}

/// A resource in one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiResource {
    /// The group's name; empty for the core group.
    pub group: String,
    /// The version within the group.
    pub version: String,
    /// The kind of the objects, such as `Deployment`.
    pub kind: String,
    /// The plural name, used in paths, such as `deployments`.
    pub plural: String,
    /// The singular name, such as `deployment`; empty if the server does not report it.
    pub singular: String,
    /// Short names, such as `deploy`.
    pub short_names: Vec<String>,
    /// The [categories](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#categories)
    /// that it belongs to, such as `all`.
    pub categories: Vec<String>,
    /// Whether it is namespaced.
    pub namespaced: bool,
    /// The supported verbs: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verbs: Vec<String>,
    /// Its subresources, such as `status`.
    pub subresources: Vec<ApiSubresource>,
}

/// A subresource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiSubresource {
    /// The name in paths, such as `status`.
    pub name: String,
    /// The kind of its requests and responses, with group and version, such as `autoscaling`, `v1`, `Scale`.
    pub group: String,
    /// The version of the kind.
    pub version: String,
    /// The kind.
    pub kind: String,
    /// The supported verbs.
    pub verbs: Vec<String>,
}

impl ApiGroup {
    /// Iterates over each resource in the first version that has it.
    pub fn preferred_resources(&self) -> impl Iterator<Item = &ApiResource> {
        let mut names = HashSet::new();
        let all = self.versions.iter().flat_map(|version| &version.resources);
        all.filter(move |resource| names.insert(resource.plural.as_str()))
    }
}

impl ApiResource {
    /// Returns the `apiVersion` of its objects: `group/version`, or the version alone for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// Whether it supports a verb, such as `watch`.
    pub fn supports(&self, verb: &str) -> bool {
        self.verbs.iter().any(|known| known == verb)
    }

    /// Returns a subresource by name.
    pub fn subresource(&self, name: &str) -> Option<&ApiSubresource> {
        self.subresources.iter().find(|subresource| subresource.name == name)
    }
}

/// Converts into the argument of [`Api::dynamic`](crate::Api::dynamic).
impl From<&ApiResource> for DynamicResource {
    fn from(resource: &ApiResource) -> Self {
        DynamicResource {
            group: resource.group.clone(),
            version: resource.version.clone(),
            kind: resource.kind.clone(),
            plural: resource.plural.clone(),
            namespaced: resource.namespaced,
        }
    }
}
