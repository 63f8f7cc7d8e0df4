//! Shard selectors: with the feature gate `ShardedListAndWatch`, the fake returns the objects of the ranges and refuses what is no
//! selector as a real server does that has the gate on; without it the selector is ignored.
#![cfg(feature = "latest")]
#![allow(missing_docs)]

#[path = "fake/masks.rs"]
mod masks;
#[path = "fake/steps.rs"]
#[allow(dead_code)]
mod steps;

use std::collections::BTreeSet;

use http::Request;
use http_body_util::BodyExt as _;
use kubewright_fake::FakeCluster;
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use kubewright_testbed::shared_or_skip;
use kubewright_tests::client;
use serde_json::{Value, json};
use steps::Steps;

const GATE: &str = "ShardedListAndWatch";

fn fake(is_on: bool) -> Client {
    FakeCluster::builder().feature_gate(GATE, is_on).build().expect("a cluster").client()
}

/// The hashes from one up to another, of the uid or the namespace.
fn range(field: &str, start: &str, end: &str) -> String {
    format!("shardRange(object.metadata.{field}, '{start}', '{end}')")
}

fn halves(field: &str) -> [String; 2] {
    [
        range(field, "0x0000000000000000", "0x8000000000000000"),
        range(field, "0x8000000000000000", "0x10000000000000000"),
    ]
}

fn encoded(text: &str) -> String {
    text.replace('%', "%25").replace(' ', "%20").replace('|', "%7C").replace('&', "%26").replace('+', "%2B")
}

fn config_map(name: &str) -> Value {
    json!({ "metadata": { "name": name, "labels": { "app": "shards" } } })
}

/// Reads that are answered alike whatever the uids are.
fn reads(s: &mut Steps) {
    for index in 0..5 {
        s.create("configmaps", config_map(&format!("c{index}")));
    }
    let [first, second] = halves("namespace");
    let both = format!("{first} || {second}");
    let all = halves("uid").join("||");
    for selector in [&first, &second, &both, &all] {
        let selector = encoded(selector);
        for path in ["configmaps", "/api/v1/configmaps"] {
            s.get(&format!(
                "{path}?labelSelector=app%3Dshards&fieldSelector=metadata.namespace%3D{{ns}}&shardSelector={selector}"
            ));
        }
        s.get(&format!("configmaps?limit=2&shardSelector={selector}"));
        s.get_metadata(&format!("configmaps?shardSelector={selector}"));
    }
    s.watch(&format!("configmaps?shardSelector={}", encoded(&both)), json!({}));
}

/// Selectors that are none.
fn refusals(s: &mut Steps) {
    for refused in [
        " ",
        "true",
        "a",
        "1",
        "[1]",
        "{'a': 1}",
        "a.b",
        "a && b",
        "!a",
        "shardRange()",
        "shardRange(object.metadata.uid, '0x0')",
        "shardRange('object.metadata.uid', '0x0', '0x1')",
        "shardRange(object.metadata.name, '0x0', '0x1')",
        "shardRange(object.metadata.uid, 0, '0x1')",
        "shardRange(object.metadata.uid, '0x0000000000000000', true)",
        "shardRange(object.metadata.uid, a, '0x1')",
        "shardRange(object.metadata.uid, '0', '0x1')",
        "shardRange(object.metadata.uid, '0x', '0x1')",
        "shardRange(object.metadata.uid, '0x0', '0x1')",
        "shardRange(object.metadata.uid, '0x000000000000000G', '0x1')",
        "shardRange(object.metadata.uid, '0x00000000000000000', '0x1')",
        "shardRange(object.metadata.uid, '0x000000000000000000', '0x1')",
        "shardRange(object.metadata.uid, '0x8000000000000000', '0x8000000000000000')",
        "shardRange(object.metadata.uid, '0x8000000000000000', '0x1000000000000000')",
        "shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000') || shardRange(object.metadata.namespace, '0x0000000000000000', '0x8000000000000000')",
        "shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000') || true",
    ] {
        s.get(&format!("configmaps?shardSelector={}", encoded(refused)));
        s.get(&format!("configmaps?watch=true&shardSelector={}", encoded(refused)));
    }
    // Those that can't be parsed, which two parsers explain in their own ways.
    for refused in ["(", "a ||", "shardRange(", "'a"] {
        s.get(&format!("configmaps?shardSelector={}", encoded(refused)));
        s.in_other_words();
    }
}

fn deletions(s: &mut Steps) {
    let [first, second] = halves("namespace");
    s.delete(&format!("configmaps?shardSelector={}", encoded(&first)));
    s.get("configmaps?labelSelector=app%3Dshards");
    s.delete(&format!("configmaps?shardSelector={}", encoded(&second)));
    s.get("configmaps?labelSelector=app%3Dshards");
}

async fn run(client: &Client, namespace: &str, parts: &[fn(&mut Steps)]) -> Vec<(String, steps::Answer)> {
    let mut made = Steps::default();
    made.create("/api/v1/namespaces", json!({ "metadata": { "name": namespace } }));
    for (request, answer) in made.run(client, namespace).await {
        assert!(matches!(answer.code, 201 | 409), "{request}: {answer:?}");
    }
    let mut steps = Steps::default();
    steps.is_exact = true;
    parts.iter().for_each(|part| part(&mut steps));
    steps.run(client, namespace).await
}

/// The uids of the objects that a selector returns.
async fn uids(client: &Client, namespace: &str, selector: &str) -> BTreeSet<String> {
    let path = format!(
        "/api/v1/namespaces/{namespace}/configmaps?labelSelector=app%3Dshards&shardSelector={}",
        encoded(selector)
    );
    let request = Request::builder().uri(path).body(Body::empty()).expect("a request");
    let (parts, body) = client.send(request).await.expect("an answer").into_parts();
    let body: Value = serde_json::from_slice(&body.collect().await.expect("a body").to_bytes()).expect("a list");
    assert_eq!(parts.status, 200, "{body}");
    let items = body["items"].as_array().expect("items").iter();
    items.map(|item| item["metadata"]["uid"].as_str().expect("a uid").to_owned()).collect()
}

/// FNV-1a, as the test itself has it.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The objects of eight ranges are those whose hashes are in them, each in one.
async fn shares(client: &Client, namespace: &str) {
    let mut made = Steps::default();
    made.create("/api/v1/namespaces", json!({ "metadata": { "name": namespace } }));
    for index in 0..40 {
        made.create("configmaps", config_map(&format!("u{index}")));
    }
    for (request, answer) in made.run(client, namespace).await {
        assert_eq!(answer.code, 201, "{request}: {answer:?}");
    }
    let all = uids(client, namespace, &halves("uid").join(" || ")).await;
    assert_eq!(all.len(), 40);
    for shard in 0..8_u64 {
        let (start, end) = (shard << 61, u128::from(shard + 1) << 61);
        let of_shard =
            uids(client, namespace, &range("uid", &format!("0x{start:016x}"), &format!("0x{end:016x}"))).await;
        let expected: BTreeSet<String> = all.iter().filter(|uid| hash(uid) >> 61 == shard).cloned().collect();
        assert_eq!(of_shard, expected, "shard {shard}");
    }
}

#[tokio::test]
async fn the_objects_of_ranges_are_those_whose_hashes_are_in_them() {
    shares(&fake(true), "shares").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shards_are_those_of_a_real_server() {
    // It has every feature on.
    let Some(cluster) = shared_or_skip() else { return };
    let real = client(cluster.kubeconfig());
    let namespace = format!("shards-{:08x}", fastrand::u32(..));
    let parts = [reads, refusals, deletions];
    let (ours, theirs) = (run(&fake(true), &namespace, &parts).await, run(&real, &namespace, &parts).await);
    assert_eq!(ours.len(), theirs.len());
    for ((request, ours), (_, theirs)) in ours.iter().zip(&theirs) {
        assert_eq!(ours, theirs, "{request}");
    }
    shares(&real, &format!("{namespace}-uids")).await;
}

#[tokio::test]
async fn a_selector_is_ignored_without_the_gate() {
    let client = fake(false);
    let answers = run(&client, "ignored", &[reads, deletions]).await;
    let lists = answers.iter().filter(|(request, _)| request.starts_with("GET") && request.contains("shardSelector"));
    for (request, answer) in lists {
        assert_eq!(answer.code, 200, "{request}");
        assert!(answer.body["metadata"].get("shardInfo").is_none(), "{request}");
    }
    let left = answers.last().expect("answers");
    assert_eq!(left.1.body["items"], json!([]), "a deletion of a shard deletes everything");
}
