//! The changes that one subscriber has not received yet, at most two for each object.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use super::slot::Slot;
use crate::ObjectKey;

/// Collections with more room than this are shrunk when they are empty.
const KEPT_ROOM: usize = 1024;

/// The pending changes of one subscriber.
pub(super) struct Pending<K>(Mutex<Inner<K>>);

struct Inner<K> {
    /// In the order of the first change of each key that was not returned yet.
    queue: VecDeque<Place>,
    changes: HashMap<Arc<ObjectKey>, PendingChange<K>>,
    /// Number of the last place in the queue.
    last: u64,
    waker: Option<Waker>,
    is_ended: bool,
}

enum Place {
    /// Outdated if the key's change has another number.
    Key(Arc<ObjectKey>, u64),
    Synced,
}

/// What happened to one key since the subscriber received something of it.
struct PendingChange<K> {
    /// The number of its place in the queue.
    number: u64,
    /// The deletion of an object that the subscriber received.
    deleted: Option<Slot<K>>,
    /// The present state, if there is one.
    applied: Option<Slot<K>>,
    /// What the subscriber received, unless that was deleted.
    previous: Option<Slot<K>>,
    is_initial: bool,
}

/// A change, with objects in the form of the store.
pub(super) enum Next<K> {
    Applied { object: Slot<K>, previous: Option<Slot<K>>, is_initial: bool },
    Deleted(Slot<K>),
    Synced,
}

impl<K> Pending<K> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Inner {
            queue: VecDeque::new(),
            changes: HashMap::new(),
            last: 0,
            waker: None,
            is_ended: false,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Inner<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the set, and wakes the subscriber.
    fn update(&self, change: impl FnOnce(&mut Inner<K>)) {
        let mut inner = self.lock();
        change(&mut inner);
        let waker = inner.waker.take();
        drop(inner);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Records an object's new state; `previous` is that of the store before.
    pub(super) fn applied(&self, key: &Arc<ObjectKey>, object: &Slot<K>, previous: Option<&Slot<K>>, is_initial: bool) {
        self.update(|inner| inner.applied(key, object, previous, is_initial));
    }

    /// Records the deletion of an object, in its last state.
    pub(super) fn deleted(&self, key: &Arc<ObjectKey>, last: &Slot<K>) {
        self.update(|inner| inner.deleted(key, last));
    }

    /// Records that the objects so far are all that existed at the start.
    pub(super) fn synced(&self) {
        self.update(|inner| inner.queue.push_back(Place::Synced));
    }

    /// Records that there will be no more changes.
    pub(super) fn ended(&self) {
        self.update(|inner| inner.is_ended = true);
    }

    pub(super) fn is_ended(&self) -> bool {
        let inner = self.lock();
        inner.is_ended && inner.queue.is_empty()
    }

    pub(super) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<Option<Next<K>>> {
        let mut inner = self.lock();
        if let Some(next) = inner.next() {
            return Poll::Ready(Some(next));
        }
        if inner.is_ended {
            return Poll::Ready(None);
        }
        inner.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl<K> Inner<K> {
    fn applied(&mut self, key: &Arc<ObjectKey>, object: &Slot<K>, previous: Option<&Slot<K>>, is_initial: bool) {
        match self.changes.get_mut(key) {
            Some(change) if change.applied.is_some() => {
                change.applied = Some(object.clone());
                change.is_initial &= is_initial;
            }
            Some(change) => {
                change.applied = Some(object.clone());
                change.is_initial = is_initial;
            }
            None => {
                let number = self.push(key);
                let change = PendingChange {
                    number,
                    deleted: None,
                    applied: Some(object.clone()),
                    previous: previous.cloned(),
                    is_initial,
                };
                self.changes.insert(key.clone(), change);
            }
        }
    }

    fn deleted(&mut self, key: &Arc<ObjectKey>, last: &Slot<K>) {
        match self.changes.get_mut(key) {
            // An earlier object of this key is still to be reported, and this one was never returned.
            Some(change) if change.deleted.is_some() => change.applied = None,
            Some(change) if change.previous.is_some() => {
                change.deleted = Some(last.clone());
                (change.applied, change.previous) = (None, None);
            }
            // It was created and deleted, and neither was returned.
            Some(_) => {
                self.changes.remove(key);
                self.compact();
            }
            None => {
                let number = self.push(key);
                let change = PendingChange {
                    number,
                    deleted: Some(last.clone()),
                    applied: None,
                    previous: None,
                    is_initial: false,
                };
                self.changes.insert(key.clone(), change);
            }
        }
    }

    fn push(&mut self, key: &Arc<ObjectKey>) -> u64 {
        self.last += 1;
        self.queue.push_back(Place::Key(key.clone(), self.last));
        self.last
    }

    /// Removes outdated places once they are the larger part of the queue.
    fn compact(&mut self) {
        if self.queue.len() <= 2 * self.changes.len() + 64 {
            return;
        }
        let changes = &self.changes;
        self.queue.retain(|place| match place {
            Place::Key(key, number) => changes.get(key).is_some_and(|change| change.number == *number),
            Place::Synced => true,
        });
    }

    fn next(&mut self) -> Option<Next<K>> {
        loop {
            let Some(place) = self.queue.pop_front() else {
                if self.queue.capacity() > KEPT_ROOM {
                    (self.queue, self.changes) = (VecDeque::new(), HashMap::new());
                }
                return None;
            };
            let Place::Key(key, number) = place else { return Some(Next::Synced) };
            let Some(change) = self.changes.get_mut(&key).filter(|change| change.number == number) else { continue };
            if let Some(deleted) = change.deleted.take() {
                if change.applied.is_some() {
                    self.queue.push_front(Place::Key(key, number));
                } else {
                    self.changes.remove(&key);
                }
                return Some(Next::Deleted(deleted));
            }
            let Some(change) = self.changes.remove(&key) else { continue };
            let Some(object) = change.applied else { continue };
            return Some(Next::Applied { object, previous: change.previous, is_initial: change.is_initial });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_subscriber_never_polls_does_not_grow_without_bound() {
        let pending = Pending::<()>::new();
        let slot = Slot::Plain(Arc::new(()));
        let key = |name: &str| Arc::new(ObjectKey::namespaced("shop", name));
        let kept = key("kept");
        pending.applied(&kept, &slot, None, false);
        for round in 0..10_000 {
            // One that comes and goes under ever new names, and one under its name.
            for key in [key(&format!("job-{round}")), key("again")] {
                pending.applied(&key, &slot, None, false);
                pending.deleted(&key, &slot);
            }
            pending.applied(&kept, &slot, Some(&slot), false);
        }
        let inner = pending.lock();
        assert_eq!(inner.changes.len(), 1);
        assert!(inner.queue.len() <= 70, "{}", inner.queue.len());
    }
}
