//! What is there from the start.
#![allow(missing_docs)]

use kubewright_fake::FakeCluster;
use serde_json::json;

#[test]
fn an_object_that_can_not_be_there_says_why() {
    let pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "a" }, "spec": { "containers": [] } });
    let error = FakeCluster::builder().with(pod).build().expect_err("a pod without containers").to_string();
    assert!(error.contains(r#"Pod "a" is invalid: spec.containers: Required value"#), "{error}");
}

#[test]
fn a_namespace_comes_before_what_is_in_it() {
    let map = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a", "namespace": "shop" } });
    let namespace = json!({ "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": "shop" } });
    let error = FakeCluster::builder().with(map.clone()).build().expect_err("no namespace").to_string();
    assert!(error.contains("404 Not Found: namespaces \"shop\" not found"), "{error}");
    FakeCluster::builder().with(namespace).with(map).build().expect("a cluster");
}
