//! Connection with one stream of bytes in each direction.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncWrite, ReadBuf};

use super::buffers::Buffers;
use super::codec::Codec;
use super::driver;
use super::keep_alive::KeepAlive;
use crate::error::{Operation, Result};
use crate::transport::BoxIo;

/// The number of the only reader, as in [`Event::Data`](super::codec::Event::Data).
pub(crate) const READER: usize = 0;

/// The connection. Dropping it closes it.
#[derive(Debug)]
pub(crate) struct Pipe {
    shared: Arc<Buffers>,
}

impl Pipe {
    pub(crate) fn start<C: Codec>(
        socket: tokio_tungstenite::WebSocketStream<BoxIo>,
        codec: C,
        operation: Operation,
        buffer: usize,
        (keep_alive, read_timeout): (KeepAlive, Option<Duration>),
    ) -> Self {
        let shared = Buffers::new(operation, C::HEADER, &[buffer]);
        driver::spawn(socket, codec, shared.clone(), keep_alive, read_timeout);
        Self { shared }
    }

    pub(crate) async fn chunk(&self) -> Result<Option<Bytes>> {
        let chunk = poll_fn(|cx| self.shared.poll_chunk(READER, cx)).await.transpose();
        chunk.map_err(|failure| failure.to_error(&self.shared.operation))
    }

    pub(crate) fn read(&self, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.shared.poll_read(READER, cx, buffer)
    }

    pub(crate) fn write(&self, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.shared.poll_write(cx, data)
    }

    pub(crate) fn flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shared.poll_flush(cx)
    }

    pub(crate) fn shutdown(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shared.close_outbound();
        self.shared.poll_flush(cx)
    }
}

/// Both directions can be used concurrently.
impl AsyncWrite for &Pipe {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.write(cx, data)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shutdown(cx)
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.shared.abandon();
    }
}

/// Implements reading and writing through the field `pipe`.
macro_rules! reads_and_writes {
    ($name:ident) => {
        impl ::tokio::io::AsyncRead for $name {
            fn poll_read(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                buffer: &mut ::tokio::io::ReadBuf<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                self.pipe.read(cx, buffer)
            }
        }

        impl ::tokio::io::AsyncWrite for $name {
            fn poll_write(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
                data: &[u8],
            ) -> ::std::task::Poll<::std::io::Result<usize>> {
                self.pipe.write(cx, data)
            }

            fn poll_flush(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                self.pipe.flush(cx)
            }

            fn poll_shutdown(
                self: ::std::pin::Pin<&mut Self>,
                cx: &mut ::std::task::Context<'_>,
            ) -> ::std::task::Poll<::std::io::Result<()>> {
                self.pipe.shutdown(cx)
            }
        }
    };
}

pub(super) use reads_and_writes;
