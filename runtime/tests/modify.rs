//! Read, change, write back: what happens when somebody comes in between.
#![allow(missing_docs)]

mod support;

use http::Response;
use kubewright_runtime::meta::v1::{ObjectMeta, OwnerReference};
use kubewright_runtime::transport::Body;
use kubewright_runtime::{DynamicObject, ModifyOutcome};
use serde_json::{Value, json};
use support::{Log, Widget, api, crontabs, json, refusal, scripted, widgets};

fn stored(version: u32, uid: &str, color: &str) -> Response<Body> {
    json(
        200,
        &format!(
            r#"{{"metadata":{{"name":"a","uid":"{uid}","resourceVersion":"{version}"}},"spec":{{"color":"{color}","new":[1]}}}}"#
        ),
    )
}

fn requests(log: &Log) -> Vec<String> {
    let log = log.lock().expect("ok");
    let last = |target: &str| target.rsplit('/').next().expect("a path").to_owned();
    log.iter().map(|seen| format!("{} {}", seen.method, last(&seen.target))).collect()
}

/// What was sent, whatever the encoding.
fn body(log: &Log, index: usize) -> Value {
    let seen = &log.lock().expect("ok")[index];
    if seen.content_type.as_deref() == Some("application/json") {
        return serde_json::from_slice(&seen.body).expect("JSON");
    }
    let widget: Widget = kubewright_runtime::protobuf::from_slice(&seen.body).expect("protobuf");
    serde_json::to_value(widget).expect("JSON")
}

fn darker(widget: &mut Widget) {
    let color = widget.spec.color.take().unwrap_or_default();
    widget.spec.color = Some(format!("dark-{color}").into());
}

#[tokio::test(start_paused = true)]
async fn a_conflict_calls_the_function_again_on_what_is_there_then() {
    let conflict = || refusal(409, "Conflict");
    let script = [
        stored(1, "u", "red"),
        conflict(),
        stored(2, "u", "blue"),
        conflict(),
        stored(3, "u", "green"),
        stored(4, "u", "dark-green"),
    ];
    let (client, log) = scripted(script);
    let mut calls = 0;
    let change = |widget: &mut Widget| {
        calls += 1;
        darker(widget);
    };
    let done = widgets(&client).modify("a", change).field_manager("me").await.expect("changed");
    let ModifyOutcome::Changed(widget) = done else { panic!("{done:?}") };
    assert_eq!((widget.metadata.resource_version.as_deref(), calls), (Some("4"), 3));
    let (get, put) = ("GET a", "PUT a?fieldManager=me");
    assert_eq!(requests(&log), [get, put, get, put, get, put]);
    let wanted = json!({ "color": "dark-green", "new": [1] });
    let sent = body(&log, 5);
    assert_eq!((&sent["spec"], &sent["metadata"]["resourceVersion"]), (&wanted, &json!("3")), "unknown fields survive");
}

#[tokio::test(start_paused = true)]
async fn after_the_last_try_the_conflict_is_the_callers() {
    let script = (0..3).flat_map(|_| [stored(1, "u", "red"), refusal(409, "Conflict")]);
    let (client, log) = scripted(script);
    let error = widgets(&client).modify("a", darker).max_attempts(3).await.expect_err("conflicts");
    assert!(error.is_conflict(), "{error}");
    let source = std::error::Error::source(&error).expect("a source").to_string();
    assert!(source.contains("gave up after 3 conflicts"), "{source}");
    assert_eq!(requests(&log).len(), 6);
}

#[tokio::test]
async fn a_function_that_changes_nothing_sends_nothing() {
    let (client, log) = scripted([stored(1, "u", "red")]);
    let change = |widget: &mut Widget| widget.spec.color = Some("red".into());
    let done = widgets(&client).modify("a", change).await.expect("unchanged");
    assert!(
        matches!(&done, ModifyOutcome::Unchanged(widget) if widget.spec.color.as_deref() == Some("red")),
        "{done:?}"
    );
    assert_eq!(requests(&log), ["GET a"]);
}

#[tokio::test]
async fn a_function_that_fails_writes_nothing_and_its_error_is_the_source() {
    let (client, log) = scripted([stored(1, "u", "red")]);
    let change = |widget: &mut Widget| {
        darker(widget);
        Err::<(), _>(std::fmt::Error)
    };
    let error = widgets(&client).modify("a", change).await.expect_err("given up");
    assert!(error.is_aborted() && error.to_string().contains("Widget shop/a"), "{error}");
    assert!(std::error::Error::source(&error).is_some_and(|source| source.is::<std::fmt::Error>()));
    assert_eq!(requests(&log), ["GET a"]);
}

#[tokio::test]
async fn an_object_that_is_not_there_is_an_error() {
    let (client, log) = scripted([refusal(404, "NotFound")]);
    let error = widgets(&client).modify("a", darker).await.expect_err("none");
    assert!(error.is_not_found(), "{error}");
    assert_eq!(requests(&log), ["GET a"]);

    // Deleted between the read and the write.
    let (client, log) = scripted([stored(1, "u", "red"), refusal(404, "NotFound")]);
    let error = widgets(&client).modify("a", darker).await.expect_err("none");
    assert!(error.is_not_found(), "{error}");
    assert_eq!(requests(&log), ["GET a", "PUT a"]);
}

#[tokio::test]
async fn one_that_is_not_there_is_created_changed_in_the_same_way() {
    let (client, log) = scripted([refusal(404, "NotFound"), stored(1, "u", "dark-red")]);
    let red = || support::widget("a", "red");
    let done = widgets(&client).modify("a", darker).or_create(red).field_manager("me").await.expect("created");
    assert!(matches!(done, ModifyOutcome::Created(_)), "{done:?}");
    assert_eq!(requests(&log), ["GET a", "POST widgets?fieldManager=me"]);
    assert_eq!(body(&log, 1)["spec"]["color"], "dark-red");

    // The name need not be said twice.
    let (client, log) = scripted([refusal(404, "NotFound"), stored(1, "u", "dark-")]);
    widgets(&client).modify("a", darker).or_create(Widget::default).await.expect("created");
    assert_eq!(body(&log, 1)["metadata"]["name"], "a");
}

#[tokio::test(start_paused = true)]
async fn one_that_somebody_creates_first_is_changed() {
    let script =
        [refusal(404, "NotFound"), refusal(409, "AlreadyExists"), stored(1, "u", "blue"), stored(2, "u", "dark-blue")];
    let (client, log) = scripted(script);
    let red = || support::widget("a", "red");
    let done = widgets(&client).modify("a", darker).or_create(red).await.expect("changed");
    assert!(matches!(done, ModifyOutcome::Changed(_)), "{done:?}");
    assert_eq!(requests(&log), ["GET a", "POST widgets", "GET a", "PUT a"]);
    assert_eq!(body(&log, 3)["spec"]["color"], "dark-blue");
}

#[tokio::test(start_paused = true)]
async fn one_that_is_deleted_in_between_is_created() {
    let script =
        [stored(1, "u", "blue"), refusal(404, "NotFound"), refusal(404, "NotFound"), stored(9, "v", "dark-red")];
    let (client, log) = scripted(script);
    let red = || support::widget("a", "red");
    let done = widgets(&client).modify("a", darker).or_create(red).await.expect("created");
    assert!(matches!(done, ModifyOutcome::Created(_)), "{done:?}");
    assert_eq!(requests(&log), ["GET a", "PUT a", "GET a", "POST widgets"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_is_made_anew_in_between_is_what_the_function_gets() {
    let script =
        || [stored(1, "u", "red"), refusal(409, "Conflict"), stored(7, "v", "blue"), stored(8, "v", "dark-blue")];
    let (client, log) = scripted(script());
    widgets(&client).modify("a", darker).await.expect("changed");
    assert_eq!(body(&log, 1)["metadata"]["uid"], "u", "the server is told which object is meant");
    assert_eq!(body(&log, 3)["metadata"]["uid"], "v");

    // A function that means one object says so.
    let (client, log) = scripted(script());
    let mut meant = None;
    let change = |widget: &mut Widget| {
        if *meant.get_or_insert_with(|| widget.metadata.uid.clone()) != widget.metadata.uid {
            return Err("it is another one");
        }
        darker(widget);
        Ok(())
    };
    assert!(widgets(&client).modify("a", change).await.expect_err("another").is_aborted());
    assert_eq!(requests(&log), ["GET a", "PUT a", "GET a"]);
}

#[tokio::test]
async fn what_the_change_is_based_on_is_not_the_functions_to_change() {
    let (client, log) = scripted([stored(1, "u", "red"), stored(2, "u", "dark-red")]);
    let change = |widget: &mut Widget| {
        widget.metadata.resource_version = None;
        darker(widget);
    };
    widgets(&client).modify("a", change).await.expect("changed");
    assert_eq!(body(&log, 1)["metadata"]["resourceVersion"], "1");

    let (client, log) = scripted([stored(1, "u", "red")]);
    let change = |widget: &mut Widget| widget.metadata.name = Some("b".into());
    let error = widgets(&client).modify("a", change).await.expect_err("another name");
    assert!(error.is_build() && error.to_string().contains("\"b\""), "{error}");
    assert_eq!(requests(&log), ["GET a"]);
}

#[tokio::test]
async fn other_refusals_and_lost_answers_are_not_repeated() {
    let (client, log) = scripted([stored(1, "u", "red"), refusal(422, "Invalid")]);
    assert!(widgets(&client).modify("a", darker).await.expect_err("invalid").is_invalid());
    assert_eq!(requests(&log), ["GET a", "PUT a"]);

    let (client, log) = scripted([stored(1, "u", "red")]);
    assert!(widgets(&client).modify("a", darker).await.expect_err("lost").is_connection());
    assert_eq!(requests(&log), ["GET a", "PUT a"]);
}

fn crontab(status: &str) -> Response<Body> {
    json(200, &format!(r#"{{"metadata":{{"name":"a","resourceVersion":"1"}},"spec":{{"x":1}},"status":{status}}}"#))
}

#[tokio::test]
async fn a_status_is_changed_by_itself() {
    let (client, log) = scripted([crontab("{}"), crontab(r#"{"runs":1}"#)]);
    let change = |crontab: &mut DynamicObject| crontab.set("status", json!({ "runs": 1 }));
    api(&client).modify_subresource("a", "status", change).await.expect("changed");
    assert_eq!(requests(&log), ["GET a", "PUT status"]);
    assert_eq!(body(&log, 1)["status"], json!({ "runs": 1 }));
}

#[tokio::test]
async fn what_a_write_to_the_status_would_drop_is_an_error() {
    let (client, log) = scripted([crontab("{}")]);
    let change = |crontab: &mut DynamicObject| crontab.set("spec", json!({ "x": 2 }));
    let error = api(&client).modify_subresource("a", "status", change).await.expect_err("dropped");
    assert!(error.is_build() && error.to_string().contains("\"spec\""), "{error}");
    assert_eq!(requests(&log), ["GET a"]);

    type Change = fn(&mut ObjectMeta);
    let changes: [(&str, Change); 4] = [
        ("labels", |metadata| drop(metadata.labels.insert("a", "b"))),
        ("annotations", |metadata| drop(metadata.annotations.insert("a", "b"))),
        ("finalizers", |metadata| metadata.finalizers.push("example.com/a".into())),
        ("ownerReferences", |metadata| {
            metadata.owner_references.push(OwnerReference { name: "b".into(), ..Default::default() })
        }),
    ];
    for (field, change) in changes {
        let mut metadata = ObjectMeta::default();
        change(&mut metadata);
        let change = |crontab: &mut DynamicObject| {
            let of = &mut crontab.metadata;
            of.labels.clone_from(&metadata.labels);
            of.annotations.clone_from(&metadata.annotations);
            of.finalizers.clone_from(&metadata.finalizers);
            of.owner_references.clone_from(&metadata.owner_references);
        };
        for subresource in ["status", "ephemeralcontainers", "resize"] {
            let (client, log) = scripted([crontab("{}")]);
            let error = api(&client).modify_subresource("a", subresource, change).await.expect_err("dropped");
            assert!(error.is_build() && error.to_string().contains(&format!("metadata.{field}")), "{error}");
            assert_eq!(requests(&log), ["GET a"]);
        }
        // Of these it is stored.
        for subresource in ["approval", "finalize"] {
            let (client, log) = scripted([crontab("{}"), crontab("{}")]);
            api(&client).modify_subresource("a", subresource, change).await.expect("changed");
            assert_eq!(requests(&log).len(), 2);
        }
    }

    for subresource in ["ephemeralcontainers", "resize"] {
        let (client, _) = scripted([crontab("{}")]);
        let change = |crontab: &mut DynamicObject| crontab.set("status", json!({ "runs": 1 }));
        let error = api(&client).modify_subresource("a", subresource, change).await.expect_err("dropped");
        assert!(error.is_build() && error.to_string().contains("\"status\""), "{error}");
    }

    let (client, log) = scripted([refusal(404, "NotFound")]);
    let make = || DynamicObject::new(&crontabs(), "a");
    let request = api(&client).modify_subresource("a", "status", |_| ()).or_create(make);
    assert!(request.await.expect_err("whole").is_build());
    assert_eq!(requests(&log), ["GET a"]);
}
