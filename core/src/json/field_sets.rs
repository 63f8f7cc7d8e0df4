//! Cache of recent field sets: the objects of a list mostly share those of their siblings.

use crate::types::FieldsV1;

/// Number of cached sets.
const SLOTS: usize = 512;
/// Number of most recent sets that are compared first: more than an object has managers.
const RECENT: usize = 8;
/// The longest cached text: with [`SLOTS`], it bounds the memory beyond the life of the objects.
const MAX_LENGTH: usize = 8 << 10;

/// Field sets by their text, so that each is held in memory once and validated once.
///
/// Pods of one workload have the same managers, which own the same fields of each; half of a list is such text. Sets
/// that occur only once evict others, at random.
#[derive(Default)]
pub(crate) struct FieldSets {
    /// A text's slot depends only on its hash. Empty if nothing is shared.
    slots: Vec<FieldsV1>,
    /// The most recently used slots, the latest first.
    recent: [u16; RECENT],
}

impl FieldSets {
    /// Creates a cache for many objects. (The default caches nothing.)
    pub(crate) fn shared() -> Self {
        Self { slots: vec![FieldsV1::default(); SLOTS], recent: [0; RECENT] }
    }

    /// Whether anything is cached.
    #[inline]
    pub(crate) fn is_shared(&self) -> bool {
        !self.slots.is_empty()
    }

    /// Returns the set that text starts with, if it is a recent one: no JSON object is a prefix of another one, so it
    /// is then the value at this position.
    pub(crate) fn at_start_of(&mut self, text: &str) -> Option<FieldsV1> {
        if !text.starts_with('{') {
            return None;
        }
        self.recent(|set| text.starts_with(set))
    }

    /// Returns the cached set with this text.
    pub(crate) fn find(&mut self, text: &[u8]) -> Option<FieldsV1> {
        let recent = self.recent(|set| set.as_bytes() == text);
        if recent.is_some() {
            return recent;
        }
        let slot = hash(text);
        let found = self.slots.get(slot).filter(|set| set.as_str().as_bytes() == text).cloned();
        if found.is_some() {
            self.put_first(slot, RECENT - 1);
        }
        found
    }

    /// Returns the cached set of a validated text, or creates and caches a new one.
    pub(crate) fn of_valid(&mut self, text: &str) -> FieldsV1 {
        if self.slots.is_empty() || text.len() > MAX_LENGTH {
            return FieldsV1::from_valid_text(text);
        }
        let slot = hash(text.as_bytes());
        let Some(place) = self.slots.get_mut(slot) else { return FieldsV1::from_valid_text(text) };
        if place.as_str() != text {
            *place = FieldsV1::from_valid_text(text);
        }
        let set = place.clone();
        self.put_first(slot, RECENT - 1);
        set
    }

    fn recent(&mut self, is_it: impl Fn(&str) -> bool) -> Option<FieldsV1> {
        for (place, slot) in self.recent.iter().enumerate() {
            let set = self.slots.get(usize::from(*slot))?;
            if is_it(set.as_str()) {
                let set = set.clone();
                self.put_first(usize::from(*slot), place);
                return Some(set);
            }
        }
        None
    }

    /// Moves a slot to the front of the recent ones; at most the entry at `from` is dropped.
    fn put_first(&mut self, slot: usize, from: usize) {
        self.recent.copy_within(..from, 1);
        self.recent[0] = u16::try_from(slot).unwrap_or(0);
    }
}

/// Returns the slot of a text. Texts chosen to collide only evict each other.
fn hash(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mut hash = text.len() as u64;
    for word in words.iter().chain([&last]) {
        hash = (hash.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    // Every byte affects the upper bits.
    (hash >> 32) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(index: usize) -> String {
        format!(r#"{{"f:spec":{{"f:{index}":{{}}}}}}"#)
    }

    #[test]
    fn a_text_that_was_met_is_held_once() {
        let mut sets = FieldSets::shared();
        assert!(sets.find(text(1).as_bytes()).is_none());
        let first = sets.of_valid(&text(1));
        for again in [sets.of_valid(&text(1)), sets.find(text(1).as_bytes()).expect("known")] {
            assert_eq!(again.as_str().as_ptr(), first.as_str().as_ptr());
        }
    }

    #[test]
    fn however_many_there_are_each_is_found_as_itself_or_not_at_all() {
        let mut sets = FieldSets::shared();
        for round in 0..3 {
            for index in 0..2 * SLOTS {
                if let Some(found) = sets.find(text(index).as_bytes()) {
                    assert_eq!(found.as_str(), text(index), "round {round}");
                }
                assert_eq!(sets.of_valid(&text(index)).as_str(), text(index));
                assert_eq!(sets.find(text(index).as_bytes()).expect("known").as_str(), text(index));
            }
        }
        assert_eq!(sets.slots.len(), SLOTS);
    }

    #[test]
    fn a_set_is_recognised_at_the_start_of_a_document_and_only_a_whole_one() {
        let mut sets = FieldSets::shared();
        for index in 0..RECENT {
            sets.of_valid(&text(index));
        }
        for index in (0..RECENT).chain((0..RECENT).rev()) {
            let document = text(index) + r#","time":"2026-11-23T00:00:00Z"}"#;
            assert_eq!(sets.at_start_of(&document).expect("known").as_str(), text(index));
        }
        assert!(sets.at_start_of(r#"{"f:spec":{"f:1":{"#).is_none());
        assert!(sets.at_start_of(r#"{"f:spec":{"f:1":{},"f:2":{}}}"#).is_none());
        assert!(sets.at_start_of("null").is_none());
    }

    #[test]
    fn what_is_long_or_not_to_be_shared_is_not_kept() {
        let long = format!(r#"{{"f:{}":{{}}}}"#, "x".repeat(MAX_LENGTH));
        let mut sets = FieldSets::shared();
        assert_eq!(sets.of_valid(&long).as_str(), long);
        assert!(sets.find(long.as_bytes()).is_none());
        let mut none = FieldSets::default();
        assert_eq!(none.of_valid("{}").as_str(), "{}");
        assert!(none.find(b"{}").is_none() && none.at_start_of("{}").is_none());
    }
}
