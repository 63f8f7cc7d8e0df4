//! The objects of a cluster, and what happened to them.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use serde_json::Value;

use crate::catalog::StorageKey;
use crate::snapshot::Snapshot;

/// The key of an object among those of its resource, in the order of lists: `shop/web`, or the name alone.
pub(crate) type Key = String;

/// What happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Added,
    Modified,
    Deleted,
}

/// A change of an object.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub revision: u64,
    pub storage: StorageKey,
    pub key: Key,
    pub action: Action,
    /// The object after it; for a deletion the last one, with the revision of the deletion.
    pub object: Arc<Value>,
    /// The object before it.
    pub previous: Option<Arc<Value>>,
}

/// The objects and their history.
#[derive(Debug)]
pub(crate) struct Store {
    revision: u64,
    objects: HashMap<StorageKey, BTreeMap<Key, Arc<Value>>>,
    history: VecDeque<Arc<Change>>,
    /// The revision before the oldest change that is kept.
    compacted: u64,
    /// How many changes are kept.
    capacity: usize,
}

impl Store {
    pub fn new(capacity: usize) -> Self {
        Self { revision: 1, objects: HashMap::new(), history: VecDeque::new(), compacted: 0, capacity }
    }

    /// One with the objects of a file. Its history begins with them.
    pub fn restored(snapshot: Snapshot, capacity: usize) -> Self {
        let Snapshot { revision, resources } = snapshot;
        Self { revision, compacted: revision, objects: resources.into_iter().collect(), ..Self::new(capacity) }
    }

    /// The objects of every resource.
    pub fn resources(&self) -> impl Iterator<Item = (&StorageKey, &BTreeMap<Key, Arc<Value>>)> {
        self.objects.iter()
    }

    /// The revision of the latest change.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The oldest revision that watches can start from.
    pub fn compacted(&self) -> u64 {
        self.compacted
    }

    /// Forgets the history, so that older revisions are expired.
    pub fn compact(&mut self) {
        self.history.clear();
        self.compacted = self.revision;
    }

    pub fn get(&self, storage: &StorageKey, key: &str) -> Option<&Arc<Value>> {
        self.objects.get(storage)?.get(key)
    }

    /// The objects of a resource, in order.
    pub fn all(&self, storage: &StorageKey) -> impl Iterator<Item = (&Key, &Arc<Value>)> {
        self.objects.get(storage).into_iter().flatten()
    }

    /// The objects of a resource as they were at a revision. `None` if that is too long ago.
    pub fn all_at(&self, storage: &StorageKey, revision: u64) -> Option<BTreeMap<Key, Arc<Value>>> {
        if revision < self.compacted {
            return None;
        }
        let mut objects = self.objects.get(storage).cloned().unwrap_or_default();
        for change in self.history.iter().rev().take_while(|change| change.revision > revision) {
            if change.storage != *storage {
                continue;
            }
            match &change.previous {
                Some(previous) => objects.insert(change.key.clone(), previous.clone()),
                None => objects.remove(&change.key),
            };
        }
        Some(objects)
    }

    /// The changes of a resource after a revision. `None` if some of them are forgotten.
    pub fn changes_since(&self, storage: &StorageKey, revision: u64) -> Option<Vec<Arc<Change>>> {
        if revision < self.compacted {
            return None;
        }
        let start = self.history.partition_point(|change| change.revision <= revision);
        Some(self.history.iter().skip(start).filter(|change| change.storage == *storage).cloned().collect())
    }

    /// Stores an object, new or changed, under the next revision; `finish` writes that into it.
    pub fn put(&mut self, storage: &StorageKey, key: &str, mut object: Value) -> Arc<Value> {
        self.revision += 1;
        stamp(&mut object, self.revision);
        let object = Arc::new(object);
        let previous = self.objects.entry(storage.clone()).or_default().insert(key.to_owned(), object.clone());
        let action = if previous.is_some() { Action::Modified } else { Action::Added };
        self.record(storage, key, action, object.clone(), previous);
        object
    }

    /// Deletes an object. Returns it with the revision of the deletion.
    pub fn delete(&mut self, storage: &StorageKey, key: &str) -> Option<Arc<Value>> {
        let previous = self.objects.get_mut(storage)?.remove(key)?;
        self.revision += 1;
        let mut object = Value::clone(&previous);
        stamp(&mut object, self.revision);
        let object = Arc::new(object);
        self.record(storage, key, Action::Deleted, object.clone(), Some(previous));
        Some(object)
    }

    fn record(
        &mut self,
        storage: &StorageKey,
        key: &str,
        action: Action,
        object: Arc<Value>,
        previous: Option<Arc<Value>>,
    ) {
        let change =
            Change { revision: self.revision, storage: storage.clone(), key: key.to_owned(), action, object, previous };
        self.history.push_back(Arc::new(change));
        while self.history.len() > self.capacity {
            if let Some(forgotten) = self.history.pop_front() {
                self.compacted = forgotten.revision;
            }
        }
    }
}

fn stamp(object: &mut Value, revision: u64) {
    if object["metadata"].is_object() {
        object["metadata"]["resourceVersion"] = Value::from(revision.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn storage() -> StorageKey {
        StorageKey::new("", "configmaps")
    }

    fn object(value: u32) -> Value {
        json!({"metadata": {}, "value": value})
    }

    #[test]
    fn a_list_of_the_past_is_as_it_was_then() {
        let mut store = Store::new(100);
        store.put(&storage(), "a", object(1));
        let then = store.revision();
        store.put(&storage(), "a", object(2));
        store.put(&storage(), "b", object(3));
        store.delete(&storage(), "a");
        let values = |objects: BTreeMap<Key, Arc<Value>>| -> Vec<Value> {
            objects.into_values().map(|object| object["value"].clone()).collect()
        };
        assert_eq!(store.all_at(&storage(), then).map(values), Some(vec![json!(1)]));
        assert_eq!(store.all_at(&storage(), then + 2).map(values), Some(vec![json!(2), json!(3)]));
        assert_eq!(store.all_at(&storage(), store.revision()).map(values), Some(vec![json!(3)]));
    }

    #[test]
    fn changes_are_numbered_and_the_oldest_forgotten() {
        let mut store = Store::new(2);
        let start = store.revision();
        for value in 0..3 {
            store.put(&storage(), "a", object(value));
        }
        assert!(store.changes_since(&storage(), start).is_none(), "one is forgotten");
        assert!(store.all_at(&storage(), start).is_none());
        let changes = store.changes_since(&storage(), start + 1).expect("two");
        assert_eq!(changes.iter().map(|change| change.revision).collect::<Vec<_>>(), [start + 2, start + 3]);
        let deleted = store.delete(&storage(), "a").expect("the object");
        assert_eq!(deleted["metadata"]["resourceVersion"], (start + 4).to_string());
        assert_eq!(store.changes_since(&storage(), start + 3).expect("one")[0].action, Action::Deleted);
        store.compact();
        assert!(store.changes_since(&storage(), start + 3).is_none());
        assert_eq!(store.changes_since(&storage(), store.revision()).map(|changes| changes.len()), Some(0));
    }
}
