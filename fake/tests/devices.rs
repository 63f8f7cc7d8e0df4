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
async fn a_claim_has_the_fields_of_the_version_that_it_is_read_in() {
    for minor in ["1.34", "1.35", "1.36", "1.37"] {
        let client = client(minor);
        let path = |version: &str| format!("/apis/resource.k8s.io/{version}/namespaces/default/resourceclaims");
        let request = json!({ "name": "r", "deviceClassName": "c", "allocationMode": "ExactCount", "count": 1 });
        let claim = json!({ "metadata": { "name": "a" }, "spec": { "devices": { "requests": [request] } } });
        let (code, made) = send(&client, Method::POST, &path("v1beta1"), Some(claim)).await;
        assert_eq!((code, &made["spec"]["devices"]["requests"][0]), (201, &request), "{minor}: {made}");
        let (_, newer) = send(&client, Method::GET, &format!("{}/a", path("v1")), None).await;
        assert_eq!(newer["spec"]["devices"]["requests"][0]["exactly"]["deviceClassName"], "c", "{minor}: {newer}");
    }
}

#[tokio::test]
async fn workloads_and_groups_of_early_versions_are_kept_and_checked() {
    let workload = |groups: &str, policy: &str| {
        let group = json!({ "name": "g", policy: { "gang": { "minCount": 2 } } });
        json!({ "metadata": { "name": "a" }, "spec": { groups: [group] } })
    };
    for (minor, version, workload, policy) in [
        ("1.35", "v1alpha1", workload("podGroups", "policy"), "/spec/podGroups/0/policy"),
        (
            "1.36",
            "v1alpha2",
            workload("podGroupTemplates", "schedulingPolicy"),
            "/spec/podGroupTemplates/0/schedulingPolicy",
        ),
    ] {
        let client = client(minor);
        let path = format!("/apis/scheduling.k8s.io/{version}/namespaces/default/workloads");
        let (code, made) = send(&client, Method::POST, &path, Some(workload.clone())).await;
        assert_eq!((code, made.pointer(policy)), (201, workload.pointer(policy)), "{minor}: {made}");
        let mut wrong = workload;
        *wrong.pointer_mut(policy).expect("a policy") = json!({});
        wrong["metadata"]["name"] = json!("b");
        let (code, refused) = send(&client, Method::POST, &path, Some(wrong)).await;
        assert_eq!(code, 422, "{minor}: {refused}");
        assert_eq!(refused["details"]["causes"].as_array().map(Vec::len), Some(1), "{minor}: {refused}");
    }
    let group = json!({ "metadata": { "name": "a" }, "spec": { "schedulingPolicy": { "basic": {} } } });
    let path = "/apis/scheduling.k8s.io/v1alpha2/namespaces/default/podgroups";
    let (code, made) = send(&client("1.36"), Method::POST, path, Some(group)).await;
    assert_eq!((code, &made["spec"]["disruptionMode"]), (201, &json!("Pod")), "{made}");
    assert!(made["spec"].get("preemptionPolicy").is_none(), "{made}");
}
