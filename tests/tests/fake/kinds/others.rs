//! RBAC, budgets, networking, storage, events.

use serde_json::{Value, json};

use super::Scenario;

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const ROLES: &str = "rbac.authorization.k8s.io/v1:roles";
const BINDINGS: &str = "rbac.authorization.k8s.io/v1:rolebindings";
const BUDGETS: &str = "policy/v1:poddisruptionbudgets";
const INGRESSES: &str = "networking.k8s.io/v1:ingresses";
const POLICIES: &str = "networking.k8s.io/v1:networkpolicies";
const SLICES: &str = "discovery.k8s.io/v1:endpointslices";

fn of(name: &str, spec: Value) -> Value {
    json!({ "metadata": { "name": name }, "spec": spec })
}

pub const SCENARIOS: &[Scenario] = &[
    ("roles", |s| {
        let rules = json!([{ "verbs": ["get"], "apiGroups": [""], "resources": ["pods"] }]);
        s.create(ROLES, json!({ "metadata": { "name": "a" }, "rules": rules }));
        s.replace("rbac.authorization.k8s.io/v1:roles/b", json!({ "metadata": { "name": "b" }, "rules": rules }));
        s.create(ROLES, json!({ "metadata": { "name": "c" } }));
        s.create(
            ROLES,
            json!({ "metadata": { "name": "system:d" }, "rules": [
            {}, { "verbs": ["get"], "nonResourceURLs": ["/x"] }, { "verbs": ["get"], "apiGroups": [""] },
        ] }),
        );
        s.merge("rbac.authorization.k8s.io/v1:roles/a", json!({ "rules": [] }));
        s.apply("A", "rbac.authorization.k8s.io/v1:roles/d", json!({ "rules": rules }));
        s.delete("rbac.authorization.k8s.io/v1:roles/a");
        s.create(
            &format!("{RBAC}/clusterroles"),
            json!({ "metadata": { "name": "{ns}" }, "rules": [
            { "verbs": ["get"], "nonResourceURLs": ["/x"] },
        ] }),
        );
        s.create(
            &format!("{RBAC}/clusterroles"),
            json!({ "metadata": { "name": "{ns}-2" }, "rules": [
            { "verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "nonResourceURLs": ["/"] },
        ] }),
        );
        s.delete(&format!("{RBAC}/clusterroles/{{ns}}"));
    }),
    ("lists that are sent empty", |s| {
        for (index, body) in [json!({ "rules": [] }), json!({ "rules": null }), json!({})].into_iter().enumerate() {
            let named = |name: &str| {
                let mut body = body.clone();
                body["metadata"] = json!({ "name": name });
                body
            };
            let (role, cluster_role) = (format!("r{index}"), format!("{{ns}}-r{index}"));
            s.create(ROLES, named(&role));
            s.create(&format!("{RBAC}/clusterroles"), named(&cluster_role));
            s.replace(&format!("{ROLES}/{role}"), named(&role));
            s.merge(&format!("{ROLES}/{role}"), json!({ "rules": [] }));
            s.apply("A", &format!("{ROLES}/{role}"), named(&role));
            s.merge(&format!("{ROLES}/{role}"), json!({ "metadata": { "labels": { "a": "b" } } }));
            s.get(&format!("{ROLES}/{role}"));
        }
        s.create(SLICES, json!({ "metadata": { "name": "a" }, "addressType": "IPv4", "endpoints": [] }));
        s.create(SLICES, json!({ "metadata": { "name": "b" }, "addressType": "IPv4", "endpoints": [], "ports": [] }));
        s.merge(&format!("{SLICES}/b"), json!({ "ports": [] }));
        s.merge(&format!("{SLICES}/b"), json!({ "endpoints": [], "metadata": { "labels": { "a": "b" } } }));
        s.get(&format!("{SLICES}/b"));
    }),
    ("bindings of roles", |s| {
        s.create(
            BINDINGS,
            json!({ "metadata": { "name": "a" }, "roleRef": { "kind": "Role", "name": "a" }, "subjects": [
            { "kind": "User", "name": "u" }, { "kind": "Group", "name": "g" },
            { "kind": "ServiceAccount", "name": "s", "namespace": "x" },
        ] }),
        );
        s.create(BINDINGS, json!({ "metadata": { "name": "b" } }));
        s.create(
            BINDINGS,
            json!({
                "metadata": { "name": "b" }, "roleRef": { "kind": "Bogus", "name": "", "apiGroup": "x" },
                "subjects": [
                    { "kind": "ServiceAccount", "name": "s" }, { "kind": "Bogus", "name": "" },
                    { "kind": "User", "name": "", "apiGroup": "x" },
                ],
            }),
        );
        s.merge("rbac.authorization.k8s.io/v1:rolebindings/a", json!({ "roleRef": { "name": "other" } }));
        s.merge("rbac.authorization.k8s.io/v1:rolebindings/a", json!({ "subjects": null }));
        s.delete("rbac.authorization.k8s.io/v1:rolebindings/a");
        s.replace(
            &format!("{RBAC}/clusterrolebindings/{{ns}}"),
            json!({
                "metadata": { "name": "{ns}" }, "roleRef": { "kind": "ClusterRole", "name": "view" },
            }),
        );
        s.create(
            &format!("{RBAC}/clusterrolebindings"),
            json!({
                "metadata": { "name": "{ns}-2" }, "roleRef": { "kind": "Role", "name": "view" },
                "subjects": [{ "kind": "ServiceAccount", "name": "s" }],
            }),
        );
        s.delete(&format!("{RBAC}/clusterrolebindings/{{ns}}"));
    }),
    ("budgets of disruptions", |s| {
        s.create(BUDGETS, of("a", json!({ "minAvailable": 1, "selector": { "matchLabels": { "app": "w" } } })));
        s.create(
            BUDGETS,
            of("b", json!({ "minAvailable": 1, "maxUnavailable": 1, "selector": { "matchLabels": { "app": "w" } } })),
        );
        s.create(BUDGETS, of("b", json!({ "minAvailable": -1, "unhealthyPodEvictionPolicy": "Bogus" })));
        s.create(BUDGETS, of("b", json!({ "minAvailable": "x%" })));
        s.replace("policy/v1:poddisruptionbudgets/a", of("a", json!({ "minAvailable": 2 })));
        s.merge("policy/v1:poddisruptionbudgets/a", json!({ "spec": { "minAvailable": "50%" } }));
        s.merge("policy/v1:poddisruptionbudgets/a/status", json!({ "metadata": { "labels": { "a": "b" } }, "status": { "disruptionsAllowed": 1, "observedGeneration": 2 } }));
        s.merge("policy/v1:poddisruptionbudgets/a/status", json!({ "status": { "disruptionsAllowed": -1 } }));
        s.delete("policy/v1:poddisruptionbudgets/a");
    }),
    ("an eviction spends from a budget", |s| {
        let eviction = json!({ "apiVersion": "policy/v1", "kind": "Eviction", "metadata": { "name": "a" } });
        s.create(
            "pods",
            json!({
                "metadata": { "name": "a", "labels": { "app": "w" } },
                "spec": { "nodeName": "n1", "containers": [{ "name": "c", "image": "a:1" }] },
            }),
        );
        s.merge(
            "pods/a/status",
            json!({ "status": { "phase": "Running", "conditions": [{ "type": "Ready", "status": "True" }] } }),
        );
        s.create(BUDGETS, of("a", json!({ "minAvailable": 1, "selector": { "matchLabels": { "app": "w" } } })));
        s.merge(
            "policy/v1:poddisruptionbudgets/a/status",
            json!({ "status": { "observedGeneration": 1, "desiredHealthy": 1, "currentHealthy": 1 } }),
        );
        s.create("pods/a/eviction", eviction.clone());
        s.create(BUDGETS, of("b", json!({ "minAvailable": 1, "selector": {} })));
        s.create("pods/a/eviction", eviction.clone());
        s.delete("policy/v1:poddisruptionbudgets/b");
        s.merge("policy/v1:poddisruptionbudgets/a/status", json!({ "status": { "disruptionsAllowed": 1 } }));
        s.create("pods/a/eviction", eviction);
        s.get("pods/a");
    }),
    ("ingresses", |s| {
        let path = json!({ "path": "/", "pathType": "Prefix", "backend": { "service": { "name": "s", "port": { "number": 80 } } } });
        s.create(INGRESSES, of("a", json!({ "rules": [{ "host": "a.example.com", "http": { "paths": [path] } }] })));
        s.create(
            INGRESSES,
            of("b", json!({ "defaultBackend": { "service": { "name": "s", "port": { "name": "http" } } } })),
        );
        s.create(INGRESSES, json!({ "metadata": { "name": "c" } }));
        s.create(INGRESSES, of("c", json!({ "rules": [
            { "host": "A_", "http": { "paths": [
                { "path": "x", "backend": { "service": {} } },
                { "path": "x", "pathType": "Exact", "backend": { "service": { "name": "s", "port": { "number": 80, "name": "x" } } } },
                { "path": "/x", "pathType": "Bogus", "backend": {} },
            ] } },
            { "host": "1.2.3.4" },
        ], "tls": [{ "hosts": ["A_", "*.example.com"] }] })));
        s.merge(
            "networking.k8s.io/v1:ingresses/a/status",
            json!({ "status": { "loadBalancer": { "ingress": [{ "ip": "1.2.3.4" }] } } }),
        );
        s.merge("networking.k8s.io/v1:ingresses/a", json!({ "spec": { "ingressClassName": "x" } }));
        s.delete("networking.k8s.io/v1:ingresses/a");
    }),
    ("network policies", |s| {
        s.create(POLICIES, of("a", json!({ "podSelector": {} })));
        s.create(
            POLICIES,
            of("b", json!({ "podSelector": {}, "ingress": [{ "ports": [{ "port": 80 }] }], "egress": [{}] })),
        );
        s.create(
            POLICIES,
            of(
                "c",
                json!({ "ingress": [{
            "ports": [{ "port": 0 }, { "port": "x_" }],
            "from": [{}, { "ipBlock": { "cidr": "x" } }, { "podSelector": {}, "ipBlock": { "cidr": "1.2.3.0/24" } }],
        }], "policyTypes": ["Bogus"] }),
            ),
        );
        s.merge("networking.k8s.io/v1:networkpolicies/a", json!({ "spec": { "egress": [{}] } }));
        s.delete("networking.k8s.io/v1:networkpolicies/a");
    }),
    ("endpoint slices", |s| {
        s.create(SLICES, json!({ "metadata": { "name": "a" }, "addressType": "IPv4", "endpoints": [{ "addresses": ["1.2.3.4"] }], "ports": [{ "port": 80 }] }));
        s.create(SLICES, json!({ "metadata": { "name": "b" } }));
        s.merge("discovery.k8s.io/v1:endpointslices/a", json!({ "addressType": "FQDN", "endpoints": [] }));
        s.merge("discovery.k8s.io/v1:endpointslices/a", json!({ "metadata": { "labels": { "a": "b" } } }));
        s.merge("discovery.k8s.io/v1:endpointslices/a", json!({ "metadata": { "annotations": { "a": "b" } } }));
        s.delete("discovery.k8s.io/v1:endpointslices/a");
    }),
    ("claims of storage", |s| {
        let claim = |name: &str, more: Value| {
            let mut claim = of(
                name,
                json!({ "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1024Mi" } } }),
            );
            if let (Value::Object(spec), Value::Object(more)) = (&mut claim["spec"], more) {
                spec.extend(more);
            }
            claim
        };
        s.create("persistentvolumeclaims", claim("a", json!({})));
        s.create("persistentvolumeclaims", of("b", json!({})));
        s.create(
            "persistentvolumeclaims",
            claim("b", json!({ "accessModes": ["Bogus"], "resources": { "requests": { "storage": "0" } } })),
        );
        s.merge("persistentvolumeclaims/a", json!({ "spec": { "accessModes": ["ReadWriteMany"] } }));
        s.in_other_words();
        s.merge("persistentvolumeclaims/a/status", json!({ "status": { "phase": "Bound" } }));
        s.merge("persistentvolumeclaims/a", json!({ "metadata": { "labels": { "a": "b" } } }));
        s.delete("persistentvolumeclaims/a");
        s.merge("persistentvolumeclaims/a", json!({ "metadata": { "finalizers": null } }));
        s.get("persistentvolumeclaims/a");
    }),
    ("classes of storage", |s| {
        let classes = "/apis/storage.k8s.io/v1/storageclasses";
        let class = "/apis/storage.k8s.io/v1/storageclasses/{ns}";
        s.create(classes, json!({ "metadata": { "name": "{ns}" }, "provisioner": "example.com/a" }));
        s.create(classes, json!({ "metadata": { "name": "{ns}-2" } }));
        s.create(classes, json!({ "metadata": { "name": "{ns}-2" }, "provisioner": "a_", "reclaimPolicy": "Bogus", "volumeBindingMode": "Bogus" }));
        s.merge(class, json!({ "provisioner": "x.y/z" }));
        s.merge(
            class,
            json!({ "metadata": { "annotations": { "storageclass.kubernetes.io/is-default-class": "true" } } }),
        );
        s.create(
            "persistentvolumeclaims",
            of("a", json!({ "accessModes": ["ReadWriteOnce"], "resources": { "requests": { "storage": "1Gi" } } })),
        );
        s.delete(class);
    }),
    ("events", |s| {
        let about = |namespace: &str| json!({ "kind": "Pod", "namespace": namespace, "name": "x" });
        s.create("events", json!({ "metadata": { "name": "a" }, "involvedObject": about("{ns}"), "reason": "R", "message": "m", "type": "Normal" }));
        s.create("events", json!({ "metadata": { "name": "b" }, "involvedObject": about("other") }));
        s.replace("events/c", json!({ "metadata": { "name": "c" }, "involvedObject": about("{ns}"), "count": 1, "firstTimestamp": "2024-01-01T00:00:00Z" }));
        s.merge("events/a", json!({ "count": 2 }));
        s.get("events?fieldSelector=involvedObject.kind%3DPod,type%3DNormal");
        s.delete("events/a");
    }),
];
