//! Policies about subresources that are written by objects of other kinds: what expressions see of them.

use http::Method;
use serde_json::{Value, json};

use super::policies::{Scenario, about, bind, policy, rule, with};
use super::steps::Steps;

/// What is common to all requests.
const REQUEST: &str = "request.operation + ' ' + request.kind.group + '/' + request.kind.version + '/' + request.kind.kind + ' ' + request.requestKind.version + '/' + request.requestKind.kind + ' ' + request.resource.version + '/' + request.resource.resource + '/' + request.?subResource.orValue('-') + ' ' + request.requestResource.resource + '/' + request.?requestSubResource.orValue('-') + ' ' + request.?namespace.orValue('-') + '/' + request.?name.orValue('-') + ' dry ' + string(request.dryRun) + ' options ' + (has(request.options) && request.options != null ? string(request.options.?kind.orValue('-')) : '-')";

/// Says what a policy sees: of the request, and by an expression of the object's own.
fn shows(expression: &str) -> Value {
    json!([{ "expression": "false", "messageExpression": format!("{REQUEST} + ' ' + {expression}") }])
}

/// Has what an expression sees of a subresource shown as a warning or a refusal.
fn show(s: &mut Steps, name: &str, action: &str, rules: Value, expression: &str) {
    bind(s, name, &[action], about(policy(shows(expression)), rules), json!({}));
}

fn pod(name: &str) -> Value {
    json!({ "metadata": { "name": name, "labels": { "app": "a" } }, "spec": { "containers": [{ "name": "a", "image": "a" }] } })
}

fn deployment(name: &str) -> Value {
    json!({ "metadata": { "name": name }, "spec": {
        "replicas": 1, "selector": { "matchLabels": { "app": "a" } },
        "template": { "metadata": { "labels": { "app": "a" } }, "spec": { "containers": [{ "name": "a", "image": "a" }] } },
    } })
}

pub const SCENARIOS: &[Scenario] = &[
    (
        "scales",
        |s| {
            let of_scale = "object.metadata.name + ' ' + string(oldObject.spec.?replicas.orValue(-1)) + '>' + string(object.spec.?replicas.orValue(-1)) + ' at ' + string(object.?status.?replicas.orValue(-1)) + ' ' + object.?status.?selector.orValue('-') + ' ' + object.?kind.orValue('-') + ' ' + object.?apiVersion.orValue('-') + ' ' + string(has(object.metadata.uid)) + string(has(oldObject.metadata.uid)) + string(has(object.metadata.managedFields)) + string(has(oldObject.metadata.managedFields)) + ' ' + namespaceObject.metadata.labels.team";
            show(s, "show", "Warn", rule(&["UPDATE"], "apps", &["*/scale"]), of_scale);
            let few = json!([{ "expression": "object.spec.replicas <= 5", "message": "at most 5" }]);
            bind(s, "few", &["Deny"], about(policy(few), rule(&["UPDATE"], "*", &["deployments/scale"])), json!({}));
            let whole = json!([{ "expression": "object.spec.replicas <= 6", "message": "at most 6 of a whole" }]);
            bind(s, "whole", &["Deny"], about(policy(whole), rule(&["UPDATE"], "apps", &["deployments"])), json!({}));
        },
        |s| {
            s.create("apps/v1:deployments", deployment("a"));
            s.replace(
                "apps/v1:deployments/a/scale",
                json!({ "metadata": { "name": "a", "namespace": "{ns}" }, "spec": { "replicas": 3 } }),
            );
            s.merge("apps/v1:deployments/a/scale", json!({ "spec": { "replicas": 4 } }));
            s.merge("apps/v1:deployments/a/scale", json!({ "spec": { "replicas": 6 } }));
            s.merge("apps/v1:deployments/a/scale?dryRun=All", json!({ "spec": { "replicas": 6 } }));
            s.merge("apps/v1:deployments/a/scale?dryRun=All&fieldManager=me", json!({ "spec": { "replicas": 2 } }));
            s.merge("apps/v1:deployments/a/scale", json!({ "spec": { "replicas": null } }));
            s.apply("A", "apps/v1:deployments/a/scale", json!({ "spec": { "replicas": 5 } }));
            s.apply("A", "apps/v1:deployments/a/scale?force=true", json!({ "spec": { "replicas": 7 } }));
            s.merge("apps/v1:deployments/a/scale", json!({ "spec": { "replicas": -1 } }));
            s.merge("apps/v1:deployments/absent/scale", json!({ "spec": { "replicas": 9 } }));
            s.merge("apps/v1:deployments/a", json!({ "spec": { "replicas": 6 } }));
            s.merge("apps/v1:deployments/a", json!({ "spec": { "replicas": 7 } }));
            s.create("replicationcontrollers", json!({ "metadata": { "name": "r" }, "spec": { "selector": { "app": "a" }, "template": { "metadata": { "labels": { "app": "a" } }, "spec": { "containers": [{ "name": "a", "image": "a" }] } } } }));
            s.merge("replicationcontrollers/r/scale", json!({ "spec": { "replicas": 7 } }));
            s.get("apps/v1:deployments/a");
        },
    ),
    (
        "evictions",
        |s| {
            let of_eviction = "object.metadata.name + ' ' + object.metadata.?namespace.orValue('-') + ' ' + object.?kind.orValue('-') + ' ' + object.?apiVersion.orValue('-') + ' ' + string(object.?deleteOptions.?gracePeriodSeconds.orValue(-1)) + ' ' + string(oldObject == null)";
            show(s, "show", "Warn", rule(&["CREATE"], "", &["pods/eviction"]), of_eviction);
            let kept = json!([{ "expression": "object.metadata.name != 'kept'", "message": "it is kept", "reason": "Forbidden" }]);
            bind(s, "kept", &["Deny"], about(policy(kept), rule(&["CREATE"], "", &["pods/eviction"])), json!({}));
        },
        |s| {
            s.create("pods", pod("kept"));
            s.create("pods", pod("a"));
            s.create("pods/kept/eviction", json!({ "metadata": { "name": "kept" } }));
            s.create("pods/kept/eviction", json!({ "apiVersion": "policy/v1", "kind": "Eviction", "metadata": { "name": "kept", "namespace": "{ns}" }, "deleteOptions": { "dryRun": ["All"] } }));
            s.create("pods/a/eviction", json!({ "metadata": { "name": "b" } }));
            s.create("pods/absent/eviction", json!({ "metadata": { "name": "absent" } }));
            s.create("pods/a/eviction?dryRun=All", json!({ "metadata": { "name": "a" } }));
            s.create("pods/a/eviction", json!({ "metadata": { "name": "a" }, "deleteOptions": { "gracePeriodSeconds": 7, "preconditions": { "uid": "other" } } }));
            s.create("pods/a/eviction", json!({ "apiVersion": "policy/v1", "kind": "Eviction", "metadata": { "name": "a", "namespace": "{ns}" }, "deleteOptions": { "gracePeriodSeconds": 0 } }));
            let of_kind =
                |kind: &str| json!({ "apiVersion": "policy/v1", "kind": kind, "metadata": { "name": "kept" } });
            s.create("pods/kept/eviction", of_kind("Evictions"));
            s.in_other_words();
            s.create(
                "pods/kept/eviction",
                json!({ "apiVersion": "v1", "kind": "Eviction", "metadata": { "name": "kept" } }),
            );
            s.in_other_words();
            s.create("pods/kept/eviction", json!({ "metadata": { "name": "kept", "namespace": "other" } }));
            s.create(
                "pods/kept/eviction",
                json!({ "metadata": { "name": "kept", "labels": null }, "spec": 1, "deleteOptions": { "bogus": 1 } }),
            );
            for validation in ["Strict", "Ignore", "Warn", "Bogus"] {
                s.create(
                    &format!("pods/kept/eviction?fieldValidation={validation}"),
                    json!({ "metadata": { "name": "kept" }, "bogus": 1 }),
                );
            }
            s.create(
                "pods/kept/eviction",
                json!({ "metadata": { "name": "kept" }, "deleteOptions": { "gracePeriodSeconds": "7" } }),
            );
            s.in_other_words();
            s.delete("pods/kept?gracePeriodSeconds=0");
        },
    ),
    (
        "bindings",
        |s| {
            let of_binding = "object.metadata.?name.orValue('-') + ' ' + object.metadata.?namespace.orValue('-') + ' ' + object.?target.?name.orValue('-') + ' ' + object.?target.?kind.orValue('-') + ' ' + object.?kind.orValue('-')";
            show(s, "show", "Warn", rule(&["CREATE"], "", &["pods/binding", "bindings"]), of_binding);
            let far = json!([{ "expression": "object.target.name != 'far'", "message": "too far" }]);
            bind(
                s,
                "far",
                &["Deny"],
                about(policy(far), rule(&["CREATE"], "", &["pods/binding", "bindings"])),
                json!({}),
            );
        },
        |s| {
            for name in ["a", "b"] {
                s.create("pods", pod(name));
            }
            s.create(
                "pods/a/binding",
                json!({ "metadata": { "name": "a" }, "target": { "kind": "Node", "name": "far" } }),
            );
            s.create(
                "pods/a/binding",
                json!({ "metadata": { "name": "b" }, "target": { "kind": "Node", "name": "far" } }),
            );
            s.create(
                "pods/a/binding",
                json!({ "metadata": { "name": "a" }, "target": { "kind": "Pod", "name": "far" } }),
            );
            s.create(
                "pods/absent/binding",
                json!({ "metadata": { "name": "absent" }, "target": { "kind": "Node", "name": "far" } }),
            );
            s.create(
                "pods/a/binding",
                json!({ "metadata": { "name": "a" }, "target": { "kind": "Node", "name": "near" } }),
            );
            s.create("bindings", json!({ "metadata": { "name": "b" }, "target": { "kind": "Node", "name": "far" } }));
            s.create("bindings", json!({ "metadata": { "name": "b" }, "target": { "kind": "Node", "name": "near" } }));
            s.create(
                "pods/a/binding",
                json!({ "metadata": { "name": "a", "namespace": "other" }, "target": { "name": "far" } }),
            );
            s.create(
                "pods/a/binding",
                json!({ "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "a" }, "target": { "name": "far" } }),
            );
            s.in_other_words();
            s.create(
                "pods/a/binding?fieldValidation=Strict",
                json!({ "metadata": { "name": "a" }, "target": { "name": "far", "bogus": 1 } }),
            );
            s.create("pods/a/binding", json!({ "metadata": { "name": "a" }, "target": 1 }));
            s.in_other_words();
            for name in ["a", "b"] {
                s.delete(&format!("pods/{name}?gracePeriodSeconds=0"));
            }
        },
    ),
    (
        "tokens",
        |s| {
            let of_token = "object.metadata.?name.orValue('-') + ' ' + object.metadata.?namespace.orValue('-') + ' ' + string(object.spec.?expirationSeconds.orValue(-1)) + ' ' + string(size(object.spec.?audiences.orValue([]))) + ' ' + object.?kind.orValue('-') + ' ' + object.?apiVersion.orValue('-') + ' ' + string(has(object.status)) + ' ' + string(has(object.metadata.uid)) + string(has(object.metadata.creationTimestamp)) + string(has(object.metadata.managedFields)) + ' ' + string(has(object.spec.boundObjectRef)) + string(object.status.?expirationTimestamp.hasValue()) + string(object.status.?token.hasValue())";
            show(s, "show", "Warn", rule(&["CREATE"], "", &["serviceaccounts/token"]), of_token);
            let short = json!([{ "expression": "object.spec.expirationSeconds <= 7200", "message": "too long", "reason": "Forbidden" }]);
            bind(
                s,
                "short",
                &["Deny"],
                about(policy(short), rule(&["CREATE"], "", &["serviceaccounts/token"])),
                json!({}),
            );
        },
        |s| {
            s.create("serviceaccounts", json!({ "metadata": { "name": "a" } }));
            s.create("serviceaccounts/a/token", json!({}));
            s.create("serviceaccounts/a/token", json!({ "spec": { "expirationSeconds": 10_000 } }));
            s.create("serviceaccounts/a/token", json!({ "spec": { "expirationSeconds": 1 } }));
            s.create(
                "serviceaccounts/a/token",
                json!({ "metadata": { "name": "b" }, "spec": { "expirationSeconds": 10_000 } }),
            );
            s.create("serviceaccounts/absent/token", json!({ "spec": { "expirationSeconds": 10_000 } }));
            s.create(
                "serviceaccounts/a/token?fieldValidation=Strict",
                json!({ "spec": { "expirationSeconds": 10_000, "bogus": 1 } }),
            );
            s.create("serviceaccounts/a/token", json!({ "spec": { "expirationSeconds": "1" } }));
            s.in_other_words();
            s.create("serviceaccounts/a/token", json!({ "spec": { "expirationSeconds": 10_000, "boundObjectRef": { "apiVersion": "v1", "kind": "Pod", "name": "absent" } } }));
            s.create(
                "serviceaccounts/a/token",
                json!({ "metadata": { "name": "a" }, "spec": { "audiences": ["x"], "expirationSeconds": 900 } }),
            );
        },
    ),
    (
        "connections",
        |s| {
            let of_exec = "object.?kind.orValue('-') + ' ' + object.?apiVersion.orValue('-') + ' [' + (has(object.command) ? (object.command == null ? 'null' : object.command.join(',')) : 'none') + '] ' + object.?container.orValue('-') + ' ' + string(object.?stdin.orValue(false)) + string(object.?stdout.orValue(false)) + string(object.?stderr.orValue(false)) + string(object.?tty.orValue(false)) + ' ' + string(has(object.metadata)) + string(oldObject == null) + ' ' + namespaceObject.metadata.labels.team";
            show(s, "exec", "Deny", rule(&["CONNECT"], "", &["pods/exec"]), of_exec);
            let of_attach = "object.?kind.orValue('-') + ' ' + object.?container.orValue('-') + ' ' + string(has(object.stdin)) + string(has(object.stdout)) + string(has(object.stderr)) + string(has(object.tty))";
            show(s, "attach", "Deny", rule(&["CONNECT"], "", &["pods/attach"]), of_attach);
            let of_ports = "object.?kind.orValue('-') + ' ' + string(size(object.?ports.orValue([])))";
            show(s, "ports", "Deny", rule(&["CONNECT"], "", &["pods/portforward"]), of_ports);
        },
        |s| {
            s.create("pods", pod("a"));
            for path in [
                "a/exec?command=ls&command=-l&stdin=true&stdout=true&container=a",
                "a/exec?command=ls&tty=1&stderr=false",
                "a/exec",
                "a/exec?command=ls&container=",
                "absent/exec?command=ls",
                "a/attach?stdin=true&stdout=1&container=b",
                "a/attach",
                "a/portforward?ports=80&ports=443",
                "a/portforward",
            ] {
                for method in [Method::GET, Method::POST] {
                    s.send(method, &format!("pods/{path}"), "application/json", Value::Null);
                }
            }
            s.delete("pods/a?gracePeriodSeconds=0");
        },
    ),
    (
        "conditions, exclusions and names of subresources",
        |s| {
            let never = || policy(json!([{ "expression": "false", "message": "never" }]));
            let by_condition = with(
                about(never(), rule(&["CONNECT"], "", &["pods/exec"])),
                "matchConditions",
                json!([{ "name": "of-a-shell", "expression": "object.command[0] == 'sh'" }]),
            );
            bind(s, "shells", &["Deny"], by_condition, json!({}));
            let all =
                json!([{ "operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["pods/*"] }]);
            let mut except = about(never(), all);
            except["spec"]["matchConstraints"]["excludeResourceRules"] = json!([{ "operations": ["*"], "apiGroups": ["*"], "apiVersions": ["*"], "resources": ["pods/exec", "pods/status"] }]);
            bind(s, "all", &["Deny"], except, json!({}));
            let mut of_name = about(never(), rule(&["*"], "", &["serviceaccounts/token"]));
            of_name["spec"]["matchConstraints"]["resourceRules"][0]["resourceNames"] = json!(["b"]);
            bind(s, "names", &["Deny"], of_name, json!({}));
            let mut of_labels = about(never(), rule(&["*"], "", &["serviceaccounts/token"]));
            of_labels["spec"]["matchConstraints"]["objectSelector"] = json!({ "matchLabels": { "app": "a" } });
            bind(s, "labels", &["Deny"], of_labels, json!({}));
        },
        |s| {
            s.create("pods", pod("a"));
            s.send(Method::POST, "pods/a/exec?command=sh", "application/json", Value::Null);
            s.create("pods/a/eviction", json!({ "metadata": { "name": "a" } }));
            s.create(
                "pods/a/binding",
                json!({ "metadata": { "name": "a" }, "target": { "kind": "Node", "name": "a" } }),
            );
            s.send(Method::POST, "pods/a/portforward?ports=80", "application/json", Value::Null);
            s.merge("pods/a/status", json!({ "status": { "message": "x" } }));
            for name in ["a", "b"] {
                s.create("serviceaccounts", json!({ "metadata": { "name": name, "labels": { "app": "a" } } }));
                s.create(&format!("serviceaccounts/{name}/token"), json!({}));
            }
            s.create("serviceaccounts/a/token", json!({ "metadata": { "labels": { "app": "a" } } }));
            for path in ["pods/a/eviction", "pods/a/binding", "serviceaccounts/a/token", "pods/a/exec?command=sh"] {
                s.merge(path, json!({}));
            }
            s.delete("pods/a?gracePeriodSeconds=0");
        },
    ),
];
