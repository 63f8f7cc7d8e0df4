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
            "apps/v1:replicasets",
            "apps/v1:controllerrevisions",
            "batch/v1:jobs",
            "batch/v1:cronjobs",
            "autoscaling/v1:horizontalpodautoscalers",
            "events.k8s.io/v1:events",
            "resource.k8s.io/v1:resourceclaims",
            "resource.k8s.io/v1:resourceclaimtemplates",
            "storage.k8s.io/v1:csistoragecapacities",
            "certificates.k8s.io/v1:podcertificaterequests",
            "podtemplates",
            "replicationcontrollers",
            "configmaps",
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
            s.first_bookmark();
        }
        for path in [
            "/api/v1/nodes",
            "/api/v1/namespaces",
            "/api/v1/persistentvolumes",
            "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
            "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
            "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
            "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            "/apis/apiregistration.k8s.io/v1/apiservices",
            "/apis/certificates.k8s.io/v1/certificatesigningrequests",
            "/apis/certificates.k8s.io/v1/clustertrustbundles",
            "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas",
            "/apis/flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations",
            "/apis/networking.k8s.io/v1/ingressclasses",
            "/apis/networking.k8s.io/v1/ipaddresses",
            "/apis/networking.k8s.io/v1/servicecidrs",
            "/apis/node.k8s.io/v1/runtimeclasses",
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            "/apis/resource.k8s.io/v1/deviceclasses",
            "/apis/resource.k8s.io/v1/devicetaintrules",
            "/apis/resource.k8s.io/v1/resourceslices",
            "/apis/scheduling.k8s.io/v1/priorityclasses",
            "/apis/storage.k8s.io/v1/csidrivers",
            "/apis/storage.k8s.io/v1/csinodes",
            "/apis/storage.k8s.io/v1/storageclasses",
            "/apis/storage.k8s.io/v1/volumeattachments",
            "/apis/storage.k8s.io/v1/volumeattributesclasses",
            "/apis/storagemigration.k8s.io/v1/storageversionmigrations",
        ] {
            s.get(&format!("{path}?{END}&labelSelector=is%3Dnowhere"));
            s.first_bookmark();
        }
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
        // What is sent of it, if anything, is one thing or another on a real server.
        s.get("configmaps?watch=1&timeoutSeconds=-1");
        s.headers_too(&["content-type"]);
        s.ignoring_body();
        s.get("configmaps?watch=1&timeoutSeconds=1");
    }),
];
