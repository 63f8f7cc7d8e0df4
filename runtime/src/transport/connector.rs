//! Opening a connection: TCP, perhaps through a proxy, perhaps TLS; within one time limit; with errors that name the
//! place.

use std::future::{Future, ready};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_util::either::Either;
use tower::Service;

use super::error::{Kind, TransportError};
use super::proxy::Route;
use super::tls::{self, Settings, Tls};
use super::{Alpn, BoxError, BoxIo};
use crate::config::{Config, ConfigError, Proxy};
use crate::metrics::{MetricsHook, OpenConnection};

/// A TCP connection that is idle for this long is probed …
const TCP_KEEPALIVE: Duration = Duration::from_secs(10);
/// … so often, at this interval; then it is dead. HTTP/2 has pings of its own; this is for HTTP/1.1, where a peer that is
/// gone is so found within 25 seconds. The operating system's own times add up to hours.
const TCP_PROBES: u32 = 3;
const TCP_PROBE_INTERVAL: Duration = Duration::from_secs(5);

/// How long a connection to a server without HTTP/2 waits for the request that it was made for.
const SPARE: Duration = Duration::from_secs(5);

/// What ALPN calls them.
const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";

/// Opens connections to the server of one configuration.
#[derive(Clone)]
pub(super) struct Connector {
    dialer: Arc<Dialer>,
    /// Whether HTTP/2 is not offered, though the configuration would have it.
    http1_only: bool,
}

struct Dialer {
    tcp: HttpConnector,
    proxy: Option<Route>,
    /// Of a server whose URL is `https`.
    tls: Option<(Arc<Tls>, ServerName<'static>)>,
    timeout: Option<Duration>,
    metrics: Option<MetricsHook>,
    /// A connection that was made for HTTP/2, and whose server turned out to speak HTTP/1.1.
    spare: Mutex<Option<(Instant, Stream)>>,
}

type ToServer = Either<TcpStream, BoxIo>;

/// An open connection.
pub(super) struct Stream {
    io: TokioIo<Either<ToServer, Box<TlsStream<ToServer>>>>,
    http2: bool,
    /// The settings that it was made with.
    epoch: u64,
    _open: Option<OpenConnection>,
}

impl Connector {
    /// To the server of `config`, through `proxy`.
    pub(super) fn new(config: &Config, proxy: Option<Proxy>, alpn: Alpn) -> Result<Self, ConfigError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(TCP_KEEPALIVE));
        tcp.set_keepalive_interval(Some(TCP_PROBE_INTERVAL));
        tcp.set_keepalive_retries(Some(TCP_PROBES));
        // The same where something was sent and nobody says that it came: probes are not sent then.
        #[cfg(any(target_os = "android", target_os = "linux"))]
        tcp.set_tcp_user_timeout(Some(TCP_KEEPALIVE + TCP_PROBES * TCP_PROBE_INTERVAL));
        // Split among the addresses of a name, so that one dead address doesn't use up all of it.
        tcp.set_connect_timeout(config.connect_timeout);
        let protocols: &[&[u8]] = match alpn {
            Alpn::Auto => &[HTTP_2, HTTP_1],
            Alpn::Http1 => &[HTTP_1],
        };
        let tls = match config.server.scheme_str() {
            Some("https") => Some((Arc::new(Tls::new(config, protocols)?), tls::server_name(config)?)),
            _ => None,
        };
        let proxy = proxy.map(|proxy| Route::new(proxy, config)).transpose()?;
        let (timeout, metrics) = (config.connect_timeout, config.metrics.clone());
        let dialer = Dialer { tcp, proxy, tls, timeout, metrics, spare: Mutex::new(None) };
        Ok(Self { dialer: Arc::new(dialer), http1_only: false })
    }

    /// Keeps a connection that does not speak HTTP/2 for the request that it was made for: the next one that is asked for to
    /// speak HTTP/1.1 is this one.
    pub(super) fn keep_for_http1(&self, stream: Stream) {
        *self.dialer.spare() = Some((Instant::now(), stream));
    }

    /// The same, with the same TLS settings, for connections that speak HTTP/1.1.
    pub(super) fn http1_only(&self) -> Self {
        Self { http1_only: true, ..self.clone() }
    }

    /// The TLS settings of the connections, if they have any.
    pub(super) fn tls(&self) -> Option<&Tls> {
        self.dialer.tls.as_ref().map(|(tls, _)| &**tls)
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = TransportError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, TransportError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, server: Uri) -> Self::Future {
        let (dialer, http1_only) = (self.dialer.clone(), self.http1_only);
        if http1_only && let Some(spare) = dialer.take_spare() {
            return Box::pin(ready(Ok(spare)));
        }
        Box::pin(async move {
            let connecting = dialer.connect(&server, http1_only);
            let result = match dialer.timeout {
                Some(limit) => match tokio::time::timeout(limit, connecting).await {
                    Ok(result) => result,
                    Err(_) => {
                        let message = match &dialer.proxy {
                            None => format!("could not connect to {server} within {limit:?} (connect_timeout)"),
                            Some(proxy) => format!(
                                "could not connect to {server} through the proxy {proxy} within {limit:?} (connect_timeout)"
                            ),
                        };
                        Err(TransportError::new(Kind::ConnectTimeout, message))
                    }
                },
                None => connecting.await,
            };
            if let (Err(error), Some(metrics)) = (&result, &dialer.metrics) {
                metrics.connection_failed(error);
            }
            result
        })
    }
}

impl Dialer {
    fn spare(&self) -> MutexGuard<'_, Option<(Instant, Stream)>> {
        // What is in there is whole at all times.
        self.spare.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that waits for its request, unless the server may have closed it, or its TLS settings are old.
    fn take_spare(&self) -> Option<Stream> {
        let (since, stream) = self.spare().take()?;
        let epoch = self.tls.as_ref().map_or(0, |(tls, _)| tls.current().epoch);
        (since.elapsed() < SPARE && stream.epoch == epoch).then_some(stream)
    }

    async fn connect(&self, server: &Uri, http1_only: bool) -> Result<Stream, TransportError> {
        let tcp = self.tcp.clone();
        let stream: ToServer = match &self.proxy {
            None => Either::Left(dial(tcp, server.clone()).await.map_err(|error| {
                TransportError::because(Kind::Connect, format!("cannot connect to {server}"), error)
            })?),
            Some(route) => {
                let tcp = dial(tcp, route.address().clone()).await.map_err(|error| route.unreachable(server, error))?;
                Either::Right(route.tunnel(tcp, server).await?)
            }
        };
        let open = |metrics: &MetricsHook| metrics.open();
        let Some((tls, name)) = &self.tls else {
            let _open = self.metrics.as_ref().map(open);
            return Ok(Stream { io: TokioIo::new(Either::Left(stream)), http2: false, epoch: 0, _open });
        };
        let settings = tls.fresh();
        let mut client = settings.client.clone();
        if http1_only {
            Arc::make_mut(&mut client).alpn_protocols = vec![HTTP_1.to_vec()];
        }
        let connecting = TlsConnector::from(client).connect(name.clone(), stream);
        let stream = connecting.await.map_err(|error| handshake_failed(server, &settings, error))?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP_2);
        let _open = self.metrics.as_ref().map(open);
        Ok(Stream { io: TokioIo::new(Either::Right(Box::new(stream))), http2, epoch: settings.epoch, _open })
    }
}

async fn dial(mut tcp: HttpConnector, address: Uri) -> Result<TcpStream, BoxError> {
    std::future::poll_fn(|cx| tcp.poll_ready(cx)).await?;
    Ok(tcp.call(address).await?.into_inner())
}

fn handshake_failed(server: &Uri, settings: &Settings, error: io::Error) -> TransportError {
    let advice = tls::in_handshake(&error, settings);
    match advice {
        Some(advice) => TransportError::because(Kind::Tls, format!("cannot connect to {server}: {advice}"), error),
        None => TransportError::because(Kind::Connect, format!("cannot connect to {server}"), error),
    }
}

impl Stream {
    /// Whether the server agreed to speak HTTP/2.
    pub(super) fn is_http2(&self) -> bool {
        self.http2
    }

    /// The [epoch](Settings::epoch) of its TLS settings.
    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        let connected = Connected::new();
        if self.http2 { connected.negotiated_h2() } else { connected }
    }
}

impl Read for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: ReadBufCursor<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, buf)
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bufs)
    }
}

#[cfg(test)]
mod tests {
    use socket2::SockRef;

    use super::*;

    /// A peer that vanishes can't be had without taking down a network; how the system is set up for one can be read.
    #[tokio::test]
    async fn the_system_is_set_up_to_find_a_vanished_peer_within_25_seconds() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let config = Config::new(format!("http://{address}").parse().expect("a URL"));
        for alpn in [Alpn::Auto, Alpn::Http1] {
            let connector = Connector::new(&config, None, alpn).expect("a good configuration");
            // Also what goes through a proxy is dialled so.
            let tcp = dial(connector.dialer.tcp.clone(), config.server.clone()).await.expect("a connection");
            let socket = SockRef::from(&tcp);
            assert!(socket.keepalive().expect("an option"), "an idle connection is probed");
            assert!(socket.tcp_nodelay().expect("an option"));
            #[cfg(any(target_os = "android", target_os = "linux", target_vendor = "apple"))]
            {
                let idle = socket.tcp_keepalive_time().expect("an option");
                let interval = socket.tcp_keepalive_interval().expect("an option");
                let probes = socket.tcp_keepalive_retries().expect("an option");
                assert_eq!(idle + interval * probes, Duration::from_secs(25));
            }
            // The same where something was sent and not acknowledged.
            #[cfg(any(target_os = "android", target_os = "linux"))]
            assert_eq!(socket.tcp_user_timeout().expect("an option"), Some(Duration::from_secs(25)));
        }
    }
}
