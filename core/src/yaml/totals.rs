//! Totals over all documents of a text.

use super::options::Options;

/// Number of duplicate keys of a text that are reported individually.
const NAMED: u64 = 32;

/// Totals of a text's documents.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    /// Number of bytes that aliases and merges have added.
    added: u64,
    /// Number of duplicate keys.
    duplicates: u64,
}

impl Totals {
    /// Counts the addition of an alias or a merge. `false` if the limit is exceeded.
    pub(super) fn add(&mut self, weight: u64, options: &Options) -> bool {
        self.added = self.added.saturating_add(weight);
        self.added <= options.max_alias_bytes as u64
    }

    /// Counts a duplicate key. `false` if there were too many to report this one.
    pub(super) fn duplicate(&mut self) -> bool {
        self.duplicates += 1;
        self.duplicates <= NAMED
    }

    /// Returns the number of duplicate keys that were not reported.
    pub(super) fn unnamed(&self) -> u64 {
        self.duplicates.saturating_sub(NAMED)
    }
}
