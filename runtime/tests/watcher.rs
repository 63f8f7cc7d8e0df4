//! A watcher, and each way in which what it stands on can end.
#![allow(missing_docs)]

mod support;

use std::time::Duration;

use futures_util::stream::FusedStream as _;
use futures_util::{Stream, StreamExt as _};
use http::Response;
use kubewright_runtime::retry::Backoff;
use kubewright_runtime::transport::Body;
use kubewright_runtime::watch::{Watcher, WatcherEvent};
use kubewright_runtime::{Api, Client, Error};
use serde_json::json;
use support::{Log, Widget, json, refusal, scripted, widgets};

fn object(name: &str, version: u32) -> serde_json::Value {
    json!({ "metadata": { "name": name, "resourceVersion": version.to_string() } })
}

fn line(kind: &str, object: &serde_json::Value) -> String {
    format!("{}\n", json!({ "type": kind, "object": object }))
}

fn added(name: &str, version: u32) -> String {
    line("ADDED", &object(name, version))
}

fn modified(name: &str, version: u32) -> String {
    line("MODIFIED", &object(name, version))
}

fn deleted(name: &str, version: u32) -> String {
    line("DELETED", &object(name, version))
}

fn bookmark(version: u32) -> String {
    line("BOOKMARK", &json!({ "metadata": { "resourceVersion": version.to_string() } }))
}

/// The bookmark after what was there at the beginning.
fn synced(version: u32) -> String {
    let annotations = json!({ "k8s.io/initial-events-end": "true" });
    line("BOOKMARK", &json!({ "metadata": { "resourceVersion": version.to_string(), "annotations": annotations } }))
}

fn failure(code: u16, reason: &str) -> String {
    line("ERROR", &json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason }))
}

fn list(version: u32, names: &[&str]) -> Response<Body> {
    let items: Vec<_> = names.iter().map(|name| object(name, 1)).collect();
    json(200, &json!({ "metadata": { "resourceVersion": version.to_string() }, "items": items }).to_string())
}

/// How a watch goes on after its last line.
enum Then {
    Ends,
    Breaks,
    IsSilent,
}

fn watch(lines: &[String], then: Then) -> Response<Body> {
    let text = bytes::Bytes::from(lines.concat());
    let first = futures_util::stream::iter([Ok::<_, std::io::Error>(http_body::Frame::data(text))]);
    let rest: std::pin::Pin<Box<dyn Stream<Item = _> + Send>> = match then {
        Then::Ends => futures_util::stream::empty().boxed(),
        Then::Breaks => futures_util::stream::iter([Err(std::io::Error::other("reset by peer"))]).boxed(),
        Then::IsSilent => futures_util::stream::pending().boxed(),
    };
    Response::new(Body::wrap(http_body_util::StreamBody::new(first.chain(rest))))
}

/// A watch that begins with `a` and then ends.
fn begin(then: Then) -> Response<Body> {
    watch(&[added("a", 3), synced(5)], then)
}

fn name(widget: &Widget) -> &str {
    widget.metadata.name.as_deref().unwrap_or_default()
}

fn word(event: &WatcherEvent<Widget>) -> String {
    match event {
        WatcherEvent::Initial(widget) => format!("initial {}", name(widget)),
        WatcherEvent::Synced { resource_version } => format!("synced {resource_version}"),
        WatcherEvent::Restarted => "restarted".to_owned(),
        WatcherEvent::Applied(widget) => format!("applied {}", name(widget)),
        WatcherEvent::Deleted(widget) => format!("deleted {}", name(widget)),
        WatcherEvent::Bookmark { resource_version } => format!("bookmark {resource_version}"),
        WatcherEvent::Interrupted { error: None, .. } => "ended".to_owned(),
        WatcherEvent::Interrupted { error: Some(error), .. } => format!("failed: {:?}", error.retry_class()),
        other => format!("{other:?}"),
    }
}

/// The first so many events of a watcher that gets these answers, in words, and the requests.
async fn told(answers: Vec<Response<Body>>, count: usize) -> (Vec<String>, Log) {
    let (client, log) = scripted(answers);
    let events: Vec<_> = widgets(&client).list().labels("x=y").watcher().take(count).collect().await;
    (events.iter().map(|event| word(event.as_ref().expect("no end"))).collect(), log)
}

fn targets(log: &Log) -> Vec<String> {
    let log = log.lock().expect("not poisoned");
    log.iter().map(|seen| seen.target.split_once("labelSelector=x%3Dy").expect("the selector").1.to_owned()).collect()
}

const ASKED: &str = "&watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan";

fn resumed(version: u32) -> String {
    format!("&watch=true&allowWatchBookmarks=true&resourceVersion={version}")
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_the_server_ends_goes_on_from_the_last_version() {
    let changes = [modified("a", 7), added("b", 8), deleted("a", 9)];
    let answers = vec![
        begin(Then::Ends),
        watch(&changes, Then::Ends),
        watch(&[bookmark(20)], Then::Ends),
        watch(&[added("c", 21)], Then::IsSilent),
    ];
    let (words, log) = told(answers, 10).await;
    assert_eq!(
        words,
        [
            "initial a",
            "synced 5",
            "ended",
            "applied a",
            "applied b",
            "deleted a",
            "ended",
            "bookmark 20",
            "ended",
            "applied c"
        ]
    );
    assert_eq!(targets(&log), [ASKED.to_owned(), resumed(5), resumed(9), resumed(20)]);
}

/// Each of these comes once to a watch that has synced, and once in place of the watch that goes on.
#[tokio::test(start_paused = true)]
async fn whatever_ends_a_watch_another_one_goes_on_from_where_it_was() {
    let cut = || watch(&[modified("a", 7), "{\"type\":\"MODI".to_owned()], Then::Ends);
    let cases: Vec<(&str, Response<Body>, Vec<&str>, u32)> = vec![
        ("it breaks", watch(&[modified("a", 7)], Then::Breaks), vec!["applied a", "failed: Transient"], 7),
        ("it breaks at once", watch(&[], Then::Breaks), vec!["failed: Transient"], 5),
        ("it is cut in the middle of an event", cut(), vec!["applied a", "failed: Uncertain"], 7),
        ("an event is not understood", watch(&["nonsense\n".into()], Then::Ends), vec!["failed: Uncertain"], 5),
        (
            "an error comes as an event",
            watch(&[failure(500, "InternalError")], Then::Ends),
            vec!["failed: Transient"],
            5,
        ),
        ("time runs out on the server", watch(&[failure(504, "Timeout")], Then::Ends), vec!["failed: Transient"], 5),
        ("too many requests", watch(&[failure(429, "TooManyRequests")], Then::Ends), vec!["failed: Throttled"], 5),
        ("429", refusal(429, "TooManyRequests"), vec!["failed: Throttled"], 5),
        ("500", refusal(500, "InternalError"), vec!["failed: Transient"], 5),
        ("503", refusal(503, "ServiceUnavailable"), vec!["failed: Transient"], 5),
        ("401", refusal(401, "Unauthorized"), vec!["failed: Permanent"], 5),
        ("403", refusal(403, "Forbidden"), vec!["failed: Permanent"], 5),
        ("404", refusal(404, "NotFound"), vec!["failed: Permanent"], 5),
    ];
    for (what, answer, expected, version) in cases {
        let answers = vec![begin(Then::Ends), answer, watch(&[deleted("a", 9)], Then::IsSilent)];
        let (words, log) = told(answers, 4 + expected.len()).await;
        let expected: Vec<_> =
            ["initial a", "synced 5", "ended"].into_iter().chain(expected).chain(["deleted a"]).collect();
        assert_eq!(words, expected, "{what}");
        assert_eq!(targets(&log), [ASKED.to_owned(), resumed(5), resumed(version)], "{what}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_expired_version_is_listed_again_be_it_a_status_or_an_event() {
    for expired in [refusal(410, "Expired"), watch(&[failure(410, "Expired")], Then::Ends), refusal(410, "Gone")] {
        // a was deleted meanwhile.
        let again = watch(&[added("b", 30), synced(31)], Then::IsSilent);
        let (words, log) = told(vec![begin(Then::Ends), expired, again], 7).await;
        let expected = ["initial a", "synced 5", "ended", "failed: Expired", "restarted", "initial b", "synced 31"];
        assert_eq!(words, expected);
        assert_eq!(targets(&log), [ASKED.to_owned(), resumed(5), ASKED.to_owned()]);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_there_is_read_again_if_the_first_time_was_not_completed() {
    let answers = vec![
        refusal(503, "ServiceUnavailable"),
        watch(&[added("a", 3)], Then::Breaks),
        watch(&[added("b", 3), synced(5)], Then::IsSilent),
    ];
    let (words, log) = told(answers, 6).await;
    let expected = ["failed: Transient", "initial a", "failed: Transient", "restarted", "initial b", "synced 5"];
    assert_eq!(words, expected);
    assert_eq!(targets(&log), [ASKED; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_sends_no_initial_events_is_listed_and_then_watched_and_resumed() {
    for first in [refusal(422, "Invalid"), watch(&[bookmark(4)], Then::IsSilent), watch(&[], Then::IsSilent)] {
        let answers = vec![first, list(5, &["a"]), watch(&[], Then::Ends), watch(&[deleted("a", 6)], Then::IsSilent)];
        let (words, log) = told(answers, 4).await;
        assert_eq!(words, ["initial a", "synced 5", "ended", "deleted a"]);
        assert_eq!(targets(&log), [ASKED.to_owned(), String::new(), resumed(5), resumed(5)]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_in_which_nothing_comes_is_opened_again_without_a_word() {
    let answers = vec![
        begin(Then::IsSilent),
        watch(&[modified("a", 7)], Then::IsSilent),
        watch(&[deleted("a", 8)], Then::IsSilent),
    ];
    let began = tokio::time::Instant::now();
    let (words, log) = told(answers, 4).await;
    assert_eq!(words, ["initial a", "synced 5", "applied a", "deleted a"]);
    assert_eq!(began.elapsed().as_secs(), 600);
    assert_eq!(targets(&log), [ASKED.to_owned(), resumed(5), resumed(7)]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_sends_no_more_bookmarks_is_asked_for_everything_the_second_time() {
    let silent = || watch(&[], Then::IsSilent);
    let again = || watch(&[added("b", 2), synced(3)], Then::IsSilent);
    let answers = vec![watch(&[synced(5), bookmark(20)], Then::IsSilent), silent(), again()];
    let (words, log) = told(answers, 5).await;
    assert_eq!(words, ["synced 5", "bookmark 20", "restarted", "initial b", "synced 3"]);
    assert_eq!(targets(&log), [ASKED.to_owned(), resumed(20), ASKED.to_owned()]);
    // One that never sent any has nothing to tell.
    let changed = watch(&[modified("a", 7)], Then::IsSilent);
    let (words, log) = told(vec![begin(Then::IsSilent), silent(), silent(), changed], 3).await;
    assert_eq!(words, ["initial a", "synced 5", "applied a"]);
    assert_eq!(targets(&log)[3], resumed(5));
}

#[tokio::test(start_paused = true)]
async fn a_watch_in_which_an_event_comes_slowly_is_not_opened_again() {
    let slow = |lines: &[String]| {
        let text = lines.concat();
        let size = text.len().div_ceil(4);
        let chunks: Vec<_> = text.as_bytes().chunks(size).map(bytes::Bytes::copy_from_slice).collect();
        let chunks = futures_util::stream::iter(chunks).then(|chunk| async move {
            tokio::time::sleep(Duration::from_secs(200)).await;
            Ok::<_, std::io::Error>(http_body::Frame::data(chunk))
        });
        Response::new(Body::wrap(http_body_util::StreamBody::new(chunks.chain(futures_util::stream::pending()))))
    };
    let answers = vec![begin(Then::Ends), slow(&[modified("a", 7)])];
    let (words, log) = told(answers, 4).await;
    assert_eq!(words, ["initial a", "synced 5", "ended", "applied a"]);
    assert_eq!(targets(&log), [ASKED.to_owned(), resumed(5)]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_is_asked_again() {
    let client = Client::from_service(
        tower::service_fn(|_: http::Request<Body>| std::future::pending::<Result<Response<Body>, Error>>()),
        "default",
    );
    let events: Vec<_> = widgets(&client).list().watcher().idle_timeout(Duration::from_secs(7)).take(2).collect().await;
    for event in events {
        let WatcherEvent::Interrupted { error: Some(error), .. } = event.expect("no end") else { panic!("no event") };
        assert!(error.is_timeout() && error.operation().is_some(), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_not_understood_again_and_again_makes_it_list() {
    let broken = || watch(&["nonsense\n".to_owned()], Then::Ends);
    let answers = vec![begin(Then::Ends), broken(), broken(), watch(&[added("a", 8), synced(9)], Then::IsSilent)];
    let (words, log) = told(answers, 8).await;
    let failed = "failed: Uncertain";
    assert_eq!(words, ["initial a", "synced 5", "ended", failed, failed, "restarted", "initial a", "synced 9"]);
    assert_eq!(targets(&log)[3], ASKED);
}

#[tokio::test(start_paused = true)]
async fn after_a_list_events_that_are_not_understood_count_from_the_start() {
    let broken = || watch(&["nonsense\n".to_owned()], Then::Ends);
    let again = watch(&[added("a", 8), synced(9), "nonsense\n".to_owned()], Then::Ends);
    let answers = vec![begin(Then::Ends), broken(), broken(), again, watch(&[modified("a", 10)], Then::IsSilent)];
    let (words, log) = told(answers, 10).await;
    assert_eq!(words[7..], ["synced 9", "failed: Uncertain", "applied a"]);
    assert_eq!(targets(&log)[3..], [ASKED.to_owned(), resumed(9)]);
}

/// A thousand watchers that list because a server fails would keep it from recovering.
#[tokio::test(start_paused = true)]
async fn a_server_that_fails_again_and_again_is_not_asked_for_everything() {
    let failures = (0..5).map(|_| refusal(500, ""));
    let answers = [begin(Then::Ends)].into_iter().chain(failures).chain([watch(&[deleted("a", 9)], Then::IsSilent)]);
    let (words, log) = told(answers.collect(), 9).await;
    assert_eq!(words[3..], ["failed: Uncertain"; 5].into_iter().chain(["deleted a"]).collect::<Vec<_>>());
    assert_eq!(targets(&log)[1..], vec![resumed(5); 6]);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_the_server_takes_for_none_is_listed_again() {
    for refused in [refusal(400, "BadRequest"), refusal(422, "Invalid")] {
        let again = watch(&[added("b", 30), synced(31)], Then::IsSilent);
        let (words, log) = told(vec![begin(Then::Ends), refused, again], 7).await;
        let expected = ["initial a", "synced 5", "ended", "failed: Permanent", "restarted", "initial b", "synced 31"];
        assert_eq!(words, expected);
        assert_eq!(targets(&log), [ASKED.to_owned(), resumed(5), ASKED.to_owned()]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_sends_no_initial_events_is_asked_for_them_once() {
    let silent = || watch(&[], Then::IsSilent);
    for (first, asked_again) in [
        (refusal(422, "Invalid"), false),
        (watch(&[bookmark(4)], Then::IsSilent), false),
        (silent(), false),
        // It was interrupted, and may know them.
        (watch(&[], Then::Ends), true),
    ] {
        let mut answers = vec![first, list(5, &["a"]), watch(&[failure(410, "Expired")], Then::Ends)];
        answers.extend(asked_again.then(|| refusal(422, "Invalid")));
        answers.extend([list(31, &["b"]), silent()]);
        let (words, log) = told(answers, 6).await;
        assert_eq!(words, ["initial a", "synced 5", "failed: Expired", "restarted", "initial b", "synced 31"]);
        let again = if asked_again { vec![ASKED, ""] } else { vec![""] };
        assert_eq!(targets(&log)[3..], again);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_listed_again_is_the_newest_whatever_was_asked_for_at_first() {
    let answers = [begin(Then::Ends), refusal(410, "Expired"), begin(Then::IsSilent)];
    let (client, log) = scripted(answers);
    let _ = widgets(&client).list().labels("x=y").any_version().watcher().take(7).collect::<Vec<_>>().await;
    let targets = targets(&log);
    assert!(targets[0].starts_with("&resourceVersion=0&"), "{targets:?}");
    assert_eq!(targets[2], ASKED);
}

fn ending(client: &Client) -> Watcher<Widget> {
    widgets(client).list().watcher().end_on_permanent_errors()
}

#[tokio::test(start_paused = true)]
async fn where_told_so_it_ends_with_what_does_not_pass() {
    for (answers, count) in [
        (vec![refusal(403, "Forbidden")], 1),
        (vec![refusal(404, "NotFound")], 1),
        (vec![begin(Then::Ends), refusal(401, "Unauthorized")], 4),
        // It was never reached.
        (vec![refusal(503, "ServiceUnavailable"), refusal(503, ""), refusal(503, "")], 3),
        // It may pass, and does not.
        (vec![begin(Then::Ends), refusal(500, ""), refusal(500, ""), refusal(500, "")], 6),
    ] {
        let (client, log) = scripted(answers);
        let mut watcher = ending(&client);
        let events: Vec<_> = watcher.by_ref().collect().await;
        assert_eq!(events.len(), count, "{events:?}");
        assert!(events[count - 1].is_err() && events[..count - 1].iter().all(Result::is_ok), "{events:?}");
        assert!(watcher.is_terminated() && watcher.next().await.is_none());
        assert!(!log.lock().expect("not poisoned").is_empty());
    }
    // Once it was reached, a server may be away for as long as it likes.
    let away = (0..20).map(|_| refusal(503, "ServiceUnavailable"));
    let (client, _) =
        scripted([begin(Then::Ends)].into_iter().chain(away).chain([watch(&[deleted("a", 9)], Then::IsSilent)]));
    let events: Vec<_> = ending(&client).take(24).collect().await;
    assert_eq!(word(events[23].as_ref().expect("no end")), "deleted a");
}

#[tokio::test]
async fn a_request_that_cannot_be_built_ends_it_at_once() {
    let (client, log) = scripted([]);
    let events: Vec<_> = widgets(&client).list().limit(5).watcher().collect().await;
    assert!(events.len() == 1 && events[0].as_ref().is_err_and(Error::is_build), "{events:?}");
    assert!(log.lock().expect("not poisoned").is_empty());
}

#[tokio::test(start_paused = true)]
async fn pauses_grow_are_never_shorter_than_asked_and_begin_again_after_a_change() {
    let throttled = || {
        let mut refused = refusal(429, "TooManyRequests");
        refused.headers_mut().insert("retry-after", "40".parse().expect("a value"));
        refused
    };
    let answers = [begin(Then::Ends)].into_iter().chain((0..8).map(|_| refusal(503, "ServiceUnavailable"))).chain([
        throttled(),
        watch(&[modified("a", 7)], Then::Ends),
        watch(&[], Then::Ends),
    ]);
    let (client, _) = scripted(answers);
    let backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(10)).jitter(0.0);
    let mut events = widgets(&client).list().watcher().backoff(backoff);
    let mut pauses = Vec::new();
    while pauses.len() < 12 {
        if let WatcherEvent::Interrupted { pause, .. } = events.next().await.expect("an event").expect("no end") {
            pauses.push(pause.as_secs());
        }
    }
    assert_eq!(pauses, [1, 2, 4, 8, 10, 10, 10, 10, 10, 40, 1, 2]);
}

#[tokio::test(start_paused = true)]
async fn objects_alone_may_be_asked_for() {
    let script = || {
        scripted([
            watch(&[added("a", 3), synced(5), bookmark(6), modified("a", 7), deleted("a", 8)], Then::Breaks),
            watch(&[added("b", 9)], Then::IsSilent),
        ])
    };
    let (client, _) = script();
    let objects: Vec<_> = widgets(&client).list().watcher().applied_objects().take(3).collect().await;
    assert_eq!(
        objects.iter().map(|object| name(object.as_ref().expect("no end"))).collect::<Vec<_>>(),
        ["a", "a", "b"]
    );
    let (client, _) = script();
    let objects: Vec<_> = widgets(&client).list().watcher().touched_objects().take(4).collect().await;
    let versions: Vec<_> =
        objects.iter().map(|object| object.as_ref().expect("no end").metadata.resource_version.as_deref()).collect();
    assert_eq!(versions, [Some("3"), Some("7"), Some("8"), Some("9")]);
}

#[tokio::test(start_paused = true)]
async fn it_goes_on_though_versions_are_left_out_of_what_is_read() {
    let (client, log) = scripted([
        begin(Then::Ends),
        watch(&[modified("a", 7), deleted("a", 8)], Then::Ends),
        watch(&[added("b", 9)], Then::IsSilent),
    ]);
    let list = widgets(&client).list().labels("x=y").drop_fields(&["metadata.resourceVersion"]);
    let events: Vec<_> = list.watcher().take(7).collect().await;
    assert_eq!(word(events[6].as_ref().expect("no end")), "applied b");
    assert_eq!(targets(&log)[1..], [resumed(5), resumed(8)]);
}

/// A watcher may be held across threads, and so may its future.
#[test]
fn it_is_send_and_unpin() {
    fn check<T: Send + Unpin>(_: &T) {}
    let (client, _) = scripted([]);
    let api: Api<Widget> = widgets(&client);
    check(&api.list().watcher());
    check(&api.list().watcher().applied_objects());
}

/// Answers that never come, until a list is asked for.
#[tokio::test(start_paused = true)]
async fn a_server_that_holds_back_the_head_of_a_watch_without_events_is_listed() {
    let service = tower::service_fn(|request: http::Request<Body>| async move {
        let query = request.uri().query().unwrap_or_default();
        match query.contains("sendInitialEvents") {
            true => std::future::pending().await,
            false if query.contains("watch=true") => Ok::<_, Error>(watch(&[], Then::IsSilent)),
            false => Ok(list(5, &["a"])),
        }
    });
    let client = Client::from_service(service, "default");
    let events: Vec<_> = widgets(&client).list().watcher().take(2).collect().await;
    let words: Vec<_> = events.iter().map(|event| word(event.as_ref().expect("no end"))).collect();
    assert_eq!(words, ["initial a", "synced 5"]);
    // Though the watcher itself has less patience.
    let watcher = widgets(&client).list().watcher().idle_timeout(Duration::from_secs(3));
    let events: Vec<_> = watcher.take(3).collect().await;
    let words: Vec<_> = events.iter().map(|event| word(event.as_ref().expect("no end"))).collect();
    assert_eq!(words, ["failed: Transient", "initial a", "synced 5"]);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_refused_is_relisted_also_where_permanent_errors_end_the_stream() {
    for refused in [refusal(400, "BadRequest"), refusal(422, "Invalid")] {
        let (client, log) = scripted([begin(Then::Ends), refused, watch(&[synced(9)], Then::IsSilent)]);
        let events: Vec<_> = ending(&client).take(6).collect().await;
        let words: Vec<_> = events.iter().map(|event| word(event.as_ref().expect("no end"))).collect();
        assert_eq!(words[3..], ["failed: Permanent", "restarted", "synced 9"]);
        assert_eq!(log.lock().expect("not poisoned").len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_that_is_no_number_is_relisted_when_the_server_fails_on_it() {
    let opaque = line(
        "BOOKMARK",
        &json!({ "metadata": { "resourceVersion": "v5-x", "annotations": { "k8s.io/initial-events-end": "true" } } }),
    );
    let answers =
        vec![watch(&[added("a", 3), opaque], Then::Ends), refusal(500, ""), watch(&[synced(9)], Then::IsSilent)];
    let (words, log) = told(answers, 6).await;
    assert_eq!(words, ["initial a", "synced v5-x", "ended", "failed: Uncertain", "restarted", "synced 9"]);
    assert_eq!(targets(&log)[2], ASKED);
}

#[tokio::test(start_paused = true)]
async fn pages_that_expire_on_the_way_are_listed_in_one_the_next_time() {
    let page = r#"{"metadata":{"resourceVersion":"5","continue":"more"},"items":[{"metadata":{"name":"a","resourceVersion":"1"}}]}"#;
    let answers = [
        refusal(422, "Invalid"),
        json(200, page),
        refusal(410, "Expired"),
        list(9, &["a", "b"]),
        watch(&[], Then::IsSilent),
    ];
    let (client, log) = scripted(answers);
    let events: Vec<_> = widgets(&client).list().labels("x=y").page_size(1).watcher().take(6).collect().await;
    let words: Vec<_> = events.iter().map(|event| word(event.as_ref().expect("no end"))).collect();
    assert_eq!(words, ["initial a", "failed: Expired", "restarted", "initial a", "initial b", "synced 9"]);
    let targets = targets(&log);
    assert!(targets[1].contains("limit=1") && !targets[3].contains("limit"), "{targets:?}");
}
