//! Changes between minors that have no one right answer, decided by name.
//!
//! Like a [fix-up](crate::fixups), a rule must find what it is for: where it does not, generating fails and says so.

use crate::documents::Minor;

/// What to make of a change from one minor to the next.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name, which says what happened.
    pub name: &'static str,
    /// The minor that brought the change.
    pub newer: Minor,
    /// What was changed, as the error without a rule names it: `io.k8s.api.core.v1.PodSpec.hostname`.
    pub places: &'static [&'static str],
    /// What to keep.
    pub keep: Keep,
}

/// Which side of a change to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// What the newer minor says, in every minor.
    Newer,
    /// What the older minor said, in every minor.
    Older,
}

/// Every rule.
pub const ALL: &[Rule] = &[];
