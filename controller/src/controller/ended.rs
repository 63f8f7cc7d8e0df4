//! How a controller ended.

use std::error::Error;
use std::fmt;

use crate::key::ObjectKey;
use crate::store::Stopped;

/// A controller has shut down.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// The objects whose reconciles did not end in time and were aborted, in order.
    pub aborted: Vec<ObjectKey>,
}

/// The cache of a controller's objects has stopped for good, so that it would act on objects that are out of date.
#[derive(Debug)]
pub struct ControllerError {
    pub(super) controller: String,
    pub(super) stopped: Stopped,
    pub(super) ended: Ended,
}

impl ControllerError {
    /// Returns how the controller ended.
    pub fn ended(&self) -> &Ended {
        &self.ended
    }
}

impl fmt::Display for ControllerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the controller {} ended, since the cache of its objects did", self.controller)
    }
}

impl Error for ControllerError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.stopped)
    }
}
