//! What is sent again, when, and what is not.

use std::time::Duration;

use http::header::UPGRADE;
use http::{Method, StatusCode};
use tokio::time::Instant;
use tower::Layer;

use super::*;
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

/// Sends `request`, with `first` as the first answer and 200 afterwards, and tells how often it was sent.
async fn attempts(request: Request<Body>, first: Answer) -> usize {
    let script = Script::new([first]);
    let service = BoxCloneSyncService::new(RetryLayer::new(3).layer(script.service()));
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
    let service = BoxCloneSyncService::new(RetryLayer::new(3).layer(script.service()));
    let response = send(&service, request(Method::POST, Body::empty())).await.expect("an answer");
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
    let service = BoxCloneSyncService::new(RetryLayer::new(3).layer(script.service()));
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
        let service = BoxCloneSyncService::new(RetryLayer::new(max_attempts).layer(script.service()));
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
