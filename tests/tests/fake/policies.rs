//! Policies, bindings, and requests that they are about.

use http::Method;
use serde_json::{Value, json};

use super::steps::Steps;

/// A scenario: its name, its policies, and the requests that are sent when they hold.
pub type Scenario = (&'static str, fn(&mut Steps), fn(&mut Steps));

const POLICIES: &str = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const BINDINGS: &str = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
const V1: &str = "autoscaling/v1:horizontalpodautoscalers";

/// A policy for objects of all kinds that scenarios write.
pub fn policy(validations: Value) -> Value {
    json!({ "metadata": {}, "spec": {
        "matchConstraints": { "resourceRules": [{ "apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"] }] },
        "validations": validations,
    } })
}

/// A binding of a policy.
pub fn binding(policy: &str, actions: &[&str]) -> Value {
    json!({ "metadata": {}, "spec": { "policyName": policy, "validationActions": actions, "matchResources": {} } })
}

/// Makes a policy and its binding, which holds in the namespace of the scenario.
pub fn bind(s: &mut Steps, name: &str, actions: &[&str], mut policy: Value, more: Value) {
    policy["metadata"]["name"] = json!(format!("{{ns}}-{name}"));
    s.create(POLICIES, policy);
    let mut bound = binding(&format!("{{ns}}-{name}"), actions);
    bound["metadata"]["name"] = json!(format!("{{ns}}-{name}"));
    bound["spec"]["matchResources"] =
        json!({ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "{ns}" } } });
    if let (Value::Object(spec), Value::Object(more)) = (&mut bound["spec"], more) {
        spec.extend(more);
    }
    s.create(BINDINGS, bound);
}

pub fn rule(operations: &[&str], group: &str, resources: &[&str]) -> Value {
    json!([{ "operations": operations, "apiGroups": [group], "apiVersions": ["v1"], "resources": resources }])
}

pub fn with(mut policy: Value, field: &str, value: Value) -> Value {
    policy["spec"][field] = value;
    policy
}

pub fn about(policy: Value, rules: Value) -> Value {
    with(policy, "matchConstraints", json!({ "resourceRules": rules }))
}

fn config_map(name: &str, data: Value) -> Value {
    json!({ "metadata": { "name": name }, "data": data })
}

pub const SCENARIOS: &[Scenario] = &[
    (
        "the name of a request is that of the object, if the server has made it too",
        |s| {
            let validations = json!([{ "expression": "false", "messageExpression": "'the name is ' + (request.name == object.metadata.name ? 'its own' : request.name)" }]);
            bind(
                s,
                "a",
                &["Deny"],
                about(policy(validations), rule(&["CREATE", "UPDATE"], "", &["configmaps"])),
                json!({}),
            );
        },
        |s| {
            s.create("configmaps", json!({ "metadata": { "generateName": "gen-" } }));
            s.create("configmaps", json!({ "metadata": { "generateName": "gen-", "name": "gen-abcde" } }));
            s.create("configmaps", json!({ "metadata": { "name": "gen-abcde" } }));
            s.replace("configmaps/gen-abcde", json!({ "metadata": { "generateName": "gen-", "name": "gen-abcde" } }));
            s.apply("A", "configmaps/gen-abcde", json!({ "metadata": { "generateName": "gen-" } }));
        },
    ),
    (
        "a policy denies what its expressions are false for",
        |s| {
            let validations = json!([
                { "expression": "!has(object.data) || !('a' in object.data)" },
                { "expression": "!has(object.data) || !('b' in object.data)", "message": " no b " },
                { "expression": "!has(object.data) || !('c' in object.data)", "message": "no c", "messageExpression": "'no c in ' + object.metadata.name", "reason": "Forbidden" },
                { "expression": "!has(object.data) || !('d' in object.data)", "messageExpression": "'two\\nlines'", "reason": "RequestEntityTooLarge" },
                { "expression": "!has(object.data) || !('e' in object.data)", "message": "no e", "messageExpression": "string(object.data.absent)" },
                { "expression": "!has(object.data) || object.data.?f.orValue('') != 'x'", "message": "no f" },
            ]);
            bind(
                s,
                "a",
                &["Deny"],
                about(policy(validations), rule(&["CREATE", "UPDATE"], "", &["configmaps"])),
                json!({}),
            );
            s.get(&format!("{POLICIES}/{{ns}}-a"));
            s.get(&format!("{BINDINGS}/{{ns}}-a"));
        },
        |s| {
            for key in ["a", "b", "c", "d", "e", "f"] {
                s.create("configmaps", config_map(key, json!({ key: "x" })));
            }
            s.create("configmaps", config_map("g", json!({ "a": "1", "c": "1" })));
            s.create("configmaps", json!({ "metadata": { "generateName": "gen-" }, "data": { "a": "x" } }));
            s.create("configmaps", config_map("ok", json!({})));
            s.create("configmaps", config_map("ok", json!({ "a": "x" })));
            s.create("configmaps?dryRun=All", config_map("dry", json!({ "a": "x" })));
            s.merge("configmaps/ok", json!({ "data": { "a": "x" } }));
            s.merge("configmaps/ok", json!({ "data": { "z": "x" } }));
            s.replace("configmaps/ok", config_map("ok", json!({ "b": "x" })));
            s.apply("A", "configmaps/ok", json!({ "data": { "b": "x" } }));
            s.apply("A", "configmaps/new", json!({ "data": { "b": "x" } }));
            s.create("secrets", json!({ "metadata": { "name": "a" }, "stringData": { "a": "x" } }));
            s.delete("configmaps/ok");
        },
    ),
    (
        "a binding warns, audits or denies",
        |s| {
            let never = json!([{ "expression": "object.metadata.name != 'x'", "message": "never x" }]);
            let rules = rule(&["CREATE"], "", &["configmaps"]);
            bind(s, "warn", &["Warn", "Audit"], about(policy(never.clone()), rules.clone()), json!({}));
            bind(s, "audit", &["Audit"], about(policy(never), rules), json!({}));
        },
        |s| {
            s.create("configmaps", config_map("x", json!({})));
            s.create("configmaps", config_map("y", json!({})));
        },
    ),
    (
        "operations, old objects, requests and namespaces",
        |s| {
            let validations = json!([
                { "expression": "request.operation != 'DELETE' || oldObject.metadata.name != 'kept'", "message": "it is kept" },
                { "expression": "oldObject == null || object == null || object.data == oldObject.data", "message": "data are immutable" },
                { "expression": "request.operation == 'DELETE' || request.name == object.metadata.name || request.name == ''" },
                { "expression": "request.namespace == namespaceObject.metadata.name && namespaceObject.metadata.labels.team == 'shop'" },
                { "expression": "request.kind.kind == 'ConfigMap' && request.resource.resource == 'configmaps' && request.requestKind.group == ''" },
                { "expression": "request.userInfo.username != '' && 'system:authenticated' in request.userInfo.groups && (!request.dryRun || request.dryRun)" },
                { "expression": "object == null || timestamp('2020-01-01T00:00:00Z') < timestamp(object.metadata.creationTimestamp)" },
                { "expression": "object == null || object.kind == 'ConfigMap' && object.apiVersion == 'v1'" },
                { "expression": "object == null || !has(object.metadata.labels) || object.metadata.labels.all(k, k != 'bad')", "message": "bad label" },
            ]);
            bind(s, "a", &["Deny"], about(policy(validations), rule(&["*"], "", &["configmaps"])), json!({}));
        },
        |s| {
            s.create("configmaps", config_map("kept", json!({ "a": "1" })));
            s.merge("configmaps/kept", json!({ "data": { "a": "2" } }));
            s.merge("configmaps/kept", json!({ "metadata": { "labels": { "bad": "x" } } }));
            s.merge("configmaps/kept", json!({ "metadata": { "labels": { "good": "x" } } }));
            s.delete("configmaps/kept");
            s.create("configmaps", config_map("other", json!({})));
            s.delete("configmaps/other");
            s.delete("configmaps");
        },
    ),
    (
        "errors of expressions, and the failure policy",
        |s| {
            let validations = json!([{ "expression": "object.data.absent == 'x'", "message": "m" }]);
            let rules = rule(&["CREATE"], "", &["configmaps"]);
            let failing = about(policy(validations.clone()), rules.clone());
            bind(
                s,
                "fail",
                &["Deny"],
                with(
                    failing.clone(),
                    "matchConditions",
                    json!([{ "name": "n", "expression": "object.metadata.name.startsWith('fail')" }]),
                ),
                json!({}),
            );
            bind(
                s,
                "ignore",
                &["Deny"],
                with(
                    with(failing.clone(), "failurePolicy", json!("Ignore")),
                    "matchConditions",
                    json!([{ "name": "n", "expression": "object.metadata.name.startsWith('ignore')" }]),
                ),
                json!({}),
            );
            let conditions = json!([
                { "name": "one", "expression": "object.metadata.name.startsWith('cond')" },
                { "name": "two", "expression": "object.data.absent == 'y'" },
                { "name": "three", "expression": "object.metadata.name != 'condno'" },
            ]);
            bind(s, "conditions", &["Deny"], with(failing, "matchConditions", conditions), json!({}));
        },
        |s| {
            for name in ["fail", "ignore", "cond", "condno", "other"] {
                s.create("configmaps", config_map(name, json!({ "a": "1" })));
                s.create("configmaps", config_map(&format!("{name}2"), json!({})));
            }
        },
    ),
    (
        "variables are evaluated where they are used",
        |s| {
            let variables = json!([
                { "name": "data", "expression": "has(object.data) ? object.data : {}" },
                { "name": "count", "expression": "size(variables.data)" },
                { "name": "broken", "expression": "object.data.absent" },
                { "name": "list", "expression": "variables.data.map(k, k + '!')" },
            ]);
            let validations = json!([
                { "expression": "variables.count < 3", "messageExpression": "'too many: ' + string(variables.count) + ' of ' + string(size(variables.list))" },
                { "expression": "variables.count < 2 || variables.broken == 'x'" },
            ]);
            let policy = with(policy(validations), "variables", variables);
            bind(s, "a", &["Deny"], about(policy, rule(&["CREATE"], "", &["configmaps"])), json!({}));
        },
        |s| {
            s.create("configmaps", config_map("a", json!({})));
            s.create("configmaps", config_map("b", json!({ "a": "1" })));
            s.create("configmaps", config_map("c", json!({ "a": "1", "b": "1" })));
            s.create("configmaps", config_map("d", json!({ "a": "1", "b": "1", "absent": "x" })));
        },
    ),
    (
        "parameters",
        |s| {
            s.create(
                "configmaps",
                json!({ "metadata": { "name": "limits", "labels": { "role": "limits" } }, "data": { "most": "1" } }),
            );
            s.create(
                "configmaps",
                json!({ "metadata": { "name": "limits2", "labels": { "role": "limits" } }, "data": { "most": "3" } }),
            );
            let kind = json!({ "apiVersion": "v1", "kind": "ConfigMap" });
            let validations = json!([{ "expression": "params == null || size(object.data) <= int(params.data.most)", "messageExpression": "'more than ' + params.data.most" }]);
            let of = |kind: &Value, prefix: &str| {
                let conditions =
                    json!([{ "name": "n", "expression": format!("object.metadata.name.startsWith('{prefix}')") }]);
                let made =
                    with(with(policy(validations.clone()), "paramKind", kind.clone()), "matchConditions", conditions);
                about(made, rule(&["CREATE"], "", &["secrets"]))
            };
            let reference = |name: &str, action: &str| json!({ "paramRef": { "name": name, "namespace": "{ns}", "parameterNotFoundAction": action } });
            bind(s, "named", &["Deny"], of(&kind, "named"), reference("limits", "Deny"));
            bind(s, "missing", &["Deny"], of(&kind, "missing"), reference("absent", "Allow"));
            let selector = json!({ "paramRef": { "selector": { "matchLabels": { "role": "limits" } }, "parameterNotFoundAction": "Deny" } });
            bind(s, "selected", &["Deny"], of(&kind, "selected"), selector);
            bind(s, "none", &["Deny"], of(&kind, "none"), json!({}));
        },
        |s| {
            let secret = |name: &str, data: Value| json!({ "metadata": { "name": name }, "stringData": data });
            for name in ["named", "missing", "selected", "none"] {
                s.create("secrets", secret(name, json!({ "a": "1", "b": "2" })));
                s.create("secrets", secret(name, json!({ "a": "1" })));
            }
        },
    ),
    (
        "parameters that are not there",
        |s| {
            let validations = json!([{ "expression": "true" }]);
            let kind = json!({ "apiVersion": "v1", "kind": "ConfigMap" });
            let made = about(with(policy(validations), "paramKind", kind), rule(&["CREATE"], "", &["secrets"]));
            bind(
                s,
                "a",
                &["Deny"],
                made,
                json!({ "paramRef": { "name": "absent", "namespace": "{ns}", "parameterNotFoundAction": "Deny" } }),
            );
        },
        |s| {
            s.create("secrets", json!({ "metadata": { "name": "a" } }));
            s.create("configmaps", json!({ "metadata": { "name": "absent" } }));
            s.create("secrets", json!({ "metadata": { "name": "a" } }));
        },
    ),
    (
        "what policies match",
        |s| {
            let named = json!([{ "operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"], "resourceNames": ["named"] }]);
            let never = |message: &str| policy(json!([{ "expression": "false", "message": message }]));
            bind(s, "named", &["Deny"], about(never("by name"), named), json!({}));
            let mut excluded = about(never("not excluded"), rule(&["CREATE"], "", &["secrets", "services"]));
            excluded["spec"]["matchConstraints"]["excludeResourceRules"] = rule(&["*"], "", &["services"]);
            excluded["spec"]["matchConstraints"]["objectSelector"] =
                json!({ "matchExpressions": [{ "key": "skip", "operator": "DoesNotExist" }] });
            bind(s, "excluded", &["Deny"], excluded, json!({}));
            bind(
                s,
                "status",
                &["Deny"],
                about(never("status"), rule(&["UPDATE"], "apps", &["deployments/status"])),
                json!({}),
            );
            let cluster = json!([{ "operations": ["CREATE"], "apiGroups": ["rbac.authorization.k8s.io"], "apiVersions": ["*"], "resources": ["*"], "scope": "Cluster" }]);
            bind(s, "cluster", &["Deny"], about(never("cluster"), cluster), json!({}));
            bind(
                s,
                "equivalent",
                &["Deny"],
                about(
                    policy(
                        json!([{ "expression": "object.spec.maxReplicas < 5 && object.apiVersion == 'autoscaling/v2' && object.spec.metrics.size() > 0", "messageExpression": "request.kind.version + request.requestKind.version + request.resource.version" }]),
                    ),
                    json!([{ "operations": ["CREATE"], "apiGroups": ["autoscaling"], "apiVersions": ["v2"], "resources": ["horizontalpodautoscalers"] }]),
                ),
                json!({}),
            );
            let mut exact = about(
                never("exact"),
                json!([{ "operations": ["CREATE"], "apiGroups": ["autoscaling"], "apiVersions": ["v2"], "resources": ["horizontalpodautoscalers"] }]),
            );
            exact["spec"]["matchConstraints"]["matchPolicy"] = json!("Exact");
            exact["spec"]["matchConditions"] =
                json!([{ "name": "n", "expression": "object.metadata.name == 'exact'" }]);
            bind(s, "exact", &["Deny"], exact, json!({}));
        },
        |s| {
            s.create("configmaps", config_map("named", json!({})));
            s.create("configmaps", config_map("other", json!({})));
            s.create("secrets", json!({ "metadata": { "name": "a" } }));
            s.create("secrets", json!({ "metadata": { "name": "b", "labels": { "skip": "x" } } }));
            s.create("rbac.authorization.k8s.io/v1:roles", json!({ "metadata": { "name": "a" } }));
            s.create("/apis/rbac.authorization.k8s.io/v1/clusterroles", json!({ "metadata": { "name": "{ns}" } }));
            s.create("services", json!({ "metadata": { "name": "a" }, "spec": { "ports": [{ "port": 80 }] } }));
            let labels = json!({ "a": "b" });
            s.create("apps/v1:deployments", json!({ "metadata": { "name": "a" }, "spec": { "selector": { "matchLabels": labels }, "template": { "metadata": { "labels": labels }, "spec": { "containers": [{ "name": "a", "image": "a" }] } } } }));
            s.merge("apps/v1:deployments/a/status", json!({ "status": { "replicas": 1 } }));
            s.merge("apps/v1:deployments/a", json!({ "spec": { "replicas": 2 } }));
            let target = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "a" });
            let scaler = |name: &str, most: u32| json!({ "metadata": { "name": name }, "spec": { "scaleTargetRef": target, "maxReplicas": most } });
            s.create(V1, scaler("a", 3));
            s.create(V1, scaler("b", 9));
            s.create(V1, scaler("exact", 3));
            s.create("autoscaling/v2:horizontalpodautoscalers", scaler("exact", 3));
        },
    ),
    (
        "authorizers",
        |s| {
            let rules = json!([{ "apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"] }]);
            s.create("rbac.authorization.k8s.io/v1:roles", json!({ "metadata": { "name": "r" }, "rules": rules }));
            let subjects = json!([{ "kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io" }]);
            let role = json!({ "kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io" });
            s.create(
                "rbac.authorization.k8s.io/v1:rolebindings",
                json!({ "metadata": { "name": "r" }, "roleRef": role, "subjects": subjects }),
            );
            let validations = json!([
                { "expression": "object.metadata.name != 'a' || authorizer.requestResource.check('delete').allowed()", "message": "may not delete it" },
                { "expression": "object.metadata.name != 'b' || authorizer.group('apps').resource('deployments').namespace(request.namespace).check('get').allowed()", "message": "may not get deployments" },
                { "expression": "object.metadata.name != 'c' || authorizer.path('/metrics').check('get').allowed()", "message": "may not get metrics" },
                { "expression": "object.metadata.name != 'd' || variables.may", "message": "may not by a variable" },
                { "expression": "object.metadata.name != 'e' || authorizer.path('').check('get').allowed()", "message": "m" },
            ]);
            let made = with(
                policy(validations),
                "variables",
                json!([{ "name": "may", "expression": "authorizer.requestResource.check('update').allowed()" }]),
            );
            bind(s, "a", &["Deny"], about(made, rule(&["CREATE"], "", &["configmaps"])), json!({}));
            let conditions = json!([
                { "name": "n", "expression": "object.metadata.name == 'condition'" },
                { "name": "a", "expression": "!authorizer.requestResource.check('delete').allowed()" },
            ]);
            let never = with(policy(json!([{ "expression": "false" }])), "matchConditions", conditions);
            bind(s, "b", &["Deny"], about(never, rule(&["CREATE"], "", &["configmaps"])), json!({}));
        },
        |s| {
            for name in ["a", "b", "c", "d", "e", "condition"] {
                s.create("configmaps?dryRun=All", config_map(name, json!({})));
            }
            s.by("jane", &["system:authenticated"]);
            for name in ["a", "b", "c", "d", "e", "condition", "other"] {
                s.create("configmaps?dryRun=All", config_map(name, json!({})));
            }
        },
    ),
    (
        "options of requests",
        |s| {
            let said = "'kind ' + string(request.options.kind) + string(request.options.apiVersion) + string(has(request.options.dryRun)) + string(request.options.?fieldManager.orValue('-')) + string(request.options.?fieldValidation.orValue('-')) + string(request.options.?propagationPolicy.orValue('-')) + string(request.options.?gracePeriodSeconds.orValue(-1)) + string(has(request.options.preconditions))";
            let validations = json!([{ "expression": "(object == null ? oldObject : object).metadata.name != 'no' || (object != null && oldObject == null && !request.dryRun)", "messageExpression": said }]);
            bind(s, "a", &["Deny"], about(policy(validations), rule(&["*"], "", &["configmaps", "pods"])), json!({}));
        },
        |s| {
            s.create("configmaps?dryRun=All&fieldManager=m", config_map("no", json!({})));
            s.create("configmaps", config_map("no", json!({})));
            s.replace("configmaps/no?fieldValidation=Strict", config_map("no", json!({ "a": "b" })));
            s.merge("configmaps/no?fieldManager=n", json!({ "data": { "a": "b" } }));
            s.apply("A", "configmaps/no", json!({ "data": { "a": "b" } }));
            s.delete("configmaps/no");
            s.delete("configmaps/no?propagationPolicy=Foreground&gracePeriodSeconds=3");
            let options = json!({ "kind": "DeleteOptions", "apiVersion": "v1", "dryRun": ["All"], "propagationPolicy": "Background" });
            s.send(Method::DELETE, "configmaps/no", "application/json", options);
            s.create(
                "pods",
                json!({ "metadata": { "name": "no" }, "spec": { "containers": [{ "name": "a", "image": "a" }] } }),
            );
            s.delete("pods/no");
        },
    ),
    (
        "policies are checked",
        |s| {
            let never = || policy(json!([{ "expression": "false" }]));
            let named = |mut policy: Value| {
                policy["metadata"]["name"] = json!("{ns}");
                policy
            };
            s.create(POLICIES, json!({ "metadata": { "name": "{ns}" } }));
            s.create(POLICIES, named(with(never(), "failurePolicy", json!("Bogus"))));
            s.create(POLICIES, named(with(never(), "validations", json!([{ "expression": " ", "message": " ", "reason": "Bogus" }, { "expression": "true", "message": "a\nb", "messageExpression": " " }]))));
            s.create(POLICIES, named(with(never(), "paramKind", json!({}))));
            s.create(POLICIES, named(with(never(), "paramKind", json!({ "apiVersion": "a/b/c", "kind": "A_" }))));
            s.create(POLICIES, named(with(never(), "paramKind", json!({ "apiVersion": "A_/V1", "kind": "Ab" }))));
            s.create(POLICIES, named(with(never(), "variables", json!([{ "name": "1a", "expression": "1" }, { "name": "in", "expression": " " }, { "name": "", "expression": "2" }]))));
            s.create(POLICIES, named(with(never(), "matchConditions", json!([{ "name": "", "expression": "true" }, { "name": "a", "expression": "" }, { "name": "a", "expression": "true" }, { "name": "a b", "expression": "true" }]))));
            s.create(POLICIES, named(with(never(), "auditAnnotations", json!([{ "key": "a b", "valueExpression": "'x'" }, { "key": "a", "valueExpression": " " }, { "key": "a", "valueExpression": "'x'" }]))));
            s.create(POLICIES, named(with(never(), "matchConstraints", json!({}))));
            s.create(POLICIES, named(with(never(), "matchConstraints", json!({ "matchPolicy": "Bogus", "namespaceSelector": { "matchLabels": { "a b": "c" } }, "objectSelector": { "matchExpressions": [{ "key": "a", "operator": "Bogus" }] }, "resourceRules": [{}] }))));
            s.create(POLICIES, named(with(never(), "matchConstraints", json!({ "resourceRules": [
                { "operations": ["*", "CREATE"], "apiGroups": ["*", "a"], "apiVersions": ["*", ""], "resources": ["a/*", "a/b", "*/b", "c/b", ""], "resourceNames": ["a", "a", ".."], "scope": "Bogus" },
                { "operations": ["Bogus"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["*/*", "a"] },
                { "operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["*", "a"] },
            ] }))));
            s.create(POLICIES, named(with(never(), "validations", json!([{ "expression": "object.(" }]))));
            s.in_other_words();
            for expression in [
                "objct.metadata.name == 'a'",
                "a && b",
                "object.a.all(x, y)",
                "object.metadata.name",
                "params.a == 1",
                "variables.a == 1",
                "1",
                "'a'",
                "[1, 2]",
                "{'a': 'b'}",
                "object.a ? 'a' : 'b'",
            ] {
                s.create(POLICIES, named(with(never(), "validations", json!([{ "expression": expression }]))));
            }
            for message in ["object.a", "1", "foo", "authorizer.path('/').check('get').reason()"] {
                let validations = json!([{ "expression": "true", "messageExpression": message }]);
                s.create(POLICIES, named(with(never(), "validations", validations)));
            }
            for value in ["object.a", "[1]"] {
                let annotations = json!([{ "key": "a", "valueExpression": value }]);
                s.create(POLICIES, named(with(never(), "auditAnnotations", annotations)));
            }
            for condition in ["object.a", "'a'", "foo == 1", "variables.a == 1"] {
                let conditions = json!([{ "name": "a", "expression": condition }]);
                let variables = json!([{ "name": "a", "expression": "1" }]);
                s.create(POLICIES, named(with(with(never(), "matchConditions", conditions), "variables", variables)));
            }
            s.create(POLICIES, named(with(never(), "variables", json!([{ "name": "a", "expression": "foo" }]))));
            s.create(POLICIES, named(never()));
            s.replace(&format!("{POLICIES}/{{ns}}"), named(never()));
            s.merge(&format!("{POLICIES}/{{ns}}"), json!({ "spec": { "failurePolicy": "Ignore" } }));
            s.merge(&format!("{POLICIES}/{{ns}}"), json!({ "metadata": { "labels": { "a": "b" } } }));
            s.merge(
                &format!("{POLICIES}/{{ns}}/status"),
                json!({ "metadata": { "labels": { "c": "d" } }, "status": { "observedGeneration": 2 } }),
            );
            s.send(Method::PATCH, &format!("{POLICIES}/{{ns}}-2?fieldManager=A"), "application/apply-patch+yaml", json!({ "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingAdmissionPolicy", "metadata": { "name": "{ns}-2" }, "spec": never()["spec"] }));
            s.create(BINDINGS, json!({ "metadata": { "name": "{ns}" } }));
            s.create(BINDINGS, json!({ "metadata": { "name": "{ns}" }, "spec": { "policyName": "A_", "validationActions": ["Deny", "Warn", "Deny", "Bogus"], "paramRef": {} } }));
            s.create(BINDINGS, json!({ "metadata": { "name": "{ns}" }, "spec": { "policyName": "a", "validationActions": [], "paramRef": { "name": "a/b", "selector": {}, "parameterNotFoundAction": "Bogus" }, "matchResources": { "resourceRules": [{}] } } }));
            s.create(BINDINGS, json!({ "metadata": { "name": "{ns}" }, "spec": { "policyName": "absent", "validationActions": ["Audit"] } }));
            s.merge(&format!("{BINDINGS}/{{ns}}"), json!({ "spec": { "validationActions": ["Warn"] } }));
            s.send(Method::PUT, &format!("{BINDINGS}/{{ns}}"), "application/json", json!({ "metadata": { "name": "{ns}", "resourceVersion": "{rv-0}" }, "spec": { "policyName": "absent", "validationActions": ["Deny"] } }));
        },
        |s| s.create("configmaps", config_map("a", json!({}))),
    ),
];
