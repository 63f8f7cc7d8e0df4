//! The fake API server answers as a real one: each scenario is run against both, and every answer compared.
//!
//! ```sh
//! KUBEWRIGHT_SEED=0x2a KUBEWRIGHT_SEQUENCES=5000 cargo test -p kubewright-tests --test fake random
//! ```
//!
//! runs other random sequences than the usual ones, and more of them. `KUBEWRIGHT_SCENARIO=watch` runs the scenarios with that in
//! their names alone, and `KUBEWRIGHT_EVERY_DIFFERENCE=1` shows all differences of a scenario, rather than the first.
#![allow(missing_docs)]

#[path = "fake/access.rs"]
#[allow(dead_code)]
mod access;
#[path = "fake/facts.rs"]
mod facts;
#[path = "fake/facts_apply.rs"]
mod facts_apply;
#[path = "fake/facts_bodies.rs"]
mod facts_bodies;
#[path = "fake/facts_headers.rs"]
mod facts_headers;
#[path = "fake/facts_read.rs"]
mod facts_read;
#[path = "fake/facts_scale.rs"]
mod facts_scale;
#[path = "fake/facts_versions.rs"]
mod facts_versions;
#[path = "fake/facts_write.rs"]
mod facts_write;
#[path = "fake/generated.rs"]
mod generated;
#[path = "fake/kinds/mod.rs"]
#[allow(dead_code)]
mod kinds;
#[path = "fake/masks.rs"]
mod masks;
#[path = "fake/media_types.rs"]
mod media_types;
#[path = "fake/numbers.rs"]
mod numbers;
#[path = "fake/operations.rs"]
mod operations;
#[path = "fake/policies.rs"]
#[allow(dead_code)]
mod policies;
#[path = "fake/scenarios.rs"]
mod scenarios;
#[path = "fake/steps.rs"]
#[allow(dead_code)]
mod steps;
#[path = "fake/storage_versions.rs"]
mod storage_versions;
#[path = "fake/strategic.rs"]
mod strategic;
#[path = "fake/strict.rs"]
mod strict;

use std::fmt::Write as _;
use std::sync::LazyLock;

use facts_versions::GIMMICKS;
use kubewright_fake::FakeCluster;
use kubewright_runtime::{Api, Client, DynamicObject, DynamicResource, Scope};
use kubewright_testbed::{Cluster, Options, or_skip, shared_or_skip};
use kubewright_tests::client;
use scenarios::{CRD, Scenario, all};
use serde_json::json;
use steps::{Answer, Steps};

/// How many random sequences are run unless more are asked for.
const SEQUENCES: u64 = 500;

fn fake() -> Client {
    FakeCluster::builder()
        .crd(CRD)
        .and_then(|fake| fake.crd(GIMMICKS))
        .expect("CRDs")
        .build()
        .expect("a cluster")
        .client()
}

/// All scenarios, or those that the environment asks for.
fn wanted() -> impl Iterator<Item = (usize, Scenario)> {
    let wanted = std::env::var("KUBEWRIGHT_SCENARIO").unwrap_or_default();
    all().into_iter().enumerate().filter(move |(_, (name, _))| name.contains(&wanted))
}

/// Runs a scenario in a namespace that is made for it.
async fn run(client: &Client, index: usize, scenario: Scenario) -> Vec<(String, Answer)> {
    let mut steps = Steps::default();
    (scenario.1)(&mut steps);
    run_in(client, &steps, &format!("scenario-{index}")).await
}

/// Runs requests in a new namespace.
async fn run_in(client: &Client, steps: &Steps, namespace: &str) -> Vec<(String, Answer)> {
    let resource = DynamicResource {
        group: "".into(),
        version: "v1".into(),
        kind: "Namespace".into(),
        plural: "namespaces".into(),
        namespaced: false,
    };
    let namespaces = Api::dynamic(client, &resource, Scope::Cluster);
    // The server may be one that an earlier run left its own in.
    static RUN: LazyLock<u32> = LazyLock::new(|| fastrand::u32(..));
    let namespace = format!("{namespace}-{:08x}", *RUN);
    namespaces.create(&DynamicObject::new(&resource, &namespace)).await.expect("a namespace");
    steps.run(client, &namespace).await
}

#[test]
fn there_are_500_scenarios_and_most_are_random() {
    let written = [all().len(), kinds::all().count(), access::all().count(), policies::SCENARIOS.len()];
    let by_hand = written.iter().sum::<usize>() as u64;
    println!("{SEQUENCES} random sequences, and by hand {by_hand}: {written:?} of facts, kinds, access and policies");
    assert!(by_hand + SEQUENCES >= 500 && SEQUENCES >= by_hand, "{by_hand}");
}

#[test]
fn each_measured_fact_is_checked_or_has_a_reason() {
    let names = all().iter().map(|(name, _)| *name).chain(kinds::all().map(|(name, _)| *name)).collect();
    let mistakes = facts::mistakes(&names);
    assert!(mistakes.is_empty(), "{mistakes:#?}");
}

#[tokio::test]
async fn no_scenario_asks_for_what_the_fake_does_not_do() {
    let client = fake();
    for (index, scenario) in wanted() {
        for (request, answer) in run(&client, index, scenario).await {
            assert_ne!(answer.code, 501, "{}: {request}: {}", scenario.0, answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_that_of_a_real_server() {
    // The facts were measured with the features that a release has by default, and with every API. That of a run has all features
    // on: it reads CBOR and selects by shards.
    let apiserver_flags = vec!["--runtime-config=api/all=true".to_owned()];
    let options = Options { everything: false, nodes: 0, apiserver_flags, ..Options::default() };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let (fake, real) = (fake(), client(cluster.kubeconfig()));
    install_all(&real).await;
    let mut differences = String::new();
    for (index, scenario) in wanted() {
        let (ours, theirs) = tokio::join!(run(&fake, index, scenario), run(&real, index, scenario));
        for ((request, ours), (_, theirs)) in ours.iter().zip(&theirs) {
            if ours != theirs {
                let _ = writeln!(differences, "\n== {}\n   {request}\n{}", scenario.0, difference(ours, theirs));
                // What follows may differ because of it.
                if std::env::var_os("KUBEWRIGHT_EVERY_DIFFERENCE").is_none() {
                    break;
                }
            }
        }
    }
    assert!(differences.is_empty(), "{differences}");
}

#[tokio::test(flavor = "multi_thread")]
async fn random_sequences_are_answered_as_by_a_real_server() {
    let Some(cluster) = shared_or_skip() else { return };
    let (fake, real) = (fake(), client(cluster.kubeconfig()));
    installed(&real).await;
    let (seed, count) = (number("KUBEWRIGHT_SEED", 1), number("KUBEWRIGHT_SEQUENCES", SEQUENCES));
    let differences = generated::run(&fake, &real, seed, count).await;
    assert!(differences.is_empty(), "{differences}");
}

/// A number of the environment, perhaps in hexadecimal.
fn number(name: &str, default: u64) -> u64 {
    let Ok(text) = std::env::var(name) else { return default };
    let parsed = text.strip_prefix("0x").map_or_else(|| text.parse(), |text| u64::from_str_radix(text, 16));
    parsed.unwrap_or_else(|_| panic!("{name}={text} is no number"))
}

/// Installs the kinds of the scenarios once in the cluster of the run.
async fn installed(client: &Client) {
    static INSTALLED: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
    INSTALLED.get_or_init(|| install_all(client)).await;
}

/// Installs the kinds of the scenarios.
async fn install_all(client: &Client) {
    install(client, CRD, "Gadget", &["v1", "v2"]).await;
    install(client, GIMMICKS, "Gimmick", &["v1", "v2"]).await;
}

/// Installs a kind of the scenarios, and waits until its versions are served.
async fn install(client: &Client, definition: &str, kind: &str, versions: &[&str]) {
    let plural = format!("{}s", kind.to_lowercase());
    let resource = DynamicResource {
        group: "apiextensions.k8s.io".into(),
        version: "v1".into(),
        kind: "CustomResourceDefinition".into(),
        plural: "customresourcedefinitions".into(),
        namespaced: false,
    };
    let api = Api::dynamic(client, &resource, Scope::Cluster);
    let definition: DynamicObject = kubewright::yaml::from_str(definition).expect("a CRD");
    if let Err(error) = api.create(&definition).await {
        assert!(error.is_already_exists(), "{error}");
    }
    let is_established = |definition: &DynamicObject| {
        let conditions = definition.pointer("/status/conditions").ok().flatten().unwrap_or_default();
        let is_true =
            |condition: &serde_json::Value| condition["type"] == "Established" && condition["status"] == "True";
        conditions.as_array().is_some_and(|all| all.iter().any(is_true))
    };
    api.wait(&format!("{plural}.example.com")).until(is_established).await.expect("established");
    // Each version is served a little later than it is established.
    for version in versions {
        let resource = DynamicResource {
            group: "example.com".into(),
            version: (*version).into(),
            kind: kind.into(),
            plural: plural.clone(),
            namespaced: true,
        };
        let api = Api::dynamic(client, &resource, Scope::Namespace("default"));
        while api.list().await.is_err() {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
}

/// The lines in which two answers differ.
fn difference(ours: &Answer, theirs: &Answer) -> String {
    let lines = |answer: &Answer| -> Vec<String> {
        let shown = json!({
            "code": answer.code, "warnings": answer.warnings, "retryAfter": answer.retry_after, "headers": answer.headers,
            "body": answer.body,
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
