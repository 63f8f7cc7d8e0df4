//! Sends a request again when that is safe and likely to help.
//!
//! - No connection could be made: nothing was sent, so any request is repeated. (Not if TLS failed or time ran out: it
//!   would again.)
//! - The connection broke before an answer: `GET` and `HEAD` are repeated. Anything else may have been carried out.
//! - `429` with `Retry-After`: any request, since the server refused it; after the time it says.
//! - `5xx` with `Retry-After`: `GET` and `HEAD`, after the time it says.
//!
//! An answer without `Retry-After` is the caller's to judge. So is an eviction that a disruption budget forbids, which is
//! a 429, too, at times with `Retry-After`: the budget may stay closed for hours, and whoever evicts wants to know. An
//! upgrade is never repeated after a break: the `GET` of an exec runs a command.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::UPGRADE;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Collected, Limited};
use tower::{Layer, Service, ServiceExt};

use crate::retry::{Backoff, RetryClass, retry_after};
use crate::transport::{Body, BoxError, TransportError};

const FIRST_DELAY: Duration = Duration::from_millis(100);
const LONGEST_DELAY: Duration = Duration::from_secs(10);
/// A server that asks for more gives its answer to the caller instead.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);
/// More than a server has to say when it refuses.
const REFUSAL_LIMIT: usize = 1 << 20;

/// Makes [`Retry`] services.
#[derive(Clone, Copy, Debug)]
pub struct RetryLayer {
    max_attempts: u32,
}

/// Repeats requests, with growing, jittered pauses. Only a request whose body is in memory can be repeated.
#[derive(Clone, Debug)]
pub struct Retry<S> {
    inner: S,
    max_attempts: u32,
}

impl RetryLayer {
    /// Sends a request at most this often; 0 counts as 1.
    pub fn new(max_attempts: u32) -> Self {
        Self { max_attempts }
    }
}

impl<S> Layer<S> for RetryLayer {
    type Service = Retry<S>;

    fn layer(&self, inner: S) -> Retry<S> {
        Retry { inner, max_attempts: self.max_attempts }
    }
}

impl<S> Service<Request<Body>> for Retry<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = BoxError> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The one that was made ready serves the first attempt.
        let clone = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, clone.clone());
        Box::pin(run(ready, clone, request, self.max_attempts))
    }
}

async fn run<S>(
    mut ready: S,
    spare: S,
    mut request: Request<Body>,
    max_attempts: u32,
) -> Result<Response<Body>, BoxError>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = BoxError> + Clone,
{
    let repeatable = is_repeatable(&request);
    let (mut attempt, mut backoff) = (1, Backoff::new(FIRST_DELAY, LONGEST_DELAY));
    loop {
        let again = if attempt < max_attempts { try_clone(&request) } else { None };
        let mut result = ready.call(request).await;
        let (Some(again), Some(delay)) = (again, delay(&result, repeatable, &mut backoff)) else { return result };
        if !repeatable && let Ok(response) = result {
            let (response, by_budget) = look_for_budget(response).await;
            if by_budget {
                return Ok(response);
            }
            result = Ok(response);
        }
        match &result {
            Ok(response) => tracing::debug!(status = %response.status(), attempt, ?delay, "sending the request again"),
            Err(error) => tracing::debug!(%error, attempt, ?delay, "sending the request again"),
        }
        // Frees its connection before the pause.
        drop(result);
        tokio::time::sleep(delay).await;
        ready = spare.clone();
        ready.ready().await?;
        request = again;
        attempt += 1;
    }
}

/// How long to wait before the next attempt; `None` if there should be none.
fn delay(result: &Result<Response<Body>, BoxError>, repeatable: bool, backoff: &mut Backoff) -> Option<Duration> {
    match result {
        Ok(response) => {
            match RetryClass::of_status(response.status()) {
                RetryClass::Throttled => {}
                RetryClass::Transient if repeatable => {}
                _ => return None,
            }
            let asked = retry_after(response.headers())?;
            (asked <= LONGEST_RETRY_AFTER).then(|| backoff.next_delay_after(Some(asked)))
        }
        Err(error) => {
            let error = TransportError::find(&**error)?;
            if error.retry_class() != RetryClass::Transient || error.is_timeout() {
                return None;
            }
            (error.is_connect() || repeatable).then(|| backoff.next_delay())
        }
    }
}

/// Whether a refusal is that of a disruption budget, which its body alone says: among the causes is `DisruptionBudget`,
/// in JSON as in protobuf.
async fn look_for_budget(response: Response<Body>) -> (Response<Body>, bool) {
    const CAUSE: &[u8] = b"DisruptionBudget";
    if response.status() != StatusCode::TOO_MANY_REQUESTS {
        return (response, false);
    }
    let (head, body) = response.into_parts();
    // What breaks off, or has no end, says nothing: it is a refusal still.
    let bytes = Limited::new(body, REFUSAL_LIMIT).collect().await.map(Collected::to_bytes).unwrap_or_default();
    let by_budget = memchr::memmem::find(&bytes, CAUSE).is_some();
    (Response::from_parts(head, bytes.into()), by_budget)
}

fn is_repeatable(request: &Request<Body>) -> bool {
    matches!(*request.method(), Method::GET | Method::HEAD) && !request.headers().contains_key(UPGRADE)
}

fn try_clone(request: &Request<Body>) -> Option<Request<Body>> {
    let mut clone = Request::new(request.body().try_clone()?);
    *clone.method_mut() = request.method().clone();
    *clone.uri_mut() = request.uri().clone();
    *clone.version_mut() = request.version();
    *clone.headers_mut() = request.headers().clone();
    *clone.extensions_mut() = request.extensions().clone();
    Some(clone)
}
