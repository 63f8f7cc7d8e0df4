//! Decoder state learned from earlier documents, which speeds up later ones.

use super::field_order::Orders;
use super::field_sets::FieldSets;

/// Decoder state, for both encodings, which is shared by the documents of one kind.
#[derive(Default)]
#[doc(hidden)]
pub struct DecoderState {
    /// The order of fields.
    pub(crate) orders: Orders,
    /// The managers' field sets.
    pub(crate) field_sets: FieldSets,
}

impl DecoderState {
    /// Creates the state for many similar documents: a list's items, a watch's events. (The default is for a single
    /// one.)
    #[doc(hidden)]
    pub fn for_many() -> Self {
        Self { orders: Orders::default(), field_sets: FieldSets::shared() }
    }

    /// Whether learning is worthwhile.
    #[inline]
    pub(crate) fn is_for_many(&self) -> bool {
        self.field_sets.is_shared()
    }
}
