//! Holds requests back that would be too many.
//!
//! A token bucket of our own: tower's `RateLimit` counts windows, without a burst, and holds the whole service up; the crate
//! governor wakes those who wait in no order, by a clock that tests can't stop. Here those who wait stand in a line, and who
//! leaves it makes room for the next: were a place taken for good, requests that time out while they wait would hold up
//! others for as long as there were requests too many.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Request;
use tokio::time::{Instant, sleep};
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
        let Some((waiting, wait)) = self.bucket.as_ref().and_then(Bucket::take) else {
            return RateLimitedFuture::Sent { future: self.inner.call(request) };
        };
        tracing::debug!(?wait, "the client's rate limit holds a request back");
        if let Some(metrics) = &self.metrics {
            metrics.request_limited(wait);
        }
        if let Some(held_up) = HeldUp::of(request.extensions()) {
            held_up.set(Some(By::RateLimit));
        }
        // The one that is ready is taken, as tower has it.
        let clone = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, clone);
        RateLimitedFuture::Waiting { token: Box::pin(waiting.token()), held: Some((inner, request)) }
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
            token: Pin<Box<dyn Future<Output = ()> + Send>>,
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
                Projected::Waiting { token, held } => {
                    ready!(token.as_mut().poll(cx));
                    // Ready it was when the request came.
                    let Some((mut inner, request)) = held.take() else { return Poll::Pending };
                    if let Some(held_up) = HeldUp::of(request.extensions()) {
                        held_up.set(None);
                    }
                    inner.call(request)
                }
            };
            self.set(Self::Sent { future });
        }
    }
}

/// The tokens that there are.
#[derive(Debug)]
struct Bucket {
    /// Between two requests.
    interval: Duration,
    /// What may be saved up.
    saved: Duration,
    /// When the bucket is (or was) full again but for one interval.
    next: Mutex<Option<Instant>>,
    /// Has the first of those who wait; the others have it after that one, in the order in which they came.
    queue: tokio::sync::Mutex<()>,
    waiting: AtomicU32,
}

/// One who waits. Whoever goes away before it is its turn has taken nothing.
struct Waiting(Arc<Bucket>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Waiting {
    async fn token(self) {
        let bucket = &self.0;
        let _turn = bucket.queue.lock().await;
        while let Err(wait) = bucket.take_first() {
            sleep(wait).await;
        }
    }
}

impl Bucket {
    fn new(limit: RateLimit) -> Self {
        let RateLimit { per_second, burst } = RateLimit::new(limit.per_second, limit.burst);
        let interval = Duration::from_secs_f64(per_second.recip());
        let saved = interval.saturating_mul(burst - 1);
        let (next, queue) = (Mutex::new(None), tokio::sync::Mutex::new(()));
        Self { interval, saved, next, queue, waiting: AtomicU32::new(0) }
    }

    /// Takes a token, if there is one and nobody waits for it. Else it is a place among those who wait, and how long that
    /// will be unless some of them go away.
    fn take(self: &Arc<Self>) -> Option<(Waiting, Duration)> {
        let now = Instant::now();
        let mut next = self.lock();
        let mine = next.filter(|next| *next > now).unwrap_or(now);
        let ahead = self.waiting.load(Ordering::Relaxed);
        let until = mine.saturating_duration_since(now).saturating_add(self.interval.saturating_mul(ahead));
        let wait = until.saturating_sub(self.saved);
        if ahead == 0 && wait.is_zero() {
            *next = mine.checked_add(self.interval).or(*next);
            return None;
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Some((Waiting(self.clone()), wait))
    }

    /// Takes a token for the first of those who wait, or says when there will be one.
    fn take_first(&self) -> Result<(), Duration> {
        let now = Instant::now();
        let mut next = self.lock();
        // Not from now on, where a timer was late: the average stays.
        let mine = next.unwrap_or(now);
        let wait = mine.saturating_duration_since(now).saturating_sub(self.saved);
        if !wait.is_zero() {
            return Err(wait);
        }
        *next = mine.checked_add(self.interval).or(*next);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
        // Whole at all times.
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
