//! Measured answers: which kinds are replaced without a version, which are created by a PUT, and what dry runs and evictions answer.

use serde_json::{Value, json};

use super::Scenario;

const BUDGETS: &str = "policy/v1:poddisruptionbudgets";

fn deployment() -> Value {
    json!({ "metadata": { "name": "a" }, "spec": {
        "selector": { "matchLabels": { "app": "w" } },
        "template": { "metadata": { "labels": { "app": "w" } }, "spec": { "containers": [{ "name": "c", "image": "x" }] } },
    } })
}

fn definition() -> Value {
    let schema = json!({ "openAPIV3Schema": { "type": "object" } });
    json!({ "metadata": { "name": "things.{ns}.example.com" }, "spec": {
        "group": "{ns}.example.com", "scope": "Namespaced", "names": { "plural": "things", "kind": "Thing" },
        "versions": [{ "name": "v1", "served": true, "storage": true, "schema": schema }],
    } })
}

fn pod() -> Value {
    json!({
        "metadata": { "name": "a", "labels": { "app": "w" } },
        "spec": { "nodeName": "n1", "containers": [{ "name": "c", "image": "a:1" }] },
    })
}

fn eviction(more: Value) -> Value {
    let mut object = json!({ "apiVersion": "policy/v1", "kind": "Eviction", "metadata": { "name": "a" } });
    if let (Value::Object(fields), Value::Object(more)) = (&mut object, more) {
        fields.extend(more);
    }
    object
}

/// A budget, whose status says that so many disruptions are allowed.
fn budget(s: &mut super::Steps, name: &str, allowed: u32) {
    let spec = json!({ "minAvailable": 1, "selector": { "matchLabels": { "app": "w" } } });
    s.create(BUDGETS, json!({ "metadata": { "name": name }, "spec": spec }));
    s.merge(
        &format!("{BUDGETS}/{name}/status"),
        json!({ "status": { "observedGeneration": 1, "disruptionsAllowed": allowed, "desiredHealthy": 1, "currentHealthy": 2, "expectedPods": 2 } }),
    );
}

pub const SCENARIOS: &[Scenario] = &[
    ("Y3 kinds that are replaced without a version, and others", |s| {
        s.create("apps/v1:deployments", deployment());
        s.replace("apps/v1:deployments/a", deployment());
        let classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
        s.create(classes, json!({ "metadata": { "name": "{ns}" }, "value": 7 }));
        s.replace(
            &format!("{classes}/{{ns}}"),
            json!({ "metadata": { "name": "{ns}" }, "value": 7, "description": "d" }),
        );
        s.delete(&format!("{classes}/{{ns}}"));
        s.create("rbac.authorization.k8s.io/v1:roles", json!({ "metadata": { "name": "a" }, "rules": [] }));
        s.replace("rbac.authorization.k8s.io/v1:roles/a", json!({ "metadata": { "name": "a" }, "rules": [] }));
        let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        s.create(definitions, definition());
        s.replace(&format!("{definitions}/things.{{ns}}.example.com"), definition());
        s.delete(&format!("{definitions}/things.{{ns}}.example.com"));
    }),
    ("Y4 kinds that a PUT creates", |s| {
        let named = json!({ "metadata": { "name": "a" } });
        s.replace("endpoints/a", named.clone());
        s.replace("limitranges/a", json!({ "metadata": { "name": "a" }, "spec": { "limits": [] } }));
        s.replace("services/a", json!({ "metadata": { "name": "a" }, "spec": { "ports": [{ "port": 80 }] } }));
        s.replace(
            "rbac.authorization.k8s.io/v1:roles/a",
            json!({ "metadata": { "name": "a", "resourceVersion": "1" } }),
        );
        s.replace(
            "rbac.authorization.k8s.io/v1:roles/b",
            json!({ "metadata": { "name": "b", "uid": "0f2c0e9c-4a4e-4d8e-9d0a-000000000000" } }),
        );
        s.replace("secrets/a", named.clone());
        s.replace("/api/v1/nodes/none", json!({ "metadata": { "name": "none" } }));
        s.replace("apps/v1:deployments/a", deployment());
        s.replace(
            "discovery.k8s.io/v1:endpointslices/a",
            json!({ "metadata": { "name": "a" }, "addressType": "IPv4", "endpoints": [] }),
        );
    }),
    ("Y6 a view of the metadata is answered to writes", |s| {
        const PARTIAL: &str = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
        s.create("configmaps", json!({ "metadata": { "name": "a" }, "data": { "x": "1" } }));
        s.accepting(PARTIAL);
        s.merge("configmaps/a", json!({ "data": { "x": "2" } }));
        s.accepting(PARTIAL);
        s.delete("configmaps/a");
        s.accepting(PARTIAL);
        s.create("configmaps", json!({ "metadata": { "name": "b", "finalizers": ["e.io/x"] } }));
        s.delete("configmaps/b");
        s.accepting(PARTIAL);
        let partial =
            json!({ "kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": { "name": "b" } });
        s.replace("configmaps/b", partial.clone());
        s.in_other_words();
        s.merge("configmaps/b", partial.clone());
        s.in_other_words();
        s.apply("A", "configmaps/b", partial);
    }),
    ("Y10 dry runs of services, pods and generated names", |s| {
        s.create("services?dryRun=All", json!({ "metadata": { "name": "a" }, "spec": { "ports": [{ "port": 80 }] } }));
        s.create("configmaps?dryRun=All", json!({ "metadata": { "generateName": "gen-" } }));
        s.create("pods", pod());
        s.delete("pods/a?dryRun=All");
        s.create("configmaps?dryRun=", json!({ "metadata": { "name": "a" } }));
        s.get("pods/a");
    }),
    ("Y13 evictions with budgets", |s| {
        s.create("pods", pod());
        s.merge(
            "pods/a/status",
            json!({ "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] } }),
        );
        budget(s, "a", 0);
        s.create("pods/a/eviction", eviction(json!({})));
        budget(s, "b", 1);
        s.create("pods/a/eviction", eviction(json!({})));
        s.delete(&format!("{BUDGETS}/a"));
        s.create("pods/a/eviction", eviction(json!({ "deleteOptions": { "dryRun": ["All"] } })));
        s.create(
            "pods/a/eviction",
            eviction(
                json!({ "deleteOptions": { "preconditions": { "uid": "0f2c0e9c-4a4e-4d8e-9d0a-000000000000" } } }),
            ),
        );
        s.get(&format!("{BUDGETS}/b"));
        s.merge(
            &format!("{BUDGETS}/b/status"),
            json!({ "status": { "disruptionsAllowed": 1, "disruptedPods": null } }),
        );
        s.create("pods/a/eviction", eviction(json!({ "apiVersion": "policy/v1beta1" })));
        s.get("pods/a");
    }),
    ("Y13 a budget that nobody has observed", |s| {
        s.create("pods", pod());
        s.merge(
            "pods/a/status",
            json!({ "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] } }),
        );
        let spec = json!({ "minAvailable": 1, "selector": { "matchLabels": { "app": "w" } } });
        s.create(BUDGETS, json!({ "metadata": { "name": "a" }, "spec": spec }));
        s.create("pods/a/eviction", eviction(json!({})));
    }),
    ("Y15 what is in a namespace that is finalized lives on", |s| {
        let path = "/api/v1/namespaces/{ns}-over";
        s.create("/api/v1/namespaces", json!({ "metadata": { "name": "{ns}-over" } }));
        s.create(&format!("{path}/configmaps"), json!({ "metadata": { "name": "a" } }));
        s.delete(path);
        s.create(&format!("{path}/configmaps"), json!({ "metadata": { "name": "b" } }));
        s.replace(&format!("{path}/finalize"), json!({ "metadata": { "name": "{ns}-over" }, "spec": {} }));
        s.get(path);
        s.get(&format!("{path}/configmaps/a"));
        s.delete(&format!("{path}/configmaps/a"));
    }),
    ("Z3 logs are not to be had as text alone", |s| {
        s.create(
            "pods",
            json!({ "metadata": { "name": "a" }, "spec": { "containers": [{ "name": "c", "image": "x" }] } }),
        );
        s.accept("pods/a/log", "text/plain");
        s.accept("pods/a/log", "application/json");
        s.headers_too(&["content-type"]);
    }),
    ("l generations of a pod", |s| {
        s.create("pods", pod());
        s.delete("pods/a?gracePeriodSeconds=0");
        s.create("pods", pod());
        s.delete("pods/a");
    }),
];
