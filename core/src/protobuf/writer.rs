//! Buffer that is written from its end to its start.
//!
//! Protobuf puts a message's length before it. Written backwards, the length is known by then: nothing needs to be
//! measured first, and the bytes are moved only once, at the end.

/// Initial free capacity.
const START: usize = 512;

/// Prepends bytes to each other, after a vector's previous contents.
pub(super) struct Writer<'a> {
    buffer: &'a mut Vec<u8>,
    /// End of the vector's previous contents, and start of the free capacity.
    base: usize,
    /// End of the free capacity, and start of the written bytes.
    at: usize,
}

impl<'a> Writer<'a> {
    pub(super) fn new(buffer: &'a mut Vec<u8>) -> Self {
        let base = buffer.len();
        Writer { buffer, base, at: base }
    }

    /// Returns the number of bytes written so far.
    #[inline]
    pub(super) fn written(&self) -> usize {
        self.buffer.len() - self.at
    }

    /// Prepends bytes.
    #[inline]
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if self.at - self.base < bytes.len() {
            self.grow(bytes.len());
        }
        let start = self.at - bytes.len();
        if let Some(place) = self.buffer.get_mut(start..self.at) {
            place.copy_from_slice(bytes);
            self.at = start;
        }
    }

    #[inline]
    pub(super) fn varint(&mut self, value: u64) {
        // Tags and most lengths.
        #[allow(clippy::cast_possible_truncation)]
        match value {
            0..0x80 => return self.bytes(&[value as u8]),
            0x80..0x4000 => return self.bytes(&[value as u8 | 0x80, (value >> 7) as u8]),
            _ => {}
        }
        let mut text = [0u8; 10];
        let mut rest = value;
        let mut length = 0;
        for byte in &mut text {
            length += 1;
            #[allow(clippy::cast_possible_truncation)]
            let low = rest as u8 & 0x7f;
            rest >>= 7;
            if rest == 0 {
                *byte = low;
                break;
            }
            *byte = low | 0x80;
        }
        self.bytes(text.get(..length).unwrap_or_default());
    }

    /// Returns the vector with what was written after its previous contents.
    pub(super) fn finish(self) {
        let end = self.base + self.written();
        self.buffer.copy_within(self.at.., self.base);
        self.buffer.truncate(end);
    }

    /// Returns the vector with its previous contents.
    pub(super) fn abandon(self) {
        self.buffer.truncate(self.base);
    }

    #[cold]
    fn grow(&mut self, wanted: usize) {
        let (written, before) = (self.written(), self.buffer.len());
        let room = (2 * (before - self.base)).max(written + wanted).max(START);
        self.buffer.resize(self.base + room, 0);
        let at = self.buffer.len() - written;
        self.buffer.copy_within(self.at..before, at);
        self.at = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_backwards_reads_forwards_after_what_was_there() {
        let mut buffer = b"before ".to_vec();
        let mut out = Writer::new(&mut buffer);
        let words: Vec<String> = (0..500).map(|n| format!("word{n} ")).collect();
        for word in words.iter().rev() {
            out.bytes(word.as_bytes());
        }
        assert_eq!(out.written(), words.concat().len());
        out.finish();
        assert_eq!(String::from_utf8(buffer).expect("text"), format!("before {}", words.concat()));
    }

    #[test]
    fn varints_take_one_to_ten_bytes() {
        for (value, bytes) in [
            (0, &[0u8][..]),
            (127, &[0x7f]),
            (128, &[0x80, 1]),
            (300, &[0xac, 2]),
            (16383, &[0xff, 0x7f]),
            (16384, &[0x80, 0x80, 1]),
            (u64::MAX, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
        ] {
            let mut buffer = Vec::new();
            let mut out = Writer::new(&mut buffer);
            out.varint(value);
            out.finish();
            assert_eq!(buffer, bytes, "{value}");
        }
    }

    #[test]
    fn an_abandoned_buffer_is_as_it_was() {
        let mut buffer = b"before".to_vec();
        let mut out = Writer::new(&mut buffer);
        out.bytes(&[0; 2000]);
        out.abandon();
        assert_eq!(buffer, b"before");
    }
}
