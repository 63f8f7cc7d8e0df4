//! Services that are reached from outside of the cluster.

use serde_json::{Value, json};

use super::Scenario;

fn service(name: &str, more: &Value) -> Value {
    let mut spec = json!({ "ports": [{ "port": 80 }] });
    for (name, value) in more.as_object().into_iter().flatten() {
        spec[name] = value.clone();
    }
    json!({ "metadata": { "name": name }, "spec": spec })
}

pub const SCENARIOS: &[Scenario] = &[
    ("what services say of the outside is checked", |s| {
        for spec in [
            json!({ "externalIPs": ["x"] }),
            json!({ "externalIPs": ["127.0.0.1"] }),
            json!({ "externalIPs": ["0.0.0.0"] }),
            json!({ "externalIPs": ["169.254.1.1"] }),
            json!({ "type": "LoadBalancer", "loadBalancerSourceRanges": ["x"] }),
            json!({ "type": "LoadBalancer", "loadBalancerSourceRanges": ["10.0.0.1/8"] }),
            json!({ "loadBalancerSourceRanges": ["10.0.0.0/8"] }),
            json!({ "externalTrafficPolicy": "Local" }),
            json!({ "type": "LoadBalancer", "externalTrafficPolicy": "X" }),
            json!({ "type": "LoadBalancer", "healthCheckNodePort": 30010 }),
            json!({ "type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": -1 }),
            json!({ "trafficDistribution": "X" }),
            json!({ "trafficDistribution": "PreferClose" }),
            json!({ "allocateLoadBalancerNodePorts": false }),
            json!({ "loadBalancerClass": "a/b" }),
            json!({ "type": "LoadBalancer", "loadBalancerClass": "a b" }),
            json!({ "type": "NodePort", "clusterIP": "None" }),
            json!({ "clusterIPs": ["10.0.0.40"] }),
            json!({ "clusterIP": "10.0.0.41", "clusterIPs": ["10.0.0.42"] }),
            json!({ "ipFamilyPolicy": "X" }),
            json!({ "type": "ExternalName", "externalName": "a", "clusterIP": "10.0.0.4" }),
            json!({ "type": "ExternalName", "externalName": "a", "ipFamilyPolicy": "SingleStack" }),
            json!({ "ports": [{ "port": 80, "appProtocol": "a b" }] }),
        ] {
            s.create("services?dryRun=All", service("a", &spec));
        }
    }),
    ("a service is no longer reached from outside", |s| {
        s.create("services", service("a", &json!({ "externalIPs": ["1.2.3.4"] })));
        s.merge("services/a", json!({ "spec": { "externalIPs": ["1.2.3.5"] } }));
        s.merge("services/a", json!({ "spec": { "externalIPs": null } }));
        s.merge("services/a", json!({ "spec": { "externalTrafficPolicy": "Local" } }));
        s.create("services", service("b", &json!({ "type": "LoadBalancer", "loadBalancerClass": "a/b" })));
        s.merge("services/b", json!({ "spec": { "loadBalancerClass": "c/d" } }));
        s.merge("services/b", json!({ "spec": { "type": "NodePort" } }));
        s.merge("services/b", json!({ "spec": { "type": "ClusterIP", "loadBalancerClass": "a/b" } }));
        s.merge("services/b", json!({ "spec": { "type": "ClusterIP" } }));
        for name in ["a", "b"] {
            s.delete(&format!("services/{name}"));
        }
    }),
    ("nodes are asked which of them has pods of a balanced service", |s| {
        let spec = json!({ "type": "LoadBalancer", "externalTrafficPolicy": "Local", "healthCheckNodePort": 30084 });
        s.create("services", service("a", &spec));
        s.merge("services/a", json!({ "spec": { "externalTrafficPolicy": "Cluster" } }));
        s.merge("services/a", json!({ "spec": { "externalTrafficPolicy": "Local", "healthCheckNodePort": 30083 } }));
        s.merge("services/a", json!({ "spec": { "type": "ClusterIP" } }));
        s.delete("services/a");
    }),
    ("paths, classes and points of ingresses are checked", |s| {
        const INGRESSES: &str = "networking.k8s.io/v1:ingresses";
        let backend = json!({ "service": { "name": "x", "port": { "number": 80 } } });
        for path in ["/a//b", "/../a", "/a/..", "/%2f", "/a"] {
            let rule = json!({ "http": { "paths": [{ "path": path, "pathType": "Prefix", "backend": backend }] } });
            s.create(
                &format!("{INGRESSES}?dryRun=All"),
                json!({ "metadata": { "name": "i" }, "spec": { "rules": [rule] } }),
            );
        }
        let spec = |class: Value| json!({ "defaultBackend": backend, "ingressClassName": class });
        let annotated = json!({ "name": "i", "annotations": { "kubernetes.io/ingress.class": "x" } });
        s.create(INGRESSES, json!({ "metadata": { "name": "i" }, "spec": spec(json!("A_")) }));
        s.create(INGRESSES, json!({ "metadata": annotated, "spec": spec(json!("y")) }));
        s.create(INGRESSES, json!({ "metadata": annotated, "spec": { "defaultBackend": backend } }));
        for point in [json!({ "ip": "x" }), json!({ "hostname": "_" }), json!({ "ip": "1.1.1.1" })] {
            s.merge(&format!("{INGRESSES}/i/status"), json!({ "status": { "loadBalancer": { "ingress": [point] } } }));
        }
    }),
    ("a namespace is named by objects of kinds that have none", |s| {
        let named = |kind: &str, namespace: &str| json!({ "metadata": { "name": format!("{{ns}}-{kind}"), "namespace": namespace } });
        for (path, kind) in [
            ("namespaces", "namespace"),
            ("nodes", "node"),
            ("rbac.authorization.k8s.io/v1:clusterroles", "role"),
            ("storage.k8s.io/v1:csidrivers", "driver"),
        ] {
            let mut object = named(kind, "other");
            if kind == "driver" {
                object["spec"] = json!({});
            }
            let one = format!("{path}/{{ns}}-{kind}");
            s.create(path, object.clone());
            s.get(&one);
            s.replace(&one, object.clone());
            s.merge(&one, json!({ "metadata": { "namespace": "other", "labels": { "a": "b" } } }));
            if kind == "namespace" {
                s.replace(&format!("{one}/finalize"), json!({ "metadata": { "name": "{ns}-namespace" }, "spec": { "finalizers": ["foo", "a/b", "kubernetes"] } }));
                s.replace(
                    &format!("{one}/finalize"),
                    json!({ "metadata": { "name": "{ns}-namespace" }, "spec": { "finalizers": [] } }),
                );
            }
            s.delete(&one);
        }
    }),
    ("statuses of pods and namespaces are checked", |s| {
        s.create(
            "pods",
            json!({ "metadata": { "name": "p" }, "spec": { "containers": [{ "name": "c", "image": "i" }] } }),
        );
        for status in [
            json!({ "qosClass": "Guaranteed" }),
            json!({ "observedGeneration": -1 }),
            json!({ "nominatedNodeName": "A_" }),
            json!({ "phase": "Running" }),
        ] {
            s.merge("pods/p/status", json!({ "status": status }));
        }
        s.merge("/api/v1/namespaces/{ns}/status", json!({ "status": { "phase": "Terminating" } }));
        s.in_other_words();
    }),
];
