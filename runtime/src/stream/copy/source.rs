//! Reads an archive from a session, in blocking code.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use bytes::{Buf as _, Bytes};
use tokio::sync::mpsc::Receiver;

/// Maximum size of an archive between the contents of two files: headers, long names, extended attributes. The library
/// holds them in memory.
const HEADERS: u64 = 1 << 20;

/// Reader from a channel.
pub(super) struct Source {
    pieces: Receiver<Bytes>,
    piece: Bytes,
    state: Rc<State>,
}

/// State of a source, readable while it is being read from.
#[derive(Default)]
pub(super) struct State {
    ended: Cell<bool>,
    allowance: Cell<Option<u64>>,
}

impl Source {
    pub(super) fn new(pieces: Receiver<Bytes>) -> (Self, Rc<State>) {
        let state = Rc::new(State::default());
        (Self { pieces, piece: Bytes::new(), state: state.clone() }, state)
    }
}

impl State {
    /// Whether there was an attempt to read past the end.
    pub(super) fn ended(&self) -> bool {
        self.ended.get()
    }

    /// Limits reads from here on: headers follow.
    pub(super) fn expect_headers(&self) {
        self.allowance.set(Some(HEADERS));
    }

    /// Removes the limit: contents follow.
    pub(super) fn expect_contents(&self) {
        self.allowance.set(None);
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.piece = piece,
                None => {
                    self.state.ended.set(true);
                    return Ok(0);
                }
            }
        }
        let mut length = buffer.len().min(self.piece.len());
        if let Some(left) = self.state.allowance.get() {
            length = length.min(usize::try_from(left).unwrap_or(usize::MAX));
            if length == 0 {
                let message = format!("the headers of one entry are larger than {HEADERS} bytes");
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            self.state.allowance.set(Some(left - length as u64));
        }
        self.piece.copy_to_slice(&mut buffer[..length]);
        Ok(length)
    }
}
