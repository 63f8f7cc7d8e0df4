//! The connection that is left when a response has switched to another protocol.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use http::Response;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{Body, BoxError};

/// What bytes go through in both directions.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for T {}

pub(crate) type BoxIo = Box<dyn Io>;

/// The connection of a response `101 Switching Protocols`, for a service that has no real one: a test that stands in for
/// the API server puts it into the response's [extensions](Response::extensions_mut). Connections of hyper are found
/// without it.
///
/// ```
/// use http::{Response, StatusCode};
/// use kubewright_runtime::transport::{Body, Upgrade};
///
/// let (server, client) = tokio::io::duplex(64 << 10);
/// let mut response = Response::new(Body::empty());
/// *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
/// response.extensions_mut().insert(Upgrade::new(client));
/// // … and the test speaks the new protocol at `server`.
/// # let _ = server;
/// ```
#[derive(Clone)]
pub struct Upgrade {
    io: Arc<Mutex<Option<BoxIo>>>,
}

impl Upgrade {
    /// A connection. The first one who asks for it has it.
    pub fn new(io: impl Io + 'static) -> Self {
        Self { io: Arc::new(Mutex::new(Some(Box::new(io)))) }
    }

    fn take(&self) -> Option<BoxIo> {
        self.io.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upgrade").finish_non_exhaustive()
    }
}

/// The connection of a response that switched protocols.
pub(crate) async fn upgraded(response: Response<Body>) -> Result<BoxIo, BoxError> {
    if let Some(io) = response.extensions().get::<Upgrade>().and_then(Upgrade::take) {
        return Ok(io);
    }
    let upgraded = hyper::upgrade::on(response).await?;
    Ok(Box::new(TokioIo::new(upgraded)))
}
