//! What webhooks answer, and the requests that they are asked about. An object says in its labels and its data what becomes of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::hooks::Hooks;
use super::steps::Steps;

/// A scenario: its name, and its requests.
pub type Scenario = (&'static str, fn(&mut Steps));

/// The answer of the webhook at a path.
pub fn answer(path: &str, review: &Value) -> (u16, String) {
    let request = &review["request"];
    let object = if request["object"].is_object() { &request["object"] } else { &request["oldObject"] };
    let said = |name: &str| {
        object["data"][name].as_str().or(object["metadata"]["annotations"][name].as_str()).unwrap_or_default()
    };
    let mut response = json!({ "uid": request["uid"], "allowed": true });
    match path {
        "/first" => {
            // How often it was asked, and what the second one has left.
            let count = said("first").parse().unwrap_or(0) + 1;
            let mut patch = Vec::new();
            if !object["metadata"]["annotations"].is_object() {
                patch.push(json!({ "op": "add", "path": "/metadata/annotations", "value": {} }));
            }
            patch.push(json!({ "op": "add", "path": "/metadata/annotations/first", "value": format!("{count}") }));
            if request["operation"] != "DELETE" {
                mutate(&mut response, &patch);
            }
            response["warnings"] = json!(["first", "twice", "twice"]);
        }
        "/second" => match said("second") {
            "add" => mutate(&mut response, &[json!({ "op": "add", "path": "/data/added", "value": "by the second" })]),
            "unknown" => mutate(&mut response, &[json!({ "op": "add", "path": "/bogus", "value": 1 })]),
            "wrong" => mutate(&mut response, &[json!({ "op": "add", "path": "/data", "value": 1 })]),
            "status" => mutate(&mut response, &[json!({ "op": "add", "path": "/spec/size", "value": 9 })]),
            "missing" => mutate(&mut response, &[json!({ "op": "remove", "path": "/data/bogus" })]),
            "replicas" => mutate(&mut response, &[json!({ "op": "add", "path": "/spec/replicas", "value": 7 })]),
            "size" => mutate(&mut response, &[json!({ "op": "add", "path": "/spec/size", "value": 7 })]),
            "managers" => mutate(&mut response, &[json!({ "op": "remove", "path": "/metadata/managedFields" })]),
            "deny" => deny(&mut response, json!({ "message": "the second says no" })),
            _ => {}
        },
        "/validate" => match said("deny") {
            "" => response["warnings"] = json!(["validated"]),
            "plain" => deny(&mut response, json!({ "message": "no" })),
            "silent" => response["allowed"] = json!(false),
            "reason" => deny(&mut response, json!({ "reason": "Invalid", "code": 422 })),
            "whole" => deny(
                &mut response,
                json!({
                    "code": 409, "reason": "Conflict", "message": "taken", "status": "Failure",
                    "details": { "name": "a", "kind": "things", "causes": [{ "reason": "Odd", "message": "m", "field": "f" }] },
                }),
            ),
            "success" => deny(&mut response, json!({ "code": 200, "message": "all is well" })),
            _ => deny(&mut response, json!({ "message": "what?", "code": 403, "reason": "Forbidden" })),
        },
        "/scale" => mutate(&mut response, &[json!({ "op": "replace", "path": "/spec/replicas", "value": 8 })]),
        "/patching" => mutate(&mut response, &[]),
        "/no-type" => response["patch"] = json!(STANDARD.encode("[]")),
        "/other-uid" => response["uid"] = json!("other"),
        "/text" => return (500, "out of order".to_owned()),
        "/missing" => return (404, "no such page".to_owned()),
        "/empty" => return (200, String::new()),
        "/no-review" => return (200, "{}".to_owned()),
        "/slow" => return (0, String::new()),
        // What was let pass in v1beta1: no uid, and a patch without a type.
        "/beta" | "/beta-bare" | "/beta-validates" => {
            response = json!({ "allowed": said("deny").is_empty(), "warnings": ["beta"] });
            let patch = json!([{ "op": "add", "path": "/data/beta", "value": review["apiVersion"] }]);
            response["patch"] = json!(STANDARD.encode(patch.to_string()));
            if path == "/beta-bare" {
                response["patchType"] = json!("Bogus");
                return (200, json!({ "response": response }).to_string());
            }
            return (200, reviewed("v1beta1", &response));
        }
        "/newer" => return (200, reviewed("v1", &response)),
        "/older" => return (200, reviewed("v1beta1", &response)),
        "/convert" => return convert(request),
        "/convert-beta" => {
            // No uid either, and of no version.
            let mut review: Value = serde_json::from_str(&convert(request).1).unwrap_or_default();
            review["response"]["uid"] = json!("other");
            review["apiVersion"] = json!("apiextensions.k8s.io/v1beta1");
            return (200, review.to_string());
        }
        other => panic!("there is no webhook at {other}"),
    }
    (200, reviewed("v1", &response))
}

fn reviewed(version: &str, response: &Value) -> String {
    let version = format!("admission.k8s.io/{version}");
    json!({ "apiVersion": version, "kind": "AdmissionReview", "response": response }).to_string()
}

fn mutate(response: &mut Value, patch: &[Value]) {
    response["patchType"] = json!("JSONPatch");
    response["patch"] = json!(STANDARD.encode(json!(patch).to_string()));
}

fn deny(response: &mut Value, status: Value) {
    response["allowed"] = json!(false);
    response["status"] = status;
}

/// Converts ferries: their route is a text in v1, and two texts in v2.
fn convert(request: &Value) -> (u16, String) {
    let mut result = json!({ "status": "Success" });
    let mut converted = Vec::new();
    for object in request["objects"].as_array().into_iter().flatten() {
        let mut object = object.clone();
        object["apiVersion"] = request["desiredAPIVersion"].clone();
        let spec = &object["spec"];
        let spec = match (spec["route"].as_str().map(|route| route.split_once('-')), spec["from"].as_str()) {
            (Some(Some((from, to))), _) => json!({ "from": from, "to": to }),
            (Some(None), _) => {
                result = json!({ "status": "Failure", "message": "a route has no end" });
                continue;
            }
            (None, Some(from)) => json!({ "route": format!("{from}-{}", spec["to"].as_str().unwrap_or_default()) }),
            (None, None) => json!({}),
        };
        object["spec"] = spec;
        converted.push(object);
    }
    let response = json!({ "uid": request["uid"], "result": result, "convertedObjects": converted });
    (
        200,
        json!({ "apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview", "response": response })
            .to_string(),
    )
}

const ALL: &[&str] = &["CREATE", "UPDATE", "DELETE"];

fn webhook(name: &str, client: Value, hooked: &str, more: Value) -> Value {
    let mut webhook = json!({
        "name": format!("{name}.hooks.example.com"), "clientConfig": client,
        "admissionReviewVersions": ["v1", "v1beta1"], "sideEffects": "None",
        "objectSelector": { "matchLabels": { "hooked": hooked } },
        "rules": [{
            "operations": ALL, "apiGroups": ["", "apps", "example.com"], "apiVersions": ["v1"],
            "resources": [
                "configmaps", "deployments", "deployments/status", "deployments/scale", "gadgets", "gadgets/status", "services", "pods",
            ],
        }],
    });
    for (field, value) in more.as_object().into_iter().flatten() {
        webhook[field] = value.clone();
    }
    webhook
}

/// The configurations of all scenarios, by their resources.
pub fn configurations(hooks: &Hooks) -> Vec<(&'static str, Value)> {
    let nobody = json!({ "url": "https://127.0.0.1:9/nobody", "caBundle": hooks.ca_bundle });
    let service = json!({ "service": { "namespace": "default", "name": "nowhere", "path": "/a" } });
    let is_met = json!([
        { "name": "is-hooked", "expression": "object == null || object.metadata.labels['hooked'] == 'met'" },
        { "name": "by-anybody", "expression": "request.userInfo.username != 'nobody' && request.operation != 'DELETE'" },
        { "name": "wanted", "expression": "!has(object.data) || !('unwanted' in object.data)" },
        { "name": "by-who-may", "expression": "authorizer.requestResource.check('patch').allowed() && authorizer.path('/healthz').check('get').allowed()" },
    ]);
    let fails = json!([{ "name": "fails", "expression": "object.data.absent == 'a'" }]);
    let of = |name: &str, path: &str, hooked: &str, more: Value| webhook(name, hooks.client(path), hooked, more);
    vec![
        (
            "mutatingwebhookconfigurations",
            json!({
                "metadata": { "name": "a" },
                "webhooks": [of("first", "/first", "yes", json!({ "reinvocationPolicy": "IfNeeded" }))],
            }),
        ),
        (
            "mutatingwebhookconfigurations",
            json!({
                "metadata": { "name": "b" },
                "webhooks": [
                    of("second", "/second", "yes", json!({})),
                    of("scale", "/scale", "scale", json!({})),
                    of("no-type", "/no-type", "no-type", json!({})),
                    of("patching", "/patching", "patching", json!({})),
                    of("beta", "/beta", "beta", json!({ "admissionReviewVersions": ["v0", "v1beta1", "v1"] })),
                    of("beta-bare", "/beta-bare", "beta-bare", json!({ "admissionReviewVersions": ["v1beta1"] })),
                    of("newer", "/newer", "newer", json!({ "admissionReviewVersions": ["v1beta1"] })),
                    of("older", "/older", "older", json!({ "admissionReviewVersions": ["v1"] })),
                ],
            }),
        ),
        (
            "validatingwebhookconfigurations",
            json!({
                "metadata": { "name": "c" },
                "webhooks": [
                    of("validate", "/validate", "yes", json!({})),
                    webhook("refused", nobody.clone(), "refused", json!({})),
                    webhook("ignored", nobody, "ignored", json!({ "failurePolicy": "Ignore" })),
                    webhook("nowhere", service, "nowhere", json!({})),
                    of("other-uid", "/other-uid", "other-uid", json!({})),
                    of("text", "/text", "text", json!({})),
                    of("missing", "/missing", "missing", json!({})),
                    of("empty", "/empty", "empty", json!({})),
                    of("no-review", "/no-review", "no-review", json!({})),
                    of("slow", "/slow", "slow", json!({ "timeoutSeconds": 1 })),
                    of("patches", "/patching", "patches", json!({})),
                    of("beta-validates", "/beta-validates", "beta-validates", json!({ "admissionReviewVersions": ["v1beta1"] })),
                    of("met", "/validate", "met", json!({ "matchConditions": is_met })),
                    of("fails", "/validate", "fails", json!({ "matchConditions": fails })),
                    of("fails-open", "/validate", "fails-open", json!({ "matchConditions": fails, "failurePolicy": "Ignore" })),
                ],
            }),
        ),
    ]
}

/// Kinds of two versions: gadgets, which differ in the version alone, and ferries and barges, which webhooks convert.
pub fn crds(hooks: &Hooks) -> Vec<Value> {
    let texts = |names: &[&str]| {
        let properties: serde_json::Map<String, Value> =
            names.iter().map(|name| ((*name).to_owned(), json!({ "type": "string" }))).collect();
        json!({ "type": "object", "properties": properties })
    };
    let version = |name: &str, spec: Value| {
        json!({
            "name": name, "served": true, "storage": name == "v1", "subresources": { "status": {} },
            "schema": { "openAPIV3Schema": { "type": "object", "properties": {
                "spec": spec, "status": { "type": "object", "properties": { "ready": { "type": "boolean" } } },
            } } },
        })
    };
    let gadget = json!({ "type": "object", "properties": {
        "size": { "type": "integer", "maximum": 100 }, "color": { "type": "string", "default": "red" },
    } });
    let crd = |group: &str, kind: &str, plural: &str, versions: Value, conversion: Value| {
        json!({
            "metadata": { "name": format!("{plural}.{group}") },
            "spec": {
                "group": group, "scope": "Namespaced", "names": { "kind": kind, "plural": plural },
                "versions": versions, "conversion": conversion,
            },
        })
    };
    let by_webhook = |versions: &[&str], path: &str| {
        json!({
            "strategy": "Webhook",
            "webhook": { "conversionReviewVersions": versions, "clientConfig": hooks.client(path) },
        })
    };
    vec![
        crd(
            "example.com",
            "Gadget",
            "gadgets",
            json!([version("v1", gadget.clone()), version("v2", gadget)]),
            json!({ "strategy": "None" }),
        ),
        crd(
            "sea.example.com",
            "Ferry",
            "ferries",
            json!([version("v1", texts(&["route"])), version("v2", texts(&["from", "to"]))]),
            by_webhook(&["v1"], "/convert"),
        ),
        crd(
            "river.example.com",
            "Barge",
            "barges",
            json!([version("v1", texts(&["route"])), version("v2", texts(&["from", "to"]))]),
            by_webhook(&["v1beta1", "v1"], "/convert-beta"),
        ),
    ]
}

/// A labeled object.
fn map(name: &str, hooked: &str, data: Value) -> Value {
    json!({ "metadata": { "name": name, "labels": { "hooked": hooked } }, "data": data })
}

/// All scenarios.
pub const SCENARIOS: &[Scenario] = &[
    ("webhooks of a creation, an update and a deletion", |steps| {
        steps.create("configmaps", map("a", "yes", json!({ "a": "1" })));
        steps.get("configmaps/a");
        steps.replace("configmaps/a", map("a", "yes", json!({ "a": "2" })));
        steps.merge("configmaps/a", json!({ "data": { "b": "3" } }));
        steps.strategic("configmaps/a?fieldManager=me", json!({ "data": { "c": "4" } }));
        steps.json_patch("configmaps/a", json!([{ "op": "remove", "path": "/data/c" }]));
        steps.merge("configmaps/a", json!({}));
        steps.get("configmaps/a");
        steps.delete("configmaps/a");
        steps.create("configmaps", map("plain", "no", json!({ "a": "1" })));
        steps.replace("configmaps/plain", map("plain", "yes", json!({ "a": "1" })));
        steps.replace("configmaps/plain", map("plain", "no", json!({ "a": "1" })));
        steps.delete("configmaps/plain");
    }),
    ("an apply is mutated, and nobody owns what is changed", |steps| {
        steps.apply("me", "configmaps/a", map("a", "yes", json!({ "a": "1", "second": "add" })));
        steps.apply("me", "configmaps/a", map("a", "yes", json!({ "a": "1", "second": "add" })));
        steps.apply("you", "configmaps/a", map("a", "yes", json!({ "b": "1" })));
        steps.get("configmaps/a");
        steps.delete("configmaps/a");
    }),
    ("a webhook that another one has changed something behind is asked again", |steps| {
        steps.create("configmaps", map("a", "yes", json!({ "second": "add" })));
        steps.create("configmaps", map("b", "yes", json!({ "second": "unknown" })));
        steps.create("configmaps", map("c", "yes", json!({ "second": "wrong" })));
        steps.in_other_words();
        steps.create("configmaps", map("d", "yes", json!({ "second": "missing" })));
        steps.in_other_words();
        steps.create("configmaps", map("e", "yes", json!({ "second": "managers" })));
        steps.create("configmaps", map("f", "yes", json!({ "second": "deny" })));
        steps.get("configmaps");
    }),
    ("denials", |steps| {
        for how in ["plain", "silent", "reason", "whole", "success", "other"] {
            steps.create("configmaps", map("a", "yes", json!({ "deny": how })));
        }
        steps.create("configmaps", map("a", "yes", json!({})));
        steps.replace("configmaps/a", map("a", "yes", json!({ "deny": "plain" })));
        steps.create("configmaps", map("b", "no", json!({ "deny": "plain" })));
        steps.merge("configmaps/b", json!({ "metadata": { "labels": { "hooked": "yes" } } }));
        steps.get("configmaps");
    }),
    ("webhooks that can't be called", |steps| {
        for hooked in [
            "refused",
            "ignored",
            "other-uid",
            "text",
            "missing",
            "empty",
            "no-review",
            "patches",
            "no-type",
            "patching",
        ] {
            steps.create("configmaps", map(hooked, hooked, json!({})));
            if hooked == "other-uid" {
                // It quotes the uid of a review.
                steps.in_other_words();
            }
        }
        steps.create("configmaps", map("nowhere", "nowhere", json!({})));
        steps.create("configmaps", map("slow", "slow", json!({})));
        steps.get("configmaps");
    }),
    ("reviews of v1beta1", |steps| {
        for hooked in ["beta", "beta-bare", "newer", "older", "beta-validates"] {
            steps.create("configmaps", map(hooked, hooked, json!({ "a": "1" })));
            steps.merge(&format!("configmaps/{hooked}"), json!({ "data": { "deny": "plain" } }));
            steps.delete(&format!("configmaps/{hooked}"));
        }
        steps.get("configmaps");
    }),
    ("match conditions", |steps| {
        steps.create("configmaps", map("a", "met", json!({ "deny": "plain" })));
        steps.create("configmaps", map("b", "met", json!({ "deny": "plain", "unwanted": "" })));
        steps.create("configmaps", map("c", "fails", json!({})));
        steps.create("configmaps", map("c", "fails", json!({ "absent": "b", "deny": "plain" })));
        let rules = json!([{ "apiGroups": [""], "resources": ["configmaps"], "verbs": ["create"] }]);
        steps.create("rbac.authorization.k8s.io/v1:roles", json!({ "metadata": { "name": "r" }, "rules": rules }));
        let subjects = json!([{ "kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io" }]);
        let role = json!({ "kind": "Role", "name": "r", "apiGroup": "rbac.authorization.k8s.io" });
        let bound = json!({ "metadata": { "name": "r" }, "roleRef": role, "subjects": subjects });
        steps.create("rbac.authorization.k8s.io/v1:rolebindings", bound);
        steps.pause();
        steps.by("jane", &["system:authenticated"]);
        steps.create("configmaps", map("by-jane", "met", json!({ "deny": "plain" })));
        steps.with_headers(&[]);
        steps.create("configmaps", map("d", "fails-open", json!({ "deny": "plain" })));
        steps.create("configmaps", map("d", "fails-open", json!({ "deny": "plain", "absent": "a" })));
        steps.get("configmaps");
    }),
    ("dry runs, generated names, and what a client sends of the metadata", |steps| {
        steps.create("configmaps?dryRun=All&fieldManager=me&fieldValidation=Strict", map("a", "yes", json!({})));
        steps.create(
            "configmaps",
            json!({ "metadata": { "generateName": "gen-", "labels": { "hooked": "yes" } }, "data": {} }),
        );
        steps.create(
            "configmaps",
            json!({ "metadata": {
                "name": "b", "uid": "u", "creationTimestamp": "2020-01-01T00:00:00Z", "labels": { "hooked": "yes" },
                "deletionTimestamp": "2020-01-01T00:00:00Z", "generation": 5,
            } }),
        );
        steps.replace("configmaps/b?dryRun=All", map("b", "yes", json!({ "x": "y" })));
        steps.merge("configmaps/b?dryRun=All&fieldValidation=Ignore", json!({ "data": { "x": "y" } }));
        steps.delete("configmaps/b?dryRun=All");
        steps.delete_with(
            "configmaps/b",
            json!({ "preconditions": { "uid": "other" }, "propagationPolicy": "Orphan", "gracePeriodSeconds": 3 }),
        );
        steps.delete_with("configmaps/b", json!({ "propagationPolicy": "Background", "gracePeriodSeconds": 3 }));
    }),
    ("deployments, their status, and defaults of what webhooks change", |steps| {
        let deployment = |second: &str| {
            json!({
                "metadata": { "name": "a", "labels": { "hooked": "yes" }, "annotations": { "second": second } },
                "spec": {
                    "selector": { "matchLabels": { "a": "b" } },
                    "template": {
                        "metadata": { "labels": { "a": "b" } },
                        "spec": { "containers": [{ "name": "a", "image": "a" }] },
                    },
                },
                "status": { "replicas": 3 },
            })
        };
        steps.create("apps/v1:deployments", deployment("replicas"));
        steps.replace("apps/v1:deployments/a", deployment(""));
        steps.merge("apps/v1:deployments/a/status", json!({ "status": { "replicas": 2 } }));
        steps.get("apps/v1:deployments/a");
        steps.delete("apps/v1:deployments/a");
    }),
    ("custom resources", |steps| {
        let gadget = |second: &str, spec: Value| {
            json!({
                "apiVersion": "example.com/v1", "kind": "Gadget",
                "metadata": { "name": "a", "labels": { "hooked": "yes" }, "annotations": { "second": second } },
                "spec": spec,
            })
        };
        steps.create("example.com/v1:gadgets", gadget("size", json!({})));
        steps.create("example.com/v1:gadgets", gadget("unknown", json!({})));
        steps.get("example.com/v1:gadgets/a");
        steps.merge("example.com/v1:gadgets/a", json!({ "metadata": { "annotations": { "second": null } } }));
        steps.delete("example.com/v1:gadgets/a");
        // Rules name v1 alone: objects of v2 are sent in that.
        let mut other = gadget("size", json!({}));
        other["apiVersion"] = json!("example.com/v2");
        steps.create("example.com/v2:gadgets", other);
        steps.merge("example.com/v2:gadgets/a", json!({ "metadata": { "labels": { "x": "y" } } }));
        steps.get("example.com/v2:gadgets/a");
        steps.delete("example.com/v2:gadgets/a");
    }),
    ("finalizers, and the end of an object", |steps| {
        let mut kept = map("a", "yes", json!({}));
        kept["metadata"]["finalizers"] = json!(["example.com/keep"]);
        steps.create("configmaps", kept);
        steps.delete("configmaps/a");
        steps.delete("configmaps/a");
        steps.merge("configmaps/a", json!({ "metadata": { "finalizers": null } }));
    }),
    ("a collection is deleted object by object, up to the first refusal", |steps| {
        steps.create("configmaps", map("a", "yes", json!({})));
        steps.create("configmaps", map("b", "yes", json!({})));
        steps.delete("configmaps?labelSelector=hooked");
        steps.get("configmaps?labelSelector=hooked");
    }),
    ("errors before and after webhooks", |steps| {
        steps.create("configmaps", map("a", "yes", json!({ "deny": "plain", "/": "no key" })));
        steps.create("configmaps", map("a", "yes", json!({ "/": "no key" })));
        steps.create("configmaps", map("a", "yes", json!({})));
        steps.create("configmaps", map("a", "yes", json!({})));
        steps.create("configmaps", map("a", "yes", json!({ "deny": "plain" })));
        let mut stale = map("a", "yes", json!({ "second": "deny" }));
        stale["metadata"]["resourceVersion"] = json!("1");
        steps.replace("configmaps/a", stale.clone());
        stale["data"] = json!({ "deny": "plain" });
        steps.replace("configmaps/a", stale);
        steps.replace("configmaps/missing", map("missing", "yes", json!({ "second": "deny" })));
        steps.delete("configmaps/missing");
        let mut versioned = map("b", "yes", json!({ "second": "deny" }));
        versioned["metadata"]["resourceVersion"] = json!("1");
        steps.create("configmaps", versioned);
    }),
    ("ferries and barges, by a webhook of v1beta1", |steps| {
        let barge = |version: &str, spec: Value| json!({ "apiVersion": format!("river.example.com/{version}"), "kind": "Barge", "metadata": { "name": "a" }, "spec": spec });
        steps.create("river.example.com/v1:barges", json!({ "metadata": { "name": "of-no-kind" } }));
        steps.create("river.example.com/v1:barges", barge("v1", json!({ "route": "north-south" })));
        steps.get("river.example.com/v2:barges/a");
        steps.apply(
            "me",
            "river.example.com/v2:barges/a?force=true",
            json!({ "spec": { "from": "north", "to": "harbour" } }),
        );
        steps.get("river.example.com/v1:barges");
        steps.apply("you", "river.example.com/v1:barges/a?force=true", json!({ "spec": { "route": "aground" } }));
        steps.merge("river.example.com/v1:barges/a?dryRun=All", json!({ "spec": { "route": "adrift" } }));
        steps.merge("river.example.com/v1:barges/a", json!({ "spec": { "route": "nowhere" } }));
        steps.get("river.example.com/v2:barges/a");
        steps.apply("you", "river.example.com/v1:barges/a?force=true", json!({ "spec": { "route": "up-down" } }));
        steps.merge("river.example.com/v1:barges/a", json!({ "spec": { "route": "in-out" } }));
        steps.get("river.example.com/v2:barges/a");
        steps.delete("river.example.com/v1:barges/a");
    }),
    ("ferries of two versions are converted", |steps| {
        let v1 = |name: &str, route: &str| {
            json!({
                "apiVersion": "sea.example.com/v1", "kind": "Ferry",
                "metadata": { "name": name, "labels": { "sea": "north" } }, "spec": { "route": route },
            })
        };
        let v2 = |name: &str, from: &str, to: &str| {
            json!({
                "apiVersion": "sea.example.com/v2", "kind": "Ferry",
                "metadata": { "name": name, "labels": { "sea": "north" } }, "spec": { "from": from, "to": to },
            })
        };
        steps.create("sea.example.com/v1:ferries", v1("a", "north-south"));
        steps.create("sea.example.com/v2:ferries", v2("b", "east", "west"));
        for version in ["v1", "v2"] {
            steps.get(&format!("sea.example.com/{version}:ferries/a"));
            steps.get(&format!("sea.example.com/{version}:ferries/b"));
            steps.get(&format!("sea.example.com/{version}:ferries"));
            steps.get_metadata(&format!("sea.example.com/{version}:ferries"));
            steps.get(&format!("sea.example.com/{version}:ferries?labelSelector=sea&limit=1"));
        }
        steps.merge("sea.example.com/v2:ferries/a", json!({ "spec": { "to": "harbour" } }));
        steps.merge("sea.example.com/v2:ferries/a", json!({ "spec": { "to": "harbour" } }));
        steps.get("sea.example.com/v1:ferries/a");
        steps.merge("sea.example.com/v1:ferries/b", json!({ "spec": { "route": "here-there" } }));
        steps.merge("sea.example.com/v2:ferries/b/status", json!({ "status": { "ready": true } }));
        steps.get("sea.example.com/v2:ferries/b");
        steps.get("sea.example.com/v1:ferries/b");
        steps.apply("me", "sea.example.com/v2:ferries/c", v2("c", "sky", "sea"));
        steps.apply("me", "sea.example.com/v2:ferries/c", v2("c", "sky", "sea"));
        steps.apply("you", "sea.example.com/v1:ferries/c", v1("c", "sky-lake"));
        steps.apply("you", "sea.example.com/v1:ferries/c?force=true", v1("c", "sky-lake"));
        steps.get("sea.example.com/v2:ferries/c");
        steps.delete("sea.example.com/v2:ferries/c");
        steps.create("sea.example.com/v2:ferries?dryRun=All", v2("d", "x", "y"));
        let mut kept = v2("e", "x", "y");
        kept["metadata"]["finalizers"] = json!(["example.com/keep"]);
        steps.create("sea.example.com/v2:ferries", kept);
        steps.delete("sea.example.com/v2:ferries/e");
        steps.merge("sea.example.com/v2:ferries/e", json!({ "metadata": { "finalizers": null } }));
        steps.delete("sea.example.com/v2:ferries");
        steps.get("sea.example.com/v1:ferries");
    }),
    ("ferries that can't be converted", |steps| {
        let lost = json!({
            "apiVersion": "sea.example.com/v1", "kind": "Ferry", "metadata": { "name": "a" }, "spec": { "route": "nowhere" },
        });
        steps.create("sea.example.com/v1:ferries", lost);
        steps.get("sea.example.com/v1:ferries/a");
        steps.get("sea.example.com/v2:ferries/a");
        steps.merge("sea.example.com/v2:ferries/a", json!({ "spec": { "from": "a" } }));
        steps.apply("me", "sea.example.com/v2:ferries/a", json!({ "spec": { "from": "a" } }));
        steps.delete("sea.example.com/v2:ferries/a");
        steps.get("sea.example.com/v1:ferries");
        steps.delete("sea.example.com/v1:ferries/a");
        steps.get("sea.example.com/v2:ferries/a");
    }),
    ("services, whose addresses are at random, and pods, which end gracefully", |steps| {
        let labels = json!({ "hooked": "yes" });
        steps.create(
            "services",
            json!({ "metadata": { "name": "a", "labels": labels }, "spec": { "ports": [{ "port": 80 }], "type": "NodePort" } }),
        );
        steps.merge("services/a", json!({ "spec": { "ports": [{ "port": 81 }] } }));
        steps.delete("services/a");
        let container = json!({ "name": "a", "image": "a" });
        let pod = |node: &str| {
            json!({
                "metadata": { "name": "a", "labels": labels },
                "spec": { "containers": [container], "nodeName": node, "terminationGracePeriodSeconds": 9 },
            })
        };
        steps.create("pods", pod("node-1"));
        steps.delete("pods/a");
        steps.delete("pods/a");
        steps.delete("pods/a?gracePeriodSeconds=3");
        steps.delete("pods/a?gracePeriodSeconds=0");
        steps.create("pods", pod(""));
        steps.delete("pods/a");
    }),
    ("subresources", |steps| {
        let deployment = json!({
            "metadata": { "name": "a", "labels": { "hooked": "no" } },
            "spec": {
                "replicas": 2, "selector": { "matchLabels": { "a": "b" } },
                "template": {
                    "metadata": { "labels": { "a": "b" } },
                    "spec": { "containers": [{ "name": "a", "image": "a" }] },
                },
            },
        });
        steps.create("apps/v1:deployments", deployment);
        let scale = |replicas: u32, labels: Value| {
            json!({
                "apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": { "name": "a", "namespace": "{ns}", "labels": labels },
                "spec": { "replicas": replicas },
            })
        };
        steps.replace("apps/v1:deployments/a/scale", scale(3, json!({ "hooked": "scale" })));
        steps.merge(
            "apps/v1:deployments/a/scale",
            json!({ "spec": { "replicas": 4 }, "metadata": { "labels": { "hooked": "scale" } } }),
        );
        let status = |ready: bool| json!({ "status": { "ready": ready }, "metadata": { "annotations": { "second": "status" } } });
        steps.create(
            "example.com/v1:gadgets",
            json!({
                "apiVersion": "example.com/v1", "kind": "Gadget",
                "metadata": { "name": "a", "labels": { "hooked": "yes" } }, "spec": { "size": 1 },
            }),
        );
        steps.merge("example.com/v1:gadgets/a/status", status(true));
        steps.apply("me", "example.com/v1:gadgets/a/status", json!({ "status": { "ready": false } }));
        steps.delete("example.com/v1:gadgets/a");
    }),
];
