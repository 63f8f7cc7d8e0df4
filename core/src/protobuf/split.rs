//! Incremental splitting of a list: items one by one, and the rest of the list at the end.

use super::envelope::{Envelope, MAGIC};
use super::error::{Error, Kind};
use super::reader::{Reader, WireType};
use crate::message::Descriptor;

/// Splits a list in its envelope (`PodList`) into its items, from chunks as they arrive.
///
/// It buffers the incomplete item, and the list without its items; never the body. An item can be decoded by
/// [`decode_bare`](super::decode_bare); [`finish`](Self::finish) returns the list without its items at the end, for
/// [`decode_into`](super::decode_into).
pub struct ListSplitter {
    limit: usize,
    /// The bytes of the current field, tag included, followed by its item if it is one.
    field: Vec<u8>,
    /// The envelope's fields without the list.
    envelope: Vec<u8>,
    /// The list's fields without its items.
    list: Vec<u8>,
    /// Number of remaining bytes of the list; `None` outside of it.
    list_left: Option<usize>,
    has_list: bool,
    /// The length of the last item returned.
    item_length: usize,
    state: SplitState,
    /// Number of bytes read in total.
    offset: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SplitState {
    Magic,
    /// Before or in a field's tag, or its length.
    Head,
    /// In a field of this length, of which `field` has the start; its value starts at `value`.
    Body {
        length: usize,
        value: usize,
        is_item: bool,
    },
    /// An item was returned, and is dropped as soon as reading continues.
    ItemDone,
}

/// The list, in its envelope.
const RAW: u32 = 2;
/// The items, in the list.
const ITEMS: u32 = 2;
/// Maximum length of a tag and a length.
const MAX_HEAD: usize = 20;

impl ListSplitter {
    /// Creates a splitter that buffers at most `limit` bytes of an item, and as many of the list without its items.
    pub fn new(limit: usize) -> Self {
        ListSplitter {
            limit,
            field: Vec::new(),
            envelope: Vec::new(),
            list: Vec::new(),
            list_left: None,
            has_list: false,
            item_length: 0,
            state: SplitState::Magic,
            offset: 0,
        }
    }

    /// Reads up to the end of the next item, and removes what it read from the chunk's start.
    ///
    /// Returns the item's bytes, or `None` at the end of the chunk.
    ///
    /// # Errors
    ///
    /// If the bytes are not a list in an envelope; if an item, or the list without its items, exceeds the limit. The
    /// splitter can't be used after an error.
    pub fn next(&mut self, chunk: &mut &[u8]) -> Result<Option<&[u8]>, Error> {
        if self.state == SplitState::ItemDone {
            self.field.clear();
            self.state = SplitState::Head;
        }
        while !chunk.is_empty() {
            match self.state {
                SplitState::Magic => {
                    self.take(chunk, 1);
                    if !MAGIC.starts_with(&self.field) {
                        let kind = Kind::Invalid {
                            expected: "an object in protobuf",
                            found: "bytes without the magic number",
                        };
                        return Err(Error::new(kind, Some(0)));
                    }
                    if self.field.len() == MAGIC.len() {
                        self.envelope.append(&mut self.field);
                        self.state = SplitState::Head;
                    }
                }
                SplitState::Head => {
                    self.take(chunk, 1);
                    self.head()?;
                }
                SplitState::Body { length, .. } => {
                    self.take(chunk, length - self.field.len());
                }
                SplitState::ItemDone => {}
            }
            if let SplitState::Body { length, value, is_item } = self.state
                && self.field.len() == length
            {
                if self.list_left == Some(0) {
                    self.list_left = None;
                }
                if is_item {
                    self.state = SplitState::ItemDone;
                    self.item_length = length - value;
                    return Ok(Some(self.field.get(value..).unwrap_or_default()));
                }
                self.state = SplitState::Head;
                // A field of the list, or of the envelope: the list's last may just have ended it.
                let is_list = value == usize::MAX;
                let rest = if is_list { &mut self.list } else { &mut self.envelope };
                rest.append(&mut self.field);
                if rest.len() > self.limit {
                    return Err(self.too_large());
                }
            }
        }
        Ok(None)
    }

    /// Returns the list without its items, in its envelope, once all of it was read.
    ///
    /// # Errors
    ///
    /// If the bytes are truncated.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        let is_between =
            matches!(self.state, SplitState::ItemDone) || (self.state == SplitState::Head && self.field.is_empty());
        if !self.has_list || self.list_left.is_some() || !is_between {
            return Err(Error::new(Kind::Truncated { expected: "the rest of a list" }, Some(self.offset)));
        }
        let mut whole = self.envelope;
        whole.extend_from_slice(&super::encode::enclosed(RAW, &self.list));
        Ok(whole)
    }

    /// Returns the offset in the whole document of the last item returned.
    #[doc(hidden)]
    pub fn item_start(&self) -> usize {
        let value = match self.state {
            SplitState::ItemDone => self.item_length,
            _ => 0,
        };
        self.offset - value
    }

    /// Returns an error if the list's kind is not that of the table. The kind precedes the items.
    #[doc(hidden)]
    pub fn check_answer(&self, table: &'static Descriptor) -> Result<(), Error> {
        let whole = [&*self.envelope, &*super::encode::enclosed(RAW, &[])].concat();
        Envelope::read(&whole)?.check_kind(table, true)
    }

    /// Moves up to this many bytes from the chunk to the field.
    fn take(&mut self, chunk: &mut &[u8], wanted: usize) {
        let (taken, rest) = chunk.split_at(wanted.min(chunk.len()));
        self.field.extend_from_slice(taken);
        self.offset += taken.len();
        if let Some(left) = &mut self.list_left {
            *left = left.saturating_sub(taken.len());
        }
        *chunk = rest;
    }

    /// Checks whether the tag and the length after it are complete, and decodes them.
    fn head(&mut self) -> Result<(), Error> {
        let start = self.offset - self.field.len();
        let in_list = self.list_left.is_some();
        let mut reader = Reader::new(&self.field);
        let announced = reader.tag().and_then(|tag| {
            let Some(tag) = tag else { return Ok(None) };
            let value = match tag.wire {
                WireType::Varint => {
                    reader.varint()?;
                    0
                }
                WireType::Fixed64 => 8,
                WireType::Fixed32 => 4,
                WireType::Bytes => usize::try_from(reader.varint()?).unwrap_or(usize::MAX),
                WireType::StartGroup | WireType::EndGroup => {
                    return Err(Error::new(Kind::Malformed("a group where there is none"), Some(start)));
                }
            };
            Ok(Some((tag.number, tag.wire, value)))
        });
        let (number, wire, value) = match announced {
            Ok(Some(announced)) => announced,
            Ok(None) => return Ok(()),
            // More is to come.
            Err(error) if error.is_truncated() && self.field.len() < MAX_HEAD && self.list_left != Some(0) => {
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let head = self.field.len();
        if !in_list && number == RAW && wire == WireType::Bytes {
            self.field.clear();
            self.list_left = (value > 0).then_some(value);
            self.has_list = true;
            return Ok(());
        }
        if self.list_left.is_some_and(|left| value > left) {
            let expected = "an item within its list";
            return Err(Error::new(Kind::Truncated { expected }, Some(start)));
        }
        if value > self.limit {
            return Err(self.too_large());
        }
        let is_item = in_list && number == ITEMS && wire == WireType::Bytes;
        let value_at = if is_item {
            head
        } else if in_list {
            usize::MAX
        } else {
            0
        };
        // One that exceeds the address space never ends.
        let length = head.saturating_add(value);
        self.state = SplitState::Body { length, value: value_at, is_item };
        Ok(())
    }

    #[cold]
    fn too_large(&self) -> Error {
        Error::new(Kind::TooLarge { limit: self.limit }, Some(self.offset))
    }
}
