//! Pods that get other amounts of CPU and memory.

use serde_json::{Value, json};

use super::Scenario;

fn container(name: &str, requests: Value, limits: Value) -> Value {
    json!({ "name": name, "image": "nginx:1", "resources": { "requests": requests, "limits": limits } })
}

const NODES: &str = "/api/v1/nodes";
const NODE: &str = "/api/v1/nodes/{ns}";

/// A pod of one container.
fn pod(name: &str, requests: Value, limits: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": { "containers": [container("c", requests, limits)] } })
}

fn amounts(name: &str, resources: Value) -> Value {
    json!({ "spec": { "containers": [{ "name": name, "resources": resources }] } })
}

/// A node that is named after the scenario's namespace.
fn node() -> Value {
    let amounts = json!({ "cpu": "2", "memory": "1Gi", "pods": "10" });
    json!({ "metadata": { "name": "{ns}" }, "status": { "allocatable": amounts, "capacity": amounts } })
}

pub const SCENARIOS: &[Scenario] = &[
    ("pods are resized", |s| {
        s.create("pods", pod("a", json!({ "cpu": "100m" }), json!({ "memory": "64Mi" })));
        s.get("pods/a/resize");
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "200m" } })));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "0.2" } })));
        s.merge("pods/a/resize?dryRun=All", json!({ "metadata": { "labels": { "a": "b" } } }));
        s.strategic("pods/a/resize", json!({ "metadata": { "labels": { "a": "b" } }, "spec": { "nodeName": "n1" } }));
        s.json_patch(
            "pods/a/resize",
            json!([{ "op": "add", "path": "/spec/containers/0/resources/limits/cpu", "value": "1" }]),
        );
        s.replace(
            "pods/a/resize",
            pod("a", json!({ "cpu": "300m", "memory": "1Mi" }), json!({ "memory": "32Mi", "cpu": "1" })),
        );
        s.merge("pods/a", json!({ "metadata": { "labels": { "c": "d" } } }));
        s.strategic("pods/a", amounts("c", json!({ "requests": { "cpu": "400m" } })));
        s.in_other_words();
        s.strategic("pods/b/resize", amounts("c", json!({ "requests": { "cpu": "200m" } })));
        s.get("pods/a");
    }),
    ("a resize is checked", |s| {
        s.create("pods", pod("a", json!({ "cpu": "100m", "ephemeral-storage": "1Gi" }), json!({ "memory": "64Mi" })));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": null } })));
        s.strategic("pods/a/resize", amounts("c", json!({ "limits": null })));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "-1" } })));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "memory": "128Mi" } })));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "ephemeral-storage": "2Gi" } })));
        s.strategic(
            "pods/a/resize",
            amounts("c", json!({ "requests": { "cpu": "1", "memory": "64Mi" }, "limits": { "cpu": "1" } })),
        );
        s.strategic("pods/a/resize", amounts("other", json!({ "requests": { "cpu": "1" } })));
        s.strategic(
            "pods/a/resize",
            json!({ "spec": { "containers": [{ "name": "c", "resizePolicy": [{ "resourceName": "cpu", "restartPolicy": "RestartContainer" }] }] } }),
        );
        s.replace("pods/a/resize", pod("a", json!({ "cpu": "200m" }), json!({ "memory": "64Mi" })));
        let mut renamed = pod("a", json!({ "cpu": "100m", "ephemeral-storage": "1Gi" }), json!({ "memory": "64Mi" }));
        renamed["spec"]["containers"][0]["name"] = json!("d");
        s.replace("pods/a/resize", renamed);
        s.strategic("pods/a/resize?fieldValidation=Strict", json!({ "spec": { "bogus": 1 } }));
        s.merge("pods/a/resize", json!({ "metadata": { "resourceVersion": "1" } }));
        s.create(
            "pods",
            json!({ "metadata": { "name": "w" }, "spec": {
            "os": { "name": "windows" }, "containers": [container("c", json!({ "cpu": "1" }), json!({}))],
        } }),
        );
        s.strategic("pods/w/resize", amounts("c", json!({ "requests": { "cpu": "2" } })));
    }),
    ("init containers and sidecars are resized", |s| {
        let mut first = pod("a", json!({ "cpu": "100m" }), json!({ "memory": "64Mi" }));
        let mut sidecar = container("s", json!({ "cpu": "10m" }), json!({}));
        sidecar["restartPolicy"] = json!("Always");
        first["spec"]["initContainers"] = json!([sidecar, container("i", json!({ "cpu": "20m" }), json!({}))]);
        s.create("pods", first);
        let init = |name: &str, resources: Value| json!({ "spec": { "initContainers": [{ "name": name, "resources": resources }] } });
        s.strategic("pods/a/resize", init("s", json!({ "requests": { "cpu": "20m" } })));
        s.strategic("pods/a/resize", init("i", json!({ "requests": { "cpu": "30m" } })));
        s.strategic("pods/a/resize", init("s", json!({ "requests": { "cpu": null, "memory": "1Mi" } })));
        s.strategic(
            "pods/a/resize",
            init("s", json!({ "requests": { "example.com/gpu": "1" }, "limits": { "example.com/gpu": "1" } })),
        );
    }),
    ("a running pod is resized on a node that has as much", |s| {
        let mut bound = pod("a", json!({ "cpu": "100m" }), json!({ "memory": "64Mi" }));
        bound["spec"]["nodeName"] = json!("{ns}");
        s.create("pods", bound);
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "1" } })));
        s.create(NODES, node());
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "3" } })));
        s.strategic(
            "pods/a/resize",
            amounts("c", json!({ "requests": { "cpu": "3", "memory": "2Gi" }, "limits": { "memory": "2Gi" } })),
        );
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "1500m" } })));
        let running = |resources: Value| {
            let mut status = json!({ "name": "c", "ready": true, "restartCount": 0, "image": "nginx:1", "imageID": "", "state": { "running": {} } });
            if !resources.is_null() {
                status["resources"] = resources;
            }
            json!({ "status": { "phase": "Running", "containerStatuses": [status] } })
        };
        s.merge("pods/a/status", running(Value::Null));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "1" } })));
        s.merge("pods/a/status", running(json!({ "requests": { "cpu": "1500m" } })));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "1" } })));
        s.merge(NODE, json!({ "metadata": { "labels": { "kubernetes.io/os": "windows" } } }));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "500m" } })));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "1" } })));
        s.delete(NODE);
    }),
    ("a resize is applied", |s| {
        s.create("pods", pod("a", json!({ "cpu": "100m" }), json!({ "memory": "64Mi" })));
        s.apply("R", "pods/a/resize", amounts("c", json!({ "requests": { "cpu": "200m" } })));
        s.apply("R", "pods/a/resize?force=true", amounts("c", json!({ "requests": { "cpu": "200m" } })));
        s.apply("R", "pods/a/resize?force=true", amounts("c", json!({ "requests": { "cpu": "300m" } })));
    }),
    ("a resize stays within the range of its namespace", |s| {
        s.create("pods", pod("a", json!({ "cpu": "100m" }), json!({ "memory": "64Mi" })));
        let range = json!([{ "type": "Container", "max": { "cpu": "1" }, "min": { "cpu": "100m" } }]);
        s.create("limitranges", json!({ "metadata": { "name": "l" }, "spec": { "limits": range } }));
        s.pause();
        s.strategic("pods/a/resize", amounts("c", json!({ "limits": { "cpu": "2" } })));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "50m" }, "limits": { "cpu": "1" } })));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "500m" }, "limits": { "cpu": "1" } })));
    }),
    ("a resize is charged to the quota of its namespace", |s| {
        s.create("pods", pod("a", json!({ "cpu": "100m" }), json!({ "memory": "64Mi" })));
        s.create("resourcequotas", json!({ "metadata": { "name": "q" }, "spec": { "hard": { "requests.cpu": "1" } } }));
        let status = json!({ "hard": { "requests.cpu": "1" }, "used": { "requests.cpu": "100m" } });
        s.merge("resourcequotas/q/status", json!({ "status": status }));
        s.pause();
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "600m" } })));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "1100m" } })));
        s.get("resourcequotas/q");
    }),
    ("a resize gets what the range of its namespace adds", |s| {
        s.create("pods", pod("a", json!({ "cpu": "100m" }), json!({})));
        let range =
            json!([{ "type": "Container", "default": { "memory": "1Gi" }, "defaultRequest": { "memory": "64Mi" } }]);
        s.create("limitranges", json!({ "metadata": { "name": "l" }, "spec": { "limits": range } }));
        s.pause();
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "200m" } })));
    }),
    ("pods have amounts as a whole", |s| {
        let of = |name: &str, whole: Value, containers: [(Value, Value); 2]| {
            let [(requests, limits), (others, of_others)] = containers;
            json!({ "metadata": { "name": name }, "spec": { "resources": whole,
                "containers": [container("c", requests, limits), container("d", others, of_others)] } })
        };
        let none = || (json!({}), json!({}));
        let one = |requests: Value, limits: Value| [(requests, limits), none()];
        let both = |requests: Value, limits: Value| [(requests.clone(), limits.clone()), (requests, limits)];
        let huge = json!({ "hugepages-2Mi": "4Mi" });
        for (name, whole, containers) in [
            ("a", json!({ "requests": { "cpu": "1" } }), one(json!({ "memory": "1Mi" }), json!({ "cpu": "500m" }))),
            ("b", json!({ "limits": { "cpu": "1" } }), one(json!({ "memory": "1Mi", "cpu": "100m" }), json!({}))),
            ("c", json!({ "limits": { "cpu": "1", "memory": "1Gi" } }), [none(), none()]),
            (
                "d",
                json!({ "requests": { "cpu": "1" } }),
                both(json!({ "memory": "1Mi" }), json!({ "cpu": "300m", "memory": "2Mi" })),
            ),
            ("e", json!({ "requests": { "memory": "1Gi" } }), both(json!({}), json!({ "memory": "10Mi" }))),
            ("f", json!({ "requests": { "cpu": "1" } }), one(json!({}), json!({ "cpu": "1", "hugepages-2Mi": "2Mi" }))),
            ("g", json!({ "requests": { "cpu": "1", "hugepages-2Mi": "4Mi" }, "limits": huge }), [none(), none()]),
            ("h", json!({}), one(json!({ "cpu": "1" }), json!({ "cpu": "1" }))),
            ("i", json!({ "requests": {}, "limits": {} }), one(json!({ "cpu": "1" }), json!({ "cpu": "1" }))),
            ("j", json!({ "limits": { "cpu": "1" } }), one(json!({ "cpu": "1500m" }), json!({}))),
            ("k", json!({ "limits": { "cpu": "1" } }), one(json!({ "cpu": "500m" }), json!({ "cpu": "2" }))),
            ("l", json!({ "requests": { "cpu": "2" }, "limits": { "cpu": "1" } }), [none(), none()]),
            ("m", json!({ "requests": { "ephemeral-storage": "1" } }), [none(), none()]),
            ("n", json!({ "requests": { "bogus": "1" } }), [none(), none()]),
            ("o", json!({ "requests": { "cpu": "-1" } }), [none(), none()]),
            ("p", json!({ "requests": { "hugepages-2Mi": "4Mi" } }), [none(), none()]),
            ("q", json!({ "requests": huge, "limits": { "hugepages-2Mi": "6Mi", "cpu": "1" } }), [none(), none()]),
            (
                "r",
                json!({ "limits": { "hugepages-2Mi": "2Mi", "cpu": "1" } }),
                both(json!({}), json!({ "hugepages-2Mi": "2Mi", "cpu": "1" })),
            ),
        ] {
            s.create("pods", of(name, whole, containers));
        }
        let mut windows = of("w", json!({ "limits": { "cpu": "1" } }), [none(), none()]);
        windows["spec"]["os"] = json!({ "name": "windows" });
        s.create("pods", windows);
    }),
    ("pods are resized as a whole", |s| {
        let whole = |resources: Value| json!({ "spec": { "resources": resources } });
        let mut of_whole = pod("a", json!({ "cpu": "100m" }), json!({}));
        of_whole["spec"]["resources"] = json!({ "requests": { "cpu": "1" }, "limits": { "cpu": "2" } });
        s.create("pods", of_whole.clone());
        s.strategic("pods/a/resize", whole(json!({ "requests": { "cpu": "1500m" } })));
        s.strategic("pods/a/resize", whole(json!({ "requests": { "cpu": "3" } })));
        s.strategic("pods/a/resize", whole(json!({ "requests": { "cpu": "50m" } })));
        s.strategic("pods/a/resize", whole(json!({ "requests": { "memory": "1Gi" } })));
        s.strategic("pods/a/resize", whole(json!({ "limits": { "memory": "2Gi", "cpu": "4" } })));
        s.strategic("pods/a/resize", whole(json!({ "requests": { "cpu": null } })));
        s.strategic("pods/a/resize", whole(json!({ "limits": { "cpu": null } })));
        s.strategic("pods/a/resize", whole(json!({ "limits": null })));
        s.merge("pods/a/resize", whole(Value::Null));
        s.strategic("pods/a/resize", whole(json!({ "limits": { "hugepages-2Mi": "2Mi" } })));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "200m" } })));
        s.strategic("pods/a/resize", amounts("c", json!({ "requests": { "cpu": "5" } })));
        s.strategic("pods/a/resize", amounts("c", json!({ "limits": { "cpu": "5" } })));
        s.replace("pods/a/resize", of_whole);
        s.replace("pods/a/resize", pod("a", json!({ "cpu": "300m" }), json!({})));
        s.apply("R", "pods/a/resize?force=true", whole(json!({ "requests": { "cpu": "1700m" } })));
        s.merge("pods/a", whole(json!({ "requests": { "cpu": "1800m" } })));
        s.in_other_words();
        s.get("pods/a");
        s.create("pods", pod("b", json!({ "cpu": "100m" }), json!({ "memory": "64Mi" })));
        s.strategic("pods/b/resize", whole(json!({ "requests": { "cpu": "1" } })));
        s.strategic("pods/b/resize", whole(json!({ "requests": { "hugepages-2Mi": "2Mi" } })));
        s.strategic("pods/b/resize", whole(json!({})));
        s.create("pods", pod("c", json!({ "cpu": "100m" }), json!({ "cpu": "200m" })));
        s.strategic("pods/c/resize", whole(json!({})));
        s.strategic("pods/c/resize", whole(json!({ "limits": { "cpu": "1" } })));
        s.create("pods", pod("d", json!({}), json!({})));
        s.strategic("pods/d/resize", whole(json!({ "requests": { "cpu": "1" } })));
        s.create(
            "resourcequotas",
            json!({ "metadata": { "name": "q" }, "spec": { "hard": { "requests.cpu": "10" } } }),
        );
        let status = json!({ "hard": { "requests.cpu": "10" }, "used": { "requests.cpu": "3" } });
        s.merge("resourcequotas/q/status", json!({ "status": status }));
        s.pause();
        s.strategic("pods/b/resize", whole(json!({ "requests": { "cpu": "2" } })));
        s.get("resourcequotas/q");
    }),
];
