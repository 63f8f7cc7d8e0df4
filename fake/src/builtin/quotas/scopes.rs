//! The scopes of a quota: which pods and claims it is about.
//!
//! <https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes>

use serde_json::{Value, json};

use super::usage::Counted;
use crate::builtin::selects;

/// Whether an object is in all scopes of a quota. What is counted as objects alone is in none.
pub(super) fn have(quota: &Value, counted: &Counted, object: &Value) -> bool {
    let of_spec = quota["spec"]["scopes"].as_array().into_iter().flatten();
    let mut scopes = of_spec.map(|name| json!({ "scopeName": name, "operator": "Exists" }));
    let selectors = quota["spec"]["scopeSelector"]["matchExpressions"].as_array().into_iter().flatten();
    scopes.all(|scope| has(&scope, counted, object)) && selectors.into_iter().all(|scope| has(scope, counted, object))
}

fn has(scope: &Value, counted: &Counted, object: &Value) -> bool {
    let name = scope["scopeName"].as_str().unwrap_or_default();
    match (counted, name) {
        (Counted::Pods, "Terminating") => is_terminating(object),
        (Counted::Pods, "NotTerminating") => !is_terminating(object),
        (Counted::Pods, "BestEffort") => object["status"]["qosClass"] == "BestEffort",
        (Counted::Pods, "NotBestEffort") => object["status"]["qosClass"] != "BestEffort",
        (Counted::Pods, "PriorityClass") => {
            let class = object["spec"]["priorityClassName"].as_str().filter(|class| !class.is_empty());
            is_selected(scope, name, class)
        }
        (Counted::Pods, "CrossNamespacePodAffinity") => has_affinity_across_namespaces(&object["spec"]["affinity"]),
        (Counted::Claims, "VolumeAttributesClass") => {
            let (spec, status) = (&object["spec"], &object["status"]);
            let target = &status["modifyVolumeStatus"]["targetVolumeAttributesClassName"];
            let named = [&spec["volumeAttributesClassName"], &status["currentVolumeAttributesClassName"], target];
            let classes: Vec<&str> =
                named.into_iter().filter_map(Value::as_str).filter(|class| !class.is_empty()).collect();
            if classes.is_empty() {
                return is_selected(scope, name, None);
            }
            classes.into_iter().any(|class| is_selected(scope, name, Some(class)))
        }
        _ => false,
    }
}

/// Whether a pod ends by itself some time.
pub(super) fn is_terminating(pod: &Value) -> bool {
    pod["spec"]["activeDeadlineSeconds"].as_i64().is_some_and(|seconds| seconds >= 0)
}

/// Whether a scope selects a class, or that there is none.
fn is_selected(scope: &Value, name: &str, class: Option<&str>) -> bool {
    let expression = json!({ "key": name, "operator": scope["operator"], "values": scope["values"] });
    let labels = class.map_or(json!({}), |class| json!({ name: class }));
    selects(&json!({ "matchExpressions": [expression] }), &labels)
}

fn has_affinity_across_namespaces(affinity: &Value) -> bool {
    let across = |term: &Value| {
        let has_names = term["namespaces"].as_array().is_some_and(|names| !names.is_empty());
        has_names || term.get("namespaceSelector").is_some_and(|selector| !selector.is_null())
    };
    ["podAffinity", "podAntiAffinity"].into_iter().any(|kind| {
        let terms = |list: &str| affinity[kind][list].as_array().map(Vec::as_slice).unwrap_or_default();
        terms("requiredDuringSchedulingIgnoredDuringExecution").iter().any(across)
            || terms("preferredDuringSchedulingIgnoredDuringExecution")
                .iter()
                .any(|term| across(&term["podAffinityTerm"]))
    })
}
