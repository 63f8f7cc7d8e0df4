//! Names of definitions: what one of a group has, another does not get, on a real server and on the fake.
#![cfg(feature = "latest")]
#![allow(missing_docs)]

use std::time::Duration;

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright_fake::FakeCluster;
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use kubewright_testbed::shared_or_skip;
use kubewright_tests::client;
use serde_json::{Value, json};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

async fn send(client: &Client, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
    let media_type = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
    let request = Request::builder().method(method).uri(path).header("content-type", media_type);
    let request = request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).expect("a request");
    let (parts, body) = client.send(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status.as_u16(), serde_json::from_slice(&body).unwrap_or_default())
}

fn definition(group: &str, plural: &str, kind: &str, short: &[&str]) -> Value {
    let schema = json!({ "openAPIV3Schema": { "type": "object" } });
    json!({
        "metadata": { "name": format!("{plural}.{group}") },
        "spec": {
            "group": group, "scope": "Namespaced",
            "names": { "plural": plural, "kind": kind, "shortNames": short, "categories": ["all"] },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": schema }],
        },
    })
}

/// The names and conditions of a definition, once it has what is waited for.
async fn status(client: &Client, name: &str, has: impl Fn(&Value) -> bool) -> Value {
    let path = format!("{DEFINITIONS}/{name}");
    for _ in 0..300 {
        let (_, found) = send(client, Method::GET, &path, None).await;
        let mut status = found["status"].clone();
        if has(&status) {
            for condition in status["conditions"].as_array_mut().into_iter().flatten() {
                condition["lastTransitionTime"] = json!("{time}");
            }
            return json!({ "names": status["acceptedNames"], "conditions": status["conditions"] });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{name} has not got there")
}

fn condition(status: &Value, kind: &str, wanted: &str) -> bool {
    let mut all = status["conditions"].as_array().into_iter().flatten();
    all.any(|condition| condition["type"] == kind && condition["status"] == wanted)
}

/// The names of the resources of the group, once one is served or not.
async fn served(client: &Client, group: &str, plural: &str, is_served: bool) -> Vec<Value> {
    for _ in 0..300 {
        let (_, list) = send(client, Method::GET, &format!("/apis/{group}/v1"), None).await;
        let names: Vec<Value> =
            list["resources"].as_array().into_iter().flatten().map(|one| one["name"].clone()).collect();
        if names.contains(&json!(plural)) == is_served {
            return names;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{plural} of {group}: not {is_served}")
}

/// What a server says of definitions whose names collide.
async fn run(client: &Client, group: &str) -> Vec<Value> {
    let mut seen = Vec::new();
    let create = async |definition: Value| {
        let (code, body) = send(client, Method::POST, DEFINITIONS, Some(&definition)).await;
        assert_eq!(code, 201, "{body}");
    };
    let established = |status: &Value| condition(status, "Established", "True");
    let refused = |status: &Value| condition(status, "NamesAccepted", "False");
    create(definition(group, "firsts", "First", &["ft", "fx"])).await;
    seen.push(status(client, &format!("firsts.{group}"), established).await);
    // The short names and the kind are taken.
    create(definition(group, "seconds", "Second", &["ft", "sd", "fx"])).await;
    seen.push(status(client, &format!("seconds.{group}"), refused).await);
    create(definition(group, "thirds", "First", &[])).await;
    seen.push(status(client, &format!("thirds.{group}"), refused).await);
    create(definition(group, "ft", "Fourth", &[])).await;
    seen.push(status(client, &format!("ft.{group}"), refused).await);
    seen.push(json!(served(client, group, "seconds", false).await));
    let (code, _) = send(client, Method::GET, &format!("/apis/{group}/v1/seconds"), None).await;
    seen.push(json!(code));
    // Another group has names of its own.
    create(definition(&format!("other.{group}"), "firsts", "First", &["ft"])).await;
    seen.push(status(client, &format!("firsts.other.{group}"), established).await);
    // An established one that wants a name that is taken keeps those that it has.
    create(definition(group, "fifths", "Fifth", &["fi"])).await;
    seen.push(status(client, &format!("fifths.{group}"), established).await);
    let wanted = json!({ "spec": { "names": { "shortNames": ["fi", "ft"] } } });
    let (code, _) = send(client, Method::PATCH, &format!("{DEFINITIONS}/fifths.{group}"), Some(&wanted)).await;
    assert_eq!(code, 200);
    seen.push(status(client, &format!("fifths.{group}"), refused).await);
    let free = json!({ "spec": { "names": { "shortNames": ["fi", "fj"], "categories": ["few"] } } });
    send(client, Method::PATCH, &format!("{DEFINITIONS}/fifths.{group}"), Some(&free)).await;
    seen.push(status(client, &format!("fifths.{group}"), |status| condition(status, "NamesAccepted", "True")).await);
    // The names of one that goes are free.
    for name in [format!("ft.{group}"), format!("firsts.{group}")] {
        assert_eq!(send(client, Method::DELETE, &format!("{DEFINITIONS}/{name}"), None).await.0, 200);
    }
    for name in ["seconds", "thirds"] {
        seen.push(status(client, &format!("{name}.{group}"), established).await);
        served(client, group, name, true).await;
    }
    for name in ["seconds", "thirds", "fifths"] {
        send(client, Method::DELETE, &format!("{DEFINITIONS}/{name}.{group}"), None).await;
    }
    send(client, Method::DELETE, &format!("{DEFINITIONS}/firsts.other.{group}"), None).await;
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_are_taken_are_not_accepted() {
    let fake = FakeCluster::builder().build().expect("a cluster").client();
    let group = format!("names-{:08x}.example.com", fastrand::u32(..));
    let ours = run(&fake, &group).await;
    assert!(ours[1]["conditions"][0]["message"].as_str().is_some_and(|said| said.contains("already in use")));
    let Some(cluster) = shared_or_skip() else { return };
    let theirs = run(&client(cluster.kubeconfig()), &group).await;
    for (index, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        assert_eq!(ours, theirs, "{index}");
    }
}
