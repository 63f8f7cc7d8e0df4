//! What a request wants to do, as authorizers are asked.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#review-your-request-attributes>

use http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::user::User;
use crate::api::{Call, verb_of_collection};
use crate::quoted::quoted;
use crate::status::Status;

/// What authorizers are asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    pub verb: String,
    /// The path, of what is no resource. `None` for resources.
    pub path: Option<String>,
    pub group: String,
    pub resource: String,
    /// Empty for the object itself, and so are the others where there is none.
    pub subresource: String,
    pub namespace: String,
    pub name: String,
}

impl Attributes {
    /// What a request wants, by its path, whether that leads anywhere or not.
    pub fn of(call: &Call) -> Self {
        let segments: Vec<&str> = call.path.iter().map(String::as_str).collect();
        let (group, rest) = match segments.as_slice() {
            ["api", _, rest @ ..] if !rest.is_empty() => ("", rest),
            ["apis", group, _, rest @ ..] if !rest.is_empty() => (*group, rest),
            _ => {
                let verb = call.method.as_str().to_lowercase();
                return Self { verb, path: Some(call.raw_path.clone()), ..Self::default() };
            }
        };
        let (prefix, rest) = match rest {
            // The old paths of watches, and of proxies.
            [prefix @ ("watch" | "proxy"), rest @ ..] if !rest.is_empty() => (Some(*prefix), rest),
            _ => (None, rest),
        };
        let (namespace, rest) = match rest {
            ["namespaces", namespace, "status" | "finalize", ..] => (*namespace, rest),
            ["namespaces", namespace, rest @ ..] if !rest.is_empty() => (*namespace, rest),
            ["namespaces", namespace] => (*namespace, rest),
            _ => ("", rest),
        };
        let part = |index: usize| rest.get(index).copied().unwrap_or_default().to_owned();
        let (resource, name) = (part(0), part(1));
        let subresource = if prefix == Some("proxy") { String::new() } else { part(2) };
        let mut attributes = Self {
            group: group.to_owned(),
            resource,
            subresource,
            namespace: namespace.to_owned(),
            name,
            ..Self::default()
        };
        attributes.verb = match (prefix, &call.method) {
            (Some(prefix), _) => prefix,
            (None, &Method::POST) => "create",
            (None, &Method::PUT) => "update",
            (None, &Method::PATCH) => "patch",
            (None, &Method::GET | &Method::HEAD) if !attributes.name.is_empty() => "get",
            (None, &Method::GET | &Method::HEAD) => verb_of_collection(call),
            (None, &Method::DELETE) if attributes.name.is_empty() => "deletecollection",
            (None, &Method::DELETE) => "delete",
            _ => "",
        }
        .to_owned();
        if matches!(attributes.verb.as_str(), "list" | "watch") && attributes.name.is_empty() {
            attributes.name = selected_name(call).unwrap_or_default();
        }
        attributes
    }

    /// The resource, with the subresource, as rules name it.
    pub fn combined(&self) -> String {
        if self.subresource.is_empty() {
            return self.resource.clone();
        }
        format!("{}/{}", self.resource, self.subresource)
    }

    /// 403, in the API server's words.
    pub fn forbidden(&self, user: &User, reason: &str) -> Status {
        let (who, verb) = (&user.name, &self.verb);
        let said = match &self.path {
            Some(path) => format!("User {} cannot {verb} path {}", quoted(who), quoted(path)),
            None => {
                let place = match self.namespace.as_str() {
                    "" => "at the cluster scope".to_owned(),
                    namespace => format!("in the namespace {}", quoted(namespace)),
                };
                let (resource, group) = (self.combined(), &self.group);
                format!(
                    "User {} cannot {verb} resource {} in API group {} {place}",
                    quoted(who),
                    quoted(&resource),
                    quoted(group)
                )
            }
        };
        // No errors that look like HTML.
        let said = said.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let said = if reason.is_empty() { said } else { format!("{said}: {reason}") };
        forbidden((&self.group, &self.resource), &self.name, &said)
    }
}

/// 403 about an object, or about a resource if the name is empty.
pub(super) fn forbidden((group, resource): (&str, &str), name: &str, why: &str) -> Status {
    let qualified = if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") };
    let message = match (resource, name) {
        ("", _) => format!("forbidden: {why}"),
        (_, "") => format!("{qualified} is forbidden: {why}"),
        _ => format!("{qualified} {} is forbidden: {why}", quoted(name)),
    };
    let mut details = Map::new();
    for (field, value) in [("name", name), ("group", group), ("kind", resource)] {
        if !value.is_empty() {
            details.insert(field.to_owned(), json!(value));
        }
    }
    Status { details: Value::Object(details), ..Status::new(StatusCode::FORBIDDEN, Some("Forbidden"), message) }
}

/// The name that a field selector leaves alone: who may read one object may list it.
fn selected_name(call: &Call) -> Option<String> {
    let selector: kubewright_core::selector::FieldSelector = call.query.get("fieldSelector")?.parse().ok()?;
    let name = selector.terms().iter().find(|term| term.field() == "metadata.name" && term.is_equal())?.value();
    let is_segment = !matches!(name, "" | "." | "..") && !name.contains(['/', '%']);
    is_segment.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn asked(method: Method, uri: &str) -> String {
        let request = http::Request::builder().method(method).uri(uri).body(()).expect("a request");
        let attributes = Attributes::of(&Call::new(request.into_parts().0, Bytes::new(), User::admin()));
        let Attributes { verb, path, group, namespace, name, .. } = &attributes;
        match path {
            Some(path) => format!("{verb} {path}"),
            None => format!("{verb} {}.{group} {namespace}/{name}", attributes.combined()),
        }
    }

    #[test]
    fn a_path_says_what_is_asked_for() {
        for (method, uri, expected) in [
            (Method::GET, "/api/v1/pods", "list pods. /"),
            (Method::GET, "/api/v1/namespaces/shop/pods?watch=1", "watch pods. shop/"),
            (Method::GET, "/api/v1/namespaces/shop/pods/web", "get pods. shop/web"),
            (Method::GET, "/api/v1/namespaces/shop/pods/web/log", "get pods/log. shop/web"),
            (Method::GET, "/api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dweb", "list pods. shop/web"),
            (Method::GET, "/api/v1/namespaces/shop/pods?fieldSelector=metadata.name!%3Dweb", "list pods. shop/"),
            (Method::POST, "/apis/apps/v1/namespaces/shop/deployments", "create deployments.apps shop/"),
            (
                Method::PATCH,
                "/apis/apps/v1/namespaces/shop/deployments/a/status",
                "patch deployments/status.apps shop/a",
            ),
            (Method::DELETE, "/apis/apps/v1/namespaces/shop/deployments", "deletecollection deployments.apps shop/"),
            (Method::GET, "/api/v1/namespaces", "list namespaces. /"),
            (Method::GET, "/api/v1/namespaces/shop", "get namespaces. shop/shop"),
            (Method::PUT, "/api/v1/namespaces/shop/finalize", "update namespaces/finalize. shop/shop"),
            (Method::GET, "/api/v1/watch/pods", "watch pods. /"),
            (Method::GET, "/apis/apps/v1", "get /apis/apps/v1"),
            (Method::PATCH, "/api/v1", "patch /api/v1"),
            (Method::GET, "/", "get /"),
            (Method::GET, "/logs/a%20b", "get /logs/a b"),
        ] {
            assert_eq!(asked(method, uri), expected, "{uri}");
        }
    }
}
