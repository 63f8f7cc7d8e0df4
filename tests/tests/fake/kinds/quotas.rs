//! What resource quotas do. Nobody but the scenario writes what they limit and what was used before, as their controller would do.

use serde_json::{Value, json};

use super::Scenario;
use crate::steps::Steps;

/// Makes a namespace with a quota that has a status.
fn quota(s: &mut Steps, suffix: &str, spec: Value, used: Value) {
    s.create("/api/v1/namespaces", json!({ "metadata": { "name": format!("{{ns}}-{suffix}") } }));
    add(s, suffix, "q", spec, used);
}

fn add(s: &mut Steps, suffix: &str, name: &str, spec: Value, used: Value) {
    let hard = spec["hard"].clone();
    s.create(&path(suffix, "resourcequotas"), json!({ "metadata": { "name": name }, "spec": spec }));
    s.merge(
        &path(suffix, &format!("resourcequotas/{name}/status")),
        json!({ "status": { "hard": hard, "used": used } }),
    );
    // A server sees that some time later.
    s.pause();
    s.get(&path(suffix, "resourcequotas"));
}

fn path(suffix: &str, what: &str) -> String {
    match what.split_once(':') {
        Some((version, what)) => format!("/apis/{version}/namespaces/{{ns}}-{suffix}/{what}"),
        None => format!("/api/v1/namespaces/{{ns}}-{suffix}/{what}"),
    }
}

fn send(s: &mut Steps, suffix: &str, what: &str, objects: impl IntoIterator<Item = Value>) {
    for object in objects {
        s.create(&path(suffix, what), object);
    }
    s.get(&path(suffix, "resourcequotas"));
}

fn named(name: &str) -> Value {
    json!({ "metadata": { "name": name } })
}

fn pod(name: &str, requests: Value, limits: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": { "containers": [
        { "name": "c", "image": "x:1", "resources": { "requests": requests, "limits": limits } },
    ] } })
}

fn plain(name: &str) -> Value {
    pod(name, json!({}), json!({}))
}

fn with(name: &str, spec: Value) -> Value {
    let mut pod = plain(name);
    if let (Value::Object(fields), Value::Object(more)) = (&mut pod["spec"], spec) {
        fields.extend(more);
    }
    pod
}

fn claim(name: &str, storage: &str, class: Option<&str>) -> Value {
    let mut spec = json!({ "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": storage } } });
    if let Some(class) = class {
        spec["storageClassName"] = json!(class);
    }
    json!({ "metadata": { "name": name }, "spec": spec })
}

fn service(name: &str, spec: Value) -> Value {
    let mut spec = spec;
    spec["ports"] = json!([{ "name": "a", "port": 80 }, { "name": "b", "port": 81 }]);
    json!({ "metadata": { "name": name }, "spec": spec })
}

pub const SCENARIOS: &[Scenario] = &[
    ("quotas: counts of objects", |s| {
        let hard = json!({ "configmaps": "2", "count/configmaps": "5", "count/secrets": "1", "count/deployments.apps": "0", "count/leases.coordination.k8s.io": "1", "count/pods": "1" });
        let used = json!({ "configmaps": "1", "count/configmaps": "1", "count/secrets": "1", "count/deployments.apps": "0", "count/leases.coordination.k8s.io": "0", "count/pods": "0" });
        quota(s, "a", json!({ "hard": hard }), used);
        send(s, "a", "configmaps", [named("a"), named("b")]);
        send(s, "a", "secrets", [named("a")]);
        send(s, "a", "coordination.k8s.io/v1:leases", [named("a"), named("b")]);
        send(s, "a", "pods", [plain("a"), plain("b")]);
        send(s, "a", "events", [json!({ "metadata": { "name": "e" }, "involvedObject": { "namespace": "{ns}-a" } })]);
        s.create(&path("a", "apps/v1:deployments"), json!({ "metadata": { "name": "d" }, "spec": { "selector": { "matchLabels": { "a": "b" } },
            "template": { "metadata": { "labels": { "a": "b" } }, "spec": { "containers": [{ "name": "c", "image": "x:1" }] } } } }));
        s.merge(&path("a", "configmaps/a"), json!({ "data": { "x": "y" } }));
        s.delete(&path("a", "configmaps/a"));
        s.get(&path("a", "resourcequotas/q"));
    }),
    ("quotas: names that are taken, dry runs and what is invalid", |s| {
        quota(s, "a", json!({ "hard": { "count/configmaps": "3" } }), json!({ "count/configmaps": "0" }));
        send(s, "a", "configmaps?dryRun=All", [named("a")]);
        send(s, "a", "configmaps", [named("a"), named("a"), named("A_")]);
        let applied = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "b" } });
        s.send(
            http::Method::PATCH,
            &path("a", "configmaps/b?fieldManager=A"),
            "application/apply-patch+yaml",
            applied.clone(),
        );
        s.send(http::Method::PATCH, &path("a", "configmaps/b?fieldManager=A"), "application/apply-patch+yaml", applied);
        send(s, "a", "configmaps?dryRun=All", [named("c")]);
        send(s, "a", "configmaps", [named("a")]);
        // One that says less than its spec, and one that says more.
        s.create("/api/v1/namespaces", json!({ "metadata": { "name": "{ns}-b" } }));
        s.create(
            &path("b", "resourcequotas"),
            json!({ "metadata": { "name": "q" }, "spec": { "hard": { "count/configmaps": "0" } } }),
        );
        s.pause();
        send(s, "b", "configmaps", [named("a")]);
        s.merge(
            &path("b", "resourcequotas/q/status"),
            json!({ "status": { "hard": { "count/configmaps": "9", "count/secrets": "1", "pods": "1" } } }),
        );
        s.pause();
        send(s, "b", "configmaps", [named("b")]);
        send(s, "b", "pods", [plain("b")]);
        s.merge(&path("b", "resourcequotas/q/status"), json!({ "status": { "used": { "count/configmaps": "8" } } }));
        s.pause();
        send(s, "b", "configmaps", [named("b"), named("c")]);
        // Two quotas of a namespace, of which both have to have enough.
        add(
            s,
            "b",
            "r",
            json!({ "hard": { "count/leases.coordination.k8s.io": "1" } }),
            json!({ "count/leases.coordination.k8s.io": "0" }),
        );
        add(
            s,
            "b",
            "s",
            json!({ "hard": { "count/leases.coordination.k8s.io": "5" } }),
            json!({ "count/leases.coordination.k8s.io": "0" }),
        );
        send(s, "b", "coordination.k8s.io/v1:leases", [named("a"), named("b")]);
    }),
    ("quotas: requests and limits of pods", |s| {
        let hard = json!({ "pods": "4", "requests.cpu": "1", "limits.memory": "2Gi", "requests.example.com/gpu": "1", "limits.cpu": "4", "memory": "1Gi" });
        let used = json!({ "pods": "0", "requests.cpu": "0", "limits.memory": "0", "requests.example.com/gpu": "0", "limits.cpu": "0", "memory": "0" });
        quota(s, "a", json!({ "hard": hard }), used);
        let fine = || (json!({ "cpu": "250m", "memory": "256Mi" }), json!({ "cpu": "500m", "memory": "0.5Gi" }));
        let gpu = json!({ "cpu": "100m", "memory": "1Mi", "example.com/gpu": "1" });
        let two = json!({ "metadata": { "name": "two" }, "spec": { "containers": [{ "name": "b", "image": "x:1", "resources": { "requests": { "memory": "1" } } }, { "name": "a", "image": "x:1", "resources": { "limits": { "cpu": "1" } } }],
            "initContainers": [{ "name": "i", "image": "x:1" }] } });
        send(
            s,
            "a",
            "pods",
            [
                plain("none"),
                two,
                pod("fine", fine().0, fine().1),
                pod("more", json!({ "cpu": "800m", "memory": "1Gi" }), json!({ "cpu": "8", "memory": "1Gi" })),
                pod("gpu", gpu.clone(), gpu.clone()),
                pod("gpus", gpu.clone(), gpu),
                pod("large", json!({ "cpu": "751m", "memory": "1" }), json!({ "cpu": "1", "memory": "1" })),
            ],
        );
        s.create(&path("a", "pods?dryRun=All"), pod("dry", fine().0, fine().1));
        let mut whole = plain("whole");
        whole["spec"]["resources"] =
            json!({ "requests": { "cpu": "100m", "memory": "1Mi" }, "limits": { "cpu": "200m", "memory": "2Mi" } });
        send(s, "a", "pods", [whole]);
        s.merge(&path("a", "pods/fine"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(&path("a", "pods/fine"), json!({ "spec": { "activeDeadlineSeconds": 10 } }));
        s.get(&path("a", "resourcequotas/q"));
        // A default of the namespace is said.
        s.create("/api/v1/namespaces", json!({ "metadata": { "name": "{ns}-b" } }));
        s.create(&path("b", "limitranges"), json!({ "metadata": { "name": "r" }, "spec": { "limits": [{ "type": "Container", "default": { "cpu": "1" }, "defaultRequest": { "cpu": "100m" } }] } }));
        add(s, "b", "q", json!({ "hard": { "requests.cpu": "150m" } }), json!({ "requests.cpu": "0" }));
        send(s, "b", "pods", [plain("a"), plain("b")]);
    }),
    ("quotas: services", |s| {
        let used = json!({ "services": "0", "services.nodeports": "0", "services.loadbalancers": "0" });
        quota(
            s,
            "a",
            json!({ "hard": { "services": "4", "services.nodeports": "3", "services.loadbalancers": "1" } }),
            used,
        );
        send(
            s,
            "a",
            "services",
            [
                service("plain", json!({})),
                service("ports", json!({ "type": "NodePort" })),
                service("more", json!({ "type": "NodePort" })),
                service("balancer", json!({ "type": "LoadBalancer", "allocateLoadBalancerNodePorts": false })),
                service("other", json!({ "type": "LoadBalancer", "allocateLoadBalancerNodePorts": false })),
            ],
        );
        s.merge(&path("a", "services/plain"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(&path("a", "services/plain"), json!({ "spec": { "type": "NodePort" } }));
        s.merge(&path("a", "services/ports"), json!({ "spec": { "type": "ClusterIP" } }));
        s.get(&path("a", "resourcequotas/q"));
        s.merge(&path("a", "services/plain"), json!({ "spec": { "ports": [{ "port": 80 }] } }));
        s.merge(&path("a", "services/plain/status"), json!({ "status": { "loadBalancer": {} } }));
        s.get(&path("a", "resourcequotas/q"));
    }),
    ("quotas: claims of volumes", |s| {
        let used = json!({ "persistentvolumeclaims": "0", "requests.storage": "0", "gold.storageclass.storage.k8s.io/requests.storage": "0", "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "0" });
        let hard = json!({ "persistentvolumeclaims": "3", "requests.storage": "10Gi", "gold.storageclass.storage.k8s.io/requests.storage": "2Gi", "gold.storageclass.storage.k8s.io/persistentvolumeclaims": "2" });
        quota(s, "a", json!({ "hard": hard }), used);
        send(
            s,
            "a",
            "persistentvolumeclaims",
            [
                claim("a", "1Gi", Some("gold")),
                claim("b", "1.5Gi", Some("gold")),
                claim("c", "9Gi", None),
                claim("d", "1Gi", Some("")),
                claim("e", "12Gi", Some("gold")),
                claim("f", "1", Some("gold")),
                claim("g", "1", None),
            ],
        );
        s.merge(&path("a", "persistentvolumeclaims/a"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(
            &path("a", "persistentvolumeclaims/a/status"),
            json!({ "status": { "phase": "Bound", "capacity": { "storage": "1Gi" } } }),
        );
        s.get(&path("a", "resourcequotas/q"));
    }),
    ("quotas: scopes", |s| {
        let of = |scope: &str| json!({ "hard": { "pods": "1" }, "scopes": [scope] });
        let none = || json!({ "pods": "0" });
        quota(s, "a", of("BestEffort"), none());
        add(s, "a", "burst", of("NotBestEffort"), none());
        send(
            s,
            "a",
            "pods",
            [
                plain("a"),
                pod("b", json!({ "cpu": "1" }), json!({})),
                plain("c"),
                pod("d", json!({ "cpu": "1" }), json!({})),
            ],
        );
        quota(s, "b", of("Terminating"), none());
        add(s, "b", "lasting", of("NotTerminating"), none());
        send(
            s,
            "b",
            "pods",
            [
                with("a", json!({ "activeDeadlineSeconds": 10 })),
                plain("b"),
                with("c", json!({ "activeDeadlineSeconds": 10 })),
                plain("d"),
            ],
        );
        s.merge(&path("b", "pods/b"), json!({ "spec": { "activeDeadlineSeconds": 10 } }));
        quota(s, "c", of("CrossNamespacePodAffinity"), none());
        let term = json!({ "topologyKey": "a", "namespaces": ["x"], "labelSelector": { "matchLabels": { "a": "b" } } });
        let affine = |name: &str| {
            with(
                name,
                json!({ "affinity": { "podAntiAffinity": { "requiredDuringSchedulingIgnoredDuringExecution": [term] } } }),
            )
        };
        send(s, "c", "pods", [plain("a"), affine("b"), affine("c")]);
        let selector = |operator: &str, values: Value| json!({ "hard": { "pods": "0" }, "scopeSelector": { "matchExpressions": [{ "scopeName": "PriorityClass", "operator": operator, "values": values }] } });
        for (suffix, operator, values) in [
            ("d", "In", json!(["system-node-critical"])),
            ("e", "NotIn", json!(["system-node-critical"])),
            ("f", "Exists", Value::Null),
            ("g", "DoesNotExist", Value::Null),
        ] {
            quota(s, suffix, selector(operator, values), none());
            send(
                s,
                suffix,
                "pods",
                [
                    plain("a"),
                    with("b", json!({ "priorityClassName": "system-node-critical" })),
                    with("c", json!({ "priorityClassName": "system-cluster-critical" })),
                ],
            );
        }
        quota(
            s,
            "h",
            json!({ "hard": { "persistentvolumeclaims": "1" }, "scopeSelector": { "matchExpressions": [{ "scopeName": "VolumeAttributesClass", "operator": "In", "values": ["fast"] }] } }),
            json!({ "persistentvolumeclaims": "1" }),
        );
        let mut fast = claim("fast", "1Gi", None);
        fast["spec"]["volumeAttributesClassName"] = json!("fast");
        send(s, "h", "persistentvolumeclaims", [claim("a", "1Gi", None), fast]);
    }),
    ("quotas: amounts beyond the integers", |s| {
        quota(
            s,
            "a",
            json!({ "hard": { "requests.memory": "25E", "limits.memory": "90Ei" } }),
            json!({ "requests.memory": "0", "limits.memory": "0" }),
        );
        let of = |name: &str, memory: &str| pod(name, json!({ "memory": memory }), json!({ "memory": "13E" }));
        send(s, "a", "pods", [of("a", "12E"), of("b", "9E"), of("c", "3.5E"), of("d", "1")]);
    }),
    ("quotas: an apply that changes nothing", |s| {
        let applied = [
            ("services/s", json!({ "spec": { "clusterIP": "None", "ports": [{ "port": 80 }] } })),
            ("configmaps/m", json!({ "data": { "a": "b" } })),
        ];
        for (path, object) in &applied {
            s.apply("A", path, object.clone());
        }
        let hard = json!({ "services": "5", "configmaps": "5" });
        s.create("resourcequotas", json!({ "metadata": { "name": "q" }, "spec": { "hard": hard } }));
        s.pause();
        for (path, object) in applied {
            s.apply("A", path, object.clone());
            s.merge(path, object);
        }
    }),
];

/// The status of a pod that runs, with what its container and its sidecar have, and what is said of a resize.
fn running(container: Value, sidecar: Value, reason: Option<&str>) -> Value {
    let status = |name: &str, resources: Value| {
        let mut status = json!({ "name": name, "ready": true, "restartCount": 0, "image": "x:1", "imageID": "", "state": { "running": {} } });
        if let (Value::Object(status), Value::Object(more)) = (&mut status, resources) {
            status.extend(more);
        }
        status
    };
    let conditions: Vec<Value> = reason
        .into_iter()
        .map(|reason| json!({ "type": "PodResizePending", "status": "True", "reason": reason }))
        .collect();
    json!({ "status": {
        "phase": "Running", "conditions": conditions, "containerStatuses": [status("c", container)],
        "initContainerStatuses": [status("s", sidecar)],
    } })
}

/// What a status changes of what pods use, in each minor that has `resize`.
pub const OF_RESIZES: &[Scenario] = &[("quotas: pods whose resize goes on", |s| {
    let none = json!({ "requests.cpu": "0", "limits.cpu": "0", "requests.memory": "0" });
    quota(s, "a", json!({ "hard": { "requests.cpu": "20", "limits.cpu": "30", "requests.memory": "9Gi" } }), none);
    let amounts =
        |cpu: &str, limit: &str| json!({ "requests": { "cpu": cpu, "memory": "1Gi" }, "limits": { "cpu": limit } });
    let mut object = pod("a", json!({}), json!({}));
    object["spec"]["containers"][0]["resources"] = amounts("500m", "4");
    object["spec"]["initContainers"] = json!([
        { "name": "s", "image": "x:1", "restartPolicy": "Always", "resources": amounts("100m", "200m") },
    ]);
    send(s, "a", "pods", [object]);
    let resize = |s: &mut Steps, list: &str, name: &str, cpu: &str| {
        let container = json!({ "name": name, "resources": { "requests": { "cpu": cpu } } });
        s.strategic(&path("a", "pods/a/resize"), json!({ "spec": { list: [container] } }));
        s.get(&path("a", "resourcequotas"));
    };
    let given = |cpu: &str, allocated: &str| {
        let resources = json!({ "requests": { "cpu": cpu, "memory": "1Gi" }, "limits": { "cpu": "5" } });
        json!({ "resources": resources, "allocatedResources": { "cpu": allocated, "memory": "1Gi" } })
    };
    let is_of_resources = |resources: Value| json!({ "resources": resources });
    for (container, sidecar, reason) in [
        (given("700m", "800m"), given("100m", "100m"), None),
        (given("700m", "800m"), given("100m", "300m"), Some("Deferred")),
        (given("700m", "800m"), given("100m", "300m"), Some("Infeasible")),
        (is_of_resources(json!({ "requests": { "cpu": "1" } })), given("100m", "300m"), Some("Infeasible")),
        (json!({ "resources": {}, "allocatedResources": { "cpu": "2" } }), json!({ "resources": {} }), None),
        (is_of_resources(json!({ "limits": { "cpu": "6" } })), json!({ "allocatedResources": { "cpu": "1" } }), None),
    ] {
        s.merge(&path("a", "pods/a/status"), running(container, sidecar, reason));
        resize(s, "containers", "c", "900m");
        resize(s, "containers", "c", "1100m");
        resize(s, "containers", "c", "600m");
        resize(s, "initContainers", "s", "200m");
        resize(s, "initContainers", "s", "400m");
        resize(s, "initContainers", "s", "100m");
    }
})];
