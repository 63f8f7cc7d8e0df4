//! The fake API server lets users do what a real one lets them do, and refuses the rest in its words: each scenario is run
//! against both, and every answer compared.
//!
//! `UPDATE_GOLDEN=1` writes the default roles, `fake/defaults/rbac-v1.37.json`.
#![cfg(feature = "latest")]
#![allow(missing_docs)]

#[path = "fake/access.rs"]
mod access;
#[path = "fake/masks.rs"]
mod masks;
#[path = "fake/steps.rs"]
#[allow(dead_code)]
mod steps;

use std::fmt::Write as _;
use std::fs;

use access::{IMPERSONATION, Scenario};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use kubewright_fake::FakeCluster;
use kubewright_runtime::Client;
use kubewright_runtime::config::Credentials;
use kubewright_runtime::transport::Body;
use kubewright_testbed::{Cluster, Options, or_skip};
use kubewright_tests::client;
use serde_json::{Value, json};
use steps::{Answer, Steps};

const DEFAULT_ROLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fake/defaults/rbac-v1.37.json");

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

fn fake() -> FakeCluster {
    FakeCluster::builder().build().expect("a cluster")
}

/// A real cluster with the features that its release has by default, and to which nobody else writes.
fn real() -> Option<Cluster> {
    or_skip(Cluster::start(&Options { everything: false, nodes: 0, ..Options::default() }))
}

async fn send(client: &Client, method: Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
    let mut request = Request::builder().method(method).uri(path);
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    let request = request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).expect("a request");
    let (parts, body) = client.send(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status, serde_json::from_slice(&body).unwrap_or_default())
}

async fn create(client: &Client, path: &str, object: &Value) -> Value {
    let (status, created) = send(client, Method::POST, path, Some(object)).await;
    assert_eq!(status, StatusCode::CREATED, "{path}: {created}");
    created
}

/// Waits until the authorizer of a server knows of all roles and bindings so far: of each kind, the changes come to it in order.
async fn settle(admin: &Client, namespace: &str) {
    let name = format!("{namespace}-last");
    let rules = json!([{ "verbs": ["get"], "apiGroups": ["last.example.com"], "resources": ["lasts"] }]);
    for (place, plural, kind) in [("", "cluster", "ClusterRole"), (&*format!("/namespaces/{namespace}"), "", "Role")] {
        let role = json!({ "metadata": { "name": name }, "rules": rules });
        create(admin, &format!("{RBAC}{place}/{plural}roles"), &role).await;
        let subject = format!("{name}-of-{kind}");
        let binding = json!({
            "metadata": { "name": name }, "roleRef": { "kind": kind, "name": name },
            "subjects": [{ "kind": "User", "name": subject }],
        });
        create(admin, &format!("{RBAC}{place}/{plural}rolebindings"), &binding).await;
        let asked = json!({ "verb": "get", "group": "last.example.com", "resource": "lasts", "namespace": namespace });
        let review = json!({ "spec": { "user": subject, "resourceAttributes": asked } });
        while create(admin, "/apis/authorization.k8s.io/v1/subjectaccessreviews", &review).await["status"]["allowed"]
            != true
        {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

/// Runs a scenario in a namespace that is made for it. The asker is a client whose requests are those of the second half.
async fn run(admin: &Client, asker: &Client, namespace: &str, scenario: &Scenario) -> Vec<(String, Answer)> {
    let (mut setup, mut asked) = (Steps::default(), Steps::default());
    (scenario.1)(&mut setup);
    (scenario.2)(&mut asked);
    asked.is_exact = true;
    for (request, answer) in setup.run(admin, namespace).await {
        assert!(answer.code < 300, "{}: {request}: {answer:?}", scenario.0);
    }
    settle(admin, namespace).await;
    let mut answers = asked.run(asker, namespace).await;
    answers.iter_mut().for_each(|(_, answer)| sort_rules(&mut answer.body));
    answers
}

/// The authorizer has its rules in any order.
fn sort_rules(body: &mut Value) {
    for name in ["resourceRules", "nonResourceRules"] {
        if let Some(Value::Array(rules)) = body.pointer_mut(&format!("/status/{name}")) {
            rules.sort_by_key(Value::to_string);
        }
    }
}

async fn namespace(client: &Client, name: &str) {
    create(client, "/api/v1/namespaces", &json!({ "metadata": { "name": name } })).await;
}

fn compare(differences: &mut String, name: &str, ours: &[(String, Answer)], theirs: &[(String, Answer)]) {
    assert_eq!(ours.len(), theirs.len());
    for ((request, ours), (_, theirs)) in ours.iter().zip(theirs) {
        if ours != theirs {
            let shown = |answer: &Answer| format!("{} {:?} {}", answer.code, answer.warnings, answer.body);
            let _ = writeln!(
                differences,
                "\n== {name}\n   {request}\n   fake: {}\n   real: {}",
                shown(ours),
                shown(theirs)
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_answered_as_by_a_real_server() {
    let Some(cluster) = real() else { return };
    let (fake, real) = (fake().client(), client(cluster.kubeconfig()));
    let mut differences = String::new();
    for (index, scenario) in access::all().enumerate() {
        let name = format!("access-{index}");
        let mut answers = Vec::new();
        for server in [&fake, &real] {
            namespace(server, &name).await;
            answers.push(run(server, server, &name, scenario).await);
        }
        compare(&mut differences, scenario.0, &answers[0], &answers[1]);
    }
    assert!(differences.is_empty(), "{differences}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_act_as_whom_is_as_on_a_real_server() {
    let Some(cluster) = real() else { return };
    let (fake, real) = (fake(), client(cluster.kubeconfig()));
    let name = "impersonation";
    for server in [&fake.client(), &real] {
        namespace(server, name).await;
        create(
            server,
            &format!("/api/v1/namespaces/{name}/serviceaccounts"),
            &json!({ "metadata": { "name": "agent" } }),
        )
        .await;
    }
    let token = create(&real, &format!("/api/v1/namespaces/{name}/serviceaccounts/agent/token"), &json!({})).await;
    let mut config = kubewright_tests::config(cluster.kubeconfig());
    config.client_identity = None;
    config.credentials = Credentials::Token(token["status"]["token"].as_str().expect("a token").into());
    let agent = Client::new(&config).expect("a client");
    let scenario = IMPERSONATION;
    let ours = run(&fake.client(), &fake.as_service_account(name, "agent").client(), name, scenario).await;
    let theirs = run(&real, &agent, name, scenario).await;
    let mut differences = String::new();
    compare(&mut differences, scenario.0, &ours, &theirs);
    assert!(differences.is_empty(), "{differences}");
}

#[tokio::test]
async fn no_scenario_asks_for_what_the_fake_does_not_do() {
    let fake = fake();
    let client = fake.client();
    let scenarios: Vec<&Scenario> = access::all().chain(Some(IMPERSONATION)).collect();
    for (index, scenario) in scenarios.into_iter().enumerate() {
        let name = format!("access-{index}");
        namespace(&client, &name).await;
        for (request, answer) in run(&client, &client, &name, scenario).await {
            assert_ne!(answer.code, 501, "{}: {request}: {}", scenario.0, answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_roles_are_those_of_a_real_server() {
    let Some(cluster) = real() else { return };
    let client = client(cluster.kubeconfig());
    let mut objects = Vec::new();
    for (plural, kind) in [
        ("clusterroles", "ClusterRole"),
        ("roles", "Role"),
        ("clusterrolebindings", "ClusterRoleBinding"),
        ("rolebindings", "RoleBinding"),
    ] {
        let (status, list) = send(&client, Method::GET, &format!("{RBAC}/{plural}"), None).await;
        assert_eq!(status, StatusCode::OK, "{list}");
        for object in list["items"].as_array().into_iter().flatten() {
            let mut object = object.clone();
            (object["apiVersion"], object["kind"]) = (json!("rbac.authorization.k8s.io/v1"), json!(kind));
            if let Some(metadata) = object["metadata"].as_object_mut() {
                metadata.retain(|name, _| !matches!(name.as_str(), "creationTimestamp" | "resourceVersion" | "uid"));
            }
            for manager in object["metadata"]["managedFields"].as_array_mut().into_iter().flatten() {
                manager.as_object_mut().and_then(|manager| manager.remove("time")).expect("a time");
            }
            objects.push(object.to_string());
        }
    }
    // One in a line.
    let text = format!("[\n{}\n]\n", objects.join(",\n"));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(DEFAULT_ROLES, &text).expect("written");
    }
    let present = fs::read_to_string(DEFAULT_ROLES).unwrap_or_default();
    assert!(text == present, "{DEFAULT_ROLES} is outdated: run this test with UPDATE_GOLDEN=1");
}
