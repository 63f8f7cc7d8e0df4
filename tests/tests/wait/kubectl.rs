//! When a rollout is complete: what kubectl says of it, and what we say.

use kubewright::ApiGroups as _;
use kubewright::apps::v1::{DaemonSet, Deployment, DeploymentCondition, DeploymentStatus, StatefulSet};
use kubewright_ops::wait::{self, Verdict};
use kubewright_testbed::Cluster;
use kubewright_tests::client;
use serde_json::json;

use crate::support::{create, deployment, own, status};

/// What `kubectl rollout status` says of a workload, and what we say, in one word each.
fn compare(cluster: &Cluster, workload: &str, verdict: &Verdict) {
    let told = cluster.kubectl(&["-n", "default", "rollout", "status", workload, "--watch=false"]);
    let done = |text: &str| {
        ["successfully rolled out", "roll out complete", "rolling update complete"]
            .iter()
            .any(|words| text.contains(words))
    };
    let theirs = match &told {
        // That it waits may contain the word, too.
        Ok(text) if text.to_lowercase().starts_with("waiting") => "not yet",
        Ok(text) if done(text) => "met",
        Ok(text) => panic!("kubectl says {text:?} of {workload}"),
        Err(error) if ["progress deadline", "only available"].iter().any(|why| error.to_string().contains(why)) => {
            "never"
        }
        Err(error) => panic!("{error}"),
    };
    let ours = match (verdict.is_met(), verdict.is_never()) {
        (true, _) => "met",
        (_, true) => "never",
        _ => "not yet",
    };
    assert_eq!(ours, theirs, "{workload}: {verdict:?} {told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_says_the_same_of_every_rollout() {
    let Some(cluster) = own() else { return };
    let client = client(cluster.kubeconfig());
    let deployments = client.apps_v1().deployments("default");
    create(&client, "default", &deployment("web")).await;
    compare(cluster, "deployment/web", &wait::rolled_out(&deployments.get("web").await.expect("there")));
    for (observed, all, updated, available, reason) in [
        (0, 2, 2, 2, ""),
        (1, 2, 1, 1, ""),
        (1, 3, 2, 2, ""),
        (1, 2, 2, 1, ""),
        (1, 2, 2, 2, ""),
        (1, 2, 1, 1, "ProgressDeadlineExceeded"),
        (0, 2, 1, 1, "ProgressDeadlineExceeded"),
    ] {
        let write = |web: &mut Deployment| {
            web.status = DeploymentStatus { replicas: Some(all), ..status(Some(observed), updated, available) };
            if !reason.is_empty() {
                let (type_, status) = ("Progressing".into(), "False".into());
                let condition =
                    DeploymentCondition { type_, status, reason: Some(reason.into()), ..Default::default() };
                web.status.conditions = vec![condition];
            }
        };
        // The server wants a generation that was observed not to go back.
        create(&client, "default", &deployment("web")).await;
        let web = deployments.modify_status("web", write).await.expect("written").into_object();
        compare(cluster, "deployment/web", &wait::rolled_out(&web));
    }

    for (strategy, observed, ready, updated, current) in [
        (json!({ "type": "RollingUpdate" }), 0, 3, 3, "new"),
        (json!({ "type": "RollingUpdate" }), 1, 2, 2, "old"),
        (json!({ "type": "RollingUpdate" }), 1, 3, 2, "old"),
        (json!({ "type": "RollingUpdate" }), 1, 3, 3, "new"),
        (json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 2 } }), 1, 3, 0, "old"),
        (json!({ "type": "RollingUpdate", "rollingUpdate": { "partition": 2 } }), 1, 3, 1, "old"),
        (json!({ "type": "OnDelete" }), 1, 3, 3, "new"),
    ] {
        let template = json!({ "metadata": { "labels": { "app": "web" } },
            "spec": { "containers": [{ "name": "main", "image": "example.com/web:1" }] } });
        let spec = json!({ "selector": { "matchLabels": { "app": "web" } }, "serviceName": "web", "replicas": 3,
            "updateStrategy": strategy, "template": template });
        let object = json!({ "metadata": { "name": "web" }, "spec": spec });
        let set: StatefulSet = kubewright::json::from_slice(object.to_string().as_bytes()).expect("a stateful set");
        create(&client, "default", &set).await;
        let write = |set: &mut StatefulSet| {
            set.status.observed_generation = Some(observed);
            (set.status.replicas, set.status.available_replicas) = (3, ready);
            (set.status.ready_replicas, set.status.updated_replicas) = (Some(ready), Some(updated));
            (set.status.current_revision, set.status.update_revision) = (Some(current.into()), Some("new".into()));
        };
        let sets = client.apps_v1().stateful_sets("default");
        let set = sets.modify_status("web", write).await.expect("written").into_object();
        compare(cluster, "statefulset/web", &wait::rolled_out(&set));
    }

    for (strategy, observed, updated, available) in [
        ("RollingUpdate", 0, 2, 2),
        ("RollingUpdate", 1, 1, 2),
        ("RollingUpdate", 1, 2, 1),
        ("RollingUpdate", 1, 2, 2),
        ("OnDelete", 1, 2, 2),
    ] {
        let template = json!({ "metadata": { "labels": { "app": "web" } },
            "spec": { "containers": [{ "name": "main", "image": "example.com/web:1" }] } });
        let spec = json!({ "selector": { "matchLabels": { "app": "web" } }, "updateStrategy": { "type": strategy }, "template": template });
        let object = json!({ "metadata": { "name": "web" }, "spec": spec });
        let set: DaemonSet = kubewright::json::from_slice(object.to_string().as_bytes()).expect("a daemon set");
        create(&client, "default", &set).await;
        let write = |set: &mut DaemonSet| {
            set.status.observed_generation = Some(observed);
            set.status.desired_number_scheduled = 2;
            (set.status.updated_number_scheduled, set.status.number_available) = (Some(updated), Some(available));
        };
        let sets = client.apps_v1().daemon_sets("default");
        let set = sets.modify_status("web", write).await.expect("written").into_object();
        compare(cluster, "daemonset/web", &wait::rolled_out(&set));
    }
}
