//! CronJobs: jobs by a schedule.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/>

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, TimestampRound, Unit};
use serde_json::{Value, json};

use super::context::Context;
use super::cron::Schedule;
use super::jobs::finished_at;
use super::kinds::{CRON_JOBS, JOBS};
use super::values::{
    condition, controller_of, is_deleted, is_managed_by, later, managed_by, name, namespace, number, text, time, uid,
};
use crate::stored::Stored;

/// How many times that were missed are counted, at most.
const MISSED: usize = 10_000;

pub(super) fn sync(context: &mut Context<'_>) {
    for cron_job in context.list(CRON_JOBS) {
        let mut jobs = context.list_in(JOBS, namespace(&cron_job));
        jobs.retain(|job| is_managed_by(job, uid(&cron_job)));
        let mut last = time(&cron_job, "/status/lastScheduleTime");
        if !is_deleted(&cron_job) {
            clean_up(context, &cron_job, &jobs);
            if let Some(scheduled) = next(context, &cron_job) {
                last = start(context, &cron_job, &jobs, scheduled).or(last);
            }
        }
        write_status(context, &cron_job, last);
    }
}

/// The latest time that has come since the last one. Of those to come, the controllers run at the first.
fn next(context: &mut Context<'_>, cron_job: &Value) -> Option<Timestamp> {
    let schedule = Schedule::parse(text(cron_job, "/spec/schedule"))?;
    let zone = match text(cron_job, "/spec/timeZone") {
        "" => TimeZone::UTC,
        named => TimeZone::get(named).ok()?,
    };
    if cron_job["spec"]["suspend"] == true {
        return None;
    }
    let since = time(cron_job, "/status/lastScheduleTime").or_else(|| time(cron_job, "/metadata/creationTimestamp"))?;
    let deadline = number(cron_job, "/spec/startingDeadlineSeconds");
    let earliest = deadline.map_or(since, |seconds| since.max(later(context.time(), -seconds)));
    let mut latest = None;
    let mut at = earliest;
    for _ in 0..MISSED {
        at = schedule.next(at, &zone)?;
        if !context.is_due(at) {
            break;
        }
        latest = Some(at);
    }
    latest
}

/// Starts the job of a time, unless another still runs and forbids it. Returns the time if that is done with.
fn start(context: &mut Context<'_>, cron_job: &Value, jobs: &[Arc<Stored>], scheduled: Timestamp) -> Option<Timestamp> {
    let active = jobs.iter().filter(|job| finished_at(job).is_none() && !is_deleted(job));
    match text(cron_job, "/spec/concurrencyPolicy") {
        "Forbid" if active.clone().next().is_some() => return None,
        "Replace" => {
            for job in active {
                // Whoever has deleted it already has done the same.
                let _ = context.delete(JOBS, job, json!({ "propagationPolicy": "Background" }));
            }
        }
        _ => {}
    }
    let shown = scheduled.round(TimestampRound::new().smallest(Unit::Second)).unwrap_or(scheduled).to_string();
    let template = &cron_job["spec"]["jobTemplate"];
    let mut annotations = template["metadata"]["annotations"].clone();
    if !annotations.is_object() {
        annotations = json!({});
    }
    annotations["batch.kubernetes.io/cronjob-scheduled-timestamp"] = json!(shown);
    let job = json!({
        "metadata": {
            "name": format!("{}-{}", name(cron_job), scheduled.as_second().div_euclid(60)),
            "namespace": namespace(cron_job), "labels": template["metadata"]["labels"], "annotations": annotations,
            "ownerReferences": [managed_by(cron_job, CRON_JOBS)],
        },
        "spec": template["spec"],
    });
    match context.create(JOBS, &job) {
        Ok(()) => Some(scheduled),
        // It is there already.
        Err(refused) => refused.is_conflict().then_some(scheduled),
    }
}

/// Deletes finished jobs, of which more are there than the limits of the history.
fn clean_up(context: &mut Context<'_>, cron_job: &Value, jobs: &[Arc<Stored>]) {
    for (kind, limit) in [("Complete", "/spec/successfulJobsHistoryLimit"), ("Failed", "/spec/failedJobsHistoryLimit")]
    {
        let Some(limit) = number(cron_job, limit) else { continue };
        let has_ended_so = |job: &&Arc<Stored>| {
            !is_deleted(job) && condition(job, kind).is_some_and(|condition| condition["status"] == "True")
        };
        let mut ended: Vec<_> = jobs.iter().filter(has_ended_so).collect();
        ended.sort_by_key(|job| (text(job, "/status/startTime").to_owned(), name(job).to_owned()));
        let surplus = ended.len().saturating_sub(usize::try_from(limit).unwrap_or(0));
        for job in ended.into_iter().take(surplus) {
            // Whoever has deleted it already has done the same.
            let _ = context.delete(JOBS, job, json!({ "propagationPolicy": "Background" }));
        }
    }
}

fn write_status(context: &mut Context<'_>, cron_job: &Value, last: Option<Timestamp>) {
    let mut jobs = context.list_in(JOBS, namespace(cron_job));
    jobs.retain(|job| controller_of(job).is_some_and(|owner| owner["uid"] == uid(cron_job)));
    let active = jobs.iter().filter(|job| finished_at(job).is_none()).map(|job| {
        json!({
            "apiVersion": "batch/v1", "kind": "Job", "name": name(job), "namespace": namespace(job), "uid": uid(job),
            "resourceVersion": job["metadata"]["resourceVersion"],
        })
    });
    let active: Vec<Value> = active.collect();
    let succeeded = jobs.iter().filter_map(|job| time(job, "/status/completionTime")).max();
    let succeeded = succeeded.max(time(cron_job, "/status/lastSuccessfulTime"));
    let mut status = json!({});
    if !active.is_empty() {
        status["active"] = json!(active);
    }
    for (field, time) in [("lastScheduleTime", last), ("lastSuccessfulTime", succeeded)] {
        if let Some(time) = time {
            status[field] = json!(time.to_string());
        }
    }
    // A conflict is resolved in the next turn.
    let _ = context.update_status(CRON_JOBS, cron_job, status);
}
