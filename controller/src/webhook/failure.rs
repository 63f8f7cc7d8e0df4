//! A call of a webhook that has no review as its response.

use std::any::Any;
use std::error::Error;

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;

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
    pub(super) fn of_handler(error: Box<dyn Error + Send + Sync>) -> Self {
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
        let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
        Self { causes: text.into_iter().collect(), ..Self::internal("the handler of the webhook panicked") }
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
        let mut response = Response::new(Full::from(self.message + "\n"));
        *response.status_mut() = self.status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
        }
        response
    }
}
