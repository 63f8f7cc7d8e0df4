//! Checks of what validating and mutating admission policies have in common.
//!
//! The API server knows the types of expressions; here they are parsed, and that is all.

use cel::parser::Parser;
use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::{matching, selectors};
use crate::objects::texts;

const MAX_CONDITIONS: usize = 64;
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

/// Checks what kind the parameters of a policy are of.
pub(super) fn param_kind(kind: &Value, found: &mut Findings) {
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

/// Checks which parameters a binding refers to.
pub(super) fn param_ref(reference: &Value, found: &mut Findings) {
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

/// Checks the match conditions of a policy.
pub(super) fn conditions(conditions: &Value, found: &mut Findings) {
    const PATH: &str = "spec.matchConditions";
    let list = items(conditions);
    if list.len() > MAX_CONDITIONS {
        found.too_many(PATH, list.len(), MAX_CONDITIONS);
    }
    matching::conditions(list, PATH, found, check_expression);
}

/// Checks a variable of a policy.
pub(super) fn check_variable(variable: &Value, path: &str, found: &mut Findings) {
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

/// An expression that can't be parsed. What is wrong with one otherwise, such as its type, is not known here.
pub(super) fn check_expression(expression: &str, field: &str, found: &mut Findings) {
    if let Err(errors) = Parser::new().enable_optional_syntax(true).parse(expression) {
        found.invalid(field, &json!(expression), &format!("compilation failed: {errors}"));
    }
}
