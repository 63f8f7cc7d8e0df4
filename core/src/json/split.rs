//! Incremental splitting of a list: items one by one, and the rest of the document at the end.

use super::error::{Error, Kind};
use super::scan::plain_run;

/// Splits the JSON of a list (`{"kind":"PodList",…,"items":[…]}`) into its items, from chunks as they arrive.
///
/// It buffers the incomplete item, and the document without its items; never the body. It finds where items begin and
/// end, without validating their contents. An item can be decoded separately; [`finish`](Self::finish) returns the
/// document without its items, at the end.
///
/// ```
/// use kubewright_core::json::split::ListSplitter;
///
/// let mut splitter = ListSplitter::new(1 << 20);
/// let mut items = Vec::new();
/// for chunk in [r#"{"kind":"PodList","items":[{"metad"#, r#"ata":{}},{}],"metadata":{"continue":"x"}}"#] {
///     let mut chunk = chunk.as_bytes();
///     while let Some(item) = splitter.next(&mut chunk)? {
///         items.push(String::from_utf8_lossy(item).into_owned());
///     }
/// }
/// assert_eq!(items, [r#"{"metadata":{}}"#, "{}"]);
/// assert_eq!(splitter.finish()?, br#"{"kind":"PodList","items":[],"metadata":{"continue":"x"}}"#);
/// # Ok::<(), kubewright_core::json::Error>(())
/// ```
pub struct ListSplitter {
    limit: usize,
    /// The document without its items.
    envelope: Vec<u8>,
    /// The current item: incomplete, or the last one returned.
    item: Vec<u8>,
    state: SplitState,
    /// Number of open lists and objects.
    depth: usize,
    in_string: bool,
    /// Whether the previous byte, inside a string, was a backslash that escapes the next.
    escaped: bool,
    /// Start of the last string at the document's own level in the envelope: a key, if a colon follows.
    last_string: usize,
    /// Number of bytes read in total.
    offset: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SplitState {
    Envelope,
    /// After `"items":`, before its value.
    BeforeItems,
    BetweenItems,
    InItem,
    /// An item was returned, and is dropped as soon as reading continues.
    ItemDone,
}

/// Nesting of an item's own brackets: inside the document, and the list of items.
const ITEMS_DEPTH: usize = 2;

impl ListSplitter {
    /// Creates a splitter that buffers at most `limit` bytes of an item, and as many of the document without its items.
    pub fn new(limit: usize) -> Self {
        ListSplitter {
            limit,
            envelope: Vec::new(),
            item: Vec::new(),
            state: SplitState::Envelope,
            depth: 0,
            in_string: false,
            escaped: false,
            last_string: 0,
            offset: 0,
        }
    }

    /// Reads up to the end of the next item, and removes what it read from the chunk's start.
    ///
    /// Returns the item's text, or `None` at the end of the chunk. (Bytes, as a chunk may end inside a character: UTF-8
    /// is validated when the item is decoded.)
    ///
    /// # Errors
    ///
    /// If an item, or the document without its items, exceeds the limit; if there is something other than an object
    /// among the items. The splitter can't be used after an error.
    pub fn next(&mut self, chunk: &mut &[u8]) -> Result<Option<&[u8]>, Error> {
        if self.state == SplitState::ItemDone {
            self.item.clear();
            self.state = SplitState::BetweenItems;
        }
        while let Some((byte, after)) = chunk.split_first() {
            if self.state == SplitState::InItem {
                let taken = self.item_part(chunk);
                let (part, rest) = chunk.split_at(taken);
                *chunk = rest;
                self.offset += taken;
                if part.len() > self.limit - self.item.len() {
                    return Err(self.too_large());
                }
                self.item.extend_from_slice(part);
                if self.depth == ITEMS_DEPTH {
                    self.state = SplitState::ItemDone;
                    return Ok(Some(&self.item));
                }
            } else {
                self.envelope_byte(*byte)?;
                // The first byte of an item is read again, as its own.
                if self.state != SplitState::InItem {
                    *chunk = after;
                    self.offset += 1;
                }
            }
        }
        Ok(None)
    }

    /// Returns the document without its items, once all of it was read.
    ///
    /// # Errors
    ///
    /// If the text is truncated.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        if self.depth > 0 || self.in_string || self.envelope.trim_ascii().is_empty() {
            return Err(Error::new(Kind::Truncated { expected: "the rest of a list" }, Some(self.offset)));
        }
        Ok(self.envelope)
    }

    /// Returns the offset in the whole document of the last item returned.
    #[doc(hidden)]
    pub fn item_start(&self) -> usize {
        self.offset - self.item.len()
    }

    /// Returns the document without its items, as far as it was read.
    #[doc(hidden)]
    pub fn so_far(&self) -> &[u8] {
        &self.envelope
    }

    /// Returns how much of a chunk belongs to the current item.
    fn item_part(&mut self, chunk: &[u8]) -> usize {
        let mut at = 0;
        while let Some(byte) = chunk.get(at) {
            if self.in_string {
                if self.escaped {
                    self.escaped = false;
                    at += 1;
                    continue;
                }
                at = plain_run(chunk, at);
                match chunk.get(at) {
                    Some(b'"') => self.in_string = false,
                    Some(b'\\') => self.escaped = true,
                    // A control character: reported by the decoder.
                    Some(_) => {}
                    None => return at,
                }
                at += 1;
                continue;
            }
            at += 1;
            match byte {
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth -= 1;
                    if self.depth == ITEMS_DEPTH {
                        return at;
                    }
                }
                _ => {}
            }
        }
        at
    }

    /// Reads one byte outside the items.
    fn envelope_byte(&mut self, byte: u8) -> Result<(), Error> {
        if self.state == SplitState::BetweenItems {
            match byte {
                b'{' => {
                    self.state = SplitState::InItem;
                    return Ok(());
                }
                b']' => self.state = SplitState::Envelope,
                b',' | b' ' | b'\t' | b'\n' | b'\r' => return Ok(()),
                _ => {
                    let kind = Kind::Syntax { expected: "an object among the items", found: "something else" };
                    return Err(Error::new(kind, Some(self.offset)));
                }
            }
        }
        if self.envelope.len() >= self.limit {
            return Err(self.too_large());
        }
        let here = self.envelope.len();
        self.envelope.push(byte);
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return Ok(());
        }
        if self.state == SplitState::BeforeItems && !byte.is_ascii_whitespace() {
            self.state = if byte == b'[' { SplitState::BetweenItems } else { SplitState::Envelope };
        }
        match byte {
            b'"' => {
                self.in_string = true;
                if self.depth == 1 {
                    self.last_string = here;
                }
            }
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b':' if self.depth == 1 => {
                let key = self.envelope.get(self.last_string..here).unwrap_or_default();
                if key.trim_ascii_end() == b"\"items\"" {
                    self.state = SplitState::BeforeItems;
                }
            }
            _ => {}
        }
        Ok(())
    }

    #[cold]
    fn too_large(&self) -> Error {
        Error::new(Kind::TooLarge { limit: self.limit }, Some(self.offset))
    }
}
