//! What is counted over all documents of a text.

use super::options::Options;

/// How many equal keys of a text are named one by one.
const NAMED: u64 = 32;

/// What the documents of a text have in common.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    /// What aliases and merges have added, in bytes.
    added: u64,
    /// How many keys came a second time in their object.
    duplicates: u64,
}

impl Totals {
    /// Counts what an alias or a merge adds. `false` if that is more than a text may.
    pub(super) fn add(&mut self, weight: u64, options: &Options) -> bool {
        self.added = self.added.saturating_add(weight);
        self.added <= options.max_alias_bytes as u64
    }

    /// Counts a key that came a second time. `false` if there have been too many to name this one.
    pub(super) fn duplicate(&mut self) -> bool {
        self.duplicates += 1;
        self.duplicates <= NAMED
    }

    /// How many equal keys were not named.
    pub(super) fn unnamed(&self) -> u64 {
        self.duplicates.saturating_sub(NAMED)
    }
}
