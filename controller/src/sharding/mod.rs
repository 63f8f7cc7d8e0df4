//! Scale-out: the replicas of an operator share the objects that they act on.
//!
//! The ring of 64-bit hashes of the objects' uids (or namespaces) is divided into slots. Each replica is a member of a
//! group and owns some of the slots; members that join get their share, slot by slot, and the slots of members that leave
//! or die go to the others. At no time two replicas act on the same object.
//!
//! ```no_run
//! # use kubewright::prelude::*;
//! # use kubewright::core::v1::ConfigMap;
//! # use kubewright_controller::sharding::Membership;
//! # async fn sigterm() {}
//! # async fn reconcile(map: &ConfigMap) {}
//! # async fn run(client: Client, map: ConfigMap) -> Result<(), Box<dyn std::error::Error>> {
//! let mut membership = Membership::builder(&client, "shop", "stock-operator").build()?;
//! let gate = membership.gate();
//! tokio::spawn(async move { membership.run(sigterm()).await });
//!
//! // For each object that a watch returns:
//! if let Some(permit) = gate.try_enter(&map.metadata) {
//!     tokio::select! {
//!         () = reconcile(&map) => {}
//!         () = permit.lost() => {} // another replica may act on it now
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! - A slot is handed over in order: its owner lets no one in any more, waits until the [permits](crate::Permit) of its
//!   objects are dropped, and confirms; only then the next owner starts.
//! - The slots of a replica that is killed, stopped or cut off go to others after the lease duration. It has stopped
//!   before, by its own [clock](crate::election#what-is-guaranteed).
//! - Each change of owner gives the slot a greater [fencing token](crate::Permit::token).
//! - [`ShardWatcher`] is a watch of the objects that the replica owns: selected by the server where it shards, filtered here
//!   where it does not. Which of both is the case changes nothing of who owns what. A [`Controller`](crate::Controller) takes it
//!   in place of a cache.
//!
//! The protocol and its argument are decision 026 in the repository.

mod assignment;
mod builder;
mod event;
mod group;
mod membership;
mod roster;
mod slots;
#[cfg(test)]
mod tests;
mod watcher;

pub use assignment::Assignment;
pub use builder::MembershipBuilder;
pub use event::ShardingEvent;
pub use membership::Membership;
pub use watcher::ShardWatcher;
