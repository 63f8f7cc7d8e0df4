//! Aborts a request that takes too long as a whole.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};
use tower::{Layer, Service};

use super::held_up::{By, HeldUp};
use crate::auth::AuthError;
use crate::transport::error::Kind;
use crate::transport::{Body, BoxError, TransportError};
use crate::wire::{LongRunning, Timeouts};

/// Makes [`RequestTimeout`] services.
#[derive(Clone, Copy, Debug)]
pub struct RequestTimeoutLayer {
    limit: Option<Duration>,
}

/// Fails with a [`TransportError`] if there is no whole response within the limit: head and body, with all attempts. It
/// does not hold for [`LongRunning`] requests. A limit of the request's own ([`Timeouts`]) holds in any case.
#[derive(Clone, Debug)]
pub struct RequestTimeout<S> {
    inner: S,
    limit: Option<Duration>,
}

impl RequestTimeoutLayer {
    /// With this limit; `None` is no limit.
    pub fn new(limit: Option<Duration>) -> Self {
        Self { limit }
    }
}

impl<S> Layer<S> for RequestTimeoutLayer {
    type Service = RequestTimeout<S>;

    fn layer(&self, inner: S) -> RequestTimeout<S> {
        RequestTimeout { inner, limit: self.limit }
    }
}

impl<S, B> Service<Request<B>> for RequestTimeout<S>
where
    S: Service<Request<B>, Response = Response<Body>, Error = BoxError>,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = RequestTimeoutFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let extensions = request.extensions();
        let own = extensions.get::<Timeouts>().and_then(|timeouts| timeouts.request);
        let limit = own.or(self.limit.filter(|_| extensions.get::<LongRunning>().is_none()));
        // A limit beyond what the clock can express is no limit.
        let end = limit.and_then(|limit| Some((Instant::now().checked_add(limit)?, limit)));
        let timer = end.map(|(end, limit)| {
            let held_up = HeldUp::default();
            request.extensions_mut().insert(held_up.clone());
            Timer { limit, sleep: Box::pin(sleep_until(end)), held_up }
        });
        RequestTimeoutFuture { inner: self.inner.call(request), timer }
    }
}

pin_project_lite::pin_project! {
    /// The future of [`RequestTimeout`].
    #[derive(Debug)]
    pub struct RequestTimeoutFuture<F> {
        #[pin]
        inner: F,
        timer: Option<Timer>,
    }
}

impl<F> Future for RequestTimeoutFuture<F>
where
    F: Future<Output = Result<Response<Body>, BoxError>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if let Poll::Ready(result) = this.inner.poll(cx) {
            let timer = this.timer.take();
            return Poll::Ready(result.map(|response| match timer {
                Some(timer) => response.map(|body| Body::wrap(LimitedBody { body, timer })),
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
    held_up: HeldUp,
}

impl Timer {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<TransportError> {
        self.sleep.as_mut().poll(cx).map(|()| {
            let message = format!("the request took longer than {:?} (request_timeout)", self.limit);
            match self.held_up.get() {
                None => TransportError::new(Kind::RequestTimeout, message),
                Some(By::RateLimit) => {
                    let message = format!("{message}; it was held back by the client's own rate_limit");
                    TransportError::new(Kind::RateLimitTimeout, message)
                }
                Some(By::Credentials(source)) => {
                    let message = format!("{message}; it was waiting for its credentials");
                    TransportError::because(Kind::CredentialsTimeout, message, AuthError::not_ready(&source))
                }
            }
        })
    }
}

struct LimitedBody {
    body: Body,
    timer: Timer,
}

impl HttpBody for LimitedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        self.timer.poll(cx).map(|error| Some(Err(error.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
