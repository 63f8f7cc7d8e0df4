//! The innermost service: HTTP over connections that are kept and shared.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Request, Response, Uri};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower::Service;

use super::connector::Connector;
use super::error::{Kind, TransportError};
use super::http2_pool::{Failure, Http2Pool, Permit};
use super::proxy::ProxyEnvironment;
use super::tls::{RequestIdentity, after_handshake};
use super::{Body, BoxError};
use crate::config::{Config, ConfigError, Kind as ConfigKind};
use crate::wire::Timeouts;

/// Which HTTP versions to offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Alpn {
    /// HTTP/2, else HTTP/1.1. Without TLS always HTTP/1.1.
    #[default]
    Auto,
    /// HTTP/1.1 only: for upgrades to WebSocket (exec, attach, port-forward).
    Http1,
}

/// Makes the innermost service for the server of `config`: connections, TLS, HTTP. It sends requests as they are, to
/// this server; their URI must be absolute. Nothing is connected before the first request. Fails with a
/// [`TransportError`].
///
/// They go through the [proxy](Config::proxy) of the configuration, else the one that the
/// [environment](ProxyEnvironment) names for this server.
///
/// Certificates that come from files are read again when they change, and a request may bring a client certificate
/// ([`RequestIdentity`]). New connections have the new ones; requests that run on older connections go on, and these
/// connections are closed with their last request.
///
/// # Errors
/// The TLS settings or the proxy can't be used, or the server's URL is neither `http` nor `https`, or holds a login.
pub fn connect(config: &Config, alpn: Alpn) -> Result<Connect, ConfigError> {
    connect_in(config, alpn, &ProxyEnvironment::current())
}

/// As [`connect`], with an environment that is not the process's.
pub(super) fn connect_in(config: &Config, alpn: Alpn, environment: &ProxyEnvironment) -> Result<Connect, ConfigError> {
    let server = &config.server;
    check_server(server)?;
    let proxy = match &config.proxy {
        Some(proxy) => Some(proxy.clone()),
        None if config.proxy_from_environment => environment.proxy_for(server)?,
        None => None,
    };
    let connector = Connector::new(config, proxy, alpn)?;
    let http2 = alpn == Alpn::Auto && server.scheme_str() == Some("https");
    let pool = Http2Pool::new(connector.clone(), server.clone());
    // Behind a load balancer the next server may have HTTP/2, with which hyper's pool deals otherwise than ours.
    let http1 = connector.http1_only();
    let http1 = Http1Pool { client: Mutex::new((0, http1_client(&http1))), connector: http1 };
    Ok(Connect { connections: Arc::new(Connections { http2: AtomicBool::new(http2), pool, http1, connector }) })
}

/// Whether it is the URL of a server. One with a login in it is not: it would be in every message that names the server, and
/// over HTTP/2 in every request, where no server looks for it.
pub(super) fn check_server(server: &Uri) -> Result<(), ConfigError> {
    let invalid = |message: String| Err(ConfigError::new(ConfigKind::Invalid, message));
    if server.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return invalid(
            "the server's URL holds a login (`…@…`); put it into the configuration's credentials instead".to_owned(),
        );
    }
    if !matches!(server.scheme_str(), Some("http" | "https")) || server.host().is_none_or(str::is_empty) {
        return invalid(format!("the server's URL {server} should look like https://host:port"));
    }
    Ok(())
}

/// The service that [`connect`] makes. Clones share their connections.
#[derive(Clone)]
pub struct Connect {
    connections: Arc<Connections>,
}

struct Connections {
    /// Until the server turns out not to.
    http2: AtomicBool,
    pool: Http2Pool,
    http1: Http1Pool,
    connector: Connector,
}

/// The connections over HTTP/1.1: one request at a time on each.
struct Http1Pool {
    connector: Connector,
    /// Its connections are of the [epoch](super::tls::Settings::epoch) beside it. It is replaced to be rid of them: those
    /// that are idle are closed at once, and the others when their request ends.
    client: Mutex<(u64, Client<Connector, Body>)>,
}

fn http1_client(connector: &Connector) -> Client<Connector, Body> {
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .build(connector.clone())
}

impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
        let connections = self.connections.clone();
        Box::pin(async move {
            let uri = request.uri().clone();
            if let (Some(tls), Some(RequestIdentity(identity))) =
                (connections.connector.tls(), request.extensions().get::<RequestIdentity>())
            {
                tls.present(identity.as_ref())?;
            }
            let (response, permit) =
                connections.send(request).await.map_err(|error| connections.explain(&uri, error))?;
            Ok(response.map(|body| Body::wrap(Received { body, _permit: permit })))
        })
    }
}

impl Connections {
    async fn send(&self, mut request: Request<Body>) -> Result<(Response<Incoming>, Option<Permit>), BoxError> {
        let limit = request.extensions().get::<Timeouts>().and_then(|timeouts| timeouts.connect);
        if self.http2.load(Ordering::Relaxed) {
            match self.pool.send(request, limit).await {
                Ok((response, permit)) => return Ok((response, Some(permit))),
                Err(Failure::NotHttp2(unsent)) => request = *unsent,
                Err(Failure::Connect(error)) => return Err(error.into()),
                Err(Failure::Unprocessed(error)) => {
                    let message =
                        "the server closed the connection before it began with the request, several times over";
                    return Err(TransportError::because(Kind::Unprocessed, message, error).into());
                }
                Err(Failure::Broken(error)) => return Err(error.into()),
            }
            self.http2.store(false, Ordering::Relaxed);
        }
        Ok((self.http1.send(request, limit).await?, None))
    }

    /// What the connector said, if it was the connector; else the connection broke.
    fn explain(&self, uri: &Uri, error: BoxError) -> TransportError {
        let cause: &(dyn Error + 'static) = &*error;
        if let Some(found) = TransportError::find(cause) {
            return found.clone();
        }
        let server = uri.authority().map_or("the server", http::uri::Authority::as_str);
        let tls = self.connector.tls().and_then(|tls| after_handshake(cause, &tls.current()));
        match tls {
            Some(advice) => TransportError::because(Kind::Tls, format!("cannot connect to {server}: {advice}"), error),
            None => {
                let message = format!("the connection to {server} broke before it responded");
                TransportError::because(Kind::Broken, message, error)
            }
        }
    }
}

impl Http1Pool {
    async fn send(&self, mut request: Request<Body>, limit: Option<Duration>) -> Result<Response<Incoming>, BoxError> {
        let client = self.client();
        let Some(limit) = limit else { return Ok(client.request(request).await?) };
        let mut captured = capture_connection(&mut request);
        let connected = tokio::time::timeout(limit, async { drop(captured.wait_for_connection_metadata().await) });
        match select(client.request(request), pin!(connected)).await {
            Either::Left((response, _)) => Ok(response?),
            Either::Right((Ok(_), answering)) => Ok(answering.await?),
            Either::Right((Err(_), _)) => Err(TransportError::no_connection_within(limit).into()),
        }
    }

    fn client(&self) -> Client<Connector, Body> {
        let current = self.connector.tls().map_or(0, |tls| tls.current().epoch);
        // What is in there is whole at all times.
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if client.0 != current {
            *client = (current, http1_client(&self.connector));
        }
        client.1.clone()
    }
}

/// A response's body, which holds its permit on the connection.
struct Received {
    body: Incoming,
    _permit: Option<Permit>,
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
