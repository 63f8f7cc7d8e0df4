//! What a client reports about its requests and connections.

mod resource_path;

use std::error::Error;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};

pub use self::resource_path::ResourcePath;

/// Told about requests and connections as they happen: the place to count and time them, for whatever metrics a program
/// keeps. Each method does nothing unless it is written.
///
/// Set it as [`Config::metrics`](crate::Config::metrics). Without one nothing is counted and nothing is spent. The methods
/// are called where the requests run, and should not wait for anything.
///
/// The requests in flight are those that have started and not ended, and the open connections those that have been opened
/// and not closed.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
/// use std::time::Duration;
///
/// use kubewright_runtime::Config;
/// use kubewright_runtime::metrics::{Metrics, MetricsHook, Outcome, SentRequest};
///
/// #[derive(Default)]
/// struct Counts {
///     in_flight: AtomicU64,
///     refused: AtomicU64,
/// }
///
/// impl Metrics for Counts {
///     fn request_started(&self, _: &SentRequest<'_>) {
///         self.in_flight.fetch_add(1, Relaxed);
///     }
///     fn request_answered(&self, _: &SentRequest<'_>, outcome: Outcome<'_>, _: Duration) {
///         if let Outcome::Status(status) = outcome && !status.is_success() {
///             self.refused.fetch_add(1, Relaxed);
///         }
///     }
///     fn request_ended(&self) {
///         self.in_flight.fetch_sub(1, Relaxed);
///     }
/// }
///
/// let counts = Arc::new(Counts::default());
/// let mut config = Config::new("https://cluster.example".parse()?);
/// config.metrics = Some(MetricsHook::new(counts.clone()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Metrics: Send + Sync + 'static {
    /// A request is sent. Each attempt is one.
    fn request_started(&self, request: &SentRequest<'_>) {
        let _ = request;
    }

    /// The head of the response came, or the request failed, so long after the start.
    fn request_answered(&self, request: &SentRequest<'_>, outcome: Outcome<'_>, latency: Duration) {
        let _ = (request, outcome, latency);
    }

    /// The body of the response has been read or dropped, or the request failed, or the caller dropped its future. Once for
    /// each that started.
    fn request_ended(&self) {}

    /// A request is about to be sent again, for the given attempt (2, 3, …), after this delay.
    fn request_retried(&self, method: &Method, attempt: u32, delay: Duration) {
        let _ = (method, attempt, delay);
    }

    /// The client's own [rate limit](crate::Config::rate_limit) held a request back for so long.
    fn request_limited(&self, delay: Duration) {
        let _ = delay;
    }

    /// A connection to the server is ready: TCP, proxy and TLS.
    fn connection_opened(&self) {}

    /// A connection to the server was closed, by whichever side. Once for each that was opened.
    fn connection_closed(&self) {}

    /// No connection could be made.
    fn connection_failed(&self, error: &(dyn Error + 'static)) {
        let _ = error;
    }
}

/// A request as [`Metrics`] see it: what may be the label of a metric, and no secret.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SentRequest<'a> {
    /// `GET`, `POST`, …
    pub method: &'a Method,
    /// What the path names: the resource, namespace and name.
    pub path: ResourcePath<'a>,
}

impl<'a> SentRequest<'a> {
    /// A request with this method, for this path.
    pub(crate) fn new(method: &'a Method, path: &'a str) -> Self {
        Self { method, path: ResourcePath::parse(path) }
    }
}

/// Outcome of a request.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Outcome<'a> {
    /// There is a response, with this status.
    Status(StatusCode),
    /// There is none.
    Error(&'a (dyn Error + 'static)),
}

/// A [`Metrics`] as part of a configuration. Equal to its clones only.
#[derive(Clone)]
pub struct MetricsHook(Arc<dyn Metrics>);

impl MetricsHook {
    /// Reports to `metrics`.
    pub fn new<M: Metrics>(metrics: Arc<M>) -> Self {
        Self(metrics)
    }

    /// A connection that is open until the answer is dropped.
    pub(crate) fn open(&self) -> OpenConnection {
        self.connection_opened();
        OpenConnection(self.clone())
    }
}

impl Deref for MetricsHook {
    type Target = dyn Metrics;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl PartialEq for MetricsHook {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for MetricsHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetricsHook").finish_non_exhaustive()
    }
}

/// Reports when a connection is closed.
pub(crate) struct OpenConnection(MetricsHook);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.connection_closed();
    }
}
