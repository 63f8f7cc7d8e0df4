//! Checks of Deployments, ReplicaSets, StatefulSets and DaemonSets.

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::{metadata, pods, selectors};
use crate::objects::texts;

/// <https://kubernetes.io/docs/concepts/workloads/controllers/deployment/>
pub(super) fn deployment(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    found.not_negative("spec.replicas", &spec["replicas"]);
    selector_and_template(spec, ("deployment", "invalid label selector"), "ReplicaSet", found);
    let strategy = &spec["strategy"];
    let (kind, rolling) = (text(&strategy["type"]), strategy.get("rollingUpdate"));
    match (kind, rolling) {
        ("Recreate", Some(_)) => {
            let why = "may not be specified when strategy `type` is 'Recreate'";
            found.forbidden("spec.strategy.rollingUpdate", why);
        }
        ("Recreate", None) => {}
        ("RollingUpdate", Some(rolling)) => {
            surge(rolling, "spec.strategy.rollingUpdate", "may not be 0 when `maxSurge` is 0", found);
        }
        ("RollingUpdate", None) => {
            found.required_because("spec.strategy.rollingUpdate", "this should be defaulted and never be nil")
        }
        _ => strategy_not_supported("spec.strategy", kind, &["Recreate", "RollingUpdate"], found),
    }
    found.not_negative("spec.minReadySeconds", &spec["minReadySeconds"]);
    found.not_negative("spec.revisionHistoryLimit", &spec["revisionHistoryLimit"]);
    let deadline = &spec["progressDeadlineSeconds"];
    found.not_negative("spec.progressDeadlineSeconds", deadline);
    let ready = spec["minReadySeconds"].as_i64().unwrap_or(0);
    if deadline.as_i64().is_some_and(|deadline| deadline <= ready) {
        found.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
    }
    if let Some(old) = old {
        found.immutable("spec.selector", &spec["selector"], &old["spec"]["selector"]);
    }
}

/// <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/>
pub(super) fn replica_set(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    found.not_negative("spec.replicas", &spec["replicas"]);
    found.not_negative("spec.minReadySeconds", &spec["minReadySeconds"]);
    selector_and_template(spec, ("deployment", "invalid label selector"), "ReplicaSet", found);
    if let Some(old) = old {
        found.immutable("spec.selector", &spec["selector"], &old["spec"]["selector"]);
    }
}

/// <https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/>
pub(super) fn stateful_set(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    let policy = &spec["podManagementPolicy"];
    if !matches!(text(policy), "OrderedReady" | "Parallel") {
        found.invalid("spec.podManagementPolicy", policy, "must be 'OrderedReady' or 'Parallel'");
    }
    let rolling = spec["updateStrategy"].get("rollingUpdate");
    match text(&spec["updateStrategy"]["type"]) {
        "OnDelete" => {
            if let Some(rolling) = rolling {
                let why = "only allowed for updateStrategy 'RollingUpdate'";
                found.invalid("spec.updateStrategy.rollingUpdate", rolling, why);
            }
        }
        "RollingUpdate" => {
            let partition = rolling.map_or(&Value::Null, |rolling| &rolling["partition"]);
            found.not_negative("spec.updateStrategy.rollingUpdate.partition", partition);
        }
        _ => {
            let why = "must be 'RollingUpdate' or 'OnDelete'";
            found.invalid("spec.updateStrategy", &spec["updateStrategy"], why);
        }
    }
    for (field, policy) in spec["persistentVolumeClaimRetentionPolicy"].as_object().into_iter().flatten() {
        found.one_of(format!("spec.persistentVolumeClaimRetentionPolicy.{field}"), policy, &["Retain", "Delete"]);
    }
    found.not_negative("spec.replicas", &spec["replicas"]);
    found.not_negative("spec.minReadySeconds", &spec["minReadySeconds"]);
    let service = text(&spec["serviceName"]);
    if !service.is_empty() {
        found.problems("spec.serviceName", service, texts::label(service));
    }
    let mut spec = spec.clone();
    // A volume for each claim is there, as the controller adds it.
    let claims = items(&spec["volumeClaimTemplates"]).iter();
    let volumes: Vec<Value> =
        claims.map(|claim| json!({ "name": claim["metadata"]["name"], "emptyDir": {} })).collect();
    if !volumes.is_empty() {
        let own = items(&spec["template"]["spec"]["volumes"]).iter();
        let own = own.filter(|own| !volumes.iter().any(|volume| volume["name"] == own["name"])).cloned();
        let all: Vec<Value> = volumes.iter().cloned().chain(own).collect();
        spec["template"]["spec"]["volumes"] = json!(all);
    }
    selector_and_template(&spec, ("statefulset", ""), "StatefulSet", found);
    let Some(old) = old else { return };
    // The labels and the rest of the template may change, these may not.
    for name in ["selector", "volumeClaimTemplates", "serviceName", "podManagementPolicy"] {
        found.immutable(format!("spec.{name}"), &object["spec"][name], &old["spec"][name]);
    }
}

/// <https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/>
pub(super) fn daemon_set(object: &Value, old: Option<&Value>, found: &mut Findings) {
    let spec = &object["spec"];
    if let Some(old) = old {
        found.immutable("spec.selector", &spec["selector"], &old["spec"]["selector"]);
    }
    let selector = &spec["selector"];
    let is_usable = selectors::check(selector, "spec.selector", found);
    let labels = &spec["template"]["metadata"]["labels"];
    if is_usable && (selector.is_null() || !selectors::selects(selector, labels)) {
        found.invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
    }
    if !selector.is_null() && selectors::is_empty(selector) {
        found.invalid("spec.selector", selector, "empty selector is invalid for daemonset");
    }
    template(&spec["template"], "spec.template", found);
    always_restarted(spec, "DaemonSet", found);
    found.not_negative("spec.minReadySeconds", &spec["minReadySeconds"]);
    match text(&spec["updateStrategy"]["type"]) {
        "RollingUpdate" => {
            let rolling = &spec["updateStrategy"]["rollingUpdate"];
            let field = "spec.updateStrategy.rollingUpdate";
            let (surge, unavailable) = (is_zero(&rolling["maxSurge"]), is_zero(&rolling["maxUnavailable"]));
            if !surge && !unavailable {
                found.invalid(
                    format!("{field}.maxSurge"),
                    &rolling["maxSurge"],
                    "may not be set when maxUnavailable is non-zero",
                );
            } else if surge && unavailable {
                found.required_because(format!("{field}.maxUnavailable"), "cannot be 0 when maxSurge is 0");
            }
            amount(&rolling["maxUnavailable"], &format!("{field}.maxUnavailable"), true, found);
            amount(&rolling["maxSurge"], &format!("{field}.maxSurge"), true, found);
        }
        "OnDelete" => {}
        kind => strategy_not_supported("spec.updateStrategy", kind, &["RollingUpdate", "OnDelete"], found),
    }
    found.not_negative("spec.revisionHistoryLimit", &spec["revisionHistoryLimit"]);
}

/// As Go prints its struct.
fn strategy_not_supported(field: &str, kind: &str, supported: &[&str], found: &mut Findings) {
    let printed = format!("{{\"Type\":{},\"RollingUpdate\":null}}", json!(kind));
    found.not_supported_text(field, &printed, supported);
}

fn selector_and_template(spec: &Value, (kind, why): (&str, &str), controller: &str, found: &mut Findings) {
    let selector = &spec["selector"];
    let mut is_usable = true;
    if selector.is_null() {
        found.required("spec.selector");
    } else {
        is_usable = selectors::check(selector, "spec.selector", found);
        if selectors::is_empty(selector) {
            found.invalid("spec.selector", selector, &format!("empty selector is invalid for {kind}"));
        }
    }
    if !is_usable {
        found.invalid("spec.selector", selector, why);
    } else {
        let labels = &spec["template"]["metadata"]["labels"];
        let selects_all = !selector.is_null() && selectors::is_empty(selector);
        if selector.is_null() || (!selects_all && !selectors::selects(selector, labels)) {
            found.invalid("spec.template.metadata.labels", labels, "`selector` does not match template `labels`");
        }
        template(&spec["template"], "spec.template", found);
    }
    if is_usable || controller == "StatefulSet" {
        always_restarted(spec, controller, found);
    }
}

/// Checks that the pods of a template are restarted, as those of a controller are that keeps them running.
pub(super) fn always_restarted(spec: &Value, controller: &str, found: &mut Findings) {
    let pod = &spec["template"]["spec"];
    if text(&pod["restartPolicy"]) != "Always" {
        found.not_supported("spec.template.spec.restartPolicy", &pod["restartPolicy"], &["Always"]);
    }
    if pod.get("activeDeadlineSeconds").is_some() {
        let why = format!("activeDeadlineSeconds in {controller} is not Supported");
        found.forbidden("spec.template.spec.activeDeadlineSeconds", &why);
    }
}

/// Checks a template of pods.
pub(super) fn template(template: &Value, field: &str, found: &mut Findings) {
    metadata::labels(&template["metadata"]["labels"], format_args!("{field}.labels"), found);
    for key in template["metadata"]["annotations"].as_object().into_iter().flat_map(|annotations| annotations.keys()) {
        found.problems(format_args!("{field}.annotations"), key, texts::qualified_name(&key.to_lowercase()));
    }
    pods::spec(&template["spec"], format_args!("{field}.spec"), found);
    let is_ephemeral = !items(&template["spec"]["ephemeralContainers"]).is_empty();
    if is_ephemeral {
        let why = "ephemeral containers not allowed in pod template";
        found.forbidden(format!("{field}.spec.ephemeralContainers"), why);
    }
}

fn surge(rolling: &Value, field: &str, why_not_zero: &str, found: &mut Findings) {
    let (unavailable, surge) = (&rolling["maxUnavailable"], &rolling["maxSurge"]);
    amount(unavailable, &format!("{field}.maxUnavailable"), false, found);
    amount(surge, &format!("{field}.maxSurge"), false, found);
    if is_zero(unavailable) && is_zero(surge) {
        found.invalid(format!("{field}.maxUnavailable"), unavailable, why_not_zero);
    }
    if percent(unavailable).is_some_and(|percent| percent > 100) {
        found.invalid(format!("{field}.maxUnavailable"), unavailable, "must not be greater than 100%");
    }
}

/// Checks a number or a percentage.
pub(super) fn amount(value: &Value, field: &str, up_to_all: bool, found: &mut Findings) {
    match value {
        Value::String(text) if percent(value).is_none() => {
            let why = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
            found.invalid(field, &json!(text), why);
        }
        Value::String(_) if up_to_all && percent(value).is_some_and(|percent| percent > 100) => {
            found.invalid(field, value, "must not be greater than 100%");
        }
        _ => found.not_negative(field, value),
    }
}

fn percent(value: &Value) -> Option<u64> {
    value.as_str()?.strip_suffix('%')?.parse().ok()
}

fn is_zero(value: &Value) -> bool {
    *value == json!(0) || percent(value) == Some(0)
}

/// Checks the counts of a status.
pub(super) fn status(object: &Value, plural: &str, found: &mut Findings) {
    let status = &object["status"];
    let count = |name: &str| status[name].as_i64().unwrap_or(0);
    let counts: &[&str] = match plural {
        "deployments" => &[
            "observedGeneration",
            "replicas",
            "updatedReplicas",
            "readyReplicas",
            "availableReplicas",
            "unavailableReplicas",
            "collisionCount",
        ],
        "replicasets" => {
            &["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas", "observedGeneration"]
        }
        "statefulsets" => &[
            "replicas",
            "readyReplicas",
            "currentReplicas",
            "updatedReplicas",
            "availableReplicas",
            "observedGeneration",
            "collisionCount",
        ],
        "daemonsets" => &[
            "currentNumberScheduled",
            "numberMisscheduled",
            "desiredNumberScheduled",
            "numberReady",
            "observedGeneration",
            "updatedNumberScheduled",
            "numberAvailable",
            "numberUnavailable",
            "collisionCount",
        ],
        _ => &[],
    };
    for name in counts {
        found.not_negative(format!("status.{name}"), &status[*name]);
    }
    let parts: &[&str] = match plural {
        "deployments" => &["updatedReplicas", "readyReplicas", "availableReplicas"],
        "replicasets" => &["fullyLabeledReplicas", "readyReplicas", "availableReplicas"],
        "statefulsets" => &["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"],
        _ => &[],
    };
    for name in parts.iter().filter(|name| count(name) > count("replicas")) {
        found.invalid(format!("status.{name}"), &json!(count(name)), "cannot be greater than status.replicas");
    }
    if !parts.is_empty() && count("availableReplicas") > count("readyReplicas") {
        let (available, why) = (json!(count("availableReplicas")), "cannot be greater than readyReplicas");
        found.invalid("status.availableReplicas", &available, why);
    }
}
