//! Reviews: questions that are answered and not stored. Without RBAC, everybody may do everything.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/>

use serde_json::{Value, json};

use super::answer::Answer;
use super::write::Writing;
use crate::catalog::Resource;
use crate::status::{About, Cause, Status};

/// Whether objects of a resource are such questions.
pub(super) fn is_review(resource: &Resource) -> bool {
    matches!(
        (resource.group.as_str(), resource.plural.as_str()),
        ("authentication.k8s.io", "selfsubjectreviews") | ("authorization.k8s.io", "selfsubjectaccessreviews")
    )
}

impl Writing<'_> {
    /// POST of a question.
    pub fn review(&mut self) -> Result<Answer, Status> {
        let mut object = self.received()?;
        if !object["metadata"].is_object() {
            object["metadata"] = json!({});
        }
        if self.resource.plural == "selfsubjectreviews" {
            object["metadata"] = json!({ "creationTimestamp": self.server.clock.text() });
            object["status"] = json!({
                "userInfo": { "username": "admin", "groups": ["system:masters", "system:authenticated"] },
            });
        } else {
            self.settle(&mut object)?;
            self.track_new(&mut object);
            check_access(&object)?;
            object["status"] = json!({ "allowed": true });
        }
        Ok(Answer::created(object))
    }
}

/// Checks what is asked: about one thing, by nobody with a name.
fn check_access(object: &Value) -> Result<(), Status> {
    let spec = &object["spec"];
    let (resource, other) = (&spec["resourceAttributes"], &spec["nonResourceAttributes"]);
    let mut causes = Vec::new();
    if resource.is_null() == other.is_null() {
        let detail = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
        let shown = match other {
            Value::Null => Value::Null,
            other => json!({ "Path": other["path"], "Verb": other["verb"] }),
        };
        causes.push(Cause::invalid("spec", &shown, detail));
    }
    let metadata = object["metadata"].as_object();
    if metadata.is_some_and(|metadata| metadata.keys().any(|name| name != "managedFields")) {
        causes.push(Cause::invalid("metadata", &object["metadata"], "must be empty"));
    }
    if causes.is_empty() {
        return Ok(());
    }
    Err(Status::invalid(About { group: "authorization.k8s.io", kind: "", name: "" }, &causes))
}
