use std::time::Duration;

use kubewright_fake::Controllers;
use serde_json::{Value, json};

use crate::support::{Cluster, PODS, name, template};

const SETS: &str = "/apis/apps/v1/namespaces/default/statefulsets";

fn set(replicas: u32) -> Value {
    json!({
        "metadata": { "name": "db" },
        "spec": {
            "replicas": replicas, "serviceName": "db", "selector": { "matchLabels": { "app": "db" } },
            "template": template("db", "db:1"),
            "volumeClaimTemplates": [{
                "metadata": { "name": "data" },
                "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } },
            }],
        },
    })
}

#[tokio::test]
async fn pods_have_names_and_claims_and_come_one_after_the_other() {
    let cluster = Cluster::new(Controllers::all().pod_start(Duration::from_secs(10)));
    cluster.create(SETS, set(3)).await;
    assert_eq!(cluster.names(PODS).await, ["db-0"]);
    cluster.advance(10);
    assert_eq!(cluster.names(PODS).await, ["db-0", "db-1"]);
    cluster.advance(20);
    let pods = cluster.list(PODS).await;
    assert_eq!(pods.iter().map(name).collect::<Vec<_>>(), ["db-0", "db-1", "db-2"]);
    assert_eq!(pods[1]["metadata"]["labels"]["apps.kubernetes.io/pod-index"], "1");
    assert_eq!((&pods[1]["spec"]["hostname"], &pods[1]["spec"]["subdomain"]), (&json!("db-1"), &json!("db")));
    let claims = cluster.names("/api/v1/namespaces/default/persistentvolumeclaims").await;
    assert_eq!(claims, ["data-db-0", "data-db-1", "data-db-2"]);
    let status = cluster.get(&format!("{SETS}/db")).await["status"].clone();
    assert_eq!((&status["readyReplicas"], &status["updatedReplicas"]), (&json!(3), &json!(3)));
    assert_eq!(status["currentRevision"], status["updateRevision"]);
}

#[tokio::test]
async fn the_last_pods_go_first_and_updates_go_backwards_down_to_the_partition() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(SETS, set(4)).await;
    cluster.patch(&format!("{SETS}/db"), json!({ "spec": { "replicas": 3 } })).await;
    assert_eq!(cluster.names(PODS).await, ["db-0", "db-1", "db-2"]);
    let changed = json!({ "spec": {
        "updateStrategy": { "rollingUpdate": { "partition": 1 } },
        "template": { "spec": { "containers": [{ "name": "db", "image": "db:2" }] } },
    } });
    cluster.patch(&format!("{SETS}/db"), changed).await;
    let images = async || -> Vec<String> {
        let image = |pod: &Value| pod["spec"]["containers"][0]["image"].as_str().unwrap_or_default().to_owned();
        cluster.list(PODS).await.iter().map(image).collect()
    };
    assert_eq!(images().await, ["db:1", "db:2", "db:2"]);
    let status = cluster.get(&format!("{SETS}/db")).await["status"].clone();
    assert_eq!((&status["currentReplicas"], &status["updatedReplicas"]), (&json!(1), &json!(2)));
    cluster.patch(&format!("{SETS}/db"), json!({ "spec": { "updateStrategy": { "rollingUpdate": null } } })).await;
    assert_eq!(images().await, ["db:2", "db:2", "db:2"]);
}
