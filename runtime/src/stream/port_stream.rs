//! Connection to a port of a pod.

use bytes::Bytes;

use super::pipe::{Pipe, reads_and_writes};
use crate::error::Result;

/// A connection to a port of a pod: data written to it is sent to the process that listens there. Dropping it closes
/// it.
///
/// The kubelet connects to the port when the stream is opened, and a failure is known only when reading: the error has
/// the kubelet's message. Reading ends when the process closes the connection.
///
/// Shutting it down closes the direction to the pod and leaves the other one open, if the server tunnels SPDY
/// ([`half_closes`](Self::half_closes)). An older one can't do that: there, shutting down only flushes.
#[derive(Debug)]
pub struct PortStream {
    pub(crate) pipe: Pipe,
    pub(crate) half_closes: bool,
}

impl PortStream {
    /// Returns the next chunk as received, without copying it; `None` at the end.
    ///
    /// # Errors
    /// If no process listens on the port, or the connection broke.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        self.pipe.chunk().await
    }

    /// Whether one direction can be closed alone.
    pub fn half_closes(&self) -> bool {
        self.half_closes
    }
}

reads_and_writes!(PortStream);
