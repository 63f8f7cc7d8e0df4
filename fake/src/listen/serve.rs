//! Connections, and the requests on them.

use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::authenticate::Authenticated;
use crate::server::Server;

/// The longest time that a client may take for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The pause after a connection could not be accepted, such as for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// How often controllers do what is due by the system's clock.
const TICK: Duration = Duration::from_secs(1);

/// The most bytes of a request's head, as of Go's servers: a user with many groups needs some.
const MAX_HEAD: u32 = 1 << 20;

/// The most headers of a request over HTTP/1.1.
const MAX_HEADERS: usize = 1_000;

/// Serves HTTP/1.1 and HTTP/2 over TLS until it is dropped; the connections are closed then, those with other protocols by `alive`.
pub(super) async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    service: Authenticated,
    server: Arc<Server>,
    alive: watch::Sender<()>,
) {
    let _alive = alive;
    let mut ticks = tokio::time::interval(TICK);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, acceptor.clone(), service.clone()));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
            _ = ticks.tick(), if server.controllers.is_on() => {
                // Beside the connections, since webhooks that they ask may use this server. If they do not settle, requests are
                // answered with that.
                let server = server.clone();
                connections.spawn(async move { drop(server.settle().await) });
            }
        }
    }
}

/// Serves a connection. What it fails with is the client's affair: that sees it too.
async fn connection(stream: TcpStream, acceptor: TlsAcceptor, service: Authenticated) {
    // Events are written at once, and clients wait for them.
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await else { return };
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let service = match certificate {
        Some(certificate) => service.of_client(certificate),
        None => service,
    };
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).max_headers(MAX_HEADERS).max_buf_size(MAX_HEAD as usize);
    builder.http2().timer(TokioTimer::new()).max_header_list_size(MAX_HEAD);
    let _ = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
}
