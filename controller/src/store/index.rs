//! Secondary indexes.

use std::borrow::Borrow;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

use kubewright::Object;

use super::{Snapshot, Store};
use crate::ObjectKey;

/// Objects of a [`Store`] by keys that a function computes, such as pods by their node. Created by [`Store::index`];
/// dropping the last clone removes it.
///
/// ```
/// # use kubewright_controller::Store;
/// # use kubewright::core::v1::Pod;
/// # fn run(pods: &Store<Pod>) {
/// let by_node = pods.index(|pod: &Pod| pod.spec.node_name.clone());
/// println!("{} pods run on node-1", by_node.get("node-1").len());
/// # }
/// ```
pub struct Index<K, Key> {
    store: Store<K>,
    table: Arc<Table<K, Key>>,
}

impl<K: Object, Key: Eq + Hash + 'static> Index<K, Key> {
    pub(super) fn new(store: Store<K>, table: Arc<Table<K, Key>>) -> Self {
        Self { store, table }
    }

    /// Returns the objects for which the function returned this key.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Snapshot<K>
    where
        Key: Borrow<Q>,
    {
        self.store.shared.indexed(&self.table, key)
    }

    /// Returns the keys of all objects, in any order, each once.
    pub fn keys(&self) -> Vec<Key>
    where
        Key: Clone,
    {
        self.table.entries.read().unwrap_or_else(PoisonError::into_inner).by_key.keys().cloned().collect()
    }

    /// Returns the store.
    pub fn store(&self) -> &Store<K> {
        &self.store
    }
}

impl<K, Key> Clone for Index<K, Key> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), table: self.table.clone() }
    }
}

impl<K, Key> fmt::Debug for Index<K, Key> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Index").field("store", &self.store).finish_non_exhaustive()
    }
}

/// The function of an index.
pub(super) type Keys<K, Key> = dyn Fn(&K) -> Vec<Key> + Send + Sync;

/// The table of an index. It changes only while the state of its store is locked for writing, so that the two agree.
pub(super) struct Table<K, Key> {
    keys: Box<Keys<K, Key>>,
    entries: RwLock<Entries<Key>>,
}

struct Entries<Key> {
    by_key: HashMap<Key, BTreeSet<Arc<ObjectKey>>>,
    by_object: HashMap<Arc<ObjectKey>, Vec<Key>>,
}

impl<K, Key: Eq + Hash> Table<K, Key> {
    pub(super) fn new(keys: Box<Keys<K, Key>>) -> Self {
        Self { keys, entries: RwLock::new(Entries { by_key: HashMap::new(), by_object: HashMap::new() }) }
    }

    /// Passes the keys of the objects with this index key to a function.
    pub(super) fn each<Q: Eq + Hash + ?Sized>(&self, key: &Q, found: impl FnMut(&Arc<ObjectKey>))
    where
        Key: Borrow<Q>,
    {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.by_key.get(key).into_iter().flatten().for_each(found);
    }
}

/// An index, whatever its keys are.
pub(super) trait Indexer<K>: Send + Sync {
    /// Computes the keys of an object, and returns what enters them. The function of the user runs only here.
    fn compute(self: Arc<Self>, key: &Arc<ObjectKey>, object: &K) -> Box<dyn FnOnce()>;

    fn remove(&self, key: &Arc<ObjectKey>);
}

impl<K: Object, Key: Eq + Hash + Clone + Send + Sync + 'static> Indexer<K> for Table<K, Key> {
    fn compute(self: Arc<Self>, key: &Arc<ObjectKey>, object: &K) -> Box<dyn FnOnce()> {
        let keys = (self.keys)(object);
        let key = key.clone();
        Box::new(move || self.entries.write().unwrap_or_else(PoisonError::into_inner).set(key, keys))
    }

    fn remove(&self, key: &Arc<ObjectKey>) {
        self.entries.write().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

impl<Key: Eq + Hash + Clone> Entries<Key> {
    fn set(&mut self, object: Arc<ObjectKey>, keys: Vec<Key>) {
        if self.by_object.get(&object).is_some_and(|before| *before == keys) {
            return;
        }
        self.remove(&object);
        for key in &keys {
            self.by_key.entry(key.clone()).or_default().insert(object.clone());
        }
        if !keys.is_empty() {
            self.by_object.insert(object, keys);
        }
    }

    fn remove(&mut self, object: &Arc<ObjectKey>) {
        for key in self.by_object.remove(object).into_iter().flatten() {
            if let Some(objects) = self.by_key.get_mut(&key) {
                objects.remove(object);
                if objects.is_empty() {
                    self.by_key.remove(&key);
                }
            }
        }
    }
}
