//! How far a store is, and how to wait for more.

use std::cmp::Ordering;
use std::sync::Arc;
use std::time::Instant;

use kubewright::Error;
use kubewright_runtime::CompactString;

use crate::version;

/// How far a store is.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) is_synced: bool,
    /// All changes up to this version are in the store.
    pub(super) version: Option<CompactString>,
    pub(super) last_event: Option<Instant>,
    pub(super) last_bookmark: Option<Instant>,
    pub(super) last_error: Option<Arc<Error>>,
    pub(super) stopped: Option<Stopped>,
}

impl Progress {
    /// Compares the version of the store with another one; `None` if there is none yet.
    pub(super) fn reached(&self, version: &str) -> Option<Result<bool, WaitError>> {
        let own = self.version.as_deref()?;
        Some(match version::compare(own, version) {
            Some(order) => Ok(order != Ordering::Less),
            None => Err(WaitError::NotComparable { resource_version: own.to_owned() }),
        })
    }
}

/// The reflector of a store has stopped: the store receives no more changes.
///
/// Its [`source`](std::error::Error::source) is the [`Error`] that ended the watch; it has none if the reflector was
/// dropped.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the reflector of the store has stopped")]
pub struct Stopped {
    #[source]
    cause: Option<Arc<Error>>,
}

impl Stopped {
    pub(crate) fn new(cause: Option<Arc<Error>>) -> Self {
        Self { cause }
    }

    /// Returns the error that ended the watch; `None` if the reflector was dropped.
    pub fn cause(&self) -> Option<&Arc<Error>> {
        self.cause.as_ref()
    }
}

/// Waiting for a resource version failed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// The reflector has stopped.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// A resource version is not a decimal number, so that it can't be compared: see
    /// [`Store::wait_for_object`](super::Store::wait_for_object).
    #[error("the resource version {resource_version:?} can't be compared: it is not a decimal number")]
    NotComparable {
        /// The version.
        resource_version: String,
    },
}
