//! What is sent to a subresource that is written by objects of another kind: bindings, evictions, requests for tokens.

use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

use super::negotiate::Encoding;
use super::received::Validation;
use super::write::Writing;
use crate::catalog::as_go_writes_version;
use crate::objects;
use crate::quoted::quoted;
use crate::status::Status;
use crate::webhooks::GroupVersionKind;

/// A kind by which a subresource is written.
pub(super) struct OtherKind {
    group: &'static str,
    kind: &'static str,
    /// A version before this one that is read as well.
    older: Option<&'static str>,
    /// The name of its schema.
    schema: &'static str,
}

pub(super) const BINDING: OtherKind =
    OtherKind { group: "", kind: "Binding", older: None, schema: "io.k8s.api.core.v1.Binding" };
pub(super) const EVICTION: OtherKind = OtherKind {
    group: "policy",
    kind: "Eviction",
    older: Some("policy/v1beta1"),
    schema: "io.k8s.api.policy.v1.Eviction",
};
pub(super) const TOKEN_REQUEST: OtherKind = OtherKind {
    group: "authentication.k8s.io",
    kind: "TokenRequest",
    older: None,
    schema: "io.k8s.api.authentication.v1.TokenRequest",
};

/// The version of all of them.
const VERSION: &str = "v1";

impl OtherKind {
    pub fn as_kind(&self) -> GroupVersionKind {
        GroupVersionKind::new(self.group, VERSION, self.kind)
    }

    fn api_version(&self) -> String {
        if self.group.is_empty() { VERSION.to_owned() } else { format!("{}/{VERSION}", self.group) }
    }
}

impl Writing<'_> {
    /// The body of a request: an object of this kind in the namespace of the path.
    ///
    /// # Errors
    /// 400 if it is none.
    pub(super) fn received_other(&mut self, other: &OtherKind) -> Result<Value, Status> {
        let encoding = Encoding::of_body(self.call.header(CONTENT_TYPE)).unwrap_or(Encoding::Json);
        let mut object = self.call.object(encoding)?;
        if !object.is_object() {
            return Err(Status::bad_request("the object provided is unrecognized: it is no object"));
        }
        let OtherKind { kind, .. } = other;
        let api_version = other.api_version();
        let text = |name: &str| object[name].as_str().unwrap_or_default();
        let (given_version, given_kind) = (text("apiVersion"), text("kind"));
        let is_known = given_version == api_version || Some(given_version) == other.older;
        if !(given_version.is_empty() || is_known) || !(given_kind.is_empty() || given_kind == *kind) {
            let shown = as_go_writes_version(given_version);
            return Err(Status::bad_request(format!("invalid object type: {shown}, Kind={given_kind}")));
        }
        // All of them are of subresources of the core group, whose document has them.
        let unfit = objects::fit(&mut object, self.server.documents.schema("", "v1", other.schema));
        let refused = |why: String| {
            Status::bad_request(format!("{kind} in version {VERSION:?} cannot be handled as a {kind}: {why}"))
        };
        if let Some((path, expected, found)) = unfit.mistyped {
            let why = format!("json: cannot unmarshal {found} into Go struct field {kind}.{path} of type {expected}");
            return Err(refused(why));
        }
        let unknown: Vec<String> = unfit.unknown.iter().map(|path| format!("unknown field {}", quoted(path))).collect();
        match self.validation()? {
            Validation::Strict if !unknown.is_empty() => {
                return Err(refused(format!("strict decoding error: {}", unknown.join(", "))));
            }
            Validation::Ignore => {}
            _ => self.warnings.extend(unknown),
        }
        object["apiVersion"] = json!(api_version);
        object["kind"] = json!(kind);
        if !object["metadata"].is_object() {
            object["metadata"] = json!({});
        }
        if let Some(namespace) = &self.path.namespace {
            objects::check_namespace(&object, namespace)?;
            object["metadata"]["namespace"] = json!(namespace);
        }
        Ok(object)
    }
}
