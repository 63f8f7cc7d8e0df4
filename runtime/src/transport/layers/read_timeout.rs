//! Aborts a request whose server has gone silent.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep};
use tower::{Layer, Service};

use crate::transport::error::Kind;
use crate::transport::{Body, BoxError, TransportError};
use crate::wire::{NoReadTimeout, Timeouts};

/// Makes [`ReadTimeout`] services.
#[derive(Clone, Copy, Debug)]
pub struct ReadTimeoutLayer {
    limit: Option<Duration>,
}

/// Fails with a [`TransportError`] if the response's head, or the next piece of its body, takes longer than the limit,
/// unless the request is [`NoReadTimeout`]. A limit of the request's own ([`Timeouts`]) holds in any case.
#[derive(Clone, Debug)]
pub struct ReadTimeout<S> {
    inner: S,
    limit: Option<Duration>,
}

impl ReadTimeoutLayer {
    /// With this limit for each silence; `None` waits forever.
    pub fn new(limit: Option<Duration>) -> Self {
        Self { limit }
    }
}

impl<S> Layer<S> for ReadTimeoutLayer {
    type Service = ReadTimeout<S>;

    fn layer(&self, inner: S) -> ReadTimeout<S> {
        ReadTimeout { inner, limit: self.limit }
    }
}

impl<S, B> Service<Request<B>> for ReadTimeout<S>
where
    S: Service<Request<B>, Response = Response<Body>, Error = BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = ReadTimeoutFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let extensions = request.extensions();
        let own = extensions.get::<Timeouts>().and_then(|timeouts| timeouts.read);
        let limit = own.or(self.limit.filter(|_| extensions.get::<NoReadTimeout>().is_none()));
        ReadTimeoutFuture { inner: self.inner.call(request), timer: limit.map(Timer::start) }
    }
}

pin_project_lite::pin_project! {
    /// The future of [`ReadTimeout`].
    #[derive(Debug)]
    pub struct ReadTimeoutFuture<F> {
        #[pin]
        inner: F,
        timer: Option<Timer>,
    }
}

impl<F> Future for ReadTimeoutFuture<F>
where
    F: Future<Output = Result<Response<Body>, BoxError>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(result) = this.inner.poll(cx) {
            let timer = this.timer.take();
            return Poll::Ready(result.map(|response| match timer {
                Some(timer) => response.map(|body| Body::wrap(TimedBody { body, timer, waiting: false })),
                None => response,
            }));
        }
        match this.timer {
            Some(timer) => timer.poll(cx).map(|error| Err(error.into())),
            None => Poll::Pending,
        }
    }
}

#[derive(Debug)]
struct Timer {
    limit: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl Timer {
    fn start(limit: Duration) -> Self {
        Self { limit, sleep: Box::pin(sleep(limit)) }
    }

    fn restart(&mut self) {
        let limit = self.limit;
        // A limit beyond what the clock can express is no limit.
        if let Some(end) = Instant::now().checked_add(limit) {
            self.sleep.as_mut().reset(end);
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<TransportError> {
        ready!(self.sleep.as_mut().poll(cx));
        let message = format!("the server was silent for {:?} (read_timeout)", self.limit);
        Poll::Ready(TransportError::new(Kind::ReadTimeout, message))
    }
}

struct TimedBody {
    body: Body,
    timer: Timer,
    /// Somebody is waiting for the next piece, so the timer counts: a slow reader is not a silent server.
    waiting: bool,
}

impl HttpBody for TimedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = &mut *self;
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.waiting = false;
            return Poll::Ready(frame);
        }
        if !std::mem::replace(&mut this.waiting, true) {
            this.timer.restart();
        }
        this.timer.poll(cx).map(|error| Some(Err(error.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
