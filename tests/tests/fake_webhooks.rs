//! Webhooks that are registered at the fake API server are asked what a real one asks, and their answers have the same effect: each
//! scenario is run against both, with the same webhooks in this process, and every answer and every review is compared.
#![cfg(feature = "latest")]
#![allow(missing_docs)]

#[path = "fake/hook_scenarios.rs"]
mod hook_scenarios;
#[path = "fake/hooks.rs"]
mod hooks;
#[path = "fake/masks.rs"]
mod masks;
#[path = "fake/steps.rs"]
#[allow(dead_code)]
mod steps;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use hook_scenarios::{Scenario, answer, configurations, crds};
use hooks::{Asked, Hooks};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use kubewright_fake::FakeCluster;
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use kubewright_testbed::{Cluster, Options, or_skip};
use kubewright_tests::client;
use masks::Masks;
use serde_json::{Value, json};
use steps::{Answer, Steps};

const CONFIGURATIONS: &str = "/apis/admissionregistration.k8s.io/v1";

/// What a server answered to the requests of a scenario, and what it asked of webhooks meanwhile.
type Run = (Vec<(String, Answer)>, Vec<Asked>);

async fn send(client: &Client, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.body(Body::from(body.to_string())).expect("a request");
    let (parts, body) = client.send(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status, serde_json::from_slice(&body).unwrap_or_default())
}

async fn create(client: &Client, path: &str, object: &Value) {
    let (status, created) = send(client, Method::POST, path, object).await;
    assert_eq!(status, StatusCode::CREATED, "{path}: {created}");
}

/// Installs the kinds and the webhooks, and waits until they are in effect.
async fn install(client: &Client, hooks: &Hooks) {
    for crd in crds(hooks) {
        create(client, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", &crd).await;
    }
    for (resource, configuration) in configurations(hooks) {
        create(client, &format!("{CONFIGURATIONS}/{resource}"), &configuration).await;
    }
    // The two sorts are watched apart: each has seen its configurations when one of its last is asked.
    for hooked in ["no-type", "fails"] {
        let probe = json!({ "metadata": { "name": "probe", "labels": { "hooked": hooked } } });
        while send(client, Method::POST, "/api/v1/namespaces/default/configmaps?dryRun=All", &probe).await.0
            == StatusCode::CREATED
        {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    for (group, resource) in
        [("example.com", "gadgets"), ("sea.example.com", "ferries"), ("river.example.com", "barges")]
    {
        for version in ["v1", "v2"] {
            let path = format!("/apis/{group}/{version}/namespaces/default/{resource}");
            while send(client, Method::GET, &path, &Value::Null).await.0 != StatusCode::OK {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
    // A real server holds the first creations of a new kind.
    tokio::time::sleep(Duration::from_secs(2)).await;
    hooks.take();
}

async fn run(client: &Client, hooks: &Hooks, index: usize, scenario: &Scenario) -> Run {
    let namespace = format!("hooked-{index}");
    create(client, "/api/v1/namespaces", &json!({ "metadata": { "name": namespace } })).await;
    let mut steps = Steps::default();
    steps.is_exact = true;
    // One that can't be converted can't be listed either.
    steps.is_settled = !scenario.0.starts_with("ferries that can't");
    (scenario.1)(&mut steps);
    let answers = steps.run(client, &namespace).await;
    let mut masks = Masks::new(true);
    let mut known = BTreeMap::new();
    let asked = hooks.take().into_iter().filter(|(path, review)| {
        // How many conversions there are depends on the caches of a real server; and a deletion right after a change is tried with the
        // object of before as well.
        let mut review = review.clone();
        review["request"]["uid"] = Value::Null;
        // Whether a second has passed between two that are the same says nothing.
        drop_times(&mut review);
        !path.starts_with("/convert") && known.insert(path.clone(), review.clone()) != Some(review)
    });
    let asked: Vec<Asked> = asked.collect();
    let reviews = asked.into_iter().map(|(path, mut review)| {
        if path == "/scale" {
            // A real server's have the labels as well, and times.
            for object in ["object", "oldObject"] {
                review["request"][object]["metadata"]["managedFields"] = Value::Null;
            }
        }
        review["request"]["userInfo"] = json!("whoever it is");
        let text = review.to_string().replace(&namespace, "{ns}");
        (path, masks.mask(serde_json::from_str(&text).expect("JSON")))
    });
    (answers, reviews.collect())
}

/// Takes out the times of an object and of its managers.
fn drop_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| {
                !(value.is_string() && matches!(name.as_str(), "time" | "creationTimestamp" | "deletionTimestamp"))
            });
            fields.values_mut().for_each(drop_times);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_times),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_scenario_of_webhooks_asks_for_what_the_fake_does_not_do() {
    let hooks = Hooks::start(answer).await;
    let client = FakeCluster::builder().build().expect("a cluster").client();
    install(&client, &hooks).await;
    for (index, scenario) in hook_scenarios::SCENARIOS.iter().enumerate() {
        let (answers, asked) = run(&client, &hooks, index, scenario).await;
        for (request, answer) in answers {
            assert_ne!(answer.code, 501, "{}: {request}: {}", scenario.0, answer.body);
        }
        let is_of_ferries = scenario.0.starts_with("ferries");
        assert!(!asked.is_empty() || is_of_ferries, "{}: no webhook was asked", scenario.0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_asked_and_heard_as_by_a_real_server() {
    let options = Options { everything: false, nodes: 0, ..Options::default() };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let hooks = (Hooks::start(answer).await, Hooks::start(answer).await);
    let fake = FakeCluster::builder().build().expect("a cluster").client();
    let real = client(cluster.kubeconfig());
    install(&fake, &hooks.0).await;
    install(&real, &hooks.1).await;
    let mut differences = String::new();
    let only = std::env::var("KUBEWRIGHT_SCENARIO").unwrap_or_default();
    for (index, scenario) in hook_scenarios::SCENARIOS.iter().enumerate().filter(|(_, it)| it.0.contains(&only)) {
        let ours = run(&fake, &hooks.0, index, scenario).await;
        let theirs = run(&real, &hooks.1, index, scenario).await;
        compare(&mut differences, scenario.0, &ours, &theirs, (hooks.0.port, hooks.1.port));
    }
    assert!(differences.is_empty(), "{differences}");
}

fn compare(differences: &mut String, name: &str, ours: &Run, theirs: &Run, (our_port, their_port): (u16, u16)) {
    for ((request, ours), (_, theirs)) in ours.0.iter().zip(&theirs.0) {
        let shown = |answer: &Answer, port: u16| {
            let text = format!("{} {:?} {:#}", answer.code, answer.warnings, answer.body);
            let text = text.replace(&format!("127.0.0.1:{port}"), "127.0.0.1:PORT");
            // Each server has its own.
            let revisions = text.split("revision=").enumerate().map(|(index, part)| match index {
                0 => part,
                _ => part.trim_start_matches(|digit: char| digit.is_ascii_digit()),
            });
            revisions.collect::<Vec<_>>().join("revision=")
        };
        say(differences, name, request, &shown(ours, our_port), &shown(theirs, their_port));
    }
    if ours.1.len() != theirs.1.len() {
        let paths = |run: &Run| run.1.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>().join(" ");
        let _ = writeln!(differences, "\n== {name}: asked\n   fake: {}\n   real: {}", paths(ours), paths(theirs));
    }
    for (index, (ours, theirs)) in ours.1.iter().zip(&theirs.1).enumerate() {
        let shown = |(path, review): &Asked| format!("{path} {review:#}");
        say(differences, name, &format!("review {index}"), &shown(ours), &shown(theirs));
    }
}

/// The lines in which two texts differ.
fn say(differences: &mut String, name: &str, what: &str, ours: &str, theirs: &str) {
    if ours == theirs {
        return;
    }
    let _ = writeln!(differences, "\n== {name}: {what}: {}", ours.lines().next().unwrap_or_default());
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    if lines(ours) == lines(theirs) {
        // Lines that one has more often than the other.
        let _ = writeln!(differences, "   fake: {ours}\n   real: {theirs}");
    }
    for line in ours.lines().filter(|line| !theirs.lines().any(|other| other == *line)) {
        let _ = writeln!(differences, "   fake: {line}");
    }
    for line in theirs.lines().filter(|line| !ours.lines().any(|other| other == *line)) {
        let _ = writeln!(differences, "   real: {line}");
    }
}
