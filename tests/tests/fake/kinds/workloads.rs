//! Deployments, replica sets, stateful sets and daemon sets.

use serde_json::{Value, json};

use super::Scenario;

const DEPLOYMENTS: &str = "apps/v1:deployments";
const REPLICA_SETS: &str = "apps/v1:replicasets";
const STATEFUL_SETS: &str = "apps/v1:statefulsets";
const DAEMON_SETS: &str = "apps/v1:daemonsets";

fn template() -> Value {
    json!({ "metadata": { "labels": { "app": "w" } }, "spec": { "containers": [{ "name": "c", "image": "nginx:1" }] } })
}

fn selector() -> Value {
    json!({ "matchLabels": { "app": "w" } })
}

/// An object with a selector and a template, of which more is said.
fn of(name: &str, more: Value) -> Value {
    let mut object =
        json!({ "metadata": { "name": name }, "spec": { "selector": selector(), "template": template() } });
    if let (Value::Object(spec), Value::Object(more)) = (&mut object["spec"], more) {
        spec.extend(more);
    }
    object
}

pub const SCENARIOS: &[Scenario] = &[
    ("a deployment gets what it doesn't say", |s| {
        s.create(DEPLOYMENTS, of("a", json!({})));
        s.create(
            DEPLOYMENTS,
            of(
                "b",
                json!({ "replicas": 0, "strategy": { "type": "Recreate" }, "minReadySeconds": 0, "paused": false }),
            ),
        );
        s.create(
            DEPLOYMENTS,
            of("c", json!({ "strategy": { "rollingUpdate": { "maxSurge": 1 } }, "progressDeadlineSeconds": 5 })),
        );
        s.get(DEPLOYMENTS);
        s.delete("apps/v1:deployments/a");
    }),
    ("a deployment is checked", |s| {
        s.create(DEPLOYMENTS, json!({ "metadata": { "name": "a" } }));
        s.create(DEPLOYMENTS, of("a", json!({ "selector": { "matchLabels": { "app": "x" } } })));
        s.create(DEPLOYMENTS, of("a", json!({ "selector": {} })));
        s.create(DEPLOYMENTS, of("a", json!({ "selector": null, "replicas": -1 })));
        s.create(
            DEPLOYMENTS,
            of(
                "a",
                json!({ "selector": { "matchExpressions": [
            { "key": "app", "operator": "Bogus" }, { "key": "app", "operator": "In" },
            { "key": "app", "operator": "Exists", "values": ["x"] },
        ] } }),
            ),
        );
        s.create(
            DEPLOYMENTS,
            of("a", json!({ "strategy": { "type": "Recreate", "rollingUpdate": { "maxSurge": 1 } } })),
        );
        s.create(DEPLOYMENTS, of("a", json!({ "strategy": { "type": "Bogus" } })));
        s.create(
            DEPLOYMENTS,
            of("a", json!({ "strategy": { "rollingUpdate": { "maxSurge": 0, "maxUnavailable": 0 } } })),
        );
        s.create(DEPLOYMENTS, of("a", json!({ "strategy": { "rollingUpdate": { "maxSurge": "x", "maxUnavailable": "101%" } }, "minReadySeconds": -1, "revisionHistoryLimit": -1, "progressDeadlineSeconds": 0 })));
        let mut odd = of("a", json!({}));
        odd["spec"]["template"]["spec"] =
            json!({ "restartPolicy": "Never", "activeDeadlineSeconds": 5, "containers": [{ "name": "c" }] });
        s.create(DEPLOYMENTS, odd);
        s.create(DEPLOYMENTS, of("A", json!({ "template": {} })));
        s.create(DEPLOYMENTS, of("a", json!({ "replicas": "x" })));
        s.in_other_words();
    }),
    ("generations of a deployment", |s| {
        s.create(DEPLOYMENTS, of("a", json!({})));
        s.merge("apps/v1:deployments/a", json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge("apps/v1:deployments/a", json!({ "metadata": { "annotations": { "a": "b" } } }));
        s.merge("apps/v1:deployments/a", json!({ "spec": { "replicas": 3 } }));
        s.merge("apps/v1:deployments/a", json!({ "spec": { "replicas": 3 } }));
        s.strategic(
            "apps/v1:deployments/a",
            json!({ "spec": { "template": { "spec": { "containers": [{ "name": "c", "image": "nginx:2" }] } } } }),
        );
        s.merge("apps/v1:deployments/a", json!({ "spec": { "selector": { "matchLabels": { "x": "y" } } } }));
        s.replace("apps/v1:deployments/a", of("a", json!({ "paused": true })));
        s.delete("apps/v1:deployments/a?propagationPolicy=Foreground");
        s.delete("apps/v1:deployments/a?propagationPolicy=Background");
    }),
    ("the status of a deployment is written by itself", |s| {
        s.create(DEPLOYMENTS, of("a", json!({})));
        s.merge(
            "apps/v1:deployments/a/status",
            json!({
                "metadata": { "labels": { "l": "2" }, "annotations": { "k": "1" } }, "spec": { "replicas": 9 },
                "status": { "observedGeneration": 1, "replicas": 2, "readyReplicas": 1, "conditions": [
                    { "type": "Available", "status": "True", "reason": "a", "message": "b" },
                ] },
            }),
        );
        s.merge("apps/v1:deployments/a", json!({ "status": { "replicas": 5 } }));
        s.merge("apps/v1:deployments/a/status", json!({ "status": { "replicas": -2, "readyReplicas": 7 } }));
        s.apply("K", "apps/v1:deployments/a/status", json!({ "status": { "updatedReplicas": 1 } }));
        s.get("apps/v1:deployments/a/status");
    }),
    ("deployments are scaled", |s| {
        s.create(DEPLOYMENTS, of("a", json!({})));
        s.get("apps/v1:deployments/a/scale");
        s.merge("apps/v1:deployments/a/scale", json!({ "spec": { "replicas": 5 } }));
        s.get("apps/v1:deployments/a");
        s.replace("apps/v1:deployments/a/scale", json!({ "metadata": { "name": "a" }, "spec": {} }));
        s.replace("apps/v1:deployments/a/scale", json!({ "metadata": { "name": "a" }, "spec": { "replicas": -1 } }));
        s.replace("apps/v1:deployments/a/scale", json!({ "metadata": { "name": "b" }, "spec": { "replicas": 1 } }));
        s.replace(
            "apps/v1:deployments/a/scale",
            json!({ "metadata": { "name": "a", "resourceVersion": "{rv1}" }, "spec": { "replicas": 1 } }),
        );
        s.get("apps/v1:deployments/none/scale");
        s.replace(
            "apps/v1:deployments/none/scale",
            json!({ "metadata": { "name": "none" }, "spec": { "replicas": 1 } }),
        );
        s.merge("apps/v1:deployments/a/scale?dryRun=All", json!({ "spec": { "replicas": 9 } }));
        s.get("apps/v1:deployments/a");
    }),
    ("the scale of a deployment is applied", |s| {
        let scale = |replicas: Value| json!({ "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": { "name": "a" }, "spec": replicas });
        let path = "apps/v1:deployments/a/scale";
        s.create(DEPLOYMENTS, of("a", json!({ "replicas": 3 })));
        s.apply("A", path, scale(json!({ "replicas": 4 })));
        s.apply("A", path, scale(json!({ "replicas": 3 })));
        s.get("apps/v1:deployments/a");
        s.apply("A", &format!("{path}?force=true"), scale(json!({ "replicas": 4 })));
        s.get("apps/v1:deployments/a");
        s.apply("B", &format!("{path}?force=true"), scale(json!({ "replicas": 5 })));
        s.merge(path, json!({ "spec": { "replicas": 6 } }));
        s.get("apps/v1:deployments/a");
        s.replace(path, json!({ "metadata": { "name": "a" }, "spec": { "replicas": 6 } }));
        s.get("apps/v1:deployments/a");
        s.apply("B", path, scale(json!({})));
        s.apply("B", path, scale(json!({ "replicas": -1 })));
        s.apply("B", path, scale(json!({ "replicas": "x" })));
        s.apply("B", path, json!({ "kind": "Bogus", "apiVersion": "v1" }));
        s.apply(
            "B",
            "apps/v1:deployments/none/scale",
            json!({ "apiVersion": "autoscaling/v1", "kind": "Scale", "spec": { "replicas": 1 } }),
        );
    }),
    ("a scale of other types is refused", |s| {
        s.create(DEPLOYMENTS, of("a", json!({})));
        s.replace("apps/v1:deployments/a/scale", json!({ "metadata": 7 }));
        s.replace("apps/v1:deployments/a/scale", json!({ "metadata": { "name": "a" }, "spec": { "replicas": "x" } }));
        s.merge("apps/v1:deployments/a/scale", json!({ "metadata": 5 }));
        s.in_other_words();
        s.merge("apps/v1:deployments/a/scale", json!({ "spec": { "replicas": "x" } }));
        s.in_other_words();
        s.get("apps/v1:deployments/a/scale");
    }),
    ("deployments are applied", |s| {
        let applied = |image: &str, replicas: Option<u32>| {
            let mut object = json!({ "spec": { "selector": selector(), "template": template() } });
            object["spec"]["template"]["spec"]["containers"][0]["image"] = json!(image);
            if let Some(replicas) = replicas {
                object["spec"]["replicas"] = json!(replicas);
            }
            object
        };
        s.apply("A", "apps/v1:deployments/a", applied("nginx:1", Some(2)));
        s.apply("A", "apps/v1:deployments/a", applied("nginx:2", None));
        s.apply("B", "apps/v1:deployments/a", json!({ "spec": { "replicas": 3, "template": { "spec": { "containers": [{ "name": "log", "image": "x:1" }] } } } }));
        s.apply("A", "apps/v1:deployments/a", applied("nginx:2", Some(4)));
        s.apply("A", "apps/v1:deployments/a", json!({ "spec": { "selector": selector(), "template": { "metadata": template()["metadata"].clone(), "spec": {
            "containers": [{ "name": "c", "image": "nginx:2", "ports": [{ "containerPort": 80 }] }, { "name": "c", "image": "x" }],
        } } } }));
        s.merge("apps/v1:deployments/a/scale", json!({ "spec": { "replicas": 7 } }));
        s.apply("B", "apps/v1:deployments/a", json!({ "spec": { "replicas": 3 } }));
        s.apply("C", "apps/v1:deployments/b", json!({ "spec": { "replicas": 3 } }));
    }),
    ("replica sets", |s| {
        s.create(REPLICA_SETS, of("a", json!({})));
        s.create(REPLICA_SETS, json!({ "metadata": { "name": "b" } }));
        s.merge("apps/v1:replicasets/a", json!({ "spec": { "selector": { "matchLabels": { "x": "y" } } } }));
        s.merge(
            "apps/v1:replicasets/a/status",
            json!({ "metadata": { "labels": { "l": "2" } }, "status": { "replicas": 2, "readyReplicas": 3 } }),
        );
        s.merge(
            "apps/v1:replicasets/a/status",
            json!({ "metadata": { "labels": { "l": "2" } }, "status": { "replicas": 2, "readyReplicas": 1 } }),
        );
        s.get("apps/v1:replicasets/a/scale");
        s.merge("apps/v1:replicasets/a/scale", json!({ "spec": { "replicas": 3 } }));
        s.merge("apps/v1:replicasets/a", json!({ "metadata": { "annotations": { "a": "b" } } }));
        s.delete("apps/v1:replicasets/a");
    }),
    ("stateful sets", |s| {
        s.create(STATEFUL_SETS, of("a", json!({ "serviceName": "s" })));
        s.create(
            STATEFUL_SETS,
            of("b", json!({ "updateStrategy": { "type": "OnDelete" }, "podManagementPolicy": "Parallel" })),
        );
        s.create(STATEFUL_SETS, of("c", json!({ "updateStrategy": { "type": "RollingUpdate" } })));
        s.create(STATEFUL_SETS, of("d", json!({ "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": {} } })));
        s.create(
            STATEFUL_SETS,
            of(
                "e",
                json!({ "volumeClaimTemplates": [{ "metadata": { "name": "d" }, "spec": {
            "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1024Mi" } },
        } }] }),
            ),
        );
        s.create(STATEFUL_SETS, of("f", json!({ "podManagementPolicy": "Bogus", "replicas": -1, "selector": {} })));
        s.create(STATEFUL_SETS, json!({ "metadata": { "name": "f" } }));
        s.merge("apps/v1:statefulsets/a", json!({ "spec": { "serviceName": "x" } }));
        s.merge("apps/v1:statefulsets/a", json!({ "spec": { "replicas": 2 } }));
        s.merge("apps/v1:statefulsets/a/scale", json!({ "spec": { "replicas": 3 } }));
        s.merge("apps/v1:statefulsets/a/status", json!({ "status": { "replicas": 1, "readyReplicas": 1 } }));
        s.delete("apps/v1:statefulsets/a");
    }),
    ("daemon sets", |s| {
        s.create(DAEMON_SETS, of("a", json!({})));
        s.merge("apps/v1:daemonsets/a", json!({ "spec": { "template": { "spec": { "hostNetwork": true } } } }));
        s.merge("apps/v1:daemonsets/a", json!({ "spec": { "minReadySeconds": 5 } }));
        s.create(DAEMON_SETS, of("b", json!({ "updateStrategy": { "type": "OnDelete" } })));
        s.create(DAEMON_SETS, of("c", json!({ "updateStrategy": { "type": "Bogus" } })));
        s.create(DAEMON_SETS, of("c", json!({ "updateStrategy": { "rollingUpdate": { "maxSurge": 1 } } })));
        s.create(DAEMON_SETS, json!({ "metadata": { "name": "c" } }));
        s.merge("apps/v1:daemonsets/a", json!({ "spec": { "selector": { "matchLabels": { "x": "y" } } } }));
        s.merge("apps/v1:daemonsets/a/status", json!({ "status": { "numberReady": 1, "desiredNumberScheduled": -1 } }));
        s.merge("apps/v1:daemonsets/a/status", json!({ "status": { "numberReady": 1 } }));
        s.get("apps/v1:daemonsets/a");
        s.delete("apps/v1:daemonsets/a");
    }),
];
