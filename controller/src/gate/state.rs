//! The state of a gate: openings, their deadline, and the permits that are held.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::clock::Deadline;
use crate::fencing::FencingToken;
use crate::ring::{HashRange, ShardKey};

/// The gate, as all of its handles share it.
pub(super) struct Shared {
    pub(super) key: ShardKey,
    pub(super) state: Mutex<State>,
    /// Sent when the openings change, or a deadline that has passed is extended.
    pub(super) changed: watch::Sender<()>,
    /// Sent when the last permit of an object is dropped.
    pub(super) released: watch::Sender<()>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) openings: Vec<Opening>,
    /// Openings made so far.
    pub(super) count: u64,
    pub(super) deadline: Option<Deadline>,
    /// The number of permits by hash.
    pub(super) permits: HashMap<u64, usize>,
}

/// A range for which the gate was opened.
pub(super) struct Opening {
    pub(super) number: u64,
    pub(super) range: HashRange,
    pub(super) token: FencingToken,
    /// Whether new permits are given. If not, those given before are valid still.
    pub(super) admits: bool,
}

impl State {
    pub(super) fn has_ended(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline.has_passed())
    }

    /// The deadline that has yet to pass.
    pub(super) fn pending_deadline(&self) -> Option<Deadline> {
        self.deadline.filter(|deadline| !deadline.has_passed())
    }

    /// The opening that admits a hash.
    pub(super) fn admitting(&self, hash: u64) -> Option<&Opening> {
        if self.has_ended() {
            return None;
        }
        self.openings.iter().find(|opening| opening.admits && opening.range.contains(hash))
    }

    pub(super) fn admits(&self) -> bool {
        !self.has_ended() && self.openings.iter().any(|opening| opening.admits)
    }

    pub(super) fn is_valid(&self, opening: u64) -> bool {
        !self.has_ended() && self.openings.iter().any(|known| known.number == opening)
    }
}

impl Shared {
    pub(super) fn new(key: ShardKey) -> Arc<Self> {
        let (changed, released) = (watch::Sender::new(()), watch::Sender::new(()));
        Arc::new(Self { key, state: Mutex::default(), changed, released })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a condition on the state holds, which may come to hold by a change or when the deadline passes.
    pub(super) async fn until(&self, condition: impl Fn(&State) -> bool) {
        let mut changed = self.changed.subscribe();
        loop {
            let deadline = {
                let state = self.state();
                if condition(&state) {
                    return;
                }
                state.pending_deadline()
            };
            wait_for(&mut changed, deadline).await;
        }
    }
}

/// Waits for a change, or until the deadline passes. Returns whether it was a change.
pub(super) async fn wait_for(changed: &mut watch::Receiver<()>, deadline: Option<Deadline>) -> bool {
    let passed = async {
        match deadline {
            Some(deadline) => deadline.passed().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        // It can't fail: the sender lives as long as the gate.
        _ = changed.changed() => true,
        () = passed => false,
    }
}
