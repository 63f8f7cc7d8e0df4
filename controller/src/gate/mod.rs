//! The gate in front of a controller: which objects this replica may act on, and until when.
//!
//! Leader election opens a gate for all objects while its replica leads; scale-out opens it for the
//! ranges that the replica owns. A controller asks before each reconcile:
//!
//! ```no_run
//! # use kubewright::core::v1::Pod;
//! # use kubewright_controller::Gate;
//! # async fn reconcile(pod: &Pod) {}
//! # async fn run(gate: Gate, pod: Pod) {
//! if let Some(permit) = gate.try_enter(&pod.metadata) {
//!     tokio::select! {
//!         () = reconcile(&pod) => {}
//!         () = permit.lost() => {} // another replica may act now
//!     }
//! }
//! # }
//! ```
//!
//! - A gate is checked against the clock when it is asked. A process that was stopped and continues finds it closed before
//!   anything has run that could have closed it.
//! - A [`Permit`] is held while its object is acted on. Before a replica hands over what it owns, it lets no one in and
//!   waits until the permits are dropped.
//! - [`Gate::always_open`] is the gate of a program with one replica.

mod keeper;
mod permit;
mod state;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use kubewright::meta::v1::ObjectMeta;
use tokio::sync::watch;

pub use self::keeper::Gatekeeper;
pub use self::permit::Permit;

pub(crate) use self::permit::Pass;

use self::state::{Shared, State, wait_for};
use crate::fencing::FencingToken;
use crate::ring::{HashRange, ShardKey};

/// Which objects this replica may act on. See the [module](self).
///
/// Clones are cheap, and are the same gate.
#[derive(Clone)]
pub struct Gate {
    /// `None` if it is always open.
    shared: Option<Arc<Shared>>,
}

/// Observes the changes of a gate; see [`Gate::changes`].
#[derive(Debug)]
pub struct GateChanges {
    gate: Gate,
    changed: Option<watch::Receiver<()>>,
    was_open: bool,
}

impl Gate {
    /// Creates a gate that is always open, for all objects: that of a controller with one replica.
    pub fn always_open() -> Self {
        Self { shared: None }
    }

    /// Returns a permit to act on the object with this metadata, or `None` if this replica may not act on it now. It may
    /// later: see [`changes`](Self::changes).
    pub fn try_enter(&self, metadata: &ObjectMeta) -> Option<Permit> {
        self.try_enter_hash(self.hash(metadata))
    }

    /// Same as [`try_enter`](Self::try_enter), by the object's [`hash`](Self::hash): for one that was deleted.
    pub fn try_enter_hash(&self, hash: u64) -> Option<Permit> {
        let Some(shared) = &self.shared else {
            return Some(Permit { pass: Pass { shared: None, opening: 0, token: FencingToken::default() }, hash });
        };
        let mut state = shared.state();
        let (opening, token) = state.admitting(hash).map(|opening| (opening.number, opening.token))?;
        *state.permits.entry(hash).or_default() += 1;
        Some(Permit { pass: Pass { shared: Some(shared.clone()), opening, token }, hash })
    }

    /// Returns the hash by which an object's replica is determined; 0 if the gate is always open.
    pub fn hash(&self, metadata: &ObjectMeta) -> u64 {
        self.shared.as_ref().map_or(0, |shared| shared.key.hash(metadata))
    }

    /// Whether this replica may begin to act on the object with this metadata.
    pub fn admits(&self, metadata: &ObjectMeta) -> bool {
        self.shared.as_ref().is_none_or(|shared| shared.state().admitting(shared.key.hash(metadata)).is_some())
    }

    /// Whether this replica may begin to act on any object.
    pub fn is_open(&self) -> bool {
        self.shared.as_ref().is_none_or(|shared| shared.state().admits())
    }

    /// Returns the ranges for which the gate is open, joined and in order.
    pub fn ranges(&self) -> Vec<HashRange> {
        let Some(shared) = &self.shared else { return vec![HashRange::ALL] };
        let state = shared.state();
        if state.has_ended() {
            return Vec::new();
        }
        HashRange::join(state.openings.iter().filter(|opening| opening.admits).map(|opening| opening.range))
    }

    /// Returns the field by whose hash objects are shared.
    pub fn key(&self) -> ShardKey {
        self.shared.as_ref().map_or(ShardKey::Uid, |shared| shared.key)
    }

    /// Waits until this replica may act on any object.
    pub async fn opened(&self) {
        if let Some(shared) = &self.shared {
            shared.until(State::admits).await;
        }
    }

    /// Waits until this replica may no longer begin to act on any object. A gate that is always open never closes.
    pub async fn closed(&self) {
        match &self.shared {
            Some(shared) => shared.until(|state| !state.admits()).await,
            None => std::future::pending().await,
        }
    }

    /// Observes changes from now on: of the ranges for which the gate is open, and whether it is.
    pub fn changes(&self) -> GateChanges {
        let changed = self.shared.as_ref().map(|shared| shared.changed.subscribe());
        GateChanges { was_open: self.is_open(), changed, gate: self.clone() }
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::always_open()
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("is_open", &self.is_open()).field("ranges", &self.ranges()).finish_non_exhaustive()
    }
}

impl GateChanges {
    /// Waits for the next change. It may also return without one.
    ///
    /// Cancel-safe: a change that happens while no one waits is returned by the next call.
    pub async fn changed(&mut self) {
        let (Some(shared), Some(changed)) = (&self.gate.shared, &mut self.changed) else {
            return std::future::pending().await;
        };
        loop {
            let (is_open, deadline) = {
                let state = shared.state();
                (state.admits(), state.pending_deadline())
            };
            if is_open != self.was_open {
                self.was_open = is_open;
                return;
            }
            if wait_for(changed, deadline).await {
                self.was_open = shared.state().admits();
                return;
            }
        }
    }
}
