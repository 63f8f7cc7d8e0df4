//! Amounts that are not calculated with.
#![cfg(feature = "latest")]
#![allow(missing_docs)]

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright::prelude::*;
use kubewright::transport::Body;
use kubewright_fake::FakeCluster;
use serde_json::{Value, json};

async fn send(client: &Client, method: Method, path: &str, body: Value) -> (u16, String) {
    let media_type = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
    let path = format!("/api/v1/namespaces/default/{path}");
    let request = Request::builder().method(method).uri(path).header("content-type", media_type);
    let response =
        client.send(request.body(Body::from(body.to_string())).expect("a request")).await.expect("an answer");
    let code = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (code, String::from_utf8_lossy(&body).into_owned())
}

fn pod(name: &str, memory: &str) -> Value {
    let container = json!({ "name": "c", "image": "x", "resources": { "requests": { "memory": memory } } });
    json!({ "metadata": { "name": name }, "spec": { "containers": [container] } })
}

#[tokio::test]
async fn amounts_beyond_what_is_calculated_with_are_refused_by_name() {
    let client = FakeCluster::builder().build().expect("a cluster").client();
    assert_eq!(send(&client, Method::POST, "pods", pod("a", "2000E")).await.0, 201);
    let (code, said) = send(&client, Method::POST, "pods", pod("b", &"9".repeat(50))).await;
    assert_eq!(code, 501, "{said}");
    let hard = json!({ "requests.memory": "9Ei" });
    let quota = json!({ "metadata": { "name": "q" }, "spec": { "hard": hard } });
    send(&client, Method::POST, "resourcequotas", quota).await;
    let status = json!({ "status": { "hard": hard, "used": { "requests.memory": "0" } } });
    send(&client, Method::PATCH, "resourcequotas/q/status", status).await;
    let (code, said) = send(&client, Method::POST, "pods", pod("c", "2000E")).await;
    assert!(code == 501 && said.contains("an amount of 2000E of memory in a namespace with the quota q"), "{said}");
    assert_eq!(send(&client, Method::POST, "pods", pod("d", "20E")).await.0, 403);
    assert_eq!(send(&client, Method::POST, "pods", pod("e", "8Ei")).await.0, 201);
}

#[tokio::test]
async fn amounts_that_a_server_takes_for_others_are_refused_where_there_is_a_range() {
    let client = FakeCluster::builder().build().expect("a cluster").client();
    let limits = json!([{ "type": "Container", "min": { "memory": "1" } }]);
    send(&client, Method::POST, "limitranges", json!({ "metadata": { "name": "r" }, "spec": { "limits": limits } }))
        .await;
    let (code, said) = send(&client, Method::POST, "pods", pod("a", "12E")).await;
    assert!(code == 501 && said.contains("an amount of 12E of memory in a namespace with limit ranges"), "{said}");
}
