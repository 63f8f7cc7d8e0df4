//! A cluster whose objects are read and written in JSON.

use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use kubewright_fake::{Controllers, FakeClock, FakeCluster};
use serde_json::{Value, json};
use tower::Service as _;

pub struct Cluster {
    pub cluster: FakeCluster,
    pub clock: FakeClock,
}

pub const PODS: &str = "/api/v1/namespaces/default/pods";
pub const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";
pub const REPLICA_SETS: &str = "/apis/apps/v1/namespaces/default/replicasets";
pub const JOBS: &str = "/apis/batch/v1/namespaces/default/jobs";
pub const CONFIG_MAPS: &str = "/api/v1/namespaces/default/configmaps";

impl Cluster {
    pub fn new(controllers: Controllers) -> Self {
        Self::with(controllers, &[])
    }

    pub fn with(controllers: Controllers, objects: &[Value]) -> Self {
        let clock = FakeClock::at("2030-01-01T00:00:00Z".parse().expect("a time"));
        let builder = FakeCluster::builder().clock(clock.clone()).controllers(controllers);
        let builder = objects.iter().fold(builder, |builder, object| builder.with(object.clone()));
        Self { cluster: builder.build().expect("a cluster"), clock }
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let media_type = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
        let text = body.map(Value::to_string).unwrap_or_default();
        let request = Request::builder().method(method).uri(path).header("content-type", media_type);
        let request = request.body(Full::new(Bytes::from(text))).expect("a request");
        let response = self.cluster.service().call(request).await.expect("an answer");
        let code = response.status();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (code, serde_json::from_slice(&body).unwrap_or_default())
    }

    pub async fn create(&self, path: &str, object: Value) -> Value {
        let (code, answer) = self.send(Method::POST, path, Some(&object)).await;
        assert_eq!(code, StatusCode::CREATED, "{answer}");
        answer
    }

    pub async fn patch(&self, path: &str, patch: Value) -> Value {
        let (code, answer) = self.send(Method::PATCH, path, Some(&patch)).await;
        assert_eq!(code, StatusCode::OK, "{answer}");
        answer
    }

    pub async fn delete(&self, path: &str, options: Value) -> Value {
        let (code, answer) = self.send(Method::DELETE, path, Some(&options)).await;
        assert_eq!(code, StatusCode::OK, "{answer}");
        answer
    }

    /// An object; `None` if there is none.
    pub async fn find(&self, path: &str) -> Option<Value> {
        let (code, answer) = self.send(Method::GET, path, None).await;
        assert!(code == StatusCode::OK || code == StatusCode::NOT_FOUND, "{answer}");
        (code == StatusCode::OK).then_some(answer)
    }

    pub async fn get(&self, path: &str) -> Value {
        self.find(path).await.unwrap_or_else(|| panic!("no {path}"))
    }

    pub async fn list(&self, path: &str) -> Vec<Value> {
        self.get(path).await["items"].as_array().cloned().unwrap_or_default()
    }

    /// The names of the objects of a list.
    pub async fn names(&self, path: &str) -> Vec<String> {
        self.list(path).await.iter().map(|object| name(object).to_owned()).collect()
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

pub fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

pub fn condition<'v>(object: &'v Value, kind: &str) -> &'v Value {
    let conditions = object["status"]["conditions"].as_array().into_iter().flatten();
    conditions.into_iter().find(|condition| condition["type"] == kind).unwrap_or(&Value::Null)
}

pub fn template(app: &str, image: &str) -> Value {
    json!({
        "metadata": { "labels": { "app": app } },
        "spec": { "containers": [{ "name": app, "image": image, "ports": [{ "name": "http", "containerPort": 8080 }] }] },
    })
}

pub fn deployment(name: &str, replicas: u32) -> Value {
    json!({
        "metadata": { "name": name },
        "spec": { "replicas": replicas, "selector": { "matchLabels": { "app": name } }, "template": template(name, "web:1") },
    })
}

pub fn config_map(name: &str) -> Value {
    json!({ "metadata": { "name": name } })
}

/// A config map that others own.
pub fn owned(name: &str, owners: &[&Value]) -> Value {
    let reference = |owner: &&Value| {
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"], "blockOwnerDeletion": true,
        })
    };
    let owners: Vec<Value> = owners.iter().map(reference).collect();
    json!({ "metadata": { "name": name, "ownerReferences": owners } })
}
