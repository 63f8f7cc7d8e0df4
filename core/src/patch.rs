//! Patches.

use bytes::Bytes;
use serde::Serialize;

/// A patch, of one of the four types that the API server supports.
///
/// A body that can't be serialized is an error when the request is sent.
///
/// <https://kubernetes.io/docs/reference/using-api/api-concepts/#patch-and-apply>
#[derive(Clone)]
pub struct Patch {
    media_type: &'static str,
    body: Result<Bytes, String>,
}

impl Patch {
    /// Creates a JSON Patch: a list of operations (RFC 6902). A `test` operation that fails fails the patch.
    pub fn json(operations: impl Serialize) -> Self {
        Self::new("application/json-patch+json", &operations)
    }

    /// Creates a JSON merge patch (RFC 7396): values replace existing ones, null removes, lists are replaced as a
    /// whole.
    pub fn merge(change: impl Serialize) -> Self {
        Self::new("application/merge-patch+json", &change)
    }

    /// Creates a strategic merge patch: lists are merged by their keys. Only for built-in kinds.
    ///
    /// <https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/>
    pub fn strategic(change: impl Serialize) -> Self {
        Self::new("application/strategic-merge-patch+json", &change)
    }

    /// Creates a server-side apply of exactly this JSON, `apiVersion` and `kind` included. The request requires a field
    /// manager.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/>
    pub fn apply(fields: impl Serialize) -> Self {
        Self::new("application/apply-patch+yaml", &fields)
    }

    fn new(media_type: &'static str, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body)
            .map(Bytes::from)
            .map_err(|error| format!("cannot encode the patch as JSON: {error}"));
        Self { media_type, body }
    }

    /// Returns the media type of the patch, such as `application/merge-patch+json`.
    pub fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// Returns the body.
    ///
    /// # Errors
    /// The message, if the patch could not be encoded as JSON.
    pub fn body(&self) -> Result<&Bytes, &str> {
        self.body.as_ref().map_err(String::as_str)
    }
}

/// Omits the body, which may contain secrets.
impl std::fmt::Debug for Patch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = self.body.as_ref().map(Bytes::len);
        f.debug_struct("Patch").field("media_type", &self.media_type).field("bytes", &length).finish()
    }
}
