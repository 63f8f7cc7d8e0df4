//! What holds a request up on the way, for the words of the time-out of the whole.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use http::Extensions;

/// An extension of a request whose whole has a limit: the layers within it note there what it waits for.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldUp(Arc<AtomicU8>);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// It is on its way, or the layers don't say.
    Nothing,
    RateLimit,
    Credentials,
}

impl HeldUp {
    /// That of this request, if it has a limit.
    pub(super) fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get().cloned()
    }

    pub(super) fn set(&self, by: By) {
        self.0.store(by as u8, Ordering::Relaxed);
    }

    /// What to add to the sentence that its time was up.
    pub(super) fn words(&self) -> &'static str {
        match self.0.load(Ordering::Relaxed) {
            by if by == By::RateLimit as u8 => "; it was held back by the client's own rate_limit",
            by if by == By::Credentials as u8 => "; it was waiting for its credentials",
            _ => "",
        }
    }
}
