//! What users ask for whom roles were given, and those who have none.

use http::Method;
use serde_json::{Value, json};

use super::steps::Steps;

/// A name, what the administrator makes first, and what is asked then.
pub type Scenario = (&'static str, fn(&mut Steps), fn(&mut Steps));

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const ROLES: &str = "rbac.authorization.k8s.io/v1:roles";
const BINDINGS: &str = "rbac.authorization.k8s.io/v1:rolebindings";
const REVIEWS: &str = "/apis/authorization.k8s.io/v1";

pub fn rule(verbs: &[&str], group: &str, resources: &[&str]) -> Value {
    json!({ "verbs": verbs, "apiGroups": [group], "resources": resources })
}

fn user(name: &str) -> Value {
    json!({ "kind": "User", "name": name })
}

/// A role of the namespace, and its binding.
fn role(s: &mut Steps, name: &str, rules: &[Value], subjects: &[Value]) {
    s.create(ROLES, json!({ "metadata": { "name": name }, "rules": rules }));
    binding(s, name, "Role", name, subjects);
}

fn binding(s: &mut Steps, name: &str, kind: &str, role: &str, subjects: &[Value]) {
    let reference = json!({ "kind": kind, "name": role });
    s.create(BINDINGS, json!({ "metadata": { "name": name }, "roleRef": reference, "subjects": subjects }));
}

/// A role of the cluster, and its binding.
fn cluster_role(s: &mut Steps, name: &str, rules: &[Value], subjects: &[Value]) {
    let name = format!("{{ns}}-{name}");
    s.create(&format!("{RBAC}/clusterroles"), json!({ "metadata": { "name": name }, "rules": rules }));
    let reference = json!({ "kind": "ClusterRole", "name": name });
    let binding = json!({ "metadata": { "name": name }, "roleRef": reference, "subjects": subjects });
    s.create(&format!("{RBAC}/clusterrolebindings"), binding);
}

pub fn all() -> impl Iterator<Item = &'static Scenario> {
    SCENARIOS.iter()
}

const SCENARIOS: &[Scenario] = &[
    (
        "a role of a namespace",
        |s| {
            let rules = [
                rule(&["get", "list"], "", &["configmaps"]),
                json!({ "verbs": ["get", "list", "watch"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a"] }),
                rule(&["get"], "apps", &["*/scale"]),
            ];
            role(s, "reader", &rules, &[user("{ns}-jane")]);
            s.create("configmaps", json!({ "metadata": { "name": "a" } }));
            s.create("secrets", json!({ "metadata": { "name": "a" } }));
        },
        |s| {
            s.by("{ns}-jane", &[]);
            s.get("configmaps/a");
            s.get("configmaps/absent");
            s.get("configmaps?limit=1&labelSelector=none");
            s.get("configmaps?watch=true&timeoutSeconds=1");
            s.get("/api/v1/configmaps");
            s.get("/api/v1/namespaces/other/configmaps/a");
            s.create("configmaps", json!({ "metadata": { "name": "b" } }));
            s.create("configmaps", json!({ "metadata": { "generateName": "b-" } }));
            s.merge("configmaps/a", json!({}));
            s.replace("configmaps/a", json!({ "metadata": { "name": "a" } }));
            s.delete("configmaps/a");
            s.delete("configmaps");
            s.get("secrets/a");
            s.get("secrets/b");
            s.get("secrets");
            s.get("secrets?fieldSelector=metadata.name%3Da");
            s.get("secrets?fieldSelector=metadata.name%3Db");
            s.get("pods/web/log");
            s.get("pods/web/exec?command=ls");
            s.create("pods/web/eviction", json!({ "metadata": { "name": "web" } }));
            s.create("serviceaccounts/web/token", json!({}));
            s.get("apps/v1:deployments/web/scale");
            s.get("apps/v1:deployments/web/status");
            s.merge("apps/v1:deployments/web/status", json!({}));
            s.get("/api/v1/namespaces/{ns}");
            s.get("/api/v1/namespaces");
            s.get("/api/v1/nodes/a");
            s.create("/api/v1/namespaces", json!({ "metadata": { "name": "x" } }));
            s.replace("/api/v1/namespaces/{ns}/finalize", json!({}));
            s.get("/apis/bogus.example.com/v1/namespaces/{ns}/things/a");
            s.get("/apis/bogus.example.com/v1/things");
            s.send(Method::PUT, "configmaps", "application/json", json!({}));
        },
    ),
    (
        "paths that are no resources",
        |s| {
            let rules = [json!({ "verbs": ["get"], "nonResourceURLs": ["/logs/*", "/bogus"] })];
            cluster_role(s, "paths", &rules, &[user("{ns}-jane")]);
        },
        |s| {
            s.by("{ns}-jane", &[]);
            for path in ["/healthz", "/metrics", "/bogus", "/bogus/a", "/logs", "/", "/apis/%3Cb%3E&", "/debug/pprof/"]
            {
                s.get(path);
            }
            s.create("/healthz", json!({}));
            s.delete("/version");
            for path in
                ["/apis/bogus.example.com", "/apis/apps/v9", "/api/v9", "/openapi/v3/bogus", "/openapi/v3/apis/apps/v9"]
            {
                s.get(path);
            }
            s.by("system:anonymous", &[]);
            for path in ["/healthz", "/readyz/ping", "/apis", "/api/v1", "/openapi/v3", "/api/v1/namespaces"] {
                s.get(path);
            }
        },
    ),
    (
        "roles that do not exist",
        |s| {
            binding(s, "one", "Role", "absent", &[user("{ns}-jane"), user("{ns}-bob")]);
            binding(s, "two", "ClusterRole", "{ns}-absent", &[user("{ns}-bob")]);
            role(s, "reader", &[rule(&["get"], "", &["configmaps"])], &[user("{ns}-jane")]);
            s.create("configmaps", json!({ "metadata": { "name": "a" } }));
        },
        |s| {
            s.by("{ns}-jane", &[]);
            s.get("configmaps/a");
            s.get("secrets/a");
            s.get("/api/v1/secrets");
            s.create(&format!("{REVIEWS}/selfsubjectaccessreviews"), self_review("get", "", "secrets"));
        },
    ),
    (
        "groups and service accounts",
        |s| {
            let account = |name: &str| json!({ "kind": "ServiceAccount", "name": name });
            role(s, "a", &[rule(&["get"], "", &["configmaps"])], &[account("here")]);
            let there = json!({ "kind": "ServiceAccount", "name": "there", "namespace": "elsewhere" });
            role(s, "b", &[rule(&["get"], "", &["secrets"])], &[there]);
            let group = |name: &str| json!({ "kind": "Group", "name": name });
            role(s, "c", &[rule(&["get"], "", &["pods"])], &[group("system:serviceaccounts:{ns}")]);
            role(s, "d", &[rule(&["get"], "", &["services"])], &[group("{ns}-team")]);
            cluster_role(
                s,
                "e",
                &[rule(&["get"], "", &["endpoints"])],
                &[json!({
                    "kind": "ServiceAccount", "name": "here", "namespace": "{ns}",
                })],
            );
        },
        |s| {
            let kinds = ["configmaps/x", "secrets/x", "pods/x", "services/x"];
            for (name, groups) in [
                ("system:serviceaccount:{ns}:here", &[] as &[&str]),
                ("system:serviceaccount:elsewhere:there", &[]),
                ("system:serviceaccount:elsewhere:here", &[]),
                ("system:serviceaccount:{ns}:here", &["{ns}-team"]),
                ("{ns}-jane", &["{ns}-team", "other"]),
                ("{ns}-jane", &["system:masters"]),
                ("{ns}-jane", &["system:unauthenticated"]),
                ("system:serviceaccount:{ns}", &[]),
            ] {
                s.by(name, groups);
                for kind in kinds {
                    s.get(kind);
                }
                s.create("/apis/authentication.k8s.io/v1/selfsubjectreviews", json!({}));
            }
            s.by("system:serviceaccount:{ns}:here", &[]);
            s.create(&format!("{REVIEWS}/selfsubjectaccessreviews"), self_review("get", "", "pods"));
            s.create(&format!("{REVIEWS}/selfsubjectaccessreviews"), self_review("get", "", "configmaps"));
            s.with_headers(&[
                ("impersonate-user", "{ns}-jane"),
                ("impersonate-uid", "1"),
                ("impersonate-extra-example.com%2fscope", "a"),
                ("impersonate-extra-example.com%2fscope", "b"),
                ("impersonate-extra-note", "c"),
            ]);
            s.create("/apis/authentication.k8s.io/v1/selfsubjectreviews", json!({}));
            s.with_headers(&[("impersonate-group", "a"), ("impersonate-group", "b")]);
            s.get("configmaps/x");
            s.with_headers(&[("impersonate-uid", "1"), ("impersonate-extra-note", "c")]);
            s.get("configmaps/x");
        },
    ),
    (
        "reviews of access",
        |s| {
            let rules = [
                rule(&["get", "list"], "", &["configmaps"]),
                json!({ "verbs": ["*"], "apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": ["web"] }),
            ];
            role(s, "reader", &rules, &[user("{ns}-jane")]);
            binding(s, "absent", "Role", "absent", &[user("{ns}-jane")]);
            let urls = json!({ "verbs": ["get"], "nonResourceURLs": ["/bogus"] });
            cluster_role(s, "urls", &[urls], &[user("{ns}-jane")]);
        },
        |s| {
            let of_jane =
                |attributes: Value| json!({ "spec": { "user": "{ns}-jane", "resourceAttributes": attributes } });
            let path = format!("{REVIEWS}/subjectaccessreviews");
            for attributes in [
                json!({ "verb": "get", "resource": "configmaps", "namespace": "{ns}" }),
                json!({ "verb": "get", "resource": "configmaps" }),
                json!({ "verb": "get", "resource": "configmaps", "namespace": "{ns}", "group": "apps" }),
                json!({ "verb": "delete", "resource": "deployments", "namespace": "{ns}", "group": "apps", "name": "web" }),
                json!({ "verb": "delete", "resource": "deployments", "namespace": "{ns}", "group": "apps", "name": "db" }),
                json!({ "verb": "*", "resource": "*", "namespace": "{ns}", "group": "*" }),
                json!({ "verb": "get", "resource": "pods", "subresource": "log", "namespace": "{ns}" }),
                json!({}),
                json!({ "verb": "list", "resource": "configmaps", "namespace": "{ns}", "fieldSelector": {} }),
                json!({ "verb": "list", "resource": "configmaps", "namespace": "{ns}",
                    "fieldSelector": { "rawSelector": "a=b" }, "labelSelector": { "rawSelector": "a in" } }),
            ] {
                s.create(&path, of_jane(attributes));
            }
            for (name, requirements) in [
                ("fieldSelector", json!([{ "key": "a", "operator": "In", "values": ["b"] }])),
                (
                    "fieldSelector",
                    json!([{ "key": "a", "operator": "NotIn", "values": ["b"] }, { "key": "a", "operator": "Exists" }]),
                ),
                ("fieldSelector", json!([{ "key": "a", "operator": "In", "values": ["b", "c"] }])),
                ("fieldSelector", json!([{ "key": "a", "operator": "Bogus" }])),
                ("fieldSelector", json!([{ "key": "a", "operator": "In" }])),
                ("fieldSelector", json!([{ "key": "a", "operator": "Exists", "values": ["b"] }])),
                ("fieldSelector", json!([{ "operator": "DoesNotExist" }])),
                ("labelSelector", json!([{ "key": "a", "operator": "In", "values": ["b", "c"] }])),
                ("labelSelector", json!([{ "key": "a", "operator": "Exists" }, { "key": "a", "operator": "Bogus" }])),
                ("labelSelector", json!([{ "key": "a", "operator": "Bogus", "values": ["b"] }])),
                ("labelSelector", json!([{ "key": "a", "operator": "NotIn" }])),
                ("labelSelector", json!([{ "key": "a", "operator": "DoesNotExist", "values": ["b"] }])),
                ("labelSelector", json!([{ "key": "a_/b", "operator": "Exists" }])),
                ("labelSelector", json!([{ "key": "a", "operator": "In", "values": ["-"] }])),
            ] {
                let mut attributes = json!({ "verb": "list", "resource": "configmaps", "namespace": "{ns}" });
                attributes[name] = json!({ "requirements": requirements });
                s.create(&path, of_jane(attributes));
            }
            let both = json!({ "rawSelector": "a=b", "requirements": [{ "key": "a", "operator": "Exists" }] });
            s.create(
                &path,
                of_jane(
                    json!({ "verb": "list", "resource": "configmaps", "fieldSelector": both, "labelSelector": both }),
                ),
            );
            let get = json!({ "verb": "get", "path": "/bogus" });
            s.create(&path, json!({ "spec": { "user": "{ns}-jane", "nonResourceAttributes": get } }));
            s.create(&path, json!({ "spec": { "groups": ["system:masters"], "nonResourceAttributes": get } }));
            s.create(&path, json!({ "spec": { "nonResourceAttributes": get } }));
            s.create(&path, json!({ "spec": { "user": "a", "nonResourceAttributes": get, "resourceAttributes": {} } }));
            s.create(&path, json!({ "spec": { "user": "a" } }));
            s.create(
                &path,
                json!({ "metadata": { "name": "x" }, "spec": { "user": "a", "nonResourceAttributes": get } }),
            );
            s.in_other_words();
            let local = format!("{REVIEWS}/namespaces/{{ns}}/localsubjectaccessreviews");
            let in_namespace = json!({ "verb": "get", "resource": "configmaps", "namespace": "{ns}" });
            s.create(&local, of_jane(in_namespace.clone()));
            s.create(&local, of_jane(json!({ "verb": "get", "resource": "configmaps", "namespace": "other" })));
            s.create(&local, json!({ "spec": { "user": "a", "nonResourceAttributes": get } }));
            s.create(
                &local,
                json!({ "metadata": { "namespace": "other" }, "spec": { "user": "a", "resourceAttributes": {} } }),
            );
            s.by("{ns}-jane", &[]);
            s.create(&path, of_jane(in_namespace.clone()));
            s.create(&local, of_jane(in_namespace));
            for (verb, group, resource) in
                [("get", "", "configmaps"), ("get", "", "secrets"), ("get", "apps", "deployments")]
            {
                s.create(&format!("{REVIEWS}/selfsubjectaccessreviews"), self_review(verb, group, resource));
            }
            s.create(&format!("{REVIEWS}/selfsubjectrulesreviews"), json!({ "spec": { "namespace": "{ns}" } }));
            s.create(&format!("{REVIEWS}/selfsubjectrulesreviews"), json!({ "spec": { "namespace": "other" } }));
            s.create(&format!("{REVIEWS}/selfsubjectrulesreviews"), json!({}));
            s.create("/apis/authentication.k8s.io/v1/selfsubjectreviews", json!({}));
            s.by("system:anonymous", &[]);
            s.create(&format!("{REVIEWS}/selfsubjectrulesreviews"), json!({ "spec": { "namespace": "{ns}" } }));
        },
    ),
    (
        "roles that change",
        |s| {
            role(s, "first", &[rule(&["get"], "", &["configmaps"])], &[user("{ns}-jane")]);
            s.create("configmaps", json!({ "metadata": { "name": "a" } }));
            s.merge(&format!("{ROLES}/first"), json!({ "rules": [rule(&["list"], "", &["configmaps"])] }));
            role(s, "second", &[rule(&["get"], "", &["secrets"])], &[user("{ns}-jane")]);
            s.delete(&format!("{BINDINGS}/second"));
            role(s, "third", &[rule(&["get"], "", &["services"])], &[user("{ns}-jane")]);
            s.delete(&format!("{ROLES}/third"));
            role(s, "fourth", &[rule(&["get"], "", &["pods"])], &[user("{ns}-jane")]);
            s.merge(&format!("{BINDINGS}/fourth"), json!({ "subjects": [user("{ns}-bob")] }));
        },
        |s| {
            for who in ["{ns}-jane", "{ns}-bob"] {
                s.by(who, &[]);
                for path in ["configmaps/a", "configmaps?labelSelector=none", "secrets/a", "services/a", "pods/a"] {
                    s.get(path);
                }
            }
        },
    ),
    (
        "stars, subresources and versions",
        |s| {
            let named = json!({ "verbs": ["patch"], "apiGroups": ["apps"], "resources": ["*/status"], "resourceNames": ["web"] });
            role(s, "status", &[named], &[user("{ns}-jane")]);
            role(s, "logs", &[rule(&["*"], "", &["pods/log"])], &[user("{ns}-jane")]);
            role(s, "all", &[rule(&["get"], "*", &["*"])], &[user("{ns}-bob")]);
            role(s, "verbs", &[rule(&["*"], "batch", &["jobs"])], &[user("{ns}-bob")]);
        },
        |s| {
            s.by("{ns}-jane", &[]);
            s.merge("apps/v1:deployments/web/status", json!({}));
            s.merge("apps/v1:deployments/db/status", json!({}));
            s.merge("apps/v1:deployments/web", json!({}));
            s.get("apps/v1:deployments/web/status");
            s.get("pods/web");
            s.get("/api/v1/watch/namespaces/{ns}/pods");
            s.get("/api/v1/namespaces/{ns}/pods/web/proxy/a/b");
            s.by("{ns}-bob", &[]);
            s.get("apps/v1:deployments/web/status");
            s.get("/apis/batch/v1/namespaces/{ns}/jobs/a");
            s.delete("/apis/batch/v1/namespaces/{ns}/jobs/a");
            s.delete("/apis/batch/v1/namespaces/{ns}/jobs");
            s.merge("/apis/batch/v1/namespaces/{ns}/jobs/a/status", json!({}));
            s.get("/apis/batch/v1/jobs");
            s.get("/apis/example.com/v1/namespaces/{ns}/things/a");
            s.get("/apis/example.com/v1/namespaces/{ns}/things");
        },
    ),
    (
        "writes that create",
        |s| {
            let rules = [
                rule(&["patch", "update"], "", &["configmaps", "services"]),
                rule(&["patch", "update"], "coordination.k8s.io", &["leases"]),
                json!({ "verbs": ["create"], "apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["c"] }),
            ];
            role(s, "writer", &rules, &[user("{ns}-jane")]);
            s.create("configmaps", json!({ "metadata": { "name": "b" } }));
        },
        |s| {
            s.by("{ns}-jane", &[]);
            s.apply("me", "configmaps/a", json!({ "data": { "x": "1" } }));
            s.apply("me", "configmaps/b", json!({ "data": { "x": "1" } }));
            s.apply("me", "configmaps/c", json!({ "data": { "x": "1" } }));
            s.apply("me", "configmaps/a", json!({ "immutable": "no" }));
            s.apply("me", "configmaps/A_", json!({}));
            s.replace("coordination.k8s.io/v1:leases/a", json!({ "metadata": { "name": "a" } }));
            s.replace("configmaps/a", json!({ "metadata": { "name": "a" } }));
            s.create("configmaps", json!({ "metadata": { "name": "c" } }));
        },
    ),
    (
        "escalation of privileges",
        |s| {
            let rules = [
                rule(&["*"], "rbac.authorization.k8s.io", &["roles", "rolebindings"]),
                rule(&["get", "list"], "", &["configmaps", "pods"]),
                rule(&["get"], "apps", &["*/scale"]),
                json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a", "b"] }),
            ];
            role(s, "writer", &rules, &[user("{ns}-jane"), user("{ns}-bob"), user("{ns}-ann")]);
            // To write roles without these verbs takes rules that name others.
            s.merge(
                &format!("{ROLES}/writer"),
                json!({ "rules": [
                rule(&["create", "update", "patch", "get"], "rbac.authorization.k8s.io", &["roles", "rolebindings"]),
                rules[1], rules[2], rules[3],
            ] }),
            );
            role(
                s,
                "binder",
                &[json!({
                    "verbs": ["bind"], "apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles", "roles"],
                    "resourceNames": ["cluster-admin", "unwritten"],
                })],
                &[user("{ns}-bob")],
            );
            role(s, "escalator", &[rule(&["escalate"], "rbac.authorization.k8s.io", &["roles"])], &[user("{ns}-ann")]);
            s.create(ROLES, json!({ "metadata": { "name": "strong" }, "rules": [rule(&["delete"], "", &["pods"])] }));
            s.create(ROLES, json!({ "metadata": { "name": "weak" }, "rules": [rule(&["get"], "", &["pods"])] }));
            let cluster = [rule(
                &["create", "update", "patch"],
                "rbac.authorization.k8s.io",
                &["clusterroles", "clusterrolebindings"],
            )];
            cluster_role(s, "writer", &cluster, &[user("{ns}-jane")]);
        },
        |s| {
            for who in ["{ns}-jane", "{ns}-bob", "{ns}-ann"] {
                s.by(who, &["team"]);
                let name = &who[5..];
                let of = |name: &str, rules: &[Value]| json!({ "metadata": { "name": name }, "rules": rules });
                s.create(
                    ROLES,
                    of(
                        &format!("{name}-less"),
                        &[rule(&["get"], "", &["configmaps"]), rule(&["get"], "apps", &["deployments/scale"])],
                    ),
                );
                s.create(
                    ROLES,
                    of(
                        &format!("{name}-more"),
                        &[rule(&["get", "delete", "watch"], "", &["configmaps", "pods", "secrets"])],
                    ),
                );
                s.create(ROLES, of(&format!("{name}-bad"), &[json!({ "verbs": ["delete"] })]));
                s.create(ROLES, of(&format!("{name}-names"), &[
                    json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["a", "c"] }),
                ]));
                s.merge(&format!("{ROLES}/strong"), json!({ "metadata": { "labels": { "x": name } } }));
                s.merge(
                    &format!("{ROLES}/strong"),
                    json!({ "metadata": { "finalizers": [format!("example.com/{name}")] } }),
                );
                s.apply("me", &format!("{ROLES}/{name}-applied"), json!({ "rules": [rule(&["get"], "", &["nodes"])] }));
                s.replace(&format!("{ROLES}/weak"), of("weak", &[rule(&["get", "list"], "", &["pods"])]));
                s.replace(&format!("{ROLES}/weak"), of("weak", &[rule(&["get", "*"], "", &["pods"])]));
                for (kind, role) in [
                    ("Role", "weak"),
                    ("Role", "strong"),
                    ("Role", "unwritten"),
                    ("ClusterRole", "cluster-admin"),
                    ("ClusterRole", "absent"),
                ] {
                    binding(s, &format!("{name}-{role}"), kind, role, &[user("x")]);
                }
            }
            s.by("{ns}-jane", &[]);
            let clusterroles = format!("{RBAC}/clusterroles");
            s.create(
                &clusterroles,
                json!({ "metadata": { "name": "{ns}-new" }, "rules": [rule(&["get"], "", &["pods"])] }),
            );
            s.create(
                &clusterroles,
                json!({ "metadata": { "name": "{ns}-all" }, "rules": [
                json!({ "verbs": ["get"], "nonResourceURLs": ["/metrics", "/healthz"] }),
            ] }),
            );
            s.create(&clusterroles, json!({ "metadata": { "name": "{ns}-none" } }));
            s.create(
                &clusterroles,
                json!({ "metadata": { "name": "{ns}-sum" },
                "aggregationRule": { "clusterRoleSelectors": [{ "matchLabels": { "a": "b" } }] } }),
            );
            s.create(
                &format!("{RBAC}/clusterrolebindings"),
                json!({ "metadata": { "name": "{ns}-x" },
                "roleRef": { "kind": "ClusterRole", "name": "{ns}-writer" }, "subjects": [user("x")] }),
            );
            s.create(
                &format!("{RBAC}/clusterrolebindings"),
                json!({ "metadata": { "name": "{ns}-y" },
                "roleRef": { "kind": "ClusterRole", "name": "system:basic-user" }, "subjects": [user("x")] }),
            );
        },
    ),
];

fn self_review(verb: &str, group: &str, resource: &str) -> Value {
    let attributes = json!({ "verb": verb, "group": group, "resource": resource, "namespace": "{ns}" });
    json!({ "spec": { "resourceAttributes": attributes } })
}

/// What a service account of the scenario's namespace has, and asks for as others.
pub const IMPERSONATION: &Scenario = &(
    "impersonation",
    |s| {
        let account = json!({ "kind": "ServiceAccount", "name": "agent", "namespace": "{ns}" });
        let named = |verb: &str, group: &str, resource: &str, names: &[&str]| {
            json!({
                "verbs": [verb], "apiGroups": [group], "resources": [resource], "resourceNames": names,
            })
        };
        let authentication = "authentication.k8s.io";
        let rules = [
            named("impersonate", "", "users", &["{ns}-old"]),
            named("impersonate", "", "groups", &["{ns}-team"]),
            named("impersonate", authentication, "userextras/scope", &["a"]),
            named("impersonate", authentication, "uids", &["1"]),
            named("impersonate:user-info", authentication, "users", &["{ns}-new"]),
            named("impersonate:user-info", authentication, "groups", &["{ns}-team"]),
            named("impersonate:user-info", authentication, "userextras/example.com/scope", &["a"]),
            rule(&["impersonate-on:user-info:get"], "", &["configmaps"]),
            rule(&["impersonate-on:serviceaccount:get", "impersonate-on:arbitrary-node:list"], "", &["configmaps"]),
            named("impersonate:arbitrary-node", authentication, "nodes", &["one"]),
        ];
        cluster_role(s, "agent", &rules, std::slice::from_ref(&account));
        role(
            s,
            "accounts",
            &[
                named("impersonate", "", "serviceaccounts", &["old"]),
                named("impersonate:serviceaccount", authentication, "serviceaccounts", &["new"]),
            ],
            &[account],
        );
        let readers = [
            user("{ns}-old"),
            user("{ns}-new"),
            json!({ "kind": "Group", "name": "system:serviceaccounts:{ns}" }),
            json!({ "kind": "Group", "name": "system:nodes" }),
        ];
        role(s, "reader", &[rule(&["get", "list"], "", &["configmaps"])], &readers);
        s.create("configmaps", json!({ "metadata": { "name": "a" } }));
    },
    |s| {
        s.get("configmaps/a");
        for headers in [
            &[("impersonate-user", "{ns}-nobody")] as &[(&str, &str)],
            &[("impersonate-user", "{ns}-old")],
            &[("impersonate-user", "{ns}-new")],
            &[("impersonate-user", "system:serviceaccount:{ns}:old")],
            &[("impersonate-user", "system:serviceaccount:{ns}:new")],
            &[("impersonate-user", "system:serviceaccount:{ns}:other")],
            &[("impersonate-user", "system:node:one")],
            &[("impersonate-user", "system:node:two")],
            &[("impersonate-user", "{ns}-old"), ("impersonate-group", "{ns}-team")],
            &[("impersonate-user", "{ns}-new"), ("impersonate-group", "{ns}-team")],
            &[("impersonate-user", "{ns}-old"), ("impersonate-group", "other")],
            &[("impersonate-user", "{ns}-new"), ("impersonate-group", "other")],
            &[("impersonate-user", "{ns}-new"), ("impersonate-group", "system:masters")],
            &[("impersonate-user", "{ns}-old"), ("impersonate-uid", "1")],
            &[("impersonate-user", "{ns}-old"), ("impersonate-uid", "2")],
            &[("impersonate-user", "{ns}-old"), ("impersonate-extra-scope", "a")],
            &[("impersonate-user", "{ns}-old"), ("impersonate-extra-scope", "b")],
            &[("impersonate-user", "{ns}-new"), ("impersonate-extra-example.com%2fscope", "a")],
            &[("impersonate-user", "{ns}-new"), ("impersonate-extra-example.com%2fscope", "b")],
            &[("impersonate-group", "{ns}-team")],
        ] {
            s.with_headers(headers);
            s.get("configmaps/a");
            s.get("configmaps?labelSelector=none");
            s.get("secrets/a");
            s.get("/metrics");
        }
    },
);
