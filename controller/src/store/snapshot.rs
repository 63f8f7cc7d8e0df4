//! The objects of a store at one time.

use std::fmt;
use std::sync::Arc;

use kubewright::Object;
use kubewright::selector::Selector;

use super::slot::Slot;

/// Objects of a [`Store`](super::Store) at one time, sorted by key. Later changes do not affect it.
///
/// It shares the objects with the store, and copies none. Those of a packed store are decoded as they are iterated.
///
/// ```
/// # use kubewright_controller::Store;
/// # use kubewright::core::v1::Pod;
/// # fn run(pods: &Store<Pod>) -> Result<(), kubewright::selector::SelectorError> {
/// for pod in pods.list_namespace("shop").labels(&"app=web,!canary".parse()?) {
///     println!("{:?} runs on {:?}", pod.metadata.name, pod.spec.node_name);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Snapshot<K> {
    slots: Vec<Slot<K>>,
}

impl<K: Object> Snapshot<K> {
    pub(super) fn new(slots: Vec<Slot<K>>) -> Self {
        Self { slots }
    }

    /// Returns the number of objects.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Returns the objects, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = Arc<K>> + '_ {
        self.slots.iter().filter_map(Slot::object)
    }

    /// Keeps the objects whose labels the selector matches. Of packed objects only the metadata is decoded.
    pub fn labels(mut self, selector: &Selector) -> Self {
        self.slots.retain(|slot| slot.is_selected(selector));
        self
    }

    /// Keeps the objects for which a function returns true.
    pub fn filter(mut self, mut keep: impl FnMut(&K) -> bool) -> Self {
        self.slots.retain(|slot| slot.object().is_some_and(|object| keep(&object)));
        self
    }
}

impl<K> Clone for Snapshot<K> {
    fn clone(&self) -> Self {
        Self { slots: self.slots.clone() }
    }
}

impl<K> Default for Snapshot<K> {
    fn default() -> Self {
        Self { slots: Vec::new() }
    }
}

impl<K> fmt::Debug for Snapshot<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot").field("len", &self.slots.len()).finish_non_exhaustive()
    }
}

impl<K: Object> IntoIterator for Snapshot<K> {
    type Item = Arc<K>;
    type IntoIter = SnapshotIter<K>;

    fn into_iter(self) -> Self::IntoIter {
        SnapshotIter { slots: self.slots.into_iter() }
    }
}

/// Iterator over the objects of a [`Snapshot`].
pub struct SnapshotIter<K> {
    slots: std::vec::IntoIter<Slot<K>>,
}

impl<K: Object> Iterator for SnapshotIter<K> {
    type Item = Arc<K>;

    fn next(&mut self) -> Option<Self::Item> {
        self.slots.by_ref().find_map(|slot| slot.object())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.slots.len()))
    }
}

impl<K> fmt::Debug for SnapshotIter<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnapshotIter").field("len", &self.slots.len()).finish_non_exhaustive()
    }
}
