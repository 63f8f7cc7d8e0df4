//! Groups, versions and resources, as discovery lists them.

use std::collections::HashSet;

use crate::DynamicResource;

/// A group of resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiGroup {
    /// The group's name; empty for the core group.
    pub name: String,
    /// Its versions, the one that the server prefers first.
    pub versions: Vec<ApiVersion>,
}

/// A version of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiVersion {
    /// The version's name, such as `v1beta1`.
    pub version: String,
    /// Its resources.
    pub resources: Vec<ApiResource>,
    /// Whether the server of this version (it may be an aggregated one) did not answer lately, so that resources may be
    /// missing.
    pub stale: bool,
}

/// A resource, in one version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiResource {
    /// The group's name; empty for the core group.
    pub group: String,
    /// The version within the group.
    pub version: String,
    /// The kind of the objects, such as `Deployment`.
    pub kind: String,
    /// The name in paths, such as `deployments`.
    pub plural: String,
    /// The name for one, such as `deployment`; empty where the server does not say.
    pub singular: String,
    /// Names for people in a hurry, such as `deploy`.
    pub short_names: Vec<String>,
    /// The [categories](https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#categories)
    /// that it belongs to, such as `all`.
    pub categories: Vec<String>,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// What can be done with it: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verbs: Vec<String>,
    /// What hangs below one object, such as `status`.
    pub subresources: Vec<ApiSubresource>,
}

/// A subresource.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiSubresource {
    /// The name in paths, such as `status`.
    pub name: String,
    /// The kind that is sent and answered, with its group and version, such as `autoscaling`, `v1`, `Scale`.
    pub group: String,
    /// The version of the kind.
    pub version: String,
    /// The kind.
    pub kind: String,
    /// What can be done with it.
    pub verbs: Vec<String>,
}

impl ApiGroup {
    /// Each resource in the first version that has it.
    pub fn preferred_resources(&self) -> impl Iterator<Item = &ApiResource> {
        let mut seen = HashSet::new();
        let all = self.versions.iter().flat_map(|version| &version.resources);
        all.filter(move |resource| seen.insert(resource.plural.as_str()))
    }
}

impl ApiResource {
    /// The `apiVersion` of its objects: `group/version`, or the version alone for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }

    /// Whether it has a verb, such as `watch`.
    pub fn supports(&self, verb: &str) -> bool {
        self.verbs.iter().any(|known| known == verb)
    }

    /// A subresource by its name.
    pub fn subresource(&self, name: &str) -> Option<&ApiSubresource> {
        self.subresources.iter().find(|subresource| subresource.name == name)
    }
}

/// What [`Api::dynamic`](crate::Api::dynamic) takes.
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
