//! What the sources of credentials need of the transport, which stands on them: it passes itself in.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};

use crate::config::{ClientIdentity, Config, ConfigError};

type BoxError = Box<dyn Error + Send + Sync>;
type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Sends a request with an absolute URI to one server, and reads the whole response.
pub(crate) type Http = Arc<dyn Fn(Request<Bytes>) -> BoxFuture<Result<Response<Bytes>, BoxError>> + Send + Sync>;

/// The transport.
pub(crate) trait Means: Send + Sync {
    /// Requests to the server of this configuration, without credentials. A response's body is read up to this many bytes.
    fn http(&self, config: &Config, limit: usize) -> Result<Http, ConfigError>;

    /// Whether a certificate and its key can be used.
    fn check(&self, identity: &ClientIdentity) -> Result<(), ConfigError>;
}
