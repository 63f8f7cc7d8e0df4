//! Evictions and requests of them, which a server has with all its features.

use serde_json::{Value, json};

use super::Scenario;

const EVICTIONS: &str = "lifecycle.k8s.io/v1alpha1:evictions";
const REQUESTS: &str = "lifecycle.k8s.io/v1alpha1:evictionrequests";
const TABLE: &str = "application/json;as=Table;v=v1;g=meta.k8s.io";

fn target() -> Value {
    json!({ "pod": { "name": "p", "uid": "0f2c0e9c-4a4e-4d8e-9d0a-000000000000" } })
}

fn eviction(target: Value) -> Value {
    json!({ "metadata": { "name": "a" }, "spec": { "target": target } })
}

fn request(requester: &str, intent: &str) -> Value {
    json!({ "metadata": { "name": "a" }, "spec": { "target": target(), "requester": requester, "intent": intent } })
}

fn condition(kind: &str, status: &str) -> Value {
    json!({ "type": kind, "status": status, "reason": "r", "message": "", "lastTransitionTime": "2024-05-06T07:08:09Z" })
}

pub const WITH_ALL_FEATURES: &[Scenario] = &[
    ("an eviction", |s| {
        let one = format!("{EVICTIONS}/a");
        s.replace(&one, eviction(target()));
        s.create(EVICTIONS, eviction(target()));
        s.accept(&one, TABLE);
        s.merge(&one, json!({ "metadata": { "labels": { "a": "b" } }, "status": { "observedGeneration": 1 } }));
        s.merge(&one, json!({ "spec": { "target": { "pod": { "name": "q" } } } }));
        s.replace(&one, eviction(target()));
        s.merge(
            &format!("{one}/status"),
            json!({ "metadata": { "labels": { "c": "d" } }, "status": { "observedGeneration": 2, "requesters": [
                { "name": "example.com/b", "intent": "Eviction" }, { "name": "example.com/a", "intent": "Eviction" },
            ] } }),
        );
        s.accept(&one, TABLE);
        s.merge(&format!("{one}/status"), json!({ "status": { "observedGeneration": 1 } }));
        s.merge(&format!("{one}/status"), json!({ "status": { "observedGeneration": null } }));
        s.merge(&format!("{one}/status"), json!({ "status": { "conditions": [condition("TargetEvicted", "True")] } }));
        s.accept(&format!("{EVICTIONS}?includeObject=None"), TABLE);
        s.delete(&one);
    }),
    ("evictions are checked", |s| {
        for target in [
            json!({}),
            json!({ "pod": {} }),
            json!({ "pod": { "name": "A_", "uid": "x" } }),
            json!({ "pod": { "name": "a", "uid": "0F2C0E9C-4a4e-4d8e-9d0a-000000000000" } }),
        ] {
            s.create(EVICTIONS, eviction(target));
        }
        s.create(EVICTIONS, json!({ "metadata": { "name": "A_" }, "spec": { "target": target() } }));
        s.create(EVICTIONS, eviction(target()));
        for status in [
            json!({ "observedGeneration": 0, "conditions": [{ "type": "x", "status": "True" }] }),
            json!({ "requesters": [{ "name": "x" }, { "name": "a.io/b", "intent": "Eviction" }, { "name": "a.io/b", "intent": "X" }] }),
        ] {
            s.merge(&format!("{EVICTIONS}/a/status"), json!({ "status": status }));
        }
    }),
    ("a request of an eviction", |s| {
        let one = format!("{REQUESTS}/a");
        s.create(REQUESTS, request("example.com/b", "Eviction"));
        s.accept(&one, TABLE);
        s.merge(&one, json!({ "spec": { "intent": "Withdrawn", "requester": "example.com/c" } }));
        s.merge(&one, json!({ "spec": { "intent": "Withdrawn" }, "status": { "observedGeneration": 1 } }));
        s.merge(
            &format!("{one}/status"),
            json!({ "status": { "observedGeneration": 1, "conditions": [condition("Failed", "True")] } }),
        );
        s.accept(&one, TABLE);
        s.apply("A", REQUESTS_ONE, json!({ "spec": { "intent": "Eviction" } }));
        s.delete(&one);
    }),
    ("requests of evictions are checked", |s| {
        s.create(REQUESTS, json!({ "metadata": { "name": "a" } }));
        for (requester, intent) in [("x", "X"), ("a.k8s.io/b", "Eviction"), ("k8s.io/b", ""), ("a/B_", "Eviction")] {
            s.create(REQUESTS, request(requester, intent));
        }
    }),
];

const REQUESTS_ONE: &str = "lifecycle.k8s.io/v1alpha1:evictionrequests/a";
