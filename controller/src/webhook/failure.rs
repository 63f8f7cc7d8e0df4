//! A call of a webhook that has no review as its response.

use std::any::Any;

use bytes::Bytes;
use http::header::ALLOW;
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use kubewright::transport::BoxError;

use crate::{panics, serve};

/// The HTTP error in place of a review. The API server then applies the webhook's `failurePolicy`, and includes the
/// message in its own error for the client.
#[derive(Debug)]
pub(super) struct Failure {
    status: StatusCode,
    message: String,
    /// For the log alone.
    causes: Vec<String>,
}

impl Failure {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), causes: Vec::new() }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, message)
    }

    /// The program's own error: its message for the client, its sources for the log.
    pub(super) fn of_handler(error: BoxError) -> Self {
        let mut causes = Vec::new();
        let mut source = error.source();
        while let Some(error) = source {
            causes.push(error.to_string());
            source = error.source();
        }
        Self { causes, ..Self::internal(error.to_string()) }
    }

    /// A panic of the program's handler, with its text for the log.
    pub(super) fn of_panic(panic: &(dyn Any + Send)) -> Self {
        let causes = vec![panics::text(panic).to_owned()];
        Self { causes, ..Self::internal("the handler of the webhook panicked") }
    }

    pub(super) fn log(&self, path: &str) {
        let Self { status, message, causes } = self;
        if status.is_server_error() {
            tracing::error!(path, status = status.as_u16(), error = message, ?causes, "a call of a webhook failed");
        } else {
            tracing::warn!(path, status = status.as_u16(), error = message, "a call of a webhook was rejected");
        }
    }

    pub(super) fn into_response(self) -> Response<Full<Bytes>> {
        let mut response = serve::text(self.status, self.message + "\n");
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}
