//! What was learned from the documents read so far, and helps with those that follow.

use super::field_order::Orders;
use super::field_sets::FieldSets;

/// What the readers of both encodings learn from one document for the next: kept by whoever reads many of one kind.
#[derive(Default)]
#[doc(hidden)]
pub struct Learned {
    /// Which field comes after which.
    pub(crate) orders: Orders,
    /// The field sets of the managers.
    pub(crate) field_sets: FieldSets,
}

impl Learned {
    /// For many documents that resemble one another: a list's items, a watch's events. (The default is for a single
    /// one.)
    #[doc(hidden)]
    pub fn for_many() -> Self {
        Self { orders: Orders::default(), field_sets: FieldSets::shared() }
    }

    /// Whether to learn at all is worth while.
    #[inline]
    pub(crate) fn is_for_many(&self) -> bool {
        self.field_sets.is_shared()
    }
}
