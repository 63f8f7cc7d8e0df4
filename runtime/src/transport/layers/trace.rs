//! One `tracing` span per request that is sent: what, how it ended, how long it took. Never a query, header or body:
//! they may hold secrets.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use http::{Request, Response};
use tokio::time::Instant;
use tower::{Layer, Service};
use tracing::Span;
use tracing::field::Empty;

use crate::transport::BoxError;

/// Makes [`Trace`] services.
#[derive(Clone, Copy, Debug, Default)]
pub struct TraceLayer;

/// Runs each request in a span `request` (level debug) with the fields `method`, `host`, `path`, `status` and
/// `latency_ms` (until the response's head), and closes it with an event.
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
        let uri = request.uri();
        let span = tracing::debug_span!(
            "request",
            method = %request.method(),
            // Without a login, which stands before an `@`.
            host = uri.authority().and_then(|authority| authority.as_str().rsplit('@').next()),
            path = uri.path(),
            status = Empty,
            latency_ms = Empty,
        );
        let started = Instant::now();
        let inner = span.in_scope(|| self.inner.call(request));
        TraceFuture { inner, span, started }
    }
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
                this.span.record("status", response.status().as_u16());
                tracing::debug!("answered");
            }
            Err(error) => tracing::debug!(error = %error, "not answered"),
        }
        Poll::Ready(result)
    }
}
