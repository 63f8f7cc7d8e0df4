//! Writes an archive to a session, from blocking code.

use std::io::{self, Write};

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc::Sender;

/// Size of the chunks in the channel.
const PIECE: usize = 64 << 10;
/// `tar` reads records of this size; it would wait for the rest of an incomplete one.
pub(super) const RECORD: u64 = 10 << 10;

/// Writer to a channel.
pub(super) struct Sink {
    pieces: Sender<Bytes>,
    piece: BytesMut,
    written: u64,
    broken: bool,
}

impl Sink {
    pub(super) fn new(pieces: Sender<Bytes>) -> Self {
        Self { pieces, piece: BytesMut::new(), written: 0, broken: false }
    }

    /// Discards further writes: an incomplete archive must not get an end.
    pub(super) fn give_up(&mut self) {
        self.broken = true;
    }

    /// Pads the last record, and sends the rest.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let missing = usize::try_from(self.written.next_multiple_of(RECORD) - self.written).unwrap_or_default();
        self.write_all(&vec![0; missing])?;
        self.flush()
    }
}

impl Write for Sink {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        // While panicking, the library would write an archive's end.
        if self.broken || std::thread::panicking() {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the archive was aborted"));
        }
        let taken = data.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&data[..taken]);
        self.written += taken as u64;
        if self.piece.len() == PIECE {
            self.flush()?;
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        let piece = self.piece.split().freeze();
        if piece.is_empty() {
            return Ok(());
        }
        self.pieces.blocking_send(piece).map_err(|_| {
            self.broken = true;
            io::Error::new(io::ErrorKind::BrokenPipe, "the receiver of the archive has ended")
        })
    }
}
