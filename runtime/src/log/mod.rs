//! Text that comes as it is written, such as a container's log: [lines](Lines), [bytes](TextReader), and lines that
//! [go on](FollowedLines) when the connection breaks.
//!
//! It knows no kind: it works on any subresource that the API server's documents call text. What it expects of one that
//! can be gone on with is what logs have: the query parameters `follow`, `timestamps` and `sinceTime`, and in front of
//! each line its time.
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

/// How long a line may be, unless told otherwise, before it is given in pieces.
pub(crate) const MAX_LINE: usize = 1 << 20;

/// The pieces of a body; their errors are [`Error`]s within.
type Chunks = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

fn chunks(body: Body, operation: Operation) -> Chunks {
    let data = BodyDataStream::new(body);
    Box::pin(data.map_err(move |error| std::io::Error::other(Error::transport(error).with_operation(&operation))))
}

/// The error of the client that is in an error of a reader.
fn unwrap(error: std::io::Error, operation: &Operation) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error,
        Err(error) => Error::transport(error.into()).with_operation(operation),
    }
}
