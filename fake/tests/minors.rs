//! What the API servers of some minors do otherwise than newer ones.
#![allow(missing_docs)]

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright::prelude::*;
use kubewright::transport::Body;
use kubewright_fake::FakeCluster;
use serde_json::{Value, json};

fn client(minor: &str) -> Client {
    FakeCluster::builder().kubernetes(minor).build().expect("a cluster").client()
}

async fn create(client: &Client, path: &str, object: &Value) -> Value {
    let request = Request::builder().method(Method::POST).uri(path).header("content-type", "application/json");
    let request = request.body(Body::from(object.to_string())).expect("a request");
    let body = client.send(request).await.expect("an answer").into_body().collect().await.expect("a body").to_bytes();
    serde_json::from_slice(&body).expect("JSON")
}

#[tokio::test]
async fn a_range_of_addresses_has_the_status_that_it_is_created_with_before_1_36() {
    let range = json!({
        "metadata": { "name": "a" }, "spec": { "cidrs": ["192.168.7.0/24"] },
        "status": { "conditions": [{
            "type": "Ready", "status": "False", "reason": "r", "message": "", "lastTransitionTime": "2024-05-06T07:08:09Z",
        }] },
    });
    for (minor, is_kept) in [("1.34", true), ("1.35", true), ("1.36", false), ("1.37", false)] {
        let created = create(&client(minor), "/apis/networking.k8s.io/v1/servicecidrs", &range).await;
        assert_eq!(created["metadata"]["name"], "a", "{minor}: {created}");
        assert_eq!(created["status"]["conditions"].is_array(), is_kept, "{minor}: {created}");
    }
}

#[tokio::test]
async fn a_priority_level_without_a_type_is_refused_in_the_words_of_the_minor() {
    let level = json!({ "metadata": { "name": "a" }, "spec": {} });
    let unknown = "Unsupported value: \"\": supported values: \"Exempt\", \"Limited\"";
    for (minor, why) in [("1.34", unknown), ("1.35", unknown), ("1.36", "Required value"), ("1.37", "Required value")] {
        let path = "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations";
        let refused = create(&client(minor), path, &level).await;
        assert_eq!(refused["details"]["causes"][0]["message"], why, "{minor}: {refused}");
    }
}

#[tokio::test]
async fn a_priority_level_of_another_type_is_refused_with_a_reason_before_1_37() {
    let level = json!({ "metadata": { "name": "a" }, "spec": { "type": "Limited" } });
    let reason = "Required value: must not be empty when type is Limited";
    for (minor, why) in [("1.36", reason), ("1.37", "Required value")] {
        let path = "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations";
        let refused = create(&client(minor), path, &level).await;
        assert_eq!(refused["details"]["causes"][0]["message"], why, "{minor}: {refused}");
    }
}
