//! The scale of custom resources, and by apply.

use serde_json::{Value, json};

use super::scenarios::Scenario;

const GADGETS: &str = "example.com/v2:gadgets";
const SCALE: &str = "example.com/v2:gadgets/a/scale";

fn gadget(spec: Value) -> Value {
    json!({ "apiVersion": "example.com/v2", "kind": "Gadget", "metadata": { "name": "a" }, "spec": spec })
}

fn scale(spec: Value) -> Value {
    json!({ "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": { "name": "a" }, "spec": spec })
}

pub const SCENARIOS: &[Scenario] =
    &[
        ("a custom resource is scaled", |s| {
            s.create(GADGETS, gadget(json!({ "size": 3 })));
            s.merge(&format!("{GADGETS}/a/status"), json!({ "status": { "replicas": 2, "selector": "a=b" } }));
            s.get(SCALE);
            s.merge(SCALE, json!({ "spec": { "replicas": 5 } }));
            s.get(&format!("{GADGETS}/a"));
            s.replace(SCALE, scale(json!({ "replicas": 4 })));
            s.replace(SCALE, scale(json!({ "replicas": 4 })));
            s.get(&format!("{GADGETS}/a"));
            s.replace(SCALE, scale(json!({})));
            s.get(&format!("{GADGETS}/a"));
            s.merge(SCALE, json!({ "spec": { "replicas": 1 }, "metadata": { "resourceVersion": "1" } }));
            s.merge(SCALE, json!({ "spec": { "replicas": -1 } }));
            s.merge(SCALE, json!({ "spec": { "replicas": 200 } }));
            s.merge(SCALE, json!({ "spec": { "replicas": "x" } }));
            s.merge(SCALE, json!({ "metadata": { "name": "b" } }));
            s.json_patch(SCALE, json!([{ "op": "replace", "path": "/spec/replicas", "value": 7 }]));
            s.merge(&format!("{SCALE}?dryRun=All"), json!({ "spec": { "replicas": 8 } }));
            s.get(SCALE);
            s.get(&format!("{GADGETS}/b/scale"));
            s.merge(&format!("{GADGETS}/b/scale"), json!({ "spec": { "replicas": 8 } }));
            s.get("example.com/v1:gadgets/a/scale");
        }),
        ("a custom resource without replicas is scaled", |s| {
            s.create(GADGETS, gadget(json!({})));
            s.get(SCALE);
            s.merge(SCALE, json!({ "metadata": { "labels": { "a": "b" } } }));
            s.merge(SCALE, json!({ "spec": { "replicas": 2 } }));
            s.get(&format!("{GADGETS}/a"));
            s.create(GADGETS, json!({ "apiVersion": "example.com/v2", "kind": "Gadget", "metadata": { "name": "b" } }));
            s.merge(&format!("{GADGETS}/b/scale"), json!({ "spec": { "replicas": 2 } }));
            s.get(&format!("{GADGETS}/b"));
        }),
        ("what a scale reads is checked", |s| {
            s.create(GADGETS, gadget(json!({ "size": -1 })));
            s.create(GADGETS, gadget(json!({ "size": 1 })));
            s.merge(&format!("{GADGETS}/a"), json!({ "spec": "x" }));
            s.merge(&format!("{GADGETS}/a"), json!({ "spec": { "size": "x" } }));
            s.merge(&format!("{GADGETS}/a/status"), json!({ "status": { "replicas": -1 } }));
            s.merge(&format!("{GADGETS}/a/status"), json!({ "status": { "replicas": 3000000000_i64 } }));
        }),
        ("the scale of a custom resource is applied", |s| {
            s.create(GADGETS, gadget(json!({ "size": 3 })));
            s.apply("A", SCALE, scale(json!({ "replicas": 4 })));
            s.apply("A", &format!("{SCALE}?force=true"), scale(json!({ "replicas": 4 })));
            s.get(&format!("{GADGETS}/a"));
            s.apply("A", SCALE, scale(json!({ "replicas": 4 })));
            s.apply("B", SCALE, scale(json!({ "replicas": 4 })));
            s.apply("A", SCALE, scale(json!({ "replicas": 5 })));
            s.get(&format!("{GADGETS}/a"));
            s.apply("A", SCALE, scale(json!({ "replicas": -1 })));
            s.apply("A", SCALE, scale(json!({ "bogus": 1 })));
            s.apply("A", SCALE, json!({}));
            s.apply("A", &format!("{GADGETS}/b/scale"), json!({
            "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": { "name": "b" }, "spec": { "replicas": 4 },
        }));
        }),
        ("who applies a custom resource applies its scale", |s| {
            s.apply("A", &format!("{GADGETS}/a"), gadget(json!({ "size": 3, "color": "blue" })));
            s.apply("A", SCALE, scale(json!({ "replicas": 3 })));
            s.get(&format!("{GADGETS}/a"));
            s.apply("B", SCALE, scale(json!({ "replicas": 4 })));
            s.apply("B", &format!("{SCALE}?force=true"), scale(json!({ "replicas": 4 })));
            s.apply("A", &format!("{GADGETS}/a"), gadget(json!({ "color": "blue" })));
            s.get(&format!("{GADGETS}/a"));
            s.apply("B", SCALE, scale(json!({})));
            s.get(&format!("{GADGETS}/a"));
            s.merge("example.com/v1:gadgets/a", json!({ "spec": { "size": 8 } }));
            s.merge(SCALE, json!({ "spec": { "replicas": 9 } }));
            s.get(&format!("{GADGETS}/a"));
        }),
    ];
