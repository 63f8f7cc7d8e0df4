//! Entry of a [`Map`]: occupied or vacant.

use compact_str::CompactString;

use super::Map;

/// An entry of a [`Map`], from [`Map::entry`].
#[derive(Debug)]
pub enum Entry<'a, V> {
    /// The key exists.
    Occupied(OccupiedEntry<'a, V>),
    /// The key does not exist.
    Vacant(VacantEntry<'a, V>),
}

/// An occupied entry.
#[derive(Debug)]
pub struct OccupiedEntry<'a, V> {
    // `at` was found under the borrow that this holds, so it stays in bounds.
    pub(super) map: &'a mut Map<V>,
    pub(super) at: usize,
}

/// A vacant entry.
#[derive(Debug)]
pub struct VacantEntry<'a, V> {
    pub(super) map: &'a mut Map<V>,
    pub(super) at: usize,
    pub(super) key: CompactString,
}

impl<'a, V> Entry<'a, V> {
    /// Returns the value, after inserting `value` if vacant.
    pub fn or_insert(self, value: V) -> &'a mut V {
        self.or_insert_with(|| value)
    }

    /// Returns the value, after inserting the result of `make` if vacant.
    pub fn or_insert_with(self, make: impl FnOnce() -> V) -> &'a mut V {
        match self {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(make()),
        }
    }

    /// Returns the value, after inserting the default if vacant.
    pub fn or_default(self) -> &'a mut V
    where
        V: Default,
    {
        self.or_insert_with(V::default)
    }

    /// Modifies the value, if occupied.
    pub fn and_modify(mut self, change: impl FnOnce(&mut V)) -> Self {
        if let Entry::Occupied(entry) = &mut self {
            change(entry.get_mut());
        }
        self
    }

    /// Returns the key.
    pub fn key(&self) -> &CompactString {
        match self {
            Entry::Occupied(entry) => entry.key(),
            Entry::Vacant(entry) => entry.key(),
        }
    }
}

impl<'a, V> OccupiedEntry<'a, V> {
    /// Returns the key.
    pub fn key(&self) -> &CompactString {
        &self.map.entries[self.at].0
    }

    /// Returns a reference to the value.
    pub fn get(&self) -> &V {
        &self.map.entries[self.at].1
    }

    /// Returns a mutable reference to the value.
    pub fn get_mut(&mut self) -> &mut V {
        &mut self.map.entries[self.at].1
    }

    /// Converts into a mutable reference to the value, with the lifetime of the map's borrow.
    pub fn into_mut(self) -> &'a mut V {
        &mut self.map.entries[self.at].1
    }

    /// Sets the value and returns the previous one.
    pub fn insert(&mut self, value: V) -> V {
        std::mem::replace(self.get_mut(), value)
    }

    /// Removes the entry and returns its value.
    pub fn remove(self) -> V {
        self.remove_entry().1
    }

    /// Removes the entry and returns its key and value.
    pub fn remove_entry(self) -> (CompactString, V) {
        self.map.entries.remove(self.at)
    }
}

impl<'a, V> VacantEntry<'a, V> {
    /// Returns the key.
    pub fn key(&self) -> &CompactString {
        &self.key
    }

    /// Takes ownership of the key.
    pub fn into_key(self) -> CompactString {
        self.key
    }

    /// Sets the value.
    pub fn insert(self, value: V) -> &'a mut V {
        self.map.entries.insert(self.at, (self.key, value));
        &mut self.map.entries[self.at].1
    }
}
