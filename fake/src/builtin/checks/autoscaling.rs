//! Checks of horizontal pod autoscalers.
//!
//! <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/>

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::quantities::{self, quantity};
use crate::objects::texts;

const MAX_PERIOD: i64 = 1800;
const MAX_WINDOW: i64 = 3600;
const SOURCES: &[&str] = &["ContainerResource", "External", "Object", "Pods", "Resource"];

/// Checks an autoscaler, a new one or one in place of another.
pub(super) fn check(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    let (min, max) = (spec["minReplicas"].as_i64(), spec["maxReplicas"].as_i64().unwrap_or(0));
    if min.is_some_and(|min| max < min) {
        found.invalid("spec.maxReplicas", &json!(max), "must be greater than or equal to `minReplicas`");
    }
    let target = &spec["scaleTargetRef"];
    let is_as_before = old.is_some_and(|old| {
        let old = &old["spec"]["scaleTargetRef"];
        old["apiVersion"] == target["apiVersion"] && old["kind"] == target["kind"]
    });
    reference(target, "spec.scaleTargetRef", found);
    if !is_as_before {
        api_version(target, "spec.scaleTargetRef", target["kind"] == "ReplicationController", found);
    }
    metrics(spec, old, found);
    for direction in ["scaleUp", "scaleDown"] {
        if let Some(rules) = spec["behavior"].get(direction) {
            scaling(rules, &format!("spec.behavior.{direction}"), found);
        }
    }
    // What the API server checks by declarations comes last.
    found.not_negative("spec.minReplicas", &spec["minReplicas"]);
    if max == 0 {
        found.required("spec.maxReplicas");
    } else if max < 0 {
        found.invalid("spec.maxReplicas", &json!(max), "must be greater than or equal to 1");
    }
}

/// Checks a write of the status.
pub(super) fn status(object: &Value, found: &mut Findings) {
    let status = &object["status"];
    for (index, condition) in items(&status["conditions"]).iter().enumerate() {
        found.not_negative(format!("status.conditions[{index}].observedGeneration"), &condition["observedGeneration"]);
    }
    for field in ["currentReplicas", "desiredReplicas"] {
        found.not_negative(format!("status.{field}"), &status[field]);
    }
}

/// What is referred to by kind and name.
fn reference(target: &Value, path: &str, found: &mut Findings) {
    for field in ["kind", "name"] {
        let name = text(&target[field]);
        if name.is_empty() {
            found.required(format!("{path}.{field}"));
        } else {
            found.problems(format_args!("{path}.{field}"), name, texts::path_segment(name));
        }
    }
}

fn api_version(target: &Value, path: &str, may_be_core: bool, found: &mut Findings) {
    let version = text(&target["apiVersion"]);
    let field = format!("{path}.apiVersion");
    let why = match version.split('/').collect::<Vec<_>>().as_slice() {
        [_] if may_be_core => return,
        [_] => "apiVersion must specify API group".to_owned(),
        ["", _] if !may_be_core => "apiVersion must specify API group".to_owned(),
        [_, _] => return,
        _ => format!("unexpected GroupVersion string: {version}"),
    };
    found.invalid(field, &json!(version), &why);
}

fn metrics(spec: &Value, old: Option<&Value>, found: &mut Findings) {
    let metrics = items(&spec["metrics"]);
    // An invalid version of before may stay.
    let was_invalid = old.is_some_and(|old| {
        let mut ignored = Findings::default();
        for metric in items(&old["spec"]["metrics"]).iter().filter(|metric| metric["type"] == "Object") {
            api_version(&metric["object"]["describedObject"], "", true, &mut ignored);
        }
        !ignored.into_causes().is_empty()
    });
    for (index, metric) in metrics.iter().enumerate() {
        check_metric(metric, was_invalid, &format!("spec.metrics[{index}]"), found);
    }
    let is_from_outside = |metric: &Value| matches!(text(&metric["type"]), "Object" | "External");
    if spec["minReplicas"] == 0 && !metrics.iter().any(is_from_outside) {
        let why = "must specify at least one Object or External metric to support scaling to zero replicas";
        found.forbidden("spec.metrics", why);
    }
}

fn check_metric(metric: &Value, any_version: bool, path: &str, found: &mut Findings) {
    let kind = text(&metric["type"]);
    if kind.is_empty() {
        found.required_because(format!("{path}.type"), "must specify a metric source type");
    }
    if !SOURCES.contains(&kind) {
        found.not_supported(format!("{path}.type"), &json!(kind), SOURCES);
    }
    let present: Vec<&str> = ["object", "external", "pods", "resource", "containerResource"]
        .into_iter()
        .filter(|name| metric.get(name).is_some())
        .collect();
    if let Some(first) = present.first() {
        check_source(first, &metric[*first], any_version, &format!("{path}.{first}"), found);
    }
    let expected = match kind {
        "Object" => "object",
        "Pods" => "pods",
        "Resource" => "resource",
        "External" => "external",
        "ContainerResource" => "containerResource",
        _ => "",
    };
    if !expected.is_empty() && !present.contains(&expected) {
        let why = "must populate information for the given metric source";
        found.required_because(format!("{path}.{expected}"), why);
    }
    if present.len() != 1 {
        for name in present.into_iter().filter(|name| *name != expected) {
            found.forbidden(format!("{path}.{name}"), "must populate the given metric source only");
        }
    }
}

fn check_source(kind: &str, source: &Value, any_version: bool, path: &str, found: &mut Findings) {
    let target = &source["target"];
    let has = |name: &str| target.get(name).is_some();
    match kind {
        "object" => {
            let described = format!("{path}.describedObject");
            reference(&source["describedObject"], &described, found);
            if !any_version {
                api_version(&source["describedObject"], &described, true, found);
            }
            identifier(source, path, found);
        }
        "external" | "pods" => identifier(source, path, found),
        _ => {
            let name = text(&source["name"]);
            if name.is_empty() {
                found.required_because(format!("{path}.name"), "must specify a resource name");
            } else if kind == "containerResource" {
                quantities::name_of_containers(name, &format!("{path}.name"), found);
            }
            let container = text(&source["container"]);
            if kind == "containerResource" && container.is_empty() {
                found.required_because(format!("{path}.container"), "must specify a container");
            } else if kind == "containerResource" {
                found.problems(format_args!("{path}.container"), container, texts::label(container));
            }
        }
    }
    check_target(target, &format!("{path}.target"), found);
    let path = format!("{path}.target");
    match kind {
        "object" if !has("value") && !has("averageValue") => {
            found.required_because(format!("{path}.averageValue"), "must set either a target value or averageValue");
        }
        "external" if !has("value") && !has("averageValue") => {
            let why = "must set either a target value for metric or a per-pod target";
            found.required_because(format!("{path}.averageValue"), why);
        }
        "external" if has("value") && has("averageValue") => {
            let why = "may not set both a target value for metric and a per-pod target";
            found.forbidden(format!("{path}.value"), why);
        }
        "pods" if !has("averageValue") => {
            found.required_because(format!("{path}.averageValue"), "must specify a positive target averageValue");
        }
        "resource" | "containerResource" if !has("averageUtilization") && !has("averageValue") => {
            let why = "must set either a target raw value or a target utilization";
            found.required_because(format!("{path}.averageUtilization"), why);
        }
        "resource" | "containerResource" if has("averageUtilization") && has("averageValue") => {
            let why = "may not set both a target raw value and a target utilization";
            found.forbidden(format!("{path}.averageValue"), why);
        }
        _ => {}
    }
}

fn identifier(source: &Value, path: &str, found: &mut Findings) {
    let name = text(&source["metric"]["name"]);
    if name.is_empty() {
        found.required_because(format!("{path}.metric.name"), "must specify a metric name");
    } else {
        found.problems(format_args!("{path}.metric.name"), name, texts::path_segment(name));
    }
}

fn check_target(target: &Value, path: &str, found: &mut Findings) {
    let kind = text(&target["type"]);
    if kind.is_empty() {
        found.required_because(format!("{path}.type"), "must specify a metric target type");
    }
    if !matches!(kind, "Utilization" | "Value" | "AverageValue") {
        found.invalid(format!("{path}.type"), &json!(kind), "must be either Utilization, Value, or AverageValue");
    }
    for name in ["value", "averageValue"] {
        let is_positive = |value: &Value| quantity(value).signum().is_ok_and(|sign| sign > 0);
        if let Some(value) = target.get(name).filter(|value| !is_positive(value)) {
            found.invalid(format!("{path}.{name}"), value, "must be positive");
        }
    }
    if target["averageUtilization"].as_i64().is_some_and(|percent| percent < 1) {
        found.invalid(format!("{path}.averageUtilization"), &target["averageUtilization"], "must be greater than 0");
    }
}

fn scaling(rules: &Value, path: &str, found: &mut Findings) {
    let window = &rules["stabilizationWindowSeconds"];
    let field = format!("{path}.stabilizationWindowSeconds");
    match window.as_i64() {
        Some(seconds) if seconds < 0 => found.invalid(field, window, "must be greater than or equal to zero"),
        Some(seconds) if seconds > MAX_WINDOW => {
            found.invalid(field, window, &format!("must be less than or equal to {MAX_WINDOW}"));
        }
        _ => {}
    }
    found.one_of(format!("{path}.selectPolicy"), &rules["selectPolicy"], &["Disabled", "Max", "Min"]);
    let policies = items(&rules["policies"]);
    if policies.is_empty() {
        found.required_because(format!("{path}.policies"), "must specify at least one Policy");
    }
    for (index, policy) in policies.iter().enumerate() {
        let path = format!("{path}.policies[{index}]");
        let number = |name: &str| policy[name].as_i64().unwrap_or(0);
        if !matches!(text(&policy["type"]), "Pods" | "Percent") {
            found.not_supported(format!("{path}.type"), &json!(text(&policy["type"])), &["Percent", "Pods"]);
        }
        for name in ["value", "periodSeconds"] {
            if number(name) <= 0 {
                found.invalid(format!("{path}.{name}"), &json!(number(name)), "must be greater than zero");
            }
        }
        if number("periodSeconds") > MAX_PERIOD {
            let why = format!("must be less than or equal to {MAX_PERIOD}");
            found.invalid(format!("{path}.periodSeconds"), &policy["periodSeconds"], &why);
        }
    }
    let is_negative = |tolerance: &&Value| quantity(tolerance).signum().is_ok_and(|sign| sign < 0);
    if let Some(tolerance) = rules.get("tolerance").filter(is_negative) {
        found.invalid(format!("{path}.tolerance"), tolerance, "must be greater than or equal to 0");
    }
}
