//! The innermost service: HTTP over pooled connections.
//!
//! All requests share few HTTP/2 connections. A server lets one connection carry only so many requests at once
//! (kube-apiserver: 100, unless told otherwise), and every watch is one for as long as it lasts: what comes on top
//! would wait for ever. So requests go to the first connection that has room, and a further one is opened when none
//! has.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower::Service;

use super::dial::{Connector, refused_by_tls};
use super::error::{Kind, TransportError};
use super::{Body, BoxError};
use crate::config::{Config, ConfigError, Kind as ConfigKind};

/// Requests at once on one HTTP/2 connection: a little under the limit of a server that was told nothing.
const STREAMS_PER_CONNECTION: usize = 90;
/// A peer that is silent for this long is pinged …
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// … and given up after this long without an answer.
const PING_TIMEOUT: Duration = Duration::from_secs(20);
/// What the server may send before it must wait for us: one response, and all of them. HTTP/2's own 64 KiB would cost a
/// round trip for every 64 KiB of a list.
const STREAM_WINDOW: u32 = 4 << 20;
const CONNECTION_WINDOW: u32 = 16 << 20;

/// Which HTTP versions to offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alpn {
    /// HTTP/2, else HTTP/1.1. Without TLS always HTTP/1.1.
    #[default]
    Auto,
    /// HTTP/1.1 only: for upgrades to WebSocket (exec, attach, port-forward).
    Http1,
}

/// Makes the innermost service for the server of `config`: connections, TLS, pooling, HTTP. It sends requests as they
/// are; their URI must be absolute. Nothing is connected before the first request. Fails with [`TransportError`].
///
/// # Errors
/// The TLS settings can't be used, or the server's URL is neither `http` nor `https`.
pub fn connect(config: &Config, alpn: Alpn) -> Result<Connect, ConfigError> {
    let server = &config.server;
    if !matches!(server.scheme_str(), Some("http" | "https")) || server.host().is_none_or(str::is_empty) {
        let message = format!("the server's URL {server} should look like https://host:port");
        return Err(ConfigError::new(ConfigKind::Invalid, message));
    }
    let connector = Connector::new(config, alpn)?;
    let capacity = match alpn {
        Alpn::Auto if server.scheme_str() == Some("https") => STREAMS_PER_CONNECTION,
        // HTTP/1.1 carries one at a time; its pool opens as many connections as it needs.
        _ => usize::MAX,
    };
    Ok(Connect { lanes: Arc::new(Lanes { connector, capacity, open: Mutex::new(Vec::new()) }) })
}

/// The service that [`connect`] makes. Clones share their connections.
#[derive(Clone)]
pub struct Connect {
    lanes: Arc<Lanes>,
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}

impl Service<Request<Body>> for Connect {
    type Response = Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (client, place) = self.lanes.take_place();
        let uri = request.uri().clone();
        let responding = client.request(request);
        Box::pin(async move {
            match responding.await {
                Ok(response) => Ok(response.map(|body| Body::wrap(Received { body, _place: place }))),
                Err(error) => Err(explain(&uri, error).into()),
            }
        })
    }
}

/// The connections: each lane is a client of its own, which keeps at most one HTTP/2 connection.
struct Lanes {
    connector: Connector,
    capacity: usize,
    open: Mutex<Vec<Lane>>,
}

struct Lane {
    client: Client<Connector, Body>,
    /// One reference here, and one in every request until its response's body is done with.
    places: Arc<()>,
}

/// Held by whatever occupies a stream.
type Place = Arc<()>;

impl Lanes {
    fn take_place(&self) -> (Client<Connector, Body>, Place) {
        // A poisoned lock only means that somebody panicked; the list is whole.
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = open.iter().find(|lane| Arc::strong_count(&lane.places) <= self.capacity) {
            return (lane.client.clone(), lane.places.clone());
        }
        let lane = Lane { client: new_client(&self.connector), places: Arc::new(()) };
        let taken = (lane.client.clone(), lane.places.clone());
        open.push(lane);
        taken
    }
}

fn new_client(connector: &Connector) -> Client<Connector, Body> {
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .http2_adaptive_window(false)
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keep_alive_interval(PING_INTERVAL)
        .http2_keep_alive_timeout(PING_TIMEOUT)
        // Also between requests: else the first one after a silent network failure waits for the ping timeout.
        .http2_keep_alive_while_idle(true)
        .build(connector.clone())
}

/// What the connector said, if it was the connector; else the connection broke.
fn explain(uri: &Uri, error: legacy::Error) -> TransportError {
    if let Some(told) = TransportError::find(&error) {
        return told.clone();
    }
    let server = uri.authority().map_or("the server", http::uri::Authority::as_str);
    if refused_by_tls(&error) {
        let message = format!("{server} broke off the TLS connection; does it want another client certificate?");
        return TransportError::because(Kind::Tls, message, error);
    }
    let kind = if error.is_connect() { Kind::Connect } else { Kind::Broken };
    TransportError::because(kind, format!("the connection to {server} broke before it answered"), error)
}

/// A response's body, which holds its place on the connection.
struct Received {
    body: Incoming,
    _place: Place,
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = TransportError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, TransportError>>> {
        Pin::new(&mut self.body).poll_frame(cx).map_err(|error| {
            TransportError::because(Kind::Broken, "the connection broke in the middle of the response", error)
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
