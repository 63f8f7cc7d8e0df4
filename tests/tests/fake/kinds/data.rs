//! Config maps, secrets, service accounts, namespaces, priority classes.

use serde_json::{Value, json};

use super::Scenario;

pub const SCENARIOS: &[Scenario] = &[
    ("a secret has a type, and text becomes data", |s| {
        s.create("secrets", json!({ "metadata": { "name": "a" }, "stringData": { "x": "y" } }));
        s.merge("secrets/a", json!({ "stringData": { "z": "1" } }));
        s.merge("secrets/a", json!({ "type": "x" }));
        s.apply("A", "secrets/a", json!({ "stringData": { "q": "1" } }));
        s.apply("A", "secrets/b", json!({ "stringData": { "q": "1" } }));
        s.get("secrets?fieldSelector=type%3DOpaque");
        s.delete("secrets/a");
    }),
    ("a secret is checked by its type", |s| {
        let secret = |kind: &str, data: Value| json!({ "metadata": { "name": "a" }, "type": kind, "data": data });
        s.create("secrets", secret("kubernetes.io/tls", json!({})));
        s.create("secrets", secret("kubernetes.io/tls", json!({ "tls.crt": "eA==" })));
        s.create("secrets", secret("kubernetes.io/dockerconfigjson", json!({})));
        s.create("secrets", secret("kubernetes.io/dockerconfigjson", json!({ ".dockerconfigjson": "eA==" })));
        s.create("secrets", secret("kubernetes.io/basic-auth", json!({})));
        s.create("secrets", secret("kubernetes.io/ssh-auth", json!({})));
        s.create("secrets", secret("kubernetes.io/service-account-token", json!({})));
        s.create("secrets", secret("Opaque", json!({ "a b": "eA==" })));
        s.create("secrets", secret("Opaque", json!({ "..": "eA==" })));
        s.create("secrets", secret("Opaque", json!({ "a": "not base64!" })));
    }),
    ("what is immutable stays", |s| {
        s.create("secrets", json!({ "metadata": { "name": "a" }, "immutable": true, "data": { "a": "eA==" } }));
        s.merge("secrets/a", json!({ "data": { "a": "eQ==" } }));
        s.merge("secrets/a", json!({ "immutable": false }));
        s.merge("secrets/a", json!({ "metadata": { "labels": { "a": "b" } } }));
        s.create("configmaps", json!({ "metadata": { "name": "a" }, "immutable": true, "data": { "a": "x" } }));
        s.merge("configmaps/a", json!({ "data": { "a": "y" } }));
        s.merge("configmaps/a", json!({ "immutable": null }));
    }),
    ("keys of config maps are checked", |s| {
        s.create(
            "configmaps",
            json!({ "metadata": { "name": "a" }, "data": { "a b": "x" }, "binaryData": { "a b": "eA==" } }),
        );
        s.create(
            "configmaps",
            json!({ "metadata": { "name": "a" }, "data": { "a": "x" }, "binaryData": { "a": "eA==" } }),
        );
        s.create("configmaps", json!({ "metadata": { "name": "a" }, "binaryData": { "a": "eA==" } }));
    }),
    ("service accounts", |s| {
        s.create("serviceaccounts", json!({ "metadata": { "name": "a" }, "imagePullSecrets": [{ "name": "x" }] }));
        s.merge("serviceaccounts/a", json!({ "automountServiceAccountToken": false }));
        s.get("serviceaccounts");
        s.delete("serviceaccounts/a");
    }),
    ("namespaces have a label, a finalizer and a phase", |s| {
        s.create("/api/v1/namespaces", json!({ "metadata": { "name": "{ns}-more" } }));
        s.merge("/api/v1/namespaces/{ns}-more", json!({ "metadata": { "labels": { "a": "b" } } }));
        s.create("/api/v1/namespaces", json!({ "metadata": { "name": "a.b" } }));
        s.delete("/api/v1/namespaces/{ns}-more");
        s.create(
            "/api/v1/namespaces/{ns}-more/pods",
            json!({ "metadata": { "name": "a" }, "spec": { "containers": [{ "name": "c", "image": "x" }] } }),
        );
    }),
    ("a namespace that is deleted stays until it is finalized", |s| {
        let path = "/api/v1/namespaces/{ns}-ends";
        s.create("/api/v1/namespaces", json!({ "metadata": { "name": "{ns}-ends" } }));
        s.merge(path, json!({ "spec": { "finalizers": ["example.com/a"] } }));
        let body = |metadata: Value, finalizers: Value| {
            let mut metadata = metadata;
            metadata["name"] = json!("{ns}-ends");
            json!({ "metadata": metadata, "spec": { "finalizers": finalizers }, "status": { "phase": "Active" } })
        };
        let finalize = "/api/v1/namespaces/{ns}-ends/finalize";
        s.replace(finalize, body(json!({ "labels": { "a": "b" } }), json!(["kubernetes", "example.com/b"])));
        s.replace(finalize, body(json!({ "resourceVersion": "1" }), json!([])));
        s.delete(path);
        s.delete(path);
        s.merge(path, json!({ "metadata": { "labels": { "c": "d" } } }));
        s.merge("/api/v1/namespaces/{ns}-ends/status", json!({ "status": { "phase": "Terminating" } }));
        s.replace(finalize, body(json!({}), json!(["example.com/b"])));
        s.get(path);
        s.replace(finalize, body(json!({}), json!([])));
        s.get(path);
        s.replace(finalize, body(json!({}), json!([])));
        s.create("/api/v1/namespaces", json!({ "metadata": { "name": "{ns}-ends", "finalizers": ["example.com/c"] } }));
        s.delete_with(path, json!({ "propagationPolicy": "Foreground" }));
        s.replace(finalize, body(json!({ "finalizers": ["example.com/c"] }), json!([])));
        s.get(path);
        s.merge(path, json!({ "metadata": { "finalizers": null } }));
        s.get(path);
    }),
    ("priority classes", |s| {
        let classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
        s.create(classes, json!({ "metadata": { "name": "{ns}" }, "value": 1000 }));
        s.create(classes, json!({ "metadata": { "name": "{ns}-2" }, "value": 1000000001 }));
        s.create(classes, json!({ "metadata": { "name": "system-mine" }, "value": 10 }));
        s.merge("/apis/scheduling.k8s.io/v1/priorityclasses/{ns}", json!({ "value": 5 }));
        s.merge("/apis/scheduling.k8s.io/v1/priorityclasses/{ns}", json!({ "description": "mine" }));
        s.create("pods", json!({ "metadata": { "name": "a" }, "spec": { "priorityClassName": "{ns}", "containers": [{ "name": "c", "image": "x" }] } }));
        s.delete("/apis/scheduling.k8s.io/v1/priorityclasses/{ns}");
    }),
];
