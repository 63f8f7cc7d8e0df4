//! Permission to act on one object, and for how long.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::state::Shared;
use crate::fencing::FencingToken;

/// Permission to act on one object, held while it is acted on. See the [module](super).
pub struct Permit {
    pub(super) pass: Pass,
    pub(super) hash: u64,
}

/// Validity of one opening; another one of the same range gives none back. Unlike a permit, it is not waited for.
#[derive(Clone)]
pub(crate) struct Pass {
    /// `None` if the gate is always open.
    pub(super) shared: Option<Arc<Shared>>,
    pub(super) opening: u64,
    pub(super) token: FencingToken,
}

impl Pass {
    pub(crate) fn is_valid(&self) -> bool {
        self.shared.as_ref().is_none_or(|shared| shared.state().is_valid(self.opening))
    }

    /// The time until the deadline; zero if it is not valid. `None` without a deadline.
    pub(crate) fn remaining(&self) -> Option<Duration> {
        let state = self.shared.as_ref()?.state();
        if !state.is_valid(self.opening) {
            return Some(Duration::ZERO);
        }
        state.deadline.map(|deadline| deadline.remaining())
    }

    pub(crate) async fn lost(&self) {
        match &self.shared {
            Some(shared) => shared.until(|state| !state.is_valid(self.opening)).await,
            None => std::future::pending().await,
        }
    }

    pub(crate) fn token(&self) -> FencingToken {
        self.token
    }
}

impl Permit {
    /// Whether this replica still may act on the object, at the time of the call.
    pub fn is_valid(&self) -> bool {
        self.pass.is_valid()
    }

    /// Waits until this replica may no longer act on the object: leadership was lost, or the range was taken away without
    /// a handover. What still acts must then stop at once.
    pub async fn lost(&self) {
        self.pass.lost().await;
    }

    /// Returns the token that writes should carry; 0 if the gate is always open.
    pub fn token(&self) -> FencingToken {
        self.pass.token()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Some(shared) = &self.pass.shared else { return };
        let mut state = shared.state();
        if let Some(count) = state.permits.get_mut(&self.hash) {
            *count -= 1;
            if *count == 0 {
                state.permits.remove(&self.hash);
                drop(state);
                shared.released.send_replace(());
            }
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("token", &self.token())
            .field("is_valid", &self.is_valid())
            .finish_non_exhaustive()
    }
}
