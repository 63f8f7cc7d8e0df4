//! The place of one key in a [`Map`]: filled or vacant.

use compact_str::CompactString;

use super::Map;

/// The place of one key in a [`Map`]; made by [`Map::entry`].
#[derive(Debug)]
pub enum Entry<'a, V> {
    /// The key is there.
    Occupied(OccupiedEntry<'a, V>),
    /// The key is not there.
    Vacant(VacantEntry<'a, V>),
}

/// The place of a key that is in the map.
#[derive(Debug)]
pub struct OccupiedEntry<'a, V> {
    // `at` was found under the borrow that this holds, so it stays in bounds.
    pub(super) map: &'a mut Map<V>,
    pub(super) at: usize,
}

/// The place of a key that is not in the map yet.
#[derive(Debug)]
pub struct VacantEntry<'a, V> {
    pub(super) map: &'a mut Map<V>,
    pub(super) at: usize,
    pub(super) key: CompactString,
}

impl<'a, V> Entry<'a, V> {
    /// The value, which becomes `value` if there was none.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// The value, which is made by `make` if there was none.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        match self {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(make()),
        }
    }

    /// The value, which becomes the default if there was none.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Changes the value, if there is one.
    pub fn and_modify(mut self, change: impl FnOnce(&mut V)) -> Self {
        if let Entry::Occupied(entry) = &mut self {
            change(entry.get_mut());
        }
        self
    }

    /// The key that was looked up.
    pub fn key(&self) -> &CompactString {
        match self {
            Entry::Occupied(entry) => entry.key(),
            Entry::Vacant(entry) => entry.key(),
        }
    }
}

impl<'a, V> OccupiedEntry<'a, V> {
    /// The key, as it is stored.
    pub fn key(&self) -> &CompactString {
        &self.map.entries[self.at].0
    }

    /// The value.
    pub fn get(&self) -> &V {
        &self.map.entries[self.at].1
    }

    /// The value, to be changed in place.
    pub fn get_mut(&mut self) -> &mut V {
        &mut self.map.entries[self.at].1
    }

    /// The value, to be changed in place for as long as the map is borrowed.
    pub fn into_mut(self) -> &'a mut V {
        &mut self.map.entries[self.at].1
    }

    /// Sets the value; returns the one that was there.
    pub fn insert(&mut self, value: V) -> V {
        std::mem::replace(self.get_mut(), value)
    }

    /// Takes the entry out; returns its value.
    pub fn remove(self) -> V {
        self.remove_entry().1
    }

    /// Takes the entry out; returns its key and value.
    pub fn remove_entry(self) -> (CompactString, V) {
        self.map.entries.remove(self.at)
    }
}

impl<'a, V> VacantEntry<'a, V> {
    /// The key that was looked up.
    pub fn key(&self) -> &CompactString {
        &self.key
    }

    /// The key that was looked up, taken back.
    pub fn into_key(self) -> CompactString {
        self.key
    }

    /// Sets the value.
    pub fn insert(self, value: V) -> &'a mut V {
        self.map.entries.insert(self.at, (self.key, value));
        &mut self.map.entries[self.at].1
    }
}
