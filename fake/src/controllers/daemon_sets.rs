//! DaemonSets: a pod on each node.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/daemonset/>

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::claim::claim;
use super::context::Context;
use super::hash::hash;
use super::kinds::{DAEMON_SETS, NODES, PODS};
use super::pods::{self, deletion_order, from_template, has_ended, is_active, is_available, is_ready};
use super::scheduler::fits;
use super::values::{count, is_deleted, items, name, share, text};
use crate::stored::Stored;

const REVISION: &str = "controller-revision-hash";
const GENERATION: &str = "pod-template-generation";

/// The taints that its pods tolerate whatever the template says.
const TOLERATED: [(&str, &str); 6] = [
    ("node.kubernetes.io/not-ready", ""),
    ("node.kubernetes.io/unreachable", ""),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// The counts of a status.
#[derive(Default)]
struct Counts {
    desired: i64,
    current: i64,
    misscheduled: i64,
    ready: i64,
    updated: i64,
    available: i64,
}

pub(super) fn sync(context: &mut Context<'_>) {
    for set in context.list(DAEMON_SETS) {
        let mut by_node: BTreeMap<String, Vec<Arc<Stored>>> = BTreeMap::new();
        for pod in claim(context, PODS, &set, DAEMON_SETS) {
            by_node.entry(node_of(&pod).to_owned()).or_default().push(pod);
        }
        for pods in by_node.values_mut() {
            // The oldest of those that are of most use comes first.
            pods.sort_by_cached_key(|pod| deletion_order(pod));
            pods.reverse();
        }
        let revision = hash(&set["spec"]["template"], 0);
        let pod = new_pod(&set, &revision);
        let nodes = context.list(NODES);
        let fitting: Vec<&str> = nodes.iter().filter(|node| fits(&pod, node)).map(|node| name(node)).collect();
        if !is_deleted(&set) {
            let is_settled = place(context, &pod, &fitting, &by_node);
            if is_settled && set["spec"]["updateStrategy"]["type"] != "OnDelete" {
                replace(context, &set, &revision, &fitting, &by_node);
            }
        }
        write_status(context, &set, &revision, &fitting, &by_node);
    }
}

/// The node that a pod is on, or for.
fn node_of(pod: &Value) -> &str {
    let present = text(pod, "/spec/nodeName");
    if !present.is_empty() {
        return present;
    }
    let required = "/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution";
    text(pod, &format!("{required}/nodeSelectorTerms/0/matchFields/0/values/0"))
}

/// A pod for any node.
fn new_pod(set: &Value, revision: &str) -> Value {
    let mut pod = from_template(set, DAEMON_SETS);
    pod["metadata"]["generateName"] = json!(format!("{}-", name(set)));
    pod["metadata"]["labels"][REVISION] = json!(revision);
    let generation = &set["metadata"]["annotations"]["deprecated.daemonset.template.generation"];
    if generation.is_string() {
        pod["metadata"]["labels"][GENERATION] = generation.clone();
    }
    let mut tolerations = items(&pod, "/spec/tolerations").to_vec();
    for (key, effect) in TOLERATED {
        let effect = if effect.is_empty() { "NoExecute" } else { effect };
        tolerations.push(json!({ "key": key, "operator": "Exists", "effect": effect }));
    }
    // It starts on a node that is not ready, too.
    for key in ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"] {
        tolerations.push(json!({ "key": key, "operator": "Exists", "effect": "NoSchedule" }));
    }
    pod["spec"]["tolerations"] = json!(tolerations);
    pod
}

/// Makes missing pods, and deletes those that are too many, in the wrong place, or have ended. Returns whether there was nothing to do.
fn place(
    context: &mut Context<'_>,
    pod: &Value,
    fitting: &[&str],
    by_node: &BTreeMap<String, Vec<Arc<Stored>>>,
) -> bool {
    let mut is_settled = true;
    for node in fitting {
        let present = by_node.get(*node).map_or(&[][..], Vec::as_slice);
        for ended in present.iter().filter(|pod| has_ended(pod) && !is_deleted(pod)) {
            pods::delete(context, ended);
            is_settled = false;
        }
        for extra in present.iter().filter(|pod| is_active(pod)).skip(1) {
            pods::delete(context, extra);
            is_settled = false;
        }
        if present.is_empty() {
            is_settled = false;
            let mut pod = pod.clone();
            let term = json!({ "matchFields": [{ "key": "metadata.name", "operator": "In", "values": [node] }] });
            pod["spec"]["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"] =
                json!({ "nodeSelectorTerms": [term] });
            // What is refused is tried again when something has changed.
            let _ = context.create(PODS, &pod);
        }
    }
    let elsewhere = by_node.iter().filter(|(node, _)| !fitting.contains(&node.as_str()));
    for pod in elsewhere.flat_map(|(_, pods)| pods).filter(|pod| !is_deleted(pod)) {
        pods::delete(context, pod);
        is_settled = false;
    }
    is_settled
}

/// Deletes pods of an older template, as many as may be missing at once.
fn replace(
    context: &mut Context<'_>,
    set: &Value,
    revision: &str,
    fitting: &[&str],
    by_node: &BTreeMap<String, Vec<Arc<Stored>>>,
) {
    let total = i64::try_from(fitting.len()).unwrap_or(i64::MAX);
    let limit = &set["spec"]["updateStrategy"]["rollingUpdate"]["maxUnavailable"];
    let mut room = if limit.is_null() { 1 } else { share(limit, total, true) }.max(1);
    let min_ready = count(set, "/spec/minReadySeconds");
    let mut candidates = Vec::new();
    for node in fitting {
        let pod = by_node.get(*node).and_then(|pods| pods.iter().find(|pod| is_active(pod)));
        let Some(pod) = pod else {
            room -= 1;
            continue;
        };
        let is_available = is_available(context, pod, min_ready);
        let is_old = pod["metadata"]["labels"][REVISION] != revision;
        if is_old && !is_available {
            // It is missing already.
            pods::delete(context, pod);
        }
        if !is_available {
            room -= 1;
        } else if is_old {
            candidates.push(pod);
        }
    }
    for pod in candidates.into_iter().take(usize::try_from(room).unwrap_or(0)) {
        pods::delete(context, pod);
    }
}

fn write_status(
    context: &mut Context<'_>,
    set: &Value,
    revision: &str,
    fitting: &[&str],
    by_node: &BTreeMap<String, Vec<Arc<Stored>>>,
) {
    let min_ready = count(set, "/spec/minReadySeconds");
    let mut counts = Counts { desired: i64::try_from(fitting.len()).unwrap_or(i64::MAX), ..Counts::default() };
    for (node, pods) in by_node {
        let Some(pod) = pods.iter().find(|pod| is_active(pod)) else { continue };
        if !fitting.contains(&node.as_str()) {
            counts.misscheduled += 1;
            continue;
        }
        counts.current += 1;
        counts.ready += i64::from(is_ready(pod));
        counts.available += i64::from(is_available(context, pod, min_ready));
        counts.updated += i64::from(pod["metadata"]["labels"][REVISION] == revision);
    }
    let mut status = json!({
        "currentNumberScheduled": counts.current, "desiredNumberScheduled": counts.desired,
        "numberMisscheduled": counts.misscheduled, "numberReady": counts.ready,
        "observedGeneration": set["metadata"]["generation"],
    });
    let unavailable = counts.desired - counts.available;
    let optional = [
        ("updatedNumberScheduled", counts.updated),
        ("numberAvailable", counts.available),
        ("numberUnavailable", unavailable),
    ];
    for (field, number) in optional {
        if number > 0 {
            status[field] = json!(number);
        }
    }
    // A conflict is resolved in the next turn.
    let _ = context.update_status(DAEMON_SETS, set, status);
}
