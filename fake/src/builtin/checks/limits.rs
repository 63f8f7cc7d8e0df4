//! Checks of limit ranges and quotas.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::quantities::{self, quantity};
use crate::objects::texts;

/// <https://kubernetes.io/docs/concepts/policy/limit-range/>
pub(super) fn limit_range(object: &Value, found: &mut Findings) {
    let mut types = BTreeSet::new();
    for (index, limit) in items(&object["spec"]["limits"]).iter().enumerate() {
        let path = format!("spec.limits[{index}]");
        let kind = text(&limit["type"]);
        let problems = texts::qualified_name(kind);
        if !problems.is_empty() {
            found.problems(format_args!("{path}.type"), kind, problems);
        } else if !kind.contains('/') && !matches!(kind, "Pod" | "Container" | "PersistentVolumeClaim") {
            found.invalid(format!("{path}.type"), &limit["type"], "must be a standard limit type or fully qualified");
        }
        if !types.insert(kind) {
            found.duplicate(format!("{path}.type"), &limit["type"]);
        }
        check_limit(limit, kind, &path, found);
    }
}

fn check_limit(limit: &Value, kind: &str, path: &str, found: &mut Findings) {
    let mut names: BTreeMap<&str, ()> = BTreeMap::new();
    for part in ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] {
        let amounts = limit[part].as_object();
        if kind == "Pod" && part.starts_with("default") {
            if amounts.is_some_and(|amounts| !amounts.is_empty()) {
                found.forbidden(format!("{path}.{part}"), "may not be specified when `type` is 'Pod'");
            }
            continue;
        }
        for name in amounts.into_iter().flat_map(|amounts| amounts.keys()) {
            let field = format!("{path}.{part}[{name}]");
            if matches!(kind, "Pod" | "Container") {
                quantities::name_of_containers(name, &field, found);
            } else {
                quantities::name(name, &field, found);
            }
            names.insert(name, ());
        }
        let has_storage = |part: &str| limit[part].get("storage").is_some();
        if part == "defaultRequest" && kind == "PersistentVolumeClaim" && !has_storage("min") && !has_storage("max") {
            let why = "either minimum or maximum storage value is required, but neither was provided";
            found.required_because(format!("{path}.limits"), why);
        }
    }
    for name in names.into_keys() {
        check_amounts(limit, name, path, found);
    }
}

/// Compares the amounts of a resource with each other.
fn check_amounts(limit: &Value, name: &str, path: &str, found: &mut Findings) {
    let of = |part: &str| limit[part].get(name).filter(|value| !value.is_null());
    let mut greater = |(part, said, value): (&str, &str, &str), (other, other_said): (&str, &str), shown: &str| {
        let (Some(one), Some(two)) = (of(part), of(other)) else { return };
        if quantity(one) > quantity(two) {
            let why = format!("{said} {} is greater than {other_said} {}", text(one), text(two));
            let bad = if shown == part { one } else { two };
            found.invalid(format!("{path}.{value}[{name}]"), bad, &why);
        }
    };
    greater(("min", "min value", "min"), ("max", "max value"), "min");
    greater(("min", "min value", "defaultRequest"), ("defaultRequest", "default request value"), "defaultRequest");
    greater(("defaultRequest", "default request value", "defaultRequest"), ("max", "max value"), "defaultRequest");
    let to_default = ("default", "default limit value");
    greater(("defaultRequest", "default request value", "defaultRequest"), to_default, "defaultRequest");
    greater(("min", "min value", "default"), ("default", "default value"), "min");
    greater(("default", "default value", "default"), ("max", "max value"), "max");
    let ratio = of("maxLimitRequestRatio");
    if let Some(ratio) = ratio.filter(|ratio| quantity(ratio) < quantity(&json!("1"))) {
        let why = format!("ratio {} is less than 1", text(ratio));
        found.invalid(format!("{path}.maxLimitRequestRatio[{name}]"), ratio, &why);
    }
    if let (Some(ratio), Some(min), Some(max)) = (ratio, of("min"), of("max")) {
        let number = |value: &Value| quantity(value).to_f64().unwrap_or(0.0);
        let most = number(max) / number(min);
        if number(ratio) > most {
            let why = format!("ratio {} is greater than max/min = {most:.6}", text(ratio));
            found.invalid(format!("{path}.maxLimitRequestRatio[{name}]"), ratio, &why);
        }
    }
}

/// <https://kubernetes.io/docs/concepts/policy/resource-quotas/>
pub(super) fn quota(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    amounts(&spec["hard"], "spec.hard", found);
    scopes(spec, found);
    selector(spec, found);
    if let Some(old) = old {
        let names = |object: &Value| -> BTreeSet<String> {
            items(&object["spec"]["scopes"]).iter().map(|scope| text(scope).to_owned()).collect()
        };
        if names(object) != names(old) {
            found.invalid("spec.scopes", &spec["scopes"], "field is immutable");
        }
    }
}

/// Checks a write of the status of a quota.
pub(super) fn quota_status(object: &Value, found: &mut Findings) {
    amounts(&object["status"]["hard"], "status.hard", found);
    amounts(&object["status"]["used"], "status.used", found);
}

fn amounts(amounts: &Value, path: &str, found: &mut Findings) {
    for (name, value) in amounts.as_object().into_iter().flatten() {
        let field = format!("{path}[{name}]");
        quantities::name_of_quotas(name, &field, found);
        quantities::amount(name, value, &field, found);
    }
}

const SCOPES: &[&str] = &[
    "Terminating",
    "NotTerminating",
    "BestEffort",
    "NotBestEffort",
    "PriorityClass",
    "VolumeAttributesClass",
    "CrossNamespacePodAffinity",
];

fn fits(scope: &str, resource: &str) -> bool {
    let is_computed =
        matches!(resource, "cpu" | "memory" | "limits.cpu" | "limits.memory" | "requests.cpu" | "requests.memory");
    match scope {
        "BestEffort" => resource == "pods",
        "VolumeAttributesClass" => matches!(resource, "persistentvolumeclaims" | "requests.storage"),
        scope if SCOPES.contains(&scope) => resource == "pods" || is_computed,
        _ => true,
    }
}

/// The resources that a quota limits and knows, in order.
fn resources(spec: &Value) -> Vec<&str> {
    let names = spec["hard"].as_object().into_iter().flat_map(|hard| hard.keys());
    let mut names: Vec<&str> =
        names.map(String::as_str).filter(|name| quantities::is_standard_of_quotas(name)).collect();
    names.sort_unstable();
    names
}

fn scopes(spec: &Value, found: &mut Findings) {
    let scopes = items(&spec["scopes"]);
    for scope in scopes {
        if !SCOPES.contains(&text(scope)) {
            found.invalid("spec.scopes", &spec["scopes"], "unsupported scope");
        }
        for _ in resources(spec).into_iter().filter(|name| !fits(text(scope), name)) {
            found.invalid("spec.scopes", &spec["scopes"], "unsupported scope applied to resource");
        }
    }
    let names: Vec<&str> = scopes.iter().map(text).collect();
    conflicts(&names, spec, found);
}

fn conflicts(scopes: &[&str], spec: &Value, found: &mut Findings) {
    for pair in [["BestEffort", "NotBestEffort"], ["Terminating", "NotTerminating"]] {
        if pair.iter().all(|scope| scopes.contains(scope)) {
            found.invalid("spec.scopes", &spec["scopes"], "conflicting scopes");
        }
    }
}

fn selector(spec: &Value, found: &mut Findings) {
    let terms = items(&spec["scopeSelector"]["matchExpressions"]);
    let path = "spec.scopeSelector.matchExpressions";
    for term in terms {
        let (scope, operator) = (text(&term["scopeName"]), text(&term["operator"]));
        if !SCOPES.contains(&scope) {
            found.invalid(format!("{path}.scopeName"), &term["scopeName"], "unsupported scope");
        }
        for _ in resources(spec).into_iter().filter(|name| !fits(scope, name)) {
            let shown: Vec<Value> = terms
                .iter()
                .map(|term| json!({ "ScopeName": term["scopeName"], "Operator": term["operator"], "Values": term["values"] }))
                .collect();
            let shown = json!({ "MatchExpressions": shown });
            found.invalid(path, &shown, "unsupported scope applied to resource");
        }
        let is_of_all = SCOPES.contains(&scope) && !matches!(scope, "PriorityClass" | "VolumeAttributesClass");
        if is_of_all && operator != "Exists" {
            let why = "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
            found.invalid(format!("{path}.operator"), &term["operator"], why);
        }
        let values = items(&term["values"]);
        match operator {
            "In" | "NotIn" if values.is_empty() => {
                let why = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
                found.required_because(format!("{path}.values"), why);
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                let why = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
                found.invalid(format!("{path}.values"), &term["values"], why);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => found.invalid(format!("{path}.operator"), &term["operator"], "not a valid selector operator"),
        }
    }
    let names: Vec<&str> = terms.iter().map(|term| text(&term["scopeName"])).collect();
    conflicts(&names, spec, found);
}
