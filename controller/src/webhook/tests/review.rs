//! The messages themselves.

use kubewright::json;
use serde_json::{Value, json};

use super::{config_map, creation};
use crate::webhook::v1::{AdmissionReview, ConversionReview, Operation};

#[test]
fn reviews_are_read_with_all_of_their_fields_and_written_back_as_they_were() {
    let mut sent = creation(config_map(json!({"tea": "3"})));
    sent["request"].as_object_mut().expect("an object").remove("oldObject");
    sent["request"]["newerField"] = json!({"a": 1});
    let review: AdmissionReview = json::from_str(&sent.to_string()).expect("a review");
    let request = review.request.as_ref().expect("a request");
    assert_eq!(request.operation, Operation::Create);
    assert_eq!(request.resource.resource, "configmaps");
    assert_eq!(request.user_info.extra.get("scopes").map(Vec::len), Some(2));
    assert_eq!(request.dry_run, Some(false));
    assert!(request.object.is_some() && request.old_object.is_none());
    let written: Value = serde_json::from_slice(&json::to_vec(&review).expect("JSON")).expect("JSON");
    assert_eq!(written, sent);

    let sent = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview",
        "request": {"uid": "1", "desiredAPIVersion": "a.example.com/v2", "objects": [{"a": 123456789012345678901234567890_u128.to_string()}]},
    });
    let review: ConversionReview = json::from_str(&sent.to_string()).expect("a review");
    let written: Value = serde_json::from_slice(&json::to_vec(&review).expect("JSON")).expect("JSON");
    assert_eq!(written, sent);
}

#[test]
fn an_operation_that_is_not_known_here_is_preserved() {
    let mut sent = creation(Value::Null);
    sent["request"]["operation"] = json!("EVICT");
    let review: AdmissionReview = json::from_str(&sent.to_string()).expect("a review");
    assert_eq!(review.request.expect("a request").operation.as_str(), "EVICT");
}

#[test]
fn debug_shows_no_objects() {
    let review: AdmissionReview =
        json::from_str(&creation(config_map(json!({"password": "hunter2"}))).to_string()).expect("a review");
    let shown = format!("{review:?}");
    assert!(shown.contains("configmaps") && !shown.contains("hunter2"), "{shown}");
}
