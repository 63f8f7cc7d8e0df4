//! Nodes, persistent volumes, and classes of ingresses and runtimes.

use serde_json::{Value, json};

use super::Scenario;

const NODES: &str = "/api/v1/nodes";
const NODE: &str = "/api/v1/nodes/{ns}";
const VOLUMES: &str = "/api/v1/persistentvolumes";
const VOLUME: &str = "/api/v1/persistentvolumes/{ns}";
const INGRESS_CLASSES: &str = "/apis/networking.k8s.io/v1/ingressclasses";
const INGRESS_CLASS: &str = "/apis/networking.k8s.io/v1/ingressclasses/{ns}";
const RUNTIME_CLASSES: &str = "/apis/node.k8s.io/v1/runtimeclasses";
const RUNTIME_CLASS: &str = "/apis/node.k8s.io/v1/runtimeclasses/{ns}";

fn of(name: &str, spec: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": spec })
}

fn volume(name: &str, more: Value) -> Value {
    let mut volume = of(
        name,
        json!({ "capacity": { "storage": "1024Mi" }, "accessModes": ["ReadWriteOnce"], "hostPath": { "path": "/x" } }),
    );
    if let (Value::Object(spec), Value::Object(more)) = (&mut volume["spec"], more) {
        spec.extend(more);
    }
    volume
}

fn pod(name: &str, more: Value) -> Value {
    let mut pod = of(name, json!({ "containers": [{ "name": "c", "image": "a:1" }] }));
    if let (Value::Object(spec), Value::Object(more)) = (&mut pod["spec"], more) {
        spec.extend(more);
    }
    pod
}

pub const SCENARIOS: &[Scenario] = &[
    ("a node is created with its status, and tainted", |s| {
        s.create(NODES, json!({ "metadata": { "name": "{ns}" } }));
        s.create(NODES, json!({
            "metadata": { "name": "{ns}-2", "labels": { "a": "b" } },
            "spec": { "podCIDR": "10.1.0.0/24", "providerID": "x://1", "taints": [{ "key": "a", "effect": "NoExecute" }] },
            "status": {
                "capacity": { "cpu": "4000m", "memory": "1024Mi", "pods": "110" },
                "conditions": [{ "type": "Ready", "status": "True" }],
                "addresses": [{ "type": "InternalIP", "address": "1.2.3.4" }],
                "nodeInfo": { "kubeletVersion": "v1.37.1" },
            },
        }));
        s.create(
            NODES,
            json!({
                "metadata": { "name": "{ns}-3" },
                "spec": { "taints": [{ "key": "node.kubernetes.io/not-ready", "effect": "NoSchedule", "value": "x" }] },
            }),
        );
        s.get(NODE);
        s.delete(NODE);
        s.get(NODE);
        s.delete(&format!("{NODE}-2"));
        s.delete(&format!("{NODE}-3"));
    }),
    ("a node is cordoned and tainted", |s| {
        s.create(NODES, json!({ "metadata": { "name": "{ns}" } }));
        s.strategic(NODE, json!({ "spec": { "unschedulable": true } }));
        s.get(&format!("{NODES}?fieldSelector=spec.unschedulable%3Dtrue,metadata.name%3D{{ns}}"));
        s.get(&format!("{NODES}?fieldSelector=spec.unschedulable%3Dfalse,metadata.name%3D{{ns}}"));
        s.get(&format!("{NODES}?fieldSelector=spec.providerID%3Da"));
        s.merge(NODE, json!({ "spec": { "unschedulable": null, "taints": null } }));
        s.strategic(NODE, json!({ "spec": { "taints": [{ "key": "a", "value": "b", "effect": "NoSchedule" }] } }));
        s.strategic(NODE, json!({ "spec": { "taints": [{ "key": "a", "value": "c", "effect": "NoSchedule" }] } }));
        s.send(
            http::Method::PATCH,
            &format!("{NODE}?fieldManager=A"),
            "application/apply-patch+yaml",
            json!({ "apiVersion": "v1", "kind": "Node", "metadata": { "name": "{ns}", "labels": { "x": "y" } } }),
        );
        s.merge(NODE, json!({ "status": { "phase": "Running" } }));
        s.replace(NODE, json!({ "metadata": { "name": "{ns}" }, "spec": {} }));
        s.delete(NODE);
    }),
    ("the status of a node", |s| {
        s.create(NODES, json!({ "metadata": { "name": "{ns}" } }));
        s.strategic(
            &format!("{NODE}/status"),
            json!({
                "metadata": { "labels": { "l": "m" } }, "spec": { "unschedulable": true },
                "status": {
                    "conditions": [{ "type": "Ready", "status": "True", "reason": "R" }],
                    "capacity": { "cpu": "2" },
                    "images": [{ "names": ["a:1"], "sizeBytes": 12 }],
                    "daemonEndpoints": { "kubeletEndpoint": { "Port": 10250 } },
                },
            }),
        );
        s.strategic(
            &format!("{NODE}/status"),
            json!({ "status": {
            "conditions": [{ "type": "Ready", "status": "False" }, { "type": "DiskPressure", "status": "False" }],
            "addresses": [{ "type": "Hostname", "address": "a" }, { "type": "InternalIP", "address": "1.2.3.4" }],
        } }),
        );
        s.merge(
            &format!("{NODE}/status"),
            json!({ "status": {
            "addresses": [{ "type": "Hostname", "address": "a" }, { "type": "Hostname", "address": "a" }],
        } }),
        );
        s.merge(&format!("{NODE}/status"), json!({ "status": { "capacity": { "cpu": "-1" } } }));
        s.get(&format!("{NODE}/status"));
        s.delete(NODE);
    }),
    ("nodes are checked", |s| {
        s.create(NODES, of("{ns}", json!({ "taints": [{ "key": "a_", "value": "b c", "effect": "Bogus" }] })));
        s.create(NODES, of("{ns}", json!({ "taints": [{ "key": "a" }] })));
        s.create(
            NODES,
            of(
                "{ns}",
                json!({ "taints": [{ "key": "a", "effect": "NoSchedule" }, { "key": "a", "effect": "NoSchedule" }] }),
            ),
        );
        s.create(NODES, of("A_", json!({})));
        s.create(NODES, of("{ns}", json!({ "podCIDR": "10.1.0.0/24", "providerID": "x://1", "externalID": "e" })));
        s.merge(NODE, json!({ "spec": { "providerID": "x://2" } }));
        s.merge(NODE, json!({ "spec": { "providerID": null } }));
        s.merge(NODE, json!({ "spec": { "podCIDR": "10.2.0.0/24", "podCIDRs": ["10.2.0.0/24"] } }));
        s.merge(NODE, json!({ "spec": { "externalID": "f" } }));
        s.merge(NODE, json!({ "spec": { "taints": [{ "key": "a_", "effect": "NoSchedule" }, { "key": "b", "effect": "Bogus" }] } }));
        s.merge(&format!("{NODE}/status"), json!({ "status": { "capacity": { "pods": "500m" } } }));
        s.delete(NODE);
    }),
    ("a persistent volume", |s| {
        s.create(VOLUMES, volume("{ns}", json!({})));
        s.get(VOLUME);
        s.merge(VOLUME, json!({ "spec": { "claimRef": { "name": "a", "namespace": "{ns}" } } }));
        s.merge(
            VOLUME,
            json!({ "spec": { "persistentVolumeReclaimPolicy": "Delete", "capacity": { "storage": "2Gi" } } }),
        );
        s.merge(VOLUME, json!({ "spec": { "hostPath": { "path": "/y" } } }));
        s.in_other_words();
        s.merge(VOLUME, json!({ "spec": { "volumeMode": "Block" } }));
        s.merge(VOLUME, json!({ "spec": { "accessModes": ["Bogus"], "storageClassName": "A_" } }));
        s.merge(&format!("{VOLUME}/status"), json!({ "status": { "phase": "Bound" } }));
        s.merge(
            &format!("{VOLUME}/status"),
            json!({ "status": { "message": "m" }, "metadata": { "labels": { "a": "b" } } }),
        );
        s.delete(VOLUME);
        s.merge(VOLUME, json!({ "metadata": { "finalizers": null } }));
        s.get(VOLUME);
        s.create(VOLUMES, volume("{ns}-2", json!({ "persistentVolumeReclaimPolicy": "Recycle" })));
        s.merge(&format!("{VOLUME}-2"), json!({ "metadata": { "finalizers": null } }));
        s.delete(&format!("{VOLUME}-2"));
    }),
    ("persistent volumes are checked", |s| {
        s.create(VOLUMES, of("{ns}", json!({})));
        s.create(VOLUMES, volume("{ns}", json!({ "accessModes": ["Bogus", "ReadWriteOncePod", "ReadWriteOnce"] })));
        s.create(VOLUMES, volume("{ns}", json!({ "capacity": { "cpu": "1" } })));
        s.create(VOLUMES, volume("{ns}", json!({ "capacity": { "storage": "0" } })));
        s.create(VOLUMES, volume("{ns}", json!({ "capacity": { "storage": "-1" } })));
        s.create(VOLUMES, volume("{ns}", json!({ "hostPath": { "path": "" } })));
        s.create(VOLUMES, volume("{ns}", json!({ "hostPath": { "path": "/a/../b" } })));
        s.create(VOLUMES, volume("{ns}", json!({ "nfs": { "path": "a" } })));
        s.create(VOLUMES, volume("{ns}", json!({ "hostPath": null, "nfs": { "path": "a" } })));
        s.create(VOLUMES, volume("{ns}", json!({ "hostPath": null, "csi": {} })));
        s.create(VOLUMES, volume("{ns}", json!({ "hostPath": null, "local": { "path": "/a" } })));
        s.create(VOLUMES, volume("{ns}", json!({ "hostPath": null, "local": { "path": "/a" }, "nodeAffinity": { "required": {
            "nodeSelectorTerms": [{ "matchExpressions": [
                { "key": "a", "operator": "In" }, { "key": "b_", "operator": "Exists", "values": ["x"] }, { "key": "a", "operator": "Bogus" },
            ] }],
        } } })));
        s.create(
            VOLUMES,
            volume(
                "{ns}",
                json!({ "persistentVolumeReclaimPolicy": "Bogus", "volumeMode": "Bogus", "storageClassName": "A_" }),
            ),
        );
        s.create(
            VOLUMES,
            volume("{ns}", json!({ "hostPath": { "path": "/" }, "persistentVolumeReclaimPolicy": "Recycle" })),
        );
        s.create(VOLUMES, volume("{ns}", json!({ "volumeAttributesClassName": "" })));
    }),
    ("classes of ingresses", |s| {
        s.create(INGRESS_CLASSES, of("{ns}", json!({ "controller": "example.com/a" })));
        s.create(INGRESS_CLASSES, of("{ns}-2", json!({ "controller": "example.com/a", "parameters": { "kind": "K", "name": "n", "apiGroup": "example.com" } })));
        s.create(INGRESS_CLASSES, of("{ns}-3", json!({})));
        s.create(INGRESS_CLASSES, of("{ns}-3", json!({ "controller": "a", "parameters": {} })));
        s.create(
            INGRESS_CLASSES,
            of(
                "{ns}-3",
                json!({ "controller": "A_/b c", "parameters": { "kind": "a/b", "name": "n", "scope": "Namespace" } }),
            ),
        );
        s.create(
            INGRESS_CLASSES,
            of(
                "{ns}-3",
                json!({ "controller": "a.b/c", "parameters": { "kind": "a", "name": "n", "scope": "Bogus" } }),
            ),
        );
        s.create(
            INGRESS_CLASSES,
            of(
                "{ns}-3",
                json!({ "controller": "a.b/c", "parameters": { "kind": "a", "name": "n", "namespace": "x" } }),
            ),
        );
        s.merge(INGRESS_CLASS, json!({ "spec": { "controller": "example.com/b" } }));
        s.merge(INGRESS_CLASS, json!({ "spec": { "parameters": { "kind": "K", "name": "m" } } }));
        s.delete(INGRESS_CLASS);
        s.delete(&format!("{INGRESS_CLASS}-2"));
    }),
    ("classes of runtimes", |s| {
        s.create(RUNTIME_CLASSES, json!({ "metadata": { "name": "{ns}" }, "handler": "h" }));
        s.create(RUNTIME_CLASSES, json!({ "metadata": { "name": "{ns}-2" } }));
        s.create(
            RUNTIME_CLASSES,
            json!({ "metadata": { "name": "{ns}-2" }, "handler": "A_", "overhead": { "podFixed": { "bogus": "-1" } } }),
        );
        s.create(RUNTIME_CLASSES, json!({ "metadata": { "name": "{ns}-2" }, "handler": "h", "scheduling": {
            "nodeSelector": { "a_": "b c" }, "tolerations": [{ "key": "a", "operator": "Exists" }, { "key": "a", "operator": "Exists" }],
        } }));
        s.merge(RUNTIME_CLASS, json!({ "handler": "other" }));
        s.replace(RUNTIME_CLASS, json!({ "metadata": { "name": "{ns}" }, "handler": "h" }));
        s.merge(RUNTIME_CLASS, json!({ "overhead": { "podFixed": { "cpu": "1000m" } } }));
        s.replace(&format!("{RUNTIME_CLASS}-2"), json!({ "metadata": { "name": "{ns}-2" }, "handler": "h" }));
        s.delete(RUNTIME_CLASS);
        s.delete(&format!("{RUNTIME_CLASS}-2"));
    }),
    ("pods of a class of runtimes", |s| {
        s.create(RUNTIME_CLASSES, json!({
            "metadata": { "name": "{ns}" }, "handler": "h", "overhead": { "podFixed": { "cpu": "100m" } },
            "scheduling": {
                "nodeSelector": { "a": "b" },
                "tolerations": [{ "key": "a", "operator": "Exists" }, { "key": "node.kubernetes.io/not-ready", "operator": "Exists" }],
            },
        }));
        s.create("pods", pod("a", json!({ "runtimeClassName": "{ns}" })));
        s.create("pods", pod("b", json!({ "runtimeClassName": "{ns}-other" })));
        s.create("pods", pod("b", json!({ "runtimeClassName": "{ns}", "nodeSelector": { "a": "c" } })));
        s.create("pods", pod("b", json!({ "runtimeClassName": "{ns}", "overhead": { "cpu": "1" } })));
        s.create("pods", pod("b", json!({ "overhead": { "cpu": "1" } })));
        s.create("pods", pod("c", json!({ "runtimeClassName": "{ns}", "nodeSelector": { "d": "e" }, "tolerations": [{ "key": "a", "operator": "Equal", "value": "x" }] })));
        s.delete(RUNTIME_CLASS);
    }),
];
