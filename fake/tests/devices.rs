//! Devices in every minor, in the versions that it has.
#![cfg(feature = "latest")]
#![allow(missing_docs)]

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright::prelude::*;
use kubewright::transport::Body;
use kubewright_fake::FakeCluster;
use serde_json::{Value, json};

async fn send(client: &Client, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let response = client.send(request.body(body).expect("a request")).await.expect("an answer");
    let code = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (code, serde_json::from_slice(&body).expect("JSON"))
}

fn client(minor: &str) -> Client {
    FakeCluster::builder().kubernetes(minor).build().expect("a cluster").client()
}

#[tokio::test]
async fn a_claim_wants_one_device_unless_it_says_more_in_every_minor() {
    let spec = json!({ "devices": { "requests": [{ "name": "r", "exactly": { "deviceClassName": "g" } }] } });
    let claim = json!({ "metadata": { "name": "a" }, "spec": spec });
    for minor in ["1.34", "1.35", "1.36", "1.37"] {
        for version in ["v1", "v1beta2"] {
            let path = format!("/apis/resource.k8s.io/{version}/namespaces/{version}/resourceclaims");
            let client = client(minor);
            let namespace = json!({ "metadata": { "name": version } });
            send(&client, Method::POST, "/api/v1/namespaces", Some(namespace)).await;
            let (code, made) = send(&client, Method::POST, &path, Some(claim.clone())).await;
            assert_eq!(code, 201, "{minor} {version}: {made}");
            let request = &made["spec"]["devices"]["requests"][0]["exactly"];
            assert_eq!((&request["count"], &request["allocationMode"]), (&json!(1), &json!("ExactCount")), "{minor}");
            assert_eq!(made["apiVersion"], format!("resource.k8s.io/{version}"), "{minor}");
        }
    }
}

#[tokio::test]
async fn a_rule_of_taints_is_dated_and_read_in_each_version_of_its_minor() {
    let rule = json!({ "metadata": { "name": "a" }, "spec": { "taint": { "key": "k", "effect": "NoExecute" } } });
    for (minor, versions) in [
        ("1.34", &["v1alpha3"][..]),
        ("1.35", &["v1alpha3"]),
        ("1.36", &["v1beta2", "v1alpha3"]),
        ("1.37", &["v1", "v1beta2", "v1alpha3"]),
    ] {
        for sent_in in versions {
            let client = client(minor);
            let path = |version: &str| format!("/apis/resource.k8s.io/{version}/devicetaintrules");
            let (code, made) = send(&client, Method::POST, &path(sent_in), Some(rule.clone())).await;
            assert_eq!(code, 201, "{minor} {sent_in}: {made}");
            assert!(made["spec"]["taint"]["timeAdded"].is_string(), "{minor}: {made}");
            for read_in in versions {
                let (code, read) = send(&client, Method::GET, &format!("{}/a", path(read_in)), None).await;
                assert_eq!((code, &read["spec"]), (200, &made["spec"]), "{minor} {sent_in} {read_in}");
                assert_eq!(read["apiVersion"], format!("resource.k8s.io/{read_in}"), "{minor}");
            }
        }
    }
}

#[tokio::test]
async fn what_has_other_fields_is_not_served() {
    for (minor, path) in [
        ("1.37", "resource.k8s.io/v1beta1/resourceclaims"),
        ("1.35", "scheduling.k8s.io/v1alpha1/workloads"),
        ("1.36", "scheduling.k8s.io/v1alpha2/podgroups"),
    ] {
        let (code, answer) = send(&client(minor), Method::GET, &format!("/apis/{path}"), None).await;
        assert_eq!(code, 501, "{minor} {path}: {answer}");
    }
}
