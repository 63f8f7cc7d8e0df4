//! From a request to a response: connections, and the layers around them.
//!
//! [`from_config`] gives the whole stack as one [`tower::Service`]. From the outside in:
//! [retries](layers::RetryLayer) → [authentication](layers::AuthLayer) →
//! [base URL, default headers, impersonation](layers::BaseLayer) → [decompression](layers::DecompressLayer) → [tracing](layers::TraceLayer) → [read
//! timeout](layers::ReadTimeoutLayer) → [connections](connect). Any other service can stand in the place of the
//! connections, with [`stack`], or of all of it.

mod body;
mod connect;
mod connector;
mod error;
mod http2_pool;
pub mod layers;
mod means;
#[cfg(test)]
mod tests;
pub mod tls;
mod upgrade;

use http::{Request, Response};
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service};

pub use self::body::Body;
pub use self::connect::{Alpn, Connect, connect};
pub use self::error::TransportError;
pub(crate) use self::upgrade::{BoxIo, upgraded};
pub use self::upgrade::{Io, Upgrade};

use self::layers::{AuthLayer, BaseLayer, DecompressLayer, ReadTimeoutLayer, RetryLayer, TraceLayer};
use crate::config::{Config, ConfigError};
use crate::retry::RetryPolicy;

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A service that answers HTTP requests, of whatever it is made. Clones share their connections.
pub type HttpService = BoxCloneSyncService<Request<Body>, Response<Body>, BoxError>;

/// The whole stack for `config`, over HTTP/2 where the server can. A request's URI is its path and query. Nothing is
/// connected before the first request.
///
/// # Errors
/// A certificate or key can't be used, the server's URL is not one, or a value can't be a header.
pub fn from_config(config: &Config) -> Result<HttpService, ConfigError> {
    stack(config, connect(config, Alpn::Auto)?)
}

/// The stack for requests that are upgraded to another protocol (exec, attach, port-forward): over HTTP/1.1, each sent
/// once, and never decompressed.
///
/// # Errors
/// As [`from_config`].
pub fn upgrades_from_config(config: &Config) -> Result<HttpService, ConfigError> {
    let once = Config { retry: RetryPolicy::never(), compression: false, ..config.clone() };
    stack(&once, connect(config, Alpn::Http1)?)
}

/// The layers for `config` around `inner`, which takes the place of the connections: it sees requests as they would go
/// to the server.
///
/// # Errors
/// A value can't be a header, or the server's URL is not absolute.
pub fn stack<S>(config: &Config, inner: S) -> Result<HttpService, ConfigError>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = BoxError> + Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
{
    let auth = AuthLayer::new(config)?;
    let base = BaseLayer::new(config)?;
    // The connections first, then outwards.
    let service = ReadTimeoutLayer::new(config.read_timeout).layer(inner);
    let service = TraceLayer.layer(service);
    let service = DecompressLayer::new(config.compression).layer(service);
    let service = base.layer(service);
    // Each attempt is authenticated anew, by the credentials of its time.
    let service = auth.layer(service);
    let service = RetryLayer::new(&config.retry, config.retry_budget).layer(service);
    Ok(BoxCloneSyncService::new(service))
}
