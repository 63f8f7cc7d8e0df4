//! Serving HTTP on a listener, until it should end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tower::{Service, ServiceExt as _};

/// The longest time that a client may take for a TLS handshake.
#[cfg(feature = "webhooks")]
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The longest time before the first request of a connection and between those over HTTP/1.1, the head included. Go's clients
/// close idle connections after 90 seconds; a server that does so first may cut a request off.
const HEAD: Duration = Duration::from_secs(120);

/// How often an HTTP/2 connection without traffic is checked.
const PING: Duration = Duration::from_secs(30);

/// The pause after a connection could not be accepted, such as for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// What connections begin with.
#[derive(Clone)]
pub(crate) enum Acceptor {
    /// HTTP.
    #[cfg(feature = "health")]
    Plain,
    /// HTTPS.
    #[cfg(feature = "webhooks")]
    Tls(tokio_rustls::TlsAcceptor),
}

/// A service of whole bodies that can't fail.
pub(crate) trait Serve:
    Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible, Future: Send + 'static>
    + Clone
    + Send
    + 'static
{
}

impl<S> Serve for S where
    S: Service<Request<Incoming>, Response = Response<Full<Bytes>>, Error = Infallible, Future: Send + 'static>
        + Clone
        + Send
        + 'static
{
}

/// Serves HTTP/1.1 and HTTP/2 until `shutdown` is ready. Then no connection is accepted any more, and requests that run
/// may end within `grace`, after which their connections are closed.
pub(crate) async fn serve<S: Serve>(
    listener: TcpListener,
    acceptor: Acceptor,
    service: S,
    shutdown: impl Future,
    grace: Duration,
) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            _ = &mut shutdown => break,
            // The task of a connection that has ended; a panic in one was reported by the panic hook.
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let (acceptor, service, watcher) = (acceptor.clone(), service.clone(), graceful.watcher());
                    connections.spawn(connection(stream, peer, acceptor, service, watcher));
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = connections.len(), ?grace, "connections were closed with requests that still ran");
    }
    connections.shutdown().await;
}

/// A response of plain text, which a browser does not take for anything else.
pub(crate) fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

async fn connection<S: Serve>(stream: TcpStream, peer: SocketAddr, acceptor: Acceptor, service: S, watcher: Watcher) {
    // Responses are written at once, and clients wait for them.
    let _ = stream.set_nodelay(true);
    match acceptor {
        #[cfg(feature = "health")]
        Acceptor::Plain => requests(stream, peer, service, watcher).await,
        #[cfg(feature = "webhooks")]
        Acceptor::Tls(acceptor) => match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => requests(stream, peer, service, watcher).await,
            Ok(Err(error)) => tracing::debug!(%peer, %error, "a TLS handshake failed"),
            Err(_) => tracing::debug!(%peer, "a TLS handshake timed out"),
        },
    }
}

async fn requests<S: Serve>(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    service: S,
    watcher: Watcher,
) {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(PING);
    let requested = Arc::new(AtomicBool::new(false));
    let service = service.map_request({
        let requested = requested.clone();
        move |request: Request<Incoming>| {
            requested.store(true, Relaxed);
            request
        }
    });
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
    // Hyper's limits begin once it knows the version of HTTP, for which it waits without one.
    let is_silent = async {
        tokio::time::sleep(HEAD).await;
        if requested.load(Relaxed) {
            std::future::pending().await
        }
    };
    tokio::select! {
        ended = watcher.watch(connection) => if let Err(error) = ended {
            tracing::debug!(%peer, %error, "a connection ended with an error");
        },
        () = is_silent => tracing::debug!(%peer, "a connection without a request was closed"),
    }
}

#[cfg(test)]
mod tests {
    use std::future::ready;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::task::JoinHandle;

    use super::*;

    fn start() -> (DuplexStream, JoinHandle<()>) {
        let (client, server) = duplex(1 << 16);
        let served = tokio::spawn(async move {
            let service =
                tower::service_fn(|_: Request<Incoming>| ready(Ok::<_, Infallible>(text(StatusCode::OK, "ok"))));
            let (peer, graceful) = (SocketAddr::from(([127, 0, 0, 1], 1)), GracefulShutdown::new());
            requests(server, peer, service, graceful.watcher()).await;
        });
        (client, served)
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_a_whole_request_is_closed_after_a_while() {
        for sent in ["", "PRI * HTT", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "GET /livez HTTP/1.1\r\n"] {
            let (mut client, served) = start();
            client.write_all(sent.as_bytes()).await.expect("a connection");
            tokio::time::timeout(HEAD * 2, served).await.unwrap_or_else(|_| panic!("{sent:?}")).expect("no panic");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_is_kept_between_its_requests() {
        let (mut client, served) = start();
        for _ in 0..4 {
            client.write_all(b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("a connection");
            let mut response = Vec::new();
            while !response.ends_with(b"\r\n\r\nok") {
                assert_ne!(client.read_buf(&mut response).await.expect("a response"), 0);
            }
            tokio::time::sleep(HEAD / 2).await;
        }
        assert!(!served.is_finished());
    }
}
