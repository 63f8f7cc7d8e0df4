//! Measured answers: the objects of bookmarks, events of a graceful deletion, and watches that end.

use serde_json::json;

use super::Scenario;

/// The initial events, of which there are none but their end, of a watch that ends soon.
const END: &str =
    "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1";

pub const SCENARIOS: &[Scenario] = &[
    ("W1 bookmarks have the zero object of their kind", |s| {
        for path in [
            "apps/v1:deployments",
            "apps/v1:daemonsets",
            "apps/v1:statefulsets",
            "batch/v1:jobs",
            "discovery.k8s.io/v1:endpointslices",
            "rbac.authorization.k8s.io/v1:roles",
            "rbac.authorization.k8s.io/v1:rolebindings",
            "policy/v1:poddisruptionbudgets",
            "networking.k8s.io/v1:ingresses",
            "networking.k8s.io/v1:networkpolicies",
            "autoscaling/v2:horizontalpodautoscalers",
            "coordination.k8s.io/v1:leases",
            "pods",
            "services",
            "secrets",
            "serviceaccounts",
            "persistentvolumeclaims",
            "resourcequotas",
            "limitranges",
        ] {
            s.get(&format!("{path}?{END}&labelSelector=is%3Dnowhere"));
        }
        s.get(&format!("/api/v1/nodes?{END}&labelSelector=is%3Dnowhere"));
        s.get(&format!("/api/v1/namespaces?{END}&labelSelector=is%3Dnowhere"));
    }),
    ("W2 a watch of what is there ends its initial events only if bookmarks are allowed", |s| {
        s.create("configmaps", json!({ "metadata": { "name": "a", "labels": { "x": "1" } } }));
        s.get("configmaps?watch=1&timeoutSeconds=1&labelSelector=x&allowWatchBookmarks=true");
        s.get("configmaps?watch=1&timeoutSeconds=1&labelSelector=x");
        s.get(&format!("configmaps?{END}&labelSelector=x").replace("&allowWatchBookmarks=true", ""));
    }),
    ("W3 events of a pod that ends with grace", |s| {
        let pod = json!({ "metadata": { "name": "a" }, "spec": { "nodeName": "n1", "containers": [{ "name": "c", "image": "x" }] } });
        s.create("pods", pod);
        s.delete("pods/a");
        s.delete("pods/a?gracePeriodSeconds=0");
        s.watch("pods?resourceVersion={rv1}", json!({}));
    }),
    ("Z2 watches of what is deprecated warn", |s| {
        s.get("endpoints?watch=1&timeoutSeconds=1");
        s.get("endpoints");
    }),
    ("Z5 what counts as a watch", |s| {
        s.get("configmaps?watch&timeoutSeconds=1");
        s.get("configmaps?watch=&timeoutSeconds=1");
        s.get("configmaps?watch=yes&timeoutSeconds=1");
        s.get("configmaps?watch=0&timeoutSeconds=1");
        s.create("configmaps", json!({ "metadata": { "name": "a" } }));
        s.get("/api/v1/watch/namespaces/{ns}/configmaps?timeoutSeconds=1");
        s.get("/api/v1/watch/namespaces/{ns}/configmaps/a?timeoutSeconds=1");
    }),
    ("g a watch with a time-out below zero", |s| {
        s.get("configmaps?watch=1&timeoutSeconds=-1");
        s.get("configmaps?watch=1&timeoutSeconds=1");
    }),
];
