//! Retries: which errors are worth another attempt, and after how long.
//!
//! - [`Error::retry_class`](crate::Error::retry_class) classifies an error, as a [`RetryClass`].
//! - [`Backoff`] gives the delays between attempts: exponential, with jitter, never less than a server's `Retry-After`.
//! - [`RetryState`] puts both together for a loop that retries, as one that watches does.
//! - [`RetryPolicy`] is how requests are sent again, by a client or one at a time, and [`RetryBudget`] how many of all.

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
