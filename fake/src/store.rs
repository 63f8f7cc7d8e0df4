//! The objects of a cluster, and what happened to them.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::thread;

use serde_json::Value;

use crate::catalog::StorageKey;
use crate::snapshot::Snapshot;
use crate::stored::Stored;

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
    pub object: Arc<Stored>,
    /// The object before it.
    pub previous: Option<Arc<Stored>>,
}

/// The objects and their history.
#[derive(Debug)]
pub(crate) struct Store {
    revision: u64,
    objects: HashMap<StorageKey, BTreeMap<Key, Arc<Stored>>>,
    history: VecDeque<Arc<Change>>,
    /// The revision before the oldest change that is kept.
    compacted: u64,
    /// How many changes are kept.
    capacity: usize,
    /// The objects that were stored last, whose values are kept.
    fresh: VecDeque<(StorageKey, Key, Arc<Stored>)>,
    /// Those that were stored before and had no text by then: the others were packed.
    unpacked: VecDeque<(StorageKey, Key, Arc<Stored>)>,
    /// Those that were packed since, in their former shape.
    unused: Vec<Arc<Stored>>,
}

/// How many objects wait at most for the threads that have made them.
const UNUSED: usize = 64;

/// How many objects are kept unpacked in any case. Those that were answered since have their text, and to pack them costs nothing; the
/// value of a pod takes some 80 kB, and is dropped while it is still in a cache of the processor.
const FRESH: usize = 8;

/// How many objects are kept unpacked as long as nobody has asked for their text: the roles of a new cluster, mostly.
const UNPACKED: usize = 240;

impl Store {
    pub fn new(capacity: usize) -> Self {
        Self {
            revision: 1,
            objects: HashMap::new(),
            history: VecDeque::new(),
            compacted: 0,
            capacity,
            fresh: VecDeque::new(),
            unpacked: VecDeque::new(),
            unused: Vec::new(),
        }
    }

    /// One with the objects of a file. Its history begins with them.
    pub fn restored(snapshot: Snapshot, capacity: usize) -> Self {
        let Snapshot { revision, resources } = snapshot;
        Self { revision, compacted: revision, objects: resources.into_iter().collect(), ..Self::new(capacity) }
    }

    /// The objects of some resources alone, as they are now.
    pub fn only(&self, storages: impl IntoIterator<Item = StorageKey>) -> Self {
        let of = |storage: StorageKey| self.objects.get(&storage).cloned().map(|objects| (storage, objects));
        Self { revision: self.revision, objects: storages.into_iter().filter_map(of).collect(), ..Self::new(0) }
    }

    /// The objects of every resource.
    pub fn resources(&self) -> impl Iterator<Item = (&StorageKey, &BTreeMap<Key, Arc<Stored>>)> {
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

    pub fn get(&self, storage: &StorageKey, key: &str) -> Option<&Arc<Stored>> {
        self.objects.get(storage)?.get(key)
    }

    /// The objects of a resource, in order.
    pub fn all(&self, storage: &StorageKey) -> impl Iterator<Item = (&Key, &Arc<Stored>)> {
        self.objects.get(storage).into_iter().flatten()
    }

    /// The objects of a resource as they were at a revision. `None` if that is too long ago.
    pub fn all_at(&self, storage: &StorageKey, revision: u64) -> Option<Cow<'_, BTreeMap<Key, Arc<Stored>>>> {
        if revision < self.compacted {
            return None;
        }
        let Some(present) = self.objects.get(storage) else { return Some(Cow::Owned(BTreeMap::new())) };
        if revision >= self.revision {
            return Some(Cow::Borrowed(present));
        }
        let mut objects = present.clone();
        for change in self.history.iter().rev().take_while(|change| change.revision > revision) {
            if change.storage != *storage {
                continue;
            }
            match &change.previous {
                Some(previous) => objects.insert(change.key.clone(), previous.clone()),
                None => objects.remove(&change.key),
            };
        }
        Some(Cow::Owned(objects))
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
    pub fn put(&mut self, storage: &StorageKey, key: &str, mut object: Value) -> Arc<Stored> {
        self.revision += 1;
        stamp(&mut object, self.revision);
        let object = Arc::new(Stored::new(object, self.revision));
        let previous = self.objects.entry(storage.clone()).or_default().insert(key.to_owned(), object.clone());
        let action = if previous.is_some() { Action::Modified } else { Action::Added };
        self.record(storage, key, action, object.clone(), previous);
        object
    }

    /// Deletes an object. Returns it with the revision of the deletion.
    pub fn delete(&mut self, storage: &StorageKey, key: &str) -> Option<Arc<Stored>> {
        let previous = self.objects.get_mut(storage)?.remove(key)?;
        self.revision += 1;
        let mut object = previous.with(Value::clone);
        stamp(&mut object, self.revision);
        let object = Arc::new(Stored::new(object, self.revision));
        self.record(storage, key, Action::Deleted, object.clone(), Some(previous));
        Some(object)
    }

    fn record(
        &mut self,
        storage: &StorageKey,
        key: &str,
        action: Action,
        object: Arc<Stored>,
        previous: Option<Arc<Stored>>,
    ) {
        if let Some(previous) = &previous {
            previous.set_replaced(self.revision);
            if previous.is_reread() {
                self.fresh.push_back((storage.clone(), key.to_owned(), previous.clone()));
            }
        }
        self.fresh.push_back((storage.clone(), key.to_owned(), object.clone()));
        let change =
            Change { revision: self.revision, storage: storage.clone(), key: key.to_owned(), action, object, previous };
        self.history.push_back(Arc::new(change));
        while self.history.len() > self.capacity {
            if let Some(forgotten) = self.history.pop_front() {
                self.compacted = forgotten.revision;
            }
        }
        while self.fresh.len() > FRESH {
            match self.fresh.pop_front() {
                Some((storage, key, object)) if object.has_text() => self.pack(&storage, &key, object),
                unwritten => self.unpacked.extend(unwritten),
            }
        }
        while self.unpacked.len() > UNPACKED {
            if let Some((storage, key, object)) = self.unpacked.pop_front() {
                self.pack(&storage, &key, object);
            }
        }
    }

    /// What the store no longer uses. To drop a value takes a while: who locks the store does that once it is unlocked.
    ///
    /// Each thread drops what it has made, as long as threads come back: memory that another one has allocated is freed under a lock
    /// of the allocator, for which both wait.
    pub fn take_unused(&mut self) -> Vec<Arc<Stored>> {
        if self.unused.len() > UNUSED {
            return std::mem::take(&mut self.unused);
        }
        let own = thread::current().id();
        self.unused.extract_if(.., |object| object.thread() == own).collect()
    }

    /// Packs an object wherever it is: among the present ones, and in the changes that made and replaced it.
    fn pack(&mut self, storage: &StorageKey, key: &str, object: Arc<Stored>) {
        let Some(packed) = object.packed().map(Arc::new) else { return };
        let objects = self.objects.get_mut(storage);
        if let Some(present) = objects.and_then(|objects| objects.get_mut(key))
            && Arc::ptr_eq(present, &object)
        {
            *present = packed.clone();
        }
        if let Some(made) = self.change_mut(object.revision) {
            *made = Arc::new(Change { object: packed.clone(), ..Change::clone(made) });
        }
        if let Some(replaced) = self.change_mut(object.replaced()).filter(|change| change.previous.is_some()) {
            *replaced = Arc::new(Change { previous: Some(packed), ..Change::clone(replaced) });
        }
        self.unused.push(object);
    }

    fn change_mut(&mut self, revision: u64) -> Option<&mut Arc<Change>> {
        let at = self.history.partition_point(|change| change.revision < revision);
        self.history.get_mut(at).filter(|change| change.revision == revision)
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
        let values = |objects: Cow<'_, BTreeMap<Key, Arc<Stored>>>| -> Vec<Value> {
            objects.values().map(|object| object["value"].clone()).collect()
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

    #[test]
    fn objects_that_were_not_written_for_long_are_packed_and_stay_the_same() {
        let mut store = Store::new(10 * UNPACKED);
        store.put(&storage(), "a", object(1));
        let then = store.revision();
        store.put(&storage(), "a", object(2));
        store.put(&storage(), "b", object(3));
        store.delete(&storage(), "b");
        for value in 0..FRESH + UNPACKED {
            store.put(&storage(), "c", object(value as u32));
        }
        let present = store.get(&storage(), "a").expect("a").clone();
        assert!(present.packed().is_none(), "it is packed");
        let past = store.all_at(&storage(), then).expect("the past");
        assert!(past["a"].packed().is_none() && past.len() == 1);
        let changes = store.changes_since(&storage(), then).expect("changes");
        assert!(Arc::ptr_eq(&changes[0].object, &present));
        assert!(changes[0].previous.as_ref().is_some_and(|previous| Arc::ptr_eq(previous, &past["a"])));
        assert!(changes[2].previous.as_ref().is_some_and(|previous| Arc::ptr_eq(previous, &changes[1].object)));
        assert_eq!((&past["a"]["value"], &present["value"]), (&json!(1), &json!(2)));
    }

    #[test]
    fn objects_that_have_their_text_are_packed_soon() {
        let mut store = Store::new(100);
        store.put(&storage(), "a", object(1)).json();
        store.put(&storage(), "b", object(2));
        for value in 0..FRESH {
            store.put(&storage(), "c", object(value as u32));
        }
        let get = |key: &str| store.get(&storage(), key).expect(key);
        assert!(get("a").packed().is_none(), "it is packed");
        assert!(!get("b").has_text(), "it would have to be made");
        assert_eq!(store.take_unused().len(), 1, "who locks the store drops it");
    }

    #[test]
    fn what_is_unused_is_dropped_by_who_made_it_unless_that_never_comes_back() {
        let mut store = Store::new(1000);
        let put = |store: &mut Store, count: usize| {
            for key in 0..count {
                store.put(&storage(), &key.to_string(), object(1)).json();
            }
        };
        std::thread::scope(|scope| scope.spawn(|| put(&mut store, FRESH)).join()).expect("no panic");
        put(&mut store, FRESH);
        assert_eq!(store.take_unused().len(), 0, "the other thread's wait for it");
        put(&mut store, FRESH);
        assert_eq!(store.take_unused().len(), FRESH, "those of this thread");
        std::thread::scope(|scope| scope.spawn(|| put(&mut store, UNUSED)).join()).expect("no panic");
        put(&mut store, FRESH);
        assert!(store.take_unused().len() > UNUSED, "too many have waited");
        assert_eq!(store.take_unused().len(), 0);
    }
}
