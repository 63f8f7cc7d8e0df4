//! Events of scale-out.

use crate::fencing::FencingToken;
use crate::lease_error::LeaseError;
use crate::ring::HashRange;

/// A step of a replica in its group, for logs, metrics and Events.
#[derive(Debug)]
#[non_exhaustive]
pub enum ShardingEvent<'a> {
    /// This replica is a member of the group.
    Joined {
        /// Its name in the group, which is that of its Lease.
        member: &'a str,
    },
    /// This replica owns a range.
    Gained {
        /// The hashes of a slot.
        range: HashRange,
        /// The token of the ownership.
        token: FencingToken,
    },
    /// This replica is asked to hand a range over, and lets no one in.
    Draining {
        /// The hashes of a slot.
        range: HashRange,
    },
    /// This replica owns a range no more.
    Released {
        /// The hashes of a slot.
        range: HashRange,
    },
    /// This replica was out of touch for too long: it owns nothing, and joins again as another member.
    Lapsed,
    /// This replica has left the group.
    Left {
        /// Whether all that it owned was handed over; otherwise its slots go to others after the lease duration.
        confirmed: bool,
    },
    /// The members of the group have other settings than this replica, which waits until the last of them has left.
    Waiting,
    /// A request failed. It is retried.
    Failed {
        /// The error.
        error: &'a LeaseError,
    },
}
