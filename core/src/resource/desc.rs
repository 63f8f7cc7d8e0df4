//! Description of a resource: its names, its scope, its verbs.

use super::Served;
use crate::message::Gvk;

/// A resource's names and scope, as in discovery documents.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#standard-api-terminology>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResourceDesc {
    /// The API group; empty for the core group.
    pub group: &'static str,
    /// The version within the group.
    pub version: &'static str,
    /// The kind of the objects, such as `Deployment`.
    pub kind: &'static str,
    /// The plural name, used in paths, such as `deployments`.
    pub plural: &'static str,
    /// The singular name, such as `deployment`.
    pub singular: &'static str,
    /// Short names, such as `deploy`.
    pub short_names: &'static [&'static str],
    /// The categories that it belongs to, such as `all`.
    pub categories: &'static [&'static str],
    /// Whether it is namespaced.
    pub namespaced: bool,
    /// The minors of Kubernetes that serve it, as far as known.
    pub served: Served,
}

impl ResourceDesc {
    /// Returns the group-version-kind of its objects.
    pub fn gvk(&self) -> Gvk {
        Gvk { group: self.group, version: self.version, kind: self.kind }
    }
}

/// A resource known only at run time, such as one that discovery found.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DynamicResource {
    /// The API group; empty for the core group.
    pub group: String,
    /// The version within the group.
    pub version: String,
    /// The kind of the objects.
    pub kind: String,
    /// The plural name, used in paths.
    pub plural: String,
    /// Whether it is namespaced.
    pub namespaced: bool,
}

impl DynamicResource {
    /// Returns the `apiVersion` of its objects: `group/version`, or the version alone for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.clone() } else { format!("{}/{}", self.group, self.version) }
    }
}

impl From<&ResourceDesc> for DynamicResource {
    fn from(known: &ResourceDesc) -> Self {
        Self {
            group: known.group.to_owned(),
            version: known.version.to_owned(),
            kind: known.kind.to_owned(),
            plural: known.plural.to_owned(),
            namespaced: known.namespaced,
        }
    }
}
