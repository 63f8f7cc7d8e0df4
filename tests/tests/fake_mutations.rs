//! Mutating admission policies: the same policies, bindings and requests at a real server and at the fake.
#![cfg(feature = "latest")]
#![allow(missing_docs)]

#[path = "fake/hooks.rs"]
mod hooks;
#[path = "fake/masks.rs"]
mod masks;
#[path = "fake/mutations.rs"]
mod mutations;
#[path = "fake/steps.rs"]
#[allow(dead_code)]
mod steps;

use std::env;
use std::time::Duration;

use hooks::Hooks;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright_fake::FakeCluster;
use kubewright_runtime::Client;
use kubewright_runtime::transport::Body;
use kubewright_testbed::{Cluster, Options, or_skip};
use kubewright_tests::client;
use mutations::{Scenario, policy};
use serde_json::{Value, json};
use steps::{Answer, Steps};

const ROOT: &str = "/apis/admissionregistration.k8s.io/v1";

/// A minor whose policies are of an early version, if they are served at all.
const OLDER: &str = "1.34";

fn fake() -> Client {
    FakeCluster::builder().build().expect("a cluster").client()
}

/// Where mutating policies are, in a version.
fn mutating(version: &str) -> String {
    format!("/apis/admissionregistration.k8s.io/{version}")
}

async fn send(client: &Client, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    let request = request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).expect("a request");
    let (parts, body) = client.send(request).await.expect("an answer").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (parts.status.as_u16(), serde_json::from_slice(&body).unwrap_or_default())
}

async fn create(client: &Client, path: &str, object: &Value) {
    let (code, made) = send(client, Method::POST, path, Some(object)).await;
    assert_eq!(code, 201, "{path}: {made}");
}

/// Waits until the server knows of all policies so far: of those of a sort it learns at once, within seconds.
async fn settle(client: &Client, namespace: &str, version: &str) {
    let name = format!("{namespace}-last");
    let selector = json!({ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": namespace } } });
    let condition = json!([{ "name": "last", "expression": "object.metadata.name == 'last'" }]);
    let mut mutating = policy(&["Object{metadata: Object.metadata{labels: {'last': 'x'}}}"]);
    mutating["metadata"]["name"] = json!(name);
    mutating["spec"]["matchConditions"] = condition.clone();
    create(client, &format!("{}/mutatingadmissionpolicies", self::mutating(version)), &mutating).await;
    let bound =
        json!({ "metadata": { "name": name }, "spec": { "policyName": name, "matchResources": selector.clone() } });
    create(client, &format!("{}/mutatingadmissionpolicybindings", self::mutating(version)), &bound).await;
    let validating = json!({ "metadata": { "name": name }, "spec": {
        "matchConstraints": mutating["spec"]["matchConstraints"],
        "matchConditions": condition,
        "validations": [{ "expression": "!has(object.metadata.labels)" }],
    } });
    create(client, &format!("{ROOT}/validatingadmissionpolicies"), &validating).await;
    let bound = json!({ "metadata": { "name": name }, "spec": { "policyName": name, "validationActions": ["Deny"], "matchResources": selector } });
    create(client, &format!("{ROOT}/validatingadmissionpolicybindings"), &bound).await;
    let probe = json!({ "metadata": { "name": "last" } });
    let path = format!("/api/v1/namespaces/{namespace}/configmaps?dryRun=All");
    let denied = async {
        // Another policy may deny it as well.
        let is_last = |(code, answer): (u16, Value)| code == 422 && answer["details"].to_string().contains(&name);
        while !is_last(send(client, Method::POST, &path, Some(&probe)).await) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), denied).await.expect("the policies hold");
}

/// Waits until the server has the schema of a kind, which policies need: they answer 503 until then.
async fn settle_kind(client: &Client, namespace: &str) {
    let path = format!("{}?dryRun=All", mutations::WIDGETS.replace("{ns}", namespace));
    let probe = json!({ "apiVersion": "mutations.example.com/v1", "kind": "Widget", "metadata": { "name": "default" }, "spec": {} });
    let made = async {
        while send(client, Method::POST, &path, Some(&probe)).await.0 != 201 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(90), made).await.expect("the kind is known");
}

/// Runs a scenario in a namespace that is made for it: first its policies, then its requests.
async fn run(client: &Client, index: usize, scenario: &Scenario, version: &'static str) -> Vec<(String, Answer)> {
    let namespace = format!("mutations-{index}");
    let made = json!({ "metadata": { "name": namespace, "labels": { "team": "shop" } } });
    create(client, "/api/v1/namespaces", &made).await;
    let (mut setup, mut asked) = (Steps::default(), Steps::default());
    if version != "v1" {
        let root = "/apis/admissionregistration.k8s.io";
        let texts = vec![
            ("/apis/admissionregistration.k8s.io/v1/mutating", "/apis/admissionregistration.k8s.io/v1beta1/mutating"),
            ("\"admissionregistration.k8s.io/v1\"", "\"admissionregistration.k8s.io/v1beta1\""),
        ];
        assert!(version == "v1beta1" && texts[0].1.starts_with(root));
        (setup.texts, asked.texts) = (texts.clone(), texts);
    }
    (scenario.1)(&mut setup);
    (scenario.2)(&mut asked);
    (setup.is_exact, asked.is_exact) = (true, true);
    let mut answers = setup.run(client, &namespace).await;
    settle(client, &namespace, version).await;
    if scenario.0 == "custom resources" {
        settle_kind(client, &namespace).await;
    }
    answers.extend(asked.run(client, &namespace).await);
    for (sort, root) in [("mutating", mutating(version)), ("validating", ROOT.to_owned())] {
        for kind in ["bindings", "policies"] {
            let kind = if kind == "bindings" {
                format!("{sort}admissionpolicybindings")
            } else {
                format!("{sort}admissionpolicies")
            };
            assert_eq!(send(client, Method::DELETE, &format!("{root}/{kind}"), None).await.0, 200);
        }
    }
    answers
}

fn is_wanted(scenario: &Scenario) -> bool {
    env::var("KUBEWRIGHT_SCENARIO").map_or(true, |part| scenario.0.contains(&part))
}

#[tokio::test]
async fn no_scenario_of_mutations_asks_for_what_the_fake_does_not_do() {
    let client = fake();
    for (index, scenario) in mutations::SCENARIOS.iter().enumerate().filter(|(_, scenario)| is_wanted(scenario)) {
        for (request, answer) in run(&client, index, scenario, "v1").await {
            assert_ne!(answer.code, 501, "{}: {request}: {}", scenario.0, answer.body);
        }
    }
}

/// Where the answers of the fake and those of a real server differ.
async fn differences(fake: &Client, real: &Client, version: &'static str) -> String {
    let mut differences = String::new();
    // Autoscalers of older minors have no generation, which is not what this is about.
    let is_compared =
        |scenario: &Scenario| is_wanted(scenario) && (version == "v1" || !scenario.0.starts_with("other versions"));
    for (index, scenario) in mutations::SCENARIOS.iter().enumerate().filter(|(_, scenario)| is_compared(scenario)) {
        let (ours, theirs) = (run(fake, index, scenario, version).await, run(real, index, scenario, version).await);
        differences += &steps::differences(scenario.0, &ours, &theirs);
    }
    differences
}

#[tokio::test(flavor = "multi_thread")]
async fn mutations_are_made_as_on_a_real_server() {
    let options = Options { everything: false, nodes: 0, ..Options::default() };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let differences = differences(&fake(), &client(cluster.kubeconfig()), "v1").await;
    assert!(differences.is_empty(), "{differences}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mutations_of_an_older_minor_are_made_as_on_its_server() {
    let flags = [
        "--runtime-config",
        "admissionregistration.k8s.io/v1beta1=true",
        "--feature-gates",
        "MutatingAdmissionPolicy=true",
    ];
    let flags = flags.map(Into::into).into();
    let options = Options::for_minor(Some(OLDER)).expect("a minor");
    let options = Options { everything: false, nodes: 0, apiserver_flags: flags, ..options };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    let fake = FakeCluster::builder().kubernetes(OLDER).build().expect("a cluster").client();
    let differences = differences(&fake, &client(cluster.kubeconfig()), "v1beta1").await;
    assert!(differences.is_empty(), "{differences}");
}

/// What webhooks and policies have added to an object, one letter each, in their order.
fn with_letter(_: &str, review: &Value) -> (u16, String) {
    use base64::Engine as _;
    let request = &review["request"];
    let order = format!("{}h", request["object"]["data"]["order"].as_str().unwrap_or_default());
    let patch = json!([{ "op": "add", "path": "/data/order", "value": order }]).to_string();
    let patch = base64::engine::general_purpose::STANDARD.encode(patch);
    let response = json!({ "uid": request["uid"], "allowed": true, "patchType": "JSONPatch", "patch": patch });
    (200, json!({ "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response }).to_string())
}

/// The orders in which policies and webhooks are, by the policies for being asked again.
async fn orders(client: &Client, hooks: &Hooks) -> Vec<String> {
    create(client, "/api/v1/namespaces", &json!({ "metadata": { "name": "beside" } })).await;
    for again in ["Never", "IfNeeded"] {
        let letter = again.to_lowercase();
        let selector = json!({ "matchLabels": { "webhook": again } });
        let rules = json!([{ "operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"] }]);
        let webhook = json!({
            "name": format!("{letter}.beside.example.com"), "clientConfig": hooks.client("/letter"), "rules": rules,
            "admissionReviewVersions": ["v1"], "sideEffects": "None", "objectSelector": selector, "reinvocationPolicy": again,
        });
        let configuration = json!({ "metadata": { "name": format!("beside-{letter}") }, "webhooks": [webhook] });
        create(client, &format!("{ROOT}/mutatingwebhookconfigurations"), &configuration).await;
        let mut policy = policy(&["Object{data: {'order': string(object.data.order + 'p')}}"]);
        policy["metadata"]["name"] = json!(format!("beside-{letter}"));
        policy["spec"]["reinvocationPolicy"] = json!(again);
        policy["spec"]["matchConstraints"]["objectSelector"] = json!({ "matchLabels": { "policy": again } });
        create(client, &format!("{ROOT}/mutatingadmissionpolicies"), &policy).await;
        let bound = json!({ "metadata": { "name": format!("beside-{letter}") }, "spec": { "policyName": format!("beside-{letter}") } });
        create(client, &format!("{ROOT}/mutatingadmissionpolicybindings"), &bound).await;
    }
    settle(client, "beside", "v1").await;
    hooks.take();
    let mut orders = Vec::new();
    for policy in ["", "Never", "IfNeeded"] {
        for webhook in ["", "Never", "IfNeeded"] {
            let object = json!({ "metadata": { "name": "a", "labels": { "policy": policy, "webhook": webhook } }, "data": { "order": "" } });
            let path = "/api/v1/namespaces/beside/configmaps?dryRun=All";
            let (code, made) = send(client, Method::POST, path, Some(&object)).await;
            assert_eq!(code, 201, "{made}");
            let asked =
                hooks.take().into_iter().map(|(_, review)| review["request"]["object"]["data"]["order"].to_string());
            orders.push(format!(
                "{policy} {webhook}: {} {}",
                made["data"]["order"],
                asked.collect::<Vec<_>>().join(" ")
            ));
        }
    }
    orders
}

#[tokio::test(flavor = "multi_thread")]
async fn policies_come_before_webhooks_and_both_again_as_on_a_real_server() {
    let hooks = Hooks::start(with_letter).await;
    let ours = orders(&fake(), &hooks).await;
    assert_eq!(ours[4], "Never Never: \"ph\" \"p\"");
    let options = Options { everything: false, nodes: 0, ..Options::default() };
    let Some(cluster) = or_skip(Cluster::start(&options)) else { return };
    assert_eq!(ours, orders(&client(cluster.kubeconfig()), &hooks).await);
}
