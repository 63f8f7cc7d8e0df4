//! HTTP/2: few connections, many requests on each.
//!
//! A server limits the requests at once on one connection (kube-apiserver: 100, unless set otherwise), and
//! every watch is one for as long as it lasts: what comes on top would wait forever. So a request takes the first
//! connection that has room, and a further one is opened when none has. Requests that come while a connection is being
//! made wait for that one, and share its failure.
//!
//! A request that the server did not process, as it says (GOAWAY, REFUSED_STREAM), is sent again on another connection. A
//! connection whose TLS settings are no longer current takes no new requests, and is closed when its last one ends. Nor are
//! connections kept that were opened in a rush which is over: requests take the first ones first, and what they leave idle
//! for [`IDLE`] is closed, but for one.
//!
//! A peer that is gone is found within [`PING_INTERVAL`] and [`PING_TIMEOUT`], 25 seconds, also where nothing is sent: its
//! requests fail then, the watches among them.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http2::{self, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower::ServiceExt;

use super::Body;
use super::body::try_clone;
use super::connector::{Connector, Stream};
use super::error::{Kind, TransportError, chain};

/// Requests at once on the first connection until its server has announced the limit.
const ASSUMED_CAPACITY: usize = 100;
/// How often a request moves to another connection because the one it was given closed before it could be sent, or the
/// server did not process it.
const MOVES: usize = 3;
/// A peer that is silent for this long is pinged …
const PING_INTERVAL: Duration = Duration::from_secs(15);
/// … and counts as dead after this long without a response.
const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// How long connections beyond the first are kept without a request.
const IDLE: Duration = Duration::from_secs(90);
/// What the server may send of one response before it must wait for us. HTTP/2's own 64 KiB would cost a round trip for
/// every 64 KiB of a list.
const STREAM_WINDOW: u32 = 4 << 20;
/// And of all together: more than all responses of a connection may hold back, so that those which nobody reads at the
/// moment (a watch whose consumer is busy with another call) keep back no other one.
const CONNECTION_WINDOW: u32 = 1 << 30;

/// The connections to one server.
pub(super) struct Http2Pool {
    connector: Connector,
    server: http::Uri,
    open: Mutex<Vec<Arc<PooledConnection>>>,
}

/// Held by whatever occupies a stream: the request until its response, then the response's body.
pub(super) type Permit = Arc<()>;

/// A connection, until it ends. Then it must be dropped: it holds the requests that were not sent, and returns them.
type Http2 = Mutex<Option<http2::Connection<Stream, Body, TokioExecutor>>>;

/// Why there is no response.
pub(super) enum Failure {
    /// The server doesn't speak HTTP/2; here is the request back.
    NotHttp2(Box<Request<Body>>),
    /// No connection.
    Connect(TransportError),
    /// The server did not process it, nor did others when it was sent again.
    Unprocessed(hyper::Error),
    /// The connection broke.
    Broken(hyper::Error),
}

/// One connection, or the slot for one.
struct PooledConnection {
    /// One reference here, and one in every [`Permit`].
    permits: Arc<()>,
    /// What it is assumed to carry until its server has announced the limit.
    assumed: usize,
    connection: Mutex<Option<Arc<Http2>>>,
    /// The [epoch](Stream::epoch) of the connection.
    epoch: AtomicU64,
    /// When it was first observed without a request.
    idle_since: Mutex<Option<tokio::time::Instant>>,
    /// Locked while a connection is being made.
    state: tokio::sync::Mutex<State>,
}

#[derive(Default)]
struct State {
    sender: Option<SendRequest<Body>>,
    /// Counts the connections, to distinguish an old one from its successor.
    generation: u64,
    failure: Option<(Instant, NoConnection)>,
}

#[derive(Clone)]
enum NoConnection {
    NotHttp2,
    Connect(TransportError),
}

impl Http2Pool {
    pub(super) fn new(connector: Connector, server: http::Uri) -> Self {
        Self { connector, server, open: Mutex::new(Vec::new()) }
    }

    /// Sends a request, which waits for a connection at most for `limit`.
    pub(super) async fn send(
        &self,
        mut request: Request<Body>,
        limit: Option<Duration>,
    ) -> Result<(Response<Incoming>, Permit), Failure> {
        let mut moves = 0;
        loop {
            let (connection, permit, epoch) = self.acquire();
            let (mut sender, generation) = match within(limit, connection.sender(self)).await {
                Ok(found) => found,
                Err(NoConnection::NotHttp2) => return Err(Failure::NotHttp2(Box::new(request))),
                Err(NoConnection::Connect(error)) => return Err(Failure::Connect(error)),
            };
            // More may have come while it was being made than it turns out to carry; and this one may have come with another
            // client certificate than that with which it was begun.
            if connection.in_use() > connection.capacity() || connection.is_before(epoch) {
                continue;
            }
            let copy = try_clone(&request);
            let mut error = match sender.try_send_request(request).await {
                Ok(response) => return Ok((response, permit)),
                Err(error) => error,
            };
            // Nothing of it was sent: the connection was closing.
            let unsent = error.take_message();
            let error = error.into_error();
            let refused = not_processed(&error);
            match unsent.or_else(|| copy.filter(|_| refused)) {
                Some(again) if moves < MOVES => {
                    tracing::debug!(%error, "not processed: the request is sent on another connection");
                    connection.forget(generation).await;
                    request = again;
                    moves += 1;
                }
                _ if refused => return Err(Failure::Unprocessed(error)),
                _ => return Err(Failure::Broken(error)),
            }
        }
    }

    /// A permit for a connection, and the current epoch, before which its settings must not be.
    fn acquire(&self) -> (Arc<PooledConnection>, Permit, u64) {
        let current = self.connector.tls().map_or(0, |tls| tls.current().epoch);
        let mut open = lock(&self.open);
        // What is retired so ends with its last request.
        open.retain(|connection| connection.is_of(current));
        let (now, mut is_first) = (tokio::time::Instant::now(), true);
        open.retain(|connection| std::mem::take(&mut is_first) || !connection.is_idle_for(IDLE, now));
        let free = open.iter().find(|connection| connection.in_use() < connection.capacity()).cloned();
        let connection = free.unwrap_or_else(|| {
            // The server most likely sets every connection the same limit; the new one's own is known only later.
            let known = open.iter().map(|connection| connection.capacity()).min();
            let connection = Arc::new(PooledConnection::new(known.unwrap_or(ASSUMED_CAPACITY)));
            open.push(connection.clone());
            connection
        });
        *lock(&connection.idle_since) = None;
        let permit = connection.permits.clone();
        (connection, permit, current)
    }

    async fn connect(&self) -> Result<(SendRequest<Body>, Arc<Http2>, u64), NoConnection> {
        let stream = self.connector.clone().oneshot(self.server.clone()).await.map_err(NoConnection::Connect)?;
        if !stream.is_http2() {
            self.connector.keep_for_http1(stream);
            return Err(NoConnection::NotHttp2);
        }
        let epoch = stream.epoch();
        let handshake = http2::Builder::new(TokioExecutor::new())
            .timer(TokioTimer::new())
            .initial_max_send_streams(ASSUMED_CAPACITY)
            .adaptive_window(false)
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_TIMEOUT)
            // Also between requests: else the first one after a silent network failure waits for the ping timeout.
            .keep_alive_while_idle(true)
            .handshake(stream)
            .await;
        let (sender, connection) = handshake.map_err(|error| {
            let message = format!("{} broke off the HTTP/2 handshake", self.server);
            NoConnection::Connect(TransportError::because(Kind::Connect, message, error))
        })?;
        let connection = Arc::new(Mutex::new(Some(connection)));
        let driver = Driver { connection: connection.clone() };
        tokio::spawn(async move {
            // Every request on it has an error of its own.
            if let Err(error) = driver.await {
                tracing::debug!(%error, "an HTTP/2 connection ended");
            }
        });
        Ok((sender, connection, epoch))
    }
}

impl PooledConnection {
    fn new(assumed: usize) -> Self {
        Self {
            permits: Arc::new(()),
            assumed,
            connection: Mutex::new(None),
            epoch: AtomicU64::new(UNCONNECTED),
            idle_since: Mutex::new(None),
            state: tokio::sync::Mutex::default(),
        }
    }

    /// Whether its connection, if it has one, has the settings of this epoch.
    fn is_of(&self, epoch: u64) -> bool {
        let own = self.epoch.load(Ordering::Relaxed);
        own == UNCONNECTED || own == epoch
    }

    /// Whether its connection has settings of an earlier epoch than this one. Those of a later one are good: they have what
    /// other requests of the same client brought since.
    fn is_before(&self, epoch: u64) -> bool {
        self.epoch.load(Ordering::Relaxed) < epoch
    }

    /// Whether it has been without a request for this time, as far as was observed.
    fn is_idle_for(&self, time: Duration, now: tokio::time::Instant) -> bool {
        let mut since = lock(&self.idle_since);
        if self.in_use() > 0 {
            *since = None;
            return false;
        }
        now.saturating_duration_since(*since.get_or_insert(now)) >= time
    }

    fn in_use(&self) -> usize {
        Arc::strong_count(&self.permits) - 1
    }

    fn capacity(&self) -> usize {
        let Some(connection) = lock(&self.connection).clone() else { return self.assumed };
        match lock(&connection).as_ref().map_or(ASSUMED_CAPACITY, |connection| connection.current_max_send_streams()) {
            // Its own assumption.
            ASSUMED_CAPACITY => self.assumed,
            limit => limit.max(1),
        }
    }

    /// The connection itself, made if there is none.
    async fn sender(&self, pool: &Http2Pool) -> Result<(SendRequest<Body>, u64), NoConnection> {
        let began = Instant::now();
        let mut state = self.state.lock().await;
        if let Some(sender) = state.sender.as_ref().filter(|sender| !sender.is_closed()) {
            return Ok((sender.clone(), state.generation));
        }
        // Whoever waited for an attempt doesn't wait for another one.
        if let Some((_, failure)) = state.failure.as_ref().filter(|(at, _)| *at >= began) {
            return Err(failure.clone());
        }
        state.sender = None;
        match pool.connect().await {
            Ok((sender, connection, epoch)) => {
                self.epoch.store(epoch, Ordering::Relaxed);
                *lock(&self.connection) = Some(connection);
                state.failure = None;
                state.generation += 1;
                state.sender = Some(sender.clone());
                Ok((sender, state.generation))
            }
            Err(failure) => {
                state.failure = Some((Instant::now(), failure.clone()));
                Err(failure)
            }
        }
    }

    /// Makes sure that nobody else is given that connection.
    async fn forget(&self, generation: u64) {
        let mut state = self.state.lock().await;
        if state.generation == generation {
            state.sender = None;
        }
    }
}

/// The epoch of a connection that has not been made yet.
const UNCONNECTED: u64 = u64::MAX;

async fn within<T>(
    limit: Option<Duration>,
    connecting: impl Future<Output = Result<T, NoConnection>>,
) -> Result<T, NoConnection> {
    let Some(limit) = limit else { return connecting.await };
    match tokio::time::timeout(limit, connecting).await {
        Ok(result) => result,
        Err(_) => Err(NoConnection::Connect(TransportError::no_connection_within(limit))),
    }
}

/// Whether the server says that it did nothing about a request: by a GOAWAY that doesn't count it among those that it
/// still answers, or by a reset for just that.
fn not_processed(error: &(dyn Error + 'static)) -> bool {
    let h2 = chain(error).find_map(|error| error.downcast_ref::<h2::Error>());
    h2.is_some_and(|h2| {
        h2.is_remote()
            && match h2.reason() {
                Some(h2::Reason::REFUSED_STREAM) => h2.is_reset(),
                Some(h2::Reason::NO_ERROR) => h2.is_go_away(),
                _ => false,
            }
    })
}

/// Drives a connection until it ends. If this is dropped before that, since its runtime shuts down, the connection ends too.
struct Driver {
    connection: Arc<Http2>,
}

impl Future for Driver {
    type Output = hyper::Result<()>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match lock(&self.connection).as_mut() {
            Some(connection) => Pin::new(connection).poll(cx),
            None => Poll::Ready(Ok(())),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        *lock(&self.connection) = None;
    }
}

/// A poisoned lock only means that somebody panicked; what it guards is whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
