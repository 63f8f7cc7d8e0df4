//! Measured answers: strategic merge patches of lists with merge keys.

use serde_json::{Value, json};

use super::Scenario;

const DEPLOYMENTS: &str = "apps/v1:deployments";
const DEPLOYMENT: &str = "apps/v1:deployments/a";

fn deployment() -> Value {
    let containers = json!([
        { "name": "web", "image": "web:1", "ports": [{ "containerPort": 80, "name": "http" }] },
        { "name": "log", "image": "log:1" },
    ]);
    json!({ "metadata": { "name": "a" }, "spec": {
        "selector": { "matchLabels": { "app": "w" } },
        "template": { "metadata": { "labels": { "app": "w" } }, "spec": { "containers": containers } },
    } })
}

fn of_pod(spec: Value) -> Value {
    json!({ "spec": { "template": { "spec": spec } } })
}

fn containers(containers: Value) -> Value {
    of_pod(json!({ "containers": containers }))
}

pub const SCENARIOS: &[Scenario] = &[
    ("c a container is deleted by a patch", |s| {
        s.create(DEPLOYMENTS, deployment());
        s.strategic(DEPLOYMENT, containers(json!([{ "name": "log", "$patch": "delete" }])));
        s.strategic(DEPLOYMENT, containers(json!([{ "name": "none", "$patch": "delete" }])));
    }),
    ("d containers are replaced by a patch", |s| {
        s.create(DEPLOYMENTS, deployment());
        s.strategic(DEPLOYMENT, containers(json!([{ "name": "other", "image": "o", "$patch": "replace" }])));
        s.strategic(DEPLOYMENT, containers(json!([{ "$patch": "bogus", "name": "web" }])));
        s.strategic(DEPLOYMENT, containers(json!([{ "image": "o" }])));
        s.strategic(DEPLOYMENT, containers(json!([{ "$patch": "replace" }, { "name": "other", "image": "o" }])));
        s.strategic(DEPLOYMENT, json!({ "spec": { "strategy": { "$patch": "replace", "type": "Recreate" } } }));
        s.strategic(DEPLOYMENT, json!({ "spec": { "strategy": { "$patch": "bogus" } } }));
    }),
    ("e a port of another protocol is merged", |s| {
        s.create(DEPLOYMENTS, deployment());
        let ports = json!([{ "containerPort": 80, "protocol": "UDP" }]);
        s.strategic(DEPLOYMENT, containers(json!([{ "name": "web", "ports": ports }])));
        s.create(
            "services",
            json!({ "metadata": { "name": "a" }, "spec": { "ports": [{ "port": 80, "name": "x" }] } }),
        );
        s.strategic("services/a", json!({ "spec": { "ports": [{ "port": 80, "protocol": "UDP" }] } }));
    }),
    ("f the order of containers", |s| {
        s.create(DEPLOYMENTS, deployment());
        let order = |names: &[&str]| -> Value { names.iter().map(|name| json!({ "name": name })).collect() };
        s.strategic(
            DEPLOYMENT,
            of_pod(json!({ "$setElementOrder/containers": order(&["log", "none", "web"]), "containers": [{ "name": "web", "image": "web:2" }] })),
        );
        s.strategic(
            DEPLOYMENT,
            of_pod(json!({ "$setElementOrder/containers": order(&["log"]), "containers": [{ "name": "web", "image": "web:3" }] })),
        );
        s.in_other_words();
        s.strategic(DEPLOYMENT, of_pod(json!({ "$setElementOrder/containers": order(&["web", "log"]) })));
    }),
];
