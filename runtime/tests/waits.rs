//! Waits against a server that answers from a script: what is seen, what is missed and found out later, and how a wait fails.
#![allow(missing_docs)]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt as _;
use http::{Request, Response};
use kubewright_runtime::transport::Body;
use kubewright_runtime::wait::{Until, Verdict, Wait, WaitEvent, WhyUnmet};
use kubewright_runtime::{Client, DynamicObject, Error};
use serde_json::{Value, json};
use support::{Widget, api, chunks, refusal, scripted, widgets};

/// An object of this uid and readiness.
fn object(uid: &str, ready: &str) -> Value {
    json!({ "metadata": { "name": "a", "uid": uid, "resourceVersion": "5" },
        "status": { "conditions": [{ "type": "Ready", "status": ready, "reason": "Why" }] } })
}

fn line(kind: &str, object: &Value) -> String {
    format!("{}\n", json!({ "type": kind, "object": object }))
}

/// The bookmark after what was there at the beginning.
fn synced() -> String {
    let annotations = json!({ "k8s.io/initial-events-end": "true" });
    line("BOOKMARK", &json!({ "metadata": { "resourceVersion": "6", "annotations": annotations } }))
}

/// A watch that gives these lines and then ends.
fn watch(lines: &[String]) -> Response<Body> {
    Response::new(Body::from(lines.concat()))
}

/// A watch that gives these lines and then nothing more, without an end.
fn open(lines: &[String]) -> Response<Body> {
    let text: &'static str = Box::leak(lines.concat().into_boxed_str());
    let first = futures_util::stream::iter([Ok::<_, std::io::Error>(http_body::Frame::data(text.into()))]);
    Response::new(Body::wrap(http_body_util::StreamBody::new(first.chain(futures_util::stream::pending()))))
}

/// A wait for the condition `Ready` of the object `a`.
fn ready(client: &Client) -> Wait<'static, DynamicObject, Until> {
    api(client).wait("a").for_condition("Ready")
}

fn why(error: &Error) -> &WhyUnmet {
    &error.unmet().unwrap_or_else(|| panic!("{error:?}")).why
}

#[tokio::test]
async fn what_is_there_already_is_not_waited_for() {
    let (client, log) = scripted([watch(&[line("ADDED", &object("u", "True")), synced()])]);
    let seen = ready(&client).await.expect("ready");
    assert_eq!(seen.metadata.uid.as_deref(), Some("u"));
    let log = log.lock().expect("ok");
    let wanted = "crontabs?fieldSelector=metadata.name%3Da&watch=true&allowWatchBookmarks=true&sendInitialEvents=true\
                  &resourceVersionMatch=NotOlderThan";
    assert!(log.len() == 1 && log[0].target.ends_with(wanted), "{}", log[0].target);
}

#[tokio::test]
async fn a_server_that_does_not_stream_lists_is_listed_and_watched() {
    let list = json!({ "metadata": { "resourceVersion": "5" }, "items": [object("u", "False")] }).to_string();
    let changes = watch(&[line("MODIFIED", &object("u", "True"))]);
    let (client, log) = scripted([refusal(422, "Invalid"), support::json(200, &list), changes]);
    ready(&client).await.expect("ready");
    assert!(log.lock().expect("ok")[2].target.contains("resourceVersion=5"));
}

#[tokio::test]
async fn every_change_is_told_and_the_first_that_is_as_wanted_ends_it() {
    let changes = [
        line("ADDED", &object("u", "Unknown")),
        synced(),
        line("MODIFIED", &object("u", "False")),
        line("MODIFIED", &object("u", "True")),
    ];
    let (client, _) = scripted([watch(&changes)]);
    let mut told = Vec::new();
    let wait = api(&client).wait("a").on_event(|event| {
        if let WaitEvent::Observed { object, verdict } = event {
            assert_eq!(object.metadata.name.as_deref(), Some("a"));
            told.push((verdict.text().to_owned(), verdict.is_met()));
        }
    });
    wait.for_condition("Ready").await.expect("ready");
    let told: Vec<_> = told.iter().map(|(text, met)| (text.as_str(), *met)).collect();
    assert_eq!(told, [("Ready=Unknown (Why)", false), ("Ready=False (Why)", false), ("", true)]);
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_breaks_or_expires_is_begun_anew() {
    let begin = || vec![line("ADDED", &object("u", "False")), synced()];
    let gone = json!({ "kind": "Status", "code": 410, "reason": "Expired", "message": "too old" });
    let expired = [begin(), vec![line("ERROR", &gone)]].concat();
    let cut: &'static str = Box::leak(format!("{}{{\"type\":", begin().concat()).into_boxed_str());
    let dropped: &'static str = Box::leak(begin().concat().into_boxed_str());
    let script = [
        watch(&begin()),
        watch(&expired),
        chunks(vec![Ok(dropped), Err("connection reset")]),
        chunks(vec![Ok(cut)]),
        refusal(503, "ServiceUnavailable"),
        watch(&[line("ADDED", &object("u", "True")), synced()]),
    ];
    let (client, log) = scripted(script);
    let mut interrupted = Vec::new();
    let wait = api(&client).wait("a").on_event(|event| {
        if let WaitEvent::Interrupted { error, pause } = event {
            assert!(*pause > Duration::ZERO);
            interrupted.push(error.map(|error| (error.is_expired(), error.is_connection(), error.is_decode())));
        }
    });
    wait.for_condition("Ready").await.expect("ready");
    assert_eq!(log.lock().expect("ok").len(), 6);
    let wanted = [
        None,
        Some((true, false, false)),
        Some((false, true, false)),
        Some((false, false, true)),
        Some((false, false, false)),
    ];
    assert_eq!(interrupted, wanted);
}

/// The pauses of a wait that sees these watches, and then the object as it should be.
async fn pauses(watches: Vec<Response<Body>>) -> Vec<Duration> {
    let end = watch(&[line("ADDED", &object("u", "True")), synced()]);
    let (client, _) = scripted(watches.into_iter().chain([end]));
    let mut pauses = Vec::new();
    let wait = api(&client).wait("a").on_event(|event| {
        if let WaitEvent::Interrupted { pause, .. } = event {
            pauses.push(*pause);
        }
    });
    wait.for_condition("Ready").await.expect("ready");
    pauses
}

#[tokio::test(start_paused = true)]
async fn watches_that_are_cut_right_after_their_beginning_are_begun_less_and_less_often() {
    let begin = || vec![line("ADDED", &object("u", "False")), synced()];
    let cut = |times| std::iter::once(watch(&begin())).chain((1..times).map(|_| watch(&[])));
    let seen = pauses(cut(10).collect()).await;
    assert!(seen[0] <= Duration::from_millis(100) && seen[9] >= Duration::from_secs(5), "{seen:?}");

    // A change is worth the watch, and so is a watch that held.
    let changed = [line("MODIFIED", &object("u", "False"))];
    let rest = futures_util::stream::once(async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok::<_, std::io::Error>(http_body::Frame::data("".into()))
    });
    let held = Response::new(Body::wrap(http_body_util::StreamBody::new(Box::pin(rest))));
    for good in [watch(&changed), held] {
        let seen = pauses(cut(5).chain([good, watch(&[])]).collect()).await;
        assert!(seen[4] >= Duration::from_millis(800) && seen[5] <= Duration::from_millis(100), "{seen:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_event_that_can_t_be_understood_each_time_is_an_error_though_the_beginning_can() {
    let changed = line("MODIFIED", &json!({ "metadata": { "name": 5 } }));
    let broken = || watch(&[line("ADDED", &object("u", "False")), synced(), changed.clone()]);
    // Where going on brings the same event, everything is read again.
    let (client, log) = scripted([broken(), watch(std::slice::from_ref(&changed)), broken(), broken()]);
    let wait = api(&client).wait("a").timeout(Duration::from_secs(600)).for_condition("Ready");
    let error = wait.await.expect_err("not understood");
    assert!(error.is_decode(), "{error}");
    assert_eq!(log.lock().expect("ok").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_happens_is_told_in_words() {
    let expired = line("ERROR", &json!({ "kind": "Status", "code": 410, "reason": "Expired", "message": "too old" }));
    let script = [
        watch(&[synced()]),
        watch(&[line("ADDED", &object("u", "False")), synced(), expired]),
        watch(&[line("ADDED", &object("u", "True")), synced()]),
    ];
    let (client, _) = scripted(script);
    let mut told = Vec::new();
    let wait = api(&client).wait("a").even_if_absent().on_event(|event| told.push(event.to_string()));
    wait.for_condition("Ready").await.expect("ready");
    let [absent, ended, seen, broken, met] = &told[..] else { panic!("{told:?}") };
    assert_eq!((&**absent, &**seen, &**met), ("it does not exist", "Ready=False (Why)", "the condition is met"));
    assert!(ended.starts_with("the watch ended; watching again in "), "{ended}");
    assert!(broken.contains("too old; watching again in "), "{broken}");
}

#[tokio::test(start_paused = true)]
async fn what_a_server_refuses_for_good_is_an_error_at_once() {
    for (code, reason) in [(403, "Forbidden"), (401, "Unauthorized"), (404, "NotFound")] {
        let begin = watch(&[line("ADDED", &object("u", "False")), synced()]);
        let (client, log) = scripted([begin, refusal(code, reason)]);
        let error = ready(&client).await.expect_err("refused");
        assert_eq!((error.reason(), log.lock().expect("ok").len()), (Some(reason), 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_can_t_be_reached_to_begin_with_is_an_error_after_a_few_tries() {
    let (client, log) = scripted([]);
    let error = ready(&client).await.expect_err("unreachable");
    assert!(error.is_connection() && error.unmet().is_none(), "{error:?}");
    assert_eq!(log.lock().expect("ok").len(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_can_t_be_understood_is_an_error_and_not_tried_forever() {
    let broken = || watch(&[line("ADDED", &json!({ "metadata": { "name": 5 } })), synced()]);
    let (client, log) =
        scripted([watch(&[line("ADDED", &object("u", "False")), synced()]), broken(), broken(), broken()]);
    let error = ready(&client).await.expect_err("not understood");
    assert!(error.is_decode(), "{error}");
    assert_eq!(log.lock().expect("ok").len(), 4);
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_time_out_says_what_was_last_seen() {
    let (client, _) = scripted([open(&[line("ADDED", &object("u", "False")), synced()])]);
    let error = api(&client).wait("a").timeout(Duration::from_secs(30)).for_condition("Ready").await.expect_err("late");
    assert!(error.is_timeout() && *why(&error) == WhyUnmet::TimedOut);
    assert_eq!(error.to_string(), "timed out after waiting 30s for CronTab shop/a to be Ready: Ready=False (Why)");

    let (client, _) = scripted([open(&[line("ADDED", &object("u", "False")), synced()])]);
    let wait = api(&client)
        .wait("a")
        .timeout(Duration::from_millis(1500))
        .until(|_| Verdict::not_yet("1 of 2").goal("to be big"));
    let error = wait.await.expect_err("late");
    assert_eq!(
        error.to_string(),
        "timed out after waiting 1.5s for CronTab shop/a to be big: 1 of 2; Ready=False (Why)"
    );

    // Nothing was seen, and the reason is told.
    let (client, _) = scripted((0..20).map(|_| refusal(503, "ServiceUnavailable")));
    let wait = api(&client).wait("a").timeout(Duration::from_millis(10)).until(|_| false);
    let error = wait.await.expect_err("late");
    assert!(error.to_string().contains("it could not be read") && error.is_timeout(), "{error}");
}

#[tokio::test]
async fn what_can_never_come_ends_the_wait() {
    let (client, _) = scripted([open(&[line("ADDED", &object("u", "False")), synced()])]);
    let error =
        api(&client).wait("a").goal("to be done").until(|_| Verdict::never("it has failed")).await.expect_err("never");
    assert!(*why(&error) == WhyUnmet::Never && !error.is_timeout());
    let text = "waited for CronTab shop/a to be done, which can no longer happen: it has failed; Ready=False (Why)";
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
async fn an_object_that_is_not_there_is_an_error_unless_it_is_waited_for() {
    let (client, _) = scripted([open(&[synced()])]);
    let error = ready(&client).await.expect_err("none");
    assert!(*why(&error) == WhyUnmet::NotFound && error.is_not_found(), "{error}");
    assert_eq!(error.to_string(), "CronTab shop/a not found while waiting for it to be Ready");

    let later = [synced(), line("ADDED", &object("u", "False")), line("MODIFIED", &object("u", "True"))];
    let (client, _) = scripted([open(&later)]);
    api(&client).wait("a").even_if_absent().for_condition("Ready").await.expect("ready");

    let (client, _) = scripted([open(&later)]);
    api(&client).wait("a").created().await.expect("there");
}

#[tokio::test(start_paused = true)]
async fn a_wait_goes_on_when_the_object_is_deleted_and_created_again_unless_a_uid_is_meant() {
    let begin = || vec![line("ADDED", &object("u", "False")), synced()];
    let deleted = [begin(), vec![line("DELETED", &object("u", "False"))]].concat();
    let again = [deleted.clone(), vec![line("ADDED", &object("v", "True"))]].concat();
    let (client, _) = scripted([open(&again)]);
    assert_eq!(ready(&client).await.expect("the new one").metadata.uid.as_deref(), Some("v"));

    let (client, _) = scripted([open(&deleted)]);
    let error = ready(&client).timeout(Duration::from_secs(60)).await.expect_err("nobody creates it again");
    assert_eq!(*why(&error), WhyUnmet::TimedOut);
    assert_eq!(
        error.to_string(),
        "timed out after waiting 60s for CronTab shop/a to be Ready: it was deleted; before, Ready=False (Why)"
    );

    let (client, _) = scripted([open(&again)]);
    let error = ready(&client).uid("u").await.expect_err("that one is gone");
    assert_eq!(*why(&error), WhyUnmet::Deleted);
    assert_eq!(error.to_string(), "waited for CronTab shop/a to be Ready, but it was deleted: Ready=False (Why)");

    // While nobody watched: another one has its name.
    let anew = [line("ADDED", &object("v", "True")), synced()];
    let (client, log) = scripted([watch(&begin()), open(&anew)]);
    assert_eq!(ready(&client).await.expect("the new one").metadata.uid.as_deref(), Some("v"));
    assert_eq!(log.lock().expect("ok").len(), 2);
    let (client, _) = scripted([watch(&begin()), open(&anew)]);
    assert_eq!(*why(&ready(&client).uid("u").await.expect_err("gone")), WhyUnmet::Deleted);
}

#[tokio::test]
async fn an_object_that_meets_the_condition_counts_though_the_initial_events_never_end() {
    let events = [line("ADDED", &object("u", "False")), line("MODIFIED", &object("u", "True"))];
    let (client, log) = scripted([open(&events)]);
    ready(&client).await.expect("ready");
    assert_eq!(log.lock().expect("ok").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_deletion_is_seen_however_it_is_found_out() {
    let begin = || vec![line("ADDED", &object("u", "False")), synced()];
    let deleted = [begin(), vec![line("DELETED", &object("u", "False"))]].concat();
    let anew = vec![line("ADDED", &object("v", "False")), synced()];
    let scripts = [
        vec![open(&[synced()])],
        vec![open(&deleted)],
        // The watch after one that ended goes on from where it was, and is told; a list no longer has it.
        vec![watch(&begin()), open(&[line("DELETED", &object("u", "False"))])],
        vec![watch(&begin()), refusal(410, "Expired"), open(&[synced()])],
        vec![watch(&begin()), open(&anew)],
        // It is deleted while what is there is still being sent.
        vec![open(&[line("ADDED", &object("u", "False")), line("DELETED", &object("u", "False")), synced()])],
    ];
    for script in scripts {
        let (client, _) = scripted(script);
        api(&client).wait("a").deleted().await.expect("gone");
    }
}

#[tokio::test(start_paused = true)]
async fn one_object_can_be_meant_by_its_uid() {
    let begin = || [line("ADDED", &object("v", "True")), synced()];
    let (client, _) = scripted([open(&begin())]);
    api(&client).wait("a").uid("u").deleted().await.expect("gone: this is another one");
    let (client, _) = scripted([open(&begin())]);
    let error = api(&client).wait("a").uid("u").for_condition("Ready").await.expect_err("another");
    assert!(error.is_not_found(), "{error}");
    let (client, _) = scripted([open(&begin())]);
    api(&client).wait("a").uid("v").for_condition("Ready").await.expect("ready");
}

#[tokio::test(start_paused = true)]
async fn what_holds_an_object_that_shall_be_gone_is_told() {
    let mut held = object("u", "False");
    held["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    held["metadata"]["finalizers"] = json!(["example.com/one", "example.com/two"]);
    let (client, _) = scripted([open(&[line("ADDED", &held), synced()])]);
    let error = api(&client).wait("a").timeout(Duration::from_secs(1)).deleted().await.expect_err("late");
    let text = "timed out after waiting 1s for CronTab shop/a to be deleted: \
                its deletion waits for the finalizers example.com/one, example.com/two; Ready=False (Why)";
    assert_eq!(error.to_string(), text);

    let (client, _) = scripted([open(&[line("ADDED", &object("u", "True")), synced()])]);
    let error = api(&client).wait("a").timeout(Duration::from_secs(1)).deleted().await.expect_err("late");
    assert!(error.to_string().contains("it is not marked for deletion"), "{error}");
}

#[tokio::test]
async fn what_has_another_name_is_not_looked_at() {
    // A server that does not know field selectors sends everything.
    let mut other = object("v", "True");
    other["metadata"]["name"] = json!("b");
    let events = [
        line("ADDED", &other),
        line("ADDED", &object("u", "False")),
        synced(),
        line("DELETED", &other),
        line("MODIFIED", &object("u", "True")),
    ];
    let (client, _) = scripted([open(&events)]);
    assert_eq!(ready(&client).await.expect("ready").metadata.uid.as_deref(), Some("u"));
}

#[tokio::test]
async fn a_wait_for_no_name_sends_nothing() {
    let (client, log) = scripted([]);
    let error = widgets(&client).wait("").until(|_: &Widget| true).await.expect_err("no name");
    assert!(error.is_build(), "{error}");
    assert!(log.lock().expect("ok").is_empty());
}

#[tokio::test]
async fn a_wait_that_is_dropped_ends_its_watch() {
    let (body, gone) = {
        let alive = Arc::new(());
        let gone = Arc::downgrade(&alive);
        let text = [line("ADDED", &object("u", "False")), synced()].concat();
        let first = futures_util::stream::iter([Ok::<_, std::io::Error>(http_body::Frame::data(text.into()))]);
        let rest = futures_util::stream::pending().map(move |frame| {
            let _ = &alive;
            frame
        });
        (Response::new(Body::wrap(http_body_util::StreamBody::new(first.chain(rest)))), gone)
    };
    let body = Arc::new(Mutex::new(Some(body)));
    let service = tower::service_fn(move |_: Request<Body>| {
        let body = body.lock().expect("ok").take();
        async move { body.ok_or("once alone") }
    });
    let client = Client::from_service(service, "shop");
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let mut sender = Some(sender);
    let wait = api(&client).wait("a").on_event(move |_| {
        if let Some(sender) = sender.take() {
            let _ = sender.send(());
        }
    });
    let task = tokio::spawn(async move { wait.for_condition("Ready").await });
    receiver.await.expect("seen");
    assert!(gone.upgrade().is_some());
    task.abort();
    assert!(task.await.expect_err("aborted").is_cancelled());
    assert!(gone.upgrade().is_none(), "the body of the watch is dropped");
}
