use kubewright_fake::{Controllers, PodOutcome};
use serde_json::json;

use crate::support::{Cluster, DEPLOYMENTS, deployment, name};

const SERVICES: &str = "/api/v1/namespaces/default/services";
const SLICES: &str = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
const ENDPOINTS: &str = "/api/v1/namespaces/default/endpoints";

#[tokio::test]
async fn a_service_has_the_addresses_of_its_pods() {
    let cluster = Cluster::new(Controllers::all());
    cluster.create(DEPLOYMENTS, deployment("web", 2)).await;
    let service = json!({
        "metadata": { "name": "web" },
        "spec": { "selector": { "app": "web" }, "ports": [{ "port": 80, "targetPort": "http" }] },
    });
    cluster.create(SERVICES, service).await;
    let slices = cluster.list(SLICES).await;
    let [slice] = slices.as_slice() else { panic!("one slice: {slices:?}") };
    assert!(name(slice).starts_with("web-"));
    assert_eq!(slice["metadata"]["labels"]["kubernetes.io/service-name"], "web");
    assert_eq!(slice["ports"][0]["port"], 8080);
    let endpoints = slice["endpoints"].as_array().cloned().unwrap_or_default();
    assert_eq!(endpoints.len(), 2);
    assert!(endpoints.iter().all(|endpoint| endpoint["conditions"]["ready"] == true));
    assert_eq!(endpoints[0]["targetRef"]["kind"], "Pod");
    let subsets = cluster.get(&format!("{ENDPOINTS}/web")).await["subsets"].clone();
    assert_eq!(subsets[0]["addresses"].as_array().map(Vec::len), Some(2));
    assert_eq!(subsets[0]["ports"][0]["port"], 8080);

    cluster.patch(&format!("{DEPLOYMENTS}/web"), json!({ "spec": { "replicas": 0 } })).await;
    let slice = cluster.get(&format!("{SLICES}/{}", name(slice))).await;
    assert!(slice["endpoints"].as_array().is_none_or(Vec::is_empty), "{slice}");
    assert!(cluster.get(&format!("{ENDPOINTS}/web")).await["subsets"].as_array().is_none_or(Vec::is_empty));
    cluster.delete(&format!("{SERVICES}/web"), json!({})).await;
    assert!(cluster.list(SLICES).await.is_empty() && cluster.find(&format!("{ENDPOINTS}/web")).await.is_none());
}

#[tokio::test]
async fn pods_that_are_not_ready_are_no_ready_endpoints() {
    let cluster = Cluster::new(Controllers::all().on_pod(|_| Some(PodOutcome::not_ready())));
    cluster.create(DEPLOYMENTS, deployment("web", 1)).await;
    let spec = json!({ "clusterIP": "None", "selector": { "app": "web" }, "ports": [{ "port": 80 }] });
    cluster.create(SERVICES, json!({ "metadata": { "name": "web" }, "spec": spec })).await;
    let slices = cluster.list(SLICES).await;
    assert_eq!(slices[0]["endpoints"][0]["conditions"]["ready"], false);
    assert_eq!(slices[0]["metadata"]["labels"]["service.kubernetes.io/headless"], "");
    let subsets = cluster.get(&format!("{ENDPOINTS}/web")).await["subsets"].clone();
    assert_eq!(subsets[0]["notReadyAddresses"].as_array().map(Vec::len), Some(1));
    assert!(subsets[0].get("addresses").is_none());
}
