use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kubewright_fake::{Controllers, PodOutcome};
use serde_json::{Value, json};

use crate::support::{Cluster, JOBS, PODS, condition, template};

fn job(spec: Value) -> Value {
    let mut job = json!({ "metadata": { "name": "once" }, "spec": spec });
    let mut template = template("once", "once:1");
    template["spec"]["restartPolicy"] = json!("Never");
    job["spec"]["template"] = template;
    job
}

fn once() -> String {
    format!("{JOBS}/once")
}

#[tokio::test]
async fn a_job_completes_with_as_many_pods_as_it_needs() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(JOBS, job(json!({ "completions": 3, "parallelism": 2 }))).await;
    let done = cluster.get(&once()).await;
    assert_eq!(done["status"]["succeeded"], 3);
    assert_eq!(done["status"]["completionTime"], "2030-01-01T00:00:00Z");
    assert_eq!(condition(&done, "Complete")["reason"], "CompletionsReached");
    assert!(done["status"].get("active").is_none() && done["status"].get("failed").is_none(), "{done}");
    let pods = cluster.list(PODS).await;
    assert_eq!(pods.len(), 3);
    assert!(
        pods.iter().all(|pod| pod["status"]["phase"] == "Succeeded" && pod["metadata"].get("finalizers").is_none())
    );
}

#[tokio::test]
async fn a_job_has_no_more_pods_at_once_than_its_parallelism() {
    let cluster =
        Cluster::new(Controllers::all().on_pod(|_| Some(PodOutcome::succeeds().after(Duration::from_secs(60)))));
    cluster.create(JOBS, job(json!({ "completions": 3, "parallelism": 2 }))).await;
    let status = cluster.get(&once()).await["status"].clone();
    assert_eq!((&status["active"], &status["ready"]), (&json!(2), &json!(2)));
    cluster.advance(60);
    let status = cluster.get(&once()).await["status"].clone();
    assert_eq!((&status["active"], &status["succeeded"]), (&json!(1), &json!(2)));
    cluster.advance(60);
    assert_eq!(condition(&cluster.get(&once()).await, "Complete")["status"], "True");
}

#[tokio::test]
async fn a_job_that_fails_tries_again_after_pauses_up_to_its_limit() {
    let cluster = Cluster::new(Controllers::all().on_pod(|_| Some(PodOutcome::fails(1))));
    cluster.create(JOBS, job(json!({ "backoffLimit": 2 }))).await;
    assert_eq!(cluster.get(&once()).await["status"]["failed"], 1);
    cluster.advance(10);
    assert_eq!(cluster.get(&once()).await["status"]["failed"], 2);
    cluster.advance(20);
    let failed = cluster.get(&once()).await;
    assert_eq!(failed["status"]["failed"], 3);
    let condition = condition(&failed, "Failed");
    assert_eq!((&condition["status"], &condition["reason"]), (&json!("True"), &json!("BackoffLimitExceeded")));
    cluster.advance(3600);
    assert_eq!(cluster.list(PODS).await.len(), 3);
}

#[tokio::test]
async fn a_job_whose_second_pod_succeeds_completes() {
    let pods = AtomicU32::new(0);
    let cluster = Cluster::new(
        Controllers::all().on_pod(move |_| (pods.fetch_add(1, Ordering::Relaxed) == 0).then(|| PodOutcome::fails(1))),
    );
    cluster.create(JOBS, job(json!({}))).await;
    cluster.advance(10);
    let done = cluster.get(&once()).await;
    assert_eq!((&done["status"]["succeeded"], &done["status"]["failed"]), (&json!(1), &json!(1)));
    assert_eq!(condition(&done, "Complete")["status"], "True");
}

#[tokio::test]
async fn a_job_that_takes_too_long_fails() {
    let cluster =
        Cluster::new(Controllers::all().on_pod(|_| Some(PodOutcome::succeeds().after(Duration::from_secs(60)))));
    cluster.create(JOBS, job(json!({ "activeDeadlineSeconds": 30 }))).await;
    cluster.advance(30);
    assert_eq!(condition(&cluster.get(&once()).await, "Failed")["reason"], "DeadlineExceeded");
    assert!(cluster.list(PODS).await.iter().all(|pod| pod["status"]["phase"] != "Running"));
}

#[tokio::test]
async fn an_indexed_job_has_a_pod_for_each_index() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(JOBS, job(json!({ "completions": 3, "parallelism": 2, "completionMode": "Indexed" }))).await;
    let done = cluster.get(&once()).await;
    assert_eq!((&done["status"]["completedIndexes"], &done["status"]["succeeded"]), (&json!("0-2"), &json!(3)));
    let mut hosts: Vec<String> = cluster
        .list(PODS)
        .await
        .iter()
        .map(|pod| pod["spec"]["hostname"].as_str().unwrap_or_default().to_owned())
        .collect();
    hosts.sort();
    assert_eq!(hosts, ["once-0", "once-1", "once-2"]);
}

#[tokio::test]
async fn a_suspended_job_has_no_pods_until_it_is_resumed() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(JOBS, job(json!({ "suspend": true }))).await;
    assert!(cluster.list(PODS).await.is_empty());
    assert_eq!(condition(&cluster.get(&once()).await, "Suspended")["status"], "True");
    cluster.patch(&once(), json!({ "spec": { "suspend": false } })).await;
    let done = cluster.get(&once()).await;
    assert_eq!(condition(&done, "Suspended")["status"], "False");
    assert_eq!(condition(&done, "Complete")["status"], "True");
}

#[tokio::test]
async fn a_finished_job_is_deleted_with_its_pods_when_its_time_is_over() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(JOBS, job(json!({ "ttlSecondsAfterFinished": 100 }))).await;
    cluster.advance(99);
    assert!(cluster.find(&once()).await.is_some());
    cluster.advance(1);
    assert!(cluster.find(&once()).await.is_none() && cluster.list(PODS).await.is_empty());
}
