//! What a path of the service does.

use std::pin::Pin;

use bytes::Bytes;

use super::failure::Failure;

/// The review with the response, or an HTTP error.
pub(super) type Answer = Pin<Box<dyn Future<Output = Result<Bytes, Failure>> + Send>>;

/// The handler of a path: from the body of a review to that of the response.
pub(super) trait Handler: Send + Sync {
    fn answer(&self, review: Bytes) -> Answer;
}
