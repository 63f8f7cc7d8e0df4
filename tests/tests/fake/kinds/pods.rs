//! Pods.

use serde_json::{Value, json};

use super::Scenario;

fn pod(name: &str, spec: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": spec })
}

fn plain(name: &str) -> Value {
    pod(name, json!({ "containers": [{ "name": "c", "image": "nginx:1" }] }))
}

/// A pod of one container, of which more is said.
fn with(name: &str, container: Value) -> Value {
    let mut object = plain(name);
    if let (Value::Object(fields), Value::Object(own)) = (&mut object["spec"]["containers"][0], container) {
        fields.extend(own);
    }
    object
}

pub const SCENARIOS: &[Scenario] = &[
    ("a pod gets what it doesn't say", |s| {
        s.create("pods", plain("a"));
        s.create("pods", with("latest", json!({ "image": "nginx" })));
        s.create("pods", with("digest", json!({ "image": "quay.io/a/b@sha256:0000" })));
        s.create("pods", with("zeros", json!({
            "image": "localhost:5000/a:latest", "stdin": false, "tty": false, "command": [], "env": [], "workingDir": "",
            "ports": [{ "containerPort": 80, "hostPort": 0, "protocol": "" }],
        })));
        s.get("pods");
    }),
    ("probes, ports and hooks have defaults of their own", |s| {
        s.create(
            "pods",
            with(
                "a",
                json!({
                    "ports": [{ "containerPort": 80 }, { "containerPort": 53, "protocol": "UDP", "name": "dns" }],
                    "livenessProbe": { "httpGet": { "port": 80 }, "timeoutSeconds": 0 },
                    "readinessProbe": { "tcpSocket": { "port": "dns" }, "periodSeconds": 3 },
                    "startupProbe": { "grpc": { "port": 80 } },
                    "lifecycle": { "preStop": { "httpGet": { "port": 80, "path": "/bye" } } },
                }),
            ),
        );
    }),
    ("volumes have defaults of their own", |s| {
        s.create("pods", pod("a", json!({
            "serviceAccountName": "default",
            "volumes": [
                { "name": "v" }, { "name": "s", "secret": { "secretName": "x" } },
                { "name": "c", "configMap": { "name": "x" } },
                { "name": "d", "downwardAPI": { "items": [{ "path": "l", "fieldRef": { "fieldPath": "metadata.labels" } }] } },
                { "name": "p", "projected": { "sources": [
                    { "serviceAccountToken": { "path": "t" } },
                    { "downwardAPI": { "items": [{ "path": "l", "fieldRef": { "fieldPath": "metadata.name" } }] } },
                ] } },
                { "name": "h", "hostPath": { "path": "/x" } },
                { "name": "i", "iscsi": { "targetPortal": "1.2.3.4", "iqn": "iqn.2001-04.com.example:a", "lun": 0 } },
                { "name": "e", "emptyDir": { "sizeLimit": "1024Mi" } },
                { "name": "q", "ephemeral": { "volumeClaimTemplate": { "spec": {
                    "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } },
                } } } },
            ],
            "containers": [{ "name": "c", "image": "a:1", "env": [
                { "name": "A", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } },
                { "name": "B", "valueFrom": { "resourceFieldRef": { "resource": "limits.cpu" } } },
            ] }],
        })));
    }),
    ("requests follow limits, and quantities are canonical", |s| {
        s.create(
            "pods",
            with(
                "a",
                json!({ "resources": { "limits": { "cpu": "1000m", "memory": "1024Mi" }, "requests": { "cpu": 1 } } }),
            ),
        );
        s.create("pods", with("b", json!({ "resources": { "limits": { "cpu": 2.5 } } })));
        s.create("pods", with("c", json!({ "resources": { "requests": { "cpu": "0.1", "memory": "0" } } })));
        s.create("pods", with("d", json!({ "resources": { "limits": { "cpu": "abc" } } })));
        s.create("pods", with("e", json!({ "resources": { "limits": { "cpu": "1" }, "requests": { "cpu": "2" } } })));
    }),
    ("what the pod says of its network, account and end is completed", |s| {
        s.create(
            "pods",
            pod(
                "a",
                json!({
                    "hostNetwork": true, "serviceAccount": "x", "terminationGracePeriodSeconds": -1,
                    "initContainers": [{ "name": "i", "image": "a" }],
                    "containers": [{ "name": "c", "image": "a:1", "ports": [{ "containerPort": 80 }] }],
                }),
            ),
        );
        s.create("pods", pod("b", json!({
            "terminationGracePeriodSeconds": 0, "enableServiceLinks": false, "nodeSelector": {}, "tolerations": [],
            "schedulingGates": [{ "name": "example.com/gate" }], "imagePullSecrets": [{ "name": "x" }],
            "containers": [{ "name": "c", "image": "a:1" }],
        })));
        s.create("pods", pod("c", json!({
            "tolerations": [{ "key": "a" }, { "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 5 }],
            "containers": [{ "name": "c", "image": "a:1" }],
        })));
    }),
    ("pods have priorities", |s| {
        s.create(
            "pods",
            pod("a", json!({ "priorityClassName": "none", "containers": [{ "name": "c", "image": "a:1" }] })),
        );
        s.create("pods", pod("a", json!({ "priority": 5, "containers": [{ "name": "c", "image": "a:1" }] })));
        s.create(
            "pods",
            pod(
                "a",
                json!({
                    "priorityClassName": "system-node-critical", "containers": [{ "name": "c", "image": "a:1" }],
                }),
            ),
        );
        s.merge("pods/a", json!({ "metadata": { "labels": { "a": "b" } } }));
    }),
    ("containers are checked", |s| {
        s.create("pods", pod("a", json!({})));
        s.create("pods", pod("a", json!({ "containers": [{}] })));
        s.create("pods", pod("a", json!({ "containers": [{ "name": "A_", "image": "x" }, { "name": "b" }, { "name": "b", "image": "y" }] })));
        s.create(
            "pods",
            with(
                "a",
                json!({ "ports": [
            { "containerPort": 0 }, { "containerPort": 70000, "protocol": "X" }, { "containerPort": 80, "name": "A" },
            { "containerPort": 81, "name": "a" }, { "containerPort": 82, "name": "a" },
        ] }),
            ),
        );
        s.create("pods", with("a", json!({ "imagePullPolicy": "Bogus", "terminationMessagePolicy": "Bogus" })));
        s.create(
            "pods",
            with(
                "a",
                json!({ "env": [
            { "name": "" }, { "name": "A", "value": "1", "valueFrom": { "fieldRef": { "fieldPath": "bogus" } } },
            { "name": "B", "valueFrom": {} }, { "name": "C", "valueFrom": { "secretKeyRef": { "name": "x" } } },
        ] }),
            ),
        );
        s.create("pods", with("a", json!({ "livenessProbe": {} })));
        s.create("pods", with("a", json!({
            "livenessProbe": { "httpGet": {}, "tcpSocket": { "port": 0 }, "timeoutSeconds": -1, "successThreshold": 2 },
        })));
        s.create("pods", pod("a", json!({
            "initContainers": [{ "name": "b", "image": "x", "livenessProbe": { "exec": { "command": ["a"] } } }],
            "containers": [{ "name": "b", "image": "x" }],
        })));
        s.create(
            "pods",
            pod(
                "a",
                json!({ "hostNetwork": true, "containers": [
            { "name": "b", "image": "x", "ports": [{ "containerPort": 80 }, { "containerPort": 80 }] },
        ] }),
            ),
        );
    }),
    ("items that are null are checked as empty ones", |s| {
        s.create("pods", pod("a", json!({ "containers": [null] })));
        s.create(
            "pods",
            pod(
                "a",
                json!({ "volumes": [null], "containers": [
            { "name": "c", "image": "x", "ports": [null], "env": [null] },
        ] }),
            ),
        );
    }),
    ("the rest of a pod is checked", |s| {
        s.create("pods", pod("a", json!({ "restartPolicy": "Bogus", "dnsPolicy": "Bogus", "containers": [{ "name": "c", "image": "x" }] })));
        s.create(
            "pods",
            pod(
                "a",
                json!({
                    "volumes": [{ "name": "v" }, { "name": "v", "configMap": {} }, { "name": "" }],
                    "containers": [{ "name": "b", "image": "x", "volumeMounts": [
                        { "name": "w", "mountPath": "/x" }, { "name": "v", "mountPath": "/x" }, { "name": "v" },
                    ] }],
                }),
            ),
        );
        s.create("pods", pod("a", json!({
            "nodeSelector": { "a": "b c" }, "hostname": "A_", "subdomain": "A_", "serviceAccountName": "A_",
            "activeDeadlineSeconds": 0,
            "tolerations": [{ "key": "a", "operator": "Bogus" }, { "operator": "Equal" }, { "key": "k", "effect": "Bogus" }],
            "containers": [{ "name": "b", "image": "x" }],
        })));
    }),
    ("metadata is checked", |s| {
        let with = |metadata: Value| {
            let mut pod = plain("a");
            pod["metadata"] = metadata;
            pod
        };
        s.create("pods", with(json!({ "name": "a", "labels": { "a b": "c" } })));
        s.create("pods", with(json!({ "name": "a", "labels": { "x": "d e" } })));
        s.create("pods", with(json!({ "name": "a", "annotations": { "a b": "c" }, "finalizers": ["x"] })));
        s.create(
            "pods",
            with(
                json!({ "name": "a", "ownerReferences": [{ "apiVersion": "v1", "kind": "", "name": "", "uid": "" }] }),
            ),
        );
        s.create("pods", with(json!({ "name": "a", "generateName": "A_" })));
        s.create("pods", with(json!({})));
    }),
    ("a pod is warned of", |s| {
        s.create("pods", plain("dots.in.name"));
        s.create(
            "pods",
            with(
                "a",
                json!({
                    "ports": [{ "containerPort": 80 }, { "containerPort": 80 }],
                    "env": [{ "name": "A", "value": "1" }, { "name": "A", "value": "2" }],
                }),
            ),
        );
    }),
    ("of a pod little can be changed", |s| {
        s.create("pods", plain("a"));
        s.merge("pods/a", json!({ "metadata": { "labels": { "a": "b" } } }));
        s.strategic("pods/a", json!({ "spec": { "containers": [{ "name": "c", "image": "nginx:2" }] } }));
        s.merge("pods/a", json!({ "spec": { "nodeName": "n1" } }));
        s.in_other_words();
        s.merge("pods/a", json!({ "spec": { "restartPolicy": "Never" } }));
        s.in_other_words();
        s.merge("pods/a", json!({ "spec": { "containers": [{ "name": "c", "image": "" }] } }));
        s.strategic("pods/a", json!({ "spec": { "containers": [{ "name": "d", "image": "x:1" }] } }));
        s.merge("pods/a", json!({ "spec": { "activeDeadlineSeconds": 10 } }));
        s.merge("pods/a", json!({ "spec": { "activeDeadlineSeconds": 20 } }));
        s.merge("pods/a", json!({ "spec": { "activeDeadlineSeconds": null } }));
        s.in_other_words();
        s.merge("pods/a", json!({ "spec": { "tolerations": [] } }));
        s.replace("pods/a", plain("a"));
        s.in_other_words();
        s.get("pods/a");
    }),
    ("the status of a pod is written by itself", |s| {
        s.create("pods", plain("a"));
        s.merge("pods/a/status", json!({
            "metadata": { "labels": { "x": "2" }, "annotations": { "a": "1" } }, "spec": { "nodeName": "n" },
            "status": { "phase": "Running", "podIP": "1.2.3.4", "conditions": [{ "type": "Ready", "status": "True" }] },
        }));
        s.merge("pods/a", json!({ "status": { "phase": "Failed" } }));
        s.merge("pods/a/status", json!({ "status": { "conditions": [{ "type": "" }] } }));
        s.replace("pods/a/status", json!({ "metadata": { "name": "a" }, "status": { "phase": "Succeeded" } }));
        s.get("pods/a/status");
    }),
    ("a pod is bound to a node once", |s| {
        let binding = |name: &str, target: Value| json!({ "metadata": { "name": name }, "target": target });
        s.create("pods", plain("a"));
        s.create("pods/a/binding", binding("b", json!({ "kind": "Node", "name": "n1" })));
        s.create("pods/a/binding", binding("a", json!({})));
        s.create("pods/none/binding", binding("none", json!({ "name": "n1" })));
        s.create("pods/a/binding", binding("a", json!({ "kind": "Node", "name": "n1" })));
        s.get("pods/a");
        s.create("pods/a/binding", binding("a", json!({ "kind": "Node", "name": "n2" })));
    }),
    ("a pod that runs nowhere ends at once", |s| {
        s.create("pods", plain("a"));
        s.delete("pods/a?dryRun=All");
        s.delete("pods/a");
        s.get("pods/a");
        let mut kept = plain("b");
        kept["metadata"]["finalizers"] = json!(["example.com/x"]);
        s.create("pods", kept);
        s.delete("pods/b");
        s.delete("pods/b");
        s.merge("pods/b", json!({ "metadata": { "finalizers": null } }));
        s.get("pods/b");
    }),
    ("a pod of a node ends with grace", |s| {
        let mut pod = plain("a");
        pod["spec"]["nodeName"] = json!("n1");
        s.create("pods", pod.clone());
        s.delete("pods/a");
        s.get("pods/a");
        s.delete("pods/a");
        s.delete("pods/a?gracePeriodSeconds=50");
        s.delete("pods/a?gracePeriodSeconds=5");
        s.get("pods/a");
        s.create("pods", pod.clone());
        s.delete("pods/a?gracePeriodSeconds=0");
        s.get("pods/a");
        pod["metadata"]["finalizers"] = json!(["example.com/x"]);
        s.create("pods", pod);
        s.delete_with("pods/a", json!({ "gracePeriodSeconds": 7 }));
        s.merge("pods/a", json!({ "metadata": { "finalizers": null } }));
        s.get("pods/a");
        s.delete("pods/a?gracePeriodSeconds=0");
        s.get("pods/a");
    }),
    ("a pod that has ended needs no grace", |s| {
        let mut pod = plain("a");
        pod["spec"]["nodeName"] = json!("n1");
        s.create("pods", pod);
        s.merge("pods/a/status", json!({ "status": { "phase": "Succeeded" } }));
        s.delete("pods/a");
        s.get("pods/a");
    }),
    ("pods are evicted", |s| {
        let eviction =
            |name: &str| json!({ "apiVersion": "policy/v1", "kind": "Eviction", "metadata": { "name": name } });
        s.create("pods", plain("a"));
        s.create("pods/a/eviction", eviction("b"));
        s.create("pods/none/eviction", eviction("none"));
        s.create("pods/a/eviction", eviction("a"));
        s.get("pods/a");
        let mut pod = plain("b");
        pod["spec"]["nodeName"] = json!("n1");
        s.create("pods", pod);
        s.create("pods/b/eviction", eviction("b"));
        s.get("pods/b");
    }),
    ("pods are selected by their fields", |s| {
        let mut bound = plain("b");
        bound["spec"]["nodeName"] = json!("n1");
        s.create("pods", plain("a"));
        s.create("pods", bound);
        s.get("pods?fieldSelector=spec.nodeName%3Dn1");
        s.get("pods?fieldSelector=spec.nodeName%3D");
        s.get("pods?fieldSelector=spec.nodeName!%3Dn1,status.phase%3DPending,spec.restartPolicy%3DAlways");
        s.get("pods?fieldSelector=spec.bogus%3Dn1");
    }),
    ("ephemeral containers are added", |s| {
        s.create("pods", plain("a"));
        let containers = |image: &str| json!({ "spec": { "ephemeralContainers": [{ "name": "dbg", "image": image, "targetContainerName": "c" }] } });
        s.strategic("pods/a/ephemeralcontainers", containers("busybox:1"));
        s.get("pods/a/ephemeralcontainers");
        s.strategic("pods/a/ephemeralcontainers", containers("busybox:2"));
        s.in_other_words();
        s.merge("pods/a", json!({ "metadata": { "labels": { "a": "b" } } }));
    }),
    ("pods are applied", |s| {
        s.apply(
            "A",
            "pods/a",
            json!({ "spec": { "containers": [{ "name": "c", "image": "a:1", "ports": [{ "containerPort": 80 }] }] } }),
        );
        s.apply("B", "pods/a", json!({ "spec": { "containers": [{ "name": "c", "image": "a:2" }] } }));
        s.apply("B", "pods/a?force=true", json!({ "spec": { "containers": [{ "name": "c", "image": "a:2" }] } }));
        s.apply("A", "pods/a", json!({ "metadata": { "labels": { "x": "y" } }, "spec": { "containers": [{ "name": "c", "ports": [{ "containerPort": 80 }] }] } }));
        s.apply("K", "pods/a/status", json!({ "status": { "conditions": [{ "type": "Ready", "status": "True" }] } }));
    }),
];
