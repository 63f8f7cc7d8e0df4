//! Keys that the gate did not admit, until it does.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kubewright::Object;
use kubewright::meta::v1::ObjectMeta;

use crate::coverage::Coverage;
use crate::gate::{Gate, GateChanges, Permit};
use crate::key::ObjectKey;
use crate::queue::{Priority, WorkQueue};
use crate::ring::ShardKey;
use crate::store::Store;

/// A gate, and what waits in front of it.
pub(super) struct Waiting {
    gate: Gate,
    /// If the cache has only some objects.
    coverage: Option<Coverage>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Keys that were not admitted.
    keys: HashSet<ObjectKey>,
    /// The hashes of deleted objects that are yet to be reconciled.
    deleted: HashMap<ObjectKey, u64>,
}

impl Waiting {
    pub(super) fn new(gate: Gate, coverage: Option<Coverage>) -> Self {
        Self { gate, coverage, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps by which hash a deleted object is admitted.
    pub(super) fn deleted(&self, object: &impl Object) {
        let metadata = object.metadata();
        self.state().deleted.insert(ObjectKey::of(metadata), self.gate.hash(metadata));
    }

    /// Records that an object exists, again perhaps.
    pub(super) fn exists(&self, key: &ObjectKey) {
        self.state().deleted.remove(key);
    }

    /// Returns a generation in which the cache has the object with this key, if it exists: see [`Coverage::of`]. `None` if it
    /// may be another replica's.
    pub(super) fn covered(&self, key: &ObjectKey) -> Option<u64> {
        let Some(coverage) = &self.coverage else { return Some(0) };
        let hash = match (self.state().deleted.get(key), self.gate.key()) {
            (Some(hash), _) => *hash,
            (None, ShardKey::Namespace) => self.gate.hash(&metadata(key)),
            // By its key alone nobody knows whose it is.
            (None, _) => return None,
        };
        coverage.of(hash)
    }

    /// Forgets an object that no longer exists, and for which nothing is left to be done.
    pub(super) fn forget(&self, key: &ObjectKey) {
        let mut state = self.state();
        state.deleted.remove(key);
        state.keys.remove(key);
    }

    /// Returns the permit to reconcile an object. Without one, it waits for when there is, if it still exists: the deletion
    /// of an object is a matter of the replica to which it belonged.
    pub(super) fn enter<K: Object>(&self, key: &ObjectKey, object: Option<&K>) -> Option<Permit> {
        // Locked before the gate is asked: if it opens afterwards, `admitted` finds the key.
        let mut state = self.state();
        let permit = match object {
            Some(object) => self.gate.try_enter(object.metadata()),
            None => match state.deleted.get(key) {
                Some(hash) => self.gate.try_enter_hash(*hash),
                // Without a uid, its hash is the same for all replicas: one of them is admitted.
                None => self.gate.try_enter(&metadata(key)),
            },
        };
        if permit.is_none() && object.is_some() {
            state.keys.insert(key.clone());
        } else {
            state.keys.remove(key);
        }
        if permit.is_none() && object.is_none() {
            state.deleted.remove(key);
        }
        permit
    }

    /// Observes the gate from now on.
    pub(super) fn changes(&self) -> GateChanges {
        self.gate.changes()
    }

    /// Adds what waits to the queue as soon as the gate admits it. The changes are those since before anything waited.
    pub(super) async fn admit<K: Object>(&self, mut changes: GateChanges, store: &Store<K>, queue: &WorkQueue) {
        loop {
            changes.changed().await;
            for key in self.admitted(store) {
                queue.add(key, Priority::LOW);
            }
        }
    }

    /// Removes the keys that the gate admits now, or whose objects no longer exist.
    fn admitted<K: Object>(&self, store: &Store<K>) -> Vec<ObjectKey> {
        if !self.gate.is_open() {
            return Vec::new();
        }
        let mut state = self.state();
        let admits = |key: &ObjectKey| store.get(key).is_none_or(|object| self.gate.admits(object.metadata()));
        state.keys.extract_if(admits).collect()
    }
}

/// The metadata of an object of which only the key is known.
fn metadata(key: &ObjectKey) -> ObjectMeta {
    let metadata = ObjectMeta::named(key.name());
    match key.namespace() {
        Some(namespace) => metadata.in_namespace(namespace),
        None => metadata,
    }
}

#[cfg(test)]
mod tests {
    use kubewright::core::v1::ConfigMap;

    use super::*;
    use crate::fencing::FencingToken;
    use crate::gate::Gatekeeper;
    use crate::ring::HashRange;

    fn is_empty(waiting: &Waiting) -> bool {
        let state = waiting.state();
        state.keys.is_empty() && state.deleted.is_empty()
    }

    #[test]
    fn nothing_is_kept_of_objects_that_were_admitted_or_are_deleted() {
        let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
        let waiting = Waiting::new(gate, None);
        let map = ConfigMap { metadata: ObjectMeta::named("a").in_namespace("shop"), ..Default::default() };
        let key = ObjectKey::of(&map.metadata);
        // It is not admitted, and then deleted: by its key, or by the deletion itself.
        for with_deletion in [false, true] {
            assert!(waiting.enter(&key, Some(&map)).is_none());
            assert!(!is_empty(&waiting));
            if with_deletion {
                waiting.deleted(&map);
                assert!(waiting.enter(&key, None::<&ConfigMap>).is_none());
            } else {
                waiting.forget(&key);
            }
            assert!(is_empty(&waiting), "{with_deletion}");
        }
        // It waits, and is admitted by a change before its turn.
        assert!(waiting.enter(&key, Some(&map)).is_none());
        keeper.open(HashRange::ALL, FencingToken::new(1));
        assert!(waiting.enter(&key, Some(&map)).is_some());
        assert!(is_empty(&waiting));
        // A key of which nothing is known is a matter of one replica.
        assert!(waiting.enter(&ObjectKey::cluster("unknown"), None::<&ConfigMap>).is_some());
        keeper.close_all();
        assert!(waiting.enter(&ObjectKey::cluster("unknown"), None::<&ConfigMap>).is_none());
        keeper.open(HashRange::ALL, FencingToken::new(2));
        // Its deletion is reconciled by the same replica.
        waiting.deleted(&map);
        assert!(waiting.enter(&key, None::<&ConfigMap>).is_some());
        waiting.forget(&key);
        assert!(is_empty(&waiting));
    }
}
