//! Rollouts: waiting for them, and restarting them.

use kubewright::ApiGroups as _;
use kubewright::apps::v1::{DaemonSet, Deployment, DeploymentCondition, StatefulSet};
use kubewright_ops::prelude::*;
use kubewright_ops::wait::{self, WaitEvent, WhyUnmet};
use kubewright_runtime::Time;
use kubewright_testbed::shared_or_skip;
use kubewright_tests::{client, namespace};
use serde_json::json;
use tokio::sync::mpsc;

use crate::support::{create, deployment, status, told};

#[tokio::test]
async fn a_rollout_is_followed_until_it_is_complete() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    namespace(&client, "wait-rollout").await;
    create(&client, "wait-rollout", &deployment("web")).await;
    let deployments = client.apps_v1().deployments("wait-rollout");
    let (tell, mut texts) = mpsc::unbounded_channel();
    let wait = deployments.wait("web").on_event(move |event| {
        if let WaitEvent::Observed { verdict, .. } = event {
            let _ = tell.send(verdict.text().to_owned());
        }
    });
    let waiting = tokio::spawn(async move { wait.until(wait::rolled_out).await });
    told(&mut texts, "its controller has not observed the latest change yet").await;
    let steps = [(1, 1, "1 of 2 replicas are updated"), (2, 1, "1 of 2 updated replicas are available"), (2, 2, "")];
    for (updated, available, wanted) in steps {
        let write = |web: &mut Deployment| web.status = status(web.metadata.generation, updated, available);
        deployments.modify_status("web", write).await.expect("written");
        told(&mut texts, wanted).await;
    }
    let web = waiting.await.expect("a task").expect("rolled out");
    assert_eq!(web.status.available_replicas, Some(2));

    // A restart is a new rollout.
    let restarted = deployments.restart("web").await.expect("restarted");
    assert!(restarted.metadata.generation > web.metadata.generation);
    let annotations = &restarted.spec.template.metadata.annotations;
    let at = annotations.get("kubectl.kubernetes.io/restartedAt").expect("the annotation that kubectl sets");
    Time::parse(at).expect("a time");
    assert!(!wait::rolled_out(&restarted).is_met());
    let again = deployments.restart("web").await.expect("restarted");
    assert!(again.metadata.generation > restarted.metadata.generation, "each restart is one");
}

#[tokio::test]
async fn a_rollout_that_exceeds_its_deadline_ends_the_wait() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    namespace(&client, "wait-rollout").await;
    create(&client, "wait-rollout", &deployment("stuck")).await;
    let deployments = client.apps_v1().deployments("wait-rollout");
    let write = |web: &mut Deployment| {
        web.status = status(web.metadata.generation, 1, 1);
        web.status.conditions = vec![DeploymentCondition {
            type_: "Progressing".into(),
            status: "False".into(),
            reason: Some("ProgressDeadlineExceeded".into()),
            ..Default::default()
        }];
    };
    deployments.modify_status("stuck", write).await.expect("written");
    let error = deployments.wait("stuck").until(wait::rolled_out).await.expect_err("stuck");
    assert_eq!(error.unmet().map(|unmet| &unmet.why), Some(&WhyUnmet::Never));
    let text = "waited for Deployment wait-rollout/stuck to be rolled out, which can no longer happen: it has exceeded its \
                progress deadline: ProgressDeadlineExceeded; Progressing=False (ProgressDeadlineExceeded)";
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
async fn a_paused_deployment_is_not_restarted_before_it_is_resumed() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    namespace(&client, "wait-rollout").await;
    create(&client, "wait-rollout", &deployment("paused")).await;
    let deployments = client.apps_v1().deployments("wait-rollout");
    assert_eq!(deployments.pause("paused").await.expect("paused").spec.paused, Some(true));
    let error = deployments.restart("paused").await.expect_err("paused");
    assert!(error.is_aborted() && error.to_string().contains("resume it first"), "{error}");
    let resumed = deployments.resume("paused").await.expect("resumed");
    assert_ne!(resumed.spec.paused, Some(true));
    assert!(resumed.spec.template.metadata.annotations.is_empty());
    deployments.restart("paused").await.expect("restarted");
}

#[tokio::test]
async fn stateful_sets_and_daemon_sets_are_restarted_as_well() {
    let Some(bed) = shared_or_skip() else { return };
    let client = client(bed.kubeconfig());
    namespace(&client, "wait-restart").await;
    let spec = json!({ "selector": { "matchLabels": { "app": "web" } }, "serviceName": "web",
        "template": { "metadata": { "labels": { "app": "web" } },
            "spec": { "containers": [{ "name": "main", "image": "example.com/web:1" }] } } });
    let object = json!({ "metadata": { "name": "web" }, "spec": spec }).to_string();
    let set: StatefulSet = kubewright::json::from_slice(object.as_bytes()).expect("a stateful set");
    create(&client, "wait-restart", &set).await;
    let restarted = client.apps_v1().stateful_sets("wait-restart").restart("web").await.expect("restarted");
    assert_eq!((restarted.metadata.generation, restarted.spec.template.metadata.annotations.len()), (Some(2), 1));
    let object = object.replace("\"serviceName\":\"web\",", "");
    let set: DaemonSet = kubewright::json::from_slice(object.as_bytes()).expect("a daemon set");
    create(&client, "wait-restart", &set).await;
    let restarted = client.apps_v1().daemon_sets("wait-restart").restart("web").await.expect("restarted");
    assert_eq!((restarted.metadata.generation, restarted.spec.template.metadata.annotations.len()), (Some(2), 1));
}
