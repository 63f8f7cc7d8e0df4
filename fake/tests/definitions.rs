//! The end of a definition.
#![cfg(feature = "latest")]
#![allow(missing_docs)]

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright::prelude::*;
use kubewright::transport::Body;
use kubewright_fake::FakeCluster;
use serde_json::{Value, json};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const DEFINITION: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com";
const THINGS: &str = "/apis/example.com/v1/namespaces/default/things";

fn definition() -> Value {
    let schema = json!({ "openAPIV3Schema": { "type": "object" } });
    json!({
        "metadata": { "name": "things.example.com" },
        "spec": {
            "group": "example.com", "scope": "Namespaced", "names": { "plural": "things", "kind": "Thing" },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": schema }],
        },
    })
}

fn thing(name: &str, finalizers: &Value) -> Value {
    json!({ "apiVersion": "example.com/v1", "kind": "Thing", "metadata": { "name": name, "finalizers": finalizers } })
}

async fn send(client: &Client, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let media_type = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
    let request = Request::builder().method(method).uri(path).header("content-type", media_type);
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let response = client.send(request.body(body).expect("a request")).await.expect("an answer");
    let code = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (code, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn a_definition_goes_with_its_last_object_and_leaves_none() {
    let cluster = FakeCluster::builder().build().expect("a cluster");
    let client = cluster.client();
    send(&client, Method::POST, DEFINITIONS, Some(definition())).await;
    for (name, finalizers) in [("free", json!([])), ("kept", json!(["example.com/kept"]))] {
        let (code, made) = send(&client, Method::POST, THINGS, Some(thing(name, &finalizers))).await;
        assert_eq!(code, 201, "{made}");
    }
    let watch = Request::get(format!("{THINGS}?watch=true")).body(Body::empty()).expect("a request");
    let mut events = client.send(watch).await.expect("a watch").into_body();

    let (code, marked) = send(&client, Method::DELETE, DEFINITION, None).await;
    assert_eq!((code, &marked["kind"]), (200, &json!("CustomResourceDefinition")));
    let (_, left) = send(&client, Method::GET, DEFINITION, None).await;
    assert_eq!(left["metadata"]["finalizers"], json!(["customresourcecleanup.apiextensions.k8s.io"]));
    let (code, refused) = send(&client, Method::POST, THINGS, Some(thing("late", &json!([])))).await;
    assert_eq!(code, 403, "{refused}");

    let free = json!({ "metadata": { "finalizers": null } });
    send(&client, Method::PATCH, &format!("{THINGS}/kept"), Some(free)).await;
    assert_eq!(send(&client, Method::GET, DEFINITION, None).await.0, 404);
    assert_eq!(send(&client, Method::GET, THINGS, None).await.0, 404);
    let mut text = String::new();
    while text.matches("DELETED").count() < 2 {
        let more = events.frame().await.expect("an event").expect("bytes").into_data().unwrap_or_default();
        text.push_str(&String::from_utf8_lossy(&more));
    }

    send(&client, Method::POST, DEFINITIONS, Some(definition())).await;
    let (code, list) = send(&client, Method::GET, THINGS, None).await;
    assert_eq!((code, &list["items"]), (200, &json!([])), "a new definition begins without objects");
}

#[tokio::test]
async fn namespaces_of_the_server_stay() {
    let client = FakeCluster::builder().build().expect("a cluster").client();
    let (code, refused) = send(&client, Method::DELETE, "/api/v1/namespaces/default", None).await;
    assert_eq!(code, 403);
    assert_eq!(refused["message"], "namespaces \"default\" is forbidden: this namespace may not be deleted");
}
