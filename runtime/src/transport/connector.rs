//! Opening a connection: TCP, perhaps through a proxy, perhaps TLS; within one time limit; with errors that name the
//! place.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::uri::Scheme;
use http::{HeaderValue, Uri};
use hyper_rustls::{FixedServerNameResolver, HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tower::Service;

use super::error::{Kind, TransportError, chain};
use super::{Alpn, BoxError, tls};
use crate::config::{Config, ConfigError, Kind as ConfigKind, Proxy};

/// How often an idle TCP connection is probed.
const TCP_KEEPALIVE: Duration = Duration::from_secs(30);

/// Opens connections to the server of one configuration.
#[derive(Clone)]
pub(super) struct Connector {
    inner: HttpsConnector<Dial>,
    timeout: Option<Duration>,
    trust: Arc<str>,
}

type Plain = TokioIo<TcpStream>;
type ToProxy = MaybeHttpsStream<Plain>;
/// An open connection.
pub(super) type Stream = MaybeHttpsStream<ToProxy>;
type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

impl Connector {
    pub(super) fn new(config: &Config, alpn: Alpn) -> Result<Self, ConfigError> {
        let proxy = config.proxy.as_ref().map(Proxy::url);
        let uses_tls =
            [Some(&config.server), proxy].into_iter().flatten().any(|url| url.scheme() == Some(&Scheme::HTTPS));
        let tls = if uses_tls { tls::client_config(config)? } else { unused_tls(config)? };
        let builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http();
        let name = config.tls_server_name.as_ref().map(|name| {
            ServerName::try_from(name.clone()).map_err(|error| {
                let message = format!("tls-server-name {name:?} is not a host name");
                ConfigError::new(ConfigKind::Invalid, message).because(error)
            })
        });
        let builder = match name.transpose()? {
            Some(name) => builder.with_server_name_resolver(FixedServerNameResolver::new(name)),
            None => builder,
        };
        let dial = Dial::new(config, tls)?;
        let inner = match alpn {
            Alpn::Auto => builder.enable_all_versions().wrap_connector(dial),
            Alpn::Http1 => builder.enable_http1().wrap_connector(dial),
        };
        let trust = config.ca.as_ref().map_or("the operating system's", |ca| ca.origin());
        Ok(Self { inner, timeout: config.connect_timeout, trust: trust.into() })
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = TransportError;
    type Future = BoxFuture<Self::Response, TransportError>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TransportError>> {
        self.inner.poll_ready(cx).map_err(|error| TransportError::because(Kind::Connect, "cannot connect", error))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let connecting = self.inner.call(target.clone());
        let (limit, trust) = (self.timeout, self.trust.clone());
        Box::pin(async move {
            let result = match limit {
                Some(limit) => tokio::time::timeout(limit, connecting).await.map_err(|_| {
                    let message = format!("could not connect to {target} within {limit:?} (connect_timeout)");
                    TransportError::new(Kind::ConnectTimeout, message)
                })?,
                None => connecting.await,
            };
            result.map_err(|error| explain(&target, &trust, error))
        })
    }
}

/// TCP, directly or through a proxy's tunnel.
#[derive(Clone)]
enum Dial {
    Direct(HttpConnector),
    Tunnel(Box<Tunnel<HttpsConnector<HttpConnector>>>),
}

impl Dial {
    fn new(config: &Config, tls: ClientConfig) -> Result<Self, ConfigError> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(TCP_KEEPALIVE));
        // Split among the addresses of a name, so that one dead address doesn't use up all of it.
        tcp.set_connect_timeout(config.connect_timeout);
        let Some(proxy) = &config.proxy else { return Ok(Self::Direct(tcp)) };
        if proxy.url().scheme_str().is_some_and(|scheme| scheme.starts_with("socks")) {
            return Err(ConfigError::new(ConfigKind::Unsupported, "SOCKS proxies are not supported yet"));
        }
        let to_proxy =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        let tunnel = Tunnel::new(proxy.url().clone(), to_proxy);
        let tunnel = match proxy_authorization(proxy)? {
            Some(header) => tunnel.with_auth(header),
            None => tunnel,
        };
        Ok(Self::Tunnel(Box::new(tunnel)))
    }
}

impl Service<Uri> for Dial {
    type Response = ToProxy;
    type Error = BoxError;
    type Future = BoxFuture<ToProxy, BoxError>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::Direct(tcp) => tcp.poll_ready(cx).map_err(Into::into),
            Self::Tunnel(tunnel) => tunnel.poll_ready(cx).map_err(Into::into),
        }
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        match self {
            Self::Direct(tcp) => {
                let connecting = tcp.call(target);
                Box::pin(async move { Ok(MaybeHttpsStream::Http(connecting.await?)) })
            }
            Self::Tunnel(tunnel) => {
                let connecting = tunnel.call(with_port(target));
                Box::pin(async move { connecting.await.map_err(Into::into) })
            }
        }
    }
}

/// Puts into words what a failed connection means, and what to look at.
fn explain(target: &Uri, trust: &str, error: BoxError) -> TransportError {
    let tls = chain(&*error).find_map(|error| error.downcast_ref::<rustls::Error>());
    let Some(tls) = tls else {
        return TransportError::because(Kind::Connect, format!("cannot connect to {target}"), error);
    };
    let advice = match tls {
        // A bad signature is what a cluster that was made anew shows: the authority has the old one's name, and another
        // key.
        rustls::Error::InvalidCertificate(
            rustls::CertificateError::UnknownIssuer | rustls::CertificateError::BadSignature,
        ) => format!("its certificate was issued by none of the certificate authorities ({trust})"),
        rustls::Error::InvalidCertificate(
            rustls::CertificateError::NotValidForName | rustls::CertificateError::NotValidForNameContext { .. },
        ) => "its certificate is for another name; connect by a name in it, or set tls-server-name".to_owned(),
        rustls::Error::InvalidCertificate(_) => "its certificate cannot be accepted".to_owned(),
        rustls::Error::AlertReceived(_) => {
            "it refused the connection; does it want another client certificate?".to_owned()
        }
        rustls::Error::InvalidMessage(_) => "it does not answer in TLS; is it an http:// server?".to_owned(),
        _ => "TLS failed".to_owned(),
    };
    TransportError::because(Kind::Tls, format!("cannot connect to {target}: {advice}"), tls.clone())
}

/// Whether the server broke off TLS. In TLS 1.3 the client is done before the server has looked at its certificate, so
/// a refusal comes with the first request, and HTTP/2 passes it on as text only.
pub(super) fn refused_by_tls(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|error| error.is::<rustls::Error>() || error.to_string().starts_with("received fatal alert"))
}

/// For a server that is spoken to without TLS: settings that are never used.
fn unused_tls(config: &Config) -> Result<ClientConfig, ConfigError> {
    let mut config = config.clone();
    config.ca = None;
    config.client_identity = None;
    config.insecure_skip_tls_verify = true;
    tls::client_config(&config)
}

fn proxy_authorization(proxy: &Proxy) -> Result<Option<HeaderValue>, ConfigError> {
    let Some((name, password)) = proxy.login() else { return Ok(None) };
    let encoded = STANDARD.encode(format!("{name}:{}", password.expose()));
    HeaderValue::try_from(format!("Basic {encoded}"))
        .map(Some)
        .map_err(|error| ConfigError::new(ConfigKind::Invalid, "the proxy's login cannot be a header").because(error))
}

/// A tunnel to a URL without a port would go to 443, even for `http`.
fn with_port(target: Uri) -> Uri {
    if target.port().is_some() || target.scheme() != Some(&Scheme::HTTP) {
        return target;
    }
    let mut parts = target.clone().into_parts();
    let authority = parts.authority.as_ref().and_then(|authority| format!("{authority}:80").parse().ok());
    parts.authority = authority.or(parts.authority);
    Uri::from_parts(parts).unwrap_or(target)
}
