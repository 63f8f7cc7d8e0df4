use http::{Method, StatusCode};
use kubewright_fake::{Controllers, PodOutcome};
use serde_json::{Value, json};

use crate::support::{CONFIG_MAPS, Cluster, DEPLOYMENTS, JOBS, PODS, config_map, deployment};

const QUOTAS: &str = "/api/v1/namespaces/default/resourcequotas";

async fn limit(cluster: &Cluster, hard: Value) {
    cluster.create(QUOTAS, json!({ "metadata": { "name": "q" }, "spec": { "hard": hard } })).await;
}

async fn status(cluster: &Cluster) -> Value {
    cluster.get(&format!("{QUOTAS}/q")).await["status"].clone()
}

fn pod(name: &str, cpu: &str) -> Value {
    let container = json!({ "name": "c", "image": "x:1", "resources": { "requests": { "cpu": cpu } } });
    json!({ "metadata": { "name": name }, "spec": { "containers": [container] } })
}

#[tokio::test]
async fn a_quota_counts_what_is_there_and_what_comes_and_goes() {
    let cluster = Cluster::new(Controllers::none().resource_quotas());
    cluster.create(PODS, pod("before", "250m")).await;
    let hard = json!({ "pods": "2", "requests.cpu": "1", "count/configmaps": "1", "count/unknowns.example.com": "1" });
    limit(&cluster, hard.clone()).await;
    let used = json!({ "pods": "1", "requests.cpu": "250m", "count/configmaps": "0" });
    assert_eq!(status(&cluster).await, json!({ "hard": hard, "used": used }));

    cluster.create(CONFIG_MAPS, config_map("one")).await;
    let (code, answer) = cluster.send(Method::POST, CONFIG_MAPS, Some(&config_map("two"))).await;
    assert_eq!(code, StatusCode::FORBIDDEN, "{answer}");
    let (code, answer) = cluster.send(Method::POST, PODS, Some(&pod("large", "800m"))).await;
    assert_eq!(code, StatusCode::FORBIDDEN, "{answer}");
    cluster.create(PODS, pod("fits", "750m")).await;
    assert_eq!(status(&cluster).await["used"], json!({ "pods": "2", "requests.cpu": "1", "count/configmaps": "1" }));

    cluster.delete(&format!("{PODS}/before"), json!({})).await;
    assert_eq!(status(&cluster).await["used"]["requests.cpu"], "750m");
    // A name that is taken uses nothing in the end.
    assert_eq!(cluster.send(Method::POST, PODS, Some(&pod("fits", "1m"))).await.0, StatusCode::CONFLICT);
    assert_eq!(status(&cluster).await["used"]["requests.cpu"], "750m");
    cluster.patch(&format!("{QUOTAS}/q"), json!({ "spec": { "hard": { "pods": "7", "requests.cpu": null } } })).await;
    let now = status(&cluster).await;
    assert_eq!((&now["hard"]["pods"], &now["used"]["requests.cpu"]), (&json!("7"), &Value::Null));
}

#[tokio::test]
async fn a_deployment_gets_as_many_pods_as_the_quota_has_left() {
    let cluster = Cluster::new(Controllers::all());
    limit(&cluster, json!({ "pods": "2" })).await;
    cluster.create(DEPLOYMENTS, deployment("web", 3)).await;
    assert_eq!(cluster.names(PODS).await.len(), 2);
    assert_eq!(status(&cluster).await["used"]["pods"], "2");
    cluster.patch(&format!("{QUOTAS}/q"), json!({ "spec": { "hard": { "pods": "3" } } })).await;
    assert_eq!(cluster.names(PODS).await.len(), 3, "the third has room now");
}

#[tokio::test]
async fn a_pod_that_has_ended_uses_its_object_alone() {
    let cluster = Cluster::new(Controllers::all().on_pod(|_| Some(PodOutcome::succeeds())));
    limit(&cluster, json!({ "pods": "1", "count/pods": "9" })).await;
    for name in ["one", "two"] {
        let template = json!({ "spec": { "restartPolicy": "Never", "containers": [{ "name": "c", "image": "x:1" }] } });
        cluster.create(JOBS, json!({ "metadata": { "name": name }, "spec": { "template": template } })).await;
        assert_eq!(cluster.get(&format!("{JOBS}/{name}")).await["status"]["succeeded"], 1);
    }
    assert_eq!(status(&cluster).await["used"], json!({ "pods": "0", "count/pods": "2" }));
}

#[tokio::test]
async fn a_scope_selects_what_is_counted() {
    let cluster = Cluster::new(Controllers::none().resource_quotas());
    let spec = json!({ "hard": { "pods": "5" }, "scopes": ["BestEffort"] });
    cluster.create(QUOTAS, json!({ "metadata": { "name": "q" }, "spec": spec })).await;
    cluster.create(PODS, pod("burst", "1m")).await;
    cluster
        .create(
            PODS,
            json!({ "metadata": { "name": "best" }, "spec": { "containers": [{ "name": "c", "image": "x:1" }] } }),
        )
        .await;
    assert_eq!(status(&cluster).await["used"]["pods"], "1");
}
