//! Jobs: pods that run to completion.
//!
//! Each pod has a finalizer until it is counted, so that none is counted twice or not at all.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/job/>

mod indexes;
mod status;

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::claim::claim;
use super::context::Context;
use super::kinds::{JOBS, PODS};
use super::pods::{self, deletion_order, from_template, has_ended, is_active};
use super::values::{count, has_finalizer, is_deleted, items, later, name, number, text, time, without_finalizer};
use crate::stored::Stored;
use indexes::Indexes;

pub(super) use status::finished_at;

/// The finalizer of pods that are not counted yet.
const TRACKING: &str = "batch.kubernetes.io/job-tracking";
/// The annotation and the label of the index of a pod.
const INDEX: &str = "batch.kubernetes.io/job-completion-index";

/// The pauses before a pod is made after one has failed, in seconds: the first, and the longest.
const FIRST_PAUSE: i64 = 10;
const LONGEST_PAUSE: i64 = 600;

/// A job with its pods, and what is counted.
struct Run {
    job: Arc<Stored>,
    active: Vec<Arc<Stored>>,
    succeeded: i64,
    failed: i64,
    completed: Indexes,
    /// When a pod failed last, and how many have since one has succeeded.
    last_failure: Option<(Timestamp, i64)>,
}

pub(super) fn sync(context: &mut Context<'_>) {
    for job in context.list(JOBS) {
        let pods = claim(context, PODS, &job, JOBS);
        if finished_at(&job).is_some() || is_deleted(&job) {
            release(context, &pods);
            continue;
        }
        let run = Run::of(context, job, &pods);
        run.step(context);
    }
}

/// Takes the finalizer from pods that need not be counted any more.
fn release(context: &mut Context<'_>, pods: &[Arc<Stored>]) {
    for pod in pods.iter().filter(|pod| has_ended(pod) || is_deleted(pod)) {
        untrack(context, pod);
    }
}

/// Takes the finalizer from a pod. Returns whether it had it.
fn untrack(context: &mut Context<'_>, pod: &Value) -> bool {
    let patch = json!({ "metadata": {
        "finalizers": without_finalizer(pod, TRACKING), "resourceVersion": pod["metadata"]["resourceVersion"],
    } });
    has_finalizer(pod, TRACKING) && context.patch(PODS, pod, &patch).is_ok()
}

impl Run {
    /// Counts the pods that have ended.
    fn of(context: &mut Context<'_>, job: Arc<Stored>, pods: &[Arc<Stored>]) -> Self {
        let mut run = Self {
            active: pods.iter().filter(|pod| is_active(pod)).cloned().collect(),
            succeeded: count(&job, "/status/succeeded"),
            failed: count(&job, "/status/failed"),
            completed: Indexes::parse(text(&job, "/status/completedIndexes")),
            last_failure: None,
            job,
        };
        for pod in pods.iter().filter(|pod| has_ended(pod)) {
            let has_succeeded = text(pod, "/status/phase") == "Succeeded";
            if !untrack(context, pod) {
                continue;
            }
            match (run.is_indexed(), has_succeeded) {
                (_, false) => run.failed += 1,
                (false, true) => run.succeeded += 1,
                (true, true) => run.completed.extend(index_of(pod)),
            }
        }
        if run.is_indexed() {
            run.succeeded = run.completed.len();
        }
        run.last_failure = last_failure(pods);
        run
    }

    fn is_indexed(&self) -> bool {
        self.job["spec"]["completionMode"] == "Indexed"
    }

    fn is_suspended(&self) -> bool {
        self.job["spec"]["suspend"] == true
    }

    /// Takes a step: ends the job, or makes or deletes pods. Writes the status.
    fn step(mut self, context: &mut Context<'_>) {
        let end = self.failure(context).or_else(|| self.success());
        match &end {
            Some(_) => self.delete_active(context),
            None if self.is_suspended() => self.delete_active(context),
            None => self.scale(context),
        }
        status::write(context, &self, end);
    }

    /// Why the job has failed: reason and message.
    fn failure(&self, context: &mut Context<'_>) -> Option<status::End> {
        let restarts = |pod: &Arc<Stored>| -> i64 {
            items(pod, "/status/containerStatuses").iter().map(|status| count(status, "/restartCount")).sum()
        };
        let limit = number(&self.job, "/spec/backoffLimit").unwrap_or(6);
        let restarted: i64 = match text(&self.job, "/spec/template/spec/restartPolicy") {
            "OnFailure" => self.active.iter().map(restarts).sum(),
            _ => 0,
        };
        let has_restarted_too_often = if limit == 0 { restarted > 0 } else { restarted >= limit };
        if self.failed > limit || has_restarted_too_often {
            return Some(status::End::failed("BackoffLimitExceeded", "Job has reached the specified backoff limit"));
        }
        let start = time(&self.job, "/status/startTime").filter(|_| !self.is_suspended())?;
        let deadline = later(start, number(&self.job, "/spec/activeDeadlineSeconds")?);
        let message = "Job was active longer than specified deadline";
        context.is_due(deadline).then(|| status::End::failed("DeadlineExceeded", message))
    }

    /// Whether the job is complete: with as many successes as it needs, or one if that is all that is said.
    fn success(&self) -> Option<status::End> {
        let is_complete = match number(&self.job, "/spec/completions") {
            Some(completions) => self.succeeded >= completions,
            None => self.succeeded > 0 && self.active.is_empty(),
        };
        is_complete.then(|| status::End::complete("CompletionsReached", "Reached expected number of succeeded pods"))
    }

    fn delete_active(&mut self, context: &mut Context<'_>) {
        for pod in self.active.drain(..) {
            pods::delete(context, &pod);
        }
    }

    /// Makes or deletes pods until as many are active as should be.
    fn scale(&mut self, context: &mut Context<'_>) {
        let parallelism = number(&self.job, "/spec/parallelism").unwrap_or(1);
        let present = i64::try_from(self.active.len()).unwrap_or(i64::MAX);
        let wanted = match number(&self.job, "/spec/completions") {
            Some(completions) => parallelism.min(completions - self.succeeded),
            // Once one has succeeded, no more are started.
            None if self.succeeded > 0 => present.min(parallelism),
            None => parallelism,
        };
        if present > wanted {
            self.active.sort_by_cached_key(|pod| deletion_order(pod));
            let surplus = usize::try_from(present - wanted.max(0)).unwrap_or(0).min(self.active.len());
            for pod in self.active.drain(..surplus) {
                pods::delete(context, &pod);
            }
        } else if present < wanted && self.may_retry(context) {
            self.create(context, wanted - present);
        }
    }

    /// Whether the pause after a failure is over.
    fn may_retry(&self, context: &mut Context<'_>) -> bool {
        let Some((failed, failures)) = self.last_failure else { return true };
        let doublings = u32::try_from((failures - 1).clamp(0, 10)).unwrap_or(0);
        context.is_due(later(failed, (FIRST_PAUSE << doublings).min(LONGEST_PAUSE)))
    }

    fn create(&mut self, context: &mut Context<'_>, number: i64) {
        let running: Vec<i64> = self.active.iter().filter_map(|pod| index_of(pod)).collect();
        let completions = count(&self.job, "/spec/completions");
        let mut free = (0..completions).filter(|index| !running.contains(index) && !self.completed.has(*index));
        for _ in 0..number {
            let mut pod = from_template(&self.job, JOBS);
            let mut finalizers = items(&pod, "/metadata/finalizers").to_vec();
            finalizers.push(json!(TRACKING));
            pod["metadata"]["finalizers"] = json!(finalizers);
            pod["metadata"]["generateName"] = json!(format!("{}-", name(&self.job)));
            if self.job["spec"]["completionMode"] == "Indexed" {
                let Some(index) = free.next() else { return };
                put_index(&mut pod, name(&self.job), index);
            }
            if context.create(PODS, &pod).is_err() {
                return;
            }
        }
    }
}

/// When a pod failed last, and how many have failed since one has succeeded.
fn last_failure(pods: &[Arc<Stored>]) -> Option<(Timestamp, i64)> {
    let ended = pods.iter().filter(|pod| has_ended(pod));
    let mut ends: Vec<(Timestamp, bool)> =
        ended.filter_map(|pod| Some((ended_at(pod)?, text(pod, "/status/phase") == "Failed"))).collect();
    ends.sort();
    let failures = ends.iter().rev().take_while(|(_, has_failed)| *has_failed).count();
    let (last, _) = ends.last().filter(|(_, has_failed)| *has_failed)?;
    Some((*last, i64::try_from(failures).unwrap_or(i64::MAX)))
}

fn ended_at(pod: &Value) -> Option<Timestamp> {
    let containers = items(pod, "/status/containerStatuses").iter();
    containers.filter_map(|status| time(status, "/state/terminated/finishedAt")).max()
}

fn index_of(pod: &Value) -> Option<i64> {
    pod["metadata"]["annotations"][INDEX].as_str()?.parse().ok()
}

/// Makes a pod that of an index.
fn put_index(pod: &mut Value, job: &str, index: i64) {
    for field in ["annotations", "labels"] {
        if !pod["metadata"][field].is_object() {
            pod["metadata"][field] = json!({});
        }
        pod["metadata"][field][INDEX] = json!(index.to_string());
    }
    pod["metadata"]["generateName"] = json!(format!("{job}-{index}-"));
    if text(pod, "/spec/hostname").is_empty() {
        pod["spec"]["hostname"] = json!(format!("{job}-{index}"));
    }
    let variable = json!({
        "name": "JOB_COMPLETION_INDEX",
        "valueFrom": { "fieldRef": { "fieldPath": format!("metadata.annotations['{INDEX}']") } },
    });
    for list in ["containers", "initContainers"] {
        for container in pod["spec"][list].as_array_mut().into_iter().flatten() {
            let mut variables = items(container, "/env").to_vec();
            variables.push(variable.clone());
            container["env"] = json!(variables);
        }
    }
}
