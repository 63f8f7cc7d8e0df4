//! The innermost service: HTTP over connections that are kept and shared.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tower::Service;

use super::connector::{Connector, refused_by_tls};
use super::error::{Kind, TransportError};
use super::http2_pool::{Failure, Http2Pool, Place};
use super::{Body, BoxError};
use crate::config::{Config, ConfigError, Kind as ConfigKind};

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
/// # Errors
/// The TLS settings can't be used, or the server's URL is neither `http` nor `https`.
pub fn connect(config: &Config, alpn: Alpn) -> Result<Connect, ConfigError> {
    let server = &config.server;
    if !matches!(server.scheme_str(), Some("http" | "https")) || server.host().is_none_or(str::is_empty) {
        let message = format!("the server's URL {server} should look like https://host:port");
        return Err(ConfigError::new(ConfigKind::Invalid, message));
    }
    let connector = Connector::new(config, alpn)?;
    let http2 = alpn == Alpn::Auto && server.scheme_str() == Some("https");
    let http1 = Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .build(connector.clone());
    let pool = Http2Pool::new(connector, server.clone());
    Ok(Connect { shared: Arc::new(Shared { http2: AtomicBool::new(http2), pool, http1 }) })
}

/// The service that [`connect`] makes. Clones share their connections.
#[derive(Clone)]
pub struct Connect {
    shared: Arc<Shared>,
}

struct Shared {
    /// Until the server turns out not to.
    http2: AtomicBool,
    pool: Http2Pool,
    http1: Client<Connector, Body>,
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
        let shared = self.shared.clone();
        Box::pin(async move {
            let uri = request.uri().clone();
            let (response, place) = shared.send(request).await.map_err(|error| explain(&uri, error))?;
            Ok(response.map(|body| Body::wrap(Received { body, _place: place })))
        })
    }
}

impl Shared {
    async fn send(&self, mut request: Request<Body>) -> Result<(Response<Incoming>, Option<Place>), BoxError> {
        if self.http2.load(Ordering::Relaxed) {
            match self.pool.send(request).await {
                Ok((response, place)) => return Ok((response, Some(place))),
                Err(Failure::NotHttp2(unsent)) => request = *unsent,
                Err(Failure::Connect(error)) => return Err(error.into()),
                Err(Failure::Broken(error)) => return Err(error.into()),
            }
            self.http2.store(false, Ordering::Relaxed);
        }
        Ok((self.http1.request(request).await?, None))
    }
}

/// What the connector said, if it was the connector; else the connection broke.
fn explain(uri: &Uri, error: BoxError) -> TransportError {
    let cause: &(dyn Error + 'static) = &*error;
    if let Some(told) = TransportError::find(cause) {
        return told.clone();
    }
    let server = uri.authority().map_or("the server", http::uri::Authority::as_str);
    if refused_by_tls(cause) {
        let message = format!("{server} broke off the TLS connection; does it want another client certificate?");
        return TransportError::because(Kind::Tls, message, error);
    }
    TransportError::because(Kind::Broken, format!("the connection to {server} broke before it answered"), error)
}

/// A response's body, which holds its place on the connection.
struct Received {
    body: Incoming,
    _place: Option<Place>,
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
