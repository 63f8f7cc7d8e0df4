//! Horizontal pod autoscalers.

use serde_json::{Value, json};

use super::Scenario;

const V2: &str = "autoscaling/v2:horizontalpodautoscalers";

fn autoscaler(name: &str, more: Value) -> Value {
    let target = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "web" });
    let mut object = json!({ "metadata": { "name": name }, "spec": { "scaleTargetRef": target, "maxReplicas": 3 } });
    if let (Value::Object(spec), Value::Object(more)) = (&mut object["spec"], more) {
        spec.extend(more);
    }
    object
}

fn metric(kind: &str, field: &str, source: Value) -> Value {
    json!({ "metrics": [{ "type": kind, field: source }] })
}

pub const SCENARIOS: &[Scenario] = &[
    ("an autoscaler gets what it doesn't say", |s| {
        s.create(V2, autoscaler("a", json!({})));
        s.create(V2, autoscaler("b", json!({ "minReplicas": 2, "behavior": {} })));
        s.create(V2, autoscaler("c", json!({ "behavior": { "scaleUp": { "selectPolicy": "Min" }, "scaleDown": { "stabilizationWindowSeconds": 60 } } })));
        s.create(
            V2,
            autoscaler(
                "d",
                metric(
                    "Resource",
                    "resource",
                    json!({ "name": "memory", "target": { "type": "AverageValue", "averageValue": "1024Mi" } }),
                ),
            ),
        );
        s.create(V2, autoscaler("e", metric("Object", "object", json!({
            "describedObject": { "kind": "Service", "name": "s", "apiVersion": "v1" }, "metric": { "name": "m" }, "target": { "type": "Value", "value": "10" },
        }))));
        s.create(V2, autoscaler("f", metric("External", "external", json!({ "metric": { "name": "m", "selector": { "matchLabels": { "a": "b" } } }, "target": { "type": "AverageValue", "averageValue": "500m" } }))));
        s.merge(&format!("{V2}/a"), json!({ "spec": { "maxReplicas": 5 } }));
        s.merge(&format!("{V2}/a"), json!({ "metadata": { "annotations": { "a": "b" } } }));
        s.merge(&format!("{V2}/a/status"), json!({ "status": {
            "currentReplicas": 2, "desiredReplicas": 3, "observedGeneration": 1,
            "conditions": [{ "type": "ScalingActive", "status": "True", "reason": "R" }],
            "currentMetrics": [{ "type": "Resource", "resource": { "name": "cpu", "current": { "averageUtilization": 50, "averageValue": "200m" } } }],
        } }));
        s.merge(&format!("{V2}/a/status"), json!({ "status": { "currentReplicas": -1, "desiredReplicas": -1 } }));
        s.replace(&format!("{V2}/a"), autoscaler("a", json!({ "maxReplicas": 6 })));
        s.apply("A", &format!("{V2}/g"), autoscaler("g", json!({})));
        s.apply("B", &format!("{V2}/g"), json!({ "spec": { "maxReplicas": 9 } }));
        s.get(&format!("{V2}/g"));
        s.get(V2);
        s.delete(&format!("{V2}/a"));
    }),
    ("autoscalers are checked", |s| {
        s.create(V2, json!({ "metadata": { "name": "a" } }));
        s.create(V2, autoscaler("a", json!({ "minReplicas": 0, "maxReplicas": -1 })));
        s.create(V2, autoscaler("a", json!({ "minReplicas": 5, "maxReplicas": 3 })));
        s.create(V2, autoscaler("a", json!({ "scaleTargetRef": { "kind": "a/b", "name": "c%", "apiVersion": "v1" } })));
        s.create(V2, autoscaler("a", json!({ "scaleTargetRef": { "kind": "a", "name": "c", "apiVersion": "a/b/c" } })));
        s.create(V2, autoscaler("a", json!({ "scaleTargetRef": { "kind": "ReplicationController", "name": "c", "apiVersion": "v1" }, "metrics": [{}] })));
        s.create(V2, autoscaler("a", metric("Bogus", "resource", json!({}))));
        s.create(
            V2,
            autoscaler("a", metric("Resource", "pods", json!({ "metric": {}, "target": { "type": "Bogus" } }))),
        );
        s.create(V2, autoscaler("a", metric("Resource", "resource", json!({ "name": "cpu", "target": { "type": "Utilization", "averageUtilization": 0, "averageValue": "0" } }))));
        s.create(
            V2,
            autoscaler(
                "a",
                metric(
                    "ContainerResource",
                    "containerResource",
                    json!({ "name": "bogus", "container": "A_", "target": { "type": "Utilization" } }),
                ),
            ),
        );
        s.create(V2, autoscaler("a", metric("External", "external", json!({ "metric": { "name": "a/b" }, "target": { "type": "Value", "value": "1", "averageValue": "1" } }))));
        s.create(V2, autoscaler("a", metric("Object", "object", json!({ "describedObject": { "kind": "S", "name": "" }, "metric": { "name": "m" }, "target": { "type": "Value" } }))));
        s.create(
            V2,
            autoscaler(
                "a",
                json!({ "behavior": { "scaleUp": {
            "stabilizationWindowSeconds": 4000, "selectPolicy": "Bogus",
            "policies": [{ "type": "Bogus", "value": 0, "periodSeconds": 2000 }],
        }, "scaleDown": { "stabilizationWindowSeconds": -1 } } }),
            ),
        );
        s.create(V2, autoscaler("a", json!({ "minReplicas": -1 })));
        s.create(V2, autoscaler("a", json!({})));
        s.merge(&format!("{V2}/a"), json!({ "spec": { "maxReplicas": 0 } }));
    }),
];
