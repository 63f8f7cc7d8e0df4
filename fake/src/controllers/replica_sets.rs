//! ReplicaSets: as many pods of a template as are wanted.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/replicaset/>

use std::sync::Arc;

use serde_json::{Value, json};

use super::claim::claim;
use super::context::Context;
use super::kinds::{PODS, REPLICA_SETS};
use super::pods::{self, deletion_order, from_template, is_active, is_available, is_ready};
use super::values::{count, has_labels, is_deleted, name};
use crate::stored::Stored;

/// The first minor whose ReplicaSets count the pods that are being deleted.
const COUNTS_TERMINATING: u32 = 35;

/// The most pods that one turn makes.
const BURST: i64 = 500;

pub(super) fn sync(context: &mut Context<'_>) {
    for set in context.list(REPLICA_SETS) {
        let pods = claim(context, PODS, &set, REPLICA_SETS);
        let failure = if is_deleted(&set) { None } else { scale(context, &set, &pods) };
        write_status(context, &set, &pods, failure.as_deref());
    }
}

/// Makes or deletes pods. Returns why some can't be made.
fn scale(context: &mut Context<'_>, set: &Value, pods: &[Arc<Stored>]) -> Option<String> {
    let mut active: Vec<&Arc<Stored>> = pods.iter().filter(|pod| is_active(pod)).collect();
    let present = i64::try_from(active.len()).unwrap_or(i64::MAX);
    let wanted = count(set, "/spec/replicas");
    for _ in 0..(wanted - present).min(BURST) {
        let mut pod = from_template(set, REPLICA_SETS);
        pod["metadata"]["generateName"] = json!(format!("{}-", name(set)));
        if let Err(refused) = context.create(PODS, &pod) {
            return Some(refused.message);
        }
    }
    let surplus = usize::try_from(present - wanted).unwrap_or(0);
    active.sort_by_cached_key(|pod| deletion_order(pod));
    for pod in active.into_iter().take(surplus) {
        pods::delete(context, pod);
    }
    None
}

fn write_status(context: &mut Context<'_>, set: &Value, pods: &[Arc<Stored>], failure: Option<&str>) {
    let labels = &set["spec"]["template"]["metadata"]["labels"];
    let min_ready = count(set, "/spec/minReadySeconds");
    let (mut replicas, mut labeled, mut ready, mut available, mut terminating) = (0, 0, 0, 0, 0);
    for pod in pods {
        if is_deleted(pod) && !pods::has_ended(pod) {
            terminating += 1;
        }
        if !is_active(pod) {
            continue;
        }
        replicas += 1;
        labeled += i64::from(has_labels(pod, labels));
        ready += i64::from(is_ready(pod));
        available += i64::from(is_available(context, pod, min_ready));
    }
    let mut status = json!({ "replicas": replicas, "observedGeneration": set["metadata"]["generation"] });
    for (field, number) in
        [("fullyLabeledReplicas", labeled), ("readyReplicas", ready), ("availableReplicas", available)]
    {
        if number > 0 {
            status[field] = json!(number);
        }
    }
    if context.server.documents.minor >= COUNTS_TERMINATING {
        status["terminatingReplicas"] = json!(terminating);
    }
    if !set["status"]["conditions"].is_null() {
        status["conditions"] = set["status"]["conditions"].clone();
    }
    pods::set_failure(&mut status, failure, &context.now());
    // A conflict is resolved in the next turn.
    let _ = context.update_status(REPLICA_SETS, set, status);
}
