//! Priority of a key in the queue.

/// Priority of a key: of those that are ready, the one with the highest priority comes first.
///
/// Any number is possible; the constants are what a [`Controller`](crate::Controller) uses, and have the values of
/// controller-runtime's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(pub i32);

impl Priority {
    /// For changes that were just made: 0.
    pub const DEFAULT: Self = Self(0);

    /// For what can wait, such as the objects of the initial list, of a relist, and those of a schedule: -100. A change
    /// that somebody makes while thousands of objects are checked after a restart does not wait for them.
    pub const LOW: Self = Self(-100);
}
