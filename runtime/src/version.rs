//! The Kubernetes version of a server.

use std::fmt;

/// The Kubernetes version of a server, as reported at `/version`.
///
/// <https://kubernetes.io/docs/reference/using-api/>
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ServerVersion {
    /// The major version whose API it serves: 1.
    pub major: u32,
    /// The minor version whose API it serves: 36 for 1.36.
    /// A server that emulates an older minor (as during a stepwise upgrade) serves that minor's API.
    ///
    /// <https://kubernetes.io/docs/concepts/cluster-administration/compatibility-version/>
    pub minor: u32,
    /// The release of its binary, with any suffix of a distribution: `v1.36.3`, `v1.34.4-eks-1a2b3c`.
    pub release: String,
}

/// Formats as `1.36 (v1.36.3)`.
impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} ({})", self.major, self.minor, self.release)
    }
}
