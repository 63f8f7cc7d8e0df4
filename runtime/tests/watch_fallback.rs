//! A watch in protobuf that comes upon what only JSON can carry.
#![allow(missing_docs)]

mod support;

use futures_util::TryStreamExt as _;
use http::Response;
use kubewright_runtime::transport::Body;
use kubewright_runtime::{WatchEvent, protobuf};
use support::{Widget, scripted, widget, widgets};

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

fn json() -> Response<Body> {
    let line = r#"{"type":"MODIFIED","object":{"metadata":{"name":"b","resourceVersion":"9"}}}"#;
    Response::builder().header("content-type", "application/json").body(Body::from(line)).expect("a response")
}

fn names(events: &[WatchEvent<Widget>]) -> Vec<&str> {
    events.iter().filter_map(|event| event.object()?.metadata.name.as_deref()).collect()
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
    assert!(events.expect_err("no version to resume from").is_response());
    let events: Vec<_> = widgets(&client).watch().await.expect("a watch").try_collect().await.expect("events");
    assert_eq!(names(&events), ["b"]);
    assert_eq!(log.lock().expect("ok")[1].accept.as_deref(), Some("application/json"));
}
