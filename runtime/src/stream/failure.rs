//! Why a stream ended badly. It is told to everybody who uses the stream, so it can be cloned, which an error can't.

use std::fmt;
use std::io;
use std::sync::Arc;

use http::StatusCode;

use crate::error::{BoxError, Error, Operation};
use crate::meta::v1::Status;

/// Why a stream ended badly.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// It broke, and the words say how.
    Broken(String, Option<SharedError>),
    /// The peer went silent.
    Silent(String),
    /// The peer sent what is not the protocol.
    Protocol(String),
    /// The server said no.
    Api(Box<Status>),
}

/// An error that several others have as their source.
#[derive(Clone, Debug)]
pub(crate) struct SharedError(Arc<dyn std::error::Error + Send + Sync>);

impl fmt::Display for SharedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for SharedError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl Failure {
    pub(crate) fn broken(message: impl Into<String>) -> Self {
        Self::Broken(message.into(), None)
    }

    pub(crate) fn because(message: impl Into<String>, source: BoxError) -> Self {
        Self::Broken(message.into(), Some(SharedError(source.into())))
    }

    /// The error that people see.
    pub(crate) fn to_error(&self, operation: &Operation) -> Error {
        let error = match self {
            Self::Broken(message, None) => Error::stream(message),
            Self::Broken(message, Some(source)) => Error::stream(message).with_source(source.clone()),
            Self::Silent(message) => Error::silence(message.clone()),
            Self::Protocol(message) => Error::response(message, None),
            Self::Api(status) => {
                let code = status.code.and_then(|code| u16::try_from(code).ok());
                let code = code.and_then(|code| StatusCode::from_u16(code).ok());
                Error::api(code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), (**status).clone())
            }
        };
        error.with_operation(operation)
    }

    /// The same, for readers and writers.
    pub(crate) fn to_io(&self, operation: &Operation) -> io::Error {
        let kind = match self {
            Self::Broken(..) => io::ErrorKind::ConnectionAborted,
            Self::Silent(_) => io::ErrorKind::TimedOut,
            Self::Protocol(_) => io::ErrorKind::InvalidData,
            Self::Api(_) => io::ErrorKind::Other,
        };
        io::Error::new(kind, self.to_error(operation))
    }
}
