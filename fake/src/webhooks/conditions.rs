//! Match conditions: expressions in CEL that a request has to meet.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions>

use cel::Value as Cel;
use kubewright_core::validate::expression::{Expression, Failure, Library, of_json};
use serde_json::Value;

use super::hook::Hook;
use super::rights::Rights;
use crate::admission::authz;
use crate::quoted::quoted;
use crate::status::{About, Status};

/// Whether a request meets the conditions of a webhook.
///
/// # Errors
///
/// 403 if that can't be told, and the policy of the webhook is to fail; 501 if it can't be told by this crate.
pub(crate) fn is_met(
    hook: &Hook,
    (object, old): (&Value, &Value),
    request: &Value,
    about: About<'_>,
    rights: &Rights<'_>,
) -> Result<bool, Status> {
    let mut variables: Vec<(String, Cel)> = [("object", object), ("oldObject", old), ("request", request)]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), of_json(value)))
        .collect();
    variables.extend(authz::variables(rights.user, rights.requested.clone()));
    let mut errors = Vec::new();
    for condition in hook.fields()["matchConditions"].as_array().into_iter().flatten() {
        let expression = condition["expression"].as_str().unwrap_or_default().trim();
        let not_done = |why: String| {
            Status::not_done(format_args!(
                "the match condition {} of webhook {}: {why}",
                quoted(expression),
                quoted(hook.name())
            ))
        };
        let library = match expression.contains("authorizer") {
            true => authz::library(rights.store, rights.minor),
            false => Library::default(),
        };
        let parsed = Expression::with(expression, &library).map_err(not_done)?;
        match parsed.evaluate(variables.iter().map(|(name, value)| (name.as_str(), value.clone()))) {
            Ok(Cel::Bool(true)) => {}
            Ok(Cel::Bool(false)) => return Ok(false),
            Ok(other) => return Err(not_done(format!("its value is of the type {}", other.type_of()))),
            Err(Failure::Error(why)) => {
                errors.push(format!("expression '{expression}' resulted in error: {why}"));
            }
            Err(Failure::Unknown(why)) => return Err(not_done(why)),
        }
    }
    match errors.as_slice() {
        [] => Ok(true),
        _ if hook.ignores_failures() => Ok(false),
        [one] => Err(Status::forbidden(about, one, Value::Null)),
        several => Err(Status::forbidden(about, &format!("[{}]", several.join(", ")), Value::Null)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Attributes, User};
    use crate::store::Store;
    use serde_json::json;

    fn met(conditions: &[&str], policy: &str) -> Result<bool, Status> {
        let conditions: Vec<Value> =
            conditions.iter().map(|expression| json!({ "name": "a", "expression": expression })).collect();
        let hook = Hook::of(json!({ "name": "a.example.com", "failurePolicy": policy, "matchConditions": conditions }));
        let object = json!({ "metadata": { "name": "web" }, "spec": { "replicas": 3 } });
        let request = json!({ "operation": "CREATE", "userInfo": { "username": "jane", "groups": ["a"] } });
        let about = About { group: "apps", kind: "deployments", name: "web" };
        let store = Store::new(10);
        let user = User::authenticated("jane");
        let rights = Rights { store: &store, minor: 37, user: &user, requested: Attributes::default() };
        is_met(&hook, (&object, &Value::Null), &request, about, &rights)
    }

    #[test]
    fn all_conditions_have_to_be_met() {
        let (yes, no) = ("object.spec.replicas > 2", "request.userInfo.username == 'joe'");
        assert_eq!(met(&[], "Fail"), Ok(true));
        assert_eq!(met(&[yes, "oldObject == null", "request.operation in ['CREATE']"], "Fail"), Ok(true));
        assert_eq!(met(&[yes, no], "Fail"), Ok(false));
    }

    #[test]
    fn an_error_counts_by_the_policy_unless_another_condition_is_not_met() {
        let error = "object.spec.missing == 1";
        assert_eq!(met(&[error], "Ignore"), Ok(false));
        let refused = met(&[error], "Fail").expect_err("it can't be told");
        assert_eq!(
            refused.message,
            "deployments.apps \"web\" is forbidden: expression 'object.spec.missing == 1' resulted in error: no such key: missing"
        );
        assert_eq!(met(&[error, "false"], "Fail"), Ok(false));
        assert_eq!(met(&["authorizer.requestResource.check('get').allowed()"], "Fail"), Ok(false));
        assert_eq!(met(&["isURL('a')"], "Fail").expect_err("it").code.as_u16(), 501);
    }
}
