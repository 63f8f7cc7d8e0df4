//! Holds requests back that would be too many.
//!
//! A token bucket of our own: tower's `RateLimit` counts windows, without a burst, and holds the whole service up; the crate
//! governor wakes those who wait in no order, by a clock that tests can't stop. Here each request takes its place at once,
//! and its turn comes at a known time, as with client-go's limiter.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Request;
use tokio::time::{Instant, Sleep, sleep};
use tower::{Layer, Service};

use super::held_up::{By, HeldUp};
use crate::config::RateLimit;
use crate::metrics::MetricsHook;
use crate::transport::{Body, BoxError};

/// Makes [`RateLimited`] services, which share one bucket.
#[derive(Clone, Debug)]
pub struct RateLimitLayer {
    bucket: Option<Arc<Bucket>>,
    metrics: Option<MetricsHook>,
}

/// Sends each request as soon as the [`RateLimit`] allows it, in the order in which they came.
#[derive(Clone, Debug)]
pub struct RateLimited<S> {
    inner: S,
    bucket: Option<Arc<Bucket>>,
    metrics: Option<MetricsHook>,
}

impl RateLimitLayer {
    /// With this limit; `None` lets everything through.
    pub fn new(limit: Option<RateLimit>) -> Self {
        Self { bucket: limit.map(|limit| Arc::new(Bucket::new(limit))), metrics: None }
    }

    /// Reports requests that are held back.
    #[must_use]
    pub fn metrics(mut self, metrics: Option<MetricsHook>) -> Self {
        self.metrics = metrics;
        self
    }
}

impl<S> Layer<S> for RateLimitLayer {
    type Service = RateLimited<S>;

    fn layer(&self, inner: S) -> RateLimited<S> {
        RateLimited { inner, bucket: self.bucket.clone(), metrics: self.metrics.clone() }
    }
}

impl<S> Service<Request<Body>> for RateLimited<S>
where
    S: Service<Request<Body>, Error = BoxError> + Clone,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = RateLimitedFuture<S>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let wait = self.bucket.as_ref().map_or(Duration::ZERO, |bucket| bucket.take());
        if wait.is_zero() {
            return RateLimitedFuture::Sent { future: self.inner.call(request) };
        }
        tracing::debug!(?wait, "the client's rate limit holds a request back");
        if let Some(metrics) = &self.metrics {
            metrics.request_limited(wait);
        }
        if let Some(held_up) = HeldUp::of(request.extensions()) {
            held_up.set(By::RateLimit);
        }
        // The one that is ready is taken, as tower has it.
        let clone = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, clone);
        RateLimitedFuture::Waiting { sleep: sleep(wait), held: Some((inner, request)) }
    }
}

pin_project_lite::pin_project! {
    /// The future of [`RateLimited`].
    #[project = Projected]
    #[allow(missing_docs)]
    pub enum RateLimitedFuture<S>
    where
        S: Service<Request<Body>>,
    {
        /// Its turn has not come.
        Waiting {
            #[pin]
            sleep: Sleep,
            held: Option<(S, Request<Body>)>,
        },
        /// It is under way.
        Sent {
            #[pin]
            future: S::Future,
        },
    }
}

impl<S> Future for RateLimitedFuture<S>
where
    S: Service<Request<Body>, Error = BoxError>,
{
    type Output = Result<S::Response, BoxError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            let future = match self.as_mut().project() {
                Projected::Sent { future } => return future.poll(cx),
                Projected::Waiting { sleep, held } => {
                    ready!(sleep.poll(cx));
                    // Ready it was when the request came.
                    let Some((mut inner, request)) = held.take() else { return Poll::Pending };
                    if let Some(held_up) = HeldUp::of(request.extensions()) {
                        held_up.set(By::Nothing);
                    }
                    inner.call(request)
                }
            };
            self.set(Self::Sent { future });
        }
    }
}

/// The tokens that there are. A place that is taken is not given back when its request is dropped.
#[derive(Debug)]
struct Bucket {
    /// Between two requests.
    interval: Duration,
    /// What may be saved up.
    saved: Duration,
    /// When the bucket is (or was) full again but for one interval.
    next: Mutex<Option<Instant>>,
}

impl Bucket {
    fn new(limit: RateLimit) -> Self {
        let RateLimit { per_second, burst } = RateLimit::new(limit.per_second, limit.burst);
        let interval = Duration::from_secs_f64(per_second.recip());
        Self { interval, saved: interval.saturating_mul(burst - 1), next: Mutex::new(None) }
    }

    /// Takes a token, and says how long to wait for it.
    fn take(&self) -> Duration {
        let now = Instant::now();
        // Whole at all times.
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let mine = next.filter(|next| *next > now).unwrap_or(now);
        *next = mine.checked_add(self.interval).or(*next);
        mine.saturating_duration_since(now).saturating_sub(self.saved)
    }
}
