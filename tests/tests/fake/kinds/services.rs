//! Services.

use serde_json::{Value, json};

use super::Scenario;

fn service(name: &str, spec: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": spec })
}

pub const SCENARIOS: &[Scenario] = &[
    ("a service gets an address and what it doesn't say", |s| {
        s.create("services", service("a", json!({ "ports": [{ "port": 80 }], "selector": { "a": "b" } })));
        s.create("services", service("b", json!({ "ports": [{ "port": 80, "name": "x", "targetPort": "http" }, { "port": 53, "name": "y", "protocol": "UDP" }] })));
        s.get("services");
        s.create("services", service("c", json!({ "sessionAffinity": "ClientIP", "ports": [{ "port": 80 }] })));
        s.create("services?dryRun=All", service("d", json!({ "ports": [{ "port": 80 }] })));
        s.delete("services/a");
        s.get("services/a");
    }),
    ("services of each type", |s| {
        s.create("services", service("headless", json!({ "clusterIP": "None" })));
        s.create(
            "services",
            service("selected", json!({ "clusterIP": "None", "selector": { "a": "b" }, "ports": [{ "port": 80 }] })),
        );
        s.create("services", service("nodes", json!({ "type": "NodePort", "ports": [{ "port": 80 }] })));
        s.create(
            "services",
            service("asked", json!({ "type": "NodePort", "ports": [{ "port": 80, "nodePort": 30080 }] })),
        );
        s.create("services", service("balanced", json!({ "type": "LoadBalancer", "ports": [{ "port": 80 }] })));
        s.create("services", service("external", json!({ "type": "ExternalName", "externalName": "example.com" })));
        s.create(
            "services",
            service("dual", json!({ "ipFamilyPolicy": "PreferDualStack", "ports": [{ "port": 80 }] })),
        );
        for name in ["nodes", "asked", "balanced"] {
            s.delete(&format!("services/{name}"));
        }
    }),
    ("services are checked", |s| {
        s.create("services", service("a", json!({})));
        s.create("services", service("a", json!({ "ports": [{ "port": 80 }, { "port": 81 }] })));
        s.create(
            "services",
            service(
                "a",
                json!({ "ports": [
            { "port": 80, "name": "A" }, { "port": 80, "name": "b" }, { "port": 81, "name": "b" },
            { "port": 0, "name": "c", "protocol": "X", "targetPort": "_" },
        ] }),
            ),
        );
        s.create("services", service("a", json!({ "type": "ExternalName" })));
        s.create(
            "services",
            service("a", json!({ "type": "Bogus", "sessionAffinity": "Bogus", "ports": [{ "port": 80 }] })),
        );
        s.create("services", service("a", json!({ "clusterIP": "10.1.0.1", "ports": [{ "port": 80 }] })));
        s.create("services", service("a", json!({ "clusterIP": "bogus", "ports": [{ "port": 80 }] })));
        s.create("services", service("a", json!({ "type": "NodePort", "ports": [{ "port": 80, "nodePort": 80 }] })));
        s.create("services", service("a", json!({ "ports": [{ "port": 80, "nodePort": 30081 }] })));
        s.create("services", service("a", json!({ "ipFamilies": ["IPv6"], "ports": [{ "port": 80 }] })));
        s.create("services", service("a", json!({ "selector": { "a": "b c" }, "ports": [{ "port": 80 }] })));
        s.create("services", service("a.b", json!({ "ports": [{ "port": 80 }] })));
    }),
    ("no address and no port is given twice", |s| {
        s.create("services", service("a", json!({ "clusterIP": "10.0.0.70", "ports": [{ "port": 80 }] })));
        s.create("services", service("b", json!({ "clusterIP": "10.0.0.70", "ports": [{ "port": 80 }] })));
        s.delete("services/a");
        s.create("services", service("b", json!({ "clusterIP": "10.0.0.70", "ports": [{ "port": 80 }] })));
        s.create("services", service("c", json!({ "type": "NodePort", "ports": [{ "port": 80, "nodePort": 30082 }, { "port": 81, "nodePort": 30082, "name": "x" }] })));
        s.create("services", service("c", json!({ "type": "NodePort", "ports": [{ "port": 80, "nodePort": 30082 }] })));
        s.create("services", service("d", json!({ "type": "NodePort", "ports": [{ "port": 80, "nodePort": 30082 }] })));
        for name in ["b", "c"] {
            s.delete(&format!("services/{name}"));
        }
    }),
    ("the type of a service changes, its address doesn't", |s| {
        s.create("services", service("a", json!({ "ports": [{ "port": 80 }] })));
        s.merge("services/a", json!({ "spec": { "type": "NodePort" } }));
        s.merge("services/a", json!({ "spec": { "ports": [{ "port": 80 }] } }));
        s.merge("services/a", json!({ "spec": { "type": "ClusterIP" } }));
        s.merge("services/a", json!({ "spec": { "clusterIP": "10.0.0.99" } }));
        s.merge("services/a", json!({ "spec": { "clusterIP": "None" } }));
        s.replace("services/a", service("a", json!({ "ports": [{ "port": 81 }] })));
        s.merge("services/a", json!({ "spec": { "type": "ExternalName", "externalName": "x.y" } }));
        s.merge("services/a", json!({ "spec": { "type": "ClusterIP" } }));
    }),
    ("a service is created by a PUT, and its status written by itself", |s| {
        s.replace("services/a", service("a", json!({ "ports": [{ "port": 80 }] })));
        s.merge("services/a/status", json!({ "status": { "loadBalancer": { "ingress": [{ "ip": "1.2.3.4" }] } } }));
        s.create("services", service("b", json!({ "type": "LoadBalancer", "ports": [{ "port": 80 }] })));
        s.merge("services/b/status", json!({ "status": { "loadBalancer": { "ingress": [{ "ip": "1.2.3.4" }] } } }));
        s.merge("services/b/status", json!({ "status": { "loadBalancer": { "ingress": [{ "ip": "x" }] } } }));
        s.get("services?fieldSelector=spec.type%3DClusterIP");
    }),
    ("services are applied", |s| {
        s.apply("A", "services/a", json!({ "spec": { "ports": [{ "port": 80 }], "selector": { "a": "b" } } }));
        s.apply("B", "services/a", json!({ "spec": { "ports": [{ "port": 81, "name": "b" }] } }));
        s.apply(
            "A",
            "services/a",
            json!({ "spec": { "ports": [{ "port": 80, "name": "a" }], "selector": { "a": "b" } } }),
        );
        s.apply("B", "services/a", json!({ "spec": { "ports": [{ "port": 81, "name": "b" }] } }));
    }),
];
