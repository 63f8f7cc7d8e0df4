//! Events of an election.

use super::TermEnd;
use crate::fencing::FencingToken;
use crate::lease_error::LeaseError;

/// A step of an election, for logs, metrics and Events.
#[derive(Debug)]
#[non_exhaustive]
pub enum ElectionEvent<'a> {
    /// Another replica, or this one, was observed to hold the Lease. The first holder that is observed is reported, too.
    Leader {
        /// Its identity.
        identity: &'a str,
        /// The token of its term.
        token: FencingToken,
    },
    /// This replica leads.
    Started {
        /// The token of its term.
        token: FencingToken,
    },
    /// This replica is asked to stop leading, since the Lease names another preferred holder
    /// ([coordinated leader election](https://kubernetes.io/docs/concepts/cluster-administration/coordinated-leader-election/)).
    SteppingDown {
        /// The preferred holder.
        preferred: &'a str,
    },
    /// This replica does not lead any more, and its function has returned or was dropped.
    Stopped {
        /// The token of its term.
        token: FencingToken,
        /// Why it ended.
        end: TermEnd,
        /// Whether the Lease was released, so that another replica can start at once.
        released: bool,
    },
    /// An attempt to acquire, renew or release the Lease failed. It is retried, but for a release.
    Failed {
        /// The error.
        error: &'a LeaseError,
    },
}
