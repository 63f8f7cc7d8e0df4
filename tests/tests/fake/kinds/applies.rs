//! Measured answers: server-side apply of lists of containers, quantities and secrets.

use serde_json::{Value, json};

use super::Scenario;

const DEPLOYMENTS: &str = "apps/v1:deployments";
const DEPLOYMENT: &str = "apps/v1:deployments/a";

/// A deployment of containers.
fn of(containers: Value) -> Value {
    json!({ "metadata": { "name": "a" }, "spec": {
        "selector": { "matchLabels": { "app": "w" } },
        "template": { "metadata": { "labels": { "app": "w" } }, "spec": { "containers": containers } },
    } })
}

/// Its containers alone, for a manager that applies no more of it.
fn only(containers: Value) -> Value {
    json!({ "spec": { "template": { "spec": { "containers": containers } } } })
}

fn web() -> Value {
    json!({ "name": "web", "image": "web:1" })
}

fn log() -> Value {
    json!({ "name": "log", "image": "log:1" })
}

pub const SCENARIOS: &[Scenario] = &[
    ("b containers are in the order that is applied", |s| {
        s.apply("A", DEPLOYMENT, of(json!([web(), log()])));
        s.apply("A", DEPLOYMENT, of(json!([log(), web()])));
        s.apply("B", DEPLOYMENT, only(json!([{ "name": "zed", "image": "zed:1" }])));
        s.apply("B", DEPLOYMENT, only(json!([{ "name": "zed", "image": "zed:1" }, { "name": "web" }])));
    }),
    ("c containers, ports and variables that are there twice", |s| {
        s.apply("A", DEPLOYMENT, of(json!([web(), web()])));
        let ports = json!([{ "containerPort": 80 }, { "containerPort": 80, "protocol": "TCP" }]);
        s.apply("A", DEPLOYMENT, of(json!([{ "name": "web", "image": "web:1", "ports": ports }])));
        let env = json!([{ "name": "A", "value": "1" }, { "name": "A", "value": "2" }]);
        s.apply("A", DEPLOYMENT, of(json!([{ "name": "web", "image": "web:1", "env": env }])));
        s.create(DEPLOYMENTS, of(json!([{ "name": "web", "image": "web:1", "env": env }])));
        s.apply("A", DEPLOYMENT, only(json!([{ "name": "web", "image": "web:2" }])));
        s.apply("A", &format!("{DEPLOYMENT}?force=true"), only(json!([{ "name": "web", "image": "web:2" }])));
        let env = json!([{ "name": "A", "value": "3" }]);
        s.apply(
            "A",
            &format!("{DEPLOYMENT}?force=true"),
            only(json!([{ "name": "web", "image": "web:2", "env": env }])),
        );
    }),
    ("d the protocol of a port is in its key and not owned", |s| {
        s.apply("A", DEPLOYMENT, of(json!([{ "name": "web", "image": "web:1", "ports": [{ "containerPort": 80 }] }])));
        let ports = json!([{ "containerPort": 80, "protocol": "TCP", "name": "http" }]);
        s.apply("B", DEPLOYMENT, only(json!([{ "name": "web", "ports": ports }])));
    }),
    ("o replicas that a scale owns", |s| {
        let replicas = |count: u32| {
            let mut object = of(json!([web()]));
            object["spec"]["replicas"] = json!(count);
            object
        };
        let scale = json!({ "apiVersion": "autoscaling/v1", "kind": "Scale", "spec": { "replicas": 5 } });
        s.apply("A", DEPLOYMENT, replicas(2));
        s.apply("HPA", "apps/v1:deployments/a/scale", scale.clone());
        s.apply("HPA", "apps/v1:deployments/a/scale?force=true", scale);
        s.get(DEPLOYMENT);
        s.apply("A", DEPLOYMENT, replicas(2));
        s.apply("A", DEPLOYMENT, of(json!([web()])));
    }),
    ("o the status of a deployment is applied with its spec and labels", |s| {
        s.apply("A", DEPLOYMENT, of(json!([web()])));
        // Managers are in the order of their times, so that the next apply changes it.
        s.pause();
        s.apply(
            "B",
            "apps/v1:deployments/a/status",
            json!({ "metadata": { "labels": { "x": "1" } }, "spec": { "replicas": 9 }, "status": { "replicas": 1 } }),
        );
        let mut object = of(json!([web()]));
        object["status"] = json!({ "replicas": 7 });
        s.pause();
        s.apply("A", DEPLOYMENT, object);
    }),
    ("X1 a container of two managers", |s| {
        s.apply("A", DEPLOYMENT, of(json!([web(), log()])));
        s.apply("B", DEPLOYMENT, only(json!([{ "name": "log" }])));
        s.apply("A", DEPLOYMENT, of(json!([web()])));
        s.apply("B", DEPLOYMENT, json!({}));
        s.get(DEPLOYMENT);
    }),
    ("X2 variables that an update added go with the container", |s| {
        s.apply("A", DEPLOYMENT, of(json!([web(), log()])));
        s.strategic(
            &format!("{DEPLOYMENT}?fieldManager=U"),
            only(json!([{ "name": "log", "env": [{ "name": "A", "value": "1" }] }])),
        );
        s.apply("A", DEPLOYMENT, of(json!([web()])));
    }),
    ("X3 a container of which another manager applies a part", |s| {
        s.apply("A", DEPLOYMENT, of(json!([web(), log()])));
        s.apply("B", DEPLOYMENT, only(json!([{ "name": "log", "args": ["x"] }])));
        s.apply("A", DEPLOYMENT, of(json!([web()])));
        s.get(DEPLOYMENT);
    }),
    ("X3 atomic lists and maps are one field", |s| {
        let object = |args: Value, nodes: Value| {
            let mut object = of(json!([{ "name": "web", "image": "web:1", "args": args }]));
            object["spec"]["template"]["spec"]["nodeSelector"] = nodes;
            object
        };
        s.apply("A", DEPLOYMENT, object(json!(["x"]), json!({ "a": "1" })));
        s.apply("B", DEPLOYMENT, only(json!([{ "name": "web", "args": ["x", "y"] }])));
        let nodes = json!({ "spec": { "template": { "spec": { "nodeSelector": { "b": "1" } } } } });
        s.apply("B", DEPLOYMENT, nodes.clone());
        s.apply("B", &format!("{DEPLOYMENT}?force=true"), nodes);
    }),
    ("X10 keys of a secret that were applied as text stay", |s| {
        s.apply("A", "secrets/a", json!({ "stringData": { "a": "1" } }));
        s.apply("A", "secrets/a", json!({ "stringData": { "b": "1" } }));
        s.merge("secrets/a?fieldManager=U", json!({ "stringData": { "c": "1" } }));
        s.get("secrets/a");
    }),
    ("X11 quantities are compared as text", |s| {
        let limits = |cpu: &str, memory: &str| json!([{ "name": "web", "image": "web:1", "resources": { "limits": { "cpu": cpu, "memory": memory } } }]);
        s.apply("A", DEPLOYMENT, of(limits("1000m", "1Gi")));
        s.apply("A", DEPLOYMENT, of(limits("1", "1Gi")));
        s.apply("B", DEPLOYMENT, only(json!([{ "name": "web", "resources": { "limits": { "memory": "1024Mi" } } }])));
        s.apply("B", DEPLOYMENT, only(json!([{ "name": "web", "resources": { "limits": { "memory": "1Gi" } } }])));
    }),
    ("X12 subresources of what is not there are applied", |s| {
        s.apply("A", "apps/v1:deployments/none/status", json!({ "status": { "replicas": 1 } }));
        let scale = json!({ "apiVersion": "autoscaling/v1", "kind": "Scale", "spec": { "replicas": 1 } });
        s.apply("A", "apps/v1:deployments/none/scale", scale);
        s.apply("A", "pods/none/status", json!({ "status": { "phase": "Running" } }));
    }),
];
