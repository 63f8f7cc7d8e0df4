//! Lists and watches of which some objects are retained, and the others are never decoded.
#![allow(missing_docs)]

mod support;

use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use http::Response;
use http_body::Frame;
use kubewright_runtime::meta::v1::{List, ListMeta, ObjectMeta};
use kubewright_runtime::request::ListRequest;
use kubewright_runtime::transport::Body;
use kubewright_runtime::watch::WatcherEvent;
use kubewright_runtime::{Client, protobuf};
use serde_json::json;
use support::{Log, Widget, json, scripted, widget, widgets};

/// Only `b`, whose identity has all that a shard may be computed of.
fn is_b(metadata: &ObjectMeta) -> bool {
    let ObjectMeta { name, namespace, uid, resource_version, labels, .. } = metadata;
    assert!(labels.is_empty(), "the rest is not decoded");
    assert!([namespace, uid, resource_version].iter().all(|field| field.is_some()), "{metadata:?}");
    name.as_deref() == Some("b")
}

fn request(client: &Client) -> ListRequest<Widget> {
    widgets(client).list().retain(is_b)
}

/// An object that can't be decoded as a widget, unless it is `b`.
fn object(name: &str, version: u32) -> serde_json::Value {
    let metadata = json!({
        "name": name, "namespace": "shop", "uid": format!("uid of {name}"), "resourceVersion": version.to_string(),
        "labels": { "app": "web" },
    });
    let sizes = if name == "b" { json!([1]) } else { json!("no sizes") };
    json!({ "metadata": metadata, "spec": { "sizes": sizes } })
}

fn event(kind: &str, name: &str, version: u32) -> Bytes {
    format!("{}\n", json!({ "type": kind, "object": object(name, version) })).into()
}

fn synced(version: u32) -> Bytes {
    let annotations = json!({ "k8s.io/initial-events-end": "true" });
    let metadata = json!({ "resourceVersion": version.to_string(), "annotations": annotations });
    format!("{}\n", json!({ "type": "BOOKMARK", "object": { "metadata": metadata } })).into()
}

/// A watch with an event each time that the period has passed, which then ends.
fn watch(period: Duration, events: Vec<Bytes>) -> Response<Body> {
    let frames = stream::iter(events).then(move |event| async move {
        tokio::time::sleep(period).await;
        Ok::<_, std::io::Error>(Frame::data(event))
    });
    Response::new(Body::wrap(http_body_util::StreamBody::new(frames)))
}

fn word(event: &WatcherEvent<Widget>) -> String {
    let of = |kind: &str, widget: &Widget| format!("{kind} {}", widget.metadata.name.as_deref().expect("a name"));
    match event {
        WatcherEvent::Initial(widget) => of("initial", widget),
        WatcherEvent::Applied(widget) => of("applied", widget),
        WatcherEvent::Deleted(widget) => of("deleted", widget),
        WatcherEvent::Synced { resource_version } => format!("synced {resource_version}"),
        WatcherEvent::Interrupted { error: None, .. } => "ended".to_owned(),
        other => format!("{other:?}"),
    }
}

fn versions(log: &Log) -> Vec<Option<String>> {
    let version = |target: &str| {
        let query = target.split_once("resourceVersion=").map(|(_, rest)| rest.to_owned())?;
        query.split('&').next().map(ToOwned::to_owned)
    };
    log.lock().expect("not poisoned").iter().map(|seen| version(&seen.target)).collect()
}

#[tokio::test]
async fn objects_of_a_list_that_are_not_retained_are_not_decoded() {
    let items: Vec<_> = ["a", "b", "c"].iter().map(|name| object(name, 3)).collect();
    let text = json!({ "metadata": { "resourceVersion": "9" }, "items": items }).to_string();
    let (client, _) = scripted([json(200, &text), json(200, &text), json(200, &text)]);
    let list = request(&client).await.expect("a list");
    assert_eq!(list.items.iter().map(|item| item.metadata.name.as_deref()).collect::<Vec<_>>(), [Some("b")]);
    assert_eq!(list.items[0].spec.sizes, [1]);
    assert_eq!(list.items[0].metadata.labels.get("app").map(|label| &**label), Some("web"), "whole");

    let mut stream = request(&client).stream();
    let items: Vec<_> = stream.by_ref().try_collect().await.expect("items");
    assert_eq!((items.len(), stream.resource_version()), (1, Some("9")));

    // All functions must return true.
    let none = request(&client).retain(|_| false).await.expect("a list");
    assert_eq!((none.items.len(), none.metadata.resource_version.as_deref()), (0, Some("9")));
    assert!(widgets(&client).list().await.is_err(), "the script has no answer left");
}

#[tokio::test]
async fn objects_of_a_list_in_protobuf_are_retained_by_the_same_function() {
    let items = ["a", "b", "c"].map(|name| {
        let mut widget = widget(name, "red");
        let metadata = &mut widget.metadata;
        (metadata.namespace, metadata.resource_version) = (Some("shop".into()), Some("3".into()));
        metadata.uid = Some("a uid".into());
        metadata.labels.insert("app", "web");
        widget
    });
    let list: List<Widget> = List { metadata: ListMeta::default(), items: items.to_vec(), ..List::default() };
    let body = Bytes::from(protobuf::to_vec(&list).expect("protobuf"));
    // Not in one piece.
    let chunks: Vec<_> =
        body.chunks(7).map(Bytes::copy_from_slice).map(Frame::data).map(Ok::<_, std::io::Error>).collect();
    let response = Response::builder().header("content-type", "application/vnd.kubernetes.protobuf");
    let body = Body::wrap(http_body_util::StreamBody::new(stream::iter(chunks)));
    let (client, _) = scripted([response.body(body).expect("a response")]);
    assert_eq!(request(&client).await.expect("a list").items, [items[1].clone()]);
}

#[tokio::test(start_paused = true)]
async fn a_watcher_resumes_after_the_events_of_objects_that_are_not_retained() {
    let at_once = Duration::ZERO;
    let first = [("ADDED", "a", 3), ("ADDED", "b", 4)].map(|(kind, name, version)| event(kind, name, version));
    let changes = [("MODIFIED", "b", 6), ("MODIFIED", "a", 7), ("DELETED", "c", 8)]
        .map(|(kind, name, version)| event(kind, name, version));
    let begin = first.into_iter().chain([synced(5)]).chain(changes).collect();
    let (client, log) = scripted([
        watch(at_once, begin),
        // Nothing but what is not retained.
        watch(at_once, vec![event("ADDED", "d", 9)]),
        watch(at_once, vec![event("DELETED", "b", 10)]),
    ]);
    let events: Vec<_> = request(&client).watcher().take(6).map(|event| word(&event.expect("no end"))).collect().await;
    assert_eq!(events, ["initial b", "synced 5", "applied b", "ended", "ended", "deleted b"]);
    assert_eq!(versions(&log), [None, Some("8".to_owned()), Some("9".to_owned())]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_sends_only_what_is_not_retained_is_not_silent() {
    // In all longer than the time-outs of initial events (10 s), and of a watch (5 min).
    let period = Duration::from_millis(900);
    let initial = (0..40).map(|version| event("ADDED", "a", version + 1)).chain([event("ADDED", "b", 50), synced(50)]);
    let changes = (0..500).map(|version| event("MODIFIED", "a", version + 51)).chain([event("MODIFIED", "b", 600)]);
    let (client, log) = scripted([watch(period, initial.chain(changes).collect())]);
    let events: Vec<_> = request(&client).watcher().take(3).map(|event| word(&event.expect("no end"))).collect().await;
    assert_eq!(events, ["initial b", "synced 50", "applied b"]);
    assert_eq!(log.lock().expect("not poisoned").len(), 1);
}
