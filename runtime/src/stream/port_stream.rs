//! One connection to a port of a pod.

use bytes::Bytes;

use super::pipe::{Pipe, reads_and_writes};
use crate::error::Result;

/// A connection to a port of a pod: what is written to it goes to the process that listens there. Dropping it ends it.
///
/// The pod's port is dialled when the stream is opened, and whether somebody listens there shows when reading: then the
/// error says what the kubelet said. Reading ends when the process closes the connection.
///
/// Shutting it down closes the direction to the pod and leaves the other one open, if the server tunnels SPDY
/// ([`half_closes`](Self::half_closes)). An older one can't do that: there, shutting down only flushes.
#[derive(Debug)]
pub struct PortStream {
    pub(crate) pipe: Pipe,
    pub(crate) half_closes: bool,
}

impl PortStream {
    /// The next piece as it came in, without copying it; `None` at the end.
    ///
    /// # Errors
    /// If nobody listens at the port, or the connection broke.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        self.pipe.chunk().await
    }

    /// Whether one direction can be closed alone.
    pub fn half_closes(&self) -> bool {
        self.half_closes
    }
}

reads_and_writes!(PortStream);
