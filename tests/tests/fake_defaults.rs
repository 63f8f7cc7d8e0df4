//! The fake API server's table of defaults that only Go code knows, `fake/defaults/v1.37.json`, is what a real server sets.
//! `UPDATE_GOLDEN=1` writes it.
//!
//! The objects of `tests/fixtures/maximal` and of `fake/defaults.yaml` are sent as dry runs, whole and with each of their
//! fields left out. A field of a schema that is always set to the same value where it was absent goes into the table. One that
//! is set sometimes, or to several values, is listed too: rules in `fake/src/builtin/defaults/rules.rs` set those.
#![cfg(feature = "latest")]
#![allow(missing_docs)]

#[path = "fake/observe.rs"]
mod observe;

use std::fs;
use std::path::{Path, PathBuf};

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright::registry::REGISTRY;
use kubewright_runtime::transport::Body;
use kubewright_runtime::{Client, DynamicObject};
use kubewright_testbed::{Cluster, Options, or_skip};
use kubewright_tests::client;
use observe::{Documents, Observations, leave_out, paths};
use serde_json::{Value, json};

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fake/defaults/v1.37.json");

#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_defaults_is_what_a_real_server_sets() {
    let options = Options { everything: false, nodes: 0, ..Options::default() };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let client = client(cluster.kubeconfig());
    let namespace = json!({ "metadata": { "name": "defaults" } });
    post(&client, "/api/v1/namespaces", &namespace).await.expect("a namespace");
    let documents = Documents::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/v1.37/openapi"));
    let mut observations = Observations::default();
    for object in objects() {
        observe(&client, &documents, &object, &mut observations).await;
    }
    let table = format!("{:#}\n", observations.table());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(TABLE, &table).expect("written");
    }
    let present = fs::read_to_string(TABLE).unwrap_or_default();
    assert!(table == present, "{TABLE} is outdated: run this test with UPDATE_GOLDEN=1");
}

/// Kinds and groups of which the server sets what depends on the caller, the time or the cluster.
const OWN: &[&str] =
    &["Namespace", "Node", "certificates.k8s.io", "resource.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io"];

/// Sends an object, whole and without each of its fields.
async fn observe(client: &Client, documents: &Documents, object: &Value, observations: &mut Observations) {
    let text = |name: &str| object[name].as_str().unwrap_or_default();
    let Some(resource) = REGISTRY.kind(text("apiVersion"), text("kind")) else { return };
    if OWN.contains(&resource.desc.kind) || OWN.contains(&resource.desc.group) {
        return;
    }
    let Some(schema) = documents.of_kind(resource.desc.group, resource.desc.version, resource.desc.kind) else {
        return;
    };
    let root = if resource.desc.group.is_empty() { "/api" } else { "/apis" };
    let place = if resource.desc.namespaced { "namespaces/defaults/" } else { "" };
    let path = format!("{root}/{}/{place}{}?dryRun=All", text("apiVersion"), resource.desc.plural);
    let mut sent = vec![object.clone()];
    sent.extend(paths(object).iter().map(|path| leave_out(object, path)));
    for sent in sent {
        if let Some(answer) = post(client, &path, &sent).await {
            documents.compare(&sent, &answer, schema, observations);
        }
    }
}

/// Creates an object. `None` if it is refused.
async fn post(client: &Client, path: &str, object: &Value) -> Option<Value> {
    let request = Request::builder().method(Method::POST).uri(path).header("content-type", "application/json");
    let request = request.body(Body::from(object.to_string())).expect("a request");
    // A server that panics closes the connection: Kubernetes 1.37.1 does at an indexed job with a success policy, but without
    // completions.
    let response = client.send(request).await.ok()?;
    let is_created = response.status().is_success();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    is_created.then(|| serde_json::from_slice(&body).expect("JSON"))
}

/// The objects, without what the server ignores or compares.
fn objects() -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<PathBuf> = fs::read_dir(folder.join("fixtures/maximal"))
        .expect("fixtures")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| path.to_string_lossy().contains("_v1_") || path.to_string_lossy().contains("_v2_"))
        .collect();
    files.sort();
    files.push(folder.join("tests/fake/defaults.yaml"));
    let mut objects = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a file").replace("NAME", "x").replace("DIGIT", "7");
        let documents: Vec<DynamicObject> =
            kubewright::yaml::from_multiple(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        for document in documents {
            let text = kubewright::json::to_vec(&document).expect("JSON");
            let mut object: Value = serde_json::from_slice(&text).expect("JSON");
            let labels = object["metadata"]["labels"].clone();
            object["metadata"] = json!({ "name": object["metadata"]["name"], "labels": labels });
            if let Value::Object(fields) = &mut object {
                fields.remove("status");
            }
            objects.push(object);
        }
    }
    objects
}
