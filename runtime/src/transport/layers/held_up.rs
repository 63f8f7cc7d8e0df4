//! What a request waits for before it is sent, for the error of the time-out of the whole.

use std::sync::{Arc, Mutex, PoisonError};

use http::Extensions;

/// An extension of a request whose whole has a limit: the layers within it note there what it waits for.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldUp(Arc<Mutex<Option<By>>>);

#[derive(Clone, Debug)]
pub(super) enum By {
    RateLimit,
    /// Of this source, such as `the exec plugin aws`.
    Credentials(Arc<str>),
}

impl HeldUp {
    /// That of this request, if it has a limit.
    pub(super) fn of(extensions: &Extensions) -> Option<Self> {
        extensions.get().cloned()
    }

    /// Notes what the request waits for; `None` once it is on its way.
    pub(super) fn set(&self, by: Option<By>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = by;
    }

    pub(super) fn get(&self) -> Option<By> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
