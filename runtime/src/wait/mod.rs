//! Waiting until an object reaches a desired state: a condition, its deletion, or whatever a function says of it.
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
//! - [`Wait`] is the builder: how long, what to tell on the way, and what is waited for.
//! - [`Verdict`] is what a function says of an object: that it is as wanted, or not yet, or can never come to be so. Verdicts
//!   are combined by [`and`](Verdict::and) and [`or`](Verdict::or).
//! - [`Unmet`] is what an error knows of a wait that failed: [`Error::unmet`](crate::Error::unmet).
//! - [`condition`] is the rule by which `status.conditions` are read, of any kind.

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
