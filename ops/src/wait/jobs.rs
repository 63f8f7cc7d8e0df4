//! Conditions of jobs.

use kubewright::batch::v1::Job;
use kubewright_runtime::wait::Verdict;

use super::because;

/// Whether a job is complete. One that has failed never will be.
///
/// <https://kubernetes.io/docs/concepts/workloads/controllers/job/#terminal-job-conditions>
pub fn job_complete(job: &Job) -> Verdict {
    let status = &job.status;
    let has =
        |name: &str| status.conditions.iter().find(|condition| condition.type_ == name && condition.status == "True");
    let verdict = if has("Complete").is_some() {
        Verdict::met()
    } else if let Some(failed) = has("Failed") {
        Verdict::never(format!("it has failed{}", because(&failed.reason, &failed.message)))
    } else {
        let count = |number: Option<i32>| number.unwrap_or_default();
        let (succeeded, active, failed) = (count(status.succeeded), count(status.active), count(status.failed));
        let wanted = job.spec.completions.map(|wanted| format!(" of {wanted}")).unwrap_or_default();
        let suspended = if job.spec.suspend == Some(true) { ", and it is suspended" } else { "" };
        Verdict::not_yet(format!(
            "{succeeded}{wanted} pods have succeeded, {active} are active, {failed} have failed{suspended}"
        ))
    };
    verdict.goal("to be complete")
}
