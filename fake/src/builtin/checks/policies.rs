//! Checks of what validating and mutating admission policies have in common.
//!
//! The API server knows the types of expressions; here they are known of simple ones.

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::{expressions, matching, selectors};
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

/// Checks what policies of all sorts say of failures, of their parameters, and of what they match.
pub(super) fn constrained(spec: &Value, found: &mut Findings) {
    found.one_of("spec.failurePolicy", &spec["failurePolicy"], &["Fail", "Ignore"]);
    if !spec["paramKind"].is_null() {
        param_kind(&spec["paramKind"], found);
    }
    if spec["matchConstraints"].is_null() {
        found.required("spec.matchConstraints");
        return;
    }
    matching::match_resources(&spec["matchConstraints"], "spec.matchConstraints", found);
    if items(&spec["matchConstraints"]["resourceRules"]).is_empty() {
        found.required("spec.matchConstraints.resourceRules");
    }
}

/// Checks the variables of a policy.
pub(super) fn variables(spec: &Value, found: &mut Findings) {
    for (index, variable) in items(&spec["variables"]).iter().enumerate() {
        check_variable(variable, spec, &format!("spec.variables[{index}]"), found);
    }
}

/// Checks what bindings of policies of all sorts say: the policy, its parameters, and what it matches.
pub(super) fn bound(spec: &Value, found: &mut Findings) {
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
        matching::match_resources(&spec["matchResources"], "spec.matchResources", found);
    }
}

/// Checks which parameters a binding refers to.
fn param_ref(reference: &Value, found: &mut Findings) {
    const PATH: &str = "spec.paramRef";
    let name = text(&reference["name"]);
    let has_selector = !reference["selector"].is_null();
    let both = "name and selector are mutually exclusive";
    if !name.is_empty() {
        found.problems(format_args!("{PATH}.name"), name, texts::path_segment(name));
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
pub(super) fn conditions(policy: &Value, found: &mut Findings) {
    const PATH: &str = "spec.matchConditions";
    let list = items(&policy["matchConditions"]);
    let wanted = Wanted { has_variables: false, ..Wanted::of(policy, &["bool"]) };
    let check =
        |expression: &str, field: &str, found: &mut Findings| check_expression(expression, field, wanted, found);
    if list.len() > MAX_CONDITIONS {
        found.too_many(PATH, list.len(), MAX_CONDITIONS);
    }
    matching::conditions(list, PATH, found, check);
}

/// Checks a variable of a policy.
fn check_variable(variable: &Value, policy: &Value, path: &str, found: &mut Findings) {
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
        check_expression(expression, &format!("{path}.expression"), Wanted::of(policy, &[]), found);
    }
}

/// What an expression of a policy can name, and what it has to make.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub policy: &'a Value,
    /// Any of these types; all, if there are none.
    pub types: &'a [&'a str],
    /// Whether it names the variables of the policy.
    pub has_variables: bool,
    /// Whether it asks `authorizer`.
    pub has_authorizer: bool,
}

impl<'a> Wanted<'a> {
    /// An expression that names all that there is.
    pub fn of(policy: &'a Value, types: &'a [&'a str]) -> Self {
        let has_variables = !items(&policy["variables"]).is_empty();
        Self { policy, types, has_variables, has_authorizer: true }
    }

    fn declares(&self, name: &str) -> bool {
        match name {
            "object" | "oldObject" | "request" | "namespaceObject" => true,
            "params" => !self.policy["paramKind"].is_null(),
            "variables" => self.has_variables,
            "authorizer" => self.has_authorizer,
            _ => false,
        }
    }
}

/// An expression that can't be parsed, names what nothing declares, or makes a value of another type, where that is plain to see. What is
/// wrong with one otherwise is not known here.
pub(super) fn check_expression(expression: &str, field: &str, wanted: Wanted<'_>, found: &mut Findings) {
    let mut refuse = |why: &str| found.invalid(field, &json!(expression), why);
    let made = match expressions::of_policy(expression, |name| wanted.declares(name)) {
        Ok(made) => made.filter(|made| !wanted.types.contains(&made.as_str())),
        Err(errors) => return refuse(&format!("compilation failed: {errors}")),
    };
    match (wanted.types, made) {
        ([], _) | (_, None) => {}
        ([one], Some(made)) => refuse(&format!("must evaluate to {one} but got {made}")),
        (several, Some(made)) => refuse(&format!("must evaluate to one of [{}] but got {made}", several.join(" "))),
    }
}
