//! Limits in time and in number.

use std::time::Duration;

use futures_util::future::join_all;
use http_body_util::{BodyExt, StreamBody};
use tokio::time::{Instant, sleep};
use tower::Layer;

use super::*;
use crate::config::RateLimit;
use crate::retry::RetryPolicy;
use crate::transport::layers::{LongRunning, NoReadTimeout, Timeouts};

const SECOND: Duration = Duration::from_secs(1);

fn stack_of(config: &Config, inner: HttpService) -> HttpService {
    stack(config, inner).expect("good")
}

fn config() -> Config {
    Config::new("https://h".parse().expect("a URL"))
}

fn slow(head: Duration, pieces: usize, pause: Duration) -> HttpService {
    BoxCloneSyncService::new(service_fn(move |_: Request<Body>| async move {
        sleep(head).await;
        let frames = futures_util::stream::unfold(0, move |said| async move {
            sleep(pause).await;
            (said < pieces).then_some((Ok::<_, BoxError>(http_body::Frame::data(Bytes::from_static(b"."))), said + 1))
        });
        Ok(Response::new(Body::wrap(StreamBody::new(frames))))
    }))
}

/// Reads the whole answer, and says whether time ran out.
async fn runs_out(service: &HttpService, request: Request<Body>) -> bool {
    let result = match send(service, request).await {
        Ok(response) => response.into_body().collect().await.map(drop),
        Err(error) => Err(error),
    };
    match result {
        Ok(()) => false,
        Err(error) => {
            assert!(TransportError::find(&*error).is_some_and(TransportError::is_timeout), "{error:?}");
            true
        }
    }
}

fn with<T: Clone + Send + Sync + 'static>(extension: T) -> Request<Body> {
    Request::get("/").extension(extension).body(Body::empty()).expect("a request")
}

fn own_limit(limit: Duration) -> Timeouts {
    Timeouts { request: Some(limit), ..Default::default() }
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_request_is_for_head_and_body_together() {
    let mut config = config();
    config.request_timeout = Some(10 * SECOND);
    // 4 s and 5 s, and the end after another second.
    assert!(!runs_out(&stack_of(&config, slow(4 * SECOND, 4, SECOND)), get("/")).await);
    let started = Instant::now();
    assert!(runs_out(&stack_of(&config, slow(4 * SECOND, 40, SECOND)), get("/")).await);
    assert_eq!(started.elapsed().as_secs(), 10);
    assert!(runs_out(&stack_of(&config, slow(11 * SECOND, 1, SECOND)), get("/")).await);
}

#[tokio::test(start_paused = true)]
async fn the_limit_of_a_request_is_for_all_its_attempts_together() {
    let mut config = config();
    config.request_timeout = Some(10 * SECOND);
    config.retry = RetryPolicy::new().max_attempts(100);
    let busy = service_fn(|_: Request<Body>| async {
        Ok(Response::builder().status(503).header("retry-after", "3").body(Body::empty()).expect("a response"))
    });
    let started = Instant::now();
    assert!(runs_out(&stack_of(&config, BoxCloneSyncService::new(busy)), get("/")).await);
    assert_eq!(started.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn what_held_a_request_up_is_told_when_its_time_is_up() {
    let mut config = config();
    config.request_timeout = Some(2 * SECOND);
    let told = async |config: &Config, answer: Duration| {
        let service = stack_of(config, slow(answer, 1, Duration::ZERO));
        let first = send(&service, get("/")).await;
        let error = match first {
            Ok(_) => send(&service, get("/")).await.expect_err("too late"),
            Err(error) => error,
        };
        told(&error)
    };
    let late = told(&config, 3 * SECOND).await;
    assert!(late.contains("longer than 2s (request_timeout)") && !late.contains(';'), "{late}");
    config.rate_limit = Some(RateLimit::new(0.1, 1));
    let late = told(&config, Duration::ZERO).await;
    assert!(late.contains("; it was held back by the client's own rate_limit"), "{late}");
    // The turn came, and the server is what it waits for.
    config.rate_limit = Some(RateLimit::new(0.4, 1));
    let late = told(&config, SECOND + SECOND / 2).await;
    assert!(!late.contains(';'), "{late}");
    config.rate_limit = None;
    config.credentials = crate::config::Credentials::source(std::future::pending);
    let late = told(&config, Duration::ZERO).await;
    assert!(late.contains("; it was waiting for its credentials"), "{late}");
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_call_whose_time_is_up_says_first_what_it_waited_for() {
    let mut config = config();
    config.request_timeout = Some(2 * SECOND);
    let failure = async |config: &Config, answer: Duration| {
        let service = stack_of(config, slow(answer, 1, Duration::ZERO));
        let client = crate::client::ClientBuilder::from_service(service).build();
        // A rate limit lets the first one through.
        let _ = client.get_text("/version", "application/json").await;
        client.get_text("/version", "application/json").await.expect_err("too late")
    };
    let error = failure(&config, 3 * SECOND).await;
    assert_eq!(error.to_string(), "GET /version: timed out waiting for the API server");
    assert!(error.is_timeout() && !error.is_authentication(), "{error:?}");

    config.rate_limit = Some(RateLimit::new(0.1, 1));
    let error = failure(&config, Duration::ZERO).await;
    assert_eq!(error.to_string(), "GET /version: timed out waiting for the client's rate limit");
    assert!(error.is_timeout() && !error.is_authentication(), "{error:?}");

    config.rate_limit = None;
    config.credentials = crate::config::Credentials::source(std::future::pending);
    let error = failure(&config, Duration::ZERO).await;
    assert_eq!(error.to_string(), "GET /version: timed out waiting for credentials");
    assert!(error.is_timeout() && error.is_authentication() && !error.is_connection(), "{error:?}");
    assert_eq!(error.retry_class(), crate::retry::RetryClass::Transient);
    let cause = error.auth_error().expect("the source of the credentials");
    assert_eq!(cause.to_string(), "the program's source of credentials has returned no credentials yet");
    assert!(cause.is_timeout());
}

#[tokio::test(start_paused = true)]
async fn a_long_running_request_has_no_limit_but_its_own() {
    let mut config = config();
    config.request_timeout = Some(10 * SECOND);
    let service = stack_of(&config, slow(SECOND, 100, SECOND));
    assert!(!runs_out(&service, with(LongRunning)).await);
    let own = Request::get("/").extension(LongRunning).extension(own_limit(20 * SECOND));
    let started = Instant::now();
    assert!(runs_out(&service, own.body(Body::empty()).expect("a request")).await);
    assert_eq!(started.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn a_requests_own_limits_replace_the_clients() {
    let mut config = config();
    (config.request_timeout, config.read_timeout) = (Some(10 * SECOND), Some(5 * SECOND));
    let service = stack_of(&config, slow(SECOND, 15, SECOND));
    assert!(runs_out(&service, get("/")).await);
    assert!(!runs_out(&service, with(own_limit(60 * SECOND))).await);
    assert!(!runs_out(&service, with(own_limit(Duration::MAX))).await);

    let service = stack_of(&config, slow(7 * SECOND, 1, SECOND));
    let own_silence = |limit| Timeouts { read: Some(limit), ..Default::default() };
    assert!(runs_out(&service, get("/")).await);
    assert!(!runs_out(&service, with(own_silence(8 * SECOND))).await);
    assert!(!runs_out(&service, with(own_silence(Duration::MAX))).await);
    // Of a log that is followed the client's doesn't hold, and its own does.
    assert!(!runs_out(&service, with(NoReadTimeout)).await);
    let own = Request::get("/").extension(NoReadTimeout).extension(own_silence(3 * SECOND));
    assert!(runs_out(&service, own.body(Body::empty()).expect("a request")).await);
}

/// Over HTTP/2 and over HTTP/1.1, to a server that never says hello.
#[tokio::test]
async fn a_request_waits_for_a_connection_no_longer_than_it_says() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let mut config = Config::new(format!("https://{address}").parse().expect("a URL"));
    config.insecure_skip_tls_verify = true;
    config.retry = RetryPolicy::never();
    config.connect_timeout = None;
    for alpn in [Alpn::Auto, Alpn::Http1] {
        let service = stack_of(&config, BoxCloneSyncService::new(connect(&config, alpn).expect("good")));
        let own = Timeouts { connect: Some(Duration::from_millis(50)), ..Default::default() };
        let error = send(&service, with(own)).await.expect_err("no connection");
        let found = TransportError::find(&*error).expect("a TransportError");
        assert!(found.is_connect() && found.is_timeout(), "{}", told(&error));
        assert!(told(&error).contains("within 50ms"), "{}", told(&error));
    }
}

fn counting() -> (HttpService, Arc<Mutex<Vec<Instant>>>) {
    let times = Arc::new(Mutex::new(Vec::new()));
    let log = times.clone();
    let service = service_fn(move |_: Request<Body>| {
        log.lock().expect("not poisoned").push(Instant::now());
        async { Ok::<_, BoxError>(Response::new(Body::empty())) }
    });
    (BoxCloneSyncService::new(service), times)
}

fn seconds_since(start: Instant, times: &Mutex<Vec<Instant>>) -> Vec<f64> {
    let times = std::mem::take(&mut *times.lock().expect("not poisoned"));
    // Tokio's timers count milliseconds.
    times.iter().map(|time| ((*time - start).as_secs_f64() * 100.0).round() / 100.0).collect()
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_lets_a_burst_through_and_then_so_many_a_second_in_order() {
    let (inner, times) = counting();
    let limited = RateLimitLayer::new(Some(RateLimit::new(2.0, 3))).layer(inner);
    let service = BoxCloneSyncService::new(limited);
    let start = Instant::now();
    join_all((0..6).map(|_| send(&service, get("/")))).await;
    assert_eq!(seconds_since(start, &times), [0.0, 0.0, 0.0, 0.5, 1.0, 1.5]);

    // What is not used is saved up, as far as the burst.
    sleep(60 * SECOND).await;
    let start = Instant::now();
    join_all((0..5).map(|_| send(&service, get("/")))).await;
    assert_eq!(seconds_since(start, &times), [0.0, 0.0, 0.0, 0.5, 1.0]);
    sleep(SECOND).await;
    let start = Instant::now();
    join_all((0..3).map(|_| send(&service, get("/")))).await;
    assert_eq!(seconds_since(start, &times), [0.0, 0.0, 0.5]);
}

#[tokio::test(start_paused = true)]
async fn requests_that_gave_up_before_their_turn_hold_up_no_other() {
    let (inner, times) = counting();
    let limited = RateLimitLayer::new(Some(RateLimit::new(1.0, 1))).layer(inner);
    let service = BoxCloneSyncService::new(limited);
    let start = Instant::now();
    send(&service, get("/")).await.expect("an answer");
    let limit = Duration::from_millis(1500);
    let rush = join_all((0..1000).map(|_| tokio::time::timeout(limit, send(&service, get("/"))))).await;
    assert_eq!(rush.iter().filter(|answer| answer.is_ok()).count(), 1);
    join_all((0..3).map(|_| send(&service, get("/")))).await;
    assert_eq!(seconds_since(start, &times), [0.0, 1.0, 2.0, 3.0, 4.0]);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_counts_retries_and_without_one_nothing_waits() {
    let mut config = config();
    config.retry = RetryPolicy::new().max_attempts(3);
    config.rate_limit = Some(RateLimit::new(0.1, 1));
    let answer = |code: u16| {
        Ok(Response::builder().status(code).header("retry-after", "1").body(Body::empty()).expect("a response"))
    };
    let script = Script::new([answer(503), answer(503), answer(200)]);
    let start = Instant::now();
    send(&stack_of(&config, script.service()), get("/")).await.expect("an answer");
    assert_eq!(script.requests().len(), 3);
    assert_eq!(start.elapsed().as_secs(), 20);

    config.rate_limit = None;
    let (inner, times) = counting();
    let service = stack_of(&config, inner);
    let start = Instant::now();
    join_all((0..1000).map(|_| send(&service, get("/")))).await;
    assert_eq!(start.elapsed(), Duration::ZERO);
    assert_eq!(seconds_since(start, &times).len(), 1000);
}

#[test]
fn a_rate_limit_of_nothing_becomes_the_smallest_there_is() {
    for (per_second, burst) in [(0.0, 0), (-1.0, 1), (f64::NAN, 1), (f64::INFINITY, 1)] {
        let limit = RateLimit::new(per_second, burst);
        assert!(limit.per_second > 0.0 && limit.per_second.is_finite() && limit.burst == 1, "{limit:?}");
    }
}
