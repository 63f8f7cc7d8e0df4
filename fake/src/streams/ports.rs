//! Connections to the ports of pods.

use std::fmt;

use tokio::io::DuplexStream;

/// A connection to a port of a pod: what [`FakeCluster::on_port_forward`](crate::FakeCluster::on_port_forward) handles.
#[non_exhaustive]
pub struct PortForwardCall {
    /// The namespace of the pod.
    pub namespace: String,
    /// The name of the pod.
    pub pod: String,
    /// The port.
    pub port: u16,
    /// The connection. Reading ends when the client ends its half; `shutdown` ends the pod's half, and dropping it both.
    pub stream: DuplexStream,
}

impl fmt::Debug for PortForwardCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = format_args!("{}/{}:{}", self.namespace, self.pod, self.port);
        f.debug_tuple("PortForwardCall").field(&place).finish()
    }
}
