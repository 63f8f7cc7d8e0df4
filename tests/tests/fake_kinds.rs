//! The fake API server answers as a real one what is asked of the built-in kinds: each scenario is run against both, and
//! every answer compared.
//!
//! `UPDATE_GOLDEN=1` writes the flow schemas and priority levels of a new cluster, `fake/defaults/flows-v1.37.json`.
//! `KUBEWRIGHT_SCENARIO=watch` runs the scenarios with that in their names alone, and `KUBEWRIGHT_EVERY_DIFFERENCE=1` shows all
//! differences of a scenario, rather than the first.
#![allow(missing_docs)]

#[path = "fake/default_flows.rs"]
mod default_flows;
#[path = "fake/kinds/mod.rs"]
mod kinds;
#[path = "fake/masks.rs"]
mod masks;
#[path = "fake/media_types.rs"]
#[allow(dead_code)]
mod media_types;
#[path = "fake/steps.rs"]
#[allow(dead_code)]
mod steps;

use std::fmt::Write as _;

use kubewright_fake::FakeCluster;
use kubewright_runtime::{Api, Client, DynamicObject, DynamicResource, Scope};
use kubewright_testbed::{Cluster, Options, or_skip};
use kubewright_tests::client;
use serde_json::json;
use steps::{Answer, Steps};

fn fake() -> Client {
    FakeCluster::builder().build().expect("a cluster").client()
}

/// The minor that has kinds in their first versions.
const OLDER: &str = "1.34";

fn older_fake() -> Client {
    FakeCluster::builder().kubernetes(OLDER).build().expect("a cluster").client()
}

/// All scenarios, or those that the environment asks for.
fn wanted(
    scenarios: impl Iterator<Item = &'static kinds::Scenario>,
) -> impl Iterator<Item = (usize, &'static kinds::Scenario)> {
    let wanted = std::env::var("KUBEWRIGHT_SCENARIO").unwrap_or_default();
    scenarios.enumerate().filter(move |(_, (name, _))| name.contains(&wanted))
}

/// Runs a scenario in a namespace that is made for it.
async fn run(client: &Client, index: usize, scenario: fn(&mut Steps)) -> Vec<(String, Answer)> {
    let namespace = format!("kinds-{index}");
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
    steps.is_exact = true;
    scenario(&mut steps);
    steps.run(client, &namespace).await
}

// The fake has nothing to wait for, so no time passes.
#[tokio::test(start_paused = true)]
async fn no_scenario_of_a_built_in_kind_asks_for_what_the_fake_does_not_do() {
    let client = fake();
    for (index, (name, scenario)) in wanted(kinds::all().chain(kinds::with_all_features())) {
        for (request, answer) in run(&client, index, *scenario).await {
            assert_ne!(answer.code, 501, "{name}: {request}: {}", answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn built_in_kinds_are_answered_as_by_a_real_server() {
    // One with the features that its release has by default, and without nodes: nobody else writes to pods.
    let options = Options { everything: false, nodes: 0, ..Options::default() };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let real = client(cluster.kubeconfig());
    default_flows::compare(&real).await;
    compare(&real, kinds::all()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kinds_of_a_server_with_all_features_are_answered_as_by_one() {
    let Some(cluster) = or_skip(Cluster::start(&Options { nodes: 0, ..Options::default() })) else { return };
    compare(&client(cluster.kubeconfig()), kinds::with_all_features()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn first_versions_of_kinds_are_answered_as_by_a_server_that_has_them() {
    let options = Options { nodes: 0, ..Options::for_minor(Some(OLDER)).expect("a minor") };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    compare_with(&older_fake(), &client(cluster.kubeconfig()), kinds::of_an_older_minor()).await;
}

/// Runs scenarios against both.
async fn compare(real: &Client, scenarios: impl Iterator<Item = &'static kinds::Scenario>) {
    compare_with(&fake(), real, scenarios).await;
}

/// The same, with a fake of another minor.
async fn compare_with(fake: &Client, real: &Client, scenarios: impl Iterator<Item = &'static kinds::Scenario>) {
    let mut differences = String::new();
    for (index, (name, scenario)) in wanted(scenarios) {
        // Both at a time: many scenarios wait for what a real server does some time after a write.
        let (ours, theirs) = tokio::join!(run(fake, index, *scenario), run(real, index, *scenario));
        for ((request, ours), (_, theirs)) in ours.iter().zip(&theirs) {
            if ours != theirs {
                let _ = writeln!(differences, "\n== {name}\n   {request}\n{}", difference(ours, theirs));
                // What follows may differ because of it.
                if std::env::var_os("KUBEWRIGHT_EVERY_DIFFERENCE").is_none() {
                    break;
                }
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

/// The lines in which two answers differ.
fn difference(ours: &Answer, theirs: &Answer) -> String {
    let lines = |answer: &Answer| -> Vec<String> {
        let shown =
            json!({ "code": answer.code, "warnings": answer.warnings, "headers": answer.headers, "body": answer.body });
        serde_json::to_string_pretty(&shown).unwrap_or_default().lines().map(str::to_owned).collect()
    };
    let (ours, theirs) = (lines(ours), lines(theirs));
    let mut text = String::new();
    let mut sorted = (ours.clone(), theirs.clone());
    sorted.0.sort();
    sorted.1.sort();
    if sorted.0 == sorted.1 {
        let _ = writeln!(text, "   in another order: fake:\n{}\n   real:\n{}", ours.join("\n"), theirs.join("\n"));
    }
    let before = text.len();
    for line in ours.iter().filter(|line| !theirs.contains(line)) {
        let _ = writeln!(text, "   fake: {line}");
    }
    for line in theirs.iter().filter(|line| !ours.contains(line)) {
        let _ = writeln!(text, "   real: {line}");
    }
    // Lines that one has more often than the other say little by themselves.
    if text[before..].lines().count() < 2 {
        let _ = writeln!(text, "   fake:\n{}\n   real:\n{}", ours.join("\n"), theirs.join("\n"));
    }
    text
}
