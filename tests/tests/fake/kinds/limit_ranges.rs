//! What limit ranges do to pods and claims. Each has a namespace of its own: a server knows the first range of one at once.

use serde_json::{Value, json};

use super::Scenario;
use crate::steps::Steps;

/// Makes a namespace with a limit range.
fn range(s: &mut Steps, suffix: &str, limits: Value) {
    s.create("/api/v1/namespaces", json!({ "metadata": { "name": format!("{{ns}}-{suffix}") } }));
    s.create(&path(suffix, "limitranges"), json!({ "metadata": { "name": "r" }, "spec": { "limits": limits } }));
}

fn path(suffix: &str, what: &str) -> String {
    format!("/api/v1/namespaces/{{ns}}-{suffix}/{what}")
}

fn container(name: &str, requests: Value, limits: Value) -> Value {
    json!({ "name": name, "image": "x:1", "resources": { "requests": requests, "limits": limits } })
}

fn pod(name: &str, containers: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": { "containers": containers } })
}

fn one(name: &str, requests: Value, limits: Value) -> Value {
    pod(name, json!([container("c", requests, limits)]))
}

fn send(s: &mut Steps, suffix: &str, pods: impl IntoIterator<Item = Value>) {
    for pod in pods {
        s.create(&path(suffix, "pods"), pod);
    }
}

fn claim(name: &str, storage: Option<&str>) -> Value {
    let requests = storage.map_or(json!({ "other.com/x": "1" }), |storage| json!({ "storage": storage }));
    json!({ "metadata": { "name": name }, "spec": { "accessModes": ["ReadWriteOnce"], "resources": { "requests": requests } } })
}

/// Two containers before two others, one of which says nothing.
fn many(name: &str) -> Value {
    let mut pod = pod(
        name,
        json!([
            container("a", json!({}), json!({})),
            container("b", json!({ "cpu": "1" }), json!({ "memory": "2Gi" }))
        ]),
    );
    let mut sidecar = container("j", json!({ "cpu": "100m" }), json!({}));
    sidecar["restartPolicy"] = json!("Always");
    pod["spec"]["initContainers"] = json!([container("i", json!({}), json!({ "cpu": "3" })), sidecar]);
    pod
}

pub const SCENARIOS: &[Scenario] = &[
    ("limit ranges: defaults of containers", |s| {
        range(
            s,
            "a",
            json!([{ "type": "Container", "default": { "cpu": "500m", "memory": "1024Mi", "example.com/x": "2" }, "defaultRequest": { "cpu": "0.1", "example.com/x": "2" } },
            { "type": "Pod", "max": { "memory": "1Ti" } }]),
        );
        send(
            s,
            "a",
            [
                one("plain", json!({}), json!({})),
                one("partly", json!({ "cpu": "200m" }), json!({ "example.com/x": "2" })),
                one(
                    "whole",
                    json!({ "cpu": "1", "memory": "1", "example.com/x": "1" }),
                    json!({ "cpu": "1", "memory": "1", "example.com/x": "1" }),
                ),
                many("many"),
            ],
        );
        let mut annotated = one("annotated", json!({}), json!({}));
        annotated["metadata"]["annotations"] = json!({ "a": "b", "kubernetes.io/limit-ranger": "x" });
        send(s, "a", [annotated]);
        s.create(&path("a", "pods?dryRun=All"), one("dry", json!({}), json!({})));
        s.send(http::Method::PATCH, &path("a", "pods/applied?fieldManager=A"), "application/apply-patch+yaml",
            json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "applied" }, "spec": { "containers": [{ "name": "c", "image": "x:1" }] } }));
        // Not those of templates, and no debugger.
        let mut deployment = json!({ "metadata": { "name": "d" }, "spec": { "selector": { "matchLabels": { "a": "b" } }, "template": one("", json!({}), json!({})) } });
        deployment["spec"]["template"]["metadata"] = json!({ "labels": { "a": "b" } });
        s.create("/apis/apps/v1/namespaces/{ns}-a/deployments", deployment);
        s.strategic(
            &path("a", "pods/plain/ephemeralcontainers"),
            json!({ "spec": { "ephemeralContainers": [{ "name": "e", "image": "z:1" }] } }),
        );
        s.merge(&path("a", "pods/plain"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.get(&path("a", "pods/partly"));
        range(s, "b", json!([{ "type": "Container", "max": { "cpu": "2" }, "min": { "memory": "1Mi" } }]));
        send(s, "b", [one("plain", json!({}), json!({})), one("less", json!({ "cpu": "1" }), json!({}))]);
        range(
            s,
            "c",
            json!([{ "type": "Container", "default": { "cpu": "1" } }, { "type": "PersistentVolumeClaim", "min": { "storage": "1" } }]),
        );
        send(s, "c", [one("plain", json!({}), json!({})), one("more", json!({ "cpu": "2" }), json!({}))]);
    }),
    ("limit ranges: containers", |s| {
        range(
            s,
            "a",
            json!([{ "type": "Container", "min": { "cpu": "100m" }, "max": { "memory": "1Gi" }, "maxLimitRequestRatio": { "memory": "2" } }]),
        );
        send(
            s,
            "a",
            [
                one("fine", json!({ "cpu": "100m", "memory": "512Mi" }), json!({ "memory": "1Gi" })),
                one("low", json!({ "cpu": "0.05" }), json!({})),
                one("low-limit", json!({ "cpu": "200m" }), json!({ "cpu": "50m" })),
                one("lower", json!({ "cpu": "50m" }), json!({ "cpu": "60m" })),
                one("high", json!({}), json!({ "memory": "1025Mi" })),
                one("high-request", json!({ "memory": "2048Mi" }), json!({ "memory": "2048Mi" })),
                one("apart", json!({ "memory": "100Mi" }), json!({ "memory": "333Mi" })),
                one("zero", json!({ "memory": "0", "cpu": "1" }), json!({ "memory": "0" })),
                many("many"),
            ],
        );
        range(
            s,
            "b",
            json!([{ "type": "Container", "min": { "ephemeral-storage": "2" }, "default": { "memory": "1" }, "defaultRequest": { "memory": "1" } }]),
        );
        send(
            s,
            "b",
            [
                one("none", json!({}), json!({})),
                one("few", json!({ "ephemeral-storage": "1" }), json!({ "ephemeral-storage": "2" })),
            ],
        );
        range(s, "c", json!([{ "type": "Container", "maxLimitRequestRatio": { "cpu": "1500m" } }]));
        send(
            s,
            "c",
            [
                one("none", json!({}), json!({})),
                one("request", json!({ "cpu": "1" }), json!({})),
                one("equal", json!({}), json!({ "cpu": "1" })),
                one("within", json!({ "cpu": "1" }), json!({ "cpu": "1.5" })),
                one("beyond", json!({ "cpu": "1" }), json!({ "cpu": "1501m" })),
                one("large", json!({ "cpu": "1" }), json!({ "cpu": "9e15" })),
            ],
        );
        // What is invalid is told first; then limits, then levels; a name that is taken last.
        send(s, "c", [one("Wrong", json!({}), json!({})), one("within", json!({}), json!({}))]);
        s.create(
            "/api/v1/namespaces",
            json!({ "metadata": { "name": "{ns}-d", "labels": { "pod-security.kubernetes.io/enforce": "baseline" } } }),
        );
        s.create(
            &path("d", "limitranges"),
            json!({ "metadata": { "name": "r" }, "spec": { "limits": [{ "type": "Pod", "min": { "cpu": "1" } }] } }),
        );
        let mut loose = one("loose", json!({}), json!({}));
        loose["spec"]["hostPID"] = json!(true);
        send(s, "d", [loose.clone()]);
        loose["spec"]["containers"][0]["resources"]["requests"] = json!({ "cpu": "2" });
        send(s, "d", [loose]);
    }),
    ("limit ranges: pods", |s| {
        range(
            s,
            "a",
            json!([{ "type": "Pod", "min": { "cpu": "200m" }, "max": { "memory": "1Gi" }, "maxLimitRequestRatio": { "cpu": "4" } }]),
        );
        let two = |name: &str, one: (Value, Value), other: (Value, Value)| {
            pod(name, json!([container("a", one.0, one.1), container("b", other.0, other.1)]))
        };
        let fine = || (json!({ "cpu": "100m", "memory": "1Mi" }), json!({ "cpu": "400m", "memory": "512Mi" }));
        send(
            s,
            "a",
            [
                two("fine", fine(), fine()),
                two("none", (json!({}), json!({})), (json!({}), json!({}))),
                two(
                    "low",
                    (json!({ "cpu": "50m" }), json!({ "cpu": "50m", "memory": "1" })),
                    (json!({ "cpu": "100m" }), json!({ "cpu": "100m", "memory": "1" })),
                ),
                two("high", fine(), (json!({ "cpu": "100m" }), json!({ "cpu": "100m", "memory": "600Mi" }))),
                two("apart", fine(), (json!({ "cpu": "100m" }), json!({ "cpu": "500m", "memory": "1" }))),
                many("many"),
            ],
        );
        let mut whole = two("whole", fine(), fine());
        whole["spec"]["resources"] =
            json!({ "requests": { "cpu": "1", "memory": "1Gi" }, "limits": { "cpu": "1", "memory": "2Gi" } });
        send(s, "a", [whole]);
        let mut ending = two("ending", fine(), fine());
        ending["metadata"]["finalizers"] = json!(["a.b/c"]);
        send(s, "a", [ending]);
        s.delete(&path("a", "pods/ending"));
        s.merge(&path("a", "pods/ending"), json!({ "metadata": { "finalizers": null } }));
    }),
    ("limit ranges: claims of volumes", |s| {
        range(
            s,
            "a",
            json!([{ "type": "PersistentVolumeClaim", "min": { "storage": "1Gi" }, "max": { "storage": "10Gi" } }]),
        );
        for object in [
            claim("fine", Some("2Gi")),
            claim("small", Some("1023Mi")),
            claim("large", Some("11Gi")),
            claim("other", None),
        ] {
            s.create(&path("a", "persistentvolumeclaims"), object);
        }
        s.merge(&path("a", "persistentvolumeclaims/fine"), json!({ "metadata": { "labels": { "a": "b" } } }));
        range(s, "b", json!([{ "type": "PersistentVolumeClaim", "max": { "storage": "10Gi" } }]));
        s.create(&path("b", "persistentvolumeclaims"), claim("fine", Some("10Gi")));
        s.create(&path("b", "persistentvolumeclaims"), claim("large", Some("12e9")));
        // One that was within the range when it was made.
        s.pause();
        s.merge(
            &path("b", "limitranges/r"),
            json!({ "spec": { "limits": [{ "type": "PersistentVolumeClaim", "max": { "storage": "5Gi" } }] } }),
        );
        s.pause();
        s.merge(&path("b", "persistentvolumeclaims/fine"), json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge(&path("b", "persistentvolumeclaims/fine/status"), json!({ "status": { "phase": "Lost" } }));
        s.delete(&path("b", "persistentvolumeclaims/fine"));
        s.merge(&path("b", "persistentvolumeclaims/fine"), json!({ "metadata": { "labels": { "a": "c" } } }));
    }),
    ("limit ranges: ratios finer than thousandths", |s| {
        range(s, "a", json!([{ "type": "Container", "maxLimitRequestRatio": { "cpu": "1.0005", "memory": "2" } }]));
        let of = |name: &str, cpu: &str| {
            one(name, json!({ "cpu": "1", "memory": "1" }), json!({ "cpu": cpu, "memory": "2" }))
        };
        send(s, "a", [of("a", "1"), of("b", "1001m"), of("c", "1002m")]);
    }),
];
