//! Checks of mutating admission policies and their bindings.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/mutating-admission-policy-v1/>

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::policies::{self, Wanted, check_expression, conditions};

/// Nothing is left of an object that is deleted.
const OPERATIONS: &[&str] = &["*", "CONNECT", "CREATE", "UPDATE"];
const PATCH_TYPES: &[&str] = &["ApplyConfiguration", "JSONPatch"];

/// Checks a policy, a new one or one in place of another.
pub(super) fn policy(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    policies::constrained(spec, found);
    operations(&spec["matchConstraints"], "spec.matchConstraints", found);
    if old.is_none_or(|old| ["paramKind", "matchConditions"].iter().any(|name| old["spec"][name] != spec[name])) {
        conditions(spec, found);
    }
    policies::variables(spec, found);
    if items(&spec["mutations"]).is_empty() {
        found.required_because("spec.mutations", "mutations must contain at least one item");
    }
    for (index, mutation) in items(&spec["mutations"]).iter().enumerate() {
        check_mutation(mutation, spec, &format!("spec.mutations[{index}]"), found);
    }
    if text(&spec["reinvocationPolicy"]).is_empty() {
        found.required("spec.reinvocationPolicy");
    } else {
        found.one_of("spec.reinvocationPolicy", &spec["reinvocationPolicy"], &["IfNeeded", "Never"]);
    }
}

/// Checks a binding.
pub(super) fn binding(object: &Value, found: &mut Findings) {
    let spec = &object["spec"];
    policies::bound(spec, found);
    operations(&spec["matchResources"], "spec.matchResources", found);
}

fn operations(constraints: &Value, path: &str, found: &mut Findings) {
    for rule in items(&constraints["resourceRules"]) {
        for operation in items(&rule["operations"]) {
            if !OPERATIONS.contains(&text(operation)) {
                found.not_supported(format!("{path}.resourceRules.operations"), operation, OPERATIONS);
            }
        }
    }
}

fn check_mutation(mutation: &Value, policy: &Value, path: &str, found: &mut Findings) {
    let kind = text(&mutation["patchType"]);
    let (own, other, made) = match kind {
        "" => return found.required(format!("{path}.patchType")),
        "JSONPatch" => ("jsonPatch", "applyConfiguration", "list(JSONPatch)"),
        "ApplyConfiguration" => ("applyConfiguration", "jsonPatch", "Object"),
        _ => return found.not_supported(format!("{path}.patchType"), &mutation["patchType"], PATCH_TYPES),
    };
    let expression = text(&mutation[own]["expression"]).trim();
    if mutation[own].is_null() {
        found.required_because(format!("{path}.{own}"), &format!("must be specified when patchType is {kind}"));
    } else if expression.is_empty() {
        found.required(format!("{path}.{own}.expression"));
    } else {
        // Mutations can name variables though there are none: then it is the field that is missing.
        let types = [made];
        let wanted = Wanted { has_variables: true, ..Wanted::of(policy, &types) };
        check_expression(expression, &format!("{path}.{own}.expression"), wanted, found);
    }
    if !mutation[other].is_null() {
        let why = format!("must not be specified when patchType is {kind}");
        found.invalid(format!("{path}.{other}"), &json!(format!("{{{other}}}")), &why);
    }
}
