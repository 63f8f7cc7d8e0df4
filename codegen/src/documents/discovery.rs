//! Aggregated discovery: which groups, versions and resources a server has.

use serde::{Deserialize, Serialize};

use super::GroupVersion;
use crate::error::DocumentError;

/// A server's groups, sorted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discovery {
    /// The groups.
    pub groups: Vec<DiscoveryGroup>,
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoveryGroup {
    /// The group's name; empty for the core group.
    #[serde(default)]
    pub name: String,
    /// Its versions, the preferred one first.
    pub versions: Vec<DiscoveryVersion>,
}

/// A version of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoveryVersion {
    /// The version's name.
    pub version: String,
    /// Its resources, sorted by name.
    #[serde(default)]
    pub resources: Vec<DiscoveryResource>,
    /// `Stale` where the server that serves this version did not answer lately, so that the list may be old.
    #[serde(default, skip_serializing)]
    pub freshness: String,
}

/// A resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DiscoveryResource {
    /// The name in URLs: `deployments`.
    pub resource: String,
    /// The kind that is sent and answered.
    pub response_kind: DiscoveryKind,
    /// `Namespaced` or `Cluster`.
    pub scope: String,
    /// The name for one: `deployment`.
    pub singular_resource: String,
    /// What can be done: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`.
    pub verbs: Vec<String>,
    /// Names for people in a hurry: `deploy`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub short_names: Vec<String>,
    /// Groups of resources, such as `all`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// What hangs below one object, such as `status`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subresources: Vec<DiscoverySubresource>,
}

/// A subresource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DiscoverySubresource {
    /// The name in URLs: `status`.
    pub subresource: String,
    /// The kind that is sent and answered.
    pub response_kind: DiscoveryKind,
    /// What can be done.
    pub verbs: Vec<String>,
}

/// A kind; group and version are empty where they are those of the resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiscoveryKind {
    /// The kind's group.
    pub group: String,
    /// The kind's version.
    pub version: String,
    /// The kind.
    pub kind: String,
}

impl Discovery {
    /// Adds what a server answers at one of [`DISCOVERY_PATHS`](super::DISCOVERY_PATHS).
    ///
    /// # Errors
    ///
    /// If the answer is not an `APIGroupDiscoveryList`.
    pub fn add(&mut self, path: &str, answer: &[u8]) -> Result<(), DocumentError> {
        #[derive(Deserialize)]
        struct Answer {
            kind: String,
            #[serde(default)]
            items: Vec<Item>,
        }
        #[derive(Deserialize)]
        struct Item {
            #[serde(default)]
            metadata: Metadata,
            #[serde(default)]
            versions: Vec<DiscoveryVersion>,
        }
        #[derive(Default, Deserialize)]
        struct Metadata {
            #[serde(default)]
            name: String,
        }

        let answer: Answer = super::openapi::parse_json(path, answer)?;
        if answer.kind != "APIGroupDiscoveryList" {
            let problem = format!(
                "the server answered with a {} instead of an APIGroupDiscoveryList: aggregated discovery (Kubernetes 1.30 \
                 and later) is needed",
                answer.kind
            );
            return Err(DocumentError::new(path, problem));
        }
        let groups =
            answer.items.into_iter().map(|item| DiscoveryGroup { name: item.metadata.name, versions: item.versions });
        self.groups.extend(groups);
        self.sort();
        Ok(())
    }

    /// A version of a group, if the server has it.
    pub fn version(&self, group_version: &GroupVersion) -> Option<&DiscoveryVersion> {
        let group = self.groups.iter().find(|group| group.name == group_version.group)?;
        group.versions.iter().find(|version| version.version == group_version.version)
    }

    /// Puts everything but the versions, whose order tells the preferred one, in a stable order.
    pub(crate) fn sort(&mut self) {
        self.groups.sort_by(|a, b| a.name.cmp(&b.name));
        for resource in self.groups.iter_mut().flat_map(|group| &mut group.versions).flat_map(|version| {
            version.resources.sort_by(|a, b| a.resource.cmp(&b.resource));
            &mut version.resources
        }) {
            resource.verbs.sort();
            resource.categories.sort();
            resource.subresources.sort_by(|a, b| a.subresource.cmp(&b.subresource));
            for subresource in &mut resource.subresources {
                subresource.verbs.sort();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_resources_come_out_sorted_and_versions_as_they_came() {
        let mut discovery = Discovery::default();
        let answer = br#"{"kind": "APIGroupDiscoveryList", "items": [
            {"metadata": {"name": "b"}, "versions": [
                {"version": "v2", "resources": [{"resource": "ys", "verbs": ["list", "get"]}, {"resource": "xs"}]},
                {"version": "v1"}]},
            {"metadata": {"name": "a"}, "versions": []}]}"#;
        discovery.add("/apis", answer).expect("discovery");
        let names: Vec<_> = discovery.groups.iter().map(|group| group.name.as_str()).collect();
        assert_eq!(names, ["a", "b"]);
        let versions: Vec<_> = discovery.groups[1].versions.iter().map(|version| version.version.as_str()).collect();
        assert_eq!(versions, ["v2", "v1"]);
        let resources = &discovery.version(&GroupVersion::new("b", "v2")).expect("b/v2").resources;
        assert_eq!(resources[0].resource, "xs");
        assert_eq!(resources[1].verbs, ["get", "list"]);
    }

    #[test]
    fn an_older_server_is_told_apart_from_a_broken_one() {
        let error = Discovery::default().add("/apis", br#"{"kind": "APIGroupList"}"#).expect_err("no").to_string();
        assert!(error.contains("aggregated discovery"), "{error}");
    }
}
