//! Admission, call by call.

use std::fmt;

use http::StatusCode;
use kubewright::autoscaling::v1::Scale;
use kubewright::core::v1::{ConfigMap, Container, Pod};
use kubewright::{ByteString, DynamicObject};
use serde_json::{Value, json};

use super::{answered, config_map, creation, deletion, post, respond};
use crate::webhook::{AdmissionRequest, Decision, Denial, Mutation, Webhooks};

/// The patch in a response.
fn decoded(response: &Value) -> Value {
    assert_eq!(response["patchType"], "JSONPatch");
    let patch = ByteString::from_base64(response["patch"].as_str().expect("a patch")).expect("base64");
    serde_json::from_slice(&patch).expect("JSON")
}

#[tokio::test]
async fn a_validating_handler_sees_the_typed_objects_and_its_decision_is_the_response() {
    let webhooks = Webhooks::new().validating("/validate", |request: AdmissionRequest<ConfigMap>| async move {
        assert_eq!((request.name(), request.namespace()), ("prices", Some("shop")));
        assert_eq!((request.username(), request.groups().len()), ("admin", 1));
        assert!(!request.is_dry_run() && request.subresource().is_none());
        let object = request.object.expect("an object");
        match object.data.get("tea").map(|price| price.as_str()) {
            Some("3") => Decision::allow().warn("data.tea: cheap").audit("checked", "yes"),
            _ => Decision::deny(
                Denial::new("tea has no price")
                    .code(StatusCode::UNPROCESSABLE_ENTITY)
                    .reason("Invalid")
                    .cause("data.tea", "must be 3"),
            ),
        }
    });
    let response = respond(&webhooks, "/validate?timeout=10s", &creation(config_map(json!({"tea": "3"})))).await;
    let uid = "705ab4f5-6393-11e8-b7cc-42010a800002";
    assert_eq!(
        response,
        json!({"uid": uid, "allowed": true, "warnings": ["data.tea: cheap"], "auditAnnotations": {"checked": "yes"}})
    );
    let response = respond(&webhooks, "/validate", &creation(config_map(json!({})))).await;
    let status = json!({
        "status": "Failure", "message": "tea has no price", "reason": "Invalid", "code": 422,
        "details": {"causes": [{"reason": "FieldValueInvalid", "message": "must be 3", "field": "data.tea"}]},
    });
    assert_eq!(response, json!({"uid": uid, "allowed": false, "status": status}));
}

#[tokio::test]
async fn a_denial_is_forbidden_by_default() {
    let webhooks =
        Webhooks::new().validating("/", |_: AdmissionRequest<ConfigMap>| async { Decision::deny("not today") });
    let response = respond(&webhooks, "/", &creation(config_map(json!({})))).await;
    let status = &response["status"];
    assert_eq!(
        (&status["code"], &status["reason"], &status["message"]),
        (&json!(403), &json!("Forbidden"), &json!("not today"))
    );
}

#[tokio::test]
async fn a_mutating_handler_changes_the_object_and_the_patch_is_what_differs() {
    let webhooks = Webhooks::new().mutating("/mutate", |request: AdmissionRequest<Pod>| async move {
        let mut pod = request.object.expect("an object");
        pod.metadata.labels.insert("team", "tea");
        pod.spec.containers.insert(0, Container { name: "proxy".into(), ..Default::default() });
        pod.spec.containers[1].image = Some("example.com/app:2".into());
        Mutation::to(pod).warn("a proxy was added")
    });
    // As the API server sends it, with nulls, a field of a newer minor at each level, and a number written at length.
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "web", "creationTimestamp": null, "newer": [1, 2]},
        "spec": {
            "newer": {"z": 1, "a": 2},
            "containers": [{"name": "app", "image": "example.com/app:1", "resources": {}, "newer": "kept"}],
            "terminationGracePeriodSeconds": 30.0
        },
        "status": {},
    });
    let response = respond(&webhooks, "/mutate", &creation(pod.clone())).await;
    assert_eq!((&response["allowed"], &response["warnings"]), (&json!(true), &json!(["a proxy was added"])));
    let patch: json_patch::Patch = serde_json::from_value(decoded(&response)).expect("a patch");
    let mut patched = pod.clone();
    json_patch::patch(&mut patched, &patch).expect("it applies");
    let containers = patched["spec"]["containers"].take();
    assert_eq!((containers.as_array().map(Vec::len), &containers[0]["name"]), (Some(2), &json!("proxy")));
    let app = &containers[1];
    assert_eq!(
        (&app["name"], &app["image"], &app["newer"]),
        (&json!("app"), &json!("example.com/app:2"), &json!("kept"))
    );
    // Everything else is as it was sent.
    let mut wanted = pod;
    wanted["metadata"]["labels"] = json!({"team": "tea"});
    wanted["spec"]["containers"] = Value::Null;
    assert_eq!(patched, wanted);
}

#[tokio::test]
async fn a_handler_that_changes_nothing_sends_no_patch() {
    let webhooks = Webhooks::new()
        .mutating("/same", |request: AdmissionRequest<Pod>| async move { Mutation::to(request.object.expect("one")) })
        .mutating("/unchanged", |_: AdmissionRequest<Pod>| async { Mutation::unchanged() })
        .mutating("/denied", |_: AdmissionRequest<Pod>| async { Mutation::deny("no") });
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "creationTimestamp": null}, "spec": {"containers": null}});
    for (path, allowed) in [("/same", true), ("/unchanged", true), ("/denied", false)] {
        let response = respond(&webhooks, path, &creation(pod.clone())).await;
        assert_eq!(response["allowed"], json!(allowed), "{path}");
        assert_eq!((response.get("patch"), response.get("patchType")), (None, None), "{path}");
    }
}

#[tokio::test]
async fn a_deletion_has_the_old_object_alone() {
    let webhooks = Webhooks::new()
        .validating("/", |request: AdmissionRequest<ConfigMap>| async move {
            assert!(request.object.is_none());
            match request.old_object.expect("the old object").data.contains_key("keep") {
                true => Decision::deny("it is kept"),
                false => Decision::allow(),
            }
        })
        .mutating("/mutate", |request: AdmissionRequest<ConfigMap>| async move {
            Mutation::to(request.old_object.expect("the old object"))
        });
    let kept = respond(&webhooks, "/", &deletion(config_map(json!({"keep": ""})))).await;
    assert_eq!(kept["allowed"], json!(false));
    let deleted = respond(&webhooks, "/", &deletion(config_map(json!({})))).await;
    assert_eq!(deleted["allowed"], json!(true));
    // There is nothing that a patch could change.
    let failed = answered(&webhooks, post("/mutate", &deletion(config_map(json!({}))))).await;
    assert_eq!(failed.status, 500);
    assert_eq!(failed.text, "the webhook returned an object for a request that has none\n");
}

#[tokio::test]
async fn a_handler_of_dynamic_objects_takes_any_kind_and_one_of_a_subresource_its_kind() {
    let webhooks = Webhooks::new()
        .mutating("/any", |request: AdmissionRequest<DynamicObject>| async move {
            let mut object = request.object.expect("one");
            let mut spec: Value = object.get("spec").expect("JSON").expect("a spec");
            spec["size"] = json!(2);
            object.set("spec", spec).expect("JSON");
            Mutation::to(object)
        })
        .validating("/scale", |request: AdmissionRequest<Scale>| async move {
            match request.object.map(|scale| scale.spec.replicas) {
                Some(replicas) if replicas > 3 => Decision::deny("at most 3"),
                _ => Decision::allow(),
            }
        });
    let widget = json!({"apiVersion": "a.example.com/v1", "kind": "Widget", "metadata": {"name": "a"}, "spec": {"size": 1, "huge": 1e300}});
    let response = respond(&webhooks, "/any", &creation(widget)).await;
    assert_eq!(decoded(&response), json!([{"op": "replace", "path": "/spec/size", "value": 2}]));
    let scale =
        json!({"apiVersion": "autoscaling/v1", "kind": "Scale", "metadata": {"name": "web"}, "spec": {"replicas": 4}});
    assert_eq!(respond(&webhooks, "/scale", &creation(scale)).await["allowed"], json!(false));
}

#[tokio::test]
async fn an_object_that_cannot_be_decoded_is_denied_as_a_bad_request() {
    let webhooks = Webhooks::new()
        .validating("/validate", |_: AdmissionRequest<Pod>| async { Decision::allow() })
        .mutating("/mutate", |_: AdmissionRequest<Pod>| async { Mutation::unchanged() });
    for (path, object, message) in [
        ("/validate", config_map(json!({})), "the webhook cannot decode object as Pod: "),
        (
            "/mutate",
            json!({"apiVersion": "v1", "kind": "Pod", "spec": {"hostPID": "hunter2"}}),
            "the webhook cannot decode object as Pod: ",
        ),
    ] {
        let response = respond(&webhooks, path, &creation(object)).await;
        assert_eq!((&response["allowed"], &response["status"]["code"]), (&json!(false), &json!(400)), "{path}");
        let text = response["status"]["message"].as_str().expect("a message");
        assert!(text.starts_with(message) && !text.contains("hunter2"), "{text}");
    }
    let response = respond(&webhooks, "/validate", &deletion(config_map(json!({})))).await;
    assert!(response["status"]["message"].as_str().expect("a message").contains("oldObject"), "{response}");
}

#[derive(Debug)]
struct Failed(std::io::Error);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the price list cannot be read")
    }
}

impl std::error::Error for Failed {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

#[tokio::test]
async fn an_error_of_a_handler_is_no_decision_but_a_failure_of_the_webhook_without_its_sources() {
    let webhooks = Webhooks::new()
        .validating("/validate", |request: AdmissionRequest<ConfigMap>| async move {
            match request.object {
                Some(_) => Err(Failed(std::io::Error::other("hunter2"))),
                None => Ok(Decision::allow()),
            }
        })
        .mutating("/mutate", |_: AdmissionRequest<ConfigMap>| async {
            Err::<Mutation<ConfigMap>, _>(Failed(std::io::Error::other("hunter2")))
        });
    for path in ["/validate", "/mutate"] {
        let failed = answered(&webhooks, post(path, &creation(config_map(json!({}))))).await;
        assert_eq!((failed.status, failed.text.as_str()), (500, "the price list cannot be read\n"), "{path}");
        assert!(failed.content_type.starts_with("text/plain"));
    }
    assert_eq!(respond(&webhooks, "/validate", &deletion(config_map(json!({})))).await["allowed"], json!(true));
}
