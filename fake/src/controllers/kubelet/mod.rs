//! The kubelets: nodes get ready, and pods on them start, end and are restarted.
//!
//! A pod whose containers run is left to the test: what it writes into the status stays.
//!
//! <https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/>

mod status;

use std::any::Any;
use std::collections::HashSet;
use std::panic::{self, AssertUnwindSafe};
use std::time::Duration;

use serde_json::{Value, json};

use status::{admitted, exited, joined, running, set_conditions, set_containers, started};

use super::context::{Context, Identity};
use super::kinds::{NODES, PODS};
use super::outcome::{End, PodOutcome};
use super::values::{condition, count, is_deleted, items, later, name, namespace, set_condition, text, time, uid};

/// The longest pause before a container is restarted, in seconds, and the shortest.
const LONGEST_PAUSE: i64 = 300;
const SHORTEST_PAUSE: i64 = 10;

/// The exit code of a program that a signal to end has ended.
const ENDED_BY_SIGNAL: i32 = 143;

/// Sets the first status of nodes that have no `Ready` condition. What a test writes into it is left alone.
pub(super) fn sync_nodes(context: &mut Context<'_>) {
    for node in context.list(NODES) {
        if condition(&node, "Ready").is_some() || is_deleted(&node) {
            continue;
        }
        let now = context.now();
        let mut status = node["status"].clone();
        for field in ["capacity", "allocatable"] {
            if status[field].is_null() {
                status[field] = json!({ "cpu": "4", "memory": "16Gi", "pods": "110" });
            }
        }
        if items(&status, "/addresses").is_empty() {
            status["addresses"] = json!([{ "type": "Hostname", "address": name(&node) }]);
        }
        let ready = json!({
            "type": "Ready", "status": "True", "reason": "KubeletReady", "message": "kubelet is posting ready status",
            "lastHeartbeatTime": now,
        });
        set_condition(&mut status, ready, &now);
        context.identity = Identity::Node(name(&node).to_owned());
        // A conflict is resolved in the next turn.
        let _ = context.update_status(NODES, &node, status);
    }
}

pub(super) fn sync(context: &mut Context<'_>) {
    let pods = context.list(PODS);
    let present: HashSet<&str> = pods.iter().map(|pod| uid(pod)).collect();
    context.memory.outcomes.retain(|known, _| present.contains(known.as_str()));
    for pod in &pods {
        let node = text(pod, "/spec/nodeName").to_owned();
        // Without a node there is no kubelet.
        if node.is_empty() || context.get(NODES, "", &node).is_none() {
            continue;
        }
        context.identity = Identity::Node(node);
        match text(pod, "/status/phase") {
            _ if is_deleted(pod) => stop(context, pod),
            "Succeeded" | "Failed" => {}
            _ => run(context, pod),
        }
    }
}

/// Ends a pod that is deleted, once it has taken its time.
fn stop(context: &mut Context<'_>, pod: &Value) {
    let grace = count(pod, "/metadata/deletionGracePeriodSeconds");
    let takes = whole_seconds(context.settings.pod_stop).min(grace);
    let ends = time(pod, "/metadata/deletionTimestamp").map(|end| later(end, takes - grace));
    if ends.is_some_and(|ends| !context.is_due(ends)) {
        return;
    }
    if !super::pods::has_ended(pod) {
        let now = context.now();
        let status = exited(pod, ENDED_BY_SIGNAL, "Failed", &now);
        if !items(pod, "/metadata/finalizers").is_empty() && context.update_status(PODS, pod, status).is_err() {
            return;
        }
    }
    if grace > 0 || items(pod, "/metadata/finalizers").is_empty() {
        // Whoever has deleted it already has done the same.
        let _ = context.delete(PODS, pod, json!({ "gracePeriodSeconds": 0 }));
    }
}

/// Brings a pod a step further.
fn run(context: &mut Context<'_>, pod: &Value) {
    let outcome = outcome(context, pod);
    let Some(start) = time(pod, "/status/startTime") else {
        return write(context, pod, admitted(pod, &outcome, &context.now()));
    };
    if matches!(outcome.end, End::Waiting { .. }) {
        return;
    }
    if text(pod, "/status/phase") == "Pending" {
        if context.is_due(later(start, whole_seconds(context.settings.pod_start))) {
            let address = address(context);
            write(context, pod, running(pod, &outcome, &address, &context.now()));
        }
        return;
    }
    if let Some(status) = joined(pod, &context.now()) {
        return write(context, pod, status);
    }
    let End::Exit(code) = outcome.end else { return };
    let first = items(pod, "/status/containerStatuses").first().unwrap_or(&Value::Null);
    let state = &first["state"];
    if let Some(started) = time(state, "/running/startedAt") {
        if context.is_due(later(started, whole_seconds(outcome.after))) {
            exit(context, pod, code);
        }
    } else if state["waiting"]["reason"] == "CrashLoopBackOff" {
        let restarts = u32::try_from(count(first, "/restartCount").clamp(1, 20)).unwrap_or(1);
        let pause = SHORTEST_PAUSE.saturating_mul(1 << (restarts - 1)).min(LONGEST_PAUSE);
        let finished = time(first, "/lastState/terminated/finishedAt");
        if finished.is_none_or(|finished| context.is_due(later(finished, pause))) {
            restart(context, pod, &outcome);
        }
    }
}

/// The outcome of a pod, which is decided once.
fn outcome(context: &mut Context<'_>, pod: &Value) -> PodOutcome {
    if let Some(known) = context.memory.outcomes.get(uid(pod)) {
        return known.clone();
    }
    let decide = context.settings.decide.clone();
    // The controllers run in whichever request comes next, so a panic would end one that has nothing to do with it.
    let decided = match decide.map(|decide| panic::catch_unwind(AssertUnwindSafe(|| decide(pod)))) {
        Some(Ok(decided)) => decided,
        Some(Err(panic)) => {
            let (namespace, name, said) = (namespace(pod), name(pod), said(&*panic));
            context.failed =
                Some(format!("the function of Controllers::on_pod panicked at pod {namespace}/{name}: {said}"));
            None
        }
        None => None,
    };
    let usual = || {
        if text(pod, "/spec/restartPolicy") == "Always" { PodOutcome::ready() } else { PodOutcome::succeeds() }
    };
    let outcome = decided.unwrap_or_else(usual);
    context.memory.outcomes.insert(uid(pod).to_owned(), outcome.clone());
    outcome
}

/// The message of a panic.
fn said(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}

/// A free address of a pod.
fn address(context: &mut Context<'_>) -> String {
    let pods = context.list(PODS);
    loop {
        context.memory.address = context.memory.address.wrapping_add(1);
        let number = context.memory.address;
        let address = format!("10.244.{}.{}", (number >> 8) & 0xff, number & 0xff);
        let is_free = number & 0xff != 0 && !pods.iter().any(|pod| text(pod, "/status/podIP") == address);
        // There are not more addresses than that.
        if is_free || pods.len() > 0xf000 {
            return address;
        }
    }
}

/// Ends the containers of a pod, for good or until they are restarted.
fn exit(context: &mut Context<'_>, pod: &Value, code: i32) {
    let now = context.now();
    let policy = text(pod, "/spec/restartPolicy");
    if policy == "Never" || (policy == "OnFailure" && code == 0) {
        let phase = if code == 0 { "Succeeded" } else { "Failed" };
        return write(context, pod, exited(pod, code, phase, &now));
    }
    let mut status = exited(pod, code, "Running", &now);
    for container in status["containerStatuses"].as_array_mut().into_iter().flatten() {
        container["lastState"] = container["state"].take();
        container["restartCount"] = json!(count(container, "/restartCount") + 1);
        container["state"] = json!({ "waiting": {
            "reason": "CrashLoopBackOff", "message": "back-off restarting failed container",
        } });
    }
    write(context, pod, status);
}

fn restart(context: &mut Context<'_>, pod: &Value, outcome: &PodOutcome) {
    let now = context.now();
    let mut status = pod["status"].clone();
    let is_ready = outcome.end != End::NotReady;
    let known = items(pod, "/status/containerStatuses").to_vec();
    set_containers(&mut status, pod, |container| {
        let known = known.iter().find(|known| known["name"] == container["name"]).unwrap_or(&Value::Null);
        started(container, count(known, "/restartCount"), &known["lastState"], is_ready, &now)
    });
    set_conditions(&mut status, pod, (true, is_ready), &now);
    write(context, pod, status);
}

fn write(context: &mut Context<'_>, pod: &Value, status: Value) {
    // A conflict is resolved in the next turn.
    let _ = context.update_status(PODS, pod, status);
}

fn whole_seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}
