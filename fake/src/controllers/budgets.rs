//! Disruption budgets: how many evictions each allows.
//!
//! <https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-budgets>

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::context::Context;
use super::kinds::{DEPLOYMENTS, Kind, POD_DISRUPTION_BUDGETS, PODS, REPLICA_SETS, STATEFUL_SETS};
use super::pods::{has_ended, is_ready};
use super::values::{controller_of, count, is_deleted, later, name, namespace, set_condition, share, text, time, uid};
use crate::builtin::selects;
use crate::stored::Stored;

/// How long an eviction counts whose pod is still there, in seconds.
const EVICTION: i64 = 120;

pub(super) fn sync(context: &mut Context<'_>) {
    for budget in context.list(POD_DISRUPTION_BUDGETS) {
        let selector = &budget["spec"]["selector"];
        let mut pods = context.list_in(PODS, namespace(&budget));
        pods.retain(|pod| !selector.is_null() && selects(selector, &pod["metadata"]["labels"]) && !has_ended(pod));
        let status = status(context, &budget, &pods);
        // A conflict is resolved in the next turn.
        let _ = context.update_status(POD_DISRUPTION_BUDGETS, &budget, status);
    }
}

fn status(context: &mut Context<'_>, budget: &Value, pods: &[Arc<Stored>]) -> Value {
    let (expected, desired) = expected(context, &budget["spec"], pods);
    let disrupted = disrupted(context, budget, pods);
    let is_healthy = |pod: &&Arc<Stored>| is_ready(pod) && !is_deleted(pod) && !disrupted.contains_key(name(pod));
    let healthy = i64::try_from(pods.iter().filter(is_healthy).count()).unwrap_or(i64::MAX);
    let allowed = if expected > 0 { (healthy - desired).max(0) } else { 0 };
    let mut status = json!({
        "currentHealthy": healthy, "desiredHealthy": desired, "expectedPods": expected, "disruptionsAllowed": allowed,
        "observedGeneration": budget["metadata"]["generation"],
    });
    if !disrupted.is_empty() {
        status["disruptedPods"] = Value::Object(disrupted);
    }
    if let Some(known) = budget["status"].get("conditions").filter(|known| !known.is_null()) {
        status["conditions"] = known.clone();
    }
    let (value, reason) = if allowed > 0 { ("True", "SufficientPods") } else { ("False", "InsufficientPods") };
    let condition = json!({
        "type": "DisruptionAllowed", "status": value, "reason": reason, "message": "",
        "observedGeneration": budget["metadata"]["generation"],
    });
    set_condition(&mut status, condition, &context.now());
    status
}

/// How many pods there should be, and how many healthy ones at least.
fn expected(context: &Context<'_>, spec: &Value, pods: &[Arc<Stored>]) -> (i64, i64) {
    let unavailable = &spec["maxUnavailable"];
    if !unavailable.is_null() {
        let expected = scale(context, pods);
        return (expected, (expected - share(unavailable, expected, true)).max(0));
    }
    match &spec["minAvailable"] {
        Value::Null => (0, 0),
        number if number.is_i64() => (i64::try_from(pods.len()).unwrap_or(i64::MAX), number.as_i64().unwrap_or(0)),
        percent => {
            let expected = scale(context, pods);
            (expected, share(percent, expected, true))
        }
    }
}

/// The replicas of all that manages the pods. Pods that nobody manages don't count.
fn scale(context: &Context<'_>, pods: &[Arc<Stored>]) -> i64 {
    let mut scales: BTreeMap<String, i64> = BTreeMap::new();
    for pod in pods {
        let Some(reference) = controller_of(pod) else { continue };
        let kinds: [Kind; 2] = [REPLICA_SETS, STATEFUL_SETS];
        let Some(kind) = kinds.into_iter().find(|kind| reference["kind"] == kind.name) else { continue };
        let Some(owner) = context.get(kind, namespace(pod), text(reference, "/name")) else { continue };
        let of_deployment = controller_of(&owner).filter(|reference| reference["kind"] == DEPLOYMENTS.name);
        let deployment =
            of_deployment.and_then(|reference| context.get(DEPLOYMENTS, namespace(pod), text(reference, "/name")));
        let scaled = deployment.unwrap_or(owner);
        scales.insert(uid(&scaled).to_owned(), count(&scaled, "/spec/replicas"));
    }
    scales.values().sum()
}

/// The pods that an eviction has been allowed of, and that are still there.
fn disrupted(context: &mut Context<'_>, budget: &Value, pods: &[Arc<Stored>]) -> Map<String, Value> {
    let mut disrupted = Map::new();
    for (pod, since) in budget["status"]["disruptedPods"].as_object().into_iter().flatten() {
        let is_there = pods.iter().any(|known| name(known) == pod && !is_deleted(known));
        let end = time(since, "").map(|since| later(since, EVICTION));
        if is_there && end.is_some_and(|end| !context.is_due(end)) {
            disrupted.insert(pod.clone(), since.clone());
        }
    }
    disrupted
}
