//! Connecting to a subresource of an unknown protocol: bytes in both directions.

use std::future::IntoFuture;
use std::marker::PhantomData;

use bytes::{Bytes, BytesMut};

use super::codec::{Codec, Event};
use super::failure::Failure;
use super::handshake;
use super::keep_alive::KeepAlive;
use super::pipe::{Pipe, READER, reads_and_writes};
use crate::client::Client;
use crate::client::ResponseFuture;
use crate::error::Result;
use crate::wire::Call;

/// Default capacity for received data that was not read.
const BUFFER: usize = 1 << 20;

/// Connects to a subresource with a protocol of its own over WebSocket, such as the console of a virtual machine.
/// Awaiting it returns an [`Upgraded`] connection.
#[derive(Clone)]
#[must_use = "a request does nothing until it is awaited"]
pub struct ConnectRequest<K> {
    client: Client,
    call: Call,
    protocols: Vec<&'static str>,
    keep_alive: KeepAlive,
    kind: PhantomData<fn() -> K>,
}

impl<K> ConnectRequest<K> {
    pub(crate) fn new(client: &Client, call: Call) -> Self {
        let keep_alive = KeepAlive::default();
        Self { client: client.clone(), call, protocols: Vec::new(), keep_alive, kind: PhantomData }
    }

    /// Offers a WebSocket subprotocol; earlier ones are preferred.
    pub fn protocol(mut self, name: &'static str) -> Self {
        self.protocols.push(name);
        self
    }

    /// Appends a query parameter.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.call.query(name, value);
        self
    }

    /// Sets how to keep the connection alive, and how to detect that it is dead.
    pub fn keep_alive(mut self, keep_alive: KeepAlive) -> Self {
        self.keep_alive = keep_alive;
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
}

stream_timeouts!(ConnectRequest, call);

impl<K> std::fmt::Debug for ConnectRequest<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ConnectRequest").field(&self.call.operation()).finish()
    }
}

impl<K> IntoFuture for ConnectRequest<K> {
    type Output = Result<Upgraded>;
    type IntoFuture = ResponseFuture<Upgraded>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { client, call, protocols, keep_alive, .. } = self;
        Box::pin(async move {
            let (socket, protocol) = handshake::websocket(&client, &call, &protocols).await?;
            let limits = (keep_alive, call.read_timeout());
            Ok(Upgraded { pipe: Pipe::start(socket, Raw, call.operation(), BUFFER, limits), protocol })
        })
    }
}

/// An open connection: the bytes of its binary WebSocket messages, without their boundaries. Dropping it closes it.
///
/// Reading ends when the server closes the connection. One direction can't be closed alone: shutting down only flushes.
#[derive(Debug)]
pub struct Upgraded {
    pipe: Pipe,
    protocol: Option<&'static str>,
}

impl Upgraded {
    /// Returns the subprotocol that the server chose, if any.
    pub fn protocol(&self) -> Option<&'static str> {
        self.protocol
    }

    /// Returns the next message without copying it; `None` at the end. After a partial read of a message, returns the
    /// rest of it.
    ///
    /// # Errors
    /// If the connection broke.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        self.pipe.chunk().await
    }
}

reads_and_writes!(Upgraded);

/// The protocol without any framing.
struct Raw;

impl Codec for Raw {
    fn receive(&mut self, message: Bytes, events: &mut impl Extend<Event>) {
        events.extend([Event::Data(READER, message)]);
    }

    fn closed(&mut self, broken: Option<Failure>) -> Event {
        broken.map_or(Event::Done, Event::Failed)
    }

    const HEADER: usize = 0;

    fn seal(&mut self, _: &mut BytesMut) {}

    fn end_of_data(&mut self) -> Option<Bytes> {
        None
    }
}
