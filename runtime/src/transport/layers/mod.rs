//! What happens to every request on its way to the connection and back: one file, one layer.
//!
//! Each is a [`tower::Layer`] over any service from `http::Request<Body>` to `http::Response<Body>` that fails with a
//! [`BoxError`](super::BoxError), and usable alone. [`stack`](super::stack) puts them in order.

mod auth;
mod base;
mod decompress;
mod retry;
mod timeout;
mod trace;

pub use self::auth::{Auth, AuthLayer};
pub use self::base::{Base, BaseLayer};
pub use self::decompress::{Decompress, DecompressLayer};
pub use self::retry::{Attempts, Retry, RetryLayer};
pub use self::timeout::{ReadTimeout, ReadTimeoutLayer};
pub use self::trace::{Trace, TraceLayer};
pub use crate::wire::Patient;
