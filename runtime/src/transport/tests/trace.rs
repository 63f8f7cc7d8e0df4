//! What is written to logs of requests, and what never is.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;
use crate::config::{Config, Credentials};

/// Writes down every span and event, and every value.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

pub(super) struct Values<'a>(pub(super) &'a mut String);

impl Visit for Values<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("kubewright")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut log = self.0.lock().expect("not poisoned");
        let _ = write!(log, "\nspan {}", span.metadata().name());
        span.record(&mut Values(&mut log));
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut Values(&mut self.0.lock().expect("not poisoned")));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut log = self.0.lock().expect("not poisoned");
        log.push_str("\nevent");
        event.record(&mut Values(&mut log));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What is logged of a request with four attempts, and the credentials that were sent.
async fn logged() -> (String, Vec<http::HeaderValue>) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("token");
    std::fs::write(&path, "sesame-1").expect("a file");
    let mut config = Config::new("https://server.example/prefix".parse().expect("a URL"));
    config.credentials = Credentials::TokenFile { path: path.clone(), fallback: None };
    config.headers.insert("x-key", "sesame-3".parse().expect("a value"));
    let answer = |code: u16| {
        Ok(Response::builder()
            .status(code)
            .header("retry-after", "1")
            .header("audit-id", "audit-1")
            .body("sesame-4".into())
            .expect("a response"))
    };
    let broken = TransportError::new(error::Kind::Broken, "the connection broke");
    let script = Script::new([answer(401), answer(503), Err(broken.into()), answer(503)]);
    let inner = script.service();
    let inner = service_fn(move |request: Request<Body>| {
        std::fs::write(&path, "sesame-5").expect("a file");
        inner.clone().oneshot(request)
    });
    config.retry = crate::retry::RetryPolicy::new().max_attempts(4);
    let service = stack(&config, inner).expect("a good configuration");
    let log = Log::default();
    {
        let _logging = tracing::subscriber::set_default(log.clone());
        let request = Request::get("/api/v1/pods?token=sesame-6").body("sesame-7".into()).expect("a request");
        send(&service, request).await.expect("an answer");
    }
    let log = log.0.lock().expect("not poisoned").clone();
    let sent = script.requests().iter().map(|request| request.headers()["authorization"].clone()).collect();
    (log, sent)
}

#[tokio::test(start_paused = true)]
async fn each_attempt_is_a_span_and_no_secret_is_in_any_log() {
    let (mut log, mut sent) = logged().await;
    // Tracing remembers for good that nobody listens at a place if another test comes by there for the first time just
    // while the listener of this one is made known.
    for _ in 0..100 {
        if log.matches("span request").count() == 5 && log.matches("sending the request again").count() == 4 {
            break;
        }
        tracing::callsite::rebuild_interest_cache();
        (log, sent) = logged().await;
    }
    assert_eq!(log.matches("span request").count(), 5, "{log}");
    assert_eq!(log.matches("sending the request again").count(), 4, "{log}");
    for said in [
        "http.request.method=GET",
        "server.address=\"server.example\"",
        "url.path=\"/prefix/api/v1/pods\"",
        "url.template=/api/v1/pods",
        "otel.name=GET /api/v1/pods",
        "k8s.resource=\"pods\"",
        "http.response.status_code=401",
        "http.response.status_code=503",
        "error.type=\"broken\"",
        "k8s.audit_id=\"audit-1\"",
        "attempt=3",
    ] {
        assert!(log.contains(said), "{said}: {log}");
    }
    assert!(!log.contains("sesame"), "{log}");
    assert_eq!(sent, ["Bearer sesame-1", "Bearer sesame-5", "Bearer sesame-5", "Bearer sesame-5", "Bearer sesame-5"]);
    assert!(sent.iter().all(http::HeaderValue::is_sensitive));
}
