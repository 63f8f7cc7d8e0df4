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

#[test]
fn an_object_of_no_kind_and_a_definition_that_is_none_say_so() {
    let map = |fields: serde_json::Value| FakeCluster::builder().with(fields).build().expect_err("no kind").to_string();
    let error = map(json!({ "kind": "ConfigMap", "metadata": { "name": "a" } }));
    assert_eq!(error, "cannot create the object \"a\": it has no apiVersion");
    let error = map(json!({ "apiVersion": "v1", "metadata": { "name": "a" } }));
    assert_eq!(error, "cannot create the object \"a\": it has no kind");
    for text in ["", "---\n# nothing\n"] {
        let error = FakeCluster::builder().crd(text).expect_err("no definition").to_string();
        assert!(error.contains("there is none in the text"), "{error}");
    }
}
