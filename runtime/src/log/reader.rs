//! Reads a text as bytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};
use tokio_util::io::StreamReader;

use super::{Chunks, chunks};
use crate::Client;
use crate::client::ResponseFuture;
use crate::error::Operation;
use crate::wire::Call;

/// Reader of a text's bytes; see [`TextRequest::reader`](crate::request::TextRequest::reader). Dropping it closes the
/// connection.
///
/// Nothing is read ahead beyond the current chunk of the body. A read error wraps an [`Error`](crate::Error)
/// ([`io::Error::downcast`]).
#[must_use = "a reader does nothing until it is read from"]
pub struct TextReader {
    inner: StreamReader<Chunks, Bytes>,
    operation: Operation,
}

/// Opens a text.
pub(crate) fn open(client: Client, mut call: Call) -> ResponseFuture<TextReader> {
    Box::pin(async move {
        let operation = call.operation();
        let (_, body) = client.exchange(&mut call).await?.stream();
        Ok(TextReader { inner: StreamReader::new(chunks(body, operation.clone())), operation })
    })
}

impl AsyncRead for TextReader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buffer)
    }
}

impl AsyncBufRead for TextReader {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Pin::new(&mut self.get_mut().inner).poll_fill_buf(cx)
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        Pin::new(&mut self.inner).consume(amount);
    }
}

impl std::fmt::Debug for TextReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TextReader").field("operation", &self.operation).finish_non_exhaustive()
    }
}
