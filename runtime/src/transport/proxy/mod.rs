//! Proxies between the client and the API server: a tunnel through one, and which one the environment names.
//!
//! Every connection goes through the tunnel of a proxy, those to an `http` server too: the proxy never sees a request. What
//! is spoken inside (TLS, HTTP/2, the streams of exec and port-forward) is between the client and the server.

mod environment;
mod http_connect;
mod no_proxy;
mod punycode;
mod socks;
#[cfg(test)]
mod tests;

pub use self::environment::ProxyEnvironment;

use std::fmt;
use std::sync::Arc;

use http::Uri;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::error::{Kind, TransportError, chain};
use super::{BoxError, BoxIo, tls};
use crate::config::{Config, ConfigError, Kind as ConfigKind, Proxy};

/// A proxy, ready to be used.
pub(super) struct Route {
    proxy: Proxy,
    /// Where it listens, with a port.
    address: Uri,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

impl Route {
    /// Through `proxy`, to the server of `config`.
    pub(super) fn new(proxy: Proxy, config: &Config) -> Result<Self, ConfigError> {
        let invalid = |why: &str| ConfigError::new(ConfigKind::Invalid, format!("the proxy {} {why}", proxy.url()));
        let url = proxy.url();
        let host = url.host().unwrap_or_default();
        let default_port = match url.scheme_str() {
            Some("https") => 443,
            Some("socks5" | "socks5h") => 1080,
            _ => 80,
        };
        let address = format!("http://{host}:{}", url.port_u16().unwrap_or(default_port));
        let address =
            address.parse().map_err(|error: http::uri::InvalidUri| invalid("has no valid host").because(error))?;
        let tls = match url.scheme_str() {
            Some("https") => {
                let mut settings = tls::proxy_config(config)?;
                settings.alpn_protocols = vec![b"http/1.1".to_vec()];
                let name = tls::host_name(host).map_err(|error| invalid("has no valid host").because(error))?;
                Some((Arc::new(settings), name))
            }
            _ => None,
        };
        Ok(Self { proxy, address, tls })
    }

    /// Where to open a TCP connection to.
    pub(super) fn address(&self) -> &Uri {
        &self.address
    }

    /// Makes of a TCP connection to the proxy one to the server.
    pub(super) async fn tunnel(&self, tcp: TcpStream, server: &Uri) -> Result<BoxIo, TransportError> {
        let target = Target::of(server);
        let to_proxy: BoxIo = match &self.tls {
            None => Box::new(tcp),
            Some((settings, name)) => {
                let connecting = TlsConnector::from(settings.clone()).connect(name.clone(), tcp);
                Box::new(connecting.await.map_err(|error| self.tls_failed(server, error.into()))?)
            }
        };
        let tunnel = match self.proxy.url().scheme_str() {
            Some("socks5" | "socks5h") => socks::open(to_proxy, &target, self.proxy.login()).await,
            _ => http_connect::open(to_proxy, &target, self.proxy.login()).await,
        };
        tunnel.map_err(|refusal| {
            let message = format!("cannot connect to {server}: the proxy {self} {}", refusal.why);
            match refusal.cause {
                Some(cause) => TransportError::because(refusal.kind, message, cause),
                None => TransportError::new(refusal.kind, message),
            }
        })
    }

    /// The proxy itself could not be reached.
    pub(super) fn unreachable(&self, server: &Uri, error: BoxError) -> TransportError {
        let message = format!("cannot connect to {server}: the proxy {self} cannot be reached");
        TransportError::because(Kind::Connect, message, error)
    }

    fn tls_failed(&self, server: &Uri, error: BoxError) -> TransportError {
        let tls = chain(&*error).any(|error| error.is::<rustls::Error>());
        let advice = if tls {
            "does not agree on TLS; its certificate must come from the certificate-authority of the cluster or from one of the \
             operating system's, and be for its name"
        } else {
            "closed the connection in the TLS handshake"
        };
        TransportError::because(Kind::Tls, format!("cannot connect to {server}: the proxy {self} {advice}"), error)
    }
}

/// Without the login.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.proxy.url();
        let authority = url.authority().map_or("", http::uri::Authority::as_str);
        write!(f, "{}://{authority}", url.scheme_str().unwrap_or("http"))
    }
}

/// Where a tunnel leads.
struct Target {
    /// Without brackets.
    host: String,
    port: u16,
}

impl Target {
    fn of(server: &Uri) -> Self {
        let host = server.host().unwrap_or_default();
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let default_port = if server.scheme_str() == Some("http") { 80 } else { 443 };
        Self { host: host.to_owned(), port: server.port_u16().unwrap_or(default_port) }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// Why a proxy opened no tunnel. `why` goes on after "the proxy URL".
struct Refusal {
    kind: Kind,
    why: String,
    cause: Option<BoxError>,
}

impl Refusal {
    /// It said no, and will again.
    fn refused(why: impl Into<String>) -> Self {
        Self { kind: Kind::Refused, why: why.into(), cause: None }
    }

    /// It may say yes next time.
    fn failed(why: impl Into<String>) -> Self {
        Self { kind: Kind::Connect, why: why.into(), cause: None }
    }

    fn because(self, cause: impl Into<BoxError>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }
}
