//! OpenAPI v2 of the fake API server, which it makes from v3, is that of a real one.
#![allow(missing_docs)]

use http::{Request, Response};
use http_body_util::BodyExt as _;
use kubewright_fake::FakeCluster;
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use kubewright_testbed::{Cluster, Options, or_skip};
use kubewright_tests::client;
use serde_json::{Map, Value, json};

const PROTOBUF: &str = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

const KINDS: &str = "x-kubernetes-group-version-kind";

async fn read(client: &Client, headers: &[(&str, &str)]) -> (Response<()>, Vec<u8>) {
    let request =
        headers.iter().fold(Request::get("/openapi/v2"), |request, (name, value)| request.header(*name, *value));
    let response = client.send(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    let (head, body) = response.into_parts();
    (Response::from_parts(head, ()), body.collect().await.expect("a body").to_bytes().to_vec())
}

fn fake() -> Client {
    FakeCluster::builder().with(definition()).build().expect("a cluster").client()
}

/// A kind whose schema has what v2 has not.
fn definition() -> Value {
    let properties = json!({
        "plain": { "type": "string", "default": "x", "enum": ["x", "y"], "pattern": "^[xy]$", "maxLength": 3 },
        "nullable": { "type": "array", "nullable": true, "items": { "type": "string" } },
        "either": { "x-kubernetes-int-or-string": true, "anyOf": [{ "type": "integer" }, { "type": "string" }] },
        "unknown": { "type": "object", "x-kubernetes-preserve-unknown-fields": true, "properties": { "a": { "type": "string" } } },
        "map": { "type": "object", "additionalProperties": { "type": "integer", "format": "int32", "minimum": 1 } },
        "list": { "type": "array", "x-kubernetes-list-type": "set", "items": { "type": "number" } },
        "checked": { "type": "object", "properties": { "a": { "type": "integer" } }, "required": ["a"], "not": { "required": ["b"] } },
    });
    let spec = json!({ "type": "object", "properties": properties, "required": ["plain", "nullable"] });
    let schema = json!({ "openAPIV3Schema": { "type": "object", "properties": { "spec": spec } } });
    let any = json!({ "openAPIV3Schema": { "type": "object", "x-kubernetes-preserve-unknown-fields": true } });
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": { "name": "things.openapi.example.com" },
        "spec": {
            "group": "openapi.example.com",
            "scope": "Namespaced",
            "names": { "kind": "Thing", "plural": "things" },
            "versions": [
                { "name": "v1", "served": true, "storage": true, "schema": schema, "subresources": { "status": {} } },
                { "name": "v2", "served": true, "storage": false, "schema": any },
            ],
        },
    })
}

/// A schema without descriptions, which the fake has of custom resources alone.
fn bare(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, value)| *name != "description" || !value.is_string());
            Value::Object(kept.map(|(name, value)| (name.clone(), bare(value))).collect())
        }
        Value::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}

/// Of a path, what kubectl reads: which patches it takes, of which kind, and with which parameters.
fn patch(document: &Value, item: &Value) -> Value {
    let named = |parameter: &Value| {
        let shared = parameter["$ref"].as_str().and_then(|path| path.strip_prefix("#/parameters/"));
        shared.map_or(parameter, |name| &document["parameters"][name])["name"].clone()
    };
    let mut names: Vec<Value> = item["patch"]["parameters"].as_array().into_iter().flatten().map(named).collect();
    names.retain(|name| name != "pretty");
    names.sort_by_key(Value::to_string);
    json!({ "consumes": item["patch"]["consumes"], "kind": item["patch"][KINDS], "parameters": names })
}

fn patches(document: &Value) -> Map<String, Value> {
    let paths = document["paths"].as_object().expect("paths").iter();
    paths
        .filter(|(_, item)| item["patch"].is_object())
        .map(|(path, item)| (path.clone(), patch(document, item)))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn definitions_and_patches_are_those_of_a_real_server() {
    let options = Options { everything: false, nodes: 0, ..Options::default() };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let real = client(cluster.kubeconfig());
    let crds = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    let created = Request::post(crds).header("content-type", "application/json");
    let created = created.body(Body::from(definition().to_string())).expect("a request");
    assert_eq!(real.send(created).await.expect("an answer").status(), 201);
    let ours: Value = serde_json::from_slice(&read(&fake(), &[]).await.1).expect("JSON");
    // A real server publishes a kind a little later.
    let theirs = loop {
        let theirs: Value = serde_json::from_slice(&read(&real, &[]).await.1).expect("JSON");
        if theirs["definitions"].get("com.example.openapi.v2.Thing").is_some() {
            break theirs;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    };
    let mut differences = String::new();
    let mut compare = |what: &str, name: &str, ours: &Value, theirs: &Value| {
        if ours != theirs {
            differences.push_str(&format!("\n{what} {name}:\nfake: {ours}\nreal: {theirs}\n"));
        }
    };
    for (name, theirs) in theirs["definitions"].as_object().expect("definitions") {
        let (mut ours, mut theirs) = (bare(&ours["definitions"][name]), bare(theirs));
        match name.rsplit('.').next() {
            // What `/version` answers: it is in no group, and so in no document.
            Some("Info") => continue,
            // These are of all groups, of which some have no document.
            Some("DeleteOptions" | "WatchEvent") => {
                let kinds = [&mut ours, &mut theirs].map(|schema| schema[KINDS].take());
                let missing = |kind: &Value| !kinds[1].as_array().is_some_and(|all| all.contains(kind));
                assert!(!kinds[0].as_array().expect("kinds").iter().any(missing), "{kinds:?}");
            }
            _ => {}
        }
        compare("definition", name, &ours, &theirs);
    }
    let (ours, theirs) = (patches(&ours), patches(&theirs));
    for (path, theirs) in &theirs {
        compare("path", path, ours.get(path).unwrap_or(&Value::Null), theirs);
    }
    assert!(differences.is_empty(), "{differences}");
}

#[tokio::test]
async fn the_document_has_a_tag_and_comes_in_the_form_that_is_accepted() {
    let client = fake();
    let (json, text) = read(&client, &[]).await;
    let tag = json.headers()["etag"].to_str().expect("text").to_owned();
    let (protobuf, bytes) = read(&client, &[("accept", PROTOBUF)]).await;
    assert_eq!(protobuf.headers()["content-type"], "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
    assert_eq!(protobuf.headers()["etag"], tag.as_str());
    // The version, as the field 1 of the document.
    assert!(bytes.windows(5).any(|window| window == b"\x0a\x032.0"));
    assert!(serde_json::from_slice::<Value>(&text).is_ok() && serde_json::from_slice::<Value>(&bytes).is_err());
    let (known, body) = read(&client, &[("if-none-match", &tag)]).await;
    assert_eq!((known.status().as_u16(), body.len()), (304, 0));
    let (other, _) = read(&client, &[("accept", "text/html")]).await;
    assert_eq!(other.status(), 406);
}
