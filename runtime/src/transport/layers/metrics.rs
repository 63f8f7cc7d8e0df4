//! Reports requests to the program's metrics.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Method, Request, Response, Uri};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Instant;
use tower::{Layer, Service};

use crate::metrics::{MetricsHook, Outcome, SentRequest};
use crate::transport::{Body, BoxError};

/// Makes [`CountedRequests`] services.
#[derive(Clone, Debug)]
pub struct MetricsLayer {
    hook: Option<MetricsHook>,
}

/// Tells [`Metrics`](crate::metrics::Metrics) of each request: its start, its response's head, and its end.
#[derive(Clone, Debug)]
pub struct CountedRequests<S> {
    inner: S,
    hook: Option<MetricsHook>,
}

impl MetricsLayer {
    /// Reports there; `None` costs nothing.
    pub fn new(hook: Option<MetricsHook>) -> Self {
        Self { hook }
    }
}

impl<S> Layer<S> for MetricsLayer {
    type Service = CountedRequests<S>;

    fn layer(&self, inner: S) -> CountedRequests<S> {
        CountedRequests { inner, hook: self.hook.clone() }
    }
}

impl<S, B> Service<Request<B>> for CountedRequests<S>
where
    S: Service<Request<B>, Response = Response<Body>, Error = BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = CountedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let counted = self.hook.as_ref().map(|hook| {
            let (method, uri) = (request.method().clone(), request.uri().clone());
            hook.request_started(&SentRequest::new(&method, uri.path()));
            Box::new(Counted { in_flight: InFlight(hook.clone()), method, uri, started: Instant::now() })
        });
        CountedFuture { inner: self.inner.call(request), counted }
    }
}

#[derive(Debug)]
struct Counted {
    in_flight: InFlight,
    method: Method,
    uri: Uri,
    started: Instant,
}

impl Counted {
    fn answered(self, outcome: Outcome<'_>) -> InFlight {
        let request = SentRequest::new(&self.method, self.uri.path());
        self.in_flight.0.request_answered(&request, outcome, self.started.elapsed());
        self.in_flight
    }
}

/// Says so when the request has ended, however it did.
#[derive(Debug)]
struct InFlight(MetricsHook);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.request_ended();
    }
}

pin_project_lite::pin_project! {
    /// The future of [`CountedRequests`].
    #[derive(Debug)]
    pub struct CountedFuture<F> {
        #[pin]
        inner: F,
        counted: Option<Box<Counted>>,
    }
}

impl<F> Future for CountedFuture<F>
where
    F: Future<Output = Result<Response<Body>, BoxError>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let result = ready!(this.inner.poll(cx));
        let Some(counted) = this.counted.take() else { return Poll::Ready(result) };
        Poll::Ready(match result {
            Ok(response) => {
                let in_flight = counted.answered(Outcome::Status(response.status()));
                Ok(response.map(|body| match body.is_end_stream() {
                    true => body,
                    false => Body::wrap(CountedBody { body, in_flight: Some(in_flight) }),
                }))
            }
            Err(error) => {
                counted.answered(Outcome::Error(&*error));
                Err(error)
            }
        })
    }
}

struct CountedBody {
    body: Body,
    in_flight: Option<InFlight>,
}

impl HttpBody for CountedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if !matches!(frame, Some(Ok(_))) {
            self.in_flight = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
