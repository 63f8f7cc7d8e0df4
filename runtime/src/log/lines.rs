//! Streams the lines of a text.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use tokio_util::codec::FramedRead;
use tokio_util::io::StreamReader;

use super::decoder::LineDecoder;
use super::line::Line;
use super::{Chunks, MAX_LINE, chunks, unwrap};
use crate::Client;
use crate::client::ResponseFuture;
use crate::error::{Operation, Result};
use crate::wire::Call;

/// Stream of a text's lines; see [`TextRequest::lines`](crate::request::TextRequest::lines). Dropping it closes the
/// connection.
///
/// A line of more than 1 MiB ([`max_line_bytes`](Self::max_line_bytes)) is returned in pieces, so that a text without
/// line ends does not exhaust memory: see [`LineEnd::Continues`](super::LineEnd::Continues). Nothing is read ahead
/// beyond the current chunk of the body: slow consumers apply back-pressure.
///
/// The stream ends when the server ends the text, and after an error. A text that ends in the middle of a line ends
/// with [`LineEnd::EndOfText`](super::LineEnd::EndOfText).
#[must_use = "a stream does nothing until it is polled"]
pub struct Lines {
    frames: Option<FramedRead<StreamReader<Chunks, Bytes>, LineDecoder>>,
    operation: Operation,
}

/// Opens a text; `timed` if lines start with a timestamp.
pub(crate) fn open(client: Client, mut call: Call, timed: bool) -> ResponseFuture<Lines> {
    Box::pin(async move {
        let operation = call.operation();
        let (_, body) = client.exchange(&mut call).await?.stream();
        let reader = StreamReader::new(chunks(body, operation.clone()));
        Ok(Lines { frames: Some(FramedRead::new(reader, LineDecoder::new(MAX_LINE, timed))), operation })
    })
}

impl Lines {
    /// Limits the bytes of a line in one item. The default is 1 MiB; below 4, a character would not fit.
    pub fn max_line_bytes(mut self, bytes: usize) -> Self {
        if let Some(frames) = &mut self.frames {
            frames.decoder_mut().set_limit(bytes);
        }
        self
    }
}

impl Stream for Lines {
    type Item = Result<Line>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Line>>> {
        let this = &mut *self;
        let Some(frames) = &mut this.frames else { return Poll::Ready(None) };
        match ready!(Pin::new(frames).poll_next(cx)) {
            Some(Ok(line)) => Poll::Ready(Some(Ok(line))),
            None => {
                this.frames = None;
                Poll::Ready(None)
            }
            Some(Err(error)) => {
                this.frames = None;
                Poll::Ready(Some(Err(unwrap(error, &this.operation))))
            }
        }
    }
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("operation", &self.operation).finish_non_exhaustive()
    }
}
