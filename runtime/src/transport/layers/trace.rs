//! One `tracing` span per request that is sent: what, how it ended, how long it took. Never a query, header or body:
//! they may hold secrets.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use tokio::time::Instant;
use tower::{Layer, Service};
use tracing::Span;
use tracing::field::{Empty, display};

use crate::metrics::ResourcePath;
use crate::transport::{BoxError, TransportError};

/// The header by which the API server names a request in its audit log.
/// <https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/>
const AUDIT_ID: &str = "audit-id";

/// Makes [`Trace`] services.
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceLayer;

/// Runs each request in a span `request` (level debug), and closes it with an event. Its fields have the names of
/// OpenTelemetry's [semantic conventions](https://opentelemetry.io/docs/specs/semconv/http/http-spans/):
///
/// | field | is |
/// |---|---|
/// | `otel.name`, `otel.kind` | `GET /api/v1/namespaces/{namespace}/pods/{name}`, `client`: for `tracing-opentelemetry` |
/// | `http.request.method`, `server.address`, `server.port`, `url.scheme`, `url.path` | what is asked, and where; never the query |
/// | `url.template` | the path with placeholders for namespace and name |
/// | `k8s.resource`, `k8s.subresource`, `k8s.namespace.name`, `k8s.object.name` | what the path names |
/// | `http.response.status_code` | of the response |
/// | `k8s.audit_id` | the response's `Audit-Id`, by which the API server's audit log names the request |
/// | `error.type` | why there is no response: `connect`, `tls`, `timeout`, `broken`; or the status, from 400 up |
/// | `latency_ms` | until the response's head |
#[derive(Clone, Debug)]
pub struct Trace<S> {
    inner: S,
}

impl<S> Layer<S> for TraceLayer {
    type Service = Trace<S>;

    fn layer(&self, inner: S) -> Trace<S> {
        Trace { inner }
    }
}

impl<S, B, R> Service<Request<B>> for Trace<S>
where
    S: Service<Request<B>, Response = Response<R>, Error = BoxError>,
{
    type Response = Response<R>;
    type Error = BoxError;
    type Future = TraceFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let span = span(&request);
        let started = Instant::now();
        let inner = span.in_scope(|| self.inner.call(request));
        TraceFuture { inner, span, started }
    }
}

fn span<B>(request: &Request<B>) -> Span {
    let uri = request.uri();
    let span = tracing::debug_span!(
        "request",
        otel.name = Empty,
        otel.kind = "client",
        http.request.method = %request.method(),
        server.address = uri.host(),
        server.port = uri.port_u16(),
        url.scheme = uri.scheme_str(),
        url.path = uri.path(),
        url.template = Empty,
        k8s.resource = Empty,
        k8s.subresource = Empty,
        k8s.namespace.name = Empty,
        k8s.object.name = Empty,
        k8s.audit_id = Empty,
        http.response.status_code = Empty,
        error.r#type = Empty,
        latency_ms = Empty,
    );
    // What takes work, only where somebody sees it.
    if !span.is_disabled() {
        let path = ResourcePath::parse(uri.path());
        if path.is_resource() {
            span.record("otel.name", display(format_args!("{} {path}", request.method())));
            span.record("url.template", display(path));
            let parts = [
                ("k8s.resource", path.resource),
                ("k8s.subresource", path.subresource),
                ("k8s.namespace.name", path.namespace),
                ("k8s.object.name", path.name),
            ];
            for (field, part) in parts.into_iter().filter(|(_, part)| !part.is_empty()) {
                span.record(field, part);
            }
        } else {
            span.record("otel.name", request.method().as_str());
        }
    }
    span
}

pin_project_lite::pin_project! {
    /// The future of [`Trace`].
    #[derive(Debug)]
    pub struct TraceFuture<F> {
        #[pin]
        inner: F,
        span: Span,
        started: Instant,
    }
}

impl<F, R> Future for TraceFuture<F>
where
    F: Future<Output = Result<Response<R>, BoxError>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let _entered = this.span.enter();
        let result = ready!(this.inner.poll(cx));
        this.span.record("latency_ms", this.started.elapsed().as_secs_f64() * 1e3);
        match &result {
            Ok(response) => {
                let status = response.status();
                this.span.record("http.response.status_code", status.as_u16());
                if status.is_client_error() || status.is_server_error() {
                    this.span.record("error.type", status.as_str());
                }
                if let Some(id) = response.headers().get(AUDIT_ID).and_then(|id| id.to_str().ok()) {
                    this.span.record("k8s.audit_id", id);
                }
                tracing::debug!("response received");
            }
            Err(error) => {
                this.span.record("error.type", kind(&**error));
                tracing::debug!(error = %error, "no response");
            }
        }
        Poll::Ready(result)
    }
}

/// The kind of a failure, one of few.
fn kind(error: &(dyn Error + 'static)) -> &'static str {
    match TransportError::find(error) {
        Some(error) if error.is_timeout() => "timeout",
        Some(error) if error.is_tls() => "tls",
        Some(error) if error.is_connect() => "connect",
        Some(_) => "broken",
        None => "_OTHER",
    }
}
