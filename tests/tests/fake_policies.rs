//! Validating admission policies: the same policies, bindings and requests at a real server and at the fake.
#![cfg(feature = "latest")]
#![allow(missing_docs)]

#[path = "fake/masks.rs"]
mod masks;
#[path = "fake/policies.rs"]
mod policies;
#[path = "fake/policies_of_subresources.rs"]
mod policies_of_subresources;
#[path = "fake/steps.rs"]
#[allow(dead_code)]
mod steps;

use std::time::Duration;

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright_fake::FakeCluster;
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use kubewright_testbed::{Cluster, Options, or_skip};
use kubewright_tests::client;
use policies::{Scenario, binding, policy};
use serde_json::{Value, json};
use steps::{Answer, Steps};

const ROOT: &str = "/apis/admissionregistration.k8s.io/v1";

fn fake() -> Client {
    FakeCluster::builder().build().expect("a cluster").client()
}

async fn send(client: &Client, method: Method, path: &str, body: Option<&Value>) -> u16 {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).expect("a request");
    let (parts, body) = client.send(request).await.expect("an answer").into_parts();
    body.collect().await.expect("a body");
    parts.status.as_u16()
}

/// Waits until the server knows of all policies so far: it learns of them all at once, within seconds.
async fn settle(client: &Client, namespace: &str) {
    let name = format!("{namespace}-last");
    let mut last = policy(json!([{ "expression": "object.metadata.name != 'last'" }]));
    last["metadata"]["name"] = json!(name);
    last["spec"]["matchConstraints"]["resourceRules"][0]["operations"] = json!(["CREATE"]);
    let mut bound = binding("", &["Deny"]);
    (bound["metadata"]["name"], bound["spec"]["policyName"]) = (json!(name), json!(name));
    for object in [&mut last["spec"]["matchConstraints"], &mut bound["spec"]["matchResources"]] {
        object["namespaceSelector"] = json!({ "matchLabels": { "kubernetes.io/metadata.name": namespace } });
    }
    assert_eq!(send(client, Method::POST, &format!("{ROOT}/validatingadmissionpolicies"), Some(&last)).await, 201);
    assert_eq!(
        send(client, Method::POST, &format!("{ROOT}/validatingadmissionpolicybindings"), Some(&bound)).await,
        201
    );
    let probe = json!({ "metadata": { "name": "last" } });
    let path = format!("/api/v1/namespaces/{namespace}/configmaps?dryRun=All");
    let denied = async {
        while send(client, Method::POST, &path, Some(&probe)).await != 422 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), denied).await.expect("the policy holds");
}

fn scenarios() -> impl Iterator<Item = &'static Scenario> {
    policies::SCENARIOS.iter().chain(policies_of_subresources::SCENARIOS)
}

/// Runs a scenario in a namespace that is made for it: first its policies, then its requests.
async fn run(client: &Client, index: usize, scenario: &Scenario) -> Vec<(String, Answer)> {
    let namespace = format!("policies-{index}");
    let made = json!({ "metadata": { "name": namespace, "labels": { "team": "shop" } } });
    assert_eq!(send(client, Method::POST, "/api/v1/namespaces", Some(&made)).await, 201);
    let (mut setup, mut asked) = (Steps::default(), Steps::default());
    (scenario.1)(&mut setup);
    (scenario.2)(&mut asked);
    (setup.is_exact, asked.is_exact) = (true, true);
    let mut answers = setup.run(client, &namespace).await;
    settle(client, &namespace).await;
    answers.extend(asked.run(client, &namespace).await);
    for kind in ["validatingadmissionpolicybindings", "validatingadmissionpolicies"] {
        assert_eq!(send(client, Method::DELETE, &format!("{ROOT}/{kind}"), None).await, 200);
    }
    answers
}

#[tokio::test]
async fn no_scenario_of_policies_asks_for_what_the_fake_does_not_do() {
    let client = fake();
    for (index, scenario) in scenarios().enumerate() {
        for (request, answer) in run(&client, index, scenario).await {
            assert_ne!(answer.code, 501, "{}: {request}: {}", scenario.0, answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_hold_as_on_a_real_server() {
    let options = Options { everything: false, nodes: 0, ..Options::default() };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let (fake, real) = (fake(), client(cluster.kubeconfig()));
    let mut differences = String::new();
    for (index, scenario) in scenarios().enumerate() {
        let (ours, theirs) = (run(&fake, index, scenario).await, run(&real, index, scenario).await);
        differences += &steps::differences(scenario.0, &ours, &theirs);
    }
    assert!(differences.is_empty(), "{differences}");
}

#[tokio::test]
async fn a_mutating_policy_about_a_subresource_of_another_kind_is_not_passed_over() {
    let client = fake();
    let mutating = json!({ "metadata": { "name": "evictions" }, "spec": {
        "reinvocationPolicy": "Never",
        "matchConstraints": { "resourceRules": [{ "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods/eviction"] }] },
        "mutations": [{ "patchType": "JSONPatch", "jsonPatch": { "expression": "[JSONPatch{op: 'add', path: '/metadata/labels', value: {'a': 'b'}}]" } }],
    } });
    let bound = json!({ "metadata": { "name": "evictions" }, "spec": { "policyName": "evictions" } });
    let pods = "/api/v1/namespaces/default/pods";
    let pod = json!({ "metadata": { "name": "a" }, "spec": { "containers": [{ "name": "a", "image": "a" }] } });
    let eviction = json!({ "metadata": { "name": "a" } });
    for (path, body, code) in [
        (format!("{ROOT}/mutatingadmissionpolicies"), &mutating, 201),
        (format!("{ROOT}/mutatingadmissionpolicybindings"), &bound, 201),
        (pods.to_owned(), &pod, 201),
        (format!("{pods}/a/eviction"), &eviction, 501),
    ] {
        assert_eq!(send(&client, Method::POST, &path, Some(body)).await, code, "{path}");
    }
}
