//! A list and the watch that follows it, as one stream: with a server that sends both in one, and with one that doesn't.
#![allow(missing_docs)]

mod support;

use std::time::Duration;

use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use kubewright_runtime::transport::{Body, BoxError};
use kubewright_runtime::watch::ListWatchEvent;
use kubewright_runtime::{Client, Config, WatchEvent};
use support::{Widget, json, refusal, scripted, widgets};

const A: &str = r#"{"metadata":{"name":"a"}}"#;

fn watch(events: &[(&str, &str)]) -> Response<Body> {
    let lines: Vec<_> =
        events.iter().map(|(kind, object)| format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n")).collect();
    Response::new(Body::from(lines.concat()))
}

fn bookmark(version: &str, end: bool) -> String {
    let annotations = if end { r#"{"k8s.io/initial-events-end":"true"}"# } else { "{}" };
    format!(r#"{{"metadata":{{"resourceVersion":"{version}","annotations":{annotations}}}}}"#)
}

/// One word for an event.
fn word(event: &ListWatchEvent<Widget>) -> String {
    match event {
        ListWatchEvent::Initial(widget) => format!("initial {}", widget.metadata.name.as_deref().unwrap_or_default()),
        ListWatchEvent::Synced { resource_version } => format!("synced {resource_version}"),
        ListWatchEvent::Changed(WatchEvent::Bookmark(mark)) => format!("bookmark {}", mark.resource_version),
        ListWatchEvent::Changed(_) => "changed".to_owned(),
        ListWatchEvent::Restarted => "restarted".to_owned(),
        other => format!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_is_silent_for_too_long_ends_with_a_time_out() {
    let silent = tower::service_fn(|_: Request<Body>| async {
        let body = StreamBody::new(stream::pending::<Result<Frame<Bytes>, BoxError>>());
        Ok::<_, BoxError>(Response::new(Body::wrap(body)))
    });
    let mut config = Config::new("http://localhost".parse().expect("an address"));
    config.read_timeout = Some(Duration::from_secs(10));
    let stack = kubewright_runtime::transport::stack(&config, silent).expect("layers");
    let client = Client::from_service(stack, "default");
    let mut events = widgets(&client).watch().await.expect("open");
    let error = events.next().await.expect("an event").expect_err("silent");
    assert!(error.is_timeout() && !error.is_connection(), "{error:?}");
    let mut events = widgets(&client).watch().read_timeout(Duration::MAX).await.expect("open");
    assert!(tokio::time::timeout(Duration::from_secs(1000), events.next()).await.is_err(), "no limit");
}

#[tokio::test]
async fn a_server_that_streams_lists_sends_all_in_one() {
    let (end, late) = (bookmark("7", true), bookmark("9", false));
    let events = [("ADDED", A), ("MODIFIED", A), ("BOOKMARK", &*end), ("DELETED", A), ("BOOKMARK", &*late)];
    let (client, log) = scripted([watch(&events)]);
    let stream = widgets(&client).list().labels("x=y").page_size(2).then_watch();
    let words: Vec<_> = stream.map_ok(|event| word(&event)).try_collect().await.expect("events");
    assert_eq!(words, ["initial a", "changed", "synced 7", "changed", "bookmark 9"]);
    let log = log.lock().expect("ok");
    assert_eq!(log.len(), 1);
    assert!(
        log[0].target.ends_with(
            "widgets?labelSelector=x%3Dy&watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"
        ),
        "{}",
        log[0].target
    );
}

#[tokio::test]
async fn a_server_that_does_not_is_asked_for_a_list_and_a_watch_from_it() {
    for (code, reason) in [(422, "Invalid"), (400, "BadRequest")] {
        let list = format!(r#"{{"metadata":{{"resourceVersion":"7"}},"items":[{A}]}}"#);
        let (client, log) = scripted([refusal(code, reason), json(200, &list), watch(&[("DELETED", A)])]);
        let stream = widgets(&client).list().labels("x=y").then_watch();
        let words: Vec<_> = stream.map_ok(|event| word(&event)).try_collect().await.expect("events");
        assert_eq!(words, ["initial a", "synced 7", "changed"]);
        let log = log.lock().expect("ok");
        assert!(log[1].target.ends_with("widgets?labelSelector=x%3Dy"), "{}", log[1].target);
        assert!(
            log[2]
                .target
                .ends_with("widgets?labelSelector=x%3Dy&watch=true&allowWatchBookmarks=true&resourceVersion=7"),
            "{}",
            log[2].target
        );
    }
}

#[tokio::test]
async fn an_exact_version_is_listed_at_once() {
    let (client, log) = scripted([json(200, r#"{"metadata":{"resourceVersion":"5"}}"#), watch(&[])]);
    let stream = widgets(&client).list().exact_version("5").then_watch();
    let words: Vec<_> = stream.map_ok(|event| word(&event)).try_collect().await.expect("events");
    assert_eq!(words, ["synced 5"]);
    assert!(!log.lock().expect("ok")[0].target.contains("watch"));
}

#[tokio::test]
async fn an_error_ends_the_stream() {
    let (client, log) = scripted([refusal(403, "Forbidden")]);
    let events: Vec<_> = widgets(&client).list().then_watch().collect().await;
    assert!(events.len() == 1 && events[0].as_ref().is_err_and(|error| error.is_forbidden()), "{events:?}");
    assert_eq!(log.lock().expect("ok").len(), 1);

    let (client, _) = scripted([refusal(422, "Invalid"), json(200, r#"{"items":[]}"#)]);
    let events: Vec<_> = widgets(&client).list().then_watch().collect().await;
    assert!(events.len() == 1 && events[0].as_ref().is_err_and(|error| error.is_decode()), "{events:?}");

    let (client, _) = scripted([]);
    let events: Vec<_> = widgets(&client).list().limit(5).then_watch().collect().await;
    assert!(events.len() == 1 && events[0].as_ref().is_err_and(|error| error.is_build()), "{events:?}");
}

#[test]
fn metadata_is_watched_one_by_one_and_listed_as_a_list() {
    let (client, log) = scripted([refusal(422, "Invalid"), json(200, r#"{"metadata":{"resourceVersion":"5"}}"#)]);
    let stream = widgets(&client).list().metadata_only().then_watch();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(stream.take(1).collect::<Vec<_>>());
    let log = log.lock().expect("ok");
    let accepts: Vec<_> = log.iter().map(|seen| seen.accept.as_deref().unwrap_or_default()).collect();
    assert!(accepts[0].ends_with("json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"), "{accepts:?}");
    assert!(accepts[1].ends_with("json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"), "{accepts:?}");
}

/// A watch that gives these events and then nothing more, without an end.
fn open(events: &[(&str, &str)]) -> Response<Body> {
    let lines: Vec<_> =
        events.iter().map(|(kind, object)| format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n")).collect();
    let first = futures_util::stream::iter([Ok::<_, std::io::Error>(http_body::Frame::data(lines.concat().into()))]);
    Response::new(Body::wrap(http_body_util::StreamBody::new(first.chain(futures_util::stream::pending()))))
}

/// The events of a watch that then falls silent, and what is given.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

#[tokio::test(start_paused = true)]
async fn a_server_that_ignores_the_wish_for_initial_events_is_asked_for_a_list_within_a_bound() {
    let list = format!(r#"{{"metadata":{{"resourceVersion":"7"}},"items":[{A}]}}"#);
    let (plain, b) = (bookmark("5", false), r#"{"metadata":{"name":"b"}}"#);
    let cases: [Case<'_>; 4] = [
        // The bookmark decides; b was deleted before the list.
        (
            &[("ADDED", A), ("ADDED", b), ("BOOKMARK", &plain)],
            &["initial a", "initial b", "restarted", "initial a", "synced 7", "changed"],
        ),
        (&[("BOOKMARK", &plain)], &["initial a", "synced 7", "changed"]),
        // Silence decides.
        (&[("ADDED", A), ("MODIFIED", A)], &["initial a", "changed", "restarted", "initial a", "synced 7", "changed"]),
        (&[], &["initial a", "synced 7", "changed"]),
    ];
    for (events, expected) in cases {
        let (client, log) = scripted([open(events), json(200, &list), watch(&[("DELETED", A)])]);
        let stream = widgets(&client).list().then_watch();
        let words: Vec<_> = stream.map_ok(|event| word(&event)).try_collect().await.expect("events");
        assert_eq!(words, expected);
        assert!(log.lock().expect("ok")[2].target.ends_with("&resourceVersion=7"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_polls_rarely_makes_no_list_of_a_watch() {
    let (client, log) = scripted([open(&[("ADDED", A), ("MODIFIED", A)])]);
    let mut stream = widgets(&client).list().then_watch();
    assert_eq!(word(&stream.next().await.expect("an event").expect("an object")), "initial a");
    // Nothing is left to read, so time counts; then the consumer is busy with something else.
    assert_eq!(word(&stream.next().await.expect("an event").expect("a change")), "changed");
    assert!(stream.next().now_or_never().is_none());
    tokio::time::sleep(Duration::from_secs(60)).await;
    // What has arrived meanwhile would be read before the time is found to be up.
    assert!(stream.next().now_or_never().is_none());
    assert_eq!(log.lock().expect("ok").len(), 1, "no list yet");
}

/// A watch whose events come in so many pieces, with a pause before each, and then nothing more.
fn slow(events: &[(&str, &str)], pieces: usize, pause: Duration) -> Response<Body> {
    let lines: Vec<_> =
        events.iter().map(|(kind, object)| format!("{{\"type\":\"{kind}\",\"object\":{object}}}\n")).collect();
    let text = lines.concat();
    let chunks: Vec<_> =
        text.as_bytes().chunks(text.len().div_ceil(pieces)).map(bytes::Bytes::copy_from_slice).collect();
    let chunks = futures_util::stream::iter(chunks).then(move |chunk| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, std::io::Error>(http_body::Frame::data(chunk))
    });
    Response::new(Body::wrap(http_body_util::StreamBody::new(chunks.chain(futures_util::stream::pending()))))
}

#[tokio::test(start_paused = true)]
async fn large_objects_that_come_slowly_make_no_list() {
    let end = bookmark("7", true);
    let events = [("ADDED", A), ("ADDED", A), ("ADDED", A), ("BOOKMARK", &*end)];
    // All of it takes longer than nothing at all may come; in the first case each object does.
    for (pieces, pause) in [(1_000, Duration::from_millis(500)), (13, Duration::from_secs(3))] {
        let (client, log) = scripted([slow(&events, pieces, pause)]);
        let stream = widgets(&client).list().then_watch().take(4);
        let words: Vec<_> = stream.map_ok(|event| word(&event)).try_collect().await.expect("events");
        assert_eq!(words, ["initial a", "initial a", "initial a", "synced 7"]);
        assert_eq!(log.lock().expect("ok").len(), 1, "no list");
    }
}

#[tokio::test(start_paused = true)]
async fn an_object_of_which_no_more_comes_is_listed_within_a_bound() {
    let list = format!(r#"{{"metadata":{{"resourceVersion":"7"}},"items":[{A}]}}"#);
    let half =
        futures_util::stream::iter([Ok::<_, std::io::Error>(http_body::Frame::data(r#"{"type":"ADDED","#.into()))]);
    let half = Body::wrap(http_body_util::StreamBody::new(half.chain(futures_util::stream::pending())));
    let (client, _) = scripted([Response::new(half), json(200, &list), watch(&[("DELETED", A)])]);
    let stream = widgets(&client).list().then_watch();
    let words: Vec<_> = stream.map_ok(|event| word(&event)).try_collect().await.expect("events");
    assert_eq!(words, ["initial a", "synced 7", "changed"]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_for_initial_events_without_end_is_possible() {
    let (client, log) = scripted([open(&[("ADDED", A), ("MODIFIED", A)])]);
    let mut stream = widgets(&client).list().then_watch().initial_events_timeout(Duration::MAX);
    for _ in 0..2 {
        stream.next().await.expect("an event").expect("an object");
    }
    assert!(tokio::time::timeout(Duration::from_secs(86_400), stream.next()).await.is_err());
    assert_eq!(log.lock().expect("ok").len(), 1, "no list");
}

#[tokio::test]
async fn bookmarks_are_read_whatever_is_left_out_of_objects() {
    let end = bookmark("7", true);
    let (client, _) = scripted([open(&[("ADDED", A), ("BOOKMARK", &end)])]);
    let list = widgets(&client).list().drop_fields(&[".metadata.annotations", ".metadata.resourceVersion"]);
    let words: Vec<_> = list.then_watch().take(2).map_ok(|event| word(&event)).try_collect().await.expect("events");
    assert_eq!(words, ["initial a", "synced 7"]);
}
