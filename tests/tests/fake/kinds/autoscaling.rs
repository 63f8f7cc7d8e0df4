//! Horizontal pod autoscalers.

use serde_json::{Value, json};

use super::Scenario;

const V1: &str = "autoscaling/v1:horizontalpodautoscalers";
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
    ("an empty list of policies is not defaulted", |s| {
        s.create(V2, autoscaler("a", json!({ "behavior": { "scaleUp": { "policies": [] } } })));
        s.create(
            V2,
            autoscaler("a", json!({ "behavior": { "scaleDown": { "policies": [], "selectPolicy": "Min" } } })),
        );
        s.create(V2, autoscaler("a", json!({ "metrics": [], "behavior": { "scaleUp": { "policies": null } } })));
        s.merge(&format!("{V2}/a"), json!({ "spec": { "behavior": { "scaleUp": { "policies": [] } } } }));
        s.apply("A", &format!("{V2}/a"), autoscaler("a", json!({ "behavior": { "scaleDown": { "policies": [] } } })));
        s.merge(&format!("{V2}/a/status"), json!({ "status": { "currentMetrics": [] } }));
        s.get(&format!("{V2}/a"));
    }),
    ("an autoscaler of the older version is one of the newer", |s| {
        s.create(V1, autoscaler("a", json!({})));
        s.get(&format!("{V2}/a"));
        s.create(V1, autoscaler("b", json!({ "minReplicas": 2, "targetCPUUtilizationPercentage": 50 })));
        s.get(&format!("{V2}/b"));
        s.merge(&format!("{V1}/b"), json!({ "spec": { "targetCPUUtilizationPercentage": 60 } }));
        s.merge(&format!("{V1}/b"), json!({ "metadata": { "annotations": { "a": "b" } } }));
        s.strategic(&format!("{V1}/b"), json!({ "spec": { "maxReplicas": 9 } }));
        s.json_patch(&format!("{V1}/b"), json!([{ "op": "remove", "path": "/spec/targetCPUUtilizationPercentage" }]));
        s.replace(&format!("{V1}/b"), autoscaler("b", json!({ "maxReplicas": 7 })));
        s.merge(
            &format!("{V1}/b/status"),
            json!({ "status": { "currentReplicas": 1, "desiredReplicas": 2, "currentCPUUtilizationPercentage": 33 } }),
        );
        s.get(&format!("{V2}/b"));
        s.create(V1, autoscaler("c", json!({ "minReplicas": 5, "maxReplicas": 3 })));
        s.create(V1, autoscaler("c", json!({ "targetCPUUtilizationPercentage": 0 })));
        s.create(V1, autoscaler("c", json!({ "metrics": [] })));
        s.create(&format!("{V1}?fieldValidation=Strict"), autoscaler("c", json!({ "metrics": [] })));
        s.get(V1);
        s.get_metadata(&format!("{V1}/b"));
        s.delete(&format!("{V1}/b"));
    }),
    ("annotations of the older version stand for what it has no fields for", |s| {
        let target = |kind: &str, field: &str, value: Value| json!({ "type": kind, field: value });
        let metrics = json!([
            { "type": "Resource", "resource": { "name": "cpu", "target": target("Utilization", "averageUtilization", json!(40)) } },
            { "type": "Resource", "resource": { "name": "memory", "target": target("AverageValue", "averageValue", json!("1024Mi")) } },
            { "type": "Resource", "resource": { "name": "cpu", "target": target("AverageValue", "averageValue", json!("100m")) } },
            { "type": "ContainerResource", "containerResource": { "name": "cpu", "container": "c", "target": target("Utilization", "averageUtilization", json!(10)) } },
            { "type": "Pods", "pods": { "metric": { "name": "m<n>&", "selector": { "matchLabels": { "b": "c", "a": "b" } } }, "target": target("AverageValue", "averageValue", json!("2")) } },
            { "type": "Object", "object": { "describedObject": { "kind": "Service", "name": "s", "apiVersion": "v1" }, "metric": { "name": "m" }, "target": target("Value", "value", json!("10")) } },
            { "type": "Object", "object": { "describedObject": { "kind": "Service", "name": "t" }, "metric": { "name": "m" }, "target": target("AverageValue", "averageValue", json!("10")) } },
            { "type": "External", "external": { "metric": { "name": "m", "selector": { "matchExpressions": [{ "key": "a", "operator": "In", "values": ["x", "y"] }, { "key": "b", "operator": "Exists" }] } }, "target": target("Value", "value", json!("7")) } },
            { "type": "External", "external": { "metric": { "name": "m" }, "target": target("AverageValue", "averageValue", json!("500m")) } },
        ]);
        let behavior = json!({ "scaleUp": { "selectPolicy": "Min" }, "scaleDown": { "stabilizationWindowSeconds": 60, "tolerance": "0.05", "policies": [{ "type": "Pods", "value": 1, "periodSeconds": 30 }] } });
        s.create(V2, autoscaler("a", json!({ "metrics": metrics, "behavior": behavior })));
        s.get(&format!("{V1}/a"));
        s.merge(&format!("{V2}/a/status"), json!({ "status": {
            "currentReplicas": 2, "desiredReplicas": 3, "observedGeneration": 1, "lastScaleTime": "2020-01-01T00:00:00Z",
            "conditions": [{ "type": "ScalingActive", "status": "True", "reason": "R", "message": "m", "lastTransitionTime": "2020-01-01T00:00:00Z" }, { "type": "AbleToScale", "status": "False" }],
            "currentMetrics": [
                { "type": "Resource", "resource": { "name": "cpu", "current": { "averageUtilization": 50, "averageValue": "200m" } } },
                { "type": "Pods", "pods": { "metric": { "name": "m" }, "current": { "averageValue": "3" } } },
                { "type": "Object", "object": { "describedObject": { "kind": "Service", "name": "s" }, "metric": { "name": "m" }, "current": { "value": "3" } } },
                { "type": "External", "external": { "metric": { "name": "m" }, "current": { "averageValue": "3" } } },
                { "type": "ContainerResource", "containerResource": { "name": "cpu", "container": "c", "current": { "averageValue": "1" } } },
            ],
        } }));
        s.get(&format!("{V1}/a"));
        s.get(&format!("{V1}/a/status"));
        // A change through the older version keeps them.
        s.merge(&format!("{V1}/a"), json!({ "spec": { "maxReplicas": 11 } }));
        s.get(&format!("{V2}/a"));
        s.merge(&format!("{V1}/a"), json!({ "metadata": { "annotations": { "autoscaling.alpha.kubernetes.io/conditions": null, "autoscaling.alpha.kubernetes.io/behavior": null, "autoscaling.alpha.kubernetes.io/metrics": null } } }));
        s.get(&format!("{V2}/a"));
        s.merge(&format!("{V1}/a"), json!({ "metadata": { "annotations": { "autoscaling.alpha.kubernetes.io/behavior": "{\"scaleup\":{\"Policies\":[{\"Type\":\"Pods\",\"Value\":1,\"PeriodSeconds\":5}]}}", "autoscaling.alpha.kubernetes.io/metrics": "[{\"type\":\"Resource\",\"resource\":{\"name\":\"memory\",\"targetAverageValue\":\"1024Mi\"}}]" } } }));
        s.get(&format!("{V2}/a"));
        s.merge(&format!("{V1}/a"), json!({ "metadata": { "annotations": { "autoscaling.alpha.kubernetes.io/behavior": "{\"ScaleDown\":{}}" } } }));
        s.merge(
            &format!("{V1}/a"),
            json!({ "metadata": { "annotations": { "autoscaling.alpha.kubernetes.io/metrics": "no JSON" } } }),
        );
        s.get(&format!("{V2}/a"));
        s.merge(&format!("{V2}/a"), json!({ "metadata": { "annotations": { "autoscaling.alpha.kubernetes.io/metrics": "[]", "kept": "yes" } } }));
    }),
    ("each version of an autoscaler has managers of its own", |s| {
        s.apply("A", &format!("{V2}/a"), autoscaler("a", json!({ "metrics": [{ "type": "Resource", "resource": { "name": "memory", "target": { "type": "AverageValue", "averageValue": "1Gi" } } }] })));
        s.get(&format!("{V1}/a"));
        s.apply("B", &format!("{V1}/a"), json!({ "spec": { "targetCPUUtilizationPercentage": 70 } }));
        s.apply("B", &format!("{V1}/a"), json!({ "spec": { "maxReplicas": 9 } }));
        s.apply("B", &format!("{V1}/a?force=true"), json!({ "spec": { "maxReplicas": 9 } }));
        s.get(&format!("{V2}/a"));
        s.apply("A", &format!("{V2}/a"), autoscaler("a", json!({})));
        s.merge(&format!("{V1}/a"), json!({ "spec": { "minReplicas": 2 } }));
        s.apply("C", &format!("{V1}/b"), autoscaler("b", json!({ "targetCPUUtilizationPercentage": 20 })));
        s.apply("C", &format!("{V1}/b"), autoscaler("b", json!({})));
        s.get(&format!("{V2}/b"));
        s.merge(&format!("{V2}/b"), json!({ "spec": { "maxReplicas": 4 } }));
        s.get(&format!("{V1}/b"));
    }),
];
