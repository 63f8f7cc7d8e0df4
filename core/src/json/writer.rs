//! Append-only buffer with capacity reserved ahead.
//!
//! JSON consists of many short pieces. A vector checks its capacity for each of them; this reserves once for several
//! that belong together.

/// Minimum capacity that is reserved at a time. It is zeroed: small enough to stay in the cache until it is written.
const STEP: usize = 8 * 1024;

/// Appends bytes to a vector's contents.
pub(super) struct Writer {
    buffer: Vec<u8>,
    /// End of the vector's previous contents.
    base: usize,
    /// End of the written bytes, and start of the free capacity.
    at: usize,
}

impl Writer {
    /// Takes a vector over, until it is returned.
    pub(super) fn new(buffer: Vec<u8>) -> Self {
        let base = buffer.len();
        Writer { buffer, base, at: base }
    }

    /// Appends bytes.
    #[inline]
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.pieces([bytes]);
    }

    /// Appends several pieces.
    #[inline]
    pub(super) fn pieces<const N: usize>(&mut self, pieces: [&[u8]; N]) {
        let mut place = self.room(pieces.iter().map(|piece| piece.len()).sum());
        for piece in pieces {
            let Some((head, rest)) = place.split_at_mut_checked(piece.len()) else { return };
            head.copy_from_slice(piece);
            place = rest;
        }
    }

    /// Appends a byte.
    #[inline]
    pub(super) fn byte(&mut self, byte: u8) {
        if self.at == self.buffer.len() {
            self.grow(1);
        }
        if let Some(place) = self.buffer.get_mut(self.at) {
            *place = byte;
            self.at += 1;
        }
    }

    /// Appends this many bytes, filled by the caller.
    #[inline]
    pub(super) fn room(&mut self, length: usize) -> &mut [u8] {
        if self.buffer.len() - self.at < length {
            self.grow(length);
        }
        let start = self.at;
        self.at += length;
        self.buffer.get_mut(start..start + length).unwrap_or_default()
    }

    /// Returns the last byte written.
    #[inline]
    pub(super) fn last_mut(&mut self) -> Option<&mut u8> {
        self.buffer.get_mut(self.base..self.at)?.last_mut()
    }

    /// Removes the last bytes.
    pub(super) fn take_back(&mut self, length: usize) {
        self.at = self.at.saturating_sub(length).max(self.base);
    }

    /// Returns the vector with what was appended.
    pub(super) fn finish(mut self) -> Vec<u8> {
        self.buffer.truncate(self.at);
        self.buffer
    }

    /// Returns the vector with its previous contents.
    pub(super) fn abandon(mut self) -> Vec<u8> {
        self.buffer.truncate(self.base);
        self.buffer
    }

    #[cold]
    fn grow(&mut self, wanted: usize) {
        self.buffer.resize(self.at + wanted.max(STEP), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_stands_after_what_was_there() {
        let mut out = Writer::new(b"before ".to_vec());
        let words: Vec<String> = (0..5000).map(|n| format!("word{n} ")).collect();
        for word in &words {
            let (last, rest) = word.as_bytes().split_last().expect("a word");
            out.bytes(rest);
            out.byte(*last);
        }
        assert_eq!(out.last_mut(), Some(&mut b' '));
        out.take_back(1);
        let words = words.concat();
        assert_eq!(String::from_utf8(out.finish()).expect("text"), format!("before {}", words.trim_end()));
    }

    #[test]
    fn what_was_there_before_is_never_the_last_byte_nor_taken_back() {
        let mut out = Writer::new(b"before".to_vec());
        assert_eq!(out.last_mut(), None);
        out.take_back(3);
        assert_eq!(out.finish(), b"before");
    }

    #[test]
    fn an_abandoned_buffer_is_as_it_was() {
        let mut out = Writer::new(b"before".to_vec());
        out.bytes(&[1; 20_000]);
        assert_eq!(out.abandon(), b"before");
    }
}
