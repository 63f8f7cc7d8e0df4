//! Changes to objects, as the API server takes them.

use bytes::Bytes;
use serde::Serialize;

/// A change to an object, in one of the four forms that the server takes.
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
    /// A JSON Patch: a list of operations (RFC 6902). A `test` operation that fails fails the patch.
    pub fn json(operations: impl Serialize) -> Self {
        Self::new("application/json-patch+json", &operations)
    }

    /// A JSON merge patch (RFC 7396): what is given replaces what is there, null removes, lists are replaced whole.
    pub fn merge(change: impl Serialize) -> Self {
        Self::new("application/merge-patch+json", &change)
    }

    /// A strategic merge patch: lists are merged by their keys. Built-in kinds alone take it.
    ///
    /// <https://kubernetes.io/docs/tasks/manage-kubernetes-objects/update-api-object-kubectl-patch/>
    pub fn strategic(change: impl Serialize) -> Self {
        Self::new("application/strategic-merge-patch+json", &change)
    }

    /// A server-side apply of exactly this JSON, `apiVersion` and `kind` included. The request needs a
    /// field manager.
    ///
    /// <https://kubernetes.io/docs/reference/using-api/server-side-apply/>
    pub fn apply(fields: impl Serialize) -> Self {
        Self::new("application/apply-patch+yaml", &fields)
    }

    fn new(media_type: &'static str, body: &impl Serialize) -> Self {
        let body = serde_json::to_vec(body)
            .map(Bytes::from)
            .map_err(|error| format!("the patch can't be written as JSON: {error}"));
        Self { media_type, body }
    }

    /// The media type that tells the server which sort of patch it is, such as `application/merge-patch+json`.
    pub fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// The body, as it is sent.
    ///
    /// # Errors
    /// With the reason, if what was given can't be written as JSON.
    pub fn body(&self) -> Result<&Bytes, &str> {
        self.body.as_ref().map_err(String::as_str)
    }
}

/// Without the body, which may hold secrets.
impl std::fmt::Debug for Patch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let length = self.body.as_ref().map(Bytes::len);
        f.debug_struct("Patch").field("media_type", &self.media_type).field("bytes", &length).finish()
    }
}
