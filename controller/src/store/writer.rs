//! Applies the events of a watch to a store.

use std::sync::Arc;
use std::time::Instant;

use kubewright::Object;
use kubewright::meta::v1::ObjectMeta;
use kubewright::watch::WatcherEvent;
use kubewright_runtime::CompactString;

use super::progress::Progress;
use super::shared::{Entry, Shared, State, Updates};
use super::slot::Slot;
use super::uid::Uid;
use crate::ObjectKey;

impl<K: Object> Shared<K> {
    /// Applies an event, and informs indexes, subscribers and whoever waits.
    pub(crate) fn apply(&self, event: WatcherEvent<K>) {
        match event {
            WatcherEvent::Initial(object) => self.put(object, true),
            WatcherEvent::Applied(object) => self.put(object, false),
            WatcherEvent::Deleted(object) => self.delete(object),
            WatcherEvent::Restarted => {
                let mut updates = self.updates();
                updates.list = updates.list.wrapping_add(1);
                updates.is_listing = true;
            }
            WatcherEvent::Synced { resource_version } => self.synced(&resource_version),
            WatcherEvent::Bookmark { resource_version } => {
                let is_listing = self.updates().is_listing;
                self.progress.send_modify(|progress| {
                    progress.last_bookmark = Some(now());
                    progress.last_error = None;
                    if !is_listing {
                        progress.reach(&resource_version);
                    }
                });
            }
            WatcherEvent::Interrupted { error: Some(error), pause } => {
                tracing::debug!(%error, ?pause, "the watch of a store was interrupted");
                let error = Some(Arc::new(error));
                self.progress.send_modify(|progress| progress.last_error = error);
            }
            // The server ended the watch, as it does periodically.
            WatcherEvent::Interrupted { error: None, .. } => {}
            // The enum may get more variants.
            other => tracing::warn!(event = ?std::mem::discriminant(&other), "a store ignores an unknown watch event"),
        }
    }

    fn put(&self, object: K, is_initial: bool) {
        let mut updates = self.updates();
        let list = updates.list;
        let key = ObjectKey::of(object.metadata());
        // A relist mostly returns what is there already: that stays, and only its mark changes.
        if is_initial && self.state_mut().mark(&key, object.metadata(), list) {
            drop(updates);
            return self.received(None);
        }
        let key =
            self.state().objects.get_key_value(&key).map(|(known, _)| known.clone()).unwrap_or_else(|| key.into());
        let version = object.metadata().resource_version.clone();
        let object = Arc::new(object);
        let index: Vec<_> = updates.indexes().map(|index| index.compute(&key, &object)).collect();
        let packed = updates.packer.as_mut().and_then(|packer| packer.pack(&*object));
        let slot = match packed {
            Some(packed) => Slot::Packed(Arc::new(packed)),
            None => Slot::Plain(object),
        };
        let uid = slot.uid();

        let mut state = self.state_mut();
        let previous = state.objects.insert(key.clone(), Entry { slot: slot.clone(), list });
        let old = previous.as_ref().and_then(|entry| entry.slot.uid());
        if old != uid {
            state.forget(old.as_ref(), &key);
            state.by_uid.extend(uid.clone().map(|uid| (uid, key.clone())));
        }
        index.into_iter().for_each(|enter| enter());
        drop(state);

        let is_replaced = old.is_some() && old != uid;
        let is_initial = is_initial && !self.progress.borrow().is_synced;
        let previous = previous.map(|entry| entry.slot);
        for subscriber in updates.subscribers() {
            match &previous {
                Some(old) if is_replaced => {
                    subscriber.deleted(&key, old);
                    subscriber.applied(&key, &slot, None, false);
                }
                previous => subscriber.applied(&key, &slot, previous.as_ref(), is_initial),
            }
        }
        let is_listing = updates.is_listing;
        drop(updates);
        self.received(version.filter(|_| !is_listing));
    }

    fn delete(&self, object: K) {
        let updates = self.updates();
        let key = Arc::new(ObjectKey::of(object.metadata()));
        let version = object.metadata().resource_version.clone();
        if self.remove(&updates, &key).is_some() {
            let last = Slot::Plain(Arc::new(object));
            updates.subscribers().for_each(|subscriber| subscriber.deleted(&key, &last));
        }
        let is_listing = updates.is_listing;
        drop(updates);
        self.received(version.filter(|_| !is_listing));
    }

    /// Removes an object from the store and its indexes. Returns its last state.
    fn remove(&self, updates: &Updates<K>, key: &Arc<ObjectKey>) -> Option<Slot<K>> {
        let mut state = self.state_mut();
        let Entry { slot, .. } = state.objects.remove(key)?;
        state.forget(slot.uid().as_ref(), key);
        updates.indexes().for_each(|index| index.remove(key));
        Some(slot)
    }

    /// Handles the end of a list: what was not in it no longer exists.
    fn synced(&self, version: &str) {
        let mut updates = self.updates();
        let list = updates.list;
        let state = self.state();
        let deleted: Vec<Arc<ObjectKey>> =
            state.objects.iter().filter(|(_, entry)| entry.list != list).map(|(key, _)| key.clone()).collect();
        drop(state);
        for key in deleted {
            if let Some(last) = self.remove(&updates, &key) {
                updates.subscribers().for_each(|subscriber| subscriber.deleted(&key, &last));
            }
        }
        updates.is_listing = false;
        if !self.progress.borrow().is_synced {
            updates.subscribers().for_each(|subscriber| subscriber.synced());
        }
        // Within the lock: a new subscriber must be informed once.
        self.progress.send_modify(|progress| {
            progress.is_synced = true;
            progress.last_bookmark = Some(now());
            progress.last_error = None;
            progress.version = None;
            progress.reach(version);
        });
        self.milestones.send_replace(());
    }

    /// Records that an object was received, and the version that the store has reached by it.
    fn received(&self, version: Option<CompactString>) {
        self.progress.send_modify(|progress| {
            progress.last_event = Some(now());
            progress.last_error = None;
            if let Some(version) = version {
                progress.reach(&version);
            }
        });
    }
}

impl<K: Object> State<K> {
    /// Marks an object as part of a list, if it is there at the same version. False if it is not.
    fn mark(&mut self, key: &ObjectKey, metadata: &ObjectMeta, list: u32) -> bool {
        let entry = self.objects.get_mut(key).filter(|entry| entry.slot.is_at(metadata));
        entry.map(|entry| entry.list = list).is_some()
    }

    /// Removes the uid of an object.
    fn forget(&mut self, uid: Option<&Uid>, key: &Arc<ObjectKey>) {
        if let Some(uid) = uid
            && self.by_uid.get(uid) == Some(key)
        {
            self.by_uid.remove(uid);
        }
    }
}

impl Progress {
    fn reach(&mut self, version: &str) {
        if !version.is_empty() {
            self.version = Some(version.into());
        }
    }
}

/// The time by tokio's clock, which tests can pause.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}
