//! What becomes of the connections that are forwarded.

use std::net::SocketAddr;
use std::sync::Arc;
use std::{fmt, io};

#[cfg(doc)]
use super::PortForward;
use crate::error::Error;

/// Who is told what becomes of the connections.
pub(crate) type Watcher = Arc<dyn Fn(&ForwardEvent) + Send + Sync>;

/// What becomes of a connection to a [`PortForward`]. As text, it is a line for people.
#[derive(Debug)]
#[non_exhaustive]
pub enum ForwardEvent {
    /// A connection came from this local address.
    Opened {
        /// Where from.
        peer: SocketAddr,
    },
    /// The connection is over, and all went well.
    Closed {
        /// Where it came from.
        peer: SocketAddr,
        /// Bytes that went to the pod.
        sent: u64,
        /// Bytes that came from the pod.
        received: u64,
    },
    /// The connection could not be forwarded, or broke: such as when nobody listens at the pod's port. The local one is
    /// reset, so that its owner can tell.
    Failed {
        /// Where it came from.
        peer: SocketAddr,
        /// Why.
        error: Error,
    },
    /// A local connection could not be accepted. The next ones are tried again.
    NotAccepted {
        /// Why.
        error: io::Error,
    },
}

impl fmt::Display for ForwardEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened { peer } => write!(f, "{peer} is connected"),
            Self::Closed { peer, sent, received } => {
                write!(f, "{peer} is done: {sent} bytes went to the pod, {received} came from it")
            }
            Self::Failed { peer, error } => write!(f, "{peer} can't be forwarded: {error}"),
            Self::NotAccepted { error } => write!(f, "a local connection can't be accepted: {error}"),
        }
    }
}

/// The watcher of those who have none.
pub(crate) fn tell(event: &ForwardEvent) {
    match event {
        ForwardEvent::Opened { peer } => tracing::debug!(%peer, "forwarding a connection"),
        ForwardEvent::Closed { peer, sent, received } => {
            tracing::debug!(%peer, sent, received, "a forwarded connection ended");
        }
        ForwardEvent::Failed { peer, error } => tracing::warn!(%peer, %error, "a connection can't be forwarded"),
        ForwardEvent::NotAccepted { error } => tracing::warn!(%error, "a local connection can't be accepted"),
    }
}
