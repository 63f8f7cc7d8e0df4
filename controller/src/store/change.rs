//! Changes to a store, as subscribers receive them.

use std::fmt;
use std::sync::Arc;

/// A change that a [`Subscription`](super::Subscription) returns.
#[non_exhaustive]
pub enum Change<K> {
    /// The object exists, in this state: it existed at the start, was created or was modified.
    Applied {
        /// The object.
        object: Arc<K>,
        /// The state that this subscription returned last; `None` if it returned none of this object (of this uid).
        previous: Option<Arc<K>>,
        /// Whether the object existed when the subscription or the reflector started, and has not changed since.
        initial: bool,
    },
    /// The object was deleted, or no longer matches the selectors of the watch; this is its last known state.
    Deleted(Arc<K>),
    /// All objects that existed at the start were returned: comes once per subscription.
    Synced,
}

impl<K> Change<K> {
    /// Returns the object; `None` for [`Synced`](Self::Synced).
    pub fn object(&self) -> Option<&Arc<K>> {
        match self {
            Self::Applied { object, .. } | Self::Deleted(object) => Some(object),
            Self::Synced => None,
        }
    }
}

impl<K> Clone for Change<K> {
    fn clone(&self) -> Self {
        match self {
            Self::Applied { object, previous, initial } => {
                Self::Applied { object: object.clone(), previous: previous.clone(), initial: *initial }
            }
            Self::Deleted(object) => Self::Deleted(object.clone()),
            Self::Synced => Self::Synced,
        }
    }
}

/// Objects may contain secrets, and are not shown.
impl<K> fmt::Debug for Change<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applied { initial, .. } => {
                f.debug_struct("Applied").field("initial", initial).finish_non_exhaustive()
            }
            Self::Deleted(_) => f.write_str("Deleted(..)"),
            Self::Synced => f.write_str("Synced"),
        }
    }
}
