//! Streams of a session: stdin, stdout and stderr.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::buffers::Buffers;
use super::channel::{STDERR_READER, STDOUT_READER};
use crate::error::Result;

/// Writes to the process's stdin.
///
/// Writing waits while 256 KiB are not sent yet. [`flush`](tokio::io::AsyncWriteExt::flush) waits until everything was
/// passed to the connection, which does not mean that the process has read it.
///
/// Shutting it down, or dropping it, closes the process's stdin. A server that supports only `v4.channel.k8s.io` can't
/// do that: there, shutting down is an error ([`Unsupported`](io::ErrorKind::Unsupported)).
#[derive(Debug)]
pub struct Stdin {
    pub(crate) shared: Arc<Buffers>,
    pub(crate) closes: bool,
}

impl AsyncWrite for Stdin {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        self.shared.poll_write(cx, data)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.shared.poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.closes {
            let message =
                "the server supports only v4.channel.k8s.io, which can't close stdin; end the session instead";
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::Unsupported, message)));
        }
        self.shared.close_outbound();
        self.shared.poll_flush(cx)
    }
}

impl Drop for Stdin {
    fn drop(&mut self) {
        self.shared.close_outbound();
    }
}

macro_rules! output_stream {
    ($(#[$meta:meta])* $name:ident, $reader:expr) => {
        $(#[$meta])*
        ///
        /// It ends when the process's stream does. If the session breaks, data received before is returned first, then
        /// the error. Dropping it discards further data.
        #[derive(Debug)]
        pub struct $name {
            pub(crate) shared: Arc<Buffers>,
        }

        impl $name {
            /// Returns the next chunk as received, without copying it; `None` at the end.
            ///
            /// # Errors
            /// If the session broke.
            pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
                let chunk = poll_fn(|cx| self.shared.poll_chunk($reader, cx)).await.transpose();
                chunk.map_err(|failure| failure.to_error(&self.shared.operation))
            }
        }

        impl AsyncRead for $name {
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buffer: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                self.shared.poll_read($reader, cx, buffer)
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                self.shared.stop_reading($reader);
            }
        }
    };
}

output_stream! {
    /// Reads the process's stdout; with a terminal, all that it writes.
    Stdout, STDOUT_READER
}
output_stream! {
    /// Reads the process's stderr.
    Stderr, STDERR_READER
}
