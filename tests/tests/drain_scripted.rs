//! What a drain makes of answers that a real server gives at moments which a test can't choose: the answers are made up.
#![allow(missing_docs)]

use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Method, Request, Response};
use http_body_util::Full;
use kubewright::ApiGroups as _;
use kubewright::core::v1::{Binding, Nodes};
use kubewright::policy::v1::Eviction;
use kubewright_ops::drain::{DrainError, DrainReport, PodOutcome};
use kubewright_ops::evict::EvictOutcome;
use kubewright_ops::prelude::*;
use kubewright_runtime::Client;
use kubewright_runtime::retry::NoRetryOn429;
use kubewright_runtime::transport::Body;
use serde_json::{Value, json};

type Answer = (u16, Value);

/// A server with a node and one pod on it, `shop/web`. `evictions` and `pods` are what it says when the pod is to be
/// evicted, and when it is looked at: the last answer again and again. The codes 0 and 1 are a connection that breaks, and
/// a time-out.
fn server(evictions: Vec<Answer>, pods: Vec<Answer>) -> (Client, Arc<Mutex<Vec<String>>>) {
    let (evictions, pods) = (Mutex::new(VecDeque::from(evictions)), Mutex::new(VecDeque::from(pods)));
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = asked.clone();
    let answer = Arc::new(move |method: &Method, path: &str| -> Answer {
        log.lock().expect("a log").push(format!("{method} {path}"));
        let next = |answers: &Mutex<VecDeque<Answer>>| {
            let mut answers = answers.lock().expect("answers");
            let answer = answers.front().cloned().expect("an answer");
            if answers.len() > 1 {
                answers.pop_front();
            }
            answer
        };
        match path {
            "/api/v1/nodes/n" => (200, json!({ "metadata": { "name": "n" }, "spec": { "unschedulable": true } })),
            "/api/v1/pods" => (200, json!({ "items": [pod("one")] })),
            "/api/v1/namespaces/shop/pods/web/eviction" => next(&evictions),
            "/api/v1/namespaces/shop/pods/web" => next(&pods),
            _ => (404, refusal(404, "NotFound", "")),
        }
    });
    let service = tower::service_fn(move |request: Request<Body>| {
        let (code, body) = answer(request.method(), request.uri().path());
        let response = Response::builder().status(code.max(100)).header("content-type", "application/json");
        let response = response.body(Full::from(body.to_string())).expect("a response");
        async move {
            match code {
                0 => Err(io::Error::from(io::ErrorKind::ConnectionReset)),
                1 => Err(io::Error::from(io::ErrorKind::TimedOut)),
                _ => Ok(response),
            }
        }
    });
    (Client::from_service(service, "default"), asked)
}

fn pod(uid: &str) -> Value {
    let owner = json!({ "apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web", "uid": "x", "controller": true });
    json!({ "metadata": { "name": "web", "namespace": "shop", "uid": uid, "resourceVersion": "7", "ownerReferences": [owner] } })
}

fn refusal(code: u16, reason: &str, message: &str) -> Value {
    json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "message": message, "code": code })
}

fn granted() -> Answer {
    (201, json!({ "kind": "Status", "apiVersion": "v1", "status": "Success" }))
}

fn gone() -> Answer {
    (404, refusal(404, "NotFound", "pods \"web\" not found"))
}

fn nodes(client: &Client) -> Nodes {
    client.core_v1().nodes()
}

fn evictions(asked: &Mutex<Vec<String>>) -> usize {
    asked.lock().expect("a log").iter().filter(|call| call.ends_with("/eviction")).count()
}

/// Drains the node: what became of it, and what was told on the way.
async fn drain(client: &Client) -> (Result<DrainReport, DrainError>, Vec<String>) {
    let told: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = told.clone();
    let drain = nodes(client).drain("n").on_event(move |event| seen.lock().expect("events").push(event.to_string()));
    let drained = drain.await;
    let told = told.lock().expect("events").clone();
    (drained, told)
}

/// The events of attempts that follow after five seconds, or up to a fifth less.
fn asked_again(told: &[String]) -> Vec<&String> {
    let is_in_time = |event: &&String| {
        let (_, pause) = event.split_once("retrying in ")?;
        let seconds: f64 = pause.strip_suffix('s')?.parse().ok()?;
        (4.0..=5.0).contains(&seconds).then_some(())
    };
    told.iter().filter(|event| is_in_time(event).is_some()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_busy_server_is_no_budget_and_is_asked_again() {
    let busy = (429, refusal(429, "TooManyRequests", "too many requests, please try again later"));
    let one = || (200, pod("one"));
    let (client, asked) = server(vec![busy.clone(), busy.clone(), granted()], vec![one(), one(), one(), gone()]);
    let (drained, told) = drain(&client).await;
    let report = drained.expect("drained");
    assert!(matches!(report.outcome("shop", "web"), Some(PodOutcome::Evicted)), "{report:?}");
    assert_eq!(evictions(&asked), 3);
    let again = asked_again(&told);
    assert!(again.len() == 2 && again[0].contains("too many requests"), "{told:?}");

    let (client, _) = server(vec![busy], vec![]);
    let pods = client.core_v1().pods("shop");
    let error = pods.evict("web").retry_for(Duration::from_secs(60)).outcome().await.expect_err("busy");
    assert!(error.is_too_many_requests() && !error.is_disruption_budget(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn another_pod_of_the_same_name_is_let_be() {
    let conflict = (409, refusal(409, "Conflict", "the UID in the precondition does not match"));
    let one = || (200, pod("one"));
    // Before the eviction and after the conflict, twice.
    let (client, asked) = server(vec![conflict], vec![one(), one(), one(), (200, pod("two"))]);
    let report = nodes(&client).drain("n").await.expect("drained");
    assert!(matches!(report.outcome("shop", "web"), Some(PodOutcome::GoneBefore)), "{report:?}");
    assert_eq!(evictions(&asked), 2, "a conflict over the same pod is tried again");

    let (client, _) = server(vec![granted()], vec![(200, pod("one")), (200, pod("two"))]);
    let report = nodes(&client).drain("n").await.expect("drained");
    assert!(matches!(report.outcome("shop", "web"), Some(PodOutcome::Evicted)), "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_was_replaced_is_not_evicted_since_its_budget_would_be_spent() {
    // The server would count the eviction before it compares the UID.
    let (client, asked) = server(vec![granted()], vec![(200, pod("two"))]);
    let report = nodes(&client).drain("n").await.expect("drained");
    assert!(matches!(report.outcome("shop", "web"), Some(PodOutcome::GoneBefore)), "{report:?}");
    assert_eq!(evictions(&asked), 0);

    let pods = client.core_v1().pods("shop");
    let error = pods.evict("web").if_uid("one").await.expect_err("another pod");
    assert!(error.is_conflict() && error.to_string().contains("has the UID two, not one"), "{error}");
    let error = pods.evict("web").if_uid("one").outcome().await.expect_err("another pod");
    assert!(error.is_conflict(), "{error}");
    let error = pods.evict("web").if_uid("two").if_resource_version("6").await.expect_err("changed");
    assert!(error.is_conflict() && error.to_string().contains("has the resource version 7, not 6"), "{error}");
    assert_eq!(evictions(&asked), 0);
    pods.evict("web").if_uid("two").if_resource_version("7").await.expect("evicted");
    assert_eq!(evictions(&asked), 1);
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_replaced_while_a_budget_keeps_it_is_not_evicted() {
    let mut blocked = refusal(429, "TooManyRequests", "it would violate the budget");
    blocked["details"] =
        json!({ "causes": [{ "reason": "DisruptionBudget", "message": "The disruption budget web" }] });
    let pods = || vec![(200, pod("one")), (200, pod("two"))];
    let (client, asked) = server(vec![(429, blocked.clone()), granted()], pods());
    let evict = client.core_v1().pods("shop").evict("web").if_uid("one").retry_for(Duration::from_secs(60));
    let error = evict.await.expect_err("another pod");
    assert!(error.is_conflict(), "{error}");
    assert_eq!(evictions(&asked), 1);

    let (client, asked) = server(vec![(429, blocked), granted()], pods());
    let report = nodes(&client).drain("n").await.expect("drained");
    assert!(matches!(report.outcome("shop", "web"), Some(PodOutcome::GoneBefore)), "{report:?}");
    assert_eq!(evictions(&asked), 1);
}

#[tokio::test(start_paused = true)]
async fn a_pod_is_read_before_its_eviction_only_where_there_is_a_condition_and_a_budget_to_spend() {
    let (client, asked) = server(vec![granted()], vec![(403, refusal(403, "Forbidden", "you may not look"))]);
    let pods = client.core_v1().pods("shop");
    pods.evict("web").await.expect("evicted");
    pods.evict("web").if_uid("one").dry_run().await.expect("nothing is counted");
    assert_eq!((evictions(&asked), asked.lock().expect("a log").len()), (2, 2));
    pods.evict("web").if_uid("one").await.expect("who may not read has the server's check alone");
    assert_eq!((evictions(&asked), asked.lock().expect("a log").len()), (3, 4));
    let (client, asked) = server(vec![granted()], vec![gone()]);
    let error = client.core_v1().pods("shop").evict("web").if_uid("one").await.expect_err("gone");
    assert!(error.is_not_found(), "{error}");
    assert_eq!(evictions(&asked), 0);
}

#[tokio::test(start_paused = true)]
async fn a_budget_is_asked_again_no_earlier_than_it_says() {
    let mut blocked =
        refusal(429, "TooManyRequests", "Cannot evict pod as it would violate the pod's disruption budget.");
    blocked["details"] = json!({
        "causes": [{ "reason": "DisruptionBudget", "message": "The disruption budget web is still being processed by the server." }],
        "retryAfterSeconds": 10,
    });
    let blocked: Answer = (429, blocked);
    let (client, asked) = server(vec![blocked.clone(), granted()], vec![gone()]);
    let pods = client.core_v1().pods("shop");
    let evict = || pods.evict("web").retry_every(Duration::from_secs(1));
    let outcome = evict().retry_for(Duration::from_secs(9)).outcome().await.expect("an outcome");
    let EvictOutcome::Blocked(refusal) = outcome else { panic!("{outcome:?}") };
    assert_eq!((refusal.budget.as_deref(), refusal.retry_after), (Some("web"), Some(Duration::from_secs(10))));
    assert_eq!(evictions(&asked), 1, "there is no time for another attempt");

    let (client, _) = server(vec![blocked, granted()], vec![gone()]);
    let start = tokio::time::Instant::now();
    let pods = client.core_v1().pods("shop");
    let evict = pods.evict("web").retry_every(Duration::from_secs(1)).retry_for(Duration::from_secs(60));
    assert_eq!(evict.outcome().await.expect("an outcome"), EvictOutcome::Evicted);
    // By the paused clock; what is more keeps those apart that were refused together.
    let (elapsed, asked) = (start.elapsed(), Duration::from_secs(10));
    assert!(asked <= elapsed && elapsed <= asked + Duration::from_secs(1), "{elapsed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_time_without_end_is_no_limit() {
    let mut blocked = refusal(429, "TooManyRequests", "it would violate the budget");
    blocked["details"] =
        json!({ "causes": [{ "reason": "DisruptionBudget", "message": "The disruption budget web" }] });
    let (client, asked) = server(vec![(429, blocked.clone()), (429, blocked), granted()], vec![gone()]);
    client.core_v1().pods("shop").evict("web").retry_for(Duration::MAX).await.expect("evicted");
    assert_eq!(evictions(&asked), 3);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_away_for_a_while_is_asked_again() {
    // No answer at all: the connection breaks.
    let away = || (0, json!(null));
    let broken = || (500, refusal(500, "InternalError", "the store is away"));
    let unavailable = || (503, refusal(503, "ServiceUnavailable", "no leader"));
    let looks = vec![(200, pod("one")), away(), broken(), unavailable(), (200, pod("one")), gone()];
    let (client, asked) = server(vec![away(), granted()], looks);
    let (drained, told) = drain(&client).await;
    let report = drained.expect("drained");
    assert!(matches!(report.outcome("shop", "web"), Some(PodOutcome::Evicted)), "{report:?}");
    assert_eq!(evictions(&asked), 2);
    assert!(asked_again(&told).len() >= 2, "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("shop/web is deleted"));

    let (client, _) = server(vec![granted()], vec![broken()]);
    let error = nodes(&client).drain("n").timeout(Duration::from_secs(60)).await.expect_err("away for long");
    assert_eq!(error.to_string(), "n is not drained after 60s: shop/web: still shutting down");
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_was_evicted_and_can_t_be_watched_is_told_as_such() {
    let (client, _) = server(vec![granted()], vec![(403, refusal(403, "Forbidden", "you may not look"))]);
    let (drained, told) = drain(&client).await;
    let error = drained.expect_err("not watched");
    let DrainError::Failed(report) = &error else { panic!("{error:?}") };
    assert!(
        matches!(report.outcome("shop", "web"), Some(PodOutcome::Unwatched(why)) if why.is_forbidden()),
        "{report:?}"
    );
    assert_eq!(report.remaining().count(), 1);
    assert!(error.to_string().contains("shop/web: evicted, but its deletion could not be observed: "), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    assert!(
        told.last().is_some_and(|event| event.contains("is evicted, but its deletion can't be observed")),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_of_a_drain_passes_as_one_of_the_client() {
    async fn calls(client: &Client, node: &str) -> kubewright::Result<()> {
        nodes(client).cordon(node).await?;
        nodes(client).drain(node).timeout(Duration::from_secs(1)).await?;
        Ok(())
    }
    let (client, _) = server(vec![granted()], vec![(200, pod("one"))]);
    let error = calls(&client, "n").await.expect_err("time is up");
    assert!(error.is_aborted() && error.to_string().contains("drain of n"), "{error}");
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<DrainError>());
    assert!(cause.is_some_and(DrainError::is_timeout), "{error:?}");

    let error = nodes(&client).drain("no-such-node").await.expect_err("there is none");
    assert!(kubewright_runtime::Error::from(error).is_not_found());
}

#[tokio::test(start_paused = true)]
async fn what_stops_a_pod_for_good_is_told_with_its_cause() {
    let forbidden = (403, refusal(403, "Forbidden", "you may not"));
    let (client, asked) = server(vec![forbidden], vec![(200, pod("one"))]);
    let error = nodes(&client).drain("n").timeout(Duration::from_secs(60)).await.expect_err("forbidden");
    assert!(matches!(&error, DrainError::Failed(report) if report.remaining().count() == 1), "{error}");
    assert!(error.to_string().contains("shop/web: failed") && error.to_string().contains("you may not"), "{error}");
    assert!(std::error::Error::source(&error).is_some());
    assert_eq!(evictions(&asked), 1);

    let error = nodes(&client).drain("no-such-node").await.expect_err("there is none");
    assert!(matches!(&error, DrainError::Api { source, .. } if source.is_not_found()) && error.report().is_none());
    assert_eq!(error.to_string(), "cordoning no-such-node failed");
}

/// The answers of a server that fails, and whether a read and an eviction are asked for again: as long as it takes, twice,
/// or never.
const FAILURES: [(u16, &str, usize, usize); 13] = [
    (0, "the connection breaks", 6, 6),
    (1, "nothing comes in time", 6, 6),
    (429, "TooManyRequests", 6, 6),
    (502, "", 6, 6),
    (503, "ServiceUnavailable", 6, 6),
    (504, "Timeout", 6, 6),
    (500, "ServerTimeout", 6, 6),
    // Most often an admission webhook's.
    (500, "InternalError", 6, 1),
    (500, "", 3, 1),
    (410, "Expired", 3, 1),
    // A success that can't be decoded.
    (200, "garbled", 3, 1),
    (401, "Unauthorized", 1, 1),
    (403, "Forbidden", 1, 1),
];

fn failure(code: u16, reason: &str) -> Answer {
    if code == 200 { (code, json!("garbled")) } else { (code, refusal(code, reason, "no")) }
}

#[tokio::test(start_paused = true)]
async fn a_drain_retries_each_kind_of_failure_as_its_class_says() {
    let one = || (200, pod("one"));
    for (code, reason, reads, asks) in FAILURES {
        let row = || vec![failure(code, reason); 6];
        // The first read is the one before the eviction.
        let pods = [vec![one()], row(), vec![gone()]].concat();
        let (client, asked) = server(vec![granted()], pods);
        let drained = drain(&client).await.0;
        assert_eq!(drained.is_ok(), reads == 6, "{code} {reason}: {drained:?}");
        let count = asked
            .lock()
            .expect("a log")
            .iter()
            .filter(|call| call.ends_with("GET /api/v1/namespaces/shop/pods/web"))
            .count();
        assert_eq!(count, 1 + reads + usize::from(reads == 6), "{code} {reason}");

        let pods = [vec![one(); 1 + asks], vec![gone()]].concat();
        let (client, asked) = server([row(), vec![granted()]].concat(), pods);
        let drained = drain(&client).await.0;
        assert_eq!(drained.is_ok(), asks == 6, "{code} {reason}: {drained:?}");
        assert_eq!(evictions(&asked), asks + usize::from(asks == 6), "{code} {reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_drain_comes_back_no_earlier_than_the_server_says_and_not_with_others() {
    let mut busy = refusal(429, "TooManyRequests", "busy");
    busy["details"] = json!({ "retryAfterSeconds": 60 });
    let busy: Answer = (429, busy);
    let mut elapsed = BTreeSet::new();
    for _ in 0..20 {
        let start = tokio::time::Instant::now();
        // When it is evicted, and when it is looked at.
        let pods = vec![(200, pod("one")), (200, pod("one")), busy.clone(), gone()];
        let (client, _) = server(vec![busy.clone(), granted()], pods);
        drain(&client).await.0.expect("drained");
        elapsed.insert(start.elapsed());
    }
    assert!(elapsed.len() > 1 && elapsed.iter().all(|elapsed| *elapsed >= Duration::from_secs(120)), "{elapsed:?}");
}

#[tokio::test(start_paused = true)]
async fn an_eviction_that_a_busy_server_refuses_with_a_time_is_asked_for_again_and_one_that_a_budget_forbids_is_not() {
    let mut busy = refusal(429, "TooManyRequests", "busy");
    busy["details"] = json!({ "retryAfterSeconds": 1 });
    let (client, asked) = server(vec![(429, busy.clone()), (429, busy.clone()), granted()], vec![gone()]);
    client.core_v1().pods("shop").evict("web").await.expect("evicted");
    assert_eq!(evictions(&asked), 3);
    let (client, asked) = server(vec![(429, busy.clone())], vec![gone()]);
    let error = client.core_v1().pods("shop").evict("web").await.expect_err("busy for long");
    assert!(error.is_too_many_requests() && evictions(&asked) == 3, "{error}");
    busy["details"]["causes"] = json!([{ "reason": "DisruptionBudget" }]);
    let (client, asked) = server(vec![(429, busy)], vec![gone()]);
    let error = client.core_v1().pods("shop").evict("web").await.expect_err("forbidden");
    assert!(error.is_disruption_budget() && evictions(&asked) == 1, "{error}");
}

#[tokio::test]
async fn an_eviction_says_itself_that_its_429_is_not_retried() {
    let said: Arc<Mutex<Vec<(String, bool)>>> = Arc::default();
    let log = said.clone();
    let service = tower::service_fn(move |request: Request<Body>| {
        let not_retried = request.extensions().get::<NoRetryOn429>().is_some();
        log.lock().expect("a log").push((request.uri().path().to_owned(), not_retried));
        async { Ok::<_, io::Error>(Response::new(Full::from(granted().1.to_string()))) }
    });
    let client = Client::from_service(service, "default");
    let pods = client.core_v1().pods("shop");
    pods.create_eviction("web", &Eviction::default()).await.expect("evicted");
    pods.evict("web").await.expect("evicted");
    pods.create_binding("web", &Binding::default()).await.expect("bound");
    let path = |subresource| format!("/api/v1/namespaces/shop/pods/web/{subresource}");
    let expected = [(path("eviction"), true), (path("eviction"), true), (path("binding"), false)];
    assert_eq!(*said.lock().expect("a log"), expected);
}
