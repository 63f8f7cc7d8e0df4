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

pub(crate) use mutate::{Mutating, are_mutating};
pub(crate) use scope::with_patches;

use http::StatusCode;
use serde_json::json;

use super::Request;
use super::bound::{VALIDATING, bound};
use crate::status::{About, Status};

/// A decision against a request.
struct Denial {
    message: String,
    reason: &'static str,
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
