//! Retry policy of requests.

use std::time::Duration;

use super::Backoff;

/// How failed requests are retried: for a client, [`Config::retry`](crate::Config::retry); for one request, as an
/// extension, which builders accept by `extension` and which overrides the client's.
///
/// Only what is safe to repeat is retried; see [`RetryLayer`](crate::transport::layers::RetryLayer).
///
/// ```
/// # use kubewright_runtime::{Api, DynamicObject};
/// use kubewright_runtime::retry::RetryPolicy;
///
/// # async fn run(crontabs: Api<DynamicObject>) -> kubewright_runtime::Result<()> {
/// let nightly = crontabs.get("nightly").extension(RetryPolicy::new().max_attempts(10)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    pub(crate) max_attempts: u32,
    pub(crate) backoff: Backoff,
    pub(crate) max_retry_after: Duration,
}

impl RetryPolicy {
    /// At most 3 attempts, with [`Backoff`] from 100 ms to 10 s between them; a `Retry-After` of more than 60 s is not
    /// waited for.
    pub const fn new() -> Self {
        Self {
            max_attempts: 3,
            backoff: Backoff::new(Duration::from_millis(100), Duration::from_secs(10)),
            max_retry_after: Duration::from_secs(60),
        }
    }

    /// Creates a policy that sends each request once.
    pub const fn never() -> Self {
        Self::new().max_attempts(1)
    }

    /// Limits the number of attempts, including the first; 0 counts as 1. The default is 3.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the delays between attempts. The default is 100 ms, doubling up to 10 s.
    pub const fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// Limits the `Retry-After` that is waited for: if a server requests more, its response is returned at once. The
    /// default is 60 s.
    pub const fn max_retry_after(mut self, longest: Duration) -> Self {
        self.max_retry_after = longest;
        self
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// Request extension: a 429 is a response for the caller, not throttling, and is not retried, whatever its
/// `Retry-After`.
///
/// An eviction that a PodDisruptionBudget forbids is a 429. The budget may stay exhausted for hours, and the caller
/// needs to know.
///
/// <https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/#how-api-initiated-eviction-works>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRetryOn429;
