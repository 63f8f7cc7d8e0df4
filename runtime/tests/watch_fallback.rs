//! What is in protobuf and comes upon what only JSON can carry, or upon a server that declines: watches above all.
#![allow(missing_docs)]

mod support;

use futures_util::TryStreamExt as _;
use http::Response;
use kubewright_runtime::meta::v1::Status;
use kubewright_runtime::transport::Body;
use kubewright_runtime::watch::ListWatchEvent;
use kubewright_runtime::{WatchEvent, json as codec, protobuf};
use support::{Seen, Widget, json as json_response, refusal, scripted, widget, widgets};

const JSON: Option<&str> = Some("application/json");

/// A field of bytes: every length here is below 128.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    assert!(bytes.len() < 128, "one byte tells the length");
    [&[number << 3 | 2, bytes.len() as u8], bytes].concat()
}

fn frame(kind: &str, envelope: &[u8]) -> Vec<u8> {
    let event = [field(1, kind.as_bytes()), field(2, &field(1, envelope))].concat();
    [&(event.len() as u32).to_be_bytes()[..], &event].concat()
}

fn good(kind: &str, name: &str, version: &str) -> Vec<u8> {
    let mut object = widget(name, "red");
    object.metadata.resource_version = Some(version.into());
    frame(kind, &protobuf::to_vec(&object).expect("protobuf"))
}

/// An object that came in an encoding that is not read here.
fn foreign() -> Vec<u8> {
    frame("MODIFIED", &[&b"k8s\0"[..], &field(2, b"x"), &field(4, b"application/cbor")].concat())
}

fn watch(frames: &[Vec<u8>]) -> Response<Body> {
    let answer = Response::builder().header("content-type", "application/vnd.kubernetes.protobuf;stream=watch");
    answer.body(Body::from(frames.concat())).expect("a response")
}

/// The server's word in a watch that it does not give protobuf.
fn declines() -> Vec<u8> {
    let status = Status { code: Some(406), reason: Some("NotAcceptable".into()), ..Status::default() };
    frame("ERROR", &protobuf::to_vec(&status).expect("protobuf"))
}

fn bookmark(version: &str, end: bool) -> Vec<u8> {
    let mut object = Widget::default();
    object.metadata.resource_version = Some(version.into());
    if end {
        object.metadata.annotations.insert("k8s.io/initial-events-end", "true");
    }
    frame("BOOKMARK", &protobuf::to_vec(&object).expect("protobuf"))
}

fn json() -> Response<Body> {
    let line = r#"{"type":"MODIFIED","object":{"metadata":{"name":"b","resourceVersion":"9"}}}"#;
    Response::builder().header("content-type", "application/json").body(Body::from(line)).expect("a response")
}

fn names(events: &[WatchEvent<Widget>]) -> Vec<&str> {
    events.iter().filter_map(|event| event.object()?.metadata.name.as_deref()).collect()
}

/// What each request accepted.
fn accepted(log: &[Seen]) -> Vec<bool> {
    log.iter().map(|seen| seen.accept.as_deref() == JSON).collect()
}

#[tokio::test]
async fn a_watch_is_opened_again_in_json_from_where_it_was() {
    let (client, log) = scripted([watch(&[good("MODIFIED", "a", "8"), foreign()]), json()]);
    let events = widgets(&client).watch().resource_version("7").await.expect("a watch");
    let events: Vec<_> = events.try_collect().await.expect("events");
    assert_eq!(names(&events), ["a", "b"]);
    let log = log.lock().expect("ok");
    assert!(log[1].target.ends_with("?watch=true&resourceVersion=8"), "{}", log[1].target);
    assert_eq!(log[1].accept.as_deref(), Some("application/json"));
}

#[tokio::test]
async fn the_version_is_known_though_it_is_left_out_of_objects() {
    let (client, log) = scripted([watch(&[good("MODIFIED", "a", "8"), foreign()]), json()]);
    let watch = widgets(&client).watch().resource_version("7").drop_fields(&[".metadata.resourceVersion"]);
    let events: Vec<_> = watch.await.expect("a watch").try_collect().await.expect("events");
    assert_eq!(names(&events), ["a", "b"]);
    assert!(log.lock().expect("ok")[1].target.ends_with("resourceVersion=8"));
}

#[tokio::test]
async fn among_what_was_there_at_the_beginning_it_is_an_error_and_the_next_watch_is_in_json() {
    let (client, log) = scripted([watch(&[good("ADDED", "a", "8"), foreign()]), json()]);
    let events = widgets(&client).watch().await.expect("a watch").try_collect::<Vec<_>>().await;
    assert!(events.expect_err("no version to resume from").is_decode());
    let events: Vec<_> = widgets(&client).watch().await.expect("a watch").try_collect().await.expect("events");
    assert_eq!(names(&events), ["b"]);
    assert_eq!(log.lock().expect("ok")[1].accept.as_deref(), Some("application/json"));
}

#[tokio::test]
async fn a_server_that_declines_in_mid_stream_is_asked_again_in_json_from_where_the_watch_was() {
    let (client, log) = scripted([watch(&[good("MODIFIED", "a", "8"), declines()]), json(), json()]);
    let events = widgets(&client).watch().resource_version("7").await.expect("a watch");
    let events: Vec<_> = events.try_collect().await.expect("events");
    assert_eq!(names(&events), ["a", "b"]);
    drop(widgets(&client).watch().await.expect("a watch, in JSON from the start"));
    let log = log.lock().expect("ok");
    assert!(log[1].target.ends_with("?watch=true&resourceVersion=8"), "{}", log[1].target);
    assert_eq!(accepted(&log), [false, true, true]);
}

#[tokio::test]
async fn so_it_is_though_the_server_gave_json_from_the_start() {
    let lines = [
        r#"{"type":"MODIFIED","object":{"metadata":{"name":"a","resourceVersion":"8"}}}"#,
        r#"{"type":"ERROR","object":{"kind":"Status","status":"Failure","code":406}}"#,
    ];
    let (client, log) = scripted([json_response(200, &lines.join("\n")), json()]);
    let events = widgets(&client).watch().resource_version("7").await.expect("a watch");
    let events: Vec<_> = events.try_collect().await.expect("events");
    assert_eq!(names(&events), ["a", "b"]);
    let log = log.lock().expect("ok");
    assert!(log[1].target.ends_with("?watch=true&resourceVersion=8"), "{}", log[1].target);
    assert_eq!(accepted(&log), [false, true]);
}

#[tokio::test]
async fn a_watch_goes_on_from_a_bookmark_if_that_came_last() {
    let (client, log) = scripted([watch(&[good("MODIFIED", "a", "8"), bookmark("12", false), foreign()]), json()]);
    let events = widgets(&client).watch().resource_version("7").bookmarks().await.expect("a watch");
    let events: Vec<_> = events.try_collect().await.expect("events");
    assert_eq!(names(&events), ["a", "b"]);
    let target = &log.lock().expect("ok")[1].target;
    assert!(target.ends_with("?watch=true&allowWatchBookmarks=true&resourceVersion=12"), "{target}");
}

#[tokio::test]
async fn a_refusal_of_the_watch_in_json_is_its_last_item() {
    let (client, log) = scripted([watch(&[good("MODIFIED", "a", "8"), foreign()]), refusal(410, "Expired")]);
    let mut events = widgets(&client).watch().resource_version("7").await.expect("a watch");
    assert_eq!(names(&[events.try_next().await.expect("an event").expect("not the end")]), ["a"]);
    let error = events.try_next().await.expect_err("refused");
    assert!(error.is_expired() && error.operation().is_some_and(|it| it.path.ends_with("widgets")), "{error}");
    assert!(events.try_next().await.expect("nothing more").is_none());
    assert_eq!(accepted(&log.lock().expect("ok")), [false, true]);
}

#[tokio::test]
async fn after_its_list_a_watch_goes_on_in_json_and_nothing_is_listed_again() {
    let began = [good("ADDED", "a", "5"), bookmark("7", true), good("MODIFIED", "a", "8"), foreign()];
    let (client, log) = scripted([watch(&began), json()]);
    let events: Vec<_> = widgets(&client).list().then_watch().try_collect().await.expect("events");
    let told: Vec<_> = events
        .iter()
        .map(|event| match event {
            ListWatchEvent::Initial(object) => {
                format!("initial {}", object.metadata.name.as_deref().unwrap_or_default())
            }
            ListWatchEvent::Synced { resource_version } => format!("synced {resource_version}"),
            ListWatchEvent::Changed(event) => format!("changed {}", names(std::slice::from_ref(event)).concat()),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(told, ["initial a", "synced 7", "changed a", "changed b"]);
    let log = log.lock().expect("ok");
    assert!(log[1].target.ends_with("?watch=true&allowWatchBookmarks=true&resourceVersion=8"), "{}", log[1].target);
    assert_eq!(accepted(&log), [false, true]);
}

#[tokio::test]
async fn a_list_in_a_watch_begins_again_in_json_and_says_so() {
    let lines = [
        r#"{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"5"}}}"#,
        r#"{"type":"ADDED","object":{"metadata":{"name":"b","resourceVersion":"6"}}}"#,
    ];
    let (client, log) = scripted([watch(&[good("ADDED", "a", "5"), foreign()]), json_response(200, &lines.join("\n"))]);
    let mut events = widgets(&client).list().then_watch();
    let mut told = Vec::new();
    for _ in 0..4 {
        told.push(match events.try_next().await.expect("events").expect("not the end") {
            ListWatchEvent::Initial(object) => object.metadata.name.expect("a name").to_string(),
            other => format!("{other:?}"),
        });
    }
    assert_eq!(told, ["a", "Restarted", "a", "b"]);
    let log = log.lock().expect("ok");
    assert_eq!(log[0].target, log[1].target);
    assert_eq!(accepted(&log), [false, true]);
}

#[tokio::test]
async fn a_request_that_was_built_before_its_kind_was_declined_is_in_json_at_once() {
    let object = widget("a", "red");
    let text = String::from_utf8(codec::to_vec(&object).expect("JSON")).expect("text");
    let answers = [refusal(406, ""), json_response(200, &text), json_response(200, &text), json_response(201, &text)];
    let (client, log) = scripted(answers);
    let api = widgets(&client);
    let (first, second, write) = (api.get("a"), api.get("a"), api.create(&object));
    assert_eq!(first.await.expect("an object"), object);
    assert_eq!(second.await.expect("an object"), object);
    assert_eq!(write.await.expect("created"), object);
    let log = log.lock().expect("ok");
    assert_eq!(accepted(&log), [false, true, true, true]);
    assert_eq!((log[3].content_type.as_deref(), &log[3].body[..]), (JSON, text.as_bytes()));
}

#[tokio::test]
async fn a_server_declines_the_first_page_of_a_list_and_is_asked_for_the_next_in_json() {
    let page = |name: &str, more: &str| {
        json_response(
            200,
            &format!(r#"{{"metadata":{{"continue":"{more}"}},"items":[{{"metadata":{{"name":"{name}"}}}}]}}"#),
        )
    };
    for streamed in [false, true] {
        let (client, log) = scripted([refusal(406, ""), page("a", "next"), page("b", "")]);
        let list = widgets(&client).list().page_size(1);
        let items = if streamed {
            list.stream().try_collect().await.expect("items")
        } else {
            list.await.expect("a list").items
        };
        let names: Vec<_> = items.iter().filter_map(|item| item.metadata.name.as_deref()).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(accepted(&log.lock().expect("ok")), [false, true, true]);
    }
}

#[tokio::test]
async fn a_write_whose_answer_protobuf_can_not_carry_is_not_sent_again_and_the_next_is_in_json() {
    let object = widget("a", "red");
    let mut odd = protobuf::to_vec(&object).expect("protobuf");
    odd.extend_from_slice(&field(3, b"gzip"));
    let odd = Response::builder().header("content-type", "application/vnd.kubernetes.protobuf").body(Body::from(odd));
    let text = String::from_utf8(codec::to_vec(&object).expect("JSON")).expect("text");
    let (client, log) = scripted([odd.expect("a response"), json_response(200, &text)]);
    let error = widgets(&client).create(&object).await.expect_err("what came is not read");
    assert!(error.is_decode() && error.operation().is_some_and(|it| it.method == http::Method::POST), "{error}");
    assert_eq!(widgets(&client).replace(&object).await.expect("replaced"), object);
    assert_eq!(accepted(&log.lock().expect("ok")), [false, true]);
}
