//! Finished jobs that are deleted after a time.
//!
//! <https://kubernetes.io/docs/concepts/workloads/controllers/ttlafterfinished/>

use serde_json::json;

use super::context::Context;
use super::jobs::finished_at;
use super::kinds::JOBS;
use super::values::{is_deleted, later, number};

pub(super) fn sync(context: &mut Context<'_>) {
    for job in context.list(JOBS) {
        let (Some(finished), Some(seconds)) = (finished_at(&job), number(&job, "/spec/ttlSecondsAfterFinished")) else {
            continue;
        };
        if !is_deleted(&job) && context.is_due(later(finished, seconds)) {
            // Whoever has deleted it already has done the same.
            let _ = context.delete(JOBS, &job, json!({ "propagationPolicy": "Foreground" }));
        }
    }
}
