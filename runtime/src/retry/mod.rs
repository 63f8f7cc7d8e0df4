//! Retries: classification of errors, delays and limits.
//!
//! - [`Error::retry_class`](crate::Error::retry_class) classifies an error, as a [`RetryClass`].
//! - [`Backoff`] returns the delays between attempts: exponential, with jitter, never less than a server's
//!   `Retry-After`.
//!   - [`RetryState`] combines both for a loop that retries, such as one that watches.
//!   - [`RetryPolicy`] sets how requests are retried, for a client or a single request, and [`RetryBudget`] limits the
//!     retries of all.

mod backoff;
mod budget;
mod class;
mod policy;
mod retry_after;
mod state;

pub use self::backoff::Backoff;
pub use self::budget::RetryBudget;
pub use self::class::RetryClass;
pub use self::policy::{NoRetryOn429, RetryPolicy};
pub(crate) use self::retry_after::retry_after;
pub use self::state::RetryState;
