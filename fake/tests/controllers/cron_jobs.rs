use std::time::Duration;

use kubewright_fake::{Controllers, PodOutcome};
use serde_json::{Value, json};

use crate::support::{Cluster, JOBS, condition, template};

const CRON_JOBS: &str = "/apis/batch/v1/namespaces/default/cronjobs";

fn cron_job(spec: Value) -> Value {
    let mut cron_job = json!({ "metadata": { "name": "tick" }, "spec": spec });
    let mut template = template("tick", "tick:1");
    template["spec"]["restartPolicy"] = json!("Never");
    cron_job["spec"]["jobTemplate"] = json!({ "spec": { "template": template } });
    cron_job
}

#[tokio::test]
async fn jobs_are_started_by_the_clock_and_the_oldest_deleted() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(CRON_JOBS, cron_job(json!({ "schedule": "*/10 * * * *" }))).await;
    assert!(cluster.list(JOBS).await.is_empty());
    cluster.advance(3600);
    let jobs = cluster.list(JOBS).await;
    assert_eq!(jobs.len(), 3, "as many as the history keeps");
    assert!(jobs.iter().all(|job| condition(job, "Complete")["status"] == "True"));
    let scheduled = "batch.kubernetes.io/cronjob-scheduled-timestamp";
    assert_eq!(jobs[2]["metadata"]["annotations"][scheduled], "2030-01-01T01:00:00Z");
    assert_eq!(jobs[2]["metadata"]["creationTimestamp"], "2030-01-01T01:00:00Z");
    let status = cluster.get(&format!("{CRON_JOBS}/tick")).await["status"].clone();
    assert_eq!(status["lastScheduleTime"], "2030-01-01T01:00:00Z");
    assert_eq!(status["lastSuccessfulTime"], "2030-01-01T01:00:00Z");
}

#[tokio::test]
async fn a_schedule_is_in_its_time_zone() {
    let cluster = Cluster::new(Controllers::all());
    let spec = json!({ "schedule": "0 3 * * *", "timeZone": "Europe/Berlin" });
    cluster.create(CRON_JOBS, cron_job(spec)).await;
    cluster.advance(7199);
    assert!(cluster.list(JOBS).await.is_empty());
    cluster.advance(1);
    assert_eq!(cluster.list(JOBS).await.len(), 1, "at two in UTC");
}

#[tokio::test]
async fn concurrency_is_forbidden_or_replaces() {
    for (policy, expected) in [("Allow", 3), ("Forbid", 1), ("Replace", 1)] {
        let cluster =
            Cluster::new(Controllers::all().on_pod(|_| Some(PodOutcome::succeeds().after(Duration::from_secs(600)))));
        let spec = json!({ "schedule": "* * * * *", "concurrencyPolicy": policy });
        cluster.create(CRON_JOBS, cron_job(spec)).await;
        cluster.advance(180);
        let jobs = cluster.list(JOBS).await;
        assert_eq!(jobs.len(), expected, "{policy}");
        let active = cluster.get(&format!("{CRON_JOBS}/tick")).await["status"]["active"].clone();
        assert_eq!(active.as_array().map(Vec::len), Some(expected), "{policy}");
    }
}

#[tokio::test]
async fn a_suspended_schedule_starts_nothing() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(CRON_JOBS, cron_job(json!({ "schedule": "* * * * *", "suspend": true }))).await;
    cluster.advance(180);
    assert!(cluster.list(JOBS).await.is_empty());
}
