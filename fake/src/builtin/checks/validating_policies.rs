//! Checks of validating admission policies and their bindings.
//!
//! The API server knows the types of expressions; here they are parsed, and that is all.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/validating-admission-policy-v1/>

use std::collections::BTreeSet;

use cel::parser::Parser;
use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::{policy_rules, selectors};
use crate::objects::texts;

const REASONS: &[&str] = &["Forbidden", "Invalid", "RequestEntityTooLarge"];
const MAX_CONDITIONS: usize = 64;
const MAX_ANNOTATIONS: usize = 20;
/// Names that are none in CEL.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// Checks a policy, a new one or one in place of another.
pub(super) fn policy(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    found.one_of("spec.failurePolicy", &spec["failurePolicy"], &["Fail", "Ignore"]);
    if !spec["paramKind"].is_null() {
        param_kind(&spec["paramKind"], found);
    }
    if spec["matchConstraints"].is_null() {
        found.required("spec.matchConstraints");
    } else {
        policy_rules::match_resources(&spec["matchConstraints"], "spec.matchConstraints", found);
        if items(&spec["matchConstraints"]["resourceRules"]).is_empty() {
            found.required("spec.matchConstraints.resourceRules");
        }
    }
    if old.is_none_or(|old| old["spec"] != *spec) {
        conditions(&spec["matchConditions"], found);
    }
    for (index, variable) in items(&spec["variables"]).iter().enumerate() {
        check_variable(variable, &format!("spec.variables[{index}]"), found);
    }
    if items(&spec["validations"]).is_empty() && items(&spec["auditAnnotations"]).is_empty() {
        for name in ["validations", "auditAnnotations"] {
            let why = "validations or auditAnnotations must contain at least one item";
            found.required_because(format!("spec.{name}"), why);
        }
        return;
    }
    for (index, validation) in items(&spec["validations"]).iter().enumerate() {
        check_validation(validation, &format!("spec.validations[{index}]"), found);
    }
    annotations(object, found);
}

/// Checks a binding.
pub(super) fn binding(object: &Value, found: &mut Findings) {
    let spec = &object["spec"];
    let name = text(&spec["policyName"]);
    if name.is_empty() {
        found.required("spec.policyName");
    } else {
        found.problems("spec.policyName", name, texts::subdomain(name));
    }
    if !spec["paramRef"].is_null() {
        param_ref(&spec["paramRef"], found);
    }
    if !spec["matchResources"].is_null() {
        policy_rules::match_resources(&spec["matchResources"], "spec.matchResources", found);
    }
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

fn param_kind(kind: &Value, found: &mut Findings) {
    const VERSION: &str = "spec.paramKind.apiVersion";
    let (api_version, name) = (text(&kind["apiVersion"]), text(&kind["kind"]));
    match api_version.split('/').collect::<Vec<_>>().as_slice() {
        [""] => found.required(VERSION),
        [version] => label(VERSION, version, &kind["apiVersion"], found),
        [group, version] => {
            let problems = texts::subdomain(group);
            if !group.is_empty() && !problems.is_empty() {
                found.invalid(VERSION, &json!(group), &problems.join(","));
            }
            label(VERSION, version, &kind["apiVersion"], found);
        }
        _ => found.invalid(VERSION, &json!(api_version), &format!("unexpected GroupVersion string: {api_version}")),
    }
    let problems = texts::label_with_letter(&name.to_lowercase());
    if name.is_empty() {
        found.required("spec.paramKind.kind");
    } else if !problems.is_empty() {
        let why = format!("may have mixed case, but should otherwise match: {}", problems.join(","));
        found.invalid("spec.paramKind.kind", &json!(name), &why);
    }
}

fn label(field: &str, version: &str, written: &Value, found: &mut Findings) {
    let problems = texts::label_with_letter(version);
    if version.is_empty() {
        found.invalid(field, written, "version must be specified");
    } else if !problems.is_empty() {
        found.invalid(field, &json!(version), &problems.join(","));
    }
}

fn param_ref(reference: &Value, found: &mut Findings) {
    const PATH: &str = "spec.paramRef";
    let name = text(&reference["name"]);
    let has_selector = !reference["selector"].is_null();
    let both = "name and selector are mutually exclusive";
    if !name.is_empty() {
        found.problems(&format!("{PATH}.name"), name, texts::path_segment(name));
        if has_selector {
            found.forbidden(format!("{PATH}.name"), both);
        }
    }
    if has_selector {
        selectors::check(&reference["selector"], &format!("{PATH}.selector"), found);
        if !name.is_empty() {
            found.forbidden(format!("{PATH}.selector"), both);
        }
    }
    if name.is_empty() && !has_selector {
        found.required_because(PATH, "one of name or selector must be specified");
    }
    let action = &reference["parameterNotFoundAction"];
    if text(action).is_empty() {
        found.required(format!("{PATH}.parameterNotFoundAction"));
    } else {
        found.one_of(format!("{PATH}.parameterNotFoundAction"), action, &["Deny", "Allow"]);
    }
}

fn conditions(conditions: &Value, found: &mut Findings) {
    const PATH: &str = "spec.matchConditions";
    let list = items(conditions);
    if list.len() > MAX_CONDITIONS {
        found.too_many(PATH, list.len(), MAX_CONDITIONS);
    }
    let mut names = BTreeSet::new();
    for (index, condition) in list.iter().enumerate() {
        let path = format!("{PATH}[{index}]");
        let (expression, name) = (text(&condition["expression"]).trim(), text(&condition["name"]));
        if expression.is_empty() {
            found.required(format!("{path}.expression"));
        } else {
            check_expression(expression, &format!("{path}.expression"), found);
        }
        if name.is_empty() {
            found.required(format!("{path}.name"));
        } else {
            found.problems(&format!("{path}.name"), name, texts::qualified_name(name));
            if !names.insert(name) {
                found.duplicate(format!("{path}.name"), &json!(name));
            }
        }
    }
}

fn check_variable(variable: &Value, path: &str, found: &mut Findings) {
    let (name, expression) = (text(&variable["name"]), text(&variable["expression"]));
    let is_identifier = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|first: char| first.is_ascii_digit())
        && !RESERVED.contains(&name);
    if name.trim().is_empty() {
        found.required_because(format!("{path}.name"), "name is not specified");
    } else if !is_identifier {
        found.invalid(format!("{path}.name"), &json!(name), "must be a valid CEL identifier");
    }
    if expression.trim().is_empty() {
        found.required_because(format!("{path}.expression"), "expression is not specified");
    } else {
        check_expression(expression, &format!("{path}.expression"), found);
    }
}

fn check_validation(validation: &Value, path: &str, found: &mut Findings) {
    let (expression, message) = (text(&validation["expression"]), text(&validation["message"]));
    let of_message = text(&validation["messageExpression"]);
    if expression.trim().is_empty() {
        found.required_because(format!("{path}.expression"), "expression is not specified");
    } else {
        check_expression(expression, &format!("{path}.expression"), found);
    }
    if !of_message.is_empty() && of_message.trim().is_empty() {
        found.invalid(format!("{path}.messageExpression"), &json!(of_message), "must be non-empty if specified");
    } else if !of_message.is_empty() {
        check_expression(of_message, &format!("{path}.messageExpression"), found);
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
        found.problems(&format!("{path}.key"), &qualified, texts::qualified_name(&qualified));
        let expression = text(&annotation["valueExpression"]);
        if expression.trim().is_empty() {
            found.required_because(format!("{path}.valueExpression"), "valueExpression is not specified");
        } else {
            check_expression(expression, &format!("{path}.valueExpression"), found);
        }
        if !keys.insert(key) {
            found.duplicate(format!("{path}.key"), &json!(key));
        }
    }
}

/// An expression that can't be parsed. What is wrong with one otherwise, such as its type, is not known here.
fn check_expression(expression: &str, field: &str, found: &mut Findings) {
    if let Err(errors) = Parser::new().enable_optional_syntax(true).parse(expression) {
        found.invalid(field, &json!(expression), &format!("compilation failed: {errors}"));
    }
}
