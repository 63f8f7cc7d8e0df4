//! The logs of many containers as one stream, against a server that does what each test says.
#![allow(missing_docs)]

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{Request, Response};
use http_body::Frame;
use http_body_util::StreamBody;
use kubewright::ApiGroups as _;
use kubewright_ops::logs::{LogEvent, LogStream, LogsRequest};
use kubewright_ops::prelude::*;
use kubewright_runtime::Client;
use kubewright_runtime::transport::{Body, BoxError};
use tokio::sync::mpsc;

/// The sending end of a body: what is sent comes, an error breaks it off, and dropping it ends it.
type Sender = mpsc::Sender<Result<Bytes, BoxError>>;

/// The server: for each path the answers that it gives, one after the other, and which requests came.
#[derive(Clone, Default)]
struct Server {
    answers: Arc<Mutex<HashMap<String, VecDeque<Response<Body>>>>>,
    requests: Arc<Mutex<Vec<String>>>,
}

const PODS: &str = "/api/v1/namespaces/shop/pods";

impl Server {
    fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<Body>| {
            let server = server.clone();
            async move {
                server.requests.lock().expect("ok").push(request.uri().to_string());
                let (path, query) = (request.uri().path().to_owned(), request.uri().query().unwrap_or_default());
                let container = query.split('&').find_map(|part| part.strip_prefix("container="));
                let key = container.map_or(path.clone(), |container| format!("{path}/{container}"));
                let answer = server.answers.lock().expect("ok").get_mut(&key).and_then(VecDeque::pop_front);
                match answer {
                    Some(answer) => Ok::<_, BoxError>(answer),
                    // Nothing more happens.
                    None => std::future::pending().await,
                }
            }
        });
        Client::from_service(service, "shop")
    }

    fn logs(&self) -> LogsRequest {
        self.client().core_v1().pods("shop").logs()
    }

    fn answer(&self, path: &str, answer: Response<Body>) {
        self.answers.lock().expect("ok").entry(path.to_owned()).or_default().push_back(answer);
    }

    /// The next answer for a log is this.
    fn log(&self, container: &str, text: &str) {
        self.answer(&log_path(container), Response::new(Body::from(text.to_owned())));
    }

    fn refuse(&self, path: &str, code: u16, reason: &str) {
        let body =
            format!(r#"{{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"{reason}","code":{code}}}"#);
        let response = Response::builder().status(code).header("content-type", "application/json");
        self.answer(path, response.body(Body::from(body)).expect("a response"));
    }

    /// The next answer for a log comes as the test sends it.
    fn open_log(&self, container: &str) -> Sender {
        self.open(&log_path(container))
    }

    fn open(&self, path: &str) -> Sender {
        let (sender, receiver) = mpsc::channel(1);
        let frames = stream::unfold(receiver, |mut receiver: mpsc::Receiver<Result<Bytes, BoxError>>| async move {
            receiver.recv().await.map(|piece| (piece.map(Frame::data), receiver))
        });
        let response = Response::builder().header("content-type", "application/json");
        self.answer(path, response.body(Body::wrap(StreamBody::new(frames))).expect("a response"));
        sender
    }

    /// The next list is of these pods.
    fn list(&self, pods: &[String]) {
        let body = format!(
            r#"{{"kind":"PodList","apiVersion":"v1","metadata":{{"resourceVersion":"1"}},"items":[{}]}}"#,
            pods.join(",")
        );
        let response = Response::builder().header("content-type", "application/json");
        self.answer(PODS, response.body(Body::from(body)).expect("a response"));
    }

    /// The next watch begins with these pods.
    async fn watch(&self, pods: &[String]) -> Sender {
        let watch = self.open(PODS);
        let mut events = String::new();
        for pod in pods {
            let _ = writeln!(events, r#"{{"type":"ADDED","object":{pod}}}"#);
        }
        let _ = writeln!(
            events,
            r#"{{"type":"BOOKMARK","object":{{"kind":"Pod","apiVersion":"v1","metadata":{{"resourceVersion":"5","annotations":{{"k8s.io/initial-events-end":"true"}}}}}}}}"#
        );
        watch.send(Ok(events.into())).await.expect("taken");
        watch
    }

    fn asked(&self, container: &str) -> Vec<String> {
        let path = log_path(container);
        let (path, container) = path.rsplit_once('/').expect("a container");
        let requests = self.requests.lock().expect("ok");
        let mine = requests.iter().filter_map(|request| request.strip_prefix(path)?.strip_prefix("?container="));
        mine.filter_map(|query| query.strip_prefix(container)).map(str::to_owned).collect()
    }
}

/// `POD/CONTAINER` as a path of ours.
fn log_path(container: &str) -> String {
    let (pod, container) = container.split_once('/').expect("a pod and a container");
    format!("{PODS}/{pod}/log/{container}")
}

/// A pod whose containers are in these states: name, restart count, state.
fn pod(name: &str, containers: &[(&str, i32, &str)]) -> String {
    let spec: Vec<_> = containers.iter().map(|(name, ..)| format!(r#"{{"name":"{name}"}}"#)).collect();
    let statuses: Vec<_> = containers
        .iter()
        .map(|(name, run, state)| {
            let started = format!("2026-01-01T00:0{run}:00Z");
            let state = match *state {
                "running" => format!(r#""state":{{"running":{{"startedAt":"{started}"}}}}"#),
                "terminated" => format!(r#""state":{{"terminated":{{"exitCode":0,"startedAt":"{started}"}}}}"#),
                "crashed" => format!(
                    r#""state":{{"waiting":{{"reason":"CrashLoopBackOff"}}}},"lastState":{{"terminated":{{"exitCode":1,"startedAt":"{started}"}}}}"#
                ),
                "running again" => format!(
                    r#""state":{{"running":{{"startedAt":"{started}"}}}},"lastState":{{"terminated":{{"exitCode":1}}}}"#
                ),
                _ => r#""state":{"waiting":{}}"#.to_owned(),
            };
            format!(r#"{{"name":"{name}","restartCount":{run},{state}}}"#)
        })
        .collect();
    format!(
        r#"{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"{name}","namespace":"shop","uid":"{name}-uid"}},"spec":{{"containers":[{}]}},"status":{{"containerStatuses":[{}]}}}}"#,
        spec.join(","),
        statuses.join(",")
    )
}

fn event(kind: &str, pod: &str) -> Result<Bytes, BoxError> {
    Ok(format!("{{\"type\":\"{kind}\",\"object\":{pod}}}\n").into())
}

/// One line of run `run`.
fn line(run: i32, second: i32, text: &str) -> String {
    format!("2026-01-01T00:0{run}:{second:02}.000000001Z {text}\n")
}

fn broken() -> Result<Bytes, BoxError> {
    Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset).into())
}

/// What an event says, in short.
fn word(event: &LogEvent) -> String {
    match event {
        LogEvent::Line(line) => format!("{}/{}: {line}", line.source.pod, line.source.container),
        LogEvent::Started(source) => format!("{}/{}#{} started", source.pod, source.container, source.run),
        LogEvent::Ended(source) => format!("{}/{}#{} ended", source.pod, source.container, source.run),
        LogEvent::Retrying { source, .. } => format!("{}/{} again", source.pod, source.container),
        LogEvent::Unwatched { .. } => "unwatched".to_owned(),
        other => other.to_string(),
    }
}

async fn next(events: &mut LogStream) -> String {
    word(&events.next().await.expect("more").expect("no error"))
}

async fn all(events: LogStream) -> Vec<String> {
    events.map(|event| word(&event.expect("no error"))).collect().await
}

#[tokio::test]
async fn without_following_all_containers_of_all_pods_are_read_to_their_end() {
    let server = Server::default();
    server.list(&[
        pod("a", &[("x", 0, "running"), ("y", 0, "terminated")]),
        pod("b", &[("x", 0, "waiting")]),
        pod("c", &[("x", 0, "running")]),
    ]);
    server.log("a/x", &(line(0, 1, "one") + &line(0, 1, "one")));
    server.log("a/y", &line(0, 2, "two"));
    server.refuse(&log_path("c/x"), 403, "Forbidden");
    let mut words = all(server.logs().labels("app=web").tail_lines(7).stream()).await;
    words.sort();
    let expected = [
        "a/x#0 ended",
        "a/x#0 started",
        "a/x: one",
        "a/x: one",
        "a/y#0 ended",
        "a/y#0 started",
        "a/y: two",
        "c/x#0 ended",
        "c/x#0 started",
        "shop/b/x: no log available",
        "shop/c/x: GET /api/v1/namespaces/shop/pods/c/log: Forbidden (403)",
    ];
    assert_eq!(words, expected);
    assert_eq!(server.asked("a/x"), ["&tailLines=7&timestamps=true"]);
    assert!(server.requests.lock().expect("ok")[0].contains("labelSelector=app%3Dweb"));
}

#[tokio::test]
async fn pods_and_containers_that_were_named_and_are_not_there_are_told() {
    let server = Server::default();
    server.list(&[
        pod("a", &[("x", 0, "running")]),
        pod("b", &[("y", 0, "running")]),
        pod("c", &[("x", 0, "running")]),
    ]);
    server.refuse(&format!("{PODS}/z"), 404, "NotFound");
    server.log("a/x", "");
    let mut words = all(server.logs().pod("a").pod("b").pod("z").container("x").stream()).await;
    words.sort();
    let expected = [
        "a/x#0 ended",
        "a/x#0 started",
        "shop/b/x: no log available",
        "shop/z: GET /api/v1/namespaces/shop/pods/z: NotFound (404)",
    ];
    assert_eq!(words, expected);
}

#[tokio::test]
async fn a_pod_that_was_named_and_is_in_no_namespace_is_told() {
    let server = Server::default();
    let list = r#"{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]}"#;
    let response = Response::builder().header("content-type", "application/json");
    server.answer("/api/v1/pods", response.body(Body::from(list)).expect("a response"));
    let mut events = LogsRequest::in_all_namespaces(&server.client()).pod("typo").stream();
    let event = events.next().await.expect("an event").expect("no error");
    assert!(matches!(&event, LogEvent::Failed { source, .. } if source.pod == "typo"), "{event:?}");
    assert!(event.to_string().contains("no pod typo in any namespace"), "{event}");
    assert!(events.next().await.is_none());
}

#[tokio::test]
async fn pods_that_can_not_be_listed_are_an_error_and_the_end() {
    for follow in [false, true] {
        let server = Server::default();
        server.refuse(PODS, 403, "Forbidden");
        let logs = if follow { server.logs().follow() } else { server.logs() };
        let mut events = logs.stream();
        assert!(events.next().await.expect("an error").expect_err("refused").is_forbidden());
        assert!(events.next().await.is_none());
    }
}

#[tokio::test(start_paused = true)]
async fn new_pods_and_new_runs_join_and_what_has_ended_leaves() {
    let server = Server::default();
    let watch = server.watch(&[pod("a", &[("x", 0, "running")])]).await;
    let log = server.open_log("a/x");
    let mut events = server.logs().follow().tail_lines(5).since_seconds(60).stream();
    assert_eq!(next(&mut events).await, "a/x#0 started");
    log.send(Ok(line(0, 1, "one").into())).await.expect("taken");
    assert_eq!(next(&mut events).await, "a/x: one");

    // Another pod comes.
    let other = server.open_log("b/x");
    watch.send(event("ADDED", &pod("b", &[("x", 0, "running")]))).await.expect("taken");
    assert_eq!(next(&mut events).await, "b/x#0 started");
    other.send(Ok(line(0, 1, "other").into())).await.expect("taken");
    assert_eq!(next(&mut events).await, "b/x: other");

    // A container is started anew: the rest of its first run comes before its second.
    server.log("a/x", &(line(0, 1, "one") + &line(0, 2, "two")));
    server.log("a/x", &line(1, 1, "again"));
    watch.send(event("MODIFIED", &pod("a", &[("x", 1, "running")]))).await.expect("taken");
    log.send(broken()).await.expect("taken");
    for expected in ["a/x again", "a/x: two", "a/x#0 ended", "a/x#1 started", "a/x: again"] {
        assert_eq!(next(&mut events).await, expected);
    }
    let asked = server.asked("a/x");
    assert_eq!(asked[0], "&follow=true&tailLines=5&timestamps=true&sinceSeconds=60");
    assert_eq!(asked[1], "&timestamps=true&sinceTime=2026-01-01T00:00:00Z&previous=true");
    assert_eq!(asked[2], "&follow=true&timestamps=true", "all of the new run");
    assert_eq!(server.asked("b/x"), ["&follow=true&timestamps=true"], "all of the new pod");

    // A pod goes.
    watch.send(event("DELETED", &pod("b", &[("x", 0, "terminated")]))).await.expect("taken");
    drop(other);
    assert_eq!(next(&mut events).await, "b/x#0 ended");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_is_read_before_its_pod_tells_of_it_repeats_nothing() {
    let server = Server::default();
    let watch = server.watch(&[pod("a", &[("x", 0, "running")])]).await;
    server.log("a/x", &line(0, 1, "one"));
    // The next run already, where the first was asked for, and then the rest of the first.
    let early = server.open_log("a/x");
    early.send(Ok(line(1, 1, "two").into())).await.expect("taken");
    server.log("a/x", &line(0, 1, "one"));
    server.log("a/x", &(line(1, 1, "two") + &line(1, 2, "three")));
    let mut events = server.logs().follow().stream();
    assert_eq!(next(&mut events).await, "a/x#0 started");
    assert_eq!(next(&mut events).await, "a/x: one");
    let tell = async {
        // Once the new run's line has been taken.
        early.reserve().await.expect("open").send(Ok(line(1, 2, "three").into()));
        watch.send(event("MODIFIED", &pod("a", &[("x", 1, "running")]))).await.expect("taken");
    };
    let rest = async {
        for expected in ["a/x#0 ended", "a/x#1 started", "a/x: two", "a/x: three"] {
            assert_eq!(next(&mut events).await, expected);
        }
    };
    tokio::join!(tell, rest);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_taken_for_the_one_before_is_gone_on_with() {
    let server = Server::default();
    let watch = server.watch(&[pod("a", &[("x", 0, "running")])]).await;
    // The pod's status is so late that nothing tells that this is the next run.
    let log = server.open_log("a/x");
    log.send(Ok(line(1, 1, "one").into())).await.expect("taken");
    let mut events = server.logs().follow().stream();
    assert_eq!(next(&mut events).await, "a/x#0 started");
    assert_eq!(next(&mut events).await, "a/x: one");
    watch.send(event("MODIFIED", &pod("a", &[("x", 1, "running")]))).await.expect("taken");
    // The previous run has nothing of it.
    server.log("a/x", "");
    server.log("a/x", &(line(1, 1, "one") + &line(1, 2, "two")));
    drop(log);
    let gap = next(&mut events).await;
    assert!(gap.contains("may be missing"), "{gap}");
    for expected in ["a/x#0 ended", "a/x#1 started", "a/x: two"] {
        assert_eq!(next(&mut events).await, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_breaks_is_told_and_taken_up_again() {
    let server = Server::default();
    let watch = server.watch(&[pod("a", &[("x", 0, "running")]), pod("b", &[("x", 0, "running")])]).await;
    let (a, b) = (server.open_log("a/x"), server.open_log("b/x"));
    let mut events = server.logs().follow().stream();
    assert_eq!([next(&mut events).await, next(&mut events).await], ["a/x#0 started", "b/x#0 started"]);
    let again = server.watch(&[pod("a", &[("x", 0, "running")]), pod("c", &[("x", 0, "running")])]).await;
    server.log("c/x", &line(0, 1, "new"));
    watch.send(broken()).await.expect("taken");
    assert_eq!(next(&mut events).await, "unwatched");
    assert_eq!(next(&mut events).await, "c/x#0 started");
    assert_eq!(next(&mut events).await, "c/x: new");
    // One that was deleted meanwhile has ended.
    drop(b);
    again.send(event("DELETED", &pod("b", &[("x", 0, "running")]))).await.expect("taken");
    assert_eq!(next(&mut events).await, "b/x#0 ended");
    a.send(Ok(line(0, 1, "still there").into())).await.expect("taken");
    assert_eq!(next(&mut events).await, "a/x: still there");
    drop(again);
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_not_there_any_more_when_all_are_read_again_has_ended() {
    let server = Server::default();
    let watch = server.watch(&[pod("a", &[("x", 0, "running")]), pod("b", &[("x", 0, "running")])]).await;
    let (a, b) = (server.open_log("a/x"), server.open_log("b/x"));
    let mut events = server.logs().follow().stream();
    assert_eq!([next(&mut events).await, next(&mut events).await], ["a/x#0 started", "b/x#0 started"]);
    let again = server.watch(&[pod("a", &[("x", 0, "running")])]).await;
    let expired = r#"{"kind":"Status","status":"Failure","code":410,"reason":"Expired"}"#;
    watch.send(event("ERROR", expired)).await.expect("taken");
    server.refuse(&log_path("b/x"), 404, "NotFound");
    drop(b);
    assert_eq!(next(&mut events).await, "shop/b/x: lines may be missing");
    assert_eq!(next(&mut events).await, "b/x#0 ended");
    a.send(Ok(line(0, 1, "still there").into())).await.expect("taken");
    assert_eq!(next(&mut events).await, "a/x: still there");
    drop(again);
}

#[tokio::test(start_paused = true)]
async fn pods_are_watched_again_after_each_kind_of_failure_as_its_class_says() {
    // The code, or what breaks a connection that was made; and whether it is the same six times in a row.
    let failures: [(u16, &str, bool); 10] = [
        (0, "connection", true),
        (0, "time", true),
        (429, "TooManyRequests", true),
        (500, "InternalError", true),
        (502, "", true),
        (503, "ServiceUnavailable", true),
        // Once it is listed again; a server that knows no version at all, not even that of its own list, is none.
        (410, "Expired", false),
        (500, "", false),
        (0, "garbled", false),
        (403, "Forbidden", false),
    ];
    for (code, reason, passes) in failures {
        let server = Server::default();
        let watch = server.watch(&[pod("a", &[("x", 0, "running")])]).await;
        let _log = server.open_log("a/x");
        let mut events = server.logs().follow().stream();
        assert_eq!(next(&mut events).await, "a/x#0 started");
        for _ in 0..6 {
            match (code, reason) {
                (0, "garbled") => server.answer(PODS, Response::new("{\"type\":\"ADDED\",\"object\":5}\n".into())),
                (0, "time") => {
                    let late = std::io::Error::from(std::io::ErrorKind::TimedOut);
                    server.open(PODS).send(Err(late.into())).await.expect("taken");
                }
                (0, _) => server.open(PODS).send(broken()).await.expect("taken"),
                _ => server.refuse(PODS, code, reason),
            }
        }
        let _again = server.watch(&[pod("a", &[("x", 0, "running")]), pod("c", &[("x", 0, "running")])]).await;
        let _other = server.open_log("c/x");
        drop(watch);
        let mut words = Vec::new();
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => words.push(word(&event)),
                Err(_) => words.push("error".to_owned()),
            }
            if words.last().is_some_and(|word| word != "unwatched") {
                break;
            }
        }
        let last = words.pop();
        let failed = if code == 410 {
            0
        } else if passes {
            6
        } else if code == 403 {
            0
        } else {
            2
        };
        assert_eq!(words, vec!["unwatched"; failed], "{code} {reason}");
        assert_eq!(last.as_deref(), Some(if passes { "c/x#0 started" } else { "error" }), "{code} {reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn collectors_whose_watches_break_together_do_not_watch_again_together() {
    let mut delays = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let server = Server::default();
        let watch = server.watch(&[]).await;
        server.refuse(PODS, 503, "ServiceUnavailable");
        drop(watch);
        let mut events = server.logs().follow().stream();
        let event = events.next().await.expect("more").expect("no error");
        let LogEvent::Unwatched { delay, .. } = event else { panic!("{event:?}") };
        delays.insert(delay);
    }
    assert!(delays.len() > 1, "{delays:?}");
}

#[tokio::test(start_paused = true)]
async fn runs_that_wait_for_the_one_before_are_told_when_their_pod_goes() {
    // With its pod, or because another pod has its name.
    let other = pod("a", &[("x", 0, "running")]).replace("a-uid", "other-uid");
    for last in [event("DELETED", &pod("a", &[("x", 2, "running")])), event("ADDED", &other)] {
        let server = Server::default();
        let watch = server.watch(&[pod("a", &[("x", 0, "running")])]).await;
        let log = server.open_log("a/x");
        let mut events = server.logs().follow().stream();
        assert_eq!(next(&mut events).await, "a/x#0 started");
        let runs = [1, 2].map(|run| event("MODIFIED", &pod("a", &[("x", run, "running")])));
        let news: Vec<_> = runs.into_iter().chain([last]).map(|event| event.expect("bytes")).collect();
        watch.send(Ok(news.concat().into())).await.expect("taken");
        drop(log);
        let mut words = Vec::new();
        while words.len() < 3 {
            let word = next(&mut events).await;
            // The other pod's log begins in between.
            words.extend(Some(word).filter(|word| word != "a/x#0 started"));
        }
        words.sort();
        assert_eq!(
            words,
            ["a/x#0 ended", "shop/a/x: no log of run 1 available", "shop/a/x: no log of run 2 available"]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_leaves_the_selector_and_comes_back_is_gone_on_with() {
    let server = Server::default();
    let pod = pod("a", &[("x", 0, "running"), ("y", 0, "terminated")]);
    let watch = server.watch(std::slice::from_ref(&pod)).await;
    let log = server.open_log("a/x");
    server.log("a/y", "");
    let mut events = server.logs().labels("app=web").follow().stream();
    for expected in ["a/x#0 started", "a/y#0 started", "a/y#0 ended"] {
        assert_eq!(next(&mut events).await, expected);
    }
    for (kind, text) in [("DELETED", "one"), ("ADDED", "two")] {
        watch.send(event(kind, &pod)).await.expect("taken");
        log.send(Ok(line(0, 1, text).into())).await.expect("taken");
        assert_eq!(next(&mut events).await, format!("a/x: {text}"));
    }
    // It is known again that the container runs.
    server.log("a/x", &(line(0, 1, "one") + &line(0, 1, "two") + &line(0, 2, "three")));
    log.send(broken()).await.expect("taken");
    for expected in ["a/x again", "a/x: three"] {
        assert_eq!(next(&mut events).await, expected);
    }
    assert_eq!((server.asked("a/x").len(), server.asked("a/y").len()), (2, 1));
}

#[tokio::test]
async fn the_run_that_failed_last_is_the_newest_while_the_container_waits_to_be_started_anew() {
    for (state, previous, expected) in [
        (("x", 0, "crashed"), true, "a/x#0 started"),
        (("x", 2, "crashed"), true, "a/x#2 started"),
        (("x", 2, "crashed"), false, "a/x#2 started"),
        (("x", 2, "running again"), true, "a/x#1 started"),
        (("x", 2, "running again"), false, "a/x#2 started"),
    ] {
        let server = Server::default();
        server.list(&[pod("a", &[state])]);
        server.log("a/x", "");
        let logs = if previous { server.logs().previous() } else { server.logs() };
        assert_eq!(all(logs.stream()).await[0], expected, "{state:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_rest_of_a_run_is_not_read_from_the_log_of_a_newer_one_that_waits_to_be_started_anew() {
    let server = Server::default();
    let watch = server.watch(&[pod("a", &[("x", 0, "running")])]).await;
    let log = server.open_log("a/x");
    let mut events = server.logs().follow().stream();
    assert_eq!(next(&mut events).await, "a/x#0 started");
    log.send(Ok(line(0, 1, "one").into())).await.expect("taken");
    assert_eq!(next(&mut events).await, "a/x: one");
    watch.send(event("MODIFIED", &pod("a", &[("x", 1, "crashed")]))).await.expect("taken");
    server.log("a/x", &line(1, 1, "two"));
    log.send(broken()).await.expect("taken");
    assert_eq!(next(&mut events).await, "a/x again");
    let gap = next(&mut events).await;
    assert!(gap.contains("may be missing"), "{gap}");
    for expected in ["a/x#0 ended", "a/x#1 started", "a/x: two", "a/x#1 ended"] {
        assert_eq!(next(&mut events).await, expected);
    }
    assert!(server.asked("a/x").iter().all(|query| !query.contains("previous")));
}

#[tokio::test(start_paused = true)]
async fn what_is_too_much_at_once_waits_for_its_turn() {
    let server = Server::default();
    let containers = [("x", 0, "running"), ("y", 0, "running")];
    let watch = server.watch(&[pod("a", &containers)]).await;
    let log = server.open_log("a/x");
    let mut events = server.logs().follow().max_streams(1).stream();
    for expected in ["shop/a/y: waiting, the maximum number of logs is being read", "a/x#0 started"] {
        assert_eq!(next(&mut events).await, expected);
    }
    server.log("a/y", &line(0, 1, "y"));
    server.log("a/x", &line(0, 1, "x"));
    watch.send(event("MODIFIED", &pod("a", &[("x", 0, "terminated"), ("y", 0, "running")]))).await.expect("taken");
    drop(log);
    for expected in ["a/x: x", "a/x#0 ended", "a/y#0 started", "a/y: y"] {
        assert_eq!(next(&mut events).await, expected);
    }
    // Nothing is followed: the queue is no event.
    let server = Server::default();
    server.list(&[pod("a", &containers)]);
    server.log("a/x", "");
    server.log("a/y", "");
    let words = all(server.logs().max_streams(1).stream()).await;
    assert_eq!(words, ["a/x#0 started", "a/x#0 ended", "a/y#0 started", "a/y#0 ended"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_older_than_so_many_seconds_counts_from_the_start_of_the_stream() {
    let server = Server::default();
    let watch = server.watch(&[pod("a", &[("x", 0, "running"), ("y", 0, "running")])]).await;
    let log = server.open_log("a/x");
    let mut events = server.logs().follow().max_streams(1).since_seconds(5).stream();
    for expected in ["shop/a/y: waiting, the maximum number of logs is being read", "a/x#0 started"] {
        assert_eq!(next(&mut events).await, expected);
    }
    log.send(Ok(line(0, 1, "x").into())).await.expect("taken");
    assert_eq!(next(&mut events).await, "a/x: x");
    tokio::time::advance(Duration::from_secs(20)).await;
    server.log("a/x", &line(0, 1, "x"));
    server.log("a/y", &line(0, 1, "y"));
    watch.send(event("MODIFIED", &pod("a", &[("x", 0, "terminated"), ("y", 0, "running")]))).await.expect("taken");
    drop(log);
    for expected in ["a/x#0 ended", "a/y#0 started", "a/y: y"] {
        assert_eq!(next(&mut events).await, expected);
    }
    assert_eq!(server.asked("a/x")[0], "&follow=true&timestamps=true&sinceSeconds=5");
    assert_eq!(server.asked("a/y")[0], "&follow=true&timestamps=true&sinceSeconds=25", "what it wrote while it waited");
}

#[tokio::test]
async fn who_has_much_to_say_gives_way_to_the_others() {
    let server = Server::default();
    server.list(&[pod("a", &[("x", 0, "running"), ("y", 0, "running")])]);
    for container in ["a/x", "a/y"] {
        let text: String = (0..1000).map(|number| line(0, number % 60, "said")).collect();
        server.log(container, &text);
    }
    let words = all(server.logs().stream()).await;
    let lines: Vec<_> = words.iter().filter(|word| word.ends_with("said")).collect();
    assert_eq!(lines.len(), 2000);
    let x = lines[..200].iter().filter(|word| word.starts_with("a/x")).count();
    assert!((50..=150).contains(&x), "{x} of 200");
}

#[tokio::test]
async fn nothing_is_read_ahead_and_dropping_the_stream_ends_everything() {
    let server = Server::default();
    let watch = server.watch(&[pod("a", &[("x", 0, "running")])]).await;
    let log = server.open_log("a/x");
    let mut events = server.logs().follow().stream();
    assert_eq!(next(&mut events).await, "a/x#0 started");
    log.send(Ok(line(0, 1, "one").into())).await.expect("taken");
    assert_eq!(next(&mut events).await, "a/x: one");
    log.try_send(Ok(line(0, 2, "two").into())).expect("there is room for one");
    assert!(log.try_send(Ok(line(0, 3, "three").into())).is_err(), "nobody has taken it");
    drop(events);
    log.closed().await;
    watch.closed().await;
}
