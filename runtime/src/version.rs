//! Which Kubernetes a server is.

use std::fmt;

/// Which Kubernetes a server is, as it says at `/version`.
///
/// <https://kubernetes.io/docs/reference/using-api/>
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ServerVersion {
    /// The major version whose API it serves: 1.
    pub major: u32,
    /// The minor version whose API it serves: 36 for 1.36.
    ///
    /// A server that emulates an older minor (as during an upgrade in steps) serves that one's API.
    ///
    /// <https://kubernetes.io/docs/concepts/cluster-administration/compatibility-version/>
    pub minor: u32,
    /// The release of its binary, with whatever a distribution appends to it: `v1.36.3`, `v1.34.4-eks-1a2b3c`.
    pub release: String,
}

/// As `1.36 (v1.36.3)`.
impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} ({})", self.major, self.minor, self.release)
    }
}
