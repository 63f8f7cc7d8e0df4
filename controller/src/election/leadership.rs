//! What a leader's function knows of its term.

use std::fmt;
use std::time::Duration;

use tokio::sync::watch;

use crate::fencing::FencingToken;
use crate::gate::Pass;

/// A term of leadership: whether it lasts, and the token that writes should carry. Clones are of the same term.
#[derive(Clone)]
pub struct Leadership {
    pass: Pass,
    stop: watch::Receiver<bool>,
}

impl Leadership {
    pub(super) fn new(pass: Pass, stop: watch::Receiver<bool>) -> Self {
        Self { pass, stop }
    }

    /// Whether this replica leads, at the time of the call: it compares the renew deadline with the clock, so that it is
    /// right also directly after the process was stopped.
    pub fn is_valid(&self) -> bool {
        self.pass.is_valid()
    }

    /// Returns how long this replica leads if the Lease is not renewed again; zero if it does not lead. An operation
    /// that can't be fenced should begin only if its own time-out is shorter.
    pub fn remaining(&self) -> Duration {
        self.pass.remaining().unwrap_or_default()
    }

    /// Waits until this replica does not lead any more. What still acts must then stop at once.
    pub async fn lost(&self) {
        self.pass.lost().await;
    }

    /// Waits until the leader's function should return: because of a shutdown, for a preferred holder, or since leadership
    /// was lost. But in the last case the replica leads until it has returned.
    pub async fn cancelled(&self) {
        let mut stop = self.stop.clone();
        tokio::select! {
            // An error means that the election was dropped.
            _ = stop.wait_for(|stop| *stop) => {}
            () = self.lost() => {}
        }
    }

    /// Returns the token of this term: see [`FencingToken::stamp`].
    pub fn token(&self) -> FencingToken {
        self.pass.token()
    }
}

impl fmt::Debug for Leadership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (token, is_valid) = (self.token(), self.is_valid());
        f.debug_struct("Leadership").field("token", &token).field("is_valid", &is_valid).finish_non_exhaustive()
    }
}
