//! The expressions of a validating policy, for one request and one parameter.

use cel::Value as Cel;
use serde_json::Value;

use super::Request;
use super::matching::Matched;
use super::params::Param;
use super::scope::{Problem, Scope, conditions, items, not_done, text};
use crate::status::Status;

/// The longest message of an expression that is shown, in bytes.
const LONGEST: usize = 5 * 1024;

/// A validation that failed.
pub(super) struct Failed {
    pub message: String,
    pub reason: &'static str,
}

/// What a policy says of a request.
#[derive(Default)]
pub(super) struct Verdict {
    pub failed: Vec<Failed>,
    /// What is wrong with values for the audit log, which denies a request by itself.
    pub annotation_errors: Vec<String>,
}

/// Evaluates a policy.
///
/// # Errors
/// 501 for what can't be evaluated here.
pub(super) fn evaluate(
    request: &Request<'_>,
    matched: &Matched,
    policy: &Value,
    param: Option<&Param>,
) -> Result<Verdict, Status> {
    let mut verdict = Verdict::default();
    let fails = policy["failurePolicy"] != "Ignore";
    let mut scope = Scope::of(request, matched, param);
    match conditions(&scope, &policy["matchConditions"])? {
        Ok(true) => {}
        Ok(false) => return Ok(verdict),
        Err(message) => {
            if fails {
                verdict.failed.push(Failed { message, reason: "Invalid" });
            }
            return Ok(verdict);
        }
    }
    scope.complete(policy);
    for validation in items(&policy["validations"]) {
        let written = text(&validation["expression"]);
        match scope.evaluate(written) {
            Ok(Cel::Bool(true)) => {}
            Ok(Cel::Bool(false)) => {
                let reason = match text(&validation["reason"]) {
                    "Forbidden" => "Forbidden",
                    "Unauthorized" => "Unauthorized",
                    "RequestEntityTooLarge" => "RequestEntityTooLarge",
                    _ => "Invalid",
                };
                verdict.failed.push(Failed { message: message(&scope, validation)?, reason });
            }
            Ok(_) => return Err(not_done(written, "it is neither true nor false")),
            Err(Problem::Error(message)) if fails => verdict.failed.push(Failed { message, reason: "" }),
            Err(Problem::Error(_)) => {}
            Err(Problem::NotDone(status)) => return Err(status),
        }
    }
    for annotation in items(&policy["auditAnnotations"]) {
        match scope.evaluate(text(&annotation["valueExpression"])) {
            Err(Problem::Error(message)) if fails => verdict.annotation_errors.push(message),
            Err(Problem::NotDone(status)) => return Err(status),
            _ => {}
        }
    }
    Ok(verdict)
}

/// What is said of a validation that failed.
fn message(scope: &Scope<'_>, validation: &Value) -> Result<String, Status> {
    let written = text(&validation["messageExpression"]);
    if !written.is_empty() {
        match scope.message(written) {
            Ok(Cel::String(said)) => {
                let said = said.trim();
                if !said.is_empty() && said.len() <= LONGEST && !said.contains('\n') {
                    return Ok(said.to_owned());
                }
            }
            Ok(_) | Err(Problem::Error(_)) => {}
            Err(Problem::NotDone(status)) => return Err(status),
        }
    }
    Ok(match text(&validation["message"]).trim() {
        "" => format!("failed expression: {}", text(&validation["expression"]).trim()),
        message => message.to_owned(),
    })
}
