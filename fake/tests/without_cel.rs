//! What a build without CEL does with what needs it: it is refused, and says how it would not be. All else is as with it.
#![cfg(all(feature = "latest", feature = "client", not(feature = "cel")))]
#![allow(missing_docs)]

use http::{Method, Request};
use http_body_util::BodyExt as _;
use kubewright::prelude::*;
use kubewright::transport::Body;
use kubewright_fake::FakeCluster;
use serde_json::{Value, json};

const DEFINITIONS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const DEFINITION: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com";
const THINGS: &str = "/apis/example.com/v1/namespaces/default/things";
const ADMISSION: &str = "/apis/admissionregistration.k8s.io/v1";
const DEVICES: &str = "/apis/resource.k8s.io/v1";

async fn send(client: &Client, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
    let media_type = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
    let request = Request::builder().method(method).uri(path).header("content-type", media_type);
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let response = client.send(request.body(body).expect("a request")).await.expect("an answer");
    let code = response.status().as_u16();
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    (code, serde_json::from_slice(&body).unwrap_or_default())
}

async fn post(client: &Client, path: &str, body: Value) -> (u16, Value) {
    send(client, Method::POST, path, Some(body)).await
}

/// Fails unless a write is refused for want of CEL, and leaves nothing.
async fn assert_refused(client: &Client, path: &str, body: Value, what: &str) {
    let name = body["metadata"]["name"].as_str().expect("a name").to_owned();
    let (code, answer) = post(client, path, body).await;
    assert_eq!(code, 501, "{path}: {answer}");
    let message = answer["message"].as_str().unwrap_or_default();
    assert!(
        message.ends_with(&format!("CEL, without the feature \"cel\" of kubewright-fake or kubewright-cli: {what}")),
        "{message}"
    );
    let (code, _) = send(client, Method::GET, &format!("{path}/{name}"), None).await;
    assert_eq!(code, 404, "{path}/{name} is not there");
}

fn client() -> Client {
    FakeCluster::builder().build().expect("a cluster").client()
}

fn definition(schema: &Value) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": { "name": "things.example.com" },
        "spec": {
            "group": "example.com", "scope": "Namespaced", "names": { "plural": "things", "kind": "Thing" },
            "versions": [{ "name": "v1", "served": true, "storage": true, "schema": { "openAPIV3Schema": schema } }],
        },
    })
}

fn thing(name: &str, spec: &Value) -> Value {
    json!({ "apiVersion": "example.com/v1", "kind": "Thing", "metadata": { "name": name }, "spec": spec })
}

fn schema() -> Value {
    json!({ "type": "object", "properties": { "spec": {
        "type": "object", "properties": { "size": { "type": "integer", "minimum": 1, "default": 3 } },
    } } })
}

const RULES: &str = "x-kubernetes-validations of a CustomResourceDefinition";

#[tokio::test]
async fn rules_are_refused_wherever_in_a_schema_they_are() {
    let client = client();
    let rules = json!([{ "rule": "true" }]);
    let ruled = json!({ "type": "object", "x-kubernetes-validations": rules });
    for schema in [
        ruled.clone(),
        json!({ "type": "object", "properties": { "spec": ruled } }),
        json!({ "type": "object", "properties": { "spec": { "type": "array", "items": ruled } } }),
        json!({ "type": "object", "properties": { "spec": { "type": "object", "additionalProperties": ruled } } }),
    ] {
        assert_refused(&client, DEFINITIONS, definition(&schema), RULES).await;
    }
    let with = FakeCluster::builder().with(definition(&ruled)).build().expect_err("a definition with rules");
    assert!(with.to_string().contains("without the feature \"cel\" of kubewright-fake or kubewright-cli"), "{with}");
}

#[tokio::test]
async fn rules_do_not_get_into_a_definition_later() {
    let client = client();
    let (code, made) = post(&client, DEFINITIONS, definition(&schema())).await;
    assert_eq!(code, 201, "{made}");
    let mut ruled = schema();
    ruled["x-kubernetes-validations"] = json!([{ "rule": "self.spec.size < 9" }]);
    let patch = json!({ "spec": { "versions": definition(&ruled)["spec"]["versions"] } });
    let (code, answer) = send(&client, Method::PATCH, DEFINITION, Some(patch)).await;
    assert_eq!(code, 501, "{answer}");
    let (code, made) = post(&client, THINGS, thing("a", &json!({ "size": 9 }))).await;
    assert_eq!(code, 201, "{made}");
}

#[tokio::test]
async fn a_definition_without_rules_checks_what_its_schema_says() {
    let client = client();
    // A field may have any name; one that is a list without an item is no rule.
    let mut schema = schema();
    schema["properties"]["x-kubernetes-validations"] = json!({ "type": "string" });
    schema["x-kubernetes-validations"] = json!([]);
    let (code, made) = post(&client, DEFINITIONS, definition(&schema)).await;
    assert_eq!(code, 201, "{made}");
    let (code, made) = post(&client, THINGS, thing("a", &json!({ "more": 1 }))).await;
    assert_eq!((code, &made["spec"]), (201, &json!({ "size": 3 })));
    let (code, refused) = post(&client, THINGS, thing("b", &json!({ "size": 0 }))).await;
    assert_eq!(code, 422, "{refused}");
}

#[tokio::test]
async fn match_conditions_of_webhooks_are_refused_and_webhooks_are_not() {
    let client = client();
    for plural in ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"] {
        let path = format!("{ADMISSION}/{plural}");
        let hook = json!({
            "name": "a.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
            "clientConfig": { "url": "https://127.0.0.1:1" },
        });
        let mut conditional = hook.clone();
        conditional["matchConditions"] = json!([{ "name": "a", "expression": "false" }]);
        let configuration = |hook: Value| json!({ "metadata": { "name": "a" }, "webhooks": [hook] });
        assert_refused(&client, &path, configuration(conditional), "matchConditions of a webhook").await;
        let (code, made) = post(&client, &path, configuration(hook)).await;
        assert_eq!(code, 201, "{made}");
    }
}

#[tokio::test]
async fn admission_policies_are_refused() {
    let client = client();
    let rule =
        json!({ "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"] });
    let constraints = json!({ "resourceRules": [rule] });
    let validating = json!({ "metadata": { "name": "p" }, "spec": {
        "matchConstraints": constraints, "validations": [{ "expression": "false" }],
    } });
    let path = format!("{ADMISSION}/validatingadmissionpolicies");
    assert_refused(&client, &path, validating, "a ValidatingAdmissionPolicy").await;
    let mutating = json!({ "metadata": { "name": "p" }, "spec": {
        "reinvocationPolicy": "Never", "matchConstraints": constraints,
        "mutations": [{ "patchType": "JSONPatch", "jsonPatch": { "expression": "[]" } }],
    } });
    let path = format!("{ADMISSION}/mutatingadmissionpolicies");
    assert_refused(&client, &path, mutating, "a MutatingAdmissionPolicy").await;
}

#[tokio::test]
async fn selectors_of_devices_are_refused_and_parameters_of_drivers_are_theirs() {
    let client = client();
    let selectors = json!([{ "cel": { "expression": "true" } }]);
    let classes = format!("{DEVICES}/deviceclasses");
    let selecting = json!({ "metadata": { "name": "a" }, "spec": { "selectors": selectors } });
    assert_refused(&client, &classes, selecting, "selectors of devices").await;
    let opaque = json!({ "driver": "a.example.com", "parameters": { "selectors": selectors } });
    let (code, made) =
        post(&client, &classes, json!({ "metadata": { "name": "a" }, "spec": { "config": [{ "opaque": opaque }] } }))
            .await;
    assert_eq!(code, 201, "{made}");

    let exactly = |selectors: &Value| json!({ "deviceClassName": "a", "selectors": selectors });
    let requests = |request: Value| json!({ "devices": { "requests": [request] } });
    let claims = format!("{DEVICES}/namespaces/default/resourceclaims");
    let claim = |spec: Value| json!({ "metadata": { "name": "c" }, "spec": spec });
    let one = requests(json!({ "name": "r", "exactly": exactly(&selectors) }));
    assert_refused(&client, &claims, claim(one.clone()), "selectors of devices").await;
    let mut first = exactly(&selectors);
    first["name"] = json!("f");
    let several = requests(json!({ "name": "r", "firstAvailable": [first] }));
    assert_refused(&client, &claims, claim(several), "selectors of devices").await;
    let templates = format!("{DEVICES}/namespaces/default/resourceclaimtemplates");
    assert_refused(&client, &templates, claim(json!({ "spec": one })), "selectors of devices").await;
    let plain = requests(json!({ "name": "r", "exactly": { "deviceClassName": "a" } }));
    let (code, made) = post(&client, &claims, claim(plain)).await;
    assert_eq!(code, 201, "{made}");
}

#[tokio::test]
async fn shard_selectors_are_refused_where_they_have_an_effect() {
    let path =
        "/api/v1/namespaces?shardSelector=shardRange(object.metadata.uid,'0x0000000000000000','0x8000000000000000')";
    let sharding =
        FakeCluster::builder().feature_gate("ShardedListAndWatch", true).build().expect("a cluster").client();
    let (code, refused) = send(&sharding, Method::GET, path, None).await;
    assert_eq!(code, 501, "{refused}");
    let (code, list) = send(&client(), Method::GET, path, None).await;
    assert_eq!(code, 200, "{list}");
}

#[tokio::test]
async fn what_is_wrong_otherwise_is_said_before() {
    let policy = json!({ "metadata": { "name": "p" }, "spec": {} });
    let (code, refused) = post(&client(), &format!("{ADMISSION}/validatingadmissionpolicies"), policy).await;
    assert_eq!(code, 422, "{refused}");
}

#[tokio::test]
async fn a_new_cluster_has_its_own_objects_and_takes_others() {
    let client = client();
    for path in [
        "/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin",
        "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas/catch-all",
        "/api/v1/namespaces/default",
    ] {
        let (code, answer) = send(&client, Method::GET, path, None).await;
        assert_eq!(code, 200, "{path}: {answer}");
    }
    let (code, made) =
        post(&client, "/api/v1/namespaces/default/configmaps", json!({ "metadata": { "name": "a" } })).await;
    assert_eq!(code, 201, "{made}");
}

#[test]
fn a_file_with_rules_is_not_loaded() {
    let ruled = definition(&json!({ "type": "object", "x-kubernetes-validations": [{ "rule": "true" }] }));
    let resource = json!({
        "group": "apiextensions.k8s.io", "plural": "customresourcedefinitions",
        "objects": { "things.example.com": ruled },
    });
    let text = json!({ "format": "kubewright-fake/1", "resourceVersion": 7, "resources": [resource] }).to_string();
    let path = std::env::temp_dir().join(format!("kubewright-fake-without-cel-{}.json", std::process::id()));
    std::fs::write(&path, text).expect("a file");
    let built = FakeCluster::builder().load(&path).expect("a file that can be read").build();
    std::fs::remove_file(&path).expect("the file goes");
    let refused = built.expect_err("a file with rules").to_string();
    assert!(refused.contains("customresourcedefinitions \"things.example.com\""), "{refused}");
    assert!(refused.contains("without the feature \"cel\" of kubewright-fake or kubewright-cli"), "{refused}");
}
