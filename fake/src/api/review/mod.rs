//! Reviews: questions of who somebody is and may do what, which are answered and not stored.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access>

mod selectors;
mod token;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::answer::Answer;
use super::write::Writing;
use crate::access::{Attributes, User, grants, together};
use crate::catalog::Resource;
use crate::objects;
use crate::status::{About, Cause, Status};

/// What a real server, whose other authorizer is that of nodes, says of their rules.
const NO_RULES_OF_NODES: &str = "node authorizer does not support user rule resolution";

/// Whether objects of a resource are such questions.
pub(super) fn is_review(resource: &Resource) -> bool {
    matches!(
        (resource.group.as_str(), resource.plural.as_str()),
        ("authentication.k8s.io", "selfsubjectreviews" | "tokenreviews")
            | (
                "authorization.k8s.io",
                "localsubjectaccessreviews"
                    | "selfsubjectaccessreviews"
                    | "selfsubjectrulesreviews"
                    | "subjectaccessreviews"
            )
    )
}

impl Writing<'_> {
    /// POST of a question.
    pub fn review(&mut self) -> Result<Answer, Status> {
        let mut object = self.received()?;
        if !object["metadata"].is_object() {
            object["metadata"] = json!({});
        }
        match self.resource.plural.as_str() {
            "selfsubjectreviews" => {
                object["metadata"] = json!({ "creationTimestamp": self.now() });
                object["status"] = json!({ "userInfo": self.call.user.to_json() });
            }
            "tokenreviews" => {
                self.settle(&mut object)?;
                self.track_new(&mut object)?;
                object["status"] = self.token_status(&object["spec"])?;
            }
            "selfsubjectrulesreviews" => {
                self.settle(&mut object)?;
                object["status"] = self.rules(&object)?;
                object["metadata"] = json!({});
                object["spec"] = json!({});
            }
            _ => {
                self.settle(&mut object)?;
                if let Some(namespace) = &self.path.namespace {
                    objects::set_namespace(&mut object, namespace)?;
                }
                self.track_new(&mut object)?;
                object["status"] = self.access(&object)?;
            }
        }
        Ok(Answer::created(object))
    }

    /// The status of a question of one thing: whether it is allowed.
    fn access(&self, object: &Value) -> Result<Value, Status> {
        let is_self = self.resource.plural == "selfsubjectaccessreviews";
        check(object, is_self, self.path.namespace.as_deref())?;
        let spec = &object["spec"];
        let user = if is_self { self.call.user.clone() } else { subject(spec).into() };
        let decision = self.authorizer().decide(&user, &asked(spec));
        let mut status = json!({ "allowed": decision.is_allowed });
        if !decision.reason.is_empty() {
            status["reason"] = json!(decision.reason);
        }
        let ignored = selectors::ignored(&spec["resourceAttributes"]);
        if !ignored.is_empty() {
            status["evaluationError"] = json!(ignored);
        }
        Ok(status)
    }

    /// The status of a question of all rules in a namespace.
    fn rules(&self, object: &Value) -> Result<Value, Status> {
        let namespace = object["spec"]["namespace"].as_str().unwrap_or_default();
        if namespace.is_empty() {
            return Err(Status::bad_request("no namespace on request"));
        }
        let grants = grants(&self.state.store, &self.call.user, namespace);
        let (of_resources, of_paths): (Vec<_>, Vec<_>) =
            grants.rules.iter().map(|granted| granted.rule.to_json()).unzip();
        let missing = grants.missing.iter().map(|missing| missing.said_by_authorizer());
        let is_node = self.call.user.is_node();
        let errors = together(is_node.then(|| NO_RULES_OF_NODES.to_owned()).into_iter().chain(missing));
        let mut status = json!({
            "resourceRules": of_resources.into_iter().flatten().collect::<Vec<_>>(),
            "nonResourceRules": of_paths.into_iter().flatten().collect::<Vec<_>>(),
            "incomplete": is_node,
        });
        if !errors.is_empty() {
            status["evaluationError"] = json!(errors);
        }
        Ok(status)
    }
}

/// The user that is asked about.
fn subject(spec: &Value) -> User {
    let text = |name: &str| spec[name].as_str().unwrap_or_default().to_owned();
    let texts = |value: &Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let extra: BTreeMap<String, Vec<String>> =
        spec["extra"].as_object().into_iter().flatten().map(|(key, values)| (key.clone(), texts(values))).collect();
    User { name: text("user"), uid: text("uid"), groups: texts(&spec["groups"]), extra }
}

/// What is asked for.
fn asked(spec: &Value) -> Attributes {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (resource, other) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    if resource.is_null() {
        return Attributes { verb: text(&other["verb"]), path: Some(text(&other["path"])), ..Attributes::default() };
    }
    Attributes {
        verb: text(&resource["verb"]),
        path: None,
        group: text(&resource["group"]),
        resource: text(&resource["resource"]),
        subresource: text(&resource["subresource"]),
        namespace: text(&resource["namespace"]),
        name: text(&resource["name"]),
    }
}

/// Checks what is asked: about one thing, and about somebody.
fn check(object: &Value, is_self: bool, namespace: Option<&str>) -> Result<(), Status> {
    let spec = &object["spec"];
    let (resource, other) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    let shown = match other {
        Value::Null => Value::Null,
        other => json!({ "Path": other["path"], "Verb": other["verb"] }),
    };
    let mut causes = Vec::new();
    if resource.is_null() == other.is_null() {
        let detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
        causes.push(Cause::invalid("spec", &shown, detail));
    }
    let is_empty = |name: &str| match &spec[name] {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    };
    if !is_self && is_empty("user") && is_empty("groups") {
        causes.push(Cause::invalid("spec.user", &json!(""), "at least one of user or group must be specified"));
    }
    selectors::check(resource, &mut causes);
    let metadata = object["metadata"].as_object();
    let is_allowed = |name: &str| name == "managedFields" || (name == "namespace" && namespace.is_some());
    if metadata.is_some_and(|metadata| metadata.keys().any(|name| !is_allowed(name))) {
        let detail = if namespace.is_some() { "must be empty except for namespace" } else { "must be empty" };
        causes.push(Cause::invalid("metadata", &object["metadata"], detail));
    }
    if let Some(namespace) = namespace {
        let given = resource["namespace"].as_str().unwrap_or_default();
        if !resource.is_null() && given != namespace {
            let field = "spec.resourceAttributes.namespace";
            causes.push(Cause::invalid(field, &json!(given), "must match metadata.namespace"));
        }
        if !other.is_null() {
            causes.push(Cause::invalid("spec.nonResourceAttributes", &shown, "disallowed on this kind of request"));
        }
    }
    if causes.is_empty() {
        return Ok(());
    }
    Err(Status::invalid(About { group: "authorization.k8s.io", kind: "", name: "" }, &causes))
}
