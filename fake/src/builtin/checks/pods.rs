//! Checks of pods.

use std::fmt;

use serde_json::{Value, json};

use super::findings::{Findings, items, text};
use super::{affinity, claims_of_pods, containers, dns, metadata, pod_level, scheduling, security, spread, volumes};
use crate::objects::texts;
use crate::quoted::quoted;

/// What of a pod a write may change, as errors say.
const CHANGEABLE: &str = "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";

/// Checks a pod.
pub(super) fn check(pod: &Value, old: Option<&Value>, found: &mut Findings) {
    spec(&pod["spec"], format_args!("spec"), found);
    let Some(old) = old else {
        if !items(&pod["spec"]["ephemeralContainers"]).is_empty() {
            found.forbidden("spec.ephemeralContainers", "cannot be set on create");
        }
        if !items(&pod["spec"]["schedulingGates"]).is_empty() && !text(&pod["spec"]["nodeName"]).is_empty() {
            found.forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared");
        }
        return;
    };
    update(&pod["spec"], &old["spec"], found);
}

/// Checks what a pod and a template have in common.
pub(super) fn spec(spec: &Value, field: fmt::Arguments<'_>, found: &mut Findings) {
    let names = volumes::check(spec, field, found);
    containers::check(spec, &names, field, found);
    if !spec["resources"].is_null() {
        pod_level::check(spec, &format!("{field}.resources"), found);
    }
    found.one_of(format_args!("{field}.restartPolicy"), &spec["restartPolicy"], &["Always", "OnFailure", "Never"]);
    found.one_of(
        format_args!("{field}.dnsPolicy"),
        &spec["dnsPolicy"],
        &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"],
    );
    metadata::labels(&spec["nodeSelector"], format_args!("{field}.nodeSelector"), found);
    security::of_pod(spec, field, found);
    affinity::check(&spec["affinity"], format_args!("{field}.affinity"), found);
    dns::config(spec, field, found);
    for (index, gate) in items(&spec["readinessGates"]).iter().enumerate() {
        let kind = text(&gate["conditionType"]);
        let path = format_args!("{field}.readinessGates[{index}].conditionType");
        found.problems(path, kind, texts::qualified_name(kind));
    }
    scheduling::gates(&spec["schedulingGates"], format_args!("{field}.schedulingGates"), found);
    let constraints = &spec["topologySpreadConstraints"];
    spread::check(constraints, format_args!("{field}.topologySpreadConstraints"), found);
    if spec["hostUsers"] == false {
        for (name, shown) in [("hostNetwork", "hostNetwork"), ("hostPID", "HostPID"), ("hostIPC", "HostIPC")] {
            if spec[name] == true {
                found.forbidden(format_args!("{field}.{shown}"), "when `hostUsers` is false");
            }
        }
    }
    for (name, rule) in
        [("serviceAccountName", texts::subdomain_name as fn(&str) -> _), ("nodeName", texts::subdomain_name)]
    {
        let value = text(&spec[name]);
        if !value.is_empty() {
            found.problems(format_args!("{field}.{name}"), value, rule(value));
        }
    }
    let is_possible =
        |seconds: &Value| seconds.as_i64().is_some_and(|seconds| (1..=i64::from(i32::MAX)).contains(&seconds));
    if let Some(seconds) = spec.get("activeDeadlineSeconds").filter(|seconds| !is_possible(seconds)) {
        found.invalid(
            format_args!("{field}.activeDeadlineSeconds"),
            seconds,
            "must be between 1 and 2147483647, inclusive",
        );
    }
    for name in ["hostname", "subdomain"] {
        let value = text(&spec[name]);
        if !value.is_empty() {
            found.problems(format_args!("{field}.{name}"), value, texts::label(value));
        }
    }
    scheduling::tolerations(&spec["tolerations"], format_args!("{field}.tolerations"), found);
    dns::host_aliases(&spec["hostAliases"], format_args!("{field}.hostAliases"), found);
    let class = text(&spec["priorityClassName"]);
    if !class.is_empty() {
        found.problems(format_args!("{field}.priorityClassName"), class, texts::subdomain_name(class));
    }
    if let Some(os) = spec.get("os") {
        match text(&os["name"]) {
            "" => found.required(format_args!("{field}.os.name")),
            "linux" | "windows" => {}
            _ => found.not_supported(format_args!("{field}.os"), &os["name"], &["linux", "windows"]),
        }
    }
    claims_of_pods::check(&spec["resourceClaims"], format_args!("{field}.resourceClaims"), found);
}

fn update(spec: &Value, old: &Value, found: &mut Findings) {
    for list in ["containers", "initContainers"] {
        let (new, old) = (items(&spec[list]), items(&old[list]));
        if new.len() != old.len() {
            found.forbidden(format_args!("spec.{list}"), "pod updates may not add or remove containers");
            return;
        }
    }
    match (spec["activeDeadlineSeconds"].as_i64(), old["activeDeadlineSeconds"].as_i64()) {
        (Some(new), Some(old)) if old < new => {
            let why = "must be less than or equal to previous value";
            found.invalid("spec.activeDeadlineSeconds", &json!(new), why);
            return;
        }
        (None, Some(_)) => {
            let why = "must not update from a positive integer to nil value";
            found.invalid("spec.activeDeadlineSeconds", &Value::Null, why);
        }
        _ => {}
    }
    let tolerations = items(&spec["tolerations"]);
    if items(&old["tolerations"]).iter().any(|known| !tolerations.iter().any(|new| is_longer(known, new))) {
        let why = "existing toleration can not be modified except its tolerationSeconds";
        found.forbidden("spec.tolerations", why);
    }
    let gates = items(&old["schedulingGates"]);
    for (index, gate) in items(&spec["schedulingGates"]).iter().enumerate().filter(|(_, gate)| !gates.contains(gate)) {
        let why = format!("only deletion is allowed, but found new scheduling gate '{}'", text(&gate["name"]));
        found.forbidden(format!("spec.schedulingGates[{index}].name"), &why);
    }
    if fixed(spec, old) != fixed(old, old) {
        found.forbidden("spec", CHANGEABLE);
    }
}

/// Whether a toleration is another but for its time.
fn is_longer(known: &Value, new: &Value) -> bool {
    let without_time = |toleration: &Value| {
        let mut toleration = toleration.clone();
        if let (Value::Object(fields), true) = (&mut toleration, known["effect"] == "NoExecute") {
            fields.remove("tolerationSeconds");
        }
        toleration
    };
    without_time(known) == without_time(new)
}

/// The spec without what a write may change.
fn fixed(spec: &Value, old: &Value) -> Value {
    let mut spec = spec.clone();
    for list in ["containers", "initContainers"] {
        for container in spec[list].as_array_mut().into_iter().flatten() {
            container["image"] = Value::Null;
        }
    }
    for name in ["activeDeadlineSeconds", "tolerations", "schedulingGates"] {
        spec[name] = Value::Null;
    }
    let was_negative = old["terminationGracePeriodSeconds"].as_i64().is_some_and(|seconds| seconds < 0);
    if was_negative && spec["terminationGracePeriodSeconds"] == 1 {
        spec["terminationGracePeriodSeconds"] = old["terminationGracePeriodSeconds"].clone();
    }
    spec
}

/// Checks what a write of the status changes.
pub(super) fn status(pod: &Value, old: &Value, found: &mut Findings) {
    let (status, known) = (&pod["status"], &old["status"]);
    let node = text(&status["nominatedNodeName"]);
    if !node.is_empty() && known["nominatedNodeName"] != node {
        found.problems("status.nominatedNodeName", node, texts::subdomain_name(node));
    }
    let generation = &status["observedGeneration"];
    if generation.as_i64().is_some_and(|generation| generation < 0) {
        found.invalid("status.observedGeneration", generation, "must be a non-negative integer");
    }
    if !known["qosClass"].is_null() {
        found.immutable("status.qosClass", &status["qosClass"], &known["qosClass"]);
    }
    for (index, condition) in items(&pod["status"]["conditions"]).iter().enumerate() {
        let kind = text(&condition["type"]);
        found.problems(format_args!("status.conditions[{index}].Type"), kind, texts::qualified_name(kind));
    }
}

/// Ephemeral containers are added, and stay as they are.
///
/// <https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/>
pub(super) fn ephemeral(pod: &Value, old: &Value, found: &mut Findings) {
    let list = |pod: &Value| items(&pod["spec"]["ephemeralContainers"]).to_vec();
    let new = list(pod);
    for known in list(old) {
        let name = text(&known["name"]);
        match new.iter().find(|container| container["name"] == known["name"]) {
            None => {
                let why = format!("existing ephemeral containers {} may not be removed\n", quoted(name));
                found.forbidden("spec.ephemeralContainers", &why);
            }
            Some(container) if *container != known => {
                let why = format!("existing ephemeral containers {} may not be changed\n", quoted(name));
                found.forbidden("spec.ephemeralContainers", &why);
            }
            Some(_) => {}
        }
    }
}
