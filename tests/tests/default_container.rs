//! A pod with two containers, of which an annotation names the default, through a real API server with kwok as the
//! kubelet: the server looks at no annotation, and refuses a call that names no container.
#![allow(missing_docs)]

use kubewright::ApiGroups as _;
use kubewright::core::v1::{Container, Pod, PodSpec, Pods};
use kubewright_runtime::Client;
use kubewright_runtime::meta::v1::ObjectMeta;
use kubewright_testbed::kubelet_or_skip;
use kubewright_tests::client;
use tokio::io::AsyncReadExt as _;

const ANNOTATION: &str = "kubectl.kubernetes.io/default-container";

/// A namespace of the test's own with a pod `pair` in it, which runs.
async fn pods(client: &Client, namespace: &str, default: Option<&str>) -> Pods {
    kubewright_tests::namespace(client, namespace).await;
    let pods = client.core_v1().pods(namespace);
    let container = |name: &str| Container { name: name.into(), image: Some("busybox".into()), ..Default::default() };
    let mut pod = Pod {
        metadata: ObjectMeta::named("pair"),
        spec: PodSpec {
            node_name: Some("node-1".into()),
            containers: vec![container("sidecar"), container("app")],
            ..Default::default()
        },
        ..Default::default()
    };
    if let Some(name) = default {
        pod.metadata.annotations.insert(ANNOTATION, name);
    }
    match pods.create(&pod).await {
        Err(error) if !error.is_already_exists() => panic!("{error}"),
        _ => {}
    }
    pods.wait("pair").until(kubewright_ops::wait::pod_running).await.expect("a pod that runs");
    pods
}

#[tokio::test]
async fn calls_that_name_no_container_go_to_the_one_that_the_annotation_names() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = pods(&client(bed.kubeconfig()), "default-container", Some("app")).await;
    let output = pods.exec("pair", ["echo", "hello"]).output().await.expect("output");
    assert_eq!(output.text(), "hello\n");
    let session = pods.attach("pair").start().await.expect("a session");
    assert_eq!(session.protocol(), "v5.channel.k8s.io");
    let log = pods.log("pair").container("app").await.expect("a log");
    assert_eq!(pods.log("pair").await.expect("a log"), log);
    let mut read = String::new();
    pods.log("pair").reader().await.expect("a reader").read_to_string(&mut read).await.expect("read");
    assert_eq!(read, log);

    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("here"), "hello").expect("written");
    let text = |name: &str| path(name).to_str().expect("UTF-8").to_owned();
    pods.copy_from("pair", &text("here"), path("there")).await.expect("copied");
    assert_eq!(std::fs::read_to_string(path("there")).expect("it is there"), "hello");
}

#[tokio::test]
async fn without_the_annotation_a_container_has_to_be_named() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = pods(&client(bed.kubeconfig()), "default-container-none", None).await;
    let error = pods.exec("pair", ["date"]).output().await.expect_err("none is chosen");
    assert!(error.is_bad_request() && error.to_string().contains("choose one of: [sidecar app]"), "{error}");
    let error = pods.log("pair").await.expect_err("none is chosen");
    assert!(error.is_bad_request() && error.to_string().contains("choose one of: [sidecar app]"), "{error}");
}

#[tokio::test]
async fn an_annotation_that_names_no_container_is_the_servers_refusal_of_that_name() {
    let Some(bed) = kubelet_or_skip() else { return };
    let pods = pods(&client(bed.kubeconfig()), "default-container-gone", Some("gone")).await;
    let error = pods.exec("pair", ["date"]).output().await.expect_err("not there");
    assert!(error.is_bad_request() && error.to_string().contains("container gone is not valid"), "{error}");
    let source = std::error::Error::source(&error).expect("a source").to_string();
    assert!(source.contains(ANNOTATION), "{source}");
}
