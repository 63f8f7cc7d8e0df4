//! Waiting until an object meets a condition: one of its status, its deletion, or any that a function checks.
//!
//! Every handle of a resource that can be listed and watched has a `wait`, and so has [`Api`](crate::Api):
//!
//! ```no_run
//! # use std::time::Duration;
//! # use kubewright_runtime::{Api, DynamicObject};
//! # async fn run(crontabs: Api<DynamicObject>) -> kubewright_runtime::Result<()> {
//! let ready = crontabs.wait("nightly").timeout(Duration::from_secs(30)).for_condition("Ready").await?;
//! crontabs.delete("nightly").await?;
//! crontabs.wait("nightly").deleted().await?;
//! # Ok(())
//! # }
//! ```
//!
//! - [`Wait`] is the builder: the condition, the time-out, and a callback for events.
//!   - [`Verdict`] is the result of a function that checks the object: met, not yet met, or never to be met. Verdicts
//!     are combined by [`and`](Verdict::and) and [`or`](Verdict::or).
//!   - [`Unmet`] describes a wait that failed: [`Error::unmet`](crate::Error::unmet).
//!   - [`condition`] reads `status.conditions` of any kind.

mod conditions;
mod follow;
mod handle;
mod request;
mod unmet;
mod verdict;

pub use conditions::condition;
pub use request::{Gone, Undecided, Until, Wait, WaitEvent};
pub use unmet::{Unmet, WhyUnmet};
pub use verdict::Verdict;
