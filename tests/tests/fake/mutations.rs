//! Mutating policies, bindings, and requests whose objects they patch.

use http::Method;
use serde_json::{Value, json};

use super::steps::Steps;

/// A scenario: its name, its policies, and the requests that are sent when they hold.
pub type Scenario = (&'static str, fn(&mut Steps), fn(&mut Steps));

const POLICIES: &str = "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies";
const BINDINGS: &str = "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings";
const VALIDATING_POLICIES: &str = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
const VALIDATING_BINDINGS: &str = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
const DEPLOYMENTS: &str = "apps/v1:deployments";

/// A mutation by an expression: by operations if it makes a list, else by a configuration.
fn mutation(expression: &str) -> Value {
    if expression.trim_start().starts_with('[') {
        json!({ "patchType": "JSONPatch", "jsonPatch": { "expression": expression } })
    } else {
        json!({ "patchType": "ApplyConfiguration", "applyConfiguration": { "expression": expression } })
    }
}

/// A policy for objects that are written.
pub fn policy(expressions: &[&str]) -> Value {
    let mutations: Vec<Value> = expressions.iter().map(|expression| mutation(expression)).collect();
    json!({ "metadata": {}, "spec": {
        "matchConstraints": { "resourceRules": [{
            "apiGroups": ["", "apps"], "apiVersions": ["*"], "operations": ["CREATE", "UPDATE"],
            "resources": ["configmaps", "deployments", "namespaces"],
        }] },
        "mutations": mutations,
        "reinvocationPolicy": "Never",
    } })
}

fn with(mut policy: Value, field: &str, value: Value) -> Value {
    policy["spec"][field] = value;
    policy
}

/// One for the object of a name.
fn named(name: &str, policy: Value) -> Value {
    let condition = format!("object.metadata.name == '{name}'");
    with(policy, "matchConditions", json!([{ "name": "named", "expression": condition }]))
}

/// Makes a policy and its binding, which holds in the namespace of the scenario.
fn bind(s: &mut Steps, name: &str, mut policy: Value, more: Value) {
    policy["metadata"]["name"] = json!(format!("{{ns}}-{name}"));
    s.create(POLICIES, policy);
    let selector = json!({ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "{ns}" } } });
    let mut bound = json!({
        "metadata": { "name": format!("{{ns}}-{name}") },
        "spec": { "policyName": format!("{{ns}}-{name}"), "matchResources": selector },
    });
    if let (Value::Object(spec), Value::Object(more)) = (&mut bound["spec"], more) {
        spec.extend(more);
    }
    s.create(BINDINGS, bound);
}

/// A policy for each expression, which patches the object of its name.
fn bind_each(s: &mut Steps, cases: &[(&str, &str)]) {
    for (name, expression) in cases {
        bind(s, name, named(name, policy(&[expression])), json!({}));
    }
}

fn config_map(name: &str, data: Value) -> Value {
    json!({ "metadata": { "name": name }, "data": data })
}

fn deployment(name: &str) -> Value {
    let labels = json!({ "a": "b" });
    json!({ "metadata": { "name": name, "labels": { "q": "r" } }, "spec": {
        "selector": { "matchLabels": labels },
        "template": { "metadata": { "labels": labels }, "spec": { "containers": [{ "name": "c", "image": "x" }] } },
    } })
}

const OF_MAPS: &[(&str, &str)] = &[
    ("empty", "Object{}"),
    ("label", "Object{metadata: Object.metadata{labels: {'a': 'b'}}}"),
    ("struct", "Object{metadata: Object.metadata{labels: Object.metadata.labels{a: 'b'}}}"),
    ("data", "Object{data: {'k': 'v', 'n': string(size(object.metadata.name))}}"),
    ("bogus", "Object{spec: Object.spec{a: 1}}"),
    ("wrong-type", "Object{metadata: Object.foo{labels: {'a': 'b'}}}"),
    ("number", "Object{data: 3}"),
    ("number-in", "Object{data: {'a': 3}}"),
    ("null", "Object{data: null}"),
    ("null-in", "Object{metadata: Object.metadata{labels: {'a': dyn(null)}}}"),
    ("key", "Object{data: {1: 'x'}}"),
    ("absent", "Object{data: {'a': object.data.absent}}"),
    (
        "optional",
        "Object{?data: object.?data.absent.optMap(x, {'a': x}), ?metadata: optional.of(Object.metadata{annotations: {'x': 'y'}})}",
    ),
    (
        "owners",
        "Object{metadata: Object.metadata{ownerReferences: [Object.metadata.ownerReferences{uid: 'u', name: 'n', kind: 'K', apiVersion: 'v1'}]}}",
    ),
    ("maps", "Object{metadata: Object.metadata{ownerReferences: [{'uid': 'u'}]}}"),
    ("nested", "Object{metadata: {'labels': {'a': 'b'}}}"),
    ("finalizer", "Object{metadata: Object.metadata{finalizers: ['a.b/c']}}"),
    ("renamed", "Object{metadata: Object.metadata{name: 'other'}}"),
    ("kind", "Object{kind: 'Secret', apiVersion: 'v2'}"),
    ("bad-label", "Object{metadata: Object.metadata{labels: {'a b': 'c'}}}"),
    ("bad-key", "Object{data: {'a b': 'c'}}"),
    ("or", "Object{metadata: Object.metadata{annotations: object.metadata.?labels.orValue({'a': 'b'})}}"),
    (
        "seen",
        "Object{metadata: Object.metadata{annotations: {'new': string(oldObject == null), 'kind': string(object.kind + object.apiVersion), 'uid': string(has(object.metadata.uid)), 'time': string(has(object.metadata.creationTimestamp)), 'managers': string(has(object.metadata.managedFields)), 'operation': request.operation, 'name': request.name, 'of': request.resource.resource + request.kind.kind, 'dry': string(request.dryRun)}}}",
    ),
    (
        "team",
        "Object{metadata: Object.metadata{annotations: {'team': namespaceObject.metadata.labels.team, 'in': request.namespace}}}",
    ),
    (
        "options",
        "Object{metadata: Object.metadata{annotations: {'manager': string(request.options.fieldManager), 'kind': string(request.options.kind), 'checks': string(has(request.options.fieldValidation)), 'dry': string(has(request.options.dryRun))}}}",
    ),
    (
        "j-add",
        "[JSONPatch{op: 'add', path: '/data', value: {'a': '1'}}, JSONPatch{op: 'add', path: '/data/b~1c', value: 'x'}]",
    ),
    ("j-add-missing", "[JSONPatch{op: 'add', path: '/x/y', value: '1'}]"),
    ("j-remove", "[JSONPatch{op: 'remove', path: '/data/zz'}]"),
    ("j-replace", "[JSONPatch{op: 'replace', path: '/data/zz', value: '1'}]"),
    ("j-replace-missing", "[JSONPatch{op: 'replace', path: '/zz/a', value: '1'}]"),
    (
        "j-test",
        "[JSONPatch{op: 'test', path: '/data/a', value: 'nope'}, JSONPatch{op: 'add', path: '/data/b', value: 'x'}]",
    ),
    (
        "j-tested",
        "[JSONPatch{op: 'test', path: '/metadata/name', value: object.metadata.name}, JSONPatch{op: 'add', path: '/data/b', value: 'x'}]",
    ),
    ("j-test-missing", "[JSONPatch{op: 'test', path: '/zz/5', value: 1}]"),
    ("j-op", "[JSONPatch{op: 'bogus', path: '/data/a', value: 'nope'}]"),
    ("j-no-path", "[JSONPatch{op: 'add', value: 'nope'}]"),
    ("j-no-value", "[JSONPatch{op: 'add', path: '/data/b'}]"),
    ("j-move", "[JSONPatch{op: 'move', from: '/data/a', path: '/data/c'}]"),
    ("j-move-missing", "[JSONPatch{op: 'move', from: '/data/zz', path: '/data/c'}]"),
    ("j-move-from", "[JSONPatch{op: 'move', path: '/data/c'}]"),
    ("j-move-to", "[JSONPatch{op: 'move', from: '/data/a', path: '/yy/-'}]"),
    ("j-copy", "[JSONPatch{op: 'copy', from: '/data/a', path: '/data/c'}]"),
    ("j-copy-absent", "[JSONPatch{op: 'copy', from: '/data/zz', path: '/data/c'}]"),
    ("j-copy-missing", "[JSONPatch{op: 'copy', from: '/zz/a', path: '/data/c'}]"),
    ("j-copy-to", "[JSONPatch{op: 'copy', from: '/data/a', path: '/yy/-'}]"),
    ("j-unknown", "[JSONPatch{op: 'add', path: '/spec', value: {'a': 1}}]"),
    ("j-number", "[JSONPatch{op: 'add', path: '/data', value: 3}]"),
    ("j-struct", "[JSONPatch{op: 'add', path: '/metadata/labels', value: Object.metadata.labels{a: 'b'}}]"),
    (
        "j-wrong",
        "[JSONPatch{op: 'add', path: '/metadata', value: Object.metadata{labels: Object.spec.labels{a: 'b'}}}]",
    ),
    (
        "j-escape",
        "[JSONPatch{op: 'add', path: '/metadata/labels', value: {}}, JSONPatch{op: 'add', path: '/metadata/labels/' + jsonpatch.escapeKey('a/b'), value: 'x'}]",
    ),
    ("j-null", "[JSONPatch{op: 'add', path: '/data', value: null}]"),
    (
        "j-test-null",
        "[JSONPatch{op: 'test', path: '/data/absent', value: null}, JSONPatch{op: 'add', path: '/data/b', value: 'x'}]",
    ),
    (
        "j-test-null-here",
        "[JSONPatch{op: 'test', path: '/data/a', value: null}, JSONPatch{op: 'add', path: '/data/b', value: 'x'}]",
    ),
    (
        "j-test-empty",
        "[JSONPatch{op: 'add', path: '/metadata/labels', value: {}}, JSONPatch{op: 'test', path: '/metadata/labels', value: null}, JSONPatch{op: 'add', path: '/data/b', value: 'x'}]",
    ),
];

const OF_DEPLOYMENTS: &[(&str, &str)] = &[
    ("replicas", "Object{spec: Object.spec{replicas: object.spec.replicas + 2}}"),
    ("text", "Object{spec: Object.spec{replicas: '2'}}"),
    ("float", "Object{spec: Object.spec{replicas: 2.0}}"),
    ("null-number", "Object{spec: Object.spec{replicas: null}}"),
    ("flag", "Object{spec: Object.spec{paused: 'x'}}"),
    ("one-level", "Object{spec: {'replicas': 4}}"),
    ("status", "Object{status: Object.status{replicas: 3}}"),
    ("selector", "Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {'z': 'y'}}}}"),
    ("recreate", "Object{spec: Object.spec{strategy: Object.spec.strategy{type: 'Recreate'}}}"),
    ("empty-labels", "Object{metadata: Object.metadata{labels: {}}}"),
    ("annotated", "Object{metadata: Object.metadata{annotations: object.metadata.labels}}"),
    (
        "sidecar",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 's', image: 'i'}]}}}}",
    ),
    (
        "map-in-list",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [{'name': 's', 'image': 'i'}]}}}}",
    ),
    (
        "item",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers.item{name: 's', image: 'i'}]}}}}",
    ),
    (
        "each",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: object.spec.template.spec.containers.map(c, Object.spec.template.spec.containers{name: c.name, imagePullPolicy: 'Always'})}}}}",
    ),
    (
        "same",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: object.spec.template.spec.containers}}}}",
    ),
    (
        "filtered",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{initContainers: object.spec.template.spec.containers.filter(c, c.name == 'c')}}}}",
    ),
    (
        "joined",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: object.spec.template.spec.containers + [Object.spec.template.spec.containers{name: 's', image: 'i'}]}}}}",
    ),
    (
        "arguments",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'c', args: ['a']}]}}}}",
    ),
    (
        "env",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'c', env: [Object.spec.template.spec.containers.env{name: 'A', value: '1'}]}]}}}}",
    ),
    (
        "node-selector",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{nodeSelector: {'a': 'b'}}}}}",
    ),
    (
        "no-key",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{image: 'i'}]}}}}",
    ),
    (
        "twice",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 's', image: 'i'}, Object.spec.template.spec.containers{name: 's', image: 'j'}]}}}}",
    ),
    (
        "probe",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'c', livenessProbe: Object.spec.template.spec.containers.livenessProbe{httpGet: Object.spec.template.spec.containers.livenessProbe.httpGet{port: 80}}}]}}}}",
    ),
    (
        "limits",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: 'c', resources: {'limits': {'cpu': '1'}}}]}}}}",
    ),
    (
        "tolerations",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{tolerations: [Object.spec.template.spec.tolerations{key: 'a'}]}}}}",
    ),
    (
        "volumes",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{volumes: [Object.spec.template.spec.volumes{name: 'v', emptyDir: Object.spec.template.spec.volumes.emptyDir{}}]}}}}",
    ),
    (
        "no-containers",
        "Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: []}}}}",
    ),
    (
        "j-append",
        "[JSONPatch{op: 'add', path: '/spec/template/spec/containers/-', value: Object.spec.template.spec.containers{name: 's', image: 'i'}}]",
    ),
    (
        "j-append-map",
        "[JSONPatch{op: 'add', path: '/spec/template/spec/containers/-', value: {'name': 's', 'image': 'i'}}]",
    ),
    ("j-arguments", "[JSONPatch{op: 'add', path: '/spec/template/spec/containers/0/args', value: ['a']}]"),
    ("j-replace-missing", "[JSONPatch{op: 'replace', path: '/spec/template/spec/containers/5/image', value: 'x'}]"),
    ("j-replace-beyond", "[JSONPatch{op: 'replace', path: '/spec/template/spec/containers/5', value: 'x'}]"),
    ("j-remove-beyond", "[JSONPatch{op: 'remove', path: '/spec/template/spec/containers/5'}]"),
    ("j-add-beyond", "[JSONPatch{op: 'add', path: '/spec/template/spec/containers/5', value: Object{}}]"),
    ("j-add-no-index", "[JSONPatch{op: 'add', path: '/spec/template/spec/containers/x', value: Object{}}]"),
    (
        "j-copy-beyond",
        "[JSONPatch{op: 'copy', from: '/spec/template/spec/containers/5', path: '/spec/template/spec/containers/-'}]",
    ),
];

pub const SCENARIOS: &[Scenario] = &[
    (
        "patches of config maps",
        |s| bind_each(s, OF_MAPS),
        |s| {
            for (name, _) in OF_MAPS {
                s.create("configmaps?fieldManager=m", config_map(name, json!({ "a": "1" })));
                if matches!(*name, "j-number") {
                    s.in_other_words();
                }
            }
            s.create("configmaps", config_map("unmatched", json!({ "a": "1" })));
            s.create("configmaps?dryRun=All", config_map("label", json!({ "a": "1" })));
        },
    ),
    (
        "patches of deployments",
        |s| bind_each(s, OF_DEPLOYMENTS),
        |s| {
            for (name, _) in OF_DEPLOYMENTS {
                s.create(&format!("{DEPLOYMENTS}?fieldManager=m"), deployment(name));
            }
        },
    ),
    (
        "every sort of write",
        |s| {
            bind(
                s,
                "a",
                policy(&[
                    "Object{metadata: Object.metadata{annotations: {'seen': request.operation + (oldObject == null ? '' : oldObject.metadata.name)}}}",
                ]),
                json!({}),
            );
        },
        |s| {
            s.create("configmaps?dryRun=All", config_map("a", json!({ "a": "1" })));
            s.create("configmaps?fieldManager=m", config_map("a", json!({ "a": "1" })));
            s.get("configmaps/a");
            s.create("configmaps", json!({ "metadata": { "generateName": "gen-" } }));
            s.merge("configmaps/a", json!({ "data": { "b": "2" } }));
            s.merge("configmaps/a?dryRun=All", json!({ "data": { "c": "2" } }));
            s.replace("configmaps/a", config_map("a", json!({ "d": "1" })));
            s.replace("configmaps/a", config_map("a", json!({ "d": "1" })));
            s.apply("A", "configmaps/a", json!({ "data": { "e": "1" } }));
            s.apply("A", "configmaps/a", json!({ "data": { "e": "1" } }));
            s.apply("A", "configmaps/new", json!({ "data": { "e": "1" } }));
            s.create(DEPLOYMENTS, deployment("d"));
            s.merge(&format!("{DEPLOYMENTS}/d/status"), json!({ "status": { "replicas": 1 } }));
            s.merge(&format!("{DEPLOYMENTS}/d"), json!({ "spec": { "replicas": 2 } }));
            s.create("secrets", json!({ "metadata": { "name": "a" } }));
            s.delete("configmaps/a");
        },
    ),
    (
        "several mutations, variables and the failure policy",
        |s| {
            let two = policy(&[
                "Object{spec: Object.spec{replicas: 3}}",
                "Object{spec: Object.spec{replicas: object.spec.replicas + 1}}",
            ]);
            bind(s, "two", named("two", two), json!({}));
            let failing = policy(&[
                "Object{spec: Object.spec{replicas: object.spec.zz}}",
                "Object{spec: Object.spec{replicas: 7}}",
                "Object{spec: Object.spec{replicas: object.spec.yy}}",
            ]);
            bind(s, "fail", named("fail", failing.clone()), json!({}));
            bind(s, "ignore", named("ignore", with(failing, "failurePolicy", json!("Ignore"))), json!({}));
            let variables = json!([
                { "name": "n", "expression": "object.spec.replicas + 10" },
                { "name": "broken", "expression": "object.spec.zz" },
                { "name": "labels", "expression": "{'l': 'm'}" },
            ]);
            let of_variables = policy(&[
                "Object{spec: Object.spec{replicas: variables.n}}",
                "Object{metadata: Object.metadata{annotations: {'n': string(variables.n)}, labels: variables.labels}}",
            ]);
            bind(s, "variables", named("variables", with(of_variables, "variables", variables.clone())), json!({}));
            let broken = policy(&["Object{spec: Object.spec{replicas: variables.broken}}"]);
            bind(s, "broken", named("broken", with(broken, "variables", variables)), json!({}));
            let defaulted = policy(&[
                "[JSONPatch{op: 'remove', path: '/spec/replicas'}]",
                "Object{metadata: Object.metadata{annotations: {'n': string(object.spec.replicas)}}}",
            ]);
            bind(s, "defaulted", named("defaulted", defaulted), json!({}));
            let conditions = json!([
                { "name": "one", "expression": "object.metadata.name.startsWith('cond')" },
                { "name": "two", "expression": "object.spec.zz == 1" },
                { "name": "three", "expression": "object.metadata.name != 'condno'" },
            ]);
            bind(s, "conditions", with(policy(&["Object{}"]), "matchConditions", conditions), json!({}));
        },
        |s| {
            for name in ["two", "fail", "ignore", "variables", "broken", "defaulted", "cond", "condno"] {
                s.create(DEPLOYMENTS, deployment(name));
            }
        },
    ),
    (
        "policies are evaluated again",
        |s| {
            let add = "Object{spec: Object.spec{replicas: object.spec.replicas + 1}}";
            let again = |policy: Value| with(policy, "reinvocationPolicy", json!("IfNeeded"));
            bind(s, "again", again(named("again", policy(&[add]))), json!({}));
            bind(s, "never", named("never", policy(&[add])), json!({}));
            // One waits for what the other does, in whichever order they come; no real server says in which.
            let first = "Object{metadata: Object.metadata{annotations: {'first': 'x'}}}";
            bind(s, "first", again(named("both", policy(&[first]))), json!({}));
            let second = "Object{metadata: Object.metadata{annotations: object.metadata.?annotations[?'first'].hasValue() ? {'second': 'x'} : {'third': 'x'}}}";
            bind(s, "second", again(named("both", policy(&[second]))), json!({}));
            bind(s, "same", again(named("same", policy(&["Object{spec: Object.spec{replicas: 5}}"]))), json!({}));
        },
        |s| {
            for name in ["again", "never", "same"] {
                s.create(DEPLOYMENTS, deployment(name));
                s.merge(&format!("{DEPLOYMENTS}/{name}"), json!({ "metadata": { "labels": { "z": "y" } } }));
            }
        },
    ),
    (
        "parameters of mutations",
        |s| {
            let labels = json!({ "role": "values" });
            s.create(
                "configmaps",
                json!({ "metadata": { "name": "one", "labels": labels }, "data": { "value": "1" } }),
            );
            s.create(
                "configmaps",
                json!({ "metadata": { "name": "two", "labels": labels }, "data": { "other": "2" } }),
            );
            let kind = json!({ "apiVersion": "v1", "kind": "ConfigMap" });
            let of = |name: &str, expression: &str| with(named(name, policy(&[expression])), "paramKind", kind.clone());
            let data = "Object{metadata: Object.metadata{annotations: params.data}}";
            let reference = |name: &str, action: &str| json!({ "paramRef": { "name": name, "namespace": "{ns}", "parameterNotFoundAction": action } });
            bind(s, "named", of("named", data), reference("one", "Deny"));
            bind(s, "absent", of("absent", data), reference("zz", "Allow"));
            let selector =
                json!({ "paramRef": { "selector": { "matchLabels": labels }, "parameterNotFoundAction": "Deny" } });
            bind(s, "selected", of("selected", data), selector);
            bind(
                s,
                "none",
                of("none", "Object{metadata: Object.metadata{annotations: {'p': string(params == null)}}}"),
                json!({}),
            );
            let mut denied = of("denied", data);
            denied["spec"]["matchConstraints"]["objectSelector"] = json!({ "matchLabels": { "deny": "x" } });
            bind(s, "denied", denied, reference("zz", "Deny"));
        },
        |s| {
            for name in ["named", "absent", "selected", "none"] {
                s.create("configmaps", config_map(name, json!({})));
            }
            s.create("configmaps", json!({ "metadata": { "name": "denied", "labels": { "deny": "x" } } }));
        },
    ),
    (
        "authorizers of mutations",
        |s| {
            let role = json!([{ "apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "get"] }]);
            s.create("rbac.authorization.k8s.io/v1:roles", json!({ "metadata": { "name": "r" }, "rules": role }));
            let subject = json!([{ "kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io" }]);
            let reference = json!({ "kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io" });
            s.create(
                "rbac.authorization.k8s.io/v1:rolebindings",
                json!({ "metadata": { "name": "r" }, "roleRef": reference, "subjects": subject }),
            );
            for (name, expression) in AUTHORIZED {
                let made =
                    format!("Object{{metadata: Object.metadata{{annotations: {{'said': string({expression})}}}}}}");
                bind(s, name, named(name, policy(&[&made])), json!({}));
            }
            let condition = json!([
                { "name": "a", "expression": "object.metadata.name == 'condition'" },
                { "name": "b", "expression": "authorizer.requestResource.check('update').allowed()" },
            ]);
            let made = policy(&["Object{metadata: Object.metadata{annotations: {'said': 'yes'}}}"]);
            bind(s, "condition", with(made, "matchConditions", condition), json!({}));
        },
        |s| {
            for (name, _) in AUTHORIZED {
                s.create("configmaps?dryRun=All", config_map(name, json!({})));
            }
            s.create("configmaps?dryRun=All", config_map("condition", json!({})));
            s.by("jane", &["system:authenticated"]);
            for (name, _) in AUTHORIZED {
                s.create("configmaps?dryRun=All", config_map(name, json!({})));
            }
            s.create("configmaps?dryRun=All", config_map("condition", json!({})));
        },
    ),
    (
        "mutating policies are checked",
        |s| {
            let named = |mut policy: Value| {
                policy["metadata"]["name"] = json!("{ns}");
                policy
            };
            let good = || policy(&["Object{}"]);
            let mutations = |mutations: Value| named(with(good(), "mutations", mutations));
            let object = json!({ "expression": "Object{}" });
            s.create(POLICIES, json!({ "metadata": { "name": "{ns}" } }));
            s.create(POLICIES, named(with(good(), "failurePolicy", json!("Bogus"))));
            s.create(POLICIES, named(with(good(), "reinvocationPolicy", json!("Bogus"))));
            s.create(POLICIES, named(with(good(), "reinvocationPolicy", Value::Null)));
            s.create(POLICIES, mutations(json!([])));
            s.create(POLICIES, mutations(json!([{}])));
            s.create(POLICIES, mutations(json!([{ "patchType": "Bogus" }, { "patchType": "JSONPatch" }, { "patchType": "ApplyConfiguration" }])));
            s.create(POLICIES, mutations(json!([{ "patchType": "ApplyConfiguration", "jsonPatch": object }])));
            s.create(
                POLICIES,
                mutations(
                    json!([{ "patchType": "ApplyConfiguration", "jsonPatch": object, "applyConfiguration": object }]),
                ),
            );
            s.create(POLICIES, mutations(json!([{ "patchType": "JSONPatch", "jsonPatch": { "expression": " " }, "applyConfiguration": object }])));
            s.create(
                POLICIES,
                mutations(
                    json!([{ "patchType": "ApplyConfiguration", "applyConfiguration": { "expression": "Object{(" } }]),
                ),
            );
            s.in_other_words();
            for made in ["object", "1", "{'a': 1}", "{}", "foo", "Object.a{}", "null", "Object{a: foo}"] {
                let mutation =
                    json!([{ "patchType": "ApplyConfiguration", "applyConfiguration": { "expression": made } }]);
                s.create(POLICIES, mutations(mutation));
            }
            for made in ["[]", "[1]", "object.a", "[Object{}]", "JSONPatch{}", "[{'op': 'add'}]", "foo"] {
                s.create(
                    POLICIES,
                    mutations(json!([{ "patchType": "JSONPatch", "jsonPatch": { "expression": made } }])),
                );
            }
            s.create(POLICIES, named(with(good(), "paramKind", json!({ "apiVersion": "a/b/c", "kind": "A_" }))));
            s.create(
                POLICIES,
                named(with(
                    good(),
                    "variables",
                    json!([{ "name": "1a", "expression": "1" }, { "name": "in", "expression": " " }]),
                )),
            );
            s.create(
                POLICIES,
                named(with(
                    good(),
                    "matchConditions",
                    json!([{ "name": "", "expression": "true" }, { "name": "a", "expression": "" }]),
                )),
            );
            s.create(POLICIES, named(with(good(), "matchConstraints", Value::Null)));
            s.create(POLICIES, named(with(good(), "matchConstraints", json!({}))));
            s.create(
                POLICIES,
                named(with(
                    good(),
                    "matchConstraints",
                    json!({ "resourceRules": [
                { "operations": ["DELETE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["a"] },
                { "operations": ["Bogus"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["a"] },
                { "operations": ["*"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["a"] },
                { "operations": ["CONNECT"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["a/b"] },
            ] }),
                )),
            );
            s.create(POLICIES, named(with(good(), "matchConstraints", json!({ "resourceRules": [
                { "operations": ["*"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["a"] },
                { "operations": ["CONNECT", "CREATE", "UPDATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["a/b"] },
            ] }))));
            s.get(&format!("{POLICIES}/{{ns}}"));
            s.replace(&format!("{POLICIES}/{{ns}}"), named(good()));
            s.merge(&format!("{POLICIES}/{{ns}}"), json!({ "spec": { "failurePolicy": "Ignore" } }));
            s.merge(&format!("{POLICIES}/{{ns}}"), json!({ "metadata": { "labels": { "a": "b" } } }));
            s.merge(&format!("{POLICIES}/{{ns}}"), json!({ "spec": { "mutations": [] } }));
            s.send(
                Method::PATCH,
                &format!("{POLICIES}/{{ns}}-2?fieldManager=A"),
                "application/apply-patch+yaml",
                json!({ "apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingAdmissionPolicy", "metadata": { "name": "{ns}-2" }, "spec": good()["spec"] }),
            );
            s.create(BINDINGS, json!({ "metadata": { "name": "{ns}" } }));
            s.create(
                BINDINGS,
                json!({ "metadata": { "name": "{ns}" }, "spec": { "policyName": "A_", "paramRef": {} } }),
            );
            s.create(BINDINGS, json!({ "metadata": { "name": "{ns}" }, "spec": { "policyName": "a", "paramRef": { "name": "a/b", "selector": {}, "parameterNotFoundAction": "Bogus" }, "matchResources": { "resourceRules": [{ "operations": ["DELETE"] }] } } }));
            s.create(
                BINDINGS,
                json!({ "metadata": { "name": "{ns}" }, "spec": { "policyName": "absent", "matchResources": {} } }),
            );
            s.merge(&format!("{BINDINGS}/{{ns}}"), json!({ "spec": { "policyName": "other" } }));
        },
        |s| s.create("configmaps", config_map("a", json!({}))),
    ),
    (
        "other versions and kinds",
        |s| {
            let rules = |version: &str| json!([{ "operations": ["CREATE"], "apiGroups": ["autoscaling"], "apiVersions": [version], "resources": ["horizontalpodautoscalers"] }]);
            let made = policy(&[
                "Object{spec: Object.spec{maxReplicas: object.spec.maxReplicas + 1}, metadata: Object.metadata{annotations: {'seen': string(object.apiVersion + request.kind.version + request.requestKind.version)}}}",
            ]);
            bind(
                s,
                "newer",
                with(made.clone(), "matchConstraints", json!({ "resourceRules": rules("v2") })),
                json!({}),
            );
            let exact = json!({ "resourceRules": rules("v1"), "matchPolicy": "Exact" });
            let labelled = policy(&["Object{metadata: Object.metadata{labels: {'exact': 'v1'}}}"]);
            bind(s, "exact", named("exact", with(labelled, "matchConstraints", exact)), json!({}));
            let of_namespaces = json!({ "resourceRules": [{ "operations": ["*"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["namespaces"] }] });
            let labelled =
                policy(&["Object{metadata: Object.metadata{labels: {'seen': string(namespaceObject == null)}}}"]);
            let named = with(labelled, "matchConstraints", of_namespaces);
            bind(
                s,
                "namespaces",
                named,
                json!({ "matchResources": { "objectSelector": { "matchLabels": { "of": "{ns}" } } } }),
            );
        },
        |s| {
            let target = json!({ "apiVersion": "apps/v1", "kind": "Deployment", "name": "a" });
            let scaler = |name: &str| json!({ "metadata": { "name": name }, "spec": { "scaleTargetRef": target, "maxReplicas": 3 } });
            s.create("autoscaling/v2:horizontalpodautoscalers", scaler("a"));
            s.create("autoscaling/v1:horizontalpodautoscalers", scaler("b"));
            s.create("autoscaling/v2:horizontalpodautoscalers", scaler("c"));
            s.create(
                "/api/v1/namespaces?dryRun=All",
                json!({ "metadata": { "name": "{ns}-n", "labels": { "of": "{ns}" } } }),
            );
        },
    ),
    (
        "custom resources",
        |s| {
            let schema = json!({ "type": "object", "properties": {
                "spec": { "type": "object", "properties": {
                    "size": { "type": "integer", "maximum": 9 },
                    "color": { "type": "string", "default": "red" },
                    "tags": { "type": "array", "items": { "type": "string" } },
                    "parts": { "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], "items": {
                        "type": "object", "required": ["name"], "properties": { "name": { "type": "string" }, "count": { "type": "integer" } },
                    } },
                } },
            } });
            s.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", json!({
                "metadata": { "name": "widgets.mutations.example.com" },
                "spec": { "group": "mutations.example.com", "scope": "Namespaced",
                    "names": { "plural": "widgets", "singular": "widget", "kind": "Widget", "listKind": "WidgetList" },
                    "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": schema } }] },
            }));
            s.ignoring_body();
            let rules = json!({ "resourceRules": [{ "operations": ["CREATE", "UPDATE"], "apiGroups": ["mutations.example.com"], "apiVersions": ["v1"], "resources": ["widgets"] }] });
            for (name, expression) in OF_WIDGETS {
                bind(s, name, named(name, with(policy(&[expression]), "matchConstraints", rules.clone())), json!({}));
            }
        },
        |s| {
            for (name, _) in OF_WIDGETS {
                let parts = json!([{ "name": "a", "count": 1 }]);
                s.create(WIDGETS, json!({ "apiVersion": "mutations.example.com/v1", "kind": "Widget", "metadata": { "name": name }, "spec": { "size": 1, "tags": ["a"], "parts": parts } }));
            }
            s.send(
                Method::PATCH,
                &format!("{WIDGETS}/size"),
                "application/merge-patch+json",
                json!({ "spec": { "color": "blue" } }),
            );
        },
    ),
    (
        "what is patched is validated",
        |s| {
            bind(s, "a", policy(&["Object{metadata: Object.metadata{labels: {'patched': 'x'}}}"]), json!({}));
            let rules = json!({ "resourceRules": [{ "operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"] }] });
            let validations = json!([{ "expression": "object.metadata.name != 'a' || object.metadata.labels.patched != 'x'", "messageExpression": "'patched ' + object.metadata.labels.patched" }]);
            s.create(VALIDATING_POLICIES, json!({ "metadata": { "name": "{ns}" }, "spec": { "matchConstraints": rules, "validations": validations } }));
            let selector = json!({ "namespaceSelector": { "matchLabels": { "kubernetes.io/metadata.name": "{ns}" } } });
            s.create(VALIDATING_BINDINGS, json!({ "metadata": { "name": "{ns}" }, "spec": { "policyName": "{ns}", "validationActions": ["Deny"], "matchResources": selector } }));
        },
        |s| {
            s.create("configmaps", config_map("a", json!({})));
            s.create(DEPLOYMENTS, deployment("a"));
        },
    ),
];

pub const WIDGETS: &str = "/apis/mutations.example.com/v1/namespaces/{ns}/widgets";

const OF_WIDGETS: &[(&str, &str)] = &[
    ("size", "Object{spec: Object.spec{size: object.spec.size + 1}}"),
    ("large", "Object{spec: Object.spec{size: 10}}"),
    ("text", "Object{spec: Object.spec{size: 'x'}}"),
    ("unknown", "Object{spec: Object.spec{bogus: 'x'}}"),
    ("default", "Object{metadata: Object.metadata{annotations: {'color': string(object.spec.color)}}}"),
    ("tags", "Object{spec: Object.spec{tags: ['b']}}"),
    (
        "parts",
        "Object{spec: Object.spec{parts: [Object.spec.parts{name: 'a', count: 2}, Object.spec.parts{name: 'b'}]}}",
    ),
    ("joined", "Object{spec: Object.spec{parts: object.spec.parts + [Object.spec.parts{name: 'b'}]}}"),
    ("maps", "Object{spec: Object.spec{parts: [{'name': 'b'}]}}"),
    ("filtered", "Object{spec: Object.spec{parts: object.spec.parts.filter(p, p.name == 'a')}}"),
    ("mapped", "Object{spec: Object.spec{parts: object.spec.parts.map(p, {'name': string(p.name + 'x')})}}"),
    ("j-tags", "[JSONPatch{op: 'add', path: '/spec/tags/-', value: 'b'}]"),
    ("j-unknown", "[JSONPatch{op: 'add', path: '/spec/bogus', value: 'b'}]"),
    ("j-text", "[JSONPatch{op: 'add', path: '/spec/size', value: 'b'}]"),
    ("j-remove", "[JSONPatch{op: 'remove', path: '/spec/color'}]"),
];

/// What `authorizer` says.
const AUTHORIZED: &[(&str, &str)] = &[
    ("allowed", "authorizer.group('').resource('configmaps').namespace('{ns}').check('create').allowed()"),
    ("reason", "authorizer.group('').resource('configmaps').namespace('{ns}').check('create').reason()"),
    ("elsewhere", "authorizer.group('').resource('configmaps').namespace('default').check('create').allowed()"),
    ("verb", "authorizer.group('').resource('configmaps').namespace('{ns}').check('delete').reason()"),
    (
        "account",
        "authorizer.serviceAccount('{ns}', 'a').group('').resource('configmaps').namespace('{ns}').check('get').allowed()",
    ),
    ("account-path", "authorizer.serviceAccount('{ns}', 'a').path('/healthz').check('get').allowed()"),
    ("account-name", "authorizer.serviceAccount('{ns}', 'A_').path('/healthz').check('get').allowed()"),
    ("account-namespace", "authorizer.serviceAccount('A_', 'a').path('/healthz').check('get').allowed()"),
    ("path", "authorizer.path('/healthz').check('get').allowed()"),
    ("path-other", "authorizer.path('/other').check('get').allowed()"),
    ("path-empty", "authorizer.path(' ').check('get').allowed()"),
    ("resource-empty", "authorizer.group('').resource('').check('get').allowed()"),
    ("this", "authorizer.requestResource.check('create').allowed()"),
    ("this-update", "authorizer.requestResource.check('update').allowed()"),
    ("sub", "authorizer.group('apps').resource('deployments').subresource('scale').name('a').check('get').allowed()"),
    ("errored", "authorizer.group('').resource('pods').check('get').errored()"),
    ("error", "authorizer.group('').resource('pods').check('get').error()"),
    (
        "selectors",
        "authorizer.group('').resource('configmaps').namespace('{ns}').fieldSelector('metadata.name=a').labelSelector('a=b').check('get').allowed()",
    ),
];
