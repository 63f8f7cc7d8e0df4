//! The fake API server answers as a real one: each scenario is run against both, and every answer compared.
#![allow(missing_docs)]

#[path = "fake/scenarios.rs"]
mod scenarios;
#[path = "fake/steps.rs"]
mod steps;

use std::fmt::Write as _;

use kubewright_fake::FakeCluster;
use kubewright_runtime::{Api, Client, DynamicObject, DynamicResource, Scope};
use kubewright_testbed::shared_or_skip;
use kubewright_tests::client;
use scenarios::{CRD, SCENARIOS};
use serde_json::json;
use steps::{Answer, Steps};

fn fake() -> Client {
    FakeCluster::builder().crd(CRD).expect("a CRD").build().expect("a cluster").client()
}

/// Runs a scenario in a namespace that is made for it.
async fn run(client: &Client, index: usize) -> Vec<(String, Answer)> {
    let namespace = format!("scenario-{index}");
    let resource = DynamicResource {
        group: "".into(),
        version: "v1".into(),
        kind: "Namespace".into(),
        plural: "namespaces".into(),
        namespaced: false,
    };
    let namespaces = Api::dynamic(client, &resource, Scope::Cluster);
    namespaces.create(&DynamicObject::new(&resource, &namespace)).await.expect("a namespace");
    let mut steps = Steps::default();
    (SCENARIOS[index].1)(&mut steps);
    steps.run(client, &namespace).await
}

#[tokio::test]
async fn no_scenario_asks_for_what_the_fake_does_not_do() {
    let client = fake();
    for (index, (name, _)) in SCENARIOS.iter().enumerate() {
        for (request, answer) in run(&client, index).await {
            assert_ne!(answer.code, 501, "{name}: {request}: {}", answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_that_of_a_real_server() {
    let Some(cluster) = shared_or_skip() else { return };
    let (fake, real) = (fake(), client(cluster.kubeconfig()));
    install(&real).await;
    let mut differences = String::new();
    for (index, (name, _)) in SCENARIOS.iter().enumerate() {
        let (ours, theirs) = (run(&fake, index).await, run(&real, index).await);
        for ((request, ours), (_, theirs)) in ours.iter().zip(&theirs) {
            if ours != theirs {
                let _ = writeln!(differences, "\n== {name}\n   {request}\n{}", difference(ours, theirs));
                // What follows differs because of it.
                break;
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// Installs the kind of the scenarios, and waits until it is served.
async fn install(client: &Client) {
    let resource = DynamicResource {
        group: "apiextensions.k8s.io".into(),
        version: "v1".into(),
        kind: "CustomResourceDefinition".into(),
        plural: "customresourcedefinitions".into(),
        namespaced: false,
    };
    let api = Api::dynamic(client, &resource, Scope::Cluster);
    let definition: DynamicObject = kubewright::yaml::from_str(CRD).expect("a CRD");
    api.create(&definition).await.expect("created");
    let is_established = |definition: &DynamicObject| {
        let conditions = definition.pointer("/status/conditions").ok().flatten().unwrap_or_default();
        let is_true =
            |condition: &serde_json::Value| condition["type"] == "Established" && condition["status"] == "True";
        conditions.as_array().is_some_and(|all| all.iter().any(is_true))
    };
    api.wait("gadgets.example.com").until(is_established).await.expect("established");
    // Each version is served a little later than it is established.
    for version in ["v1", "v2"] {
        let gadgets = DynamicResource {
            group: "example.com".into(),
            version: version.into(),
            kind: "Gadget".into(),
            plural: "gadgets".into(),
            namespaced: true,
        };
        let api = Api::dynamic(client, &gadgets, Scope::Namespace("default"));
        while api.list().await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
}

/// The lines in which two answers differ.
fn difference(ours: &Answer, theirs: &Answer) -> String {
    let lines = |answer: &Answer| -> Vec<String> {
        let shown = json!({
            "code": answer.code, "warnings": answer.warnings, "retryAfter": answer.retry_after, "body": answer.body,
        });
        serde_json::to_string_pretty(&shown).unwrap_or_default().lines().map(str::to_owned).collect()
    };
    let (ours, theirs) = (lines(ours), lines(theirs));
    let mut text = String::new();
    let sorted = |lines: &[String]| {
        let mut lines = lines.to_vec();
        lines.sort();
        lines
    };
    if sorted(&ours) == sorted(&theirs) {
        let _ = writeln!(text, "   in another order: fake:\n{}\n   real:\n{}", ours.join("\n"), theirs.join("\n"));
    }
    for line in ours.iter().filter(|line| !theirs.contains(line)) {
        let _ = writeln!(text, "   fake: {line}");
    }
    for line in theirs.iter().filter(|line| !ours.contains(line)) {
        let _ = writeln!(text, "   real: {line}");
    }
    text
}
