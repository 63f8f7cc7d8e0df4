//! Statuses: what is sent, and when nothing is.

use kubewright::meta::v1::{ManagedFieldsEntry, ObjectMeta};
use kubewright::policy::v1::PodDisruptionBudget;
use kubewright::runtime::FieldsV1;
use kubewright::types::Time;
use kubewright::{Api, json as codec};
use serde_json::{Value, json};

use super::{ConditionUpdate, StatusError, StatusOutcome, StatusUpdate, condition};
use crate::testing::{self, ScriptedApi};

const MANAGER: &str = "shop-operator";

/// A budget of generation 7 with this status.
fn object(status: &Value) -> PodDisruptionBudget {
    let mut object: PodDisruptionBudget =
        codec::from_str(&json!({ "status": status }).to_string()).expect("a PodDisruptionBudget");
    object.metadata = ObjectMeta::named("web").in_namespace("shop");
    (object.metadata.uid, object.metadata.generation) = (Some("one".into()), Some(7));
    object
}

/// Same, with managed fields: those of the status that our manager owns.
fn managed(status: &Value, own: &Value) -> PodDisruptionBudget {
    let mut object = object(status);
    object.metadata.managed_fields.push(ManagedFieldsEntry {
        manager: Some(MANAGER.into()),
        operation: Some("Apply".into()),
        api_version: Some("policy/v1".into()),
        time: Some(Time::from_unix(1, 0)),
        fields_type: Some("FieldsV1".into()),
        fields_v1: Some(FieldsV1::from_text(json!({ "f:status": own }).to_string()).expect("JSON")),
        subresource: Some("status".into()),
        ..Default::default()
    });
    object
}

fn ready(since: &str, message: &str) -> Value {
    json!({ "type": "Available", "status": "True", "reason": "All", "message": message, "lastTransitionTime": since,
        "observedGeneration": 7 })
}

/// Applies an update. Returns what was sent, if anything.
async fn sent(update: StatusUpdate<'_, PodDisruptionBudget>) -> Option<Value> {
    let server = ScriptedApi::new();
    server.respond(|request| (request.method == "PATCH").then(|| testing::json(200, &request.json())));
    let outcome = update.apply(&Api::namespaced(&server.client(), "shop")).await.expect("applied");
    let requests = server.requests();
    assert_eq!(matches!(outcome, StatusOutcome::Applied(_)), !requests.is_empty());
    let [request] = &requests[..] else {
        assert!(requests.is_empty(), "{requests:?}");
        return None;
    };
    assert_eq!(request.path, "/apis/policy/v1/namespaces/shop/poddisruptionbudgets/web/status");
    assert_eq!(request.content_type, "application/apply-patch+yaml");
    assert!(request.query.contains("fieldManager=shop-operator") && request.query.contains("force=true"));
    Some(request.json())
}

#[tokio::test]
async fn what_is_sent_names_the_object_and_has_the_fields_and_conditions_alone() {
    let object = object(&json!({ "expectedPods": 9 }));
    let update = StatusUpdate::of(&object, MANAGER).fields(json!({ "currentHealthy": 2, "expectedPods": null }));
    let update = update.observed_generation().condition(ConditionUpdate::unknown("Available").message("no idea"));
    let mut sent = sent(update).await.expect("a request");
    let since = sent["status"]["conditions"][0]["lastTransitionTime"].take();
    let age = Time::now().unix_seconds() - Time::parse(since.as_str().expect("a text")).expect("a time").unix_seconds();
    assert!((0..60).contains(&age), "{age}");
    assert_eq!(
        sent,
        json!({ "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": { "name": "web", "namespace": "shop", "uid": "one" },
            "status": { "currentHealthy": 2, "observedGeneration": 7, "conditions": [
                { "type": "Available", "status": "Unknown", "reason": "Available", "message": "no idea",
                  "lastTransitionTime": null, "observedGeneration": 7 }] } })
    );
}

#[tokio::test]
async fn the_time_of_the_last_transition_changes_with_the_status_alone() {
    let long_ago = "2020-01-01T00:00:00Z";
    let object = object(&json!({ "conditions": [ready(long_ago, "3 of 3")] }));
    let update = |is_true| {
        let condition = ConditionUpdate::new("Available", is_true).reason("Other").message("other");
        sent(StatusUpdate::of(&object, MANAGER).condition(condition))
    };
    let since = |sent: Option<Value>| sent.expect("a request")["status"]["conditions"][0]["lastTransitionTime"].clone();
    assert_eq!(since(update(true).await), long_ago);
    assert_ne!(since(update(false).await), long_ago);
}

#[tokio::test]
async fn nothing_is_sent_if_the_object_has_the_status_already() {
    let since = "2020-01-01T00:00:00Z";
    let progressing = json!({ "type": "Progressing", "status": "False", "reason": "Progressing", "message": "",
        "lastTransitionTime": since, "observedGeneration": 7 });
    let status = json!({ "currentHealthy": 3, "conditions": [ready(since, "m"), progressing] });
    async fn update(object: &PodDisruptionBudget, healthy: i32, message: &str) -> Option<Value> {
        // In another order.
        let update = StatusUpdate::of(object, MANAGER).condition(ConditionUpdate::new("Progressing", false));
        let available = ConditionUpdate::new("Available", true).reason("All").message(message);
        sent(update.condition(available).fields(json!({ "currentHealthy": healthy }))).await
    }
    let condition = json!({ ".": {}, "f:type": {}, "f:status": {}, "f:reason": {}, "f:message": {},
        "f:lastTransitionTime": {}, "f:observedGeneration": {} });
    let own = json!({ "f:currentHealthy": {}, "f:conditions": {
        "k:{\"type\":\"Available\"}": condition, "k:{\"type\":\"Progressing\"}": condition } });
    for object in [object(&status), managed(&status, &own)] {
        assert_eq!(update(&object, 3, "m").await, None);
        assert!(update(&object, 2, "m").await.is_some());
        assert!(update(&object, 3, "n").await.is_some());
        let mut newer = object.clone();
        newer.metadata.generation = Some(8);
        assert!(update(&newer, 3, "m").await.is_some(), "another generation was observed");
    }
}

#[tokio::test]
async fn with_managed_fields_what_others_own_does_not_matter_and_what_is_no_longer_sent_does() {
    let own = json!({ "f:currentHealthy": {} });
    let with_another = managed(&json!({ "currentHealthy": 3, "expectedPods": 4 }), &own);
    assert_eq!(sent(StatusUpdate::of(&with_another, MANAGER).fields(json!({ "currentHealthy": 3 }))).await, None);
    let own = json!({ "f:currentHealthy": {}, "f:expectedPods": {} });
    let both = managed(&json!({ "currentHealthy": 3, "expectedPods": 4 }), &own);
    let sent = sent(StatusUpdate::of(&both, MANAGER).fields(json!({ "currentHealthy": 3 }))).await;
    assert_eq!(sent.expect("a request")["status"], json!({ "currentHealthy": 3 }), "expectedPods are given up");
}

#[tokio::test]
async fn without_managed_fields_a_status_that_is_shared_is_sent_each_time() {
    let shared = object(&json!({ "currentHealthy": 3, "expectedPods": 4 }));
    assert!(sent(StatusUpdate::of(&shared, MANAGER).fields(json!({ "currentHealthy": 3 }))).await.is_some());
}

#[tokio::test]
async fn fields_that_are_no_status_are_an_error_before_any_request() {
    let (object, server) = (object(&json!({})), ScriptedApi::new());
    let api = Api::namespaced(&server.client(), "shop");
    let error = StatusUpdate::of(&object, MANAGER).fields(3).fields(json!({})).apply(&api).await.expect_err("a number");
    assert!(matches!(error, StatusError::NotAnObject), "{error}");
    let update = StatusUpdate::of(&object, MANAGER).fields(json!({ "currentHealthy": "three" }));
    let error = update.apply(&api).await.expect_err("a text");
    assert!(matches!(error, StatusError::Encode(_)), "{error}");
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn the_error_of_a_request_is_in_the_chain_of_errors_once() {
    let (object, server) = (object(&json!({})), ScriptedApi::new());
    server.respond(|_| Some(testing::status(403, "Forbidden")));
    let update = StatusUpdate::of(&object, MANAGER).fields(json!({ "currentHealthy": 3 }));
    let error = update.apply(&Api::namespaced(&server.client(), "shop")).await.expect_err("forbidden");
    assert!(matches!(&error, StatusError::Request(error) if error.is_forbidden()), "{error}");
    let chain = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
    let texts: Vec<_> = chain.map(ToString::to_string).collect();
    assert!(texts[0].contains("403") && texts[1..].iter().all(|text| *text != texts[0]), "{texts:?}");
}

#[test]
fn a_condition_is_found_by_its_type() {
    let object = object(&json!({ "conditions": [ready("2020-01-01T00:00:00Z", "m")] }));
    assert_eq!(condition(&object, "Available").expect("a condition").message, "m");
    assert_eq!(condition(&object, "Progressing"), None);
}
