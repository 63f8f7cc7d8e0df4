use std::time::Duration;

use kubewright_fake::{Controllers, PodOutcome};
use serde_json::{Value, json};

use crate::support::{Cluster, DEPLOYMENTS, PODS, REPLICA_SETS, condition, deployment, name};

fn web() -> String {
    format!("{DEPLOYMENTS}/web")
}

fn image(image: &str) -> Value {
    json!({ "spec": { "template": { "spec": { "containers": [{ "name": "web", "image": image }] } } } })
}

/// The ReplicaSets by their images, with their replicas.
async fn sets(cluster: &Cluster) -> Vec<(String, i64)> {
    let mut sets: Vec<(String, i64)> = Vec::new();
    for set in cluster.list(REPLICA_SETS).await {
        let image = set["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap_or_default().to_owned();
        sets.push((image, set["spec"]["replicas"].as_i64().unwrap_or(0)));
    }
    sets.sort();
    sets
}

#[tokio::test]
async fn a_deployment_makes_a_replica_set_and_pods_that_become_ready() {
    let cluster = Cluster::new(Controllers::all());
    let answer = cluster.create(DEPLOYMENTS, deployment("web", 3)).await;
    assert_eq!(answer["status"], json!({}), "the answer is of the moment before");
    let deployment = cluster.get(&web()).await;
    let status = &deployment["status"];
    for field in ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"] {
        assert_eq!(status[field], 3, "{field}: {status}");
    }
    assert_eq!(status["observedGeneration"], deployment["metadata"]["generation"]);
    assert_eq!(deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "1");
    assert_eq!(condition(&deployment, "Available")["status"], "True");
    assert_eq!(condition(&deployment, "Progressing")["reason"], "NewReplicaSetAvailable");

    let sets = cluster.list(REPLICA_SETS).await;
    let [set] = sets.as_slice() else { panic!("one ReplicaSet: {sets:?}") };
    let hash = set["metadata"]["labels"]["pod-template-hash"].as_str().expect("a hash");
    assert_eq!(name(set), format!("web-{hash}"));
    assert_eq!(set["metadata"]["ownerReferences"][0]["uid"], deployment["metadata"]["uid"]);
    assert_eq!(set["status"]["readyReplicas"], 3);

    let pods = cluster.list(PODS).await;
    assert_eq!(pods.len(), 3);
    for pod in &pods {
        assert!(name(pod).starts_with(name(set)), "{}", name(pod));
        assert_eq!(pod["metadata"]["labels"]["pod-template-hash"], hash);
        assert_eq!((&pod["status"]["phase"], &pod["spec"]["nodeName"]), (&json!("Running"), &json!("node-1")));
        assert_eq!(condition(pod, "Ready")["status"], "True");
        assert_eq!(pod["status"]["containerStatuses"][0]["ready"], true);
    }
    let addresses: std::collections::BTreeSet<_> = pods.iter().map(|pod| pod["status"]["podIP"].to_string()).collect();
    assert_eq!(addresses.len(), 3);
}

#[tokio::test]
async fn who_writes_is_known_by_the_managed_fields() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(DEPLOYMENTS, deployment("web", 1)).await;
    let managers = |object: &Value| -> Vec<String> {
        let managed = object["metadata"]["managedFields"].as_array().cloned().unwrap_or_default();
        managed.iter().map(|entry| entry["manager"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert!(managers(&cluster.get(&web()).await).contains(&"kube-controller-manager".to_owned()));
    let pods = cluster.list(PODS).await;
    assert_eq!(managers(&pods[0]), ["kube-controller-manager", "kubelet"]);
}

#[tokio::test]
async fn a_rolling_update_keeps_its_limits_while_pods_take_their_time() {
    let cluster = Cluster::new(Controllers::all().pod_start(Duration::from_secs(10)));
    let mut wanted = deployment("web", 4);
    wanted["spec"]["strategy"] = json!({ "rollingUpdate": { "maxSurge": 1, "maxUnavailable": 1 } });
    cluster.create(DEPLOYMENTS, wanted).await;
    assert_eq!(condition(&cluster.get(&web()).await, "Available")["status"], "False");
    cluster.advance(10);
    assert_eq!(cluster.get(&web()).await["status"]["availableReplicas"], 4);

    cluster.patch(&web(), image("web:2")).await;
    assert_eq!(sets(&cluster).await, [("web:1".to_owned(), 3), ("web:2".to_owned(), 2)], "one more, and one fewer");
    let mut steps = 0;
    while sets(&cluster).await[0].1 > 0 {
        let status = cluster.get(&web()).await["status"].clone();
        assert!(status["availableReplicas"].as_i64().unwrap_or(0) >= 3, "{status}");
        assert!(status["replicas"].as_i64().unwrap_or(0) <= 5, "{status}");
        cluster.advance(10);
        steps += 1;
        assert!(steps < 10, "it goes on");
    }
    cluster.advance(10);
    assert_eq!(sets(&cluster).await, [("web:1".to_owned(), 0), ("web:2".to_owned(), 4)]);
    assert_eq!(cluster.get(&web()).await["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "2");
}

#[tokio::test]
async fn an_earlier_template_gets_its_replica_set_back_as_a_new_revision() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(DEPLOYMENTS, deployment("web", 2)).await;
    let first = cluster.names(REPLICA_SETS).await;
    cluster.patch(&web(), image("web:2")).await;
    cluster.patch(&web(), json!({ "spec": { "template": deployment("web", 2)["spec"]["template"] } })).await;
    assert_eq!(sets(&cluster).await, [("web:1".to_owned(), 2), ("web:2".to_owned(), 0)]);
    let set = cluster.get(&format!("{REPLICA_SETS}/{}", first[0])).await;
    assert_eq!(set["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "3");
    assert_eq!(set["metadata"]["annotations"]["deployment.kubernetes.io/revision-history"], "1");
}

#[tokio::test]
async fn recreate_makes_new_pods_when_the_old_ones_are_gone() {
    let cluster = Cluster::new(Controllers::all().pod_stop(Duration::from_secs(5)));
    let mut wanted = deployment("web", 2);
    wanted["spec"]["strategy"] = json!({ "type": "Recreate" });
    cluster.create(DEPLOYMENTS, wanted).await;
    cluster.patch(&web(), image("web:2")).await;
    assert_eq!(sets(&cluster).await, [("web:1".to_owned(), 0)], "the old pods are ending");
    assert_eq!(cluster.list(PODS).await.len(), 2);
    cluster.advance(5);
    assert_eq!(sets(&cluster).await, [("web:1".to_owned(), 0), ("web:2".to_owned(), 2)]);
    assert_eq!(cluster.get(&web()).await["status"]["readyReplicas"], 2);
}

#[tokio::test]
async fn a_paused_deployment_is_scaled_but_not_rolled_out() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(DEPLOYMENTS, deployment("web", 2)).await;
    let mut patch = image("web:2");
    patch["spec"]["paused"] = json!(true);
    patch["spec"]["replicas"] = json!(3);
    cluster.patch(&web(), patch).await;
    assert_eq!(sets(&cluster).await, [("web:1".to_owned(), 3)]);
    assert_eq!(condition(&cluster.get(&web()).await, "Progressing")["reason"], "DeploymentPaused");
    cluster.patch(&web(), json!({ "spec": { "paused": false } })).await;
    assert_eq!(sets(&cluster).await, [("web:1".to_owned(), 0), ("web:2".to_owned(), 3)]);
}

#[tokio::test]
async fn scaling_amid_a_rollout_is_shared_by_size() {
    let cluster = Cluster::new(Controllers::all().on_pod(|pod| {
        let is_new = pod["spec"]["containers"][0]["image"] == "web:2";
        is_new.then(PodOutcome::not_ready)
    }));
    let mut wanted = deployment("web", 10);
    wanted["spec"]["strategy"] = json!({ "rollingUpdate": { "maxSurge": 3, "maxUnavailable": 2 } });
    cluster.create(DEPLOYMENTS, wanted).await;
    cluster.patch(&web(), image("web:2")).await;
    // The example of the documentation.
    assert_eq!(sets(&cluster).await, [("web:1".to_owned(), 8), ("web:2".to_owned(), 5)]);
    cluster.patch(&web(), json!({ "spec": { "replicas": 15 } })).await;
    assert_eq!(sets(&cluster).await, [("web:1".to_owned(), 11), ("web:2".to_owned(), 7)]);
}

#[tokio::test]
async fn a_rollout_that_makes_no_progress_times_out() {
    let cluster =
        Cluster::new(Controllers::all().on_pod(|_| Some(PodOutcome::waits("ImagePullBackOff", "no such image"))));
    let mut wanted = deployment("web", 1);
    wanted["spec"]["progressDeadlineSeconds"] = json!(60);
    cluster.create(DEPLOYMENTS, wanted).await;
    let pods = cluster.list(PODS).await;
    assert_eq!(pods[0]["status"]["containerStatuses"][0]["state"]["waiting"]["reason"], "ImagePullBackOff");
    cluster.advance(59);
    assert_eq!(condition(&cluster.get(&web()).await, "Progressing")["status"], "True");
    cluster.advance(2);
    let deployment = cluster.get(&web()).await;
    let progressing = condition(&deployment, "Progressing");
    assert_eq!((&progressing["status"], &progressing["reason"]), (&json!("False"), &json!("ProgressDeadlineExceeded")));
}

#[tokio::test]
async fn the_history_has_as_many_revisions_as_its_limit() {
    let cluster = Cluster::new(Controllers::all());
    let mut wanted = deployment("web", 1);
    wanted["spec"]["revisionHistoryLimit"] = json!(1);
    cluster.create(DEPLOYMENTS, wanted).await;
    for version in 2..=4 {
        cluster.patch(&web(), image(&format!("web:{version}"))).await;
    }
    assert_eq!(sets(&cluster).await, [("web:3".to_owned(), 0), ("web:4".to_owned(), 1)]);
}

#[tokio::test]
async fn pods_of_a_deployment_are_made_again_adopted_and_released() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(DEPLOYMENTS, deployment("web", 2)).await;
    let names = cluster.names(PODS).await;
    cluster.delete(&format!("{PODS}/{}", names[0]), json!({})).await;
    assert_eq!(cluster.list(PODS).await.len(), 2);
    assert!(cluster.find(&format!("{PODS}/{}", names[0])).await.is_none());

    let released = format!("{PODS}/{}", names[1]);
    cluster.patch(&released, json!({ "metadata": { "labels": { "app": "other" } } })).await;
    assert!(cluster.get(&released).await["metadata"].get("ownerReferences").is_none());
    assert_eq!(cluster.list(PODS).await.len(), 3, "another has taken its place");
    cluster.patch(&released, json!({ "metadata": { "labels": { "app": "web" } } })).await;
    let pods = cluster.list(PODS).await;
    assert_eq!(pods.len(), 2, "it is adopted, and one is too many");
    assert!(pods.iter().all(|pod| pod["metadata"]["ownerReferences"][0]["kind"] == "ReplicaSet"));
}

#[tokio::test]
async fn a_deletion_in_the_foreground_leaves_nothing() {
    let cluster = Cluster::new(Controllers::all().pod_stop(Duration::from_secs(5)));
    cluster.create(DEPLOYMENTS, deployment("web", 2)).await;
    cluster.delete(&web(), json!({ "propagationPolicy": "Foreground" })).await;
    assert!(cluster.find(&web()).await.is_some(), "it waits for its pods");
    cluster.advance(5);
    assert!(cluster.find(&web()).await.is_none());
    assert!(cluster.list(REPLICA_SETS).await.is_empty() && cluster.list(PODS).await.is_empty());
}
