//! What a webhook knows of a request.

use serde_json::{Value, json};

use crate::catalog::Resource;

/// A kind in a version of its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GroupVersionKind {
    pub group: String,
    pub version: String,
    pub kind: String,
}

impl GroupVersionKind {
    pub fn new(group: &str, version: &str, kind: &str) -> Self {
        Self { group: group.to_owned(), version: version.to_owned(), kind: kind.to_owned() }
    }

    /// The kind of a resource.
    pub fn of(resource: &Resource) -> Self {
        Self::new(&resource.group, &resource.version, &resource.kind)
    }

    pub fn to_json(&self) -> Value {
        json!({ "group": self.group, "version": self.version, "kind": self.kind })
    }
}

/// A request, as admission sees it.
#[derive(Clone, Debug)]
pub(crate) struct Attributes {
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    pub operation: &'static str,
    /// The kind of the object in the request: that of the subresource, if it is about one with a kind of its own.
    pub kind: GroupVersionKind,
    /// Empty for the object itself.
    pub subresource: String,
    /// Empty for an object whose name is not known yet.
    pub name: String,
    /// Of a namespace its own name.
    pub namespace: String,
    /// `CreateOptions` and the like; null if the operation has none.
    pub options: Value,
    pub is_dry_run: bool,
    /// `UserInfo`
    pub user: Value,
}

impl Attributes {
    /// The request of a review, without its uid and objects, about a resource of a kind that may be another one than those that the
    /// client has named.
    ///
    /// <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#webhook-request-and-response>
    pub fn to_json(&self, resource: &Resource, asked: (&Resource, &GroupVersionKind)) -> Value {
        let (asked, kind) = asked;
        let name_of = |resource: &Resource| json!({ "group": resource.group, "version": resource.version, "resource": resource.plural });
        let mut request = json!({
            "kind": kind.to_json(),
            "resource": name_of(asked),
            "requestKind": self.kind.to_json(),
            "requestResource": name_of(resource),
            "operation": self.operation,
            "userInfo": self.user,
            "dryRun": self.is_dry_run,
            "options": self.options,
        });
        let texts = [
            ("subResource", &self.subresource),
            ("requestSubResource", &self.subresource),
            ("name", &self.name),
            ("namespace", &self.namespace),
        ];
        for (field, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            request[field] = json!(text);
        }
        request
    }
}
