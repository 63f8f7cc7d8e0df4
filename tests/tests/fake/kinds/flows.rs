//! Flow schemas and priority levels.

use http::Method;
use serde_json::{Value, json};

use super::Scenario;

const FLOWS: &str = "/apis/flowcontrol.apiserver.k8s.io/v1";

fn of(spec: Value) -> Value {
    json!({ "metadata": { "name": "{ns}" }, "spec": spec })
}

fn rule() -> Value {
    json!({
        "subjects": [{ "kind": "User", "user": { "name": "u" } }],
        "nonResourceRules": [{ "verbs": ["get"], "nonResourceURLs": ["/x"] }],
    })
}

fn schema(more: Value) -> Value {
    let mut spec = json!({ "priorityLevelConfiguration": { "name": "exempt" }, "rules": [rule()] });
    for (name, value) in more.as_object().into_iter().flatten() {
        spec[name] = value.clone();
    }
    of(spec)
}

fn level(limited: Value) -> Value {
    of(json!({ "type": "Limited", "limited": limited }))
}

pub const SCENARIOS: &[Scenario] = &[
    ("a flow schema", |s| {
        let (all, one) = (format!("{FLOWS}/flowschemas"), format!("{FLOWS}/flowschemas/{{ns}}"));
        s.replace(&one, schema(json!({})));
        s.create(&format!("{all}?dryRun=All"), schema(json!({})));
        s.create(
            &format!("{all}?dryRun=All"),
            schema(json!({ "matchingPrecedence": 7, "distinguisherMethod": { "type": "ByUser" } })),
        );
        let mut with_status = schema(json!({}));
        with_status["status"] = json!({ "conditions": [{ "type": "a" }] });
        with_status["metadata"]["generation"] = json!(7);
        s.create(&all, with_status);
        s.pause();
        s.get(&one);
        s.merge(&one, json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(&one, json!({ "spec": { "matchingPrecedence": 3000 }, "status": { "conditions": null } }));
        s.merge(&one, json!({ "spec": { "priorityLevelConfiguration": { "name": "{ns}-none" } } }));
        s.pause();
        s.get(&one);
        s.create(&format!("{FLOWS}/prioritylevelconfigurations"), json!({
            "metadata": { "name": "{ns}-none" }, "spec": { "type": "Limited", "limited": { "limitResponse": { "type": "Reject" } } },
        }));
        s.pause();
        s.get(&one);
        s.delete(&format!("{FLOWS}/prioritylevelconfigurations/{{ns}}-none"));
        s.pause();
        s.get(&one);
        s.merge(
            &format!("{one}/status"),
            json!({ "metadata": { "labels": { "c": "d" } }, "spec": { "matchingPrecedence": 1 }, "status": { "conditions": [
                { "type": "Dangling", "status": "True", "reason": "NotFound", "message": "This FlowSchema references the PriorityLevelConfiguration object named \"{ns}-none\" but there is no such object" },
                { "type": "Other", "status": "True" },
            ] } }),
        );
        s.merge(
            &format!("{one}/status"),
            json!({ "status": { "conditions": [{ "type": "a" }, { "type": "a" }, {}] } }),
        );
        s.replace(
            &one,
            schema(json!({ "matchingPrecedence": 4000, "priorityLevelConfiguration": { "name": "{ns}-none" } })),
        );
        s.send(
            Method::PATCH,
            &format!("{one}?fieldManager=A"),
            "application/apply-patch+yaml",
            json!({
                "apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "FlowSchema", "metadata": { "name": "{ns}" },
                "spec": { "priorityLevelConfiguration": { "name": "{ns}-none" } },
            }),
        );
        s.get(&format!("{all}?fieldSelector=metadata.name%3D{{ns}}"));
        s.get(&format!("{all}?fieldSelector=spec.matchingPrecedence%3D1"));
        s.delete(&one);
        s.get(&one);
    }),
    ("flow schemas are checked", |s| {
        let all = format!("{FLOWS}/flowschemas?dryRun=All");
        s.create(&all, of(json!({})));
        for precedence in [-1, 1, 10001] {
            s.create(&all, schema(json!({ "matchingPrecedence": precedence })));
        }
        s.create(&all, schema(json!({ "distinguisherMethod": { "type": "Bogus" } })));
        s.create(&all, schema(json!({ "distinguisherMethod": {} })));
        s.create(&all, schema(json!({ "priorityLevelConfiguration": { "name": "A_" } })));
        let with = |name: &str, value: Value| {
            let mut rule = rule();
            rule[name] = value;
            schema(json!({ "rules": [rule] }))
        };
        s.create(&all, schema(json!({ "rules": [{}] })));
        s.create(&all, with("subjects", json!([
            { "kind": "Bogus" }, { "kind": "User" }, { "kind": "Group" }, { "kind": "ServiceAccount" },
            { "kind": "User", "user": { "name": "" }, "group": { "name": "g" }, "serviceAccount": { "name": "s", "namespace": "n" } },
            { "kind": "Group", "group": { "name": "" }, "user": { "name": "g" } },
            { "kind": "ServiceAccount", "serviceAccount": { "name": "", "namespace": "" }, "user": { "name": "g" } },
            { "kind": "ServiceAccount", "serviceAccount": { "name": "A_", "namespace": "A.b" }, "group": { "name": "g" } },
            { "kind": "ServiceAccount", "serviceAccount": { "name": "*", "namespace": "a" } },
        ])));
        s.create(&all, with("nonResourceRules", json!([
            {}, { "verbs": ["*", "get"], "nonResourceURLs": ["*", "/x"] }, { "verbs": ["get", "bogus"], "nonResourceURLs": ["*"] },
            { "verbs": ["*"], "nonResourceURLs": ["", "/", "x", "/a b", "/a//b", "/*/*", "/a*", "/a/*", "/*/a"] },
        ])));
        s.create(&all, with("resourceRules", json!([
            {}, { "verbs": ["*", "get"], "apiGroups": ["*", "a"], "resources": ["*", "a"], "namespaces": ["*", "a"] },
            { "verbs": ["bogus"], "apiGroups": ["a"], "resources": ["a"], "namespaces": ["A_", "a"] },
            { "verbs": ["get"], "apiGroups": [""], "resources": ["a"], "clusterScope": true },
        ])));
        s.merge(&format!("{FLOWS}/flowschemas/exempt?dryRun=All"), json!({ "spec": { "matchingPrecedence": 2 } }));
        s.in_other_words();
        s.merge(&format!("{FLOWS}/flowschemas/catch-all?dryRun=All"), json!({ "spec": { "rules": null } }));
        s.in_other_words();
        s.merge(&format!("{FLOWS}/flowschemas/exempt?dryRun=All"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(&format!("{FLOWS}/flowschemas/probes?dryRun=All"), json!({ "spec": { "matchingPrecedence": 3 } }));
    }),
    ("a priority level", |s| {
        let (all, one) =
            (format!("{FLOWS}/prioritylevelconfigurations"), format!("{FLOWS}/prioritylevelconfigurations/{{ns}}"));
        s.replace(&one, level(json!({ "limitResponse": { "type": "Reject" } })));
        s.create(&all, level(json!({ "limitResponse": { "type": "Queue", "queuing": {} } })));
        s.merge(&one, json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(
            &one,
            json!({ "spec": { "limited": { "limitResponse": { "queuing": { "queues": 128, "handSize": 6 } } } } }),
        );
        s.merge(&one, json!({ "spec": { "limited": { "nominalConcurrencyShares": 0, "borrowingLimitPercent": 10 } } }));
        s.merge(
            &format!("{one}/status"),
            json!({
                "metadata": { "labels": { "c": "d" } }, "spec": { "type": "Exempt" },
                "status": { "conditions": [{ "type": "a", "status": "True" }] },
            }),
        );
        s.merge(
            &format!("{one}/status"),
            json!({ "status": { "conditions": [{ "type": "a" }, { "type": "a" }, {}] } }),
        );
        s.merge(&one, json!({ "status": null }));
        s.strategic(
            &format!("{one}/status"),
            json!({ "status": { "conditions": [{ "type": "b", "status": "True" }] } }),
        );
        s.replace(&one, level(json!({ "limitResponse": { "type": "Reject" } })));
        s.send(
            Method::PATCH,
            &format!("{one}?fieldManager=A"),
            "application/apply-patch+yaml",
            json!({
                "apiVersion": "flowcontrol.apiserver.k8s.io/v1", "kind": "PriorityLevelConfiguration",
                "metadata": { "name": "{ns}" }, "spec": { "limited": { "lendablePercent": 40 } },
            }),
        );
        s.get(&one);
        s.delete(&one);
        s.get(&one);
    }),
    ("priority levels are checked", |s| {
        let all = format!("{FLOWS}/prioritylevelconfigurations?dryRun=All");
        s.create(&all, of(json!({})));
        s.create(&all, of(json!({ "type": "Bogus" })));
        s.create(&all, of(json!({ "type": "Exempt" })));
        s.create(&all, of(json!({ "type": "Limited" })));
        s.create(&all, of(json!({ "type": "Limited", "exempt": {}, "limited": {} })));
        s.create(&all, of(json!({ "type": "Limited", "limited": { "limitResponse": { "type": "Bogus" } } })));
        s.create(&all, level(json!({ "limitResponse": { "type": "Reject", "queuing": {} } })));
        s.create(&all, level(json!({ "limitResponse": { "type": "Queue" } })));
        s.create(&all, level(json!({
            "limitResponse": { "type": "Reject" }, "nominalConcurrencyShares": -1, "lendablePercent": 101, "borrowingLimitPercent": -1,
        })));
        for (queues, hand, limit) in [(-1, -1, -1), (10_000_001, 1, 1), (4, 5, 1), (1_000_000, 4, 1), (1024, 6, 1)] {
            let queuing = json!({ "queues": queues, "handSize": hand, "queueLengthLimit": limit });
            s.create(&all, level(json!({ "limitResponse": { "type": "Queue", "queuing": queuing } })));
        }
        let mut preserving = level(json!({ "limitResponse": { "type": "Reject" } }));
        preserving["metadata"]["annotations"] =
            json!({ "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares": "" });
        s.create(&all, preserving);
        let one = |name: &str| format!("{FLOWS}/prioritylevelconfigurations/{name}?dryRun=All");
        s.merge(&one("exempt"), json!({ "spec": { "exempt": { "lendablePercent": 50 } } }));
        s.merge(
            &one("exempt"),
            json!({ "spec": { "exempt": { "nominalConcurrencyShares": -1, "lendablePercent": -1 } } }),
        );
        s.merge(&one("exempt"), json!({ "spec": { "type": "Limited", "limited": {}, "exempt": null } }));
        s.in_other_words();
        s.merge(&one("catch-all"), json!({ "spec": { "limited": { "lendablePercent": 1 } } }));
        s.in_other_words();
        s.send(
            Method::PATCH,
            &one("catch-all"),
            "application/json-patch+json",
            json!([
                { "op": "add", "path": "/metadata/annotations/example.com~1a", "value": "b" },
            ]),
        );
    }),
];
