//! Caches of the objects of one kind: [`Store`], its [`Index`]es and its [`Subscription`]s.

mod change;
mod index;
mod packed;
mod pending;
mod progress;
mod shared;
mod slot;
mod snapshot;
mod subscription;
#[cfg(test)]
mod tests;
mod uid;
mod writer;

use std::fmt;
use std::hash::Hash;
use std::sync::{Arc, Weak};
use std::time::Instant;

use kubewright::{Error, Object};
use kubewright_runtime::CompactString;
use tokio::sync::watch;
use tokio_util::sync::DropGuard;

pub use change::Change;
pub use index::Index;
pub use progress::{Stopped, WaitError};
pub use snapshot::{Snapshot, SnapshotIter};
pub use subscription::Subscription;

pub(crate) use shared::Shared;

use crate::{ObjectKey, version};

/// A cache of the objects of one kind, kept up to date by a [`Reflector`](crate::Reflector): its read side, which is
/// cheap to clone.
///
/// Objects are shared, never copied: [`get`](Self::get) and [`list`](Self::list) return `Arc`s. An object is replaced as
/// a whole, so whoever holds an `Arc` has an immutable state of it. In a [packed](crate::Reflector::packed) store an
/// object is decoded at each read.
///
/// Before [`wait_synced`](Self::wait_synced) the store may be incomplete. During a relist it stays readable: objects are
/// replaced one by one, and those that no longer exist are removed at its end.
///
/// The reflector runs while any `Store`, [`Subscription`] or [`Index`] of it exists.
///
/// ```no_run
/// use kubewright::core::v1::Pod;
/// use kubewright::prelude::*;
/// use kubewright_controller::{ObjectKey, Reflector};
///
/// # async fn run(client: Client) -> Result<(), Box<dyn std::error::Error>> {
/// let pods = client.core_v1().pods("shop").list().without_managed_fields().watcher();
/// let store = Reflector::new(pods).spawn();
/// store.wait_synced().await?;
/// let web = store.get(&ObjectKey::namespaced("shop", "web-0"));
/// let ready = store.list().labels(&"app=web".parse()?);
/// println!("{} pods, web-0 exists: {}", ready.len(), web.is_some());
/// # Ok(())
/// # }
/// ```
pub struct Store<K> {
    shared: Arc<Shared<K>>,
    /// Dropped by the last user, upon which the reflector ends.
    users: Arc<DropGuard>,
}

impl<K: Object> Store<K> {
    pub(crate) fn new(shared: Arc<Shared<K>>, users: DropGuard) -> Self {
        Self { shared, users: Arc::new(users) }
    }

    /// Returns the object with this namespace and name.
    pub fn get(&self, key: &ObjectKey) -> Option<Arc<K>> {
        let slot = self.shared.state().objects.get(key).map(|entry| entry.slot.clone());
        slot?.object()
    }

    /// Returns the object with this uid.
    pub fn get_by_uid(&self, uid: &str) -> Option<Arc<K>> {
        let state = self.shared.state();
        let key = state.by_uid.get(&uid::Uid::new(uid))?;
        let slot = state.objects.get(key).map(|entry| entry.slot.clone());
        drop(state);
        slot?.object()
    }

    /// Whether there is an object with this namespace and name.
    pub fn contains(&self, key: &ObjectKey) -> bool {
        self.shared.state().objects.contains_key(key)
    }

    /// Returns the number of objects.
    pub fn len(&self) -> usize {
        self.shared.state().objects.len()
    }

    /// Whether there are no objects.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns all objects, sorted by namespace and name.
    pub fn list(&self) -> Snapshot<K> {
        Snapshot::new(self.shared.state().objects.values().map(|entry| entry.slot.clone()).collect())
    }

    /// Returns the objects of a namespace, sorted by name.
    pub fn list_namespace(&self, namespace: &str) -> Snapshot<K> {
        let state = self.shared.state();
        let start = ObjectKey::namespaced(namespace, "");
        let objects = state.objects.range::<ObjectKey, _>(&start..);
        let objects = objects.take_while(|(key, _)| key.namespace() == start.namespace());
        Snapshot::new(objects.map(|(_, entry)| entry.slot.clone()).collect())
    }

    /// Returns the objects with an owner reference to this uid, sorted by namespace and name.
    ///
    /// The first call indexes the objects by their owners.
    ///
    /// <https://kubernetes.io/docs/concepts/overview/working-with-objects/owners-dependents/>
    pub fn owned_by(&self, uid: &str) -> Snapshot<K> {
        self.shared.owned_by(uid)
    }

    /// Returns the objects whose controller has this uid: the owner reference with `controller: true`.
    pub fn controlled_by(&self, uid: &str) -> Snapshot<K> {
        self.owned_by(uid).filter(|object| {
            let mut owners = object.metadata().owner_references.iter();
            owners.any(|owner| owner.uid == uid && owner.controller == Some(true))
        })
    }

    /// Adds an index: the objects by the keys that a function returns for them, none, one or several.
    ///
    /// It may be added at any time; present objects are entered before this returns. The function must return the same
    /// keys for equal objects. It may read the store, which has the object's previous state then, but not add indexes or
    /// subscribers to it.
    ///
    /// # Panics
    /// If the function panics. In a later call, that ends the reflector.
    pub fn index<F, I>(&self, keys: F) -> Index<K, I::Item>
    where
        F: Fn(&K) -> I + Send + Sync + 'static,
        I: IntoIterator,
        I::Item: Eq + Hash + Clone + Send + Sync + 'static,
    {
        let table = self.shared.add_index(Box::new(move |object: &K| keys(object).into_iter().collect()));
        Index::new(self.clone(), table)
    }

    /// Subscribes to changes; the first ones are the present objects.
    pub fn subscribe(&self) -> Subscription<K> {
        Subscription::new(self.clone(), self.shared.subscribe())
    }

    /// Whether the store was complete once: the first list has ended. It stays true during a relist.
    pub fn is_synced(&self) -> bool {
        self.shared.progress.borrow().is_synced
    }

    /// Waits until the first list has ended.
    ///
    /// # Errors
    /// If the reflector stops before.
    pub async fn wait_synced(&self) -> Result<(), Stopped> {
        self.wait_by(self.shared.milestones.subscribe(), |progress| progress.is_synced.then_some(())).await
    }

    /// Returns the resource version up to which the store has all changes; `None` before it is synced.
    pub fn resource_version(&self) -> Option<CompactString> {
        self.shared.progress.borrow().version.clone()
    }

    /// Waits until the store has all changes up to a resource version, such as that of an object that was just written:
    /// what is read then is not older.
    ///
    /// The version must be one of the same resource. With selectors, the version of an object that they do not match is
    /// only reached by the next change or bookmark, which a server sends about every minute. There is no time-out: wrap
    /// the call in `tokio::time::timeout`.
    ///
    /// # Errors
    /// If the reflector stops before, or if the versions are not [comparable](crate::version::compare).
    ///
    /// <https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions>
    pub async fn wait_for(&self, resource_version: &str) -> Result<(), WaitError> {
        if !version::is_comparable(resource_version) {
            return Err(WaitError::NotComparable { resource_version: resource_version.to_owned() });
        }
        self.wait(|progress| match progress.reached(resource_version) {
            Some(Ok(false)) | None => None,
            Some(Ok(true)) => Some(Ok(())),
            Some(Err(error)) => Some(Err(error)),
        })
        .await?
    }

    /// Waits until the store has an object as it was written, or a later state of it. `written` is the response to the
    /// create, update, patch or apply.
    ///
    /// Where resource versions are comparable, this is [`wait_for`](Self::wait_for) with the object's, or the cached
    /// object having a version that is not older. Elsewhere the cached object must have the same uid, and either the same
    /// version or have changed, or been deleted, since the call.
    ///
    /// # Errors
    /// If the reflector stops before.
    pub async fn wait_for_object(&self, written: &K) -> Result<(), Stopped> {
        let metadata = written.metadata();
        let version = metadata.resource_version.as_deref().unwrap_or_default();
        let (key, uid) = (ObjectKey::of(metadata), uid::Uid::of(metadata));
        let cached = || {
            let state = self.shared.state();
            let slot = &state.objects.get(&key)?.slot;
            (slot.uid() == uid).then(|| CompactString::from(slot.version().unwrap_or_default()))
        };
        let before = cached();
        self.wait(|progress| {
            let is_reached = match progress.reached(version) {
                Some(Ok(is_reached)) => is_reached,
                Some(Err(_)) | None => false,
            };
            let now = cached();
            let is_cached = match now.as_deref().map(|now| (now, version::compare(now, version))) {
                Some((_, Some(order))) => order.is_ge(),
                Some((now, None)) => now == version || before.as_deref() != Some(now),
                None => before.is_some(),
            };
            (is_reached || is_cached).then_some(())
        })
        .await
    }

    /// Waits until a function returns something, or the reflector stops.
    async fn wait<T>(&self, reached: impl FnMut(&progress::Progress) -> Option<T>) -> Result<T, Stopped> {
        self.wait_by(self.shared.progress.subscribe(), reached).await
    }

    /// The same, where the function is called again after these changes only.
    async fn wait_by<C, T>(
        &self,
        mut changes: watch::Receiver<C>,
        mut reached: impl FnMut(&progress::Progress) -> Option<T>,
    ) -> Result<T, Stopped> {
        loop {
            changes.mark_unchanged();
            {
                let now = self.shared.progress.borrow();
                if let Some(value) = reached(&now) {
                    return Ok(value);
                }
                if let Some(stopped) = &now.stopped {
                    return Err(stopped.clone());
                }
            }
            if changes.changed().await.is_err() {
                return Err(Stopped::new(None));
            }
        }
    }

    /// Returns when an object was received last: the time of the last change, unless the store is being filled.
    pub fn last_event(&self) -> Option<Instant> {
        self.shared.progress.borrow().last_event
    }

    /// Returns when the server last reported that the store is up to date: by a bookmark, which most servers send about
    /// every minute, or by the end of a list.
    pub fn last_bookmark(&self) -> Option<Instant> {
        self.shared.progress.borrow().last_bookmark
    }

    /// Returns the error that interrupted the watch, while it has not delivered anything since.
    pub fn last_error(&self) -> Option<Arc<Error>> {
        self.shared.progress.borrow().last_error.clone()
    }

    /// Whether the reflector has stopped, so that the store receives no more changes.
    pub fn is_stopped(&self) -> bool {
        self.shared.progress.borrow().stopped.is_some()
    }

    /// Waits until the reflector stops; it does by itself only after an error that retrying can't help.
    pub async fn stopped(&self) -> Stopped {
        let milestones = self.shared.milestones.subscribe();
        let stopped = self.wait_by(milestones, |progress| progress.stopped.clone()).await;
        stopped.unwrap_or_else(|stopped| stopped)
    }

    pub(crate) fn downgrade(&self) -> WeakStore<K> {
        WeakStore { shared: Arc::downgrade(&self.shared), users: Arc::downgrade(&self.users) }
    }
}

impl<K> Clone for Store<K> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone(), users: self.users.clone() }
    }
}

impl<K> fmt::Debug for Store<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("kind", &std::any::type_name::<K>()).finish_non_exhaustive()
    }
}

/// A store that is not used by whoever holds this.
pub(crate) struct WeakStore<K> {
    shared: Weak<Shared<K>>,
    users: Weak<DropGuard>,
}

impl<K> WeakStore<K> {
    /// Returns the store, if it still has users.
    pub(crate) fn upgrade(&self) -> Option<Store<K>> {
        Some(Store { users: self.users.upgrade()?, shared: self.shared.upgrade()? })
    }
}
