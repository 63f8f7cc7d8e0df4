//! Conversion, review by review.

use std::convert::Infallible;

use kubewright::{CustomResource, DynamicObject};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{answered, post, respond};
use crate::webhook::{Conversions, Webhooks};

fn review(to: &str, objects: Value) -> Value {
    json!({
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "ConversionReview",
        "request": {"uid": "a-uid", "desiredAPIVersion": to, "objects": objects}
    })
}

fn widget(version: &str, name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": format!("a.example.com/{version}"),
        "kind": "Widget",
        "metadata": {"name": name, "namespace": "shop", "uid": format!("uid-of-{name}"), "resourceVersion": "7"},
        "spec": spec
    })
}

#[tokio::test]
async fn all_objects_are_converted_in_order_and_the_version_is_set() {
    let webhooks = Webhooks::new().conversion("/convert", |mut object: DynamicObject, to: &str| {
        assert_eq!(to, "a.example.com/v2");
        let size: Option<u64> = object.get("spec").expect("JSON").and_then(|spec: Value| spec["size"].as_u64());
        object.set("spec", json!({"bytes": size})).expect("JSON");
        object.metadata.annotations.insert("converted", "yes");
        Ok::<_, Infallible>(object)
    });
    // The last one is of that version already.
    let objects = json!([
        widget("v1", "b", json!({"size": 1})),
        widget("v1", "a", json!({"size": 2})),
        widget("v2", "c", json!({"bytes": 12345678901234567890_u64})),
    ]);
    let response = respond(&webhooks, "/convert?timeout=30s", &review("a.example.com/v2", objects)).await;
    assert_eq!(response["result"]["status"], "Success");
    let mut wanted = json!([
        widget("v2", "b", json!({"bytes": 1})),
        widget("v2", "a", json!({"bytes": 2})),
        widget("v2", "c", json!({"bytes": 12345678901234567890_u64})),
    ]);
    for index in 0..2 {
        wanted[index]["metadata"]["annotations"] = json!({"converted": "yes"});
    }
    assert_eq!(response["convertedObjects"], wanted);
}

#[tokio::test]
async fn one_object_that_cannot_be_converted_fails_all_of_them() {
    let webhooks = Webhooks::new().conversion("/convert", |object: DynamicObject, _: &str| {
        match object.metadata.name.as_deref() {
            Some("bad") => Err("it has no size"),
            _ => Ok(object),
        }
    });
    let objects = json!([widget("v1", "good", json!({})), widget("v1", "bad", json!({}))]);
    let response = respond(&webhooks, "/convert", &review("a.example.com/v2", objects)).await;
    assert_eq!((&response["result"]["status"], &response["convertedObjects"]), (&json!("Failure"), &json!([])));
    assert_eq!(
        response["result"]["message"],
        "object 1: the Widget shop/bad cannot be converted from a.example.com/v1 to a.example.com/v2: it has no size"
    );
}

#[tokio::test]
async fn a_handler_that_changes_what_it_must_not_fails_with_the_field() {
    type Change = fn(&mut DynamicObject);
    let changes: [(&str, Change, &str); 6] = [
        ("/name", |object| object.metadata.name = Some("z".into()), "not metadata.name"),
        ("/uid", |object| object.metadata.uid = None, "not metadata.uid"),
        ("/finalizers", |object| object.metadata.finalizers.push("z".into()), "not metadata.finalizers"),
        ("/lost", |object| object.metadata = Default::default(), "not metadata."),
        ("/kind", |object| object.kind = "Gadget".into(), "the result is a Gadget"),
        ("/version", |object| object.api_version = "a.example.com/v3".into(), "the result is of a.example.com/v3"),
    ];
    let mut webhooks = Webhooks::new();
    for (path, change, _) in changes {
        webhooks = webhooks.conversion(path, move |mut object: DynamicObject, _: &str| {
            change(&mut object);
            Ok::<_, Infallible>(object)
        });
    }
    for (path, _, message) in changes {
        let objects = json!([widget("v1", "a", json!({}))]);
        let response = respond(&webhooks, path, &review("a.example.com/v2", objects)).await;
        assert_eq!(response["result"]["status"], "Failure", "{path}");
        let text = response["result"]["message"].as_str().expect("a message");
        assert!(text.contains(message), "{path}: {text}");
    }
}

#[tokio::test]
async fn what_is_no_conversion_review_is_a_bad_request() {
    let webhooks = Webhooks::new().conversion("/convert", |object: DynamicObject, _: &str| Ok::<_, Infallible>(object));
    let bare = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview"});
    let other = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"});
    for body in [bare, other] {
        assert_eq!(answered(&webhooks, post("/convert", &body)).await.status, 400, "{body}");
    }
    let broken = review("a.example.com/v2", json!([1]));
    assert_eq!(respond(&webhooks, "/convert", &broken).await["result"]["status"], "Failure");
}

#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "a.example.com", version = "v1", kind = "Widget", namespaced, struct = WidgetV1)]
struct WidgetV1Spec {
    size: String,
}

#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "a.example.com", version = "v2", kind = "Widget", namespaced, struct = WidgetV2)]
struct WidgetV2Spec {
    bytes: u64,
}

#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(group = "a.example.com", version = "v3", kind = "Widget", namespaced, struct = WidgetV3)]
struct WidgetV3Spec {
    bits: u64,
}

fn conversions() -> Conversions {
    Conversions::new()
        .between(
            |old: WidgetV1| {
                let spec = WidgetV2Spec { bytes: old.spec.size.parse()? };
                let unknown_fields = old.unknown_fields;
                Ok::<_, std::num::ParseIntError>(WidgetV2 { metadata: old.metadata, spec, unknown_fields })
            },
            |new: WidgetV2| {
                let spec = WidgetV1Spec { size: new.spec.bytes.to_string() };
                let unknown_fields = new.unknown_fields;
                Ok::<_, Infallible>(WidgetV1 { metadata: new.metadata, spec, unknown_fields })
            },
        )
        .between(
            |old: WidgetV2| {
                let spec = WidgetV3Spec { bits: old.spec.bytes * 8 };
                Ok::<_, Infallible>(WidgetV3 { metadata: old.metadata, spec, ..Default::default() })
            },
            |new: WidgetV3| {
                let spec = WidgetV2Spec { bytes: new.spec.bits / 8 };
                Ok::<_, Infallible>(WidgetV2 { metadata: new.metadata, spec, ..Default::default() })
            },
        )
}

#[tokio::test]
async fn typed_conversions_lead_through_a_hub() {
    let conversions = conversions();
    let webhooks =
        Webhooks::new().conversion("/", move |object: DynamicObject, to: &str| conversions.convert(object, to));
    let objects = json!([widget("v1", "a", json!({"size": "2"})), widget("v2", "b", json!({"bytes": 3}))]);
    let response = respond(&webhooks, "/", &review("a.example.com/v3", objects)).await;
    let wanted = json!([widget("v3", "a", json!({"bits": 16})), widget("v3", "b", json!({"bits": 24}))]);
    assert_eq!(response["convertedObjects"], wanted, "{response}");
    let back = respond(&webhooks, "/", &review("a.example.com/v1", wanted)).await;
    let wanted = json!([widget("v1", "a", json!({"size": "2"})), widget("v1", "b", json!({"size": "3"}))]);
    assert_eq!(back["convertedObjects"], wanted, "{back}");
}

#[test]
fn a_version_to_which_no_conversion_leads_and_a_conversion_that_fails_are_errors() {
    let object = |value: Value| kubewright::json::from_str::<DynamicObject>(&value.to_string()).expect("an object");
    let error =
        conversions().convert(object(widget("v1", "a", json!({"size": "2"}))), "a.example.com/v9").expect_err("none");
    assert_eq!(error.to_string(), "there is no conversion of Widget from a.example.com/v1 to a.example.com/v9");
    let error =
        conversions().convert(object(widget("v1", "a", json!({"size": "x"}))), "a.example.com/v2").expect_err("x");
    assert_eq!(error.to_string(), "invalid digit found in string");
    let mut gadget = widget("v1", "a", json!({}));
    gadget["kind"] = json!("Gadget");
    assert!(conversions().convert(object(gadget), "a.example.com/v2").is_err());
}
