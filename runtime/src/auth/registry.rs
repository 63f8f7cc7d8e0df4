//! Credentials by what they are fetched with: clients of one process that have the same plugin or provider share them, also
//! when they come one after the other.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::cached::Cached;

/// How many credentials are kept that no client uses any more.
const UNUSED: usize = 256;

/// Credentials that outlive the clients that use them.
pub(super) struct Registry<K>(Mutex<Vec<(K, Arc<Cached>)>>);

impl<K: PartialEq> Registry<K> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    pub(super) fn get_or_make(&self, key: K, make: impl FnOnce(&K) -> Arc<Cached>) -> Arc<Cached> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, cached)) = known.iter().find(|(known, _)| *known == key) {
            return cached.clone();
        }
        if known.len() >= UNUSED {
            // The first that nobody else holds is the one that was made first.
            if let Some(unused) = known.iter().position(|(_, cached)| Arc::strong_count(cached) == 1) {
                known.remove(unused);
            }
        }
        let cached = make(&key);
        known.push((key, cached.clone()));
        cached
    }
}

/// Credentials that live as long as a client or a source uses them, by the address of the source.
pub(super) struct WeakRegistry(Mutex<Vec<(usize, Weak<Cached>)>>);

impl WeakRegistry {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// `address` is that of a source that the credential holds, so that no other source has it meanwhile.
    pub(super) fn get_or_make(&self, address: usize, make: impl FnOnce() -> Arc<Cached>) -> Arc<Cached> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|(_, cached)| cached.strong_count() > 0);
        let found = known.iter().find(|(known, _)| *known == address).and_then(|(_, cached)| cached.upgrade());
        found.unwrap_or_else(|| {
            let cached = make();
            known.push((address, Arc::downgrade(&cached)));
            cached
        })
    }
}
