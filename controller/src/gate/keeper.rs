//! What opens and closes a gate.

use std::fmt;
use std::sync::Arc;

use super::state::{Opening, Shared};
use super::{Gate, Pass};
use crate::clock::Deadline;
use crate::fencing::FencingToken;
use crate::ring::{HashRange, ShardKey};

/// What opens and closes a [`Gate`].
///
/// Leader election and scale-out have their own. Others may serve a maintenance mode, or tests. Dropping it closes the gate.
pub struct Gatekeeper {
    shared: Arc<Shared>,
}

impl Gatekeeper {
    /// Creates a gate that is closed, and its keeper.
    pub fn new(key: ShardKey) -> (Self, Gate) {
        let shared = Shared::new(key);
        (Self { shared: shared.clone() }, Gate { shared: Some(shared) })
    }

    /// Opens the gate for a range of hashes. Permits carry the token.
    ///
    /// A range that is open is first closed: permits given before are then not valid any more.
    pub fn open(&self, range: HashRange, token: FencingToken) {
        let _ = self.open_with_pass(range, token);
    }

    /// Opens the gate for a range, and returns the validity of this opening.
    pub(crate) fn open_with_pass(&self, range: HashRange, token: FencingToken) -> Pass {
        let mut state = self.shared.state();
        state.openings.retain(|opening| opening.range != range);
        state.count += 1;
        let number = state.count;
        state.openings.push(Opening { number, range, token, admits: true });
        drop(state);
        self.shared.changed.send_replace(());
        Pass { shared: Some(self.shared.clone()), opening: number, token }
    }

    /// Lets no one in for this range any more. Permits that were given stay valid; [`idle`](Self::idle) waits for them.
    pub fn drain(&self, range: HashRange) {
        for opening in self.shared.state().openings.iter_mut().filter(|opening| opening.range == range) {
            opening.admits = false;
        }
        self.shared.changed.send_replace(());
    }

    /// Opens a range again that [drains](Self::drain): permits that were given stay valid.
    pub fn resume(&self, range: HashRange) {
        for opening in self.shared.state().openings.iter_mut().filter(|opening| opening.range == range) {
            opening.admits = true;
        }
        self.shared.changed.send_replace(());
    }

    /// Closes the gate for a range: permits are lost.
    pub fn close(&self, range: HashRange) {
        self.shared.state().openings.retain(|opening| opening.range != range);
        self.shared.changed.send_replace(());
    }

    /// Closes the gate for all ranges.
    pub fn close_all(&self) {
        self.shared.state().openings.clear();
        self.shared.changed.send_replace(());
    }

    /// Waits until no permit of a range is held, valid or not.
    pub async fn idle(&self, range: HashRange) {
        let mut released = self.shared.released.subscribe();
        while !self.is_idle(range) {
            // It can't fail: the sender lives as long as the gate.
            let _ = released.changed().await;
        }
    }

    /// Waits until one of these ranges is idle; without any, forever.
    pub(crate) async fn any_idle(&self, ranges: &[HashRange]) {
        if ranges.is_empty() {
            return std::future::pending().await;
        }
        let mut released = self.shared.released.subscribe();
        while !ranges.iter().any(|range| self.is_idle(*range)) {
            // It can't fail: the sender lives as long as the gate.
            let _ = released.changed().await;
        }
    }

    /// Whether no permit of a range is held, valid or not.
    pub fn is_idle(&self, range: HashRange) -> bool {
        !self.shared.state().permits.keys().any(|hash| range.contains(*hash))
    }

    /// Sets when the gate closes by itself.
    ///
    /// A deadline that has passed is not extended: the gate stays closed until ranges are opened again.
    pub(crate) fn set_deadline(&self, deadline: Deadline) {
        let mut state = self.shared.state();
        let was = state.deadline.replace(deadline);
        match was {
            // Those that wait for it find the later one when it passes.
            Some(was) if !was.has_passed() => return,
            Some(_) => state.openings.clear(),
            None => {}
        }
        drop(state);
        self.shared.changed.send_replace(());
    }

    /// Closes the gate for all ranges when the returned guard is dropped: also after a panic, or if a future is dropped.
    pub(crate) fn close_on_drop(&self) -> CloseOnDrop<'_> {
        CloseOnDrop(self)
    }

    /// Creates another handle of the gate.
    pub fn gate(&self) -> Gate {
        Gate { shared: Some(self.shared.clone()) }
    }
}

impl Drop for Gatekeeper {
    fn drop(&mut self) {
        self.close_all();
    }
}

/// See [`Gatekeeper::close_on_drop`].
pub(crate) struct CloseOnDrop<'a>(&'a Gatekeeper);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close_all();
    }
}

impl fmt::Debug for Gatekeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gatekeeper").field(&self.gate()).finish()
    }
}
