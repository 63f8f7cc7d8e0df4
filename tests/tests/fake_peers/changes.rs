//! Random changes of objects, each of which raises the object's counter by one.

use std::collections::HashMap;

use fastrand::Rng;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright::Client;
use kubewright_runtime::transport::Body;
use serde_json::{Value, json};

/// Widgets: a kind with a default.
pub const CRD: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.peers.example.com}
spec:
  group: peers.example.com
  scope: Namespaced
  names: {kind: Widget, listKind: WidgetList, plural: widgets, singular: widget}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
              size: {type: integer, default: 1}
              tags: {type: array, items: {type: string}}
";

/// A kind whose objects are changed.
pub struct Kind {
    pub name: &'static str,
    pub plural: &'static str,
    api: &'static str,
}

pub const KINDS: [Kind; 3] = [
    Kind { name: "ConfigMap", plural: "configmaps", api: "/api/v1" },
    Kind { name: "Pod", plural: "pods", api: "/api/v1" },
    Kind { name: "Widget", plural: "widgets", api: "/apis/peers.example.com/v1" },
];

/// How many names of each kind there are.
const NAMES: u64 = 100;

impl Kind {
    /// The path of its objects.
    pub fn path(&self) -> String {
        format!("{}/namespaces/default/{}", self.api, self.plural)
    }

    fn object(&self, name: &str) -> Value {
        let metadata = json!({ "name": name, "annotations": { "counter": "0" }, "labels": { "app": "peers" } });
        let version = self.api.trim_start_matches("/apis/").trim_start_matches("/api/");
        let mut object = json!({ "apiVersion": version, "kind": self.name, "metadata": metadata });
        match self.name {
            "ConfigMap" => object["data"] = json!({ "text": "Grüße, \"world\"\n" }),
            "Pod" => object["spec"] = json!({ "containers": [{ "name": "web", "image": "nginx:1.31" }] }),
            _ => object["spec"] = json!({ "tags": ["a", "b"] }),
        }
        object
    }
}

/// Makes changes.
pub struct Changes {
    client: Client,
    random: Rng,
    /// The counters of the objects that there are.
    counters: HashMap<(usize, u64), u64>,
    made: u64,
    deleted_pods: u64,
}

impl Changes {
    pub fn new(client: Client, seed: u64) -> Self {
        Self { client, random: Rng::with_seed(seed), counters: HashMap::new(), made: 0, deleted_pods: 0 }
    }

    /// How many were made.
    pub fn made(&self) -> u64 {
        self.made
    }

    /// How many of them were deletions of pods: a pod is marked before it is deleted, and there is an event for both.
    pub fn deleted_pods(&self) -> u64 {
        self.deleted_pods
    }

    /// Makes this many changes.
    pub async fn make(&mut self, count: u64) {
        for _ in 0..count {
            self.make_one().await;
        }
        self.made += count;
    }

    async fn make_one(&mut self) {
        let (index, number) = (self.random.usize(..KINDS.len()), self.random.u64(..NAMES));
        let (kind, name) = (&KINDS[index], format!("object-{number}"));
        let path = kind.path();
        let Some(counter) = self.counters.get_mut(&(index, number)) else {
            self.send(Method::POST, &path, "application/json", &kind.object(&name)).await;
            self.counters.insert((index, number), 0);
            return;
        };
        let path = format!("{path}/{name}");
        if self.random.u8(..) < 20 {
            self.counters.remove(&(index, number));
            self.deleted_pods += u64::from(kind.name == "Pod");
            self.send(Method::DELETE, &path, "application/json", &json!({})).await;
            return;
        }
        *counter += 1;
        let counter = *counter;
        let metadata = json!({ "annotations": { "counter": counter.to_string() } });
        let text = "x".repeat(self.random.usize(..2_000));
        let (subresource, patch) = match (kind.name, self.random.u8(..3)) {
            ("ConfigMap", 0) => ("", json!({ "metadata": metadata, "data": { "text": text } })),
            ("Widget", 0) => ("", json!({ "metadata": metadata, "spec": { "size": counter, "tags": null } })),
            // That of a custom resource would leave the counter alone.
            ("Pod", 0) => ("/status", json!({ "metadata": metadata, "status": { "message": text } })),
            _ => ("", json!({ "metadata": metadata })),
        };
        self.send(Method::PATCH, &format!("{path}{subresource}"), "application/merge-patch+json", &patch).await;
    }

    async fn send(&self, method: Method, path: &str, media_type: &str, body: &Value) {
        let request = Request::builder().method(method.clone()).uri(path).header("content-type", media_type);
        let request = request.body(Body::from(body.to_string())).expect("a request");
        let (parts, body) = self.client.send(request).await.expect("an answer").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        assert!(parts.status.is_success(), "{method} {path}: {}", String::from_utf8_lossy(&body));
    }
}
