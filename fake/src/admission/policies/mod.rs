//! Admission policies, where a binding asks for them: expressions that objects have to satisfy, and such that change them.
//!
//! A real server knows of a policy some time after it is there; here it holds for the next request.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/>

mod evaluate;
mod matching;
mod mutate;
mod params;
mod scope;
mod values;

use std::sync::Arc;

pub(crate) use mutate::{Forms, Mutating, are_mutating};
pub(crate) use scope::with_patches;

use http::StatusCode;
use serde_json::{Value, json};

use crate::access::User;
use crate::catalog::{Resource, StorageKey};
use crate::server::{Server, State};
use crate::status::{About, Status};
use crate::stored::Stored;
use crate::webhooks::GroupVersionKind;

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Create,
    Update,
    Delete,
    Connect,
}

impl Operation {
    /// The one of a name: those that no policy knows are connections.
    pub fn of(name: &str) -> Self {
        match name {
            "CREATE" => Self::Create,
            "UPDATE" => Self::Update,
            "DELETE" => Self::Delete,
            _ => Self::Connect,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
            Self::Connect => "CONNECT",
        }
    }
}

/// A request that is admitted.
#[derive(Clone, Copy)]
pub(crate) struct Request<'a> {
    pub server: &'a Server,
    pub state: &'a State,
    pub user: &'a User,
    pub resource: &'a Resource,
    /// The kind of what is sent, where it is none of the resource's: a `Scale`, an `Eviction`, the options of a connection.
    pub other_kind: Option<&'a GroupVersionKind>,
    /// Empty for the object itself.
    pub subresource: &'a str,
    pub operation: Operation,
    /// The name that was sent: empty if it was generated, or where a collection is deleted.
    pub name: &'a str,
    pub namespace: Option<&'a str>,
    /// The object as it is to be stored; `None` for a deletion.
    pub object: Option<&'a Value>,
    /// The object before.
    pub old: Option<&'a Value>,
    pub is_dry_run: bool,
    /// `CreateOptions` and the like; null if the operation has none.
    pub options: &'a Value,
}

/// The policies that validate.
const VALIDATING: [&str; 2] = ["validatingadmissionpolicies", "validatingadmissionpolicybindings"];
/// The policies that change objects.
const MUTATING: [&str; 2] = ["mutatingadmissionpolicies", "mutatingadmissionpolicybindings"];

/// A decision against a request.
struct Denial {
    message: String,
    reason: &'static str,
}

fn storage(plural: &str) -> StorageKey {
    StorageKey::new("admissionregistration.k8s.io", plural)
}

/// The policies of a kind that are bound, each with its bindings, both by name.
fn bound<'s>(state: &'s State, kinds: [&str; 2]) -> Vec<(&'s Arc<Stored>, Vec<&'s Arc<Stored>>)> {
    let [policies, bindings] = kinds.map(storage);
    let policies = state.store.all(&policies).map(|(name, policy)| {
        let of_policy = state.store.all(&bindings).map(|(_, binding)| binding);
        (policy, of_policy.filter(|binding| binding["spec"]["policyName"] == **name).collect::<Vec<_>>())
    });
    policies.filter(|(_, bindings)| !bindings.is_empty()).collect()
}

/// Admits a request, at the end of the validating admission, and adds warnings, of those that it refuses too.
///
/// # Errors
/// 422, or the code of the reason that a policy gives, if one denies it; 501 for what can't be evaluated here.
pub(crate) fn admit(request: &Request<'_>, warnings: &mut Vec<String>) -> Result<(), Status> {
    if request.resource.group == "admissionregistration.k8s.io" {
        return Ok(());
    }
    let mut denied: Option<Denial> = None;
    let mut deny = |policy: &str, binding: Option<&str>, said: &str, reason| {
        let with = binding.map(|binding| format!(" with binding '{binding}'")).unwrap_or_default();
        let message = format!("ValidatingAdmissionPolicy '{policy}'{with} denied request: {said}");
        denied.get_or_insert(Denial { message, reason });
    };
    for (policy, bindings) in bound(request.state, VALIDATING) {
        let name = policy["metadata"]["name"].as_str().unwrap_or_default();
        let spec = &policy["spec"];
        let fails = spec["failurePolicy"] != "Ignore";
        let Some(matched) = matching::matches(request, &spec["matchConstraints"])? else { continue };
        let param_kind = match params::kind(request, &spec["paramKind"]) {
            Ok(kind) => kind,
            Err(why) if fails => {
                deny(name, None, &format!("failed to configure policy: {why}"), "Invalid");
                continue;
            }
            Err(_) => continue,
        };
        for binding in bindings {
            let binding_name = binding["metadata"]["name"].as_str().unwrap_or_default();
            let of_binding = &binding["spec"];
            if !of_binding["matchResources"].is_null()
                && matching::matches(request, &of_binding["matchResources"])?.is_none()
            {
                continue;
            }
            let params = match params::collect(request, param_kind.as_deref(), &of_binding["paramRef"]) {
                Ok(params) => params,
                Err(why) if fails => {
                    deny(name, Some(binding_name), &format!("failed to configure binding: {why}"), "Invalid");
                    continue;
                }
                Err(_) => continue,
            };
            for param in params {
                let verdict = evaluate::evaluate(request, &matched, spec, param.as_ref())?;
                for failed in &verdict.failed {
                    for action in of_binding["validationActions"].as_array().into_iter().flatten() {
                        match action.as_str() {
                            Some("Deny") => deny(name, Some(binding_name), &failed.message, failed.reason),
                            Some("Warn") => warnings.push(format!(
                                "Validation failed for ValidatingAdmissionPolicy '{name}' with binding '{binding_name}': {}",
                                failed.message
                            )),
                            _ => {}
                        }
                    }
                }
                // Annotations of the audit log have no effect but for this.
                for error in &verdict.annotation_errors {
                    deny(name, Some(binding_name), error, "Invalid");
                }
            }
        }
    }
    match denied {
        Some(denial) => Err(refused(request, &denial)),
        None => Ok(()),
    }
}

fn refused(request: &Request<'_>, denial: &Denial) -> Status {
    let made = request.object.and_then(|object| object["metadata"]["name"].as_str());
    // A deletion of a collection names nobody.
    let name = if request.name.is_empty() { made.unwrap_or("Unknown") } else { request.name };
    let about = About { group: &request.resource.group, kind: &request.resource.plural, name };
    let mut status = Status::forbidden(about, &denial.message, json!([{ "message": denial.message }]));
    let (code, reason) = match denial.reason {
        "Forbidden" => (StatusCode::FORBIDDEN, "Forbidden"),
        "Unauthorized" => (StatusCode::UNAUTHORIZED, "Unauthorized"),
        "RequestEntityTooLarge" => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLarge"),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "Invalid"),
    };
    (status.code, status.reason) = (code, Some(reason.into()));
    status
}
