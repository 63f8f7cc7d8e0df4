//! What happens to every request on its way to the connection and back: one file, one layer.
//!
//! Each is a [`tower::Layer`] over any service from `http::Request<Body>` to `http::Response<Body>` that fails with a
//! [`BoxError`](super::BoxError), and usable alone. [`stack`](super::stack) puts them in order.

mod auth;
mod base;
mod decompress;
mod held_up;
mod metrics;
mod rate_limit;
mod read_timeout;
mod request_timeout;
mod retry;
mod trace;

pub use self::auth::{Auth, AuthLayer};
pub use self::base::{Base, BaseLayer};
pub use self::decompress::{Decompress, DecompressLayer};
pub use self::metrics::{CountedFuture, CountedRequests, MetricsLayer};
pub use self::rate_limit::{RateLimitLayer, RateLimited, RateLimitedFuture};
pub use self::read_timeout::{ReadTimeout, ReadTimeoutFuture, ReadTimeoutLayer};
pub use self::request_timeout::{RequestTimeout, RequestTimeoutFuture, RequestTimeoutLayer};
pub use self::retry::{Attempts, Retry, RetryLayer};
pub use self::trace::{Trace, TraceFuture, TraceLayer};
pub use crate::wire::{LongRunning, NoReadTimeout, Timeouts};
