//! Protobuf tokens: tags, varints, length-delimited bytes, and skipping fields.
//!
//! <https://protobuf.dev/programming-guides/encoding/>

use super::error::{Error, Kind};

/// The wire type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WireType {
    Varint,
    Fixed64,
    Bytes,
    StartGroup,
    EndGroup,
    Fixed32,
}

impl WireType {
    pub(super) fn name(self) -> &'static str {
        match self {
            WireType::Varint => "a varint",
            WireType::Fixed64 => "a 64-bit number",
            WireType::Bytes => "bytes with a length",
            WireType::StartGroup | WireType::EndGroup => "a group",
            WireType::Fixed32 => "a 32-bit number",
        }
    }
}

/// A tag: a field's number and wire type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    pub(super) number: u32,
    pub(super) wire: WireType,
    /// Offset of the tag.
    pub(super) at: usize,
}

/// A position in a message's bytes.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    /// The whole input, up to the end of this message.
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0 }
    }

    /// Returns the index of the next byte in the whole input.
    #[inline]
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Whether nothing is left.
    #[inline]
    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// Returns the unread bytes.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Returns the bytes from an earlier index to here.
    pub(super) fn since(&self, start: usize) -> &'a [u8] {
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// Returns a reader of the same message from an earlier index to another.
    pub(super) fn between(&self, start: usize, end: usize) -> Self {
        Reader { bytes: self.bytes.get(..end).unwrap_or(self.bytes), at: start }
    }

    /// Reads the next tag, or `None` at the end.
    #[inline(always)]
    pub(super) fn tag(&mut self) -> Result<Option<Tag>, Error> {
        let at = self.at;
        if at >= self.bytes.len() {
            return Ok(None);
        }
        let tag = self.varint()?;
        let wire = match tag & 7 {
            0 => WireType::Varint,
            1 => WireType::Fixed64,
            2 => WireType::Bytes,
            3 => WireType::StartGroup,
            4 => WireType::EndGroup,
            5 => WireType::Fixed32,
            _ => return Err(malformed("a wire type that does not exist", at)),
        };
        match u32::try_from(tag >> 3) {
            Ok(number @ 1..=0x1fff_ffff) => Ok(Some(Tag { number, wire, at })),
            _ => Err(malformed("a field number out of range", at)),
        }
    }

    /// Reads a varint of one to ten bytes, seven bits in each, the lowest first.
    #[inline(always)]
    pub(super) fn varint(&mut self) -> Result<u64, Error> {
        match self.bytes.get(self.at) {
            Some(byte) if *byte < 0x80 => {
                self.at += 1;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    /// Reads a varint of more than one byte, or returns an error at the end.
    fn long_varint(&mut self) -> Result<u64, Error> {
        // Numbers of fields from 16 on, lengths from 128 on.
        if let [low, high, ..] = self.rest()
            && *high < 0x80
        {
            self.at += 2;
            return Ok(u64::from(low & 0x7f) | u64::from(*high) << 7);
        }
        let start = self.at;
        let mut value = 0u64;
        for (index, byte) in self.rest().iter().take(10).enumerate() {
            // Only one bit of the tenth byte counts: excess bits are dropped, as by every protobuf decoder.
            value |= u64::from(byte & 0x7f) << (7 * index);
            if *byte < 0x80 {
                self.at = start + index + 1;
                return Ok(value);
            }
        }
        if self.rest().len() < 10 {
            return Err(Error::new(Kind::Truncated { expected: "a number" }, Some(start)));
        }
        Err(malformed("a number of more than 10 bytes", start))
    }

    /// Reads eight bytes, little-endian.
    pub(super) fn fixed64(&mut self) -> Result<u64, Error> {
        let Some(bytes) = self.rest().first_chunk::<8>() else {
            return Err(Error::new(Kind::Truncated { expected: "a 64-bit number" }, Some(self.at)));
        };
        self.at += 8;
        Ok(u64::from_le_bytes(*bytes))
    }

    /// Reads length-delimited bytes.
    #[inline(always)]
    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Error> {
        let start = self.at;
        let length = self.varint()?;
        let taken = usize::try_from(length).ok().and_then(|length| self.rest().get(..length));
        match taken {
            Some(bytes) => {
                self.at += bytes.len();
                Ok(bytes)
            }
            None => Err(Error::new(Kind::Truncated { expected: "as many bytes as its length" }, Some(start))),
        }
    }

    /// Returns a reader of a nested message, which knows its offset in the whole.
    #[inline]
    pub(super) fn inner(&mut self) -> Result<Reader<'a>, Error> {
        let length = self.bytes()?.len();
        Ok(Reader { bytes: self.bytes.get(..self.at).unwrap_or_default(), at: self.at - length })
    }

    /// Reads length-delimited text.
    #[inline]
    pub(super) fn text(&mut self) -> Result<&'a str, Error> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).map_err(|error| {
            let offset = self.at - bytes.len() + error.valid_up_to();
            Error::new(Kind::Invalid { expected: "text", found: "bytes that are not UTF-8" }, Some(offset))
        })
    }

    /// Skips the value of a tag.
    pub(super) fn skip(&mut self, tag: Tag) -> Result<(), Error> {
        match tag.wire {
            WireType::Varint => self.varint().map(drop),
            WireType::Bytes => self.bytes().map(drop),
            WireType::Fixed64 => self.fixed64().map(drop),
            WireType::Fixed32 => {
                if self.rest().len() < 4 {
                    return Err(Error::new(Kind::Truncated { expected: "a 32-bit number" }, Some(self.at)));
                }
                self.at += 4;
                Ok(())
            }
            WireType::StartGroup => self.skip_group(tag),
            WireType::EndGroup => Err(malformed("the end of a group that has not begun", tag.at)),
        }
    }

    /// Skips a group and nested ones. No recursion: only the numbers of the open groups are kept.
    fn skip_group(&mut self, start: Tag) -> Result<(), Error> {
        let mut open = vec![start.number];
        while let Some(tag) = self.tag()? {
            match tag.wire {
                WireType::StartGroup if open.len() >= usize::from(super::MAX_DEPTH) => {
                    return Err(Error::new(Kind::TooDeep, Some(tag.at)));
                }
                WireType::StartGroup => open.push(tag.number),
                WireType::EndGroup => {
                    if open.pop() != Some(tag.number) {
                        return Err(malformed("a group that ends under another number", tag.at));
                    }
                    if open.is_empty() {
                        return Ok(());
                    }
                }
                _ => self.skip(tag)?,
            }
        }
        Err(Error::new(Kind::Truncated { expected: "the end of a group" }, Some(self.at)))
    }
}

#[cold]
fn malformed(what: &'static str, at: usize) -> Error {
    Error::new(Kind::Malformed(what), Some(at))
}
