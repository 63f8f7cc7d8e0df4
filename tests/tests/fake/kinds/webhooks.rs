//! Configurations of admission webhooks. None of them matches any other scenario.

use serde_json::{Value, json};

use super::Scenario;
use crate::steps::Steps;

const MUTATING: &str = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
const VALIDATING: &str = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";

fn webhook(more: Value) -> Value {
    let mut webhook = json!({
        "name": "a.hooks.example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
        "clientConfig": { "url": "https://127.0.0.1:9/a" },
        "rules": [{ "operations": ["CREATE"], "apiGroups": ["none.example.com"], "apiVersions": ["v1"], "resources": ["nones"] }],
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        webhook[name] = value.clone();
    }
    webhook
}

fn configuration(name: &str, webhooks: &[Value]) -> Value {
    json!({ "metadata": { "name": name }, "webhooks": webhooks })
}

fn life(steps: &mut Steps, path: &str) {
    let service = json!({ "clientConfig": { "service": { "namespace": "a", "name": "b" }, "caBundle": "Cg==" } });
    steps.create(
        path,
        configuration(
            "hooks-a",
            &[webhook(json!({})), webhook(json!({ "name": "b.hooks.example.com", "timeoutSeconds": 3 }))],
        ),
    );
    steps.get(&format!("{path}/hooks-a"));
    steps.merge(&format!("{path}/hooks-a"), json!({ "metadata": { "labels": { "a": "b" } } }));
    steps.strategic(
        &format!("{path}/hooks-a"),
        json!({ "webhooks": [{ "name": "b.hooks.example.com", "timeoutSeconds": 4 }] }),
    );
    steps.replace(&format!("{path}/hooks-a"), configuration("hooks-a", &[webhook(json!({}))]));
    let mut versioned = configuration("hooks-a", &[webhook(service)]);
    versioned["metadata"]["resourceVersion"] = json!("{rv-0}");
    steps.replace(&format!("{path}/hooks-a"), versioned);
    steps.replace(&format!("{path}/hooks-missing"), configuration("hooks-missing", &[]));
    steps.create(path, configuration("hooks-empty", &[]));
    steps.delete(&format!("{path}/hooks-empty"));
    steps.delete(&format!("{path}/hooks-a"));
}

fn mistakes(steps: &mut Steps, path: &str) {
    let rule = |name: &str, value: Value| {
        let mut rule = webhook(json!({}))["rules"][0].clone();
        rule[name] = value;
        webhook(json!({ "rules": [rule] }))
    };
    let client = |client: Value| webhook(json!({ "clientConfig": client }));
    let service = |name: &str, value: Value| {
        let mut service = json!({ "namespace": "a", "name": "b" });
        service[name] = value;
        webhook(json!({ "clientConfig": { "service": service } }))
    };
    let wrong = [
        webhook(json!({ "name": "" })),
        webhook(json!({ "name": "a.b" })),
        webhook(json!({ "name": "A.b.c" })),
        webhook(json!({ "sideEffects": null })),
        webhook(json!({ "sideEffects": "Some" })),
        webhook(json!({ "failurePolicy": "Never" })),
        webhook(json!({ "matchPolicy": "Never" })),
        webhook(json!({ "timeoutSeconds": 31 })),
        webhook(json!({ "timeoutSeconds": 0 })),
        webhook(json!({ "admissionReviewVersions": [] })),
        webhook(json!({ "admissionReviewVersions": ["v2"] })),
        webhook(json!({ "admissionReviewVersions": ["v1", "v1", "1"] })),
        webhook(json!({ "objectSelector": { "matchExpressions": [{ "key": "a", "operator": "Odd" }] } })),
        webhook(json!({ "namespaceSelector": { "matchLabels": { "-": "b" } } })),
        webhook(json!({ "matchConditions": [{ "name": "", "expression": "" }] })),
        webhook(
            json!({ "matchConditions": [{ "name": "a", "expression": "true" }, { "name": "a", "expression": "true" }] }),
        ),
        rule("operations", json!([])),
        rule("operations", json!(["*", "CREATE"])),
        rule("operations", json!(["READ"])),
        rule("apiGroups", json!([])),
        rule("apiGroups", json!(["*", "a"])),
        rule("apiVersions", json!([])),
        rule("apiVersions", json!(["*", "v1"])),
        rule("apiVersions", json!([""])),
        rule("resources", json!([])),
        rule("resources", json!(["*", "a"])),
        rule("resources", json!(["*/*", "a"])),
        rule("resources", json!(["a/*", "a/b"])),
        rule("resources", json!(["*/b", "a/b"])),
        rule("resources", json!([""])),
        rule("scope", json!("Everywhere")),
        client(json!({})),
        client(json!({ "url": "https://a/b", "service": { "namespace": "a", "name": "b" } })),
        client(json!({ "url": "http://a/b" })),
        client(json!({ "url": "https://" })),
        client(json!({ "url": "https://user@a/b?c=d" })),
        client(json!({ "url": "https://a/b#c" })),
        service("name", json!("")),
        service("port", json!(70000)),
        service("path", json!("a")),
        service("path", json!("//")),
        service("path", json!("/a//b/")),
        service("path", json!("/A")),
    ];
    for webhook in wrong {
        steps.create(path, configuration("hooks-wrong", &[webhook]));
    }
    steps.create(path, configuration("hooks-wrong", &[webhook(json!({})), webhook(json!({}))]));
    steps.create(path, configuration("hooks.static.k8s.io", &[webhook(json!({}))]));
}

pub const SCENARIOS: &[Scenario] = &[
    ("configurations of mutating webhooks", |steps| life(steps, MUTATING)),
    ("configurations of validating webhooks", |steps| life(steps, VALIDATING)),
    ("mistakes in configurations of mutating webhooks", |steps| {
        mistakes(steps, MUTATING);
        steps.create(MUTATING, configuration("hooks-wrong", &[webhook(json!({ "reinvocationPolicy": "Often" }))]));
    }),
    ("mistakes in configurations of validating webhooks", |steps| mistakes(steps, VALIDATING)),
    ("webhooks of what none is asked about", |steps| {
        let rules = json!([{
            "operations": ["CREATE"], "apiGroups": ["authorization.k8s.io"], "apiVersions": ["v1"],
            "resources": ["subjectaccessreviews", "selfsubjectaccessreviews", "others"],
        }]);
        steps.create(VALIDATING, configuration("hooks-reviews", &[webhook(json!({ "rules": rules }))]));
        steps.delete(&format!("{VALIDATING}/hooks-reviews"));
    }),
];
