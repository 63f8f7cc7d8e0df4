//! Names of versions: of the server, and of a group.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A minor version of Kubernetes: 37 for 1.37.
pub type Minor = u32;

/// What `/version` says, without the specifics of one build.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerVersion {
    /// The major version: `1`.
    #[serde(default)]
    pub major: String,
    /// The minor version: `37`, on some hosted clusters `37+`.
    #[serde(default)]
    pub minor: String,
    /// The full version: `v1.37.1`.
    #[serde(default)]
    pub git_version: String,
}

impl ServerVersion {
    /// The minor version as a number; 0 where the server gives none.
    pub fn minor(&self) -> Minor {
        let digits: String = self.minor.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    }
}

/// A version of a group: `apps/v1`; for the core group, whose name is empty, `v1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupVersion {
    /// The group; empty for the core group.
    pub group: String,
    /// The version.
    pub version: String,
}

impl GroupVersion {
    /// A version of a group.
    pub fn new(group: impl Into<String>, version: impl Into<String>) -> Self {
        Self { group: group.into(), version: version.into() }
    }

    /// Reads the path of a group-version's document: `api/v1`, `apis/apps/v1`. Other documents have none.
    pub fn from_document(path: &str) -> Option<Self> {
        match *path.split('/').collect::<Vec<_>>() {
            ["api", version] => Some(Self::new("", version)),
            ["apis", group, version] => Some(Self::new(group, version)),
            _ => None,
        }
    }

    /// The path of this group-version's document, and of its resources: `api/v1`, `apis/apps/v1`.
    pub fn document(&self) -> String {
        if self.group.is_empty() {
            format!("api/{}", self.version)
        } else {
            format!("apis/{}/{}", self.group, self.version)
        }
    }
}

impl fmt::Display for GroupVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.group.is_empty() {
            write!(f, "{}/", self.group)?;
        }
        f.write_str(&self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_version_and_its_document_lead_to_each_other() {
        for (path, name) in [("api/v1", "v1"), ("apis/apps/v1", "apps/v1")] {
            let group_version = GroupVersion::from_document(path).expect("a group-version");
            assert_eq!(group_version.to_string(), name);
            assert_eq!(group_version.document(), path);
        }
        assert_eq!(GroupVersion::from_document("apis/apps"), None);
        assert_eq!(GroupVersion::from_document("version"), None);
    }

    #[test]
    fn a_minor_with_a_plus_is_read() {
        let version = ServerVersion { minor: "37+".into(), ..Default::default() };
        assert_eq!(version.minor(), 37);
    }
}
