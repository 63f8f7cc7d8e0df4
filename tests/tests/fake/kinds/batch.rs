//! Jobs and cron jobs.

use serde_json::{Value, json};

use super::Scenario;

const JOBS: &str = "batch/v1:jobs";
const CRON_JOBS: &str = "batch/v1:cronjobs";

fn template() -> Value {
    json!({ "spec": { "restartPolicy": "Never", "containers": [{ "name": "c", "image": "nginx:1" }] } })
}

fn job(name: &str, more: Value) -> Value {
    let mut object = json!({ "metadata": { "name": name }, "spec": { "template": template() } });
    if let (Value::Object(spec), Value::Object(more)) = (&mut object["spec"], more) {
        spec.extend(more);
    }
    object
}

fn cron_job(name: &str, more: Value) -> Value {
    let spec = json!({ "schedule": "*/5 * * * *", "jobTemplate": { "spec": { "template": template() } } });
    let mut object = json!({ "metadata": { "name": name }, "spec": spec });
    if let (Value::Object(spec), Value::Object(more)) = (&mut object["spec"], more) {
        spec.extend(more);
    }
    object
}

pub const SCENARIOS: &[Scenario] = &[
    ("a job gets what it doesn't say", |s| {
        s.create(JOBS, job("a", json!({})));
        s.create(JOBS, job("b", json!({ "parallelism": 2 })));
        s.create(JOBS, job("c", json!({ "completions": 3, "completionMode": "Indexed", "backoffLimitPerIndex": 1 })));
        s.create(JOBS, job("d", json!({ "podFailurePolicy": { "rules": [{ "action": "Ignore", "onPodConditions": [{ "type": "DisruptionTarget" }] }] } })));
        let mut labelled = job("e", json!({}));
        labelled["spec"]["template"]["metadata"] = json!({ "labels": { "app": "w" } });
        s.create(JOBS, labelled);
        s.create(
            JOBS,
            job(
                "f",
                json!({
                    "manualSelector": true, "selector": { "matchLabels": { "a": "b" } },
                    "template": { "metadata": { "labels": { "a": "b" } }, "spec": template()["spec"].clone() },
                }),
            ),
        );
    }),
    ("jobs are checked", |s| {
        s.create(JOBS, json!({ "metadata": { "name": "a" } }));
        s.create(JOBS, job("a", json!({ "template": { "spec": { "containers": [{ "name": "c", "image": "x" }] } } })));
        s.create(JOBS, job("a", json!({ "template": { "spec": { "restartPolicy": "Bogus", "containers": [{ "name": "c", "image": "x" }] } } })));
        s.create(
            JOBS,
            job("a", json!({ "parallelism": -1, "completions": -1, "backoffLimit": -1, "completionMode": "Bogus" })),
        );
        s.create(JOBS, job("a", json!({ "completionMode": "Indexed", "parallelism": 1 })));
    }),
    ("a job's template stays", |s| {
        s.create(JOBS, job("a", json!({})));
        s.merge("batch/v1:jobs/a", json!({ "spec": { "completions": 5 } }));
        s.strategic(
            "batch/v1:jobs/a",
            json!({ "spec": { "template": { "spec": { "containers": [{ "name": "c", "image": "x:2" }] } } } }),
        );
        s.in_other_words();
        s.merge("batch/v1:jobs/a", json!({ "spec": { "suspend": true, "parallelism": 2 } }));
        s.replace("batch/v1:jobs/a", job("a", json!({})));
    }),
    ("the status of a job", |s| {
        s.create(JOBS, job("a", json!({})));
        s.merge("batch/v1:jobs/a/status", json!({ "status": { "active": 1, "ready": 0 } }));
        s.get("batch/v1:jobs?fieldSelector=status.successful%3D0");
    }),
    ("a deleted job leaves its pods unless it is told otherwise", |s| {
        s.create(JOBS, job("a", json!({})));
        s.delete("batch/v1:jobs/a");
        s.create(JOBS, job("b", json!({})));
        s.delete("batch/v1:jobs/b?propagationPolicy=Background");
        s.get("batch/v1:jobs/b");
    }),
    ("a cron job gets what it doesn't say", |s| {
        s.create(CRON_JOBS, cron_job("a", json!({})));
        s.create(
            CRON_JOBS,
            cron_job("b", json!({ "concurrencyPolicy": "Forbid", "suspend": true, "failedJobsHistoryLimit": 0 })),
        );
        s.merge("batch/v1:cronjobs/a", json!({ "spec": { "suspend": true } }));
        s.merge("batch/v1:cronjobs/a", json!({ "metadata": { "annotations": { "a": "b" } } }));
        s.merge("batch/v1:cronjobs/a/status", json!({ "status": { "lastScheduleTime": "2024-01-01T00:00:00Z" } }));
        s.delete("batch/v1:cronjobs/a");
    }),
    ("cron jobs are checked", |s| {
        s.create(CRON_JOBS, json!({ "metadata": { "name": "a" } }));
        s.create(CRON_JOBS, cron_job("a", json!({ "schedule": "bogus" })));
        s.create(
            CRON_JOBS,
            cron_job("a", json!({ "schedule": "", "concurrencyPolicy": "Bogus", "successfulJobsHistoryLimit": -1 })),
        );
        s.create(CRON_JOBS, cron_job("a", json!({ "schedule": "61 * * * *" })));
        s.create(CRON_JOBS, cron_job("a", json!({ "jobTemplate": { "spec": { "template": {} } } })));
        let long = "x".repeat(53);
        s.create(CRON_JOBS, cron_job(&long, json!({})));
    }),
];
