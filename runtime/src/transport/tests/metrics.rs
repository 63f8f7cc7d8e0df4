//! What a program's metrics are told.

use std::error::Error as StdError;
use std::time::Duration;

use http::Method;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::server::{Authority, Options, Server};
use super::*;
use crate::config::{Pem, RateLimit};
use crate::metrics::{Metrics, MetricsHook, Outcome, SentRequest};
use crate::retry::RetryPolicy;

/// Writes down everything.
#[derive(Default)]
struct Log(Mutex<Vec<String>>);

impl Log {
    fn say(&self, line: impl Into<String>) {
        self.0.lock().expect("not poisoned").push(line.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("not poisoned"))
    }
}

impl Metrics for Log {
    fn request_started(&self, request: &SentRequest<'_>) {
        self.say(format!("start {} {}", request.method, request.path));
    }

    fn request_answered(&self, request: &SentRequest<'_>, outcome: Outcome<'_>, latency: Duration) {
        let outcome = match outcome {
            Outcome::Status(status) => status.as_str().to_owned(),
            Outcome::Error(error) => error.to_string(),
        };
        self.say(format!("answer {} {outcome} after {} s", request.path.resource, latency.as_secs()));
    }

    fn request_ended(&self) {
        self.say("end");
    }

    fn request_retried(&self, method: &Method, attempt: u32, delay: Duration) {
        self.say(format!("retry {method} {attempt} after {} s", delay.as_secs()));
    }

    fn request_limited(&self, delay: Duration) {
        self.say(format!("limit {} s", delay.as_secs()));
    }

    fn connection_opened(&self) {
        self.say("open");
    }

    fn connection_closed(&self) {
        self.say("close");
    }

    fn connection_failed(&self, error: &(dyn StdError + 'static)) {
        self.say(format!("failed {}", TransportError::find(error).is_some_and(TransportError::is_connect)));
    }
}

fn hooked(config: &mut Config) -> Arc<Log> {
    let log = Arc::new(Log::default());
    config.metrics = Some(MetricsHook::new(log.clone()));
    log
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_told_with_its_outcome_and_so_is_why_it_waits() {
    let mut config = Config::new("https://h".parse().expect("a URL"));
    config.retry = RetryPolicy::new().max_attempts(3);
    config.rate_limit = Some(RateLimit::new(0.2, 1));
    let log = hooked(&mut config);
    let busy = Response::builder().status(503).header("retry-after", "2").body("busy".into()).expect("a response");
    let broken = TransportError::new(error::Kind::Connect, "no way");
    let script = Script::new([Ok(busy), Err(broken.into()), Ok(Response::new("answer".into()))]);
    let service = stack(&config, script.service()).expect("good");
    let response = send(&service, get("/api/v1/namespaces/a/pods/b")).await.expect("an answer");
    log.say("head");
    assert_eq!(text(response).await, "answer");
    let mut told = log.take();
    // A random one.
    let backoff = told.iter().position(|line| line.starts_with("retry GET 3")).expect("a third attempt");
    told.remove(backoff);
    assert_eq!(
        told,
        [
            "start GET /api/v1/namespaces/{namespace}/pods/{name}",
            "answer pods 503 after 0 s",
            "retry GET 2 after 2 s",
            "end",
            "limit 2 s",
            "start GET /api/v1/namespaces/{namespace}/pods/{name}",
            "answer pods no way after 0 s",
            "end",
            "limit 4 s",
            "start GET /api/v1/namespaces/{namespace}/pods/{name}",
            "answer pods 200 after 0 s",
            "head",
            "end",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_ends_once_however_it_ends() {
    let mut config = Config::new("https://h".parse().expect("a URL"));
    config.retry = RetryPolicy::never();
    let log = hooked(&mut config);
    let ends = |log: &Log| log.take().iter().filter(|line| *line == "end").count();

    // Its future is dropped.
    let silent = BoxCloneSyncService::new(service_fn(|_: Request<Body>| std::future::pending::<Answer>()));
    let service = stack(&config, silent).expect("good");
    assert!(tokio::time::timeout(Duration::from_secs(1), send(&service, get("/"))).await.is_err());
    assert_eq!(ends(&log), 1);

    // Its body is empty, read to its end, and dropped before that.
    for (body, read) in [(Body::empty(), true), ("answer".into(), true), ("answer".into(), false)] {
        let script = Script::new([Ok(Response::new(body))]);
        let response = send(&stack(&config, script.service()).expect("good"), get("/")).await.expect("an answer");
        if read {
            response.into_body().collect().await.expect("a body");
        } else {
            drop(response);
        }
        assert_eq!(ends(&log), 1);
    }
}

#[tokio::test]
async fn connections_are_told_when_they_are_opened_and_closed_and_when_there_is_none() {
    let authority = Authority::new();
    let server = Server::tls(&authority.issue("localhost"), Options::default(), |_: Request<Incoming>| async {
        Response::new("answer".into())
    })
    .await;
    let mut config = server.config("https", "localhost");
    config.ca = Some(Pem::from_bytes(authority.pem.clone()));
    config.retry = RetryPolicy::never();
    let log = hooked(&mut config);
    let of_connections = |log: &Log| {
        let lines = log.take().into_iter();
        lines.filter(|line| ["open", "close", "failed true"].contains(&line.as_str())).collect::<Vec<_>>()
    };
    for alpn in [Alpn::Auto, Alpn::Http1] {
        let service = stack(&config, connect(&config, alpn).expect("good")).expect("good");
        for _ in 0..3 {
            assert_eq!(text(send(&service, get("/")).await.expect("an answer")).await, "answer");
        }
        assert_eq!(of_connections(&log), ["open"]);
        drop(service);
        let mut seen = Vec::new();
        while seen.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            seen = of_connections(&log);
        }
        assert_eq!(seen, ["close"]);
    }
    config.ca = Some(Pem::from_bytes(Authority::new().pem));
    send(&from_config(&config).expect("good"), get("/")).await.expect_err("another authority");
    assert_eq!(of_connections(&log), ["failed true"]);
}
