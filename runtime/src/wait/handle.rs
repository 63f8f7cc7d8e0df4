//! Waiting through a handle.

use super::Wait;
use crate::Object;
use crate::api::{Api, Handle, verbs};

impl<K: Object> Handle<K> {
    /// Waits until the named object meets a condition.
    pub fn wait<'a>(&self, name: &str) -> Wait<'a, K> {
        Wait::new(self, name)
    }
}

impl<K: Object> Api<K> {
    /// Waits until the named object meets a condition.
    pub fn wait<'a>(&self, name: &str) -> Wait<'a, K>
    where
        K: verbs::List + verbs::Watch,
    {
        self.0.wait(name)
    }
}
