//! Objects of the kinds whose columns Go code makes, such that every branch of every column is shown.

use serde_json::{Value, json};

const LONG_AGO: &str = "2020-01-01T00:00:00Z";
const PRECISELY: &str = "2020-01-01T00:00:00.000000Z";
const NAMESPACE: &str = "/api/v1/namespaces/kinds";

/// The labels of what is in no namespace, so that the server's own objects are left out.
const OURS: &str = "labelSelector=app%3Dtables";

const REQUEST: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlIWE1IOENBUUF3SFRFTk1Bc0dBMVVFQ2d3RVpHVjJjekVNTUFvR0ExVUVBd3dEWVc1dU1Ga3dFd1lIS29aSQp6ajBDQVFZSUtvWkl6ajBEQVFjRFFnQUVaRzI5NURLWVIxd1ExWGxqUkVReVR1dW9nTXMrM0VURklvSmk5MUhYCnRxR29RM3J0UnMrQTM1dWRQSkZIYklGK3AvMnBtc1NFQjVTL05GemJqUisyRmFBQU1Bb0dDQ3FHU000OUJBTUMKQTBnQU1FVUNJQmk0SlB6ZXZQWUVJSWhMRE1yaE9LWHFHd1dpUmROVER3eDZKUkorVXVnWkFpRUFrZDJkRUMyKwpWNVVhVlljbXczZy83dHE5Nk1DalI5SUxLRjQ3b2pWMWZLVT0KLS0tLS1FTkQgQ0VSVElGSUNBVEUgUkVRVUVTVC0tLS0tCg==";
const CERTIFICATE: &str = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJjRENDQVJlZ0F3SUJBZ0lVUWZrL3Q5TFY2WEhud1NzLzlueWlDM3pITVg0d0NnWUlLb1pJemowRUF3SXcKRGpFTU1Bb0dBMVVFQXd3RFlXNXVNQjRYRFRJMk1URXlPREl3TlRFME9Wb1hEVE0yTVRFeU5USXdOVEUwT1ZvdwpEakVNTUFvR0ExVUVBd3dEWVc1dU1Ga3dFd1lIS29aSXpqMENBUVlJS29aSXpqMERBUWNEUWdBRVpHMjk1REtZClIxd1ExWGxqUkVReVR1dW9nTXMrM0VURklvSmk5MUhYdHFHb1EzcnRScytBMzV1ZFBKRkhiSUYrcC8ycG1zU0UKQjVTL05GemJqUisyRmFOVE1GRXdIUVlEVlIwT0JCWUVGTmJ6am51L2tVZmJKWjNjQVpMa3FzcGRLcHhSTUI4RwpBMVVkSXdRWU1CYUFGTmJ6am51L2tVZmJKWjNjQVpMa3FzcGRLcHhSTUE4R0ExVWRFd0VCL3dRRk1BTUJBZjh3CkNnWUlLb1pJemowRUF3SURSd0F3UkFJZ1pkUlFSTDFJVGd6SVBYak9rMk1NZTFQWTl5Y1RMamR2Ulk2dEliNVIKMWtRQ0lCVzQwUUtnMXZYelI3NDIwYWcwMkZvZEVERVo5eDZwenlZNjB5c1dET0swCi0tLS0tRU5EIENFUlRJRklDQVRFLS0tLS0K";

/// Other forms, and what is read in them.
pub const FORMS: &[(&str, &str)] = &[
    ("application/json;as=Table;v=v1beta1;g=meta.k8s.io", "/apis/storage.k8s.io/v1/storageclasses?limit=1"),
    ("application/json;as=Table;v=v1beta1;g=meta.k8s.io", "/api/v1/namespaces/kinds/events/once?includeObject=None"),
    (
        "application/json;as=PartialObjectMetadata;v=v1beta1;g=meta.k8s.io",
        "/apis/storage.k8s.io/v1/storageclasses/plain",
    ),
    ("application/json;as=PartialObjectMetadataList;v=v1beta1;g=meta.k8s.io", "/apis/storage.k8s.io/v1/storageclasses"),
    ("application/json;as=Table;v=v1alpha1;g=meta.k8s.io", "/apis/storage.k8s.io/v1/storageclasses"),
    ("application/json;as=Table;v=v1", "/apis/storage.k8s.io/v1/storageclasses"),
    ("application/json;as=Table", "/apis/storage.k8s.io/v1/storageclasses"),
    ("application/json;g=meta.k8s.io", "/apis/storage.k8s.io/v1/storageclasses"),
    ("application/json;as=Table;v=v1;g=example.com,application/json", "/apis/storage.k8s.io/v1/storageclasses/plain"),
];

fn in_group(group: &str, plural: &str) -> String {
    format!("/apis/{group}/namespaces/kinds/{plural}")
}

/// An object with a name, annotations and the rest of its fields.
fn object(name: &str, annotations: &Value, rest: Value) -> Value {
    let mut object = rest;
    object["metadata"] = json!({ "name": name, "labels": { "app": "tables" }, "annotations": annotations });
    object
}

fn named(name: &str, rest: Value) -> Value {
    object(name, &Value::Null, rest)
}

/// What is created, by the path of its collection.
pub fn objects() -> Vec<(String, Value)> {
    let mut all = vec![("/api/v1/namespaces".to_owned(), named("kinds", json!({})))];
    for (path, objects) in [
        ("/api/v1/nodes".to_owned(), nodes()),
        ("/api/v1/persistentvolumes".to_owned(), volumes()),
        (format!("{NAMESPACE}/persistentvolumeclaims"), claims()),
        ("/apis/storage.k8s.io/v1/storageclasses".to_owned(), classes()),
        (format!("{NAMESPACE}/events"), events()),
        (in_group("events.k8s.io/v1", "events"), precise_events()),
        (format!("{NAMESPACE}/endpoints"), endpoints()),
        (in_group("discovery.k8s.io/v1", "endpointslices"), slices()),
        ("/apis/networking.k8s.io/v1/ingressclasses".to_owned(), ingress_classes()),
        (in_group("networking.k8s.io/v1", "ingresses"), ingresses()),
        (in_group("networking.k8s.io/v1", "networkpolicies"), network_policies()),
        (in_group("autoscaling/v2", "horizontalpodautoscalers"), autoscalers()),
        (in_group("policy/v1", "poddisruptionbudgets"), budgets()),
        (format!("{NAMESPACE}/resourcequotas"), quotas()),
        ("/apis/node.k8s.io/v1/runtimeclasses".to_owned(), vec![named("sandboxed", json!({ "handler": "runsc" }))]),
        (in_group("rbac.authorization.k8s.io/v1", "roles"), vec![named("reader", json!({ "rules": [] }))]),
        ("/apis/rbac.authorization.k8s.io/v1/clusterroles".to_owned(), vec![named("reader", json!({ "rules": [] }))]),
        (in_group("rbac.authorization.k8s.io/v1", "rolebindings"), bindings()),
        ("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings".to_owned(), bindings()),
        ("/apis/certificates.k8s.io/v1/certificatesigningrequests".to_owned(), requests()),
        ("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations".to_owned(), webhooks()),
        ("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations".to_owned(), webhooks()),
        ("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies".to_owned(), policies()),
        ("/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings".to_owned(), policy_bindings()),
        ("/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies".to_owned(), mutating_policies()),
        ("/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings".to_owned(), mutating_bindings()),
        (format!("{NAMESPACE}/pods"), pods()),
        (format!("{NAMESPACE}/serviceaccounts"), accounts()),
        (in_group("apps/v1", "deployments"), deployments()),
        // A real server sets limits of the pods behind them.
        (format!("{NAMESPACE}/limitranges"), limits()),
    ] {
        all.extend(objects.into_iter().map(|object| (path.clone(), object)));
    }
    all
}

/// What is merged into some of them, by their paths: statuses, and what can't be created.
pub fn changes() -> Vec<(String, Value)> {
    let status = |path: &str, status: Value| (format!("{path}/status"), json!({ "status": status }));
    let condition = |kind: &str, status: &str| json!({ "type": kind, "status": status });
    let ended = |name: &str, state: Value| json!({ "name": name, "image": "i", "imageID": "", "ready": false, "restartCount": 0, "state": state });
    let mut running = ended("b", json!({ "running": { "startedAt": LONG_AGO } }));
    running["ready"] = json!(true);
    let completed = || ended("a", json!({ "terminated": { "exitCode": 0, "reason": "Completed" } }));
    let failed = ended("b", json!({ "terminated": { "exitCode": 1, "reason": "Error" } }));
    let quantity = |value: &str| json!({ "value": value });
    let average = |value: &str| json!({ "averageValue": value });
    let metric = json!({ "name": "m" });
    let described = json!({ "kind": "Service", "name": "s" });
    let of_resource = |current: Value| json!({ "name": "cpu", "current": current });
    let of_container = |current: Value| json!({ "name": "memory", "container": "c", "current": current });
    let autoscalers = in_group("autoscaling/v2", "horizontalpodautoscalers");
    let measured = |name: &str, metrics: Vec<Value>| {
        status(
            &format!("{autoscalers}/{name}"),
            json!({ "desiredReplicas": 2, "currentReplicas": 4, "currentMetrics": metrics }),
        )
    };
    vec![
        status("/api/v1/persistentvolumes/bound", json!({ "phase": "Bound" })),
        status("/api/v1/persistentvolumes/failed", json!({ "phase": "Failed", "reason": "Unreachable" })),
        status(
            &format!("{NAMESPACE}/persistentvolumeclaims/bound"),
            json!({ "phase": "Bound", "capacity": { "storage": "5Gi" }, "accessModes": ["ReadWriteMany", "ReadWriteOnce"] }),
        ),
        status(
            &format!("{}/balanced", in_group("networking.k8s.io/v1", "ingresses")),
            json!({ "loadBalancer": { "ingress": [
                { "ip": "192.0.2.20" }, { "hostname": "a-rather-long-name.example.com" }, { "ip": "192.0.2.1" }, { "ip": "192.0.2.20" },
            ] } }),
        ),
        measured(
            "external",
            vec![
                json!({ "type": "External", "external": { "metric": metric, "current": average("1500m") } }),
                json!({ "type": "External", "external": { "metric": metric, "current": quantity("3") } }),
            ],
        ),
        measured(
            "object",
            vec![
                json!({ "type": "Object", "object": { "metric": metric, "describedObject": described, "current": average("2") } }),
                json!({ "type": "Object", "object": { "metric": metric, "describedObject": described, "current": quantity("7") } }),
            ],
        ),
        measured(
            "pods",
            vec![
                json!({ "type": "Pods", "pods": { "metric": metric, "current": average("12k") } }),
                json!({ "type": "Resource", "resource": of_resource(json!({ "averageValue": "250m" })) }),
            ],
        ),
        measured(
            "utilization",
            vec![
                json!({ "type": "Resource", "resource": of_resource(json!({ "averageValue": "1", "averageUtilization": 55 })) }),
                json!({ "type": "ContainerResource", "containerResource": of_container(json!({ "averageValue": "1Gi", "averageUtilization": 42 })) }),
            ],
        ),
        measured(
            "containers",
            vec![
                json!({ "type": "ContainerResource", "containerResource": of_container(json!({ "averageValue": "1Gi" })) }),
            ],
        ),
        status(
            &format!("{}/percent", in_group("policy/v1", "poddisruptionbudgets")),
            json!({ "disruptionsAllowed": 2, "currentHealthy": 3, "desiredHealthy": 1, "expectedPods": 3 }),
        ),
        status(
            &format!("{NAMESPACE}/resourcequotas/used"),
            json!({
                "hard": { "pods": "10", "limits.memory": "4Gi", "requests.cpu": "2", "limits.cpu": "4000m" },
                "used": { "pods": "3", "limits.cpu": "1500m" },
            }),
        ),
        (
            "/apis/certificates.k8s.io/v1/certificatesigningrequests/approved/approval".to_owned(),
            json!({ "status": { "conditions": [condition("Approved", "True")] } }),
        ),
        (
            "/apis/certificates.k8s.io/v1/certificatesigningrequests/denied/approval".to_owned(),
            json!({ "status": { "conditions": [condition("Denied", "True")] } }),
        ),
        status(
            "/apis/certificates.k8s.io/v1/certificatesigningrequests/failed",
            json!({ "conditions": [condition("Failed", "True")] }),
        ),
        status(
            "/apis/certificates.k8s.io/v1/certificatesigningrequests/approved",
            json!({ "certificate": CERTIFICATE }),
        ),
        status(
            &format!("{NAMESPACE}/pods/partly-failed"),
            json!({ "phase": "Running", "containerStatuses": [completed(), failed] }),
        ),
        status(
            &format!("{NAMESPACE}/pods/partly-running"),
            json!({ "phase": "Running", "conditions": [condition("Ready", "True")], "containerStatuses": [completed(), running] }),
        ),
        status(
            &format!("{NAMESPACE}/pods/not-ready"),
            json!({ "phase": "Running", "containerStatuses": [completed(), running] }),
        ),
    ]
}

/// What is deleted, and stays because of a finalizer.
pub fn deletions() -> Vec<String> {
    vec![format!("{NAMESPACE}/persistentvolumeclaims/terminating"), "/api/v1/persistentvolumes/terminating".to_owned()]
}

/// What is asked for as a table.
pub fn reads() -> Vec<String> {
    let mut reads: Vec<String> = objects()
        .into_iter()
        .map(|(path, _)| if path.contains("/namespaces/") { path } else { format!("{path}?{OURS}") })
        .collect();
    reads.dedup();
    let watch =
        "watch=1&timeoutSeconds=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
    for plural in ["storageclasses", "storageclasses/standard"] {
        reads.push(format!("/apis/storage.k8s.io/v1/{plural}"));
    }
    reads.extend([
        // A watch shows no class as the default.
        format!("/apis/storage.k8s.io/v1/storageclasses?{watch}&{OURS}"),
        format!("/apis/networking.k8s.io/v1/ingressclasses?{watch}&{OURS}"),
        format!("{NAMESPACE}/events?{watch}"),
        format!("/api/v1/nodes?{watch}"),
        "/apis/networking.k8s.io/v1/ingressclasses/standard".to_owned(),
        format!("{NAMESPACE}/events?limit=1&includeObject=Object"),
        format!("{}?includeObject=Object&limit=2", in_group("events.k8s.io/v1", "events")),
        format!("{}/web/scale", in_group("apps/v1", "deployments")),
        format!("{}/web/status", in_group("apps/v1", "deployments")),
        format!("{NAMESPACE}/pods/not-ready/ephemeralcontainers"),
        "/apis/certificates.k8s.io/v1/certificatesigningrequests/denied/approval".to_owned(),
    ]);
    reads
}

fn nodes() -> Vec<Value> {
    let node = |name: &str, labels: Value, spec: Value, status: Value| {
        let mut node = named(name, json!({ "spec": spec, "status": status }));
        node["metadata"]["labels"] = labels;
        node["metadata"]["labels"]["app"] = json!("tables");
        node
    };
    let ready = |status: &str| json!({ "type": "Ready", "status": status });
    let mut info = json!({
        "machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": "6.1.0", "osImage": "Debian", "kubeProxyVersion": "",
        "containerRuntimeVersion": "containerd://2.0", "kubeletVersion": "v1.37.1", "operatingSystem": "linux", "architecture": "amd64",
    });
    let whole = info.clone();
    for field in ["kernelVersion", "osImage", "containerRuntimeVersion"] {
        info[field] = json!("");
    }
    vec![
        node(
            "ready",
            json!({
                "node-role.kubernetes.io/worker": "", "node-role.kubernetes.io/control-plane": "x", "kubernetes.io/role": "edge",
            }),
            json!({}),
            json!({
                "conditions": [{ "type": "MemoryPressure", "status": "False" }, ready("True")], "nodeInfo": whole,
                "addresses": [
                    { "type": "Hostname", "address": "ready" }, { "type": "InternalIP", "address": "10.0.0.1" },
                    { "type": "InternalIP", "address": "10.0.0.2" }, { "type": "ExternalIP", "address": "192.0.2.1" },
                ],
            }),
        ),
        node(
            "lost",
            json!({ "kubernetes.io/role": "" }),
            json!({}),
            json!({ "conditions": [ready("Unknown")], "nodeInfo": info }),
        ),
        node("new", json!({}), json!({ "unschedulable": true }), json!({})),
    ]
}

fn volumes() -> Vec<Value> {
    let spec =
        |modes: Value| json!({ "capacity": { "storage": "5Gi" }, "accessModes": modes, "hostPath": { "path": "/x" } });
    let mut bound = spec(json!(["ReadWriteMany", "ReadOnlyMany", "ReadWriteOnce"]));
    bound["claimRef"] = json!({ "namespace": "kinds", "name": "bound" });
    bound["storageClassName"] = json!("fast");
    bound["persistentVolumeReclaimPolicy"] = json!("Delete");
    let mut block = spec(json!(["ReadWriteOncePod"]));
    block["volumeMode"] = json!("Block");
    let mut terminating = named("terminating", json!({ "spec": spec(json!(["ReadWriteOnce"])) }));
    terminating["metadata"]["finalizers"] = json!(["example.com/kept"]);
    let annotation = json!({ "volume.beta.kubernetes.io/storage-class": "slow" });
    vec![named("bound", json!({ "spec": bound })), object("failed", &annotation, json!({ "spec": block })), terminating]
}

fn claims() -> Vec<Value> {
    let spec = json!({ "resources": { "requests": { "storage": "5Gi" } }, "accessModes": ["ReadWriteOnce"] });
    let mut bound = spec.clone();
    bound["volumeName"] = json!("bound");
    bound["storageClassName"] = json!("fast");
    bound["volumeAttributesClassName"] = json!("gold");
    let mut block = spec.clone();
    block["volumeMode"] = json!("Block");
    block["storageClassName"] = json!("");
    let mut terminating = named("terminating", json!({ "spec": block }));
    terminating["metadata"]["finalizers"] = json!(["example.com/kept"]);
    vec![
        named("bound", json!({ "spec": bound })),
        object("annotated", &json!({ "volume.beta.kubernetes.io/storage-class": "slow" }), json!({ "spec": block })),
        terminating,
    ]
}

fn classes() -> Vec<Value> {
    let default = |key: &str| json!({ (format!("storageclass.{key}kubernetes.io/is-default-class")): "true" });
    let class = json!({ "provisioner": "example.com/disk" });
    let mut other = class.clone();
    other["reclaimPolicy"] = json!("Retain");
    other["volumeBindingMode"] = json!("WaitForFirstConsumer");
    other["allowVolumeExpansion"] = json!(true);
    vec![
        object("standard", &default(""), class.clone()),
        object("old", &default("beta."), other),
        object("plain", &json!({ "storageclass.kubernetes.io/is-default-class": "false" }), class),
    ]
}

fn events() -> Vec<Value> {
    let event = |name: &str, mut rest: Value| {
        rest["involvedObject"] =
            json!({ "kind": "Pod", "namespace": "kinds", "name": "web", "fieldPath": "spec.containers{a}" });
        named(name, rest)
    };
    let mut nameless = event("nameless", json!({}));
    nameless["involvedObject"] = json!({ "kind": "PodGroup", "namespace": "kinds" });
    vec![
        event(
            "counted",
            json!({
                "firstTimestamp": "2019-06-01T00:00:00Z", "lastTimestamp": LONG_AGO, "count": 3, "type": "Warning", "reason": "Slow",
                "message": " It is slow. \n", "source": { "component": "kubelet", "host": "node-1" },
            }),
        ),
        event("once", json!({ "firstTimestamp": LONG_AGO, "source": { "component": "scheduler" } })),
        event(
            "series",
            json!({
                "eventTime": PRECISELY, "series": { "count": 9, "lastObservedTime": PRECISELY }, "action": "Run", "reason": "Ran",
                "type": "Normal", "reportingComponent": "example.com/operator", "reportingInstance": "operator-0",
            }),
        ),
        nameless,
    ]
}

fn precise_events() -> Vec<Value> {
    vec![named(
        "precise",
        json!({
            "eventTime": PRECISELY, "action": "Run", "reason": "Ran", "type": "Normal", "note": "It runs.",
            "reportingController": "example.com/operator", "reportingInstance": "operator-0",
            "regarding": { "kind": "Pod", "namespace": "kinds", "name": "web" },
        }),
    )]
}

fn endpoints() -> Vec<Value> {
    let addresses = |ips: &[&str]| ips.iter().map(|ip| json!({ "ip": ip })).collect::<Value>();
    let port = |port: u16| json!({ "name": format!("p{port}"), "port": port });
    vec![
        named("none", json!({})),
        named(
            "unready",
            json!({ "subsets": [{ "notReadyAddresses": addresses(&["192.0.2.1"]), "ports": [port(80)] }] }),
        ),
        named("headless", json!({ "subsets": [{ "addresses": addresses(&["192.0.2.1", "192.0.2.2"]) }] })),
        named(
            "three",
            json!({ "subsets": [{ "addresses": addresses(&["192.0.2.1", "2001:db8::1", "192.0.2.2"]), "ports": [port(80)] }] }),
        ),
        named(
            "many",
            json!({ "subsets": [
                { "addresses": addresses(&["192.0.2.1", "192.0.2.2"]), "ports": [port(80), port(443)] },
                { "addresses": addresses(&["192.0.2.3"]) },
            ] }),
        ),
    ]
}

fn slices() -> Vec<Value> {
    let slice = |name: &str, mut rest: Value| {
        rest["addressType"] = json!("IPv4");
        named(name, rest)
    };
    let endpoint = |ips: &[&str]| json!({ "addresses": ips });
    vec![
        slice("none", json!({ "endpoints": [], "ports": [] })),
        slice(
            "few",
            json!({
                "endpoints": [endpoint(&["192.0.2.1"])],
                "ports": [{ "name": "any" }, { "name": "", "port": null }, { "name": "http", "port": 80 }],
            }),
        ),
        slice(
            "many",
            json!({
                "endpoints": [endpoint(&["192.0.2.1", "192.0.2.2"]), endpoint(&["192.0.2.3"]), endpoint(&["192.0.2.4"])],
                "ports": [
                    { "name": "a", "port": 1 }, { "name": "b", "port": 2 }, { "name": "c", "port": 3 }, { "name": "d", "port": 4 },
                    { "name": "e", "port": 5 },
                ],
            }),
        ),
    ]
}

fn ingress_classes() -> Vec<Value> {
    let class = |parameters: Value| json!({ "spec": { "controller": "example.com/proxy", "parameters": parameters } });
    vec![
        object("standard", &json!({ "ingressclass.kubernetes.io/is-default-class": "true" }), class(Value::Null)),
        named("grouped", class(json!({ "apiGroup": "example.com", "kind": "Proxy", "name": "p", "scope": "Cluster" }))),
        named("core", class(json!({ "kind": "ConfigMap", "name": "p", "namespace": "kinds", "scope": "Namespace" }))),
    ]
}

fn ingresses() -> Vec<Value> {
    let backend = json!({ "service": { "name": "web", "port": { "number": 80 } } });
    let rule = |host: &str| json!({ "host": host, "http": { "paths": [{ "path": "/", "pathType": "Prefix", "backend": backend }] } });
    let ingress = |rules: Vec<Value>| json!({ "rules": rules, "defaultBackend": backend });
    let mut balanced = ingress(vec![
        rule("a.example.com"),
        rule("b.example.com"),
        rule(""),
        rule("c.example.com"),
        rule("d.example.com"),
    ]);
    balanced["ingressClassName"] = json!("grouped");
    balanced["tls"] = json!([{ "hosts": ["a.example.com"], "secretName": "s" }]);
    vec![
        named("balanced", json!({ "spec": balanced })),
        named("any", json!({ "spec": ingress(vec![rule("")]) })),
        named(
            "three",
            json!({ "spec": ingress(vec![rule("a.example.com"), rule("b.example.com"), rule("c.example.com")]) }),
        ),
    ]
}

fn network_policies() -> Vec<Value> {
    let selector = json!({
        "matchLabels": { "app": "web" },
        "matchExpressions": [{ "key": "tier", "operator": "In", "values": ["b", "a"] }, { "key": "x", "operator": "Exists" }],
    });
    vec![
        named("all", json!({ "spec": { "podSelector": {} } })),
        named("some", json!({ "spec": { "podSelector": selector } })),
    ]
}

fn autoscalers() -> Vec<Value> {
    let metric = json!({ "name": "m" });
    let described = json!({ "kind": "Service", "name": "s" });
    let value = |value: &str| json!({ "type": "Value", "value": value });
    let average = |value: &str| json!({ "type": "AverageValue", "averageValue": value });
    let percent = json!({ "type": "Utilization", "averageUtilization": 80 });
    let external = |target: Value| json!({ "type": "External", "external": { "metric": metric, "target": target } });
    let object = |target: Value| json!({ "type": "Object", "object": { "metric": metric, "describedObject": described, "target": target } });
    let pods = |target: Value| json!({ "type": "Pods", "pods": { "metric": metric, "target": target } });
    let resource = |target: &Value| json!({ "type": "Resource", "resource": { "name": "cpu", "target": target } });
    let container = |target: &Value| json!({ "type": "ContainerResource", "containerResource": { "name": "memory", "container": "c", "target": target } });
    let autoscaler = |name: &str, metrics: Vec<Value>| {
        let target = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "web" });
        named(name, json!({ "spec": { "scaleTargetRef": target, "maxReplicas": 5, "metrics": metrics } }))
    };
    let externals = || vec![external(average("2")), external(value("10"))];
    let objects = || vec![object(average("500m")), object(value("3"))];
    let mixed = || vec![pods(average("1k")), resource(&average("500m"))];
    let percents = || vec![resource(&percent), container(&percent)];
    vec![
        autoscaler("default", Vec::new()),
        autoscaler("external", externals()),
        autoscaler("external-unknown", externals()),
        autoscaler("object", objects()),
        autoscaler("object-unknown", objects()),
        autoscaler("pods", mixed()),
        autoscaler("pods-unknown", mixed()),
        autoscaler("utilization", percents()),
        autoscaler("utilization-unknown", percents()),
        autoscaler("containers", vec![container(&average("2Gi"))]),
        autoscaler("many", [mixed(), percents()].concat()),
    ]
}

fn budgets() -> Vec<Value> {
    let selector = json!({ "matchLabels": { "app": "web" } });
    vec![
        named("percent", json!({ "spec": { "minAvailable": "50%", "selector": selector } })),
        named("number", json!({ "spec": { "maxUnavailable": 1, "selector": selector } })),
        named("neither", json!({ "spec": { "selector": selector } })),
    ]
}

fn quotas() -> Vec<Value> {
    let spec = json!({ "spec": { "hard": { "pods": "10" } } });
    vec![named("used", spec.clone()), named("new", spec)]
}

fn limits() -> Vec<Value> {
    vec![named("limits", json!({ "spec": { "limits": [{ "type": "Container", "default": { "cpu": "1" } }] } }))]
}

fn bindings() -> Vec<Value> {
    let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "reader" });
    let subject =
        |kind: &str, name: &str| json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name });
    let account = |name: &str| json!({ "kind": "ServiceAccount", "name": name, "namespace": "kinds" });
    vec![
        named(
            "several",
            json!({
                "roleRef": role,
                "subjects": [
                    subject("User", "jane"), account("b"), subject("Group", "admins"), subject("User", "adam"), account("a"),
                ],
            }),
        ),
        named("none", json!({ "roleRef": role })),
    ]
}

fn requests() -> Vec<Value> {
    let request = |name: &str, seconds: Value| {
        let spec = json!({
            "request": REQUEST, "signerName": "example.com/signer", "usages": ["client auth"], "expirationSeconds": seconds,
        });
        named(name, json!({ "spec": spec }))
    };
    vec![
        request("pending", Value::Null),
        request("approved", json!(86_400)),
        request("denied", json!(600)),
        request("failed", json!(90_000_000)),
    ]
}

fn webhooks() -> Vec<Value> {
    let hook = json!({
        "name": "hook.example.com", "clientConfig": { "url": "https://hook.example.com" }, "sideEffects": "None",
        "admissionReviewVersions": ["v1"], "failurePolicy": "Ignore",
        "rules": [{ "apiGroups": ["example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["things"] }],
    });
    vec![named("hooks", json!({ "webhooks": [hook] })), named("none", json!({}))]
}

fn policies() -> Vec<Value> {
    let constraints = json!({
        "resourceRules": [{ "apiGroups": ["example.com"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["things"] }],
    });
    let policy = |kind: Value| {
        let validations = json!([{ "expression": "true" }, { "expression": "1 == 1" }]);
        json!({ "spec": { "matchConstraints": constraints, "validations": validations, "paramKind": kind } })
    };
    vec![
        named("plain", policy(Value::Null)),
        named("with-parameters", policy(json!({ "apiVersion": "v1", "kind": "ConfigMap" }))),
    ]
}

fn mutating_policies() -> Vec<Value> {
    let mutation = json!({ "patchType": "ApplyConfiguration", "applyConfiguration": { "expression": "Object{}" } });
    let changed = |mut policy: Value| {
        let spec = &mut policy["spec"];
        spec["validations"] = Value::Null;
        spec["mutations"] = json!([mutation, mutation]);
        spec["reinvocationPolicy"] = json!("Never");
        policy
    };
    policies().into_iter().map(changed).collect()
}

fn mutating_bindings() -> Vec<Value> {
    let changed = |mut binding: Value| {
        binding["spec"]["validationActions"] = Value::Null;
        binding
    };
    policy_bindings().into_iter().map(changed).collect()
}

fn policy_bindings() -> Vec<Value> {
    let binding = |reference: Value| json!({ "spec": { "policyName": "with-parameters", "validationActions": ["Deny"], "paramRef": reference } });
    let selector = json!({
        "matchLabels": { "b": "2", "a": "1" },
        "matchExpressions": [{ "key": "k", "operator": "In", "values": ["y", "x"] }, { "key": "l", "operator": "Exists" }],
    });
    vec![
        named("plain", binding(Value::Null)),
        named("one", binding(json!({ "name": "p", "namespace": "kinds", "parameterNotFoundAction": "Allow" }))),
        named("anywhere", binding(json!({ "name": "p", "parameterNotFoundAction": "Allow" }))),
        named("selected", binding(json!({ "selector": selector, "parameterNotFoundAction": "Allow" }))),
    ]
}

fn pods() -> Vec<Value> {
    let spec = json!({ "containers": [{ "name": "a", "image": "a:1" }, { "name": "b", "image": "b:2" }] });
    ["partly-failed", "partly-running", "not-ready"].map(|name| named(name, json!({ "spec": spec }))).into()
}

fn accounts() -> Vec<Value> {
    vec![named("robot", json!({ "secrets": [{ "name": "one" }, { "name": "two" }] }))]
}

fn deployments() -> Vec<Value> {
    let template = json!({
        "metadata": { "labels": { "app": "web" } }, "spec": { "containers": [{ "name": "a", "image": "a:1" }] },
    });
    let spec = json!({ "replicas": 3, "selector": { "matchLabels": { "app": "web" } }, "template": template });
    vec![named("web", json!({ "spec": spec }))]
}
