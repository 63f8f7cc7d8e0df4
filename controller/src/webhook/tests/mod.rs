//! Webhooks as a service, and served.

mod admission;
mod conversion;
mod review;
mod server;
mod service;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use tower::Service as _;

use super::Webhooks;

/// A response as text.
struct Answered {
    status: u16,
    content_type: String,
    text: String,
}

impl Answered {
    async fn of(response: Response<Full<Bytes>>) -> Self {
        let status = response.status().as_u16();
        let content_type = response.headers()["content-type"].to_str().expect("text").to_owned();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        Self { status, content_type, text: String::from_utf8(body.to_vec()).expect("text") }
    }
}

fn post(uri: &str, body: &Value) -> Request<Full<Bytes>> {
    Request::post(uri).header("content-type", "application/json").body(Full::from(body.to_string())).expect("a request")
}

async fn answered(webhooks: &Webhooks, request: Request<Full<Bytes>>) -> Answered {
    Answered::of(webhooks.clone().call(request).await.expect("infallible")).await
}

/// The response of a review, which has this uid, and the API version and kind of `review`.
async fn respond(webhooks: &Webhooks, uri: &str, review: &Value) -> Value {
    let answered = answered(webhooks, post(uri, review)).await;
    assert_eq!((answered.status, answered.content_type.as_str()), (200, "application/json"), "{}", answered.text);
    let response: Value = serde_json::from_str(&answered.text).expect("JSON");
    assert_eq!((&response["apiVersion"], &response["kind"]), (&review["apiVersion"], &review["kind"]));
    assert_eq!(response["response"]["uid"], review["request"]["uid"]);
    assert_eq!(response.get("request"), None, "the request is not sent back");
    response["response"].clone()
}

/// A review of the creation of an object.
fn creation(object: Value) -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": {"group": "", "version": "v1", "kind": "ConfigMap"},
            "resource": {"group": "", "version": "v1", "resource": "configmaps"},
            "requestKind": {"group": "", "version": "v1", "kind": "ConfigMap"},
            "requestResource": {"group": "", "version": "v1", "resource": "configmaps"},
            "name": "prices",
            "namespace": "shop",
            "operation": "CREATE",
            "userInfo": {"username": "admin", "groups": ["system:authenticated"], "extra": {"scopes": ["a", "b"]}},
            "object": object,
            "oldObject": null,
            "dryRun": false,
            "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1", "fieldManager": "kubectl-create"}
        }
    })
}

/// A review of the deletion of an object.
fn deletion(old: Value) -> Value {
    let mut review = creation(Value::Null);
    review["request"]["operation"] = json!("DELETE");
    review["request"]["oldObject"] = old;
    review
}

fn config_map(data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "prices", "namespace": "shop"}, "data": data})
}
