//! Events of forwarded connections.

use std::net::SocketAddr;
use std::sync::Arc;
use std::{fmt, io};

#[cfg(doc)]
use super::PortForward;
use crate::error::Error;

/// Callback for the events of connections.
pub(crate) type Watcher = Arc<dyn Fn(&ForwardEvent) + Send + Sync>;

/// Event of a connection to a [`PortForward`]. Its `Display` is one human-readable line.
#[derive(Debug)]
#[non_exhaustive]
pub enum ForwardEvent {
    /// A local connection was accepted.
    Opened {
        /// Its local peer.
        peer: SocketAddr,
    },
    /// The connection ended without an error.
    Closed {
        /// Its local peer.
        peer: SocketAddr,
        /// Number of bytes sent to the pod.
        sent: u64,
        /// Number of bytes received from the pod.
        received: u64,
    },
    /// The connection could not be forwarded, or broke: such as when no process listens on the pod's port. The local
    /// connection is reset, so that its peer is notified.
    Failed {
        /// Its local peer.
        peer: SocketAddr,
        /// The error.
        error: Error,
    },
    /// A local connection could not be accepted. The listener continues.
    NotAccepted {
        /// The error.
        error: io::Error,
    },
}

impl fmt::Display for ForwardEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Opened { peer } => write!(f, "{peer} connected"),
            Self::Closed { peer, sent, received } => {
                write!(f, "{peer} closed: {sent} bytes sent to the pod, {received} received")
            }
            Self::Failed { peer, error } => write!(f, "cannot forward {peer}: {error}"),
            Self::NotAccepted { error } => write!(f, "cannot accept a local connection: {error}"),
        }
    }
}

/// The default callback.
pub(crate) fn log_event(event: &ForwardEvent) {
    match event {
        ForwardEvent::Opened { peer } => tracing::debug!(%peer, "forwarding a connection"),
        ForwardEvent::Closed { peer, sent, received } => {
            tracing::debug!(%peer, sent, received, "a forwarded connection ended");
        }
        ForwardEvent::Failed { peer, error } => tracing::warn!(%peer, %error, "cannot forward a connection"),
        ForwardEvent::NotAccepted { error } => tracing::warn!(%error, "cannot accept a local connection"),
    }
}
