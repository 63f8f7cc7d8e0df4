use http::{Method, StatusCode};
use kubewright_fake::Controllers;
use serde_json::{Value, json};

use crate::support::{Cluster, DEPLOYMENTS, PODS, deployment};

const BUDGETS: &str = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";

async fn evict(cluster: &Cluster, pod: &str) -> StatusCode {
    let eviction = json!({ "apiVersion": "policy/v1", "kind": "Eviction", "metadata": { "name": pod } });
    cluster.send(Method::POST, &format!("{PODS}/{pod}/eviction"), Some(&eviction)).await.0
}

async fn status(cluster: &Cluster) -> Value {
    cluster.get(&format!("{BUDGETS}/web")).await["status"].clone()
}

#[tokio::test]
async fn a_budget_allows_evictions_as_long_as_enough_pods_are_healthy() {
    let controllers = Controllers::all().pod_start(std::time::Duration::from_secs(10));
    let cluster = Cluster::new(controllers);
    cluster.create(DEPLOYMENTS, deployment("web", 3)).await;
    let spec = json!({ "maxUnavailable": 1, "selector": { "matchLabels": { "app": "web" } } });
    cluster.create(BUDGETS, json!({ "metadata": { "name": "web" }, "spec": spec })).await;
    assert_eq!(status(&cluster).await["disruptionsAllowed"], 0, "no pod is ready");
    cluster.advance(10);
    let now = status(&cluster).await;
    assert_eq!((&now["disruptionsAllowed"], &now["desiredHealthy"]), (&json!(1), &json!(2)));
    assert_eq!((&now["expectedPods"], &now["currentHealthy"]), (&json!(3), &json!(3)));
    assert_eq!(now["conditions"][0]["reason"], "SufficientPods");

    let names = cluster.names(PODS).await;
    assert_eq!(evict(&cluster, &names[0]).await, StatusCode::CREATED);
    assert!(cluster.find(&format!("{PODS}/{}", names[0])).await.is_none());
    assert_eq!(evict(&cluster, &names[1]).await, StatusCode::TOO_MANY_REQUESTS, "the next one is not ready yet");
    cluster.advance(10);
    assert_eq!(evict(&cluster, &names[1]).await, StatusCode::CREATED);
}

#[tokio::test]
async fn shares_are_of_the_replicas() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(DEPLOYMENTS, deployment("web", 4)).await;
    let spec = json!({ "minAvailable": "51%", "selector": { "matchLabels": { "app": "web" } } });
    cluster.create(BUDGETS, json!({ "metadata": { "name": "web" }, "spec": spec })).await;
    let now = status(&cluster).await;
    assert_eq!((&now["desiredHealthy"], &now["disruptionsAllowed"]), (&json!(3), &json!(1)));
}
