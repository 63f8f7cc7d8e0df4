//! A key that was handed out.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::state::Taken;
use super::{Priority, WorkQueue};
use crate::key::ObjectKey;

/// Result of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    RequeueAfter(Duration),
    Failed,
}

/// A key that is to be worked on, and that nobody else gets until this is finished or dropped. A job that is dropped has
/// failed: its key is retried.
#[must_use = "a job that is dropped counts as failed"]
pub struct Job {
    queue: WorkQueue,
    key: Arc<ObjectKey>,
    priority: Priority,
    failures: u32,
    finished: bool,
}

impl Job {
    pub(super) fn new(queue: WorkQueue, taken: Taken) -> Self {
        let Taken { key, priority, failures, .. } = taken;
        Self { queue, key, priority, failures, finished: false }
    }

    /// Returns the key.
    pub fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the priority with which it was handed out.
    pub fn priority(&self) -> Priority {
        self.priority
    }

    /// Returns how often the key has failed since its last success.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Ends the run. The key is handed out again when it is added, or if it was meanwhile.
    pub fn done(self) {
        self.finish(Outcome::Done);
    }

    /// Ends the run, and adds the key again after this time, with the same priority. The key counts as successful.
    pub fn requeue_after(self, delay: Duration) {
        self.finish(Outcome::RequeueAfter(delay));
    }

    /// Ends the run, and adds the key again after its back-off, which is returned, with the same priority. What was added
    /// meanwhile is not delayed.
    pub fn failed(self) -> Duration {
        self.finish(Outcome::Failed).unwrap_or_default()
    }

    fn finish(mut self, outcome: Outcome) -> Option<Duration> {
        self.finished = true;
        self.queue.finish(&self.key, self.priority, outcome)
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if !self.finished {
            self.queue.finish(&self.key, self.priority, Outcome::Failed);
        }
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = f.debug_struct("Job");
        text.field("key", &self.key).field("priority", &self.priority).field("failures", &self.failures);
        text.finish_non_exhaustive()
    }
}
