//! Pods that a controller of the fake API server makes go through webhooks, as those of a cluster do.
#![cfg(feature = "latest")]
#![allow(missing_docs)]

#[path = "webhooks/support.rs"]
#[allow(dead_code)]
mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kubewright::admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration};
use kubewright::apps::v1::Deployment;
use kubewright::core::v1::{ConfigMap, Container, Pod};
use kubewright::meta::v1::ObjectMeta;
use kubewright::prelude::*;
use kubewright_controller::webhook::{AdmissionRequest, Decision, Mutation, Webhooks};
use kubewright_fake::{Controllers, FakeClock, FakeCluster};
use serde_json::json;
use support::{Server, object, webhook};

fn deployment(name: &str) -> Deployment {
    object(&json!({
        "metadata": { "name": name },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": { "containers": [{ "name": "main", "image": "main:1" }] },
            },
        },
    }))
}

/// Adds a container to each pod, and refuses those of the application `closed`. It reads and writes in the cluster while it is asked.
fn sidecars(client: &Client, asked: &Arc<AtomicU32>) -> Webhooks {
    let (client, asked) = (client.clone(), asked.clone());
    Webhooks::new()
        .mutating("/mutate", |request: AdmissionRequest<Pod>| async move {
            let Some(mut pod) = request.object else { return Mutation::unchanged() };
            if !pod.spec.containers.iter().any(|container| container.name == "proxy") {
                pod.spec.containers.push(Container {
                    name: "proxy".into(),
                    image: Some("proxy:1".into()),
                    ..Default::default()
                });
            }
            Mutation::to(pod)
        })
        .validating("/validate", move |request: AdmissionRequest<Pod>| {
            let (client, asked) = (client.clone(), asked.clone());
            async move {
                asked.fetch_add(1, Ordering::Relaxed);
                let sets = client.apps_v1().replica_sets("default").list().await.expect("sets");
                assert!(!sets.items.is_empty());
                let mut seen = ConfigMap { metadata: ObjectMeta::named("seen"), ..Default::default() };
                seen.data.insert("pods", asked.load(Ordering::Relaxed).to_string());
                client.core_v1().config_maps("default").apply(&seen, "webhook").force().await.expect("applied");
                match request.object.as_ref().and_then(|pod| pod.metadata.labels.get("app")) {
                    Some(app) if app == "closed" => Decision::deny("no pods of that"),
                    _ => Decision::allow(),
                }
            }
        })
}

#[tokio::test]
async fn pods_of_controllers_are_mutated_and_refused() {
    let clock = FakeClock::at("2030-01-01T00:00:00Z".parse().expect("a time"));
    let controllers = Controllers::all().pod_start(Duration::from_secs(5));
    let cluster = FakeCluster::builder().controllers(controllers).clock(clock.clone()).build().expect("a cluster");
    let (client, asked) = (cluster.client(), Arc::default());
    let server = Server::start(sidecars(&client, &asked)).await;
    let configurations = client.admissionregistration_v1();
    let mutating: MutatingWebhookConfiguration = object(&json!({
        "metadata": { "name": "sidecars" },
        "webhooks": [webhook(&server.client_config("/mutate"), "default", "", "pods")],
    }));
    configurations.mutating_webhook_configurations().create(&mutating).await.expect("registered");
    let validating: ValidatingWebhookConfiguration = object(&json!({
        "metadata": { "name": "sidecars" },
        "webhooks": [webhook(&server.client_config("/validate"), "default", "", "pods")],
    }));
    configurations.validating_webhook_configurations().create(&validating).await.expect("registered");

    let deployments = client.apps_v1().deployments("default");
    deployments.create(&deployment("web")).await.expect("made");
    let pods = client.core_v1().pods("default").list().await.expect("pods").items;
    assert_eq!(pods.len(), 2, "{pods:?}");
    for pod in &pods {
        let names: Vec<_> = pod.spec.containers.iter().map(|container| container.name.as_str()).collect();
        assert_eq!(names, ["main", "proxy"]);
    }
    assert_eq!(asked.load(Ordering::Relaxed), 2);

    // One whose pods are refused does not keep others from theirs.
    deployments.create(&deployment("closed")).await.expect("made");
    clock.advance(Duration::from_secs(5));
    let replicas = |name: &'static str| {
        let deployments = deployments.clone();
        async move { deployments.get(name).await.expect("there").status.ready_replicas }
    };
    assert_eq!(replicas("web").await, Some(2));
    assert_eq!(replicas("closed").await.unwrap_or_default(), 0);
    let pods = client.core_v1().pods("default").list().await.expect("pods").items;
    assert_eq!(pods.len(), 2);
    assert!(asked.load(Ordering::Relaxed) > 2, "the webhook refused them");
}
