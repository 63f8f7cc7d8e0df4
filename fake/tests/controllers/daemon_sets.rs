use kubewright_fake::Controllers;
use serde_json::{Value, json};

use crate::support::{Cluster, PODS, template};

const SETS: &str = "/apis/apps/v1/namespaces/default/daemonsets";

fn node(name: &str) -> Value {
    json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": name, "labels": { "zone": name } } })
}

async fn nodes_of_pods(cluster: &Cluster) -> Vec<String> {
    let pods = cluster.list(PODS).await;
    let mut nodes: Vec<String> =
        pods.iter().map(|pod| pod["spec"]["nodeName"].as_str().unwrap_or_default().to_owned()).collect();
    nodes.sort();
    nodes
}

#[tokio::test]
async fn each_node_has_a_pod() {
    let cluster = Cluster::with(Controllers::all(), &[node("a"), node("b")]);
    let set = json!({
        "metadata": { "name": "log" },
        "spec": { "selector": { "matchLabels": { "app": "log" } }, "template": template("log", "log:1") },
    });
    cluster.create(SETS, set).await;
    assert_eq!(nodes_of_pods(&cluster).await, ["a", "b"]);
    cluster.create("/api/v1/nodes", json!({ "metadata": { "name": "c" } })).await;
    assert_eq!(nodes_of_pods(&cluster).await, ["a", "b", "c"]);
    let status = cluster.get(&format!("{SETS}/log")).await["status"].clone();
    assert_eq!((&status["desiredNumberScheduled"], &status["numberReady"]), (&json!(3), &json!(3)));

    let patch = json!({ "spec": { "template": { "spec": {
        "containers": [{ "name": "log", "image": "log:2" }], "nodeSelector": { "zone": "b" },
    } } } });
    cluster.patch(&format!("{SETS}/log"), patch).await;
    assert_eq!(nodes_of_pods(&cluster).await, ["b"]);
    let pods = cluster.list(PODS).await;
    assert_eq!(pods[0]["spec"]["containers"][0]["image"], "log:2");
    let status = cluster.get(&format!("{SETS}/log")).await["status"].clone();
    assert_eq!((&status["desiredNumberScheduled"], &status["updatedNumberScheduled"]), (&json!(1), &json!(1)));
}
