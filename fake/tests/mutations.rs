//! What mutating policies may make of an object, however odd, is answered.
#![cfg(all(feature = "latest", feature = "cel"))]
#![allow(missing_docs)]

use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use kubewright::prelude::*;
use kubewright::transport::Body;
use kubewright_fake::FakeCluster;
use serde_json::{Value, json};

const POLICIES: &str = "/apis/admissionregistration.k8s.io/v1";
const THINGS: &str = "/apis/example.com/v1/namespaces/default/things";

async fn post(client: &Client, path: &str, body: Value) -> (StatusCode, Value) {
    let request = Request::builder().method(Method::POST).uri(path).header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string())).expect("a request");
    let (parts, body) = client.send(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status, serde_json::from_slice(&body).unwrap_or_default())
}

/// A cluster in which a policy patches the things that are created.
async fn cluster(expression: &str) -> Client {
    let schema = json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true });
    let definition = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": { "name": "things.example.com" },
        "spec": {
            "group": "example.com", "scope": "Namespaced", "names": { "plural": "things", "kind": "Thing" },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": schema } }],
        },
    });
    let client = FakeCluster::builder().with(definition).build().expect("a cluster").client();
    let rule = json!({ "apiGroups": ["example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["things"] });
    let policy = json!({ "metadata": { "name": "p" }, "spec": {
        "reinvocationPolicy": "Never", "matchConstraints": { "resourceRules": [rule] },
        "mutations": [{ "patchType": "JSONPatch", "jsonPatch": { "expression": expression } }],
    } });
    let (code, answer) = post(&client, &format!("{POLICIES}/mutatingadmissionpolicies"), policy).await;
    assert_eq!(code, StatusCode::CREATED, "{answer}");
    let binding = json!({ "metadata": { "name": "b" }, "spec": { "policyName": "p" } });
    let (code, answer) = post(&client, &format!("{POLICIES}/mutatingadmissionpolicybindings"), binding).await;
    assert_eq!(code, StatusCode::CREATED, "{answer}");
    client
}

async fn created(expression: &str) -> (StatusCode, Value) {
    let thing = json!({ "apiVersion": "example.com/v1", "kind": "Thing", "metadata": { "name": "a" } });
    post(&cluster(expression).await, THINGS, thing).await
}

#[tokio::test]
async fn an_object_that_is_none_any_more_is_an_error() {
    for expression in [
        "[JSONPatch{op: 'replace', path: '/metadata', value: 'x'}]",
        "[JSONPatch{op: 'replace', path: '', value: []}]",
        "[JSONPatch{op: 'add', path: '/metadata/labels', value: 'x'}]",
    ] {
        let (code, answer) = created(expression).await;
        assert!(code.is_server_error(), "{expression}: {answer}");
    }
}

#[tokio::test]
async fn an_object_stays_in_its_namespace() {
    let (code, answer) = created("[JSONPatch{op: 'replace', path: '/metadata/namespace', value: 'other'}]").await;
    assert_eq!(code, StatusCode::BAD_REQUEST, "{answer}");
    let (code, answer) = created("[JSONPatch{op: 'remove', path: '/metadata/namespace'}]").await;
    assert_eq!((code, &answer["metadata"]["namespace"]), (StatusCode::CREATED, &json!("default")), "{answer}");
}
