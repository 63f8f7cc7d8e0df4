//! Port-forward requests.

use std::marker::PhantomData;
use std::sync::Arc;

use bytes::Bytes;
use tokio_tungstenite::WebSocketStream;

use super::forward_event::{ForwardEvent, Watcher, log_event};
use super::handshake;
use super::keep_alive::KeepAlive;
use super::pipe::Pipe;
use super::port_channel::PortChannels;
use super::port_stream::PortStream;
use super::tunnel::{TUNNEL, Tunnel};
use crate::client::Client;
use crate::error::Result;
use crate::transport::BoxIo;
use crate::wire::Call;

/// The protocol of kubelets without tunnels.
const V4: &str = "v4.channel.k8s.io";

/// Default capacity for received data that was not read.
const BUFFER: usize = 1 << 20;

/// Forwards a port of a pod: [`connect`](Self::connect) opens one connection to it, [`listen`](Self::listen) forwards
/// every connection to a local port.
///
/// Each connection to the port is one to the API server. A connection that is not read, at either end, does not block
/// the others.
///
/// `K` is the kind whose subresource it is: `Pod`.
///
/// <https://kubernetes.io/docs/tasks/access-application-cluster/port-forward-access-application-cluster/>
#[derive(Clone)]
#[must_use = "a request does nothing until it connects or listens"]
pub struct PortForwardRequest<K> {
    client: Client,
    pub(super) call: Call,
    port: u16,
    buffer: usize,
    keep_alive: KeepAlive,
    watcher: Watcher,
    kind: PhantomData<fn() -> K>,
}

impl<K> PortForwardRequest<K> {
    pub(crate) fn new(client: &Client, mut call: Call, port: u16) -> Self {
        if port == 0 {
            call.fault("port 0 can't be forwarded");
        }
        call.query_value("ports", port);
        Self {
            client: client.clone(),
            call,
            port,
            buffer: BUFFER,
            keep_alive: KeepAlive::default(),
            watcher: Arc::new(log_event),
            kind: PhantomData,
        }
    }

    /// Limits a connection's bytes from the pod that were not read. The default is 1 MiB.
    pub fn buffer(mut self, bytes: usize) -> Self {
        self.buffer = bytes;
        self
    }

    /// Sets how to keep the connections alive, and how to detect that they are dead.
    pub fn keep_alive(mut self, keep_alive: KeepAlive) -> Self {
        self.keep_alive = keep_alive;
        self
    }

    /// Calls `on_event` with the events of a [listener](Self::listen)'s connections. By default they are `tracing`
    /// events: failures at the level `WARN`, the others at `DEBUG`.
    pub fn on_event(mut self, watcher: impl Fn(&ForwardEvent) + Send + Sync + 'static) -> Self {
        self.watcher = Arc::new(watcher);
        self
    }

    /// Appends a query parameter that this builder has no method for.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.call.query(name, value);
        self
    }

    /// Returns the HTTP request that would be sent: path and query without a host, and without the headers that request
    /// WebSocket.
    ///
    /// # Errors
    /// If the request can't be built, such as for an empty name.
    pub fn request(&self) -> Result<http::Request<Bytes>> {
        self.call.to_http()
    }

    /// Opens one connection to the port.
    ///
    /// # Errors
    /// If the server rejects the request: pod not found, not running, forbidden, …. Whether a process listens on the
    /// port is known only when reading from the stream.
    pub async fn connect(&self) -> Result<PortStream> {
        let (socket, protocol) = self.open().await?;
        let (operation, half_closes) = (self.call.operation(), protocol == Some(TUNNEL));
        let limits = (self.keep_alive, self.call.read_timeout());
        let pipe = if half_closes {
            Pipe::start(socket, Tunnel::new(self.port), operation, self.buffer, limits)
        } else {
            Pipe::start(socket, PortChannels::new(self.port), operation, self.buffer, limits)
        };
        Ok(PortStream { pipe, half_closes })
    }

    pub(crate) fn watcher(&self) -> Watcher {
        self.watcher.clone()
    }

    pub(super) async fn open(&self) -> Result<(WebSocketStream<BoxIo>, Option<&'static str>)> {
        handshake::websocket(&self.client, &self.call, &[TUNNEL, V4]).await
    }
}

stream_timeouts!(PortForwardRequest, call);

impl<K> std::fmt::Debug for PortForwardRequest<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("PortForwardRequest").field(&self.call.operation()).field(&self.port).finish()
    }
}
