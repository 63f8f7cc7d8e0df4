//! Leader election by a [Lease](https://kubernetes.io/docs/concepts/architecture/leases/): of several replicas, one acts.
//!
//! The record and the protocol are those of client-go, so that replicas of either kind can share a Lease.
//!
//! ```no_run
//! # use kubewright::prelude::*;
//! # use kubewright_controller::election::LeaderElection;
//! # async fn sigterm() {}
//! # async fn work() {}
//! # async fn run(client: Client) -> Result<(), Box<dyn std::error::Error>> {
//! let mut election = LeaderElection::builder(&client, "shop", "stock-operator").build()?;
//! let outcome = election
//!     .run(sigterm(), |leadership| async move {
//!         tokio::select! {
//!             () = work() => {}
//!             () = leadership.cancelled() => {} // stop in good order
//!         }
//!     })
//!     .await;
//! println!("{:?}", outcome.end);
//! # Ok(())
//! # }
//! ```
//!
//! # What is guaranteed
//! A replica leads from the response to its write of the Lease until the *renew deadline* after it **sent** the last
//! write that succeeded. Others take over no sooner than the *lease duration*, which is longer, after they observed that
//! write. Both measure time on their own monotonic clocks; times in the record are never compared with a clock, so clocks
//! may differ by any amount. They must only run about equally fast: the ratio of the two durations is the tolerance (the
//! defaults tolerate a clock that runs 1.5 times as fast as another).
//!
//! - [`Leadership::is_valid`] and a [gate](crate::gate) compare the deadline with the clock when they are asked. A process
//!   that was stopped finds out before it acts, whichever of its tasks runs first.
//!   - Between such a check and the write that follows, the process can still be stopped. Writes that must never come
//!     from a stale leader carry the [fencing token](Leadership::token).
//! - On Linux, the monotonic clock does not count while the machine is suspended. The leader therefore also regards
//!   what the wall clock shows: whichever shows more time counts. A step of the wall clock forward by more than the renew
//!   deadline ends its term; a step backward has no effect. Candidates, for whom more time is the unsafe side, use the
//!   monotonic clock alone.
//! - Each term has a token greater than those before (`leaseTransitions`), also if the same replica leads again, unless the
//!   Lease is deleted while no replica that has observed it runs.
//! - Another process with the same identity is another candidate: after a restart, a replica with a stable name waits until
//!   the Lease of its predecessor has expired, unless it was released. client-go would take it over at once.
//! - If the Lease is deleted, a leader creates it again; candidates that have observed it wait until it would have expired.
//!
//! See `docs/leader-election.md` in the repository.

mod builder;
mod event;
pub(crate) mod hold;
pub(crate) mod identity;
mod leadership;
pub(crate) mod lock;
mod run;
#[cfg(test)]
mod tests;

pub use builder::LeaderElectionBuilder;
pub use event::ElectionEvent;
pub use leadership::Leadership;
pub use run::{LeaderElection, Outcome, TermEnd};
