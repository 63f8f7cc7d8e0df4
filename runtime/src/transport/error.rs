//! A request without a response, and why.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::BoxError;
use crate::auth::AuthError;
use crate::config::ConfigError;
use crate::error::{Awaited, Error as ClientError};
use crate::retry::RetryClass;

/// The server could not be reached, or the connection broke. (An error response is not an error here.)
///
/// The transport's services fail with a [`BoxError`] that holds one of these; [`find`](Self::find) gets it out, however
/// deep. The cause is [`source`](Error::source). Cheap to clone.
#[derive(Clone)]
pub struct TransportError {
    inner: Arc<Inner>,
}

struct Inner {
    kind: Kind,
    message: String,
    source: Option<BoxError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No connection.
    Connect,
    /// No connection, since TLS could not be agreed on.
    Tls,
    /// No connection, since a proxy won't have it.
    Refused,
    /// No connection in time.
    ConnectTimeout,
    /// The server was silent for too long.
    ReadTimeout,
    /// The whole of the request took too long.
    RequestTimeout,
    /// The same, while the client's own rate limit held it back.
    RateLimitTimeout,
    /// The same, while it waited for its credentials.
    CredentialsTimeout,
    /// The server said that it did nothing about the request.
    Unprocessed,
    /// The connection broke after the request had (perhaps) been sent.
    Broken,
    /// The response's body can't be understood.
    Garbled,
}

impl TransportError {
    /// There was no connection, so nothing of the request was sent: repeating it is safe.
    pub fn is_connect(&self) -> bool {
        matches!(self.inner.kind, Kind::Connect | Kind::Tls | Kind::Refused | Kind::ConnectTimeout)
    }

    /// TLS could not be agreed on: most often, one side doesn't trust the other's certificate. Repeating won't help.
    pub fn is_tls(&self) -> bool {
        self.inner.kind == Kind::Tls
    }

    /// `connect_timeout`, `read_timeout` or `request_timeout` ran out.
    pub fn is_timeout(&self) -> bool {
        match self.inner.kind {
            Kind::ConnectTimeout
            | Kind::ReadTimeout
            | Kind::RequestTimeout
            | Kind::RateLimitTimeout
            | Kind::CredentialsTimeout => true,
            Kind::Connect | Kind::Tls | Kind::Refused | Kind::Unprocessed | Kind::Broken | Kind::Garbled => false,
        }
    }

    /// The server closed the connection and said that it had not begun with the request, so repeating it is safe.
    pub fn is_unprocessed(&self) -> bool {
        self.inner.kind == Kind::Unprocessed
    }

    /// The response's body came, and can't be decompressed.
    pub fn is_garbled(&self) -> bool {
        self.inner.kind == Kind::Garbled
    }

    /// What another attempt would do about it. Whether the request may be sent again is another question.
    pub fn retry_class(&self) -> RetryClass {
        match self.inner.kind {
            Kind::Connect
            | Kind::ConnectTimeout
            | Kind::ReadTimeout
            | Kind::RequestTimeout
            | Kind::RateLimitTimeout
            | Kind::CredentialsTimeout
            | Kind::Unprocessed
            | Kind::Broken => RetryClass::Transient,
            Kind::Tls | Kind::Refused | Kind::Garbled => RetryClass::Uncertain,
        }
    }

    /// The first `TransportError` in `error` and its chain of causes.
    pub fn find<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        chain(error).find_map(|error| error.downcast_ref())
    }

    /// The time-out of a request for making a connection was exceeded.
    pub(super) fn no_connection_within(limit: Duration) -> Self {
        Self::new(
            Kind::ConnectTimeout,
            format!("there was no connection within {limit:?} (connect_timeout of the request)"),
        )
    }

    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { inner: Arc::new(Inner { kind, message: message.into(), source: None }) }
    }

    pub(crate) fn because(kind: Kind, message: impl Into<String>, source: impl Into<BoxError>) -> Self {
        Self { inner: Arc::new(Inner { kind, message: message.into(), source: Some(source.into()) }) }
    }
}

/// `error` and its causes. It looks into `io::Error`s, whose `source` skips the error that they wrap.
pub(crate) fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn Error + 'static) = *error;
        match error.downcast_ref::<std::io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
            None => error.source(),
        }
    })
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl fmt::Debug for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_tuple("TransportError");
        debug.field(&self.inner.kind).field(&self.inner.message);
        if let Some(source) = &self.inner.source {
            debug.field(source);
        }
        debug.finish()
    }
}

impl Error for TransportError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as _)
    }
}

/// What failed below a call, as an error of the client.
impl ClientError {
    /// A failure of the transport: no credentials or a time-out where the chain of causes says so, else the connection.
    pub(crate) fn transport(source: BoxError) -> Self {
        // The outermost of them says what failed: a failure to get credentials may be caused by one of the connection to
        // their provider.
        let outer = chain(&*source).find(|error| error.is::<AuthError>() || error.is::<TransportError>());
        let kind = outer.and_then(|error| error.downcast_ref::<TransportError>()).map(|error| error.inner.kind);
        match kind {
            None if outer.is_some() => Self::authentication(source),
            Some(Kind::CredentialsTimeout) => Self::timeout(Awaited::Credentials, source),
            Some(Kind::RateLimitTimeout) => Self::timeout(Awaited::RateLimit, source),
            _ if is_timeout(&*source) => Self::silence(source),
            _ => Self::connection(source),
        }
    }

    /// The failure of the transport behind this error.
    pub(crate) fn transport_cause(&self) -> Option<&TransportError> {
        TransportError::find(self)
    }

    /// The configuration's fault behind this error.
    pub(crate) fn config_cause(&self) -> Option<&ConfigError> {
        chain(self).find_map(|error| error.downcast_ref())
    }
}

fn is_timeout(error: &(dyn Error + 'static)) -> bool {
    chain(error).any(|error| {
        let io = error.downcast_ref::<std::io::Error>().is_some_and(|io| io.kind() == std::io::ErrorKind::TimedOut);
        let transport = error.downcast_ref::<TransportError>().is_some_and(TransportError::is_timeout);
        io || transport || error.is::<tokio::time::error::Elapsed>()
    })
}
