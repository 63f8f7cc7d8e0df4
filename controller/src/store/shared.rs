//! The state of a store, which its readers and its writer share.
//!
//! Locks, always in this order: `updates`, which only the writer and new subscribers and indexes take; that of
//! `progress`; `state`, which readers take for a moment; those of an index and of a subscriber. Functions of users run
//! without `state`, so that they may read the store.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

use kubewright::Object;
use tokio::sync::watch;

use super::Snapshot;
use super::index::{Indexer, Keys, Table};
use super::packed::Packer;
use super::pending::Pending;
use super::progress::{Progress, Stopped};
use super::slot::Slot;
use super::uid::Uid;
use crate::ObjectKey;

/// The state of a store.
pub(crate) struct Shared<K> {
    state: RwLock<State<K>>,
    updates: Mutex<Updates<K>>,
    pub(super) progress: watch::Sender<Progress>,
    /// Informs whoever waits for the end of the first list, or of the reflector: `progress` changes with each object.
    pub(super) milestones: watch::Sender<()>,
    /// The index by owners, once it was used.
    owners: OnceLock<Arc<Table<K, Uid>>>,
}

pub(super) struct State<K> {
    pub(super) objects: BTreeMap<Arc<ObjectKey>, Entry<K>>,
    pub(super) by_uid: HashMap<Uid, Arc<ObjectKey>>,
}

pub(super) struct Entry<K> {
    pub(super) slot: Slot<K>,
    /// The number of the list in which, or after which, the object was last observed.
    pub(super) list: u32,
}

/// Who is to be informed of changes, and what only the writer uses.
pub(super) struct Updates<K> {
    pub(super) packer: Option<Packer>,
    subscribers: Vec<Weak<Pending<K>>>,
    indexes: Vec<Weak<dyn Indexer<K>>>,
    /// The number of the current list; the first is 0.
    pub(super) list: u32,
    /// Whether the current list is incomplete.
    pub(super) is_listing: bool,
}

impl<K: Object> Updates<K> {
    pub(super) fn subscribers(&self) -> impl Iterator<Item = Arc<Pending<K>>> + '_ {
        self.subscribers.iter().filter_map(Weak::upgrade)
    }

    pub(super) fn indexes(&self) -> impl Iterator<Item = Arc<dyn Indexer<K>>> + '_ {
        self.indexes.iter().filter_map(Weak::upgrade)
    }
}

impl<K: Object> Shared<K> {
    pub(crate) fn new(is_packed: bool) -> Self {
        Self {
            state: RwLock::new(State { objects: BTreeMap::new(), by_uid: HashMap::new() }),
            updates: Mutex::new(Updates {
                packer: is_packed.then(Packer::new::<K>),
                subscribers: Vec::new(),
                indexes: Vec::new(),
                list: 0,
                is_listing: true,
            }),
            progress: watch::Sender::new(Progress::default()),
            milestones: watch::Sender::new(()),
            owners: OnceLock::new(),
        }
    }

    pub(super) fn state(&self) -> RwLockReadGuard<'_, State<K>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn state_mut(&self) -> RwLockWriteGuard<'_, State<K>> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn updates(&self) -> MutexGuard<'_, Updates<K>> {
        self.updates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a subscriber, with the present objects as its first changes.
    pub(super) fn subscribe(&self) -> Arc<Pending<K>> {
        let pending = Arc::new(Pending::new());
        let mut updates = self.updates();
        for (key, entry) in &self.state().objects {
            pending.applied(key, &entry.slot, None, true);
        }
        let progress = self.progress.borrow();
        if progress.is_synced {
            pending.synced();
        }
        if progress.stopped.is_some() {
            pending.ended();
        }
        updates.subscribers.retain(|subscriber| subscriber.strong_count() > 0);
        updates.subscribers.push(Arc::downgrade(&pending));
        pending
    }

    /// Adds an index, and enters the present objects.
    pub(super) fn add_index<Key: Eq + Hash + Clone + Send + Sync + 'static>(
        &self,
        keys: Box<Keys<K, Key>>,
    ) -> Arc<Table<K, Key>> {
        let table = Arc::new(Table::new(keys));
        let mut updates = self.updates();
        // Only the writer changes objects, and it waits for `updates`.
        let present: Vec<_> =
            self.state().objects.iter().map(|(key, entry)| (key.clone(), entry.slot.clone())).collect();
        for (key, slot) in present {
            if let Some(object) = slot.object() {
                table.clone().compute(&key, &object)();
            }
        }
        let indexer: Arc<dyn Indexer<K>> = table.clone();
        updates.indexes.retain(|index| index.strong_count() > 0);
        updates.indexes.push(Arc::downgrade(&indexer));
        table
    }

    /// Returns the objects that an index has for a key.
    pub(super) fn indexed<Key: Borrow<Q> + Eq + Hash, Q: Eq + Hash + ?Sized>(
        &self,
        table: &Table<K, Key>,
        key: &Q,
    ) -> Snapshot<K> {
        let mut slots = Vec::new();
        let state = self.state();
        table.each(key, |object| slots.extend(state.objects.get(object).map(|entry| entry.slot.clone())));
        Snapshot::new(slots)
    }

    /// Returns the objects with an owner reference to this uid.
    pub(super) fn owned_by(&self, uid: &str) -> Snapshot<K> {
        let owners = self.owners.get_or_init(|| {
            self.add_index(Box::new(|object: &K| {
                object.metadata().owner_references.iter().map(|owner| Uid::new(&owner.uid)).collect()
            }))
        });
        self.indexed(owners, &Uid::new(uid))
    }

    /// Records that the reflector has stopped, unless it had before.
    pub(crate) fn stop(&self, stopped: Stopped) {
        let updates = self.updates();
        self.progress.send_if_modified(|progress| {
            let is_first = progress.stopped.is_none();
            progress.stopped.get_or_insert(stopped);
            is_first
        });
        self.milestones.send_replace(());
        updates.subscribers().for_each(|subscriber| subscriber.ended());
    }
}
