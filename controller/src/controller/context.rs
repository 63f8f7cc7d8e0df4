//! What a reconcile knows besides the object.

use std::fmt;

use tokio::sync::watch;

use crate::fencing::FencingToken;
use crate::key::ObjectKey;

/// What a reconcile knows besides the object. State of the program's own, such as a client, belongs into the closure.
#[derive(Clone)]
pub struct Context {
    pub(super) key: ObjectKey,
    pub(super) failures: u32,
    pub(super) reconcile_id: u64,
    pub(super) token: FencingToken,
    pub(super) stopping: watch::Receiver<bool>,
}

impl Context {
    /// Returns the key of the object.
    pub fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns how often this object has failed since its last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Returns a number for this run, that the events of its `tracing` span have as the field `reconcile_id`. It is unique
    /// in this controller of this process.
    pub fn reconcile_id(&self) -> u64 {
        self.reconcile_id
    }

    /// Returns the token that writes should carry; 0 without a [gate](super::Controller::gate).
    pub fn fencing_token(&self) -> FencingToken {
        self.token
    }

    /// Whether the controller shuts down.
    pub fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Waits until the controller shuts down, for a reconcile that takes long to end early.
    pub async fn stopping(&self) {
        // The sender lives as long as the controller: its end is the shutdown, too.
        let _ = self.stopping.clone().wait_for(|stopping| *stopping).await;
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Context");
        text.field("key", &self.key).field("failures", &self.failures).field("reconcile_id", &self.reconcile_id);
        text.finish_non_exhaustive()
    }
}
