//! What each loop of the runtime does about each kind of failure. The server is a script.
#![allow(missing_docs)]

mod support;

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use kubewright_runtime::api::Handle;
use kubewright_runtime::log::{FollowEvent, Instance};
use kubewright_runtime::retry::{NoRetryOn429, RetryPolicy};
use kubewright_runtime::transport::{Body, BoxError};
use kubewright_runtime::wait::WaitEvent;
use kubewright_runtime::{Client, Resource as _};
use support::{Widget, api, json, refusal, widgets};
use tokio::time::Instant;

type Answer = Result<Response<Body>, BoxError>;

/// How often the same failure is retried in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Retried {
    AsLongAsItTakes,
    Twice,
    Never,
}
use Retried::{AsLongAsItTakes, Never, Twice};

/// A failure, what makes it, and what is done about it.
type Row = (&'static str, fn() -> Answer, Retried);

/// The kinds of failures, and what is done about each where nothing else is said.
const FAILURES: [Row; 12] = [
    ("the connection broke", || Err(io::Error::from(io::ErrorKind::ConnectionReset).into()), AsLongAsItTakes),
    ("nothing came in time", || Err(io::Error::from(io::ErrorKind::TimedOut).into()), AsLongAsItTakes),
    ("429", || Ok(refusal(429, "TooManyRequests")), AsLongAsItTakes),
    ("500 of a server's own", || Ok(refusal(500, "InternalError")), AsLongAsItTakes),
    (
        "502 of a proxy",
        || Ok(Response::builder().status(502).body("<html>".into()).expect("a response")),
        AsLongAsItTakes,
    ),
    ("503", || Ok(refusal(503, "ServiceUnavailable")), AsLongAsItTakes),
    ("504", || Ok(refusal(504, "Timeout")), AsLongAsItTakes),
    ("500 without a reason", || Ok(refusal(500, "")), Twice),
    ("410", || Ok(refusal(410, "Expired")), Twice),
    ("401", || Ok(refusal(401, "Unauthorized")), Never),
    ("403", || Ok(refusal(403, "Forbidden")), Never),
    ("409", || Ok(refusal(409, "Conflict")), Never),
];

/// How many failures come in a row.
const ROW: usize = 6;

/// How many of them are met.
fn expected(retried: Retried) -> usize {
    match retried {
        AsLongAsItTakes => ROW,
        Twice => 3,
        Never => 1,
    }
}

/// A server that gives these answers one after the other, and how many were asked for.
fn server(answers: impl IntoIterator<Item = Answer>) -> (Client, Arc<AtomicUsize>) {
    let (asked, answers) = (Arc::new(AtomicUsize::new(0)), Mutex::new(VecDeque::from_iter(answers)));
    let (count, answers) = (asked.clone(), Arc::new(answers));
    let service = tower::service_fn(move |_: Request<Body>| {
        count.fetch_add(1, Ordering::SeqCst);
        let answer = answers.lock().expect("ok").pop_front();
        async move { answer.unwrap_or_else(|| Err("the script has no answer left".into())) }
    });
    (Client::from_service(service, "default"), asked)
}

/// A failure with `Retry-After`, in seconds.
fn busy(seconds: u32) -> Answer {
    let mut response = refusal(429, "TooManyRequests");
    response.headers_mut().insert("retry-after", seconds.into());
    Ok(response)
}

/// A watch of one object that is ready or not, which ends after that.
fn watched(ready: &str) -> Answer {
    let object = serde_json::json!({ "metadata": { "name": "a", "uid": "u", "resourceVersion": "5" },
        "status": { "conditions": [{ "type": "Ready", "status": ready }] } });
    let end = serde_json::json!({ "metadata": { "resourceVersion": "6",
        "annotations": { "k8s.io/initial-events-end": "true" } } });
    let line =
        |kind: &str, object: serde_json::Value| format!("{}\n", serde_json::json!({ "type": kind, "object": object }));
    Ok(Response::new(Body::from(line("ADDED", object) + &line("BOOKMARK", end))))
}

/// A log that breaks off after this.
fn broken(text: &'static str) -> Answer {
    let frames = [Ok(Frame::data(text.into())), Err::<_, BoxError>("the connection broke".into())];
    Ok(Response::new(Body::wrap(StreamBody::new(futures_util::stream::iter(frames)))))
}

const ONE: &str = "2026-01-01T00:00:01.000000001Z one\n";
const BOTH: &str = "2026-01-01T00:00:01.000000001Z one\n2026-01-01T00:00:02.000000001Z two\n";

/// Follows a log until the line `two`: whether it came, and the delays.
async fn follow(client: &Client) -> (bool, Vec<Duration>) {
    let log = Handle::<Widget>::namespaced(client, Widget::RESOURCE, "shop").text_sub("w", "log");
    let mut events = log.query("follow", "true").follow_lines(|| Instance::Running);
    let mut delays = Vec::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(FollowEvent::Line(line)) if line.to_string() == "two" => return (true, delays),
            Ok(FollowEvent::Retrying { delay, .. }) => delays.push(delay),
            Ok(_) => {}
            Err(_) => return (false, delays),
        }
    }
    (false, delays)
}

#[tokio::test(start_paused = true)]
async fn a_wait_retries_each_kind_of_failure_as_its_class_says() {
    let event = || {
        let status = r#"{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Expired","code":410}"#;
        Ok(Response::new(Body::from(format!("{{\"type\":\"ERROR\",\"object\":{status}}}\n"))))
    };
    let garbled = || Ok(Response::new(Body::from("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":5}}}\n")));
    let more: [Row; 2] = [("410 as an event", event, Twice), ("what can't be decoded", garbled, Twice)];
    for (name, failure, retried) in FAILURES.into_iter().chain(more) {
        let row = (0..ROW).map(|_| failure());
        let (client, asked) = server([watched("False")].into_iter().chain(row).chain([watched("True")]));
        let outcome = api(&client).wait("a").for_condition("Ready").await;
        assert_eq!(outcome.is_ok(), retried == AsLongAsItTakes, "{name}: {outcome:?}");
        let last = usize::from(retried == AsLongAsItTakes);
        assert_eq!(asked.load(Ordering::SeqCst), 1 + expected(retried) + last, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_followed_log_retries_each_kind_of_failure_as_its_class_says() {
    for (name, failure, retried) in FAILURES {
        let row = (0..ROW).map(|_| failure());
        let (client, asked) = server([broken(ONE)].into_iter().chain(row).chain([broken(BOTH)]));
        let (came, _) = follow(&client).await;
        assert_eq!(came, retried == AsLongAsItTakes, "{name}");
        assert_eq!(asked.load(Ordering::SeqCst), 1 + expected(retried) + usize::from(came), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_loop_comes_back_before_retry_after() {
    let minute = Duration::from_secs(60);
    let started = Instant::now();
    let (client, _) = server([watched("False"), busy(60), watched("True")]);
    api(&client).wait("a").for_condition("Ready").await.expect("ready");
    assert!(started.elapsed() >= minute, "a wait: {:?}", started.elapsed());

    let (client, _) = server([broken(ONE), busy(60), broken(BOTH)]);
    let (came, delays) = follow(&client).await;
    assert!(came && delays[1] >= minute, "a log: {delays:?}");

    let stored = |color: &str| {
        let text = format!(r#"{{"metadata":{{"name":"a","resourceVersion":"1"}},"spec":{{"color":"{color}"}}}}"#);
        Ok(json(200, &text))
    };
    let mut conflict = refusal(409, "Conflict");
    conflict.headers_mut().insert("retry-after", 60.into());
    let (client, _) = server([stored("red"), Ok(conflict), stored("red"), stored("blue")]);
    let started = Instant::now();
    let change = |widget: &mut Widget| widget.metadata.labels.insert("color", "blue");
    widgets(&client).modify("a", |widget| drop(change(widget))).await.expect("changed");
    assert!(started.elapsed() >= minute, "a change: {:?}", started.elapsed());
}

#[tokio::test(start_paused = true)]
async fn loops_that_failed_together_do_not_come_back_together() {
    let (mut waits, mut logs) = (BTreeSet::new(), BTreeSet::new());
    for _ in 0..20 {
        let (client, _) = server([watched("False"), busy(1), watched("True")]);
        let pauses = Mutex::new(Vec::new());
        let wait = api(&client).wait("a").on_event(|event| {
            if let WaitEvent::Interrupted { pause, .. } = event {
                pauses.lock().expect("ok").push(*pause);
            }
        });
        wait.for_condition("Ready").await.expect("ready");
        waits.insert(pauses.into_inner().expect("ok"));

        let (client, _) = server([broken(ONE), busy(1), broken(BOTH)]);
        logs.insert(follow(&client).await.1);
    }
    assert!(waits.len() > 1 && logs.len() > 1, "{waits:?} {logs:?}");
}

#[tokio::test]
async fn an_extension_of_any_request_reaches_the_layers_of_the_client() {
    let found = Arc::new(AtomicUsize::new(0));
    let count = found.clone();
    let service = tower::service_fn(move |request: Request<Body>| {
        let extensions = request.extensions();
        let both = extensions.get::<RetryPolicy>() == Some(&RetryPolicy::never())
            && extensions.get::<NoRetryOn429>().is_some();
        count.fetch_add(usize::from(both), Ordering::SeqCst);
        let continued =
            if request.uri().query().is_some_and(|query| query.contains("continue=")) { "" } else { "next" };
        let list = format!(r#"{{"metadata":{{"resourceVersion":"1","continue":"{continued}"}},"items":[]}}"#);
        async move { Ok::<_, BoxError>(json(200, &list)) }
    });
    let client = Client::from_service(service, "default");
    let found = || found.swap(0, Ordering::SeqCst);
    let crontabs = api(&client);
    crontabs.get("a").extension(NoRetryOn429).extension(RetryPolicy::never()).await.expect("an object");
    assert_eq!(found(), 1);
    crontabs.delete("a").extension(RetryPolicy::never()).extension(NoRetryOn429).await.expect("deleted");
    assert_eq!(found(), 1);
    crontabs.list().page_size(1).extension(RetryPolicy::never()).extension(NoRetryOn429).await.expect("two pages");
    assert_eq!(found(), 2);
    crontabs.get("a").await.expect("an object");
    assert_eq!(found(), 0);
}
