//! Text streams, such as a container's log: [lines](Lines), [bytes](TextReader), and lines that [resume](FollowedLines)
//! when the connection breaks.
//!
//! This works on any subresource that the API server's OpenAPI document declares as text. Resuming requires the
//! properties of logs: the query parameters `follow`, `timestamps` and `sinceTime`, and a timestamp before each line.
//!
//! <https://kubernetes.io/docs/concepts/cluster-administration/logging/>

mod decoder;
mod dedup;
mod follow;
mod line;
pub(crate) mod lines;
pub(crate) mod reader;

pub use dedup::Position;
pub use follow::{FollowEvent, FollowedLines, Instance};
pub use line::{Line, LineEnd};
pub use lines::Lines;
pub use reader::TextReader;

pub(crate) use follow::follow;

use std::pin::Pin;

use bytes::Bytes;
use futures_core::Stream;
use futures_util::TryStreamExt as _;
use http_body_util::BodyDataStream;

use crate::error::{Error, Operation};
use crate::transport::Body;

/// Default limit of a line's bytes, beyond which it is returned in pieces.
pub(crate) const MAX_LINE: usize = 1 << 20;

/// The chunks of a body; their errors wrap an [`Error`].
type Chunks = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

fn chunks(body: Body, operation: Operation) -> Chunks {
    let data = BodyDataStream::new(body);
    Box::pin(data.map_err(move |error| std::io::Error::other(Error::transport(error).with_operation(&operation))))
}

/// Returns the client's error from a reader's error.
fn unwrap(error: std::io::Error, operation: &Operation) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error,
        Err(error) => Error::transport(error.into()).with_operation(operation),
    }
}
