//! What is in the containers of pods, as far as there is none: logs, commands, ports.

use http::Method;
use serde_json::{Value, json};

use super::Scenario;

fn pod(name: &str, containers: &[&str]) -> Value {
    let containers: Vec<Value> = containers.iter().map(|name| json!({ "name": name, "image": "nginx:1" })).collect();
    let init = json!([{ "name": "before", "image": "nginx:1" }]);
    json!({ "metadata": { "name": name }, "spec": { "initContainers": init, "containers": containers } })
}

pub const SCENARIOS: &[Scenario] = &[
    ("a log of a pod that no node has is empty", |s| {
        s.create("pods", pod("a", &["c"]));
        s.get("pods/a/log");
        s.get("pods/a/log?container=c&follow=true&timestamps=1&previous=false&tailLines=0");
        s.get("pods/a/log?container=before&sinceTime=2026-01-01T00:00:00.5%2B01:00");
        s.accept("pods/a/log", "*/*");
        s.accept("pods/a/log", "application/vnd.kubernetes.protobuf");
    }),
    ("the log of which container has to be said", |s| {
        s.create("pods", pod("a", &["c", "d"]));
        s.get("pods/a/log");
        s.get("pods/a/log?container=");
        s.get("pods/a/log?container=e");
        s.get("pods/a/log?container=before");
        s.get("pods/absent/log");
        s.get("pods/a/log/more");
        s.create("pods/a/log", json!({}));
        s.send(Method::PUT, "pods/a/log", "application/json", json!({}));
    }),
    ("parameters of logs are checked before the pod is looked for", |s| {
        s.get("pods/absent/log?tailLines=-1&limitBytes=0&sinceSeconds=0");
        s.get("pods/absent/log?sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z");
        s.get("pods/absent/log?stream=All");
        s.get("pods/absent/log?stream=");
        s.get("pods/absent/log?tailLines=few");
        s.get("pods/absent/log?sinceTime=yesterday");
        s.get("pods/absent/log?sinceSeconds=0&sinceTime=");
    }),
    ("commands and ports of a pod that no node has", |s| {
        s.create("pods", pod("a", &["c", "d"]));
        for subresource in ["exec", "attach"] {
            s.get(&format!("pods/a/{subresource}?stdout=1"));
            s.get(&format!("pods/a/{subresource}?container=e"));
            s.get(&format!("pods/a/{subresource}?container=before"));
            s.get(&format!("pods/absent/{subresource}?container=c"));
            s.create(&format!("pods/a/{subresource}?container=c"), json!({}));
            s.send(Method::PUT, &format!("pods/a/{subresource}"), "application/json", json!({}));
        }
        s.get("pods/a/portforward");
        s.get("pods/absent/portforward?ports=80");
        s.create("pods/a/portforward", json!({}));
    }),
];
