//! What is sent again, when, and what is not.

use std::time::Duration;

use http::header::UPGRADE;
use http::{Method, StatusCode};
use tokio::time::Instant;
use tower::Layer;

use super::*;
use crate::config::{Config, Credentials};
use crate::retry::{Backoff, NoRetryOn429, RetryBudget, RetryPolicy};
use crate::transport::error::Kind;

fn status(code: u16, retry_after: Option<&str>) -> Answer {
    let mut response = Response::builder().status(code);
    if let Some(seconds) = retry_after {
        response = response.header("retry-after", seconds);
    }
    Ok(response.body(Body::empty()).expect("a response"))
}

fn failure(kind: Kind) -> Answer {
    Err(TransportError::new(kind, "made up").into())
}

fn request(method: Method, body: Body) -> Request<Body> {
    Request::builder().method(method).uri("/").header("x-kept", "yes").body(body).expect("a request")
}

fn layer(max_attempts: u32) -> RetryLayer {
    RetryLayer::new(&RetryPolicy::new().max_attempts(max_attempts), None)
}

/// Sends `request`, with `first` as the first answer and 200 afterwards, and tells how often it was sent.
async fn attempts(request: Request<Body>, first: Answer) -> usize {
    let script = Script::new([first]);
    let service = BoxCloneSyncService::new(layer(3).layer(script.service()));
    let _ = send(&service, request).await;
    script.requests().len()
}

#[tokio::test(start_paused = true)]
async fn only_what_is_safe_and_helps_is_sent_again() {
    let (once, twice) = (1, 2);
    type Case = (Method, fn() -> Answer, usize);
    let cases: Vec<Case> = vec![
        (Method::GET, || status(429, Some("1")), twice),
        (Method::POST, || status(429, Some("1")), twice),
        (Method::POST, || status(429, None), once),
        (Method::GET, || status(429, None), once),
        (Method::GET, || status(429, Some("soon")), once),
        (Method::GET, || status(429, Some("3600")), once),
        (Method::GET, || status(503, Some("1")), twice),
        (Method::HEAD, || status(503, Some("1")), twice),
        (Method::POST, || status(503, Some("1")), once),
        (Method::GET, || status(503, None), once),
        (Method::GET, || status(500, Some("1")), twice),
        (Method::GET, || status(504, None), once),
        (Method::GET, || status(410, Some("1")), once),
        (Method::GET, || status(401, Some("1")), once),
        (Method::GET, || failure(Kind::Garbled), once),
        (Method::GET, || status(404, Some("1")), once),
        (Method::GET, || status(200, Some("1")), once),
        (Method::POST, || failure(Kind::Connect), twice),
        (Method::GET, || failure(Kind::Connect), twice),
        (Method::GET, || failure(Kind::Tls), once),
        (Method::GET, || failure(Kind::ConnectTimeout), once),
        (Method::GET, || failure(Kind::ReadTimeout), once),
        (Method::GET, || failure(Kind::Broken), twice),
        (Method::PUT, || failure(Kind::Broken), once),
        (Method::DELETE, || failure(Kind::Broken), once),
        (Method::GET, || Err("not of the transport".into()), once),
    ];
    for (method, first, expected) in cases {
        let sent = attempts(request(method.clone(), Body::empty()), first()).await;
        assert_eq!(sent, expected, "{method} after {:?}", first());
    }
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_forbids_an_eviction_is_told_at_once_and_whole() {
    let refusal =
        r#"{"kind":"Status","code":429,"details":{"causes":[{"reason":"DisruptionBudget"}],"retryAfterSeconds":10}}"#;
    let refused = |text: &'static str| -> Answer {
        Ok(Response::builder().status(429).header("retry-after", "10").body(text.into()).expect("a response"))
    };
    let script = Script::new([refused(refusal)]);
    let service = BoxCloneSyncService::new(layer(3).layer(script.service()));
    let mut eviction = request(Method::POST, Body::empty());
    eviction.extensions_mut().insert(NoRetryOn429);
    let response = send(&service, eviction).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(response.into_body().as_bytes().map(|body| &body[..]), Some(refusal.as_bytes()));
    assert_eq!(script.requests().len(), 1);
    let busy = refused("Too many requests, please try again later.");
    assert_eq!(attempts(request(Method::POST, Body::empty()), busy).await, 2, "a busy server is asked again");
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_that_may_have_happened_is_not_repeated() {
    let mut exec = request(Method::GET, Body::empty());
    exec.headers_mut().insert(UPGRADE, "websocket".parse().expect("a value"));
    assert_eq!(attempts(exec, failure(Kind::Broken)).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_repeated_request_is_the_same_and_comes_no_earlier_than_asked() {
    let script = Script::new([status(429, Some("5")), failure(Kind::Connect)]);
    let service = BoxCloneSyncService::new(layer(3).layer(script.service()));
    let started = Instant::now();
    let response = send(&service, request(Method::POST, "body".into())).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::OK);
    assert!(started.elapsed() >= Duration::from_secs(5));
    let sent = script.requests();
    assert_eq!(sent.len(), 3);
    for request in sent {
        assert_eq!((request.method(), request.headers()["x-kept"].as_bytes()), (&Method::POST, &b"yes"[..]));
        assert_eq!(request.body(), "body");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_answer_is_given_to_the_caller_when_attempts_run_out() {
    for max_attempts in [0, 1, 4] {
        let script = Script::new((0..10).map(|_| status(429, Some("1"))));
        let service = BoxCloneSyncService::new(layer(max_attempts).layer(script.service()));
        let response = send(&service, get("/")).await.expect("an answer");
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(script.requests().len(), max_attempts.max(1) as usize);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_not_in_memory_is_sent_once() {
    let stream = Body::wrap(http_body_util::Full::new(Bytes::from_static(b"streamed")));
    assert_eq!(attempts(request(Method::POST, stream), status(429, Some("1"))).await, 1);
}

#[tokio::test(start_paused = true)]
async fn what_a_request_says_of_its_retries_goes_before_what_the_client_says() {
    for (policy, expected) in [(RetryPolicy::never(), 1), (RetryPolicy::new().max_attempts(7), 7)] {
        let script = Script::new((0..10).map(|_| failure(Kind::Connect)));
        let service = BoxCloneSyncService::new(layer(3).layer(script.service()));
        let mut request = get("/");
        request.extensions_mut().insert(policy);
        assert!(send(&service, request).await.is_err());
        assert_eq!(script.requests().len(), expected);
        assert!(send(&service, get("/")).await.is_err());
        assert_eq!(script.requests().len(), 3, "the next request is the client's again");
    }
}

#[tokio::test(start_paused = true)]
async fn the_delays_and_the_longest_retry_after_are_those_of_the_policy() {
    let minute = Duration::from_secs(60);
    let policy = RetryPolicy::new().backoff(Backoff::new(minute, minute).jitter(0.0)).max_retry_after(minute * 10);
    let script = Script::new([failure(Kind::Connect), status(429, Some("600")), status(429, Some("601"))]);
    let service = BoxCloneSyncService::new(RetryLayer::new(&policy.max_attempts(9), None).layer(script.service()));
    let started = Instant::now();
    let response = send(&service, get("/")).await.expect("an answer");
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!((script.requests().len(), started.elapsed()), (3, minute * 11));
}

#[tokio::test(start_paused = true)]
async fn of_a_server_that_fails_everything_a_fifth_is_asked_again_and_a_few_more() {
    let sent = |budget| async move {
        let script = Script::new((0..5000).map(|_| failure(Kind::Connect)));
        let service = BoxCloneSyncService::new(RetryLayer::new(&RetryPolicy::new(), budget).layer(script.service()));
        let requests = (0..1000).map(|_| send(&service, get("/")));
        assert!(
            futures_util::future::join_all(requests).await.iter().all(Result::is_err),
            "the failure is the caller's"
        );
        script.requests().len()
    };
    assert_eq!(sent(Some(RetryBudget::new(0.2, 0))).await, 1200);
    assert_eq!(sent(Some(RetryBudget::new(0.2, 10))).await, 1300);
    assert_eq!(sent(None).await, 3000);
}

/// The whole stack, with the token of a file that `changes` between the first attempt and the second.
async fn stack_with_token(first: Answer, changes: bool) -> (Vec<String>, Answer) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("token");
    std::fs::write(&path, "first").expect("a file");
    let mut config = Config::new("https://server.example/prefix".parse().expect("a URL"));
    config.credentials = Credentials::TokenFile { path: path.clone(), fallback: None };
    let script = Script::new([first]);
    let (inner, written) = (script.service(), path.clone());
    let inner = service_fn(move |request: Request<Body>| {
        if changes {
            std::fs::write(&written, "second").expect("a file");
        }
        inner.clone().oneshot(request)
    });
    let service = stack(&config, inner).expect("a good configuration");
    let answer = send(&service, request(Method::POST, "body".into())).await;
    let sent = script.requests().into_iter().map(|request| {
        assert_eq!(
            (request.uri().to_string().as_str(), &request.body()[..]),
            ("https://server.example/prefix/", &b"body"[..])
        );
        assert_eq!(request.headers().get_all("user-agent").iter().count(), 1);
        request.headers()["authorization"].to_str().expect("text").to_owned()
    });
    (sent.collect(), answer)
}

#[tokio::test(start_paused = true)]
async fn each_attempt_carries_the_credential_of_its_time() {
    // Longer than a token that was read is used for.
    let (sent, answer) = stack_with_token(status(429, Some("60")), true).await;
    assert_eq!(sent, ["Bearer first", "Bearer second"]);
    assert_eq!(answer.expect("an answer").status(), StatusCode::OK);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_was_replaced_is_read_and_sent_at_once_when_the_server_refuses_the_old_one() {
    let started = Instant::now();
    let (sent, answer) = stack_with_token(status(401, None), true).await;
    assert_eq!(sent, ["Bearer first", "Bearer second"]);
    assert_eq!(answer.expect("an answer").status(), StatusCode::OK);
    assert!(started.elapsed() < Duration::from_secs(1));

    let (sent, answer) = stack_with_token(status(401, None), false).await;
    assert_eq!(sent, ["Bearer first"], "the same token is refused again");
    assert_eq!(answer.expect("an answer").status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(start_paused = true)]
async fn a_fixed_token_that_the_server_refuses_is_sent_once() {
    let mut config = Config::new("https://server.example".parse().expect("a URL"));
    config.credentials = Credentials::Token("fixed".into());
    let script = Script::new([status(401, None)]);
    let response = send(&stack(&config, script.service()).expect("good"), get("/")).await.expect("an answer");
    assert_eq!((response.status(), script.requests().len()), (StatusCode::UNAUTHORIZED, 1));
}
