//! From a request to a response: connections, and the layers around them.
//!
//! [`from_config`] returns the whole stack as one [`tower::Service`]. From the outside in:
//!
//! 1. [limit of the whole request](layers::RequestTimeoutLayer), which the retries share
//! 2. [retries](layers::RetryLayer)
//! 3. [rate limit](layers::RateLimitLayer): within the retries, since each attempt is one more request for the server
//! 4. [authentication](layers::AuthLayer): each attempt carries the credentials of its time
//! 5. [base URL, default headers, impersonation](layers::BaseLayer)
//! 6. [decompression](layers::DecompressLayer)
//! 7. [tracing](layers::TraceLayer) and [metrics](layers::MetricsLayer): of what is really sent
//! 8. [read timeout](layers::ReadTimeoutLayer)
//! 9. [connections](connect()): TLS, proxies, HTTP/2 and HTTP/1.1
//!
//! Any other service can stand in the place of the connections, with [`stack`], or of all of it. A layer around everything,
//! which sees requests before retries and credentials, is [`ClientBuilder::layer`](crate::client::ClientBuilder::layer); one
//! that sees what is really sent is put around [`connect()`], and passed to [`stack`]. For a layer in between, a program puts
//! the stack together itself, with everything that its configuration is to have an effect on, and passes it to the client.
//! That service gets the requests that switch protocols too (exec, attach, port-forward), which HTTP/2 can't: they go by
//! [`Alpn::Http1`].
//!
//! The types in their signatures are of the crates [`http`] 1, [`http_body`] 1 and [`tower`] 0.5, which are re-exported here.
//!
//! ```
//! use kubewright_runtime::client::ClientBuilder;
//! use kubewright_runtime::config::ConfigError;
//! use kubewright_runtime::transport::layers::{
//!     AuthLayer, BaseLayer, DecompressLayer, MetricsLayer, RateLimitLayer, ReadTimeoutLayer, RequestTimeoutLayer, RetryLayer,
//!     TraceLayer,
//! };
//! use kubewright_runtime::transport::tower::ServiceBuilder;
//! use kubewright_runtime::transport::tower::util::BoxCloneSyncService;
//! use kubewright_runtime::transport::{Alpn, Body, BoxError, HttpService, connect, http};
//! use kubewright_runtime::{Client, Config};
//!
//! /// Sees each attempt with its credentials, and without the server's address.
//! fn audited(config: &Config, alpn: Alpn) -> Result<HttpService, ConfigError> {
//!     let service = ServiceBuilder::new()
//!         .layer(RequestTimeoutLayer::new(config.request_timeout))
//!         .layer(RetryLayer::new(&config.retry, config.retry_budget).metrics(config.metrics.clone()))
//!         .layer(RateLimitLayer::new(config.rate_limit).metrics(config.metrics.clone()))
//!         .layer(AuthLayer::new(config)?)
//!         .map_request(|request: http::Request<Body>| {
//!             println!("{} {}", request.method(), request.uri().path());
//!             request
//!         })
//!         .layer(BaseLayer::new(config)?)
//!         .layer(DecompressLayer::new(config.compression && alpn == Alpn::Auto))
//!         .layer(TraceLayer)
//!         .layer(MetricsLayer::new(config.metrics.clone()))
//!         .layer(ReadTimeoutLayer::new(config.read_timeout))
//!         .service(connect(config, alpn)?);
//!     Ok(BoxCloneSyncService::new(service))
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let config = Config::new("http://localhost:8001".parse()?);
//! let client: Client = ClientBuilder::from_service(audited(&config, Alpn::Auto)?)
//!     .upgrades(audited(&config, Alpn::Http1)?)
//!     .default_namespace(&config.namespace)
//!     .build();
//! # drop(client);
//! # Ok::<(), BoxError>(())
//! # })?;
//! # Ok::<(), BoxError>(())
//! ```

mod body;
mod connect;
mod connector;
mod error;
mod http2_pool;
pub mod layers;
mod means;
mod proxy;
#[cfg(test)]
mod tests;
pub mod tls;
mod upgrade;

/// The crates whose types signatures here have: a program with a layer or a service of its own may use them from here, so that
/// they are of the right versions whatever else it depends on.
pub use {http, http_body, tower};

use http::{Request, Response};
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service};

pub use self::body::Body;
pub use self::connect::{Alpn, Connect, connect};
pub use self::error::TransportError;
pub use self::proxy::ProxyEnvironment;
pub use self::tls::RequestIdentity;
pub(crate) use self::upgrade::{BoxIo, upgraded};
pub use self::upgrade::{Io, Upgrade};

use self::layers::{
    AuthLayer, BaseLayer, DecompressLayer, MetricsLayer, RateLimitLayer, ReadTimeoutLayer, RequestTimeoutLayer,
    RetryLayer, TraceLayer,
};
use crate::config::{Config, ConfigError};
use crate::retry::RetryPolicy;

/// Any error.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A service for HTTP requests, of whatever it is made. Clones share their connections.
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

/// The layers for `config` around `inner`, which takes the place of the connections, or is [`connect()`] with layers around
/// it: it sees requests as they go to the server, each attempt with its credentials.
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
    let service = MetricsLayer::new(config.metrics.clone()).layer(service);
    let service = TraceLayer.layer(service);
    let service = DecompressLayer::new(config.compression).layer(service);
    let service = base.layer(service);
    // Each attempt is authenticated anew, by the credentials of its time.
    let service = auth.layer(service);
    let service = RateLimitLayer::new(config.rate_limit).metrics(config.metrics.clone()).layer(service);
    let retries = RetryLayer::new(&config.retry, config.retry_budget).metrics(config.metrics.clone());
    let service = RequestTimeoutLayer::new(config.request_timeout).layer(retries.layer(service));
    Ok(BoxCloneSyncService::new(service))
}
