//! Checks of validating admission policies and their bindings.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/validating-admission-policy-v1/>

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::policies::{self, Wanted, check_expression, conditions};
use crate::objects::texts;

const REASONS: &[&str] = &["Forbidden", "Invalid", "RequestEntityTooLarge"];
const MAX_ANNOTATIONS: usize = 20;
/// Checks a policy, a new one or one in place of another.
pub(super) fn policy(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    policies::constrained(spec, found);
    if old.is_none_or(|old| old["spec"] != *spec) {
        conditions(spec, found);
    }
    policies::variables(spec, found);
    if items(&spec["validations"]).is_empty() && items(&spec["auditAnnotations"]).is_empty() {
        for name in ["validations", "auditAnnotations"] {
            let why = "validations or auditAnnotations must contain at least one item";
            found.required_because(format!("spec.{name}"), why);
        }
        return;
    }
    for (index, validation) in items(&spec["validations"]).iter().enumerate() {
        check_validation(validation, spec, &format!("spec.validations[{index}]"), found);
    }
    annotations(object, found);
}

/// Checks a binding.
pub(super) fn binding(object: &Value, found: &mut Findings) {
    let spec = &object["spec"];
    policies::bound(spec, found);
    let actions = &spec["validationActions"];
    let mut known = BTreeSet::new();
    for (index, action) in items(actions).iter().enumerate() {
        let field = format!("spec.validationActions[{index}]");
        found.one_of(&field, action, &["Audit", "Deny", "Warn"]);
        if !known.insert(text(action)) {
            found.duplicate(field, action);
        }
    }
    if known.contains("Deny") && known.contains("Warn") {
        let why = "must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)";
        found.invalid("spec.validationActions", actions, why);
    }
    if known.is_empty() {
        found.required("spec.validationActions");
    }
}

fn check_validation(validation: &Value, policy: &Value, path: &str, found: &mut Findings) {
    let (expression, message) = (text(&validation["expression"]), text(&validation["message"]));
    let of_message = text(&validation["messageExpression"]);
    if expression.trim().is_empty() {
        found.required_because(format!("{path}.expression"), "expression is not specified");
    } else {
        check_expression(expression, &format!("{path}.expression"), Wanted::of(policy, &["bool"]), found);
    }
    if !of_message.is_empty() && of_message.trim().is_empty() {
        found.invalid(format!("{path}.messageExpression"), &json!(of_message), "must be non-empty if specified");
    } else if !of_message.is_empty() {
        let wanted = Wanted { has_authorizer: false, ..Wanted::of(policy, &["string"]) };
        check_expression(of_message, &format!("{path}.messageExpression"), wanted, found);
    }
    if !message.is_empty() && message.trim().is_empty() {
        found.invalid(format!("{path}.message"), &json!(message), "must be non-empty if specified");
    } else if message.trim().contains(['\n', '\r']) {
        found.invalid(format!("{path}.message"), &json!(message), "must not contain line breaks");
    }
    found.one_of(format!("{path}.reason"), &validation["reason"], REASONS);
}

fn annotations(object: &Value, found: &mut Findings) {
    const PATH: &str = "spec.auditAnnotations";
    let annotations = &object["spec"]["auditAnnotations"];
    let name = text(&object["metadata"]["name"]);
    if items(annotations).len() > MAX_ANNOTATIONS {
        found.invalid(PATH, annotations, &format!("must not have more than {MAX_ANNOTATIONS} auditAnnotations"));
    }
    let mut keys = BTreeSet::new();
    for (index, annotation) in items(annotations).iter().enumerate() {
        let (path, key) = (format!("{PATH}[{index}]"), text(&annotation["key"]));
        let qualified = format!("{name}/{key}");
        found.problems(format_args!("{path}.key"), &qualified, texts::qualified_name(&qualified));
        let expression = text(&annotation["valueExpression"]);
        if expression.trim().is_empty() {
            found.required_because(format!("{path}.valueExpression"), "valueExpression is not specified");
        } else {
            let wanted = Wanted::of(&object["spec"], &["string", "null_type"]);
            check_expression(expression, &format!("{path}.valueExpression"), wanted, found);
        }
        if !keys.insert(key) {
            found.duplicate(format!("{path}.key"), &json!(key));
        }
    }
}
