//! Why a stream failed. It is returned to each user of the stream, so it can be cloned, unlike an error.

use std::fmt;
use std::io;
use std::sync::Arc;

use http::StatusCode;

use crate::error::{BoxError, Error, Operation};
use crate::meta::v1::Status;

/// Why a stream failed.
#[derive(Clone, Debug)]
pub(crate) enum Failure {
    /// It broke, with a description.
    Broken(String, Option<SharedError>),
    /// The peer stopped responding.
    Silent(String),
    /// The peer violated the protocol.
    Protocol(String),
    /// An error of the API server.
    Api(Box<Status>),
}

/// An error that is the source of more than one.
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

    /// Converts into the client's error.
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

    /// Converts into an error for readers and writers.
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
