//! Connections, and the requests on them.

use std::time::Duration;

use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::authenticate::Authenticated;

/// The longest time that a client may take for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// The pause after a connection could not be accepted, such as for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves HTTP/1.1 and HTTP/2 over TLS until it is dropped; the connections are closed then, those with other protocols by `alive`.
pub(super) async fn serve(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    service: Authenticated,
    alive: watch::Sender<()>,
) {
    let _alive = alive;
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
    builder.http1().timer(TokioTimer::new());
    builder.http2().timer(TokioTimer::new());
    let _ = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await;
}
