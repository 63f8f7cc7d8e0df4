//! Logs, commands, attachments and port-forwards of the fake API server, by this project's client in the same process and over a port.
#![allow(missing_docs)]

#[path = "fake_streams/logs.rs"]
mod logs;
#[path = "fake_streams/ports.rs"]
mod ports;
#[cfg(unix)]
#[path = "fake_streams/run_here.rs"]
mod run_here;
#[path = "fake_streams/sessions.rs"]
mod sessions;

use kubewright::core::v1::{Pod, Pods};
use kubewright::prelude::*;
use kubewright_fake::FakeCluster;
use kubewright_runtime::api::Handle;
use kubewright_runtime::stream::Upgraded;
use serde_json::json;

/// A cluster with the pod `web` of one container, `app`, and `pair` of two.
fn cluster() -> FakeCluster {
    let pod = |name: &str, containers: &[&str]| {
        let containers: Vec<_> =
            containers.iter().map(|name| json!({ "name": name, "image": "example.com/app:1" })).collect();
        json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "name": name, "namespace": "shop" },
            "spec": { "nodeName": "node-1", "containers": containers },
        })
    };
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop" } });
    let builder = FakeCluster::builder().with(namespace).with(pod("web", &["app"]));
    builder.with(pod("pair", &["app", "proxy"])).build().expect("a cluster")
}

fn pods(cluster: &FakeCluster) -> Pods {
    cluster.client().core_v1().pods("shop")
}

/// Connects to a subresource of the pod `web` with a protocol of the test's own.
async fn connect(
    cluster: &FakeCluster,
    subresource: &str,
    protocol: &'static str,
    query: &[(&str, &str)],
) -> kubewright::Result<Upgraded> {
    let pods: Handle<Pod> = Handle::namespaced(&cluster.client(), Pod::RESOURCE, "shop");
    let request = pods.connect("web", subresource).protocol(protocol);
    query.iter().fold(request, |request, (name, value)| request.query(name, value)).await
}

/// A client over a port, and what listens.
async fn listening(cluster: &FakeCluster) -> (kubewright_fake::FakeListener, Pods) {
    let listener = cluster.listen().await.expect("a listener");
    let folder = tempfile::tempdir().expect("a folder");
    let kubeconfig = folder.path().join("kubeconfig");
    listener.write_kubeconfig(&kubeconfig).expect("a kubeconfig");
    let pods = kubewright_tests::client(&kubeconfig).core_v1().pods("shop");
    (listener, pods)
}
