//! A map from strings, stored as one sorted vector: labels, annotations, resources, the data of a ConfigMap.

mod entry;
mod iter;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::marker::PhantomData;
use std::ops::Index;

use compact_str::CompactString;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

pub use entry::{Entry, OccupiedEntry, VacantEntry};
pub use iter::{IntoIter, Iter, IterMut};

/// A map with string keys, sorted by key, as thin as a `Vec` (three words).
///
/// Kubernetes' maps are small (2 to 10 labels, 3 resources) and arrive sorted, so a flat vector holds them in less
/// memory and fewer allocations than a tree. The methods are those of [`BTreeMap`]; keys are looked up by `&str`.
///
/// Adding keys in ascending order costs O(1) each; a key that belongs in the middle moves those after it. To build a
/// large map out of order, collect it ([`FromIterator`]) or [`extend`](Map::extend) it: both sort once.
///
/// ```
/// # use compact_str::CompactString;
/// # use kubewright_core::types::Map;
/// let mut labels = Map::<CompactString>::from([("app", "web"), ("tier", "front")]);
/// labels.insert("track", "stable");
/// assert_eq!(labels["app"], "web");
/// assert_eq!(labels.keys().collect::<Vec<_>>(), ["app", "tier", "track"]);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Map<V> {
    // Sorted by key, without duplicates.
    entries: Vec<(CompactString, V)>,
}

impl<V> Map<V> {
    /// Creates an empty map without allocating.
    pub const fn new() -> Self {
        Map { entries: Vec::new() }
    }

    /// Creates an empty map with at least this capacity.
    pub fn with_capacity(capacity: usize) -> Self {
        Map { entries: Vec::with_capacity(capacity) }
    }

    /// Creates a map from entries in any order. Of duplicate keys, the last value is kept.
    pub fn from_entries(mut entries: Vec<(CompactString, V)>) -> Self {
        if !entries.is_sorted_by(|a, b| a.0 < b.0) {
            // // The sort is stable, so the last of equal keys is the last one given.
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            entries.dedup_by(|later, earlier| {
                let same = later.0 == earlier.0;
                if same {
                    std::mem::swap(later, earlier);
                }
                same
            });
        }
        Map { entries }
    }

    /// Returns the entries as a slice, sorted by key.
    pub fn into_entries(self) -> Vec<(CompactString, V)> {
        self.entries
    }

    /// Returns the number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether the map is empty.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the capacity.
    pub fn capacity(&self) -> usize {
        self.entries.capacity()
    }

    /// Reserves capacity for `additional` more entries.
    pub fn reserve(&mut self, additional: usize) {
        self.entries.reserve(additional);
    }

    /// Reserves capacity for `additional` more entries: exactly in an empty map, otherwise at least doubling.
    pub(crate) fn make_room(&mut self, additional: usize) {
        if self.entries.capacity() - self.entries.len() < additional {
            self.entries.reserve_exact(additional.max(self.entries.len()));
        }
    }

    /// Shrinks the capacity.
    pub fn shrink_to_fit(&mut self) {
        self.entries.shrink_to_fit();
    }

    /// Returns the value of `key`.
    pub fn get(&self, key: &str) -> Option<&V> {
        self.get_key_value(key).map(|(_, value)| value)
    }

    /// Returns the value of `key`, mutably.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut V> {
        let at = self.position(key).ok()?;
        self.entries.get_mut(at).map(|(_, value)| value)
    }

    /// Returns the stored key and its value.
    pub fn get_key_value(&self, key: &str) -> Option<(&CompactString, &V)> {
        let at = self.position(key).ok()?;
        self.entries.get(at).map(|(key, value)| (key, value))
    }

    /// Returns the entry at an index in key order.
    pub fn get_index(&self, index: usize) -> Option<(&CompactString, &V)> {
        self.entries.get(index).map(|(key, value)| (key, value))
    }

    /// Whether `key` exists.
    pub fn contains_key(&self, key: &str) -> bool {
        self.position(key).is_ok()
    }

    /// Inserts `value` for `key` and returns the previous value.
    pub fn insert(&mut self, key: impl Into<CompactString>, value: impl Into<V>) -> Option<V> {
        let (key, value) = (key.into(), value.into());
        match self.position(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.entries[at].1, value)),
            Err(at) => {
                self.entries.insert(at, (key, value));
                None
            }
        }
    }

    /// Removes `key` and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<V> {
        self.remove_entry(key).map(|(_, value)| value)
    }

    /// Removes `key` and returns it with its value.
    pub fn remove_entry(&mut self, key: &str) -> Option<(CompactString, V)> {
        let at = self.position(key).ok()?;
        Some(self.entries.remove(at))
    }

    /// Returns the entry of `key`, for in-place manipulation.
    pub fn entry(&mut self, key: impl Into<CompactString>) -> Entry<'_, V> {
        let key = key.into();
        match self.position(&key) {
            Ok(at) => Entry::Occupied(OccupiedEntry { map: self, at }),
            Err(at) => Entry::Vacant(VacantEntry { map: self, at, key }),
        }
    }

    /// Returns the entry with the smallest key.
    pub fn first_key_value(&self) -> Option<(&CompactString, &V)> {
        self.entries.first().map(|(key, value)| (key, value))
    }

    /// Returns the entry with the largest key.
    pub fn last_key_value(&self) -> Option<(&CompactString, &V)> {
        self.entries.last().map(|(key, value)| (key, value))
    }

    /// Removes and returns the entry with the smallest key.
    pub fn pop_first(&mut self) -> Option<(CompactString, V)> {
        if self.entries.is_empty() { None } else { Some(self.entries.remove(0)) }
    }

    /// Removes and returns the entry with the largest key.
    pub fn pop_last(&mut self) -> Option<(CompactString, V)> {
        self.entries.pop()
    }

    /// Retains the entries for which `keep` returns true.
    pub fn retain(&mut self, mut keep: impl FnMut(&CompactString, &mut V) -> bool) {
        self.entries.retain_mut(|(key, value)| keep(key, value));
    }

    /// Removes every entry, keeping the capacity.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// Moves every entry of `other` into this map. Of duplicate keys, the value of `other` is kept.
    pub fn append(&mut self, other: &mut Map<V>) {
        self.extend(std::mem::take(other));
    }

    /// Iterates over the entries, in key order.
    pub fn iter(&self) -> Iter<'_, V> {
        Iter(self.entries.iter())
    }

    /// Iterates over the entries in key order, with mutable values.
    pub fn iter_mut(&mut self) -> IterMut<'_, V> {
        IterMut(self.entries.iter_mut())
    }

    /// Iterates over the keys, in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &CompactString> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(key, _)| key)
    }

    /// Iterates over the values, in key order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.entries.iter().map(|(_, value)| value)
    }

    /// Iterates over the values mutably, in key order.
    pub fn values_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut V> + ExactSizeIterator {
        self.entries.iter_mut().map(|(_, value)| value)
    }

    /// Converts into the keys, in order.
    pub fn into_keys(self) -> impl DoubleEndedIterator<Item = CompactString> + ExactSizeIterator {
        self.entries.into_iter().map(|(key, _)| key)
    }

    /// Converts into the values, in key order.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = V> + ExactSizeIterator {
        self.entries.into_iter().map(|(_, value)| value)
    }

    /// Returns the index of `key` (`Ok`), or where to insert it (`Err`).
    fn position(&self, key: &str) -> Result<usize, usize> {
        match self.entries.last() {
            // // Servers write keys in order: most keys are appended.
            Some((last, _)) if last.as_str() < key => Err(self.entries.len()),
            None => Err(0),
            Some(_) => self.entries.binary_search_by(|(k, _)| k.as_str().cmp(key)),
        }
    }
}

impl<V> Default for Map<V> {
    fn default() -> Self {
        Map::new()
    }
}

impl<V: fmt::Debug> fmt::Debug for Map<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self).finish()
    }
}

/// Panics if the key does not exist, as indexing of every map does: use [`Map::get`] if that is possible.
impl<V> Index<&str> for Map<V> {
    type Output = V;

    fn index(&self, key: &str) -> &V {
        self.get(key).expect("no entry for this key in the map")
    }
}

impl<K: Into<CompactString>, W: Into<V>, V> FromIterator<(K, W)> for Map<V> {
    fn from_iter<I: IntoIterator<Item = (K, W)>>(entries: I) -> Self {
        Map::from_entries(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl<K: Into<CompactString>, W: Into<V>, V> Extend<(K, W)> for Map<V> {
    fn extend<I: IntoIterator<Item = (K, W)>>(&mut self, entries: I) {
        let mut all = std::mem::take(&mut self.entries);
        all.extend(entries.into_iter().map(|(key, value)| (key.into(), value.into())));
        *self = Map::from_entries(all);
    }
}

impl<K: Into<CompactString>, W: Into<V>, V, const N: usize> From<[(K, W); N]> for Map<V> {
    fn from(entries: [(K, W); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Into<CompactString>, W: Into<V>, V> From<BTreeMap<K, W>> for Map<V> {
    fn from(entries: BTreeMap<K, W>) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Into<CompactString>, W: Into<V>, V, S: BuildHasher> From<HashMap<K, W, S>> for Map<V> {
    fn from(entries: HashMap<K, W, S>) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: From<CompactString> + Ord, V> From<Map<V>> for BTreeMap<K, V> {
    fn from(map: Map<V>) -> Self {
        map.into_iter().map(|(key, value)| (key.into(), value)).collect()
    }
}

impl<K: From<CompactString> + Eq + Hash, V, S: BuildHasher + Default> From<Map<V>> for HashMap<K, V, S> {
    fn from(map: Map<V>) -> Self {
        map.into_iter().map(|(key, value)| (key.into(), value)).collect()
    }
}

impl<V: Serialize> Serialize for Map<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

/// Deserializes a map; `null` is an empty one, and of duplicate keys the last value is kept.
impl<'de, V: Deserialize<'de>> Deserialize<'de> for Map<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Entries<V> {
            type Value = Map<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map with string keys")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Map<V>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = access.next_entry::<CompactString, V>()? {
                    entries.push(entry);
                }
                Ok(Map::from_entries(entries))
            }

            fn visit_unit<E>(self) -> Result<Map<V>, E> {
                Ok(Map::new())
            }
        }

        deserializer.deserialize_any(Entries(PhantomData))
    }
}
