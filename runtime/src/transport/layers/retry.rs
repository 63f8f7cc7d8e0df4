//! Sends a request again when that is safe and likely to help.
//!
//! - No connection could be made: nothing was sent, so any request is repeated. (Not if TLS failed or time ran out: it
//!   would again.)
//! - The server closed the connection and said that it had not begun with the request: any request.
//! - The connection broke before a response: `GET` and `HEAD` are repeated. Anything else may have been carried out.
//! - `429` with `Retry-After`: any request, since the server refused it, after that time; unless the request says that its
//!   429 is a response ([`NoRetryOn429`]).
//! - `5xx` with `Retry-After`: `GET` and `HEAD`, after that time.
//!
//! A 401 is the business of [authentication](super::AuthLayer), which repeats the request itself.
//!
//! A response without `Retry-After` is left to the caller. An upgrade is never repeated after a break: the `GET` of an exec
//! runs a command.

use std::sync::Arc;
use std::time::Duration;

use http::header::UPGRADE;
use http::{Method, Request, Response};
use tokio::time::{Sleep, sleep};
use tower::Layer;
use tower::retry::Policy;
use tower::retry::budget::{Budget as _, TpsBudget};

use crate::auth::AuthError;
use crate::metrics::MetricsHook;
use crate::retry::{Backoff, NoRetryOn429, RetryBudget, RetryClass, RetryPolicy, retry_after};
use crate::transport::body::try_clone;
use crate::transport::{Body, BoxError, TransportError};

/// Makes [`Retry`] services, whose requests share one budget.
#[derive(Clone, Debug)]
pub struct RetryLayer {
    attempts: Attempts,
}

/// Repeats requests, with growing, jittered delays. Only a request whose body is in memory can be repeated.
pub type Retry<S> = tower::retry::Retry<Attempts, S>;

/// The attempts of one request: [`RetryPolicy`] and [`RetryBudget`] as a policy of tower's.
#[derive(Clone, Debug)]
pub struct Attempts {
    policy: Arc<RetryPolicy>,
    budget: Option<Arc<TpsBudget>>,
    /// The number of the attempt that is under way, from 1.
    attempt: u32,
    /// That of the request, once it failed.
    backoff: Option<Backoff>,
    metrics: Option<MetricsHook>,
}

impl RetryLayer {
    /// By this policy, unless a request has one of its own as an extension, and as far as the budget goes.
    pub fn new(policy: &RetryPolicy, budget: Option<RetryBudget>) -> Self {
        let budget = budget.map(|budget| Arc::new(budget.bucket()));
        let policy = Arc::new(policy.clone());
        Self { attempts: Attempts { policy, budget, attempt: 1, backoff: None, metrics: None } }
    }

    /// Reports requests that are sent again.
    #[must_use]
    pub fn metrics(mut self, metrics: Option<MetricsHook>) -> Self {
        self.attempts.metrics = metrics;
        self
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Retry<S> {
        Retry::new(self.attempts.clone(), inner)
    }
}

impl Policy<Request<Body>, Response<Body>, BoxError> for Attempts {
    type Future = Sleep;

    fn retry(&mut self, request: &mut Request<Body>, result: &mut Result<Response<Body>, BoxError>) -> Option<Sleep> {
        let policy = request.extensions().get::<RetryPolicy>().unwrap_or(&self.policy);
        let backoff = self.backoff.get_or_insert_with(|| policy.backoff.clone());
        let delay = delay(request, result, policy, backoff)?;
        let (method, path, attempt) = (request.method(), request.uri().path(), self.attempt);
        if self.budget.as_ref().is_some_and(|budget| !budget.withdraw()) {
            tracing::debug!(%method, path, attempt, "not sending the request again: the retry budget is exhausted");
            return None;
        }
        match result {
            Ok(response) => {
                tracing::debug!(%method, path, status = %response.status(), attempt, ?delay, "sending the request again");
            }
            Err(error) => tracing::debug!(%method, path, %error, attempt, ?delay, "sending the request again"),
        }
        self.attempt += 1;
        if let Some(metrics) = &self.metrics {
            metrics.request_retried(request.method(), self.attempt, delay);
        }
        Some(sleep(delay))
    }

    fn clone_request(&mut self, request: &Request<Body>) -> Option<Request<Body>> {
        if let (1, Some(budget)) = (self.attempt, &self.budget) {
            budget.deposit();
        }
        let policy = request.extensions().get::<RetryPolicy>().unwrap_or(&self.policy);
        if self.attempt < policy.max_attempts { try_clone(request) } else { None }
    }
}

/// How long to wait before the next attempt; `None` if there should be none.
fn delay(
    request: &Request<Body>,
    result: &Result<Response<Body>, BoxError>,
    policy: &RetryPolicy,
    backoff: &mut Backoff,
) -> Option<Duration> {
    match result {
        Ok(response) => {
            match RetryClass::of_status(response.status()) {
                RetryClass::Throttled if request.extensions().get::<NoRetryOn429>().is_none() => {}
                RetryClass::Transient if is_repeatable(request) => {}
                _ => return None,
            }
            let asked = retry_after(response.headers())?;
            (asked <= policy.max_retry_after).then(|| backoff.next_delay_after(Some(asked)))
        }
        Err(error) => {
            // Credentials are fetched at a pace of their own.
            if AuthError::find(&**error).is_some() {
                return None;
            }
            let error = TransportError::find(&**error)?;
            if error.retry_class() != RetryClass::Transient || error.is_timeout() {
                return None;
            }
            (error.is_connect() || error.is_unprocessed() || is_repeatable(request)).then(|| backoff.next_delay())
        }
    }
}

fn is_repeatable(request: &Request<Body>) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD) && !request.headers().contains_key(UPGRADE)
}
