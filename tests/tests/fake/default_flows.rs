//! The flow schemas and priority levels that every cluster has.

use std::fs;
use std::time::Duration;

use http::Request;
use http_body_util::BodyExt as _;
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use serde_json::{Value, json};

const DEFAULT_FLOWS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fake/defaults/flows-v1.37.json");

/// Compares those that the fake has with those of a new cluster, or writes them.
pub async fn compare(client: &Client) {
    // The file says of each schema that its level exists, which a real server does a little later.
    let mut objects = read(client).await;
    while objects.iter().any(|object| object["kind"] == "FlowSchema" && object["status"]["conditions"].is_null()) {
        tokio::time::sleep(Duration::from_millis(100)).await;
        objects = read(client).await;
    }
    // One in a line.
    let lines: Vec<String> = objects.iter().map(Value::to_string).collect();
    let text = format!("[\n{}\n]\n", lines.join(",\n"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(DEFAULT_FLOWS, &text).expect("written");
    }
    let present = fs::read_to_string(DEFAULT_FLOWS).unwrap_or_default();
    assert!(text == present, "{DEFAULT_FLOWS} is outdated: run this test with UPDATE_GOLDEN=1");
}

/// Those of a server, without what differs from cluster to cluster.
async fn read(client: &Client) -> Vec<Value> {
    let mut objects = Vec::new();
    for (plural, kind) in [("flowschemas", "FlowSchema"), ("prioritylevelconfigurations", "PriorityLevelConfiguration")]
    {
        let path = format!("/apis/flowcontrol.apiserver.k8s.io/v1/{plural}");
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let body = client.send(request).await.expect("an answer").into_body().collect().await.expect("a body");
        let list: Value = serde_json::from_slice(&body.to_bytes()).expect("JSON");
        for object in list["items"].as_array().into_iter().flatten() {
            let mut object = object.clone();
            (object["apiVersion"], object["kind"]) = (json!("flowcontrol.apiserver.k8s.io/v1"), json!(kind));
            let without = |fields: &mut Value, names: &[&str]| {
                fields.as_object_mut().expect("an object").retain(|name, _| !names.contains(&name.as_str()));
            };
            without(&mut object["metadata"], &["creationTimestamp", "resourceVersion", "uid"]);
            for manager in object["metadata"]["managedFields"].as_array_mut().into_iter().flatten() {
                without(manager, &["time"]);
            }
            for condition in
                object.pointer_mut("/status/conditions").and_then(Value::as_array_mut).into_iter().flatten()
            {
                without(condition, &["lastTransitionTime"]);
            }
            objects.push(object);
        }
    }
    objects
}
