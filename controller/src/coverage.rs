//! Of which objects a cache has everything, if it has only some.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::gate::Gate;
use crate::ring::HashRange;

/// That a cache has only the objects of the ranges for which a gate is open.
#[derive(Clone, Debug)]
pub(crate) struct Shard {
    pub(crate) gate: Gate,
    pub(crate) coverage: Coverage,
}

/// The ranges of which a cache has all objects: an object of them that it does not have does not exist.
#[derive(Clone, Debug, Default)]
pub(crate) struct Coverage(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    ranges: Vec<HashRange>,
    /// Grows with each change.
    generation: u64,
}

impl Coverage {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The cache is about to have these ranges, and no longer others.
    pub(crate) fn restart(&self, ranges: &[HashRange]) {
        let mut state = self.state();
        let common = state.ranges.iter().flat_map(|known| ranges.iter().filter_map(|range| known.intersection(range)));
        state.ranges = common.collect();
        state.generation += 1;
    }

    /// The cache has everything of these ranges.
    pub(crate) fn complete(&self, ranges: &[HashRange]) {
        let mut state = self.state();
        state.ranges = ranges.to_vec();
        state.generation += 1;
    }

    /// Returns the generation in which the cache has all objects with this hash. If it is the same before and after a read
    /// that finds nothing, there is nothing.
    pub(crate) fn of(&self, hash: u64) -> Option<u64> {
        let state = self.state();
        state.ranges.iter().any(|range| range.contains(hash)).then_some(state.generation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cache_is_about_to_list_is_covered_at_the_end_of_the_list_and_what_it_drops_at_once_no_longer() {
        let range = |first, last| HashRange::new(first, last).expect("a range");
        let coverage = Coverage::default();
        coverage.restart(&[range(0, 19)]);
        assert_eq!(coverage.of(5), None);
        coverage.complete(&[range(0, 19)]);
        let first = coverage.of(5).expect("covered");
        coverage.restart(&[range(0, 9), range(15, 29)]);
        let second = coverage.of(5).expect("as before");
        assert!(second > first);
        assert_eq!([12, 17, 25].map(|hash| coverage.of(hash)), [None, Some(second), None]);
        coverage.complete(&[range(0, 9), range(15, 29)]);
        assert!(coverage.of(25).is_some() && coverage.of(12).is_none());
    }
}
