//! Events as a server gets them, under a virtual clock.

use std::time::Duration;

use kubewright::core::v1::{ConfigMap, ObjectReference};
use kubewright::meta::v1::ObjectMeta;
use serde_json::{Value, json};
use tokio::time::{advance, sleep};

use super::series::{FINISH_AFTER, MAX_EVENTS, REFRESH_AFTER};
use super::{EventType, Recorder, reference};
use crate::testing::{self, ScriptedApi};

const MINUTE: Duration = Duration::from_secs(60);

/// A server that accepts everything.
fn accepting() -> ScriptedApi {
    let server = ScriptedApi::new();
    server.respond(|request| (request.method == "POST").then(|| testing::json(201, &request.json())));
    server.respond(|request| (request.method == "PATCH").then(|| testing::json(200, &json!({}))));
    server
}

fn recorder(server: &ScriptedApi) -> Recorder {
    Recorder::builder(&server.client(), "shop-operator").instance("pod-1").spawn()
}

fn map(name: &str) -> ObjectReference {
    let mut map = ConfigMap { metadata: ObjectMeta::named(name).in_namespace("shop"), ..Default::default() };
    (map.metadata.uid, map.metadata.resource_version) = (Some(format!("uid of {name}").into()), Some("5".into()));
    reference(&map)
}

/// The methods of the writes so far, and the count of the series in each.
fn writes(server: &ScriptedApi) -> Vec<(String, Option<i64>)> {
    let writes = server.writes().into_iter();
    writes.map(|request| (request.method.to_string(), request.json()["series"]["count"].as_i64())).collect()
}

fn post(count: Option<i64>) -> (String, Option<i64>) {
    ("POST".to_owned(), count)
}

fn patched(count: i64) -> (String, Option<i64>) {
    ("PATCH".to_owned(), Some(count))
}

#[tokio::test(start_paused = true)]
async fn an_event_has_what_the_server_requires() {
    let server = accepting();
    let events = recorder(&server);
    events.record(EventType::Warning, map("a"), Some(map("b")), "NoRoom", "Scale", "no node has room");
    events.flush().await;
    let writes = server.writes();
    assert_eq!(writes[0].path, "/apis/events.k8s.io/v1/namespaces/shop/events");
    let mut event = writes[0].json();
    let (name, time) = (event["metadata"]["name"].take(), event["eventTime"].take());
    assert!(name.as_str().is_some_and(|name| name.starts_with("a.")), "{name}");
    assert!(time.as_str().is_some_and(|time| time.ends_with('Z')), "{time}");
    let object = |name: &str| {
        json!({ "apiVersion": "v1", "kind": "ConfigMap", "namespace": "shop", "name": name,
            "uid": format!("uid of {name}"), "resourceVersion": "5" })
    };
    for (field, value) in [
        ("apiVersion", json!("events.k8s.io/v1")),
        ("kind", json!("Event")),
        ("type", json!("Warning")),
        ("reason", json!("NoRoom")),
        ("action", json!("Scale")),
        ("note", json!("no node has room")),
        ("reportingController", json!("shop-operator")),
        ("reportingInstance", json!("pod-1")),
        ("regarding", object("a")),
        ("related", object("b")),
        ("series", Value::Null),
    ] {
        assert_eq!(event[field], value, "{field}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_too_long_is_cut_and_a_missing_action_is_the_reason() {
    let server = accepting();
    let events = recorder(&server);
    events.normal(map("a"), &"r".repeat(200), "", "ö".repeat(1000));
    events.flush().await;
    let event = server.writes()[0].json();
    let length = |field: &str| event[field].as_str().map(str::len);
    assert_eq!([length("reason"), length("action"), length("note")], [Some(128), Some(128), Some(1023)]);
}

#[tokio::test(start_paused = true)]
async fn an_event_of_a_cluster_scoped_object_is_in_the_default_namespace() {
    let server = accepting();
    let events = recorder(&server);
    let mut node = map("n1");
    node.namespace = None;
    events.normal(node, "Seen", "Look", "");
    events.flush().await;
    assert_eq!(server.writes()[0].path, "/apis/events.k8s.io/v1/namespaces/default/events");
}

#[tokio::test(start_paused = true)]
async fn the_second_time_makes_a_series_and_later_ones_are_counted_until_it_ends() {
    let server = accepting();
    let events = recorder(&server);
    for note in ["first", "second", "third", "fourth"] {
        let mut changed = map("a");
        changed.resource_version = Some(note.into());
        events.normal(changed, "Scaled", "Scale", note);
        sleep(MINUTE).await;
    }
    assert_eq!(writes(&server), [post(None), patched(2)]);
    let name = server.writes()[0].json()["metadata"]["name"].as_str().map(str::to_owned).expect("a name");
    assert!(server.writes()[1].path.ends_with(&name), "the same event");
    sleep(FINISH_AFTER + MINUTE).await;
    assert_eq!(writes(&server)[2..], [patched(4)], "the final count");
    sleep(REFRESH_AFTER * 2).await;
    assert_eq!(writes(&server).len(), 3, "it has ended");
    events.normal(map("a"), "Scaled", "Scale", "once more");
    events.flush().await;
    assert_eq!(writes(&server)[3..], [post(None)], "another one begins");
}

#[tokio::test(start_paused = true)]
async fn a_series_that_goes_on_is_written_every_half_hour() {
    let server = accepting();
    let events = recorder(&server);
    for _ in 0..70 {
        events.normal(map("a"), "Scaled", "Scale", "");
        sleep(MINUTE).await;
    }
    let writes = writes(&server);
    assert_eq!(writes[..2], [post(None), patched(2)]);
    let counts: Vec<_> = writes[2..].iter().filter_map(|(_, count)| *count).collect();
    assert_eq!(counts.len(), 2, "{writes:?}");
    assert!((30..=34).contains(&counts[0]) && (60..=66).contains(&counts[1]), "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn events_that_differ_in_object_type_reason_action_or_related_object_are_no_series() {
    let server = accepting();
    let events = recorder(&server);
    events.normal(map("a"), "Scaled", "Scale", "");
    events.normal(map("b"), "Scaled", "Scale", "");
    events.warning(map("a"), "Scaled", "Scale", "");
    events.normal(map("a"), "Other", "Scale", "");
    events.normal(map("a"), "Scaled", "Other", "");
    events.record(EventType::Normal, map("a"), Some(map("c")), "Scaled", "Scale", "");
    events.flush().await;
    assert_eq!(writes(&server), vec![post(None); 6]);
    let names: std::collections::BTreeSet<_> =
        server.writes().iter().map(|request| request.json()["metadata"]["name"].to_string()).collect();
    assert_eq!(names.len(), 6, "{names:?}");
}

#[tokio::test(start_paused = true)]
async fn a_series_whose_event_has_expired_is_created_again() {
    let server = accepting();
    let events = recorder(&server);
    events.normal(map("a"), "Scaled", "Scale", "");
    events.flush().await;
    server.respond(|request| (request.method == "PATCH").then(|| testing::status(404, "NotFound")));
    events.normal(map("a"), "Scaled", "Scale", "");
    events.flush().await;
    assert_eq!(writes(&server), [post(None), patched(2), post(Some(2))]);
}

#[tokio::test(start_paused = true)]
async fn while_the_server_cannot_be_reached_events_are_counted_and_written_later() {
    let server = accepting();
    server.respond(|request| (request.method == "POST").then(|| testing::status(503, "ServiceUnavailable")));
    let events = recorder(&server);
    for _ in 0..5 {
        events.normal(map("a"), "Scaled", "Scale", "");
        sleep(Duration::from_millis(100)).await;
    }
    server.respond(|request| (request.method == "POST").then(|| testing::json(201, &request.json())));
    events.flush().await;
    assert_eq!(writes(&server).last(), Some(&post(Some(5))));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_the_server_rejects_does_not_hold_up_the_next() {
    let server = accepting();
    server.respond(|request| (request.json()["reason"] == "Bad").then(|| testing::status(403, "Forbidden")));
    let events = recorder(&server);
    events.normal(map("a"), "Bad", "Scale", "");
    events.normal(map("a"), "Good", "Scale", "");
    events.normal(map("a"), "", "Scale", "no reason");
    events.flush().await;
    let reasons: Vec<_> = server.writes().iter().map(|request| request.json()["reason"].clone()).collect();
    assert_eq!(reasons, ["Bad", "Good"]);
}

#[tokio::test(start_paused = true)]
async fn events_are_dropped_and_nothing_waits_if_too_many_cannot_be_written() {
    let server = accepting();
    server.respond(|_| Some(testing::status(503, "ServiceUnavailable")));
    let events = recorder(&server);
    for number in 0..MAX_EVENTS + 100 {
        events.normal(map(&number.to_string()), "Scaled", "Scale", "");
    }
    assert_eq!(events.dropped(), 100, "the task had no turn yet");
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_is_written_when_the_recorder_is_dropped() {
    let server = accepting();
    let events = recorder(&server);
    for _ in 0..3 {
        events.normal(map("a"), "Scaled", "Scale", "");
        advance(Duration::from_secs(1)).await;
        sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(writes(&server), [post(None), patched(2)]);
    drop(events);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(writes(&server)[2..], [patched(3)]);
}

#[tokio::test(start_paused = true)]
async fn memory_is_bounded_by_forgetting_the_oldest_events() {
    use super::event::Recorded;
    use super::series::Series;
    use tokio::time::Instant;
    let mut series = Series::new("c".into(), "i".into());
    for number in 0..MAX_EVENTS * 2 {
        let recorded = Recorded {
            regarding: map(&number.to_string()),
            related: None,
            type_: EventType::Normal,
            reason: "Scaled".into(),
            action: "Scale".into(),
            note: String::new(),
            time: kubewright::types::MicroTime::now(),
        };
        assert!(series.add(recorded, Instant::now()), "{number}");
        let (key, _, count) = series.next().expect("an event to be written");
        series.written(&key, count, Instant::now());
    }
    assert_eq!(series.len(), MAX_EVENTS);
}
