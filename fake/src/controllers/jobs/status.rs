//! The status of a job.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Run;
use crate::controllers::context::Context;
use crate::controllers::kinds::JOBS;
use crate::controllers::pods::is_ready;
use crate::controllers::values::{condition, items, text, time};

/// How a job ends.
pub(super) struct End {
    is_success: bool,
    reason: &'static str,
    message: &'static str,
}

impl End {
    pub fn complete(reason: &'static str, message: &'static str) -> Self {
        Self { is_success: true, reason, message }
    }

    pub fn failed(reason: &'static str, message: &'static str) -> Self {
        Self { is_success: false, reason, message }
    }
}

/// When a job has finished; `None` while it runs.
pub(in crate::controllers) fn finished_at(job: &Value) -> Option<Timestamp> {
    let ended = ["Complete", "Failed"].into_iter().filter_map(|kind| condition(job, kind));
    let ended = ended.into_iter().find(|condition| condition["status"] == "True")?;
    time(ended, "/lastTransitionTime")
}

/// Writes the status, with the end if there is one.
pub(super) fn write(context: &mut Context<'_>, run: &Run, end: Option<End>) {
    let now = context.now();
    let job = &run.job;
    let active = run.active.len();
    let ready = run.active.iter().filter(|pod| is_ready(pod)).count();
    let number = |number: i64| if number > 0 { json!(number) } else { Value::Null };
    let mut conditions = items(job, "/status/conditions").to_vec();
    let is_suspended = run.is_suspended() && end.is_none();
    let mut start = match text(job, "/status/startTime") {
        "" => json!(now),
        known => json!(known),
    };
    if is_suspended {
        start = Value::Null;
        let said = ("True", "JobSuspended", "Job suspended");
        put(&mut conditions, "Suspended", said, &now);
    } else if conditions.iter().any(|known| known["type"] == "Suspended") {
        put(&mut conditions, "Suspended", ("False", "JobResumed", "Job resumed"), &now);
    }
    let mut completion = Value::Null;
    if let Some(end) = &end {
        let kinds = if end.is_success { ["SuccessCriteriaMet", "Complete"] } else { ["FailureTarget", "Failed"] };
        for kind in kinds {
            put(&mut conditions, kind, ("True", end.reason, end.message), &now);
        }
        if end.is_success {
            completion = json!(now);
        }
    }
    let completed = run.completed.to_text();
    let mut status = json!({
        "startTime": start, "active": number(i64::try_from(active).unwrap_or(i64::MAX)), "ready": ready, "terminating": 0,
        "succeeded": number(run.succeeded), "failed": number(run.failed), "uncountedTerminatedPods": {},
        "completionTime": completion,
        "completedIndexes": if completed.is_empty() { Value::Null } else { json!(completed) },
    });
    if !conditions.is_empty() {
        status["conditions"] = json!(conditions);
    }
    let is_same = status.as_object().is_some_and(|fields| {
        fields.iter().all(|(name, value)| job["status"].get(name).unwrap_or(&Value::Null) == value)
    });
    if !is_same {
        // Merged without a version: what is counted is not counted again.
        let _ = context.patch_status(JOBS, job, &status);
    }
}

/// Puts a condition in place of the one of its type, if it says something else.
fn put(conditions: &mut Vec<Value>, kind: &str, (status, reason, message): (&str, &str, &str), now: &str) {
    let condition = json!({
        "type": kind, "status": status, "reason": reason, "message": message, "lastProbeTime": now,
        "lastTransitionTime": now,
    });
    match conditions.iter_mut().find(|known| known["type"] == kind) {
        Some(known) if known["status"] == status => {}
        Some(known) => *known = condition,
        None => conditions.push(condition),
    }
}
