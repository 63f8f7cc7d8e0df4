//! Errors, as the API server words them.

use std::borrow::Cow;

use http::StatusCode;
use serde_json::{Value, json};

use crate::quoted::{quoted, shown};

/// An error that a request is answered with.
///
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/>
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Status {
    pub code: StatusCode,
    /// Webhooks may say any.
    pub reason: Option<Cow<'static, str>>,
    pub message: String,
    /// `Value::Null` if there are none.
    pub details: Value,
    /// The header `Retry-After`, in seconds.
    pub retry_after: Option<u32>,
    /// The token of a list's rest, where one of its pages has expired.
    pub rest: Option<String>,
}

/// What a message is about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About<'a> {
    pub group: &'a str,
    /// The plural name, or for errors of validation the kind.
    pub kind: &'a str,
    pub name: &'a str,
}

impl About<'_> {
    /// As in messages: `deployments.apps "web"`.
    fn shown(&self) -> String {
        if self.group.is_empty() {
            format!("{} {}", self.kind, quoted(&self.name))
        } else {
            format!("{}.{} {}", self.kind, self.group, quoted(&self.name))
        }
    }

    fn details(&self) -> Value {
        let mut details = json!({});
        if !self.kind.is_empty() {
            details["kind"] = json!(self.kind);
        }
        if !self.name.is_empty() {
            details["name"] = json!(self.name);
        }
        if !self.group.is_empty() {
            details["group"] = json!(self.group);
        }
        details
    }
}

/// A field that is not as it has to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cause {
    pub reason: &'static str,
    pub message: String,
    pub field: String,
}

impl Status {
    pub fn new(code: StatusCode, reason: Option<&'static str>, message: impl Into<String>) -> Self {
        Self {
            code,
            reason: reason.map(Cow::Borrowed),
            message: message.into(),
            details: Value::Null,
            retry_after: None,
            rest: None,
        }
    }

    /// 404 for an object.
    pub fn not_found(about: About<'_>) -> Self {
        let message = format!("{} not found", about.shown());
        Self { details: about.details(), ..Self::new(StatusCode::NOT_FOUND, Some("NotFound"), message) }
    }

    /// 404 for a path that is none.
    pub fn no_resource() -> Self {
        let message = "the server could not find the requested resource";
        Self { details: json!({}), ..Self::new(StatusCode::NOT_FOUND, Some("NotFound"), message) }
    }

    pub fn already_exists(about: About<'_>) -> Self {
        let message = format!("{} already exists", about.shown());
        Self { details: about.details(), ..Self::new(StatusCode::CONFLICT, Some("AlreadyExists"), message) }
    }

    /// 409 with the reason that follows.
    pub fn conflict(about: About<'_>, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {}: {why}", about.shown());
        Self { details: about.details(), ..Self::new(StatusCode::CONFLICT, Some("Conflict"), message) }
    }

    /// 409 for a resourceVersion that is no longer the present one.
    pub fn stale(about: About<'_>) -> Self {
        Self::conflict(
            about,
            "the object has been modified; please apply your changes to the latest version and try again",
        )
    }

    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Some("BadRequest"), message)
    }

    /// 500 without a reason: nearly always the fault of the request.
    pub fn unexplained(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, None, message)
    }

    /// 500 for what is the server's own fault, or a webhook's.
    pub fn internal(why: &str) -> Self {
        let message = format!("Internal error occurred: {why}");
        let details = json!({ "causes": [{ "message": why }] });
        Self { details, ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, Some("InternalError"), message) }
    }

    pub fn forbidden(about: About<'_>, why: &str, causes: Value) -> Self {
        let message = format!("{} is forbidden: {why}", about.shown());
        let mut details = about.details();
        if !causes.is_null() {
            details["causes"] = causes;
        }
        Self { details, ..Self::new(StatusCode::FORBIDDEN, Some("Forbidden"), message) }
    }

    /// 422; `about.kind` is the kind.
    pub fn invalid(about: About<'_>, causes: &[Cause]) -> Self {
        let mut said: Vec<String> = Vec::new();
        for cause in causes {
            let text = format!("{}: {}", cause.field, cause.message);
            // What is found twice is said once, though it is a cause twice.
            if !said.contains(&text) {
                said.push(text);
            }
        }
        let said = match said.as_slice() {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        let mut details = about.details();
        details["causes"] = causes.iter().map(Cause::to_json).collect();
        let message = format!("{} is invalid: {said}", about.shown());
        Self { details, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, Some("Invalid"), message) }
    }

    /// 410 for a version of a list or watch that is too old.
    pub fn expired(message: impl Into<String>) -> Self {
        Self::new(StatusCode::GONE, Some("Expired"), message)
    }

    /// 413 for a body of more bytes than a server reads.
    pub fn too_large(limit: usize) -> Self {
        let message = format!("Request entity too large: limit is {limit}");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, Some("RequestEntityTooLarge"), message)
    }

    /// 501: what a real server does and this one doesn't.
    pub fn not_done(what: impl std::fmt::Display) -> Self {
        let message = format!("the fake API server does not do this: {what}");
        Self::new(StatusCode::NOT_IMPLEMENTED, Some("NotImplemented"), message)
    }

    /// 405 for a watch of what is listed alone.
    pub fn unwatchable(plural: &str) -> Self {
        let message = format!("watch is not supported on resources of kind {}", quoted(plural));
        Self { details: json!({ "kind": plural }), message, ..Self::method_not_allowed() }
    }

    pub fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource";
        Self { details: json!({}), ..Self::new(StatusCode::METHOD_NOT_ALLOWED, Some("MethodNotAllowed"), message) }
    }

    /// The object.
    pub fn to_json(&self) -> Value {
        let mut status = json!({
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
            "code": self.code.as_u16(),
        });
        if let Some(reason) = &self.reason {
            status["reason"] = json!(reason);
        }
        if !self.details.is_null() {
            status["details"] = self.details.clone();
        }
        if let Some(rest) = &self.rest {
            status["metadata"]["continue"] = json!(rest);
        }
        status
    }
}

impl Cause {
    pub fn to_json(&self) -> Value {
        json!({ "reason": self.reason, "message": self.message, "field": self.field })
    }

    pub fn required(field: impl Into<String>, detail: &str) -> Self {
        let message = if detail.is_empty() { "Required value".to_owned() } else { format!("Required value: {detail}") };
        Self { reason: "FieldValueRequired", message, field: field.into() }
    }

    pub fn invalid(field: impl Into<String>, value: &Value, detail: &str) -> Self {
        let message = format!("Invalid value: {}: {detail}", shown(value));
        Self { reason: "FieldValueInvalid", message, field: field.into() }
    }

    pub fn forbidden(field: impl Into<String>, detail: &str) -> Self {
        Self { reason: "FieldValueForbidden", message: format!("Forbidden: {detail}"), field: field.into() }
    }
}
