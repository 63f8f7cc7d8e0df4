//! In which encoding a client speaks.

/// In which encoding a client speaks with the API server.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources>
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// Protobuf for every kind that has it, which is every built-in one; JSON for the others, and for kinds that a
    /// server turns out to have no protobuf for. Half the bytes, and less work on both sides.
    #[default]
    Auto,
    /// Always JSON: for people who look at the wire, and for servers that get protobuf wrong.
    Json,
}
