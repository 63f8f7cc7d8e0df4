//! JSON tokens: separators, strings, numbers, literals, and skipping values.

mod numbers;
mod skip;
mod strings;

use std::borrow::Cow;

use super::error::{Error, Kind};

/// Maximum nesting of lists and objects.
pub(crate) const MAX_DEPTH: u8 = 128;

/// A position in JSON text, with its nesting.
pub(super) struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: u8,
}

/// A saved position.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    at: usize,
    depth: u8,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Parser { text, bytes: text.as_bytes(), at: 0, depth: 0 }
    }

    /// Returns the index of the next byte.
    #[inline]
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Saves the position.
    #[inline]
    pub(super) fn mark(&self) -> Mark {
        Mark { at: self.at, depth: self.depth }
    }

    /// Restores a position.
    pub(super) fn back_to(&mut self, mark: Mark) {
        (self.at, self.depth) = (mark.at, mark.depth);
    }

    /// Returns the unread text.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Same as text; empty inside a character.
    #[inline]
    pub(super) fn rest_as_text(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Skips a value that is known to come next.
    #[inline]
    pub(super) fn advance(&mut self, value: &str) {
        self.at += value.len();
    }

    /// Returns the text from an earlier index to here.
    #[inline]
    pub(super) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Returns the next byte, or 0 at the end.
    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// Skips a key, colon included, and the space after it, if exactly this text comes next.
    #[inline]
    pub(super) fn take_key(&mut self, key: &str) -> bool {
        let here = starts_with(self.rest(), key.as_bytes());
        if here {
            self.at += key.len();
            self.space();
        }
        here
    }

    /// Skips white space.
    #[inline]
    pub(super) fn space(&mut self) {
        if self.peek() <= b' ' {
            self.long_space();
        }
    }

    #[cold]
    fn long_space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    /// Skips a byte, if it comes next.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let here = self.peek() == byte;
        self.at += usize::from(here);
        here
    }

    /// Enters a list or object, whose opening bracket comes next.
    #[inline]
    pub(super) fn enter(&mut self, bracket: u8, expected: &'static str) -> Result<(), Error> {
        if self.peek() != bracket {
            return Err(self.unexpected(expected));
        }
        self.deeper()
    }

    /// Skips an opening bracket.
    #[inline]
    fn deeper(&mut self) -> Result<(), Error> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fail(Kind::TooDeep));
        }
        self.at += 1;
        self.depth += 1;
        Ok(())
    }

    /// Leaves a list or object, whose closing bracket was read.
    #[inline]
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Whether the list or object that was just entered is empty.
    #[inline]
    pub(super) fn ends_at_once(&mut self, bracket: u8) -> bool {
        self.space();
        self.take(bracket)
    }

    /// After a value: skips the comma (`true`), or the closing bracket (`false`).
    #[inline]
    pub(super) fn goes_on(&mut self, bracket: u8) -> Result<bool, Error> {
        if self.peek() <= b' ' {
            self.long_space();
        }
        let byte = self.peek();
        if byte == b',' {
            self.at += 1;
            self.space();
            return Ok(true);
        }
        if byte == bracket {
            self.at += 1;
            return Ok(false);
        }
        let expected =
            if bracket == b'}' { "a comma or the end of the object" } else { "a comma or the end of the list" };
        Err(self.unexpected_syntax(expected))
    }

    /// Reads an object's key, and skips its colon and the space around it.
    pub(super) fn key(&mut self) -> Result<Cow<'a, str>, Error> {
        if self.peek() != b'"' {
            return Err(self.unexpected_syntax("a key in quotes"));
        }
        let key = self.string("a key in quotes")?;
        self.colon()?;
        Ok(key)
    }

    #[inline]
    fn colon(&mut self) -> Result<(), Error> {
        self.space();
        if !self.take(b':') {
            return Err(self.unexpected_syntax("a colon after the key"));
        }
        self.space();
        Ok(())
    }

    /// Reads `true` or `false`.
    #[inline]
    pub(super) fn boolean(&mut self, expected: &'static str) -> Result<bool, Error> {
        match self.peek() {
            b't' => self.literal(b"true").map(|()| true),
            b'f' => self.literal(b"false").map(|()| false),
            _ => Err(self.unexpected(expected)),
        }
    }

    /// Skips `null`, if it comes next.
    #[inline]
    pub(super) fn null(&mut self) -> Result<bool, Error> {
        if self.peek() != b'n' {
            return Ok(false);
        }
        self.literal(b"null").map(|()| true)
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), Error> {
        let rest = self.rest();
        if rest.starts_with(word) {
            self.at += word.len();
            return Ok(());
        }
        let same = rest.iter().zip(word).take_while(|(a, b)| a == b).count();
        self.at += same;
        Err(self.unexpected_syntax("true, false or null"))
    }

    /// Returns a value of any type as text.
    #[inline]
    pub(super) fn raw(&mut self) -> Result<&'a str, Error> {
        let start = self.at;
        self.skip()?;
        Ok(self.since(start))
    }

    /// Checks that only white space is left.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        self.space();
        if self.at < self.bytes.len() {
            return Err(self.fail(Kind::Trailing));
        }
        Ok(())
    }

    /// Returns the error for the next token, if a value of some type is expected.
    #[cold]
    pub(super) fn unexpected(&self, expected: &'static str) -> Error {
        match self.peek() {
            0 if self.at >= self.bytes.len() => self.fail(Kind::Truncated { expected }),
            b'"' | b'{' | b'[' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => self.wrong(expected, self.found()),
            _ => self.syntax(expected, self.found()),
        }
    }

    /// Returns the error for the next token, if it is not valid JSON.
    #[cold]
    pub(super) fn unexpected_syntax(&self, expected: &'static str) -> Error {
        if self.at >= self.bytes.len() {
            return self.fail(Kind::Truncated { expected });
        }
        self.syntax(expected, self.found())
    }

    /// Returns the error for a value that a field does not accept.
    #[cold]
    pub(super) fn wrong(&self, expected: &'static str, found: &'static str) -> Error {
        self.fail(Kind::WrongType { expected, found })
    }

    #[cold]
    fn syntax(&self, expected: &'static str, found: &'static str) -> Error {
        self.fail(Kind::Syntax { expected, found })
    }

    #[cold]
    fn fail(&self, kind: Kind) -> Error {
        Error::new(kind, Some(self.at))
    }

    fn found(&self) -> &'static str {
        match self.peek() {
            b'"' => "a string",
            b'{' => "an object",
            b'[' => "a list",
            b'-' | b'0'..=b'9' => "a number",
            b't' => "true",
            b'f' => "false",
            b'n' => "null",
            b'}' => "the end of an object",
            b']' => "the end of a list",
            b',' => "a comma",
            b':' => "a colon",
            b'\'' => "a single quote",
            0..0x20 => "a control character",
            _ => "a stray character",
        }
    }
}

/// Whether a text starts with a key: as `starts_with`, without a call for few bytes.
#[inline]
fn starts_with(text: &[u8], key: &[u8]) -> bool {
    let Some(text) = text.get(..key.len()) else { return false };
    match (text.first_chunk::<8>(), key.first_chunk::<8>()) {
        // The last eight bytes overlap the first.
        (Some(a), Some(b)) if key.len() <= 16 => a == b && text.last_chunk::<8>() == key.last_chunk::<8>(),
        (Some(a), Some(b)) => a == b && text == key,
        _ => match (text.first_chunk::<4>(), key.first_chunk::<4>()) {
            (Some(a), Some(b)) => a == b && text.last_chunk::<4>() == key.last_chunk::<4>(),
            _ => text == key,
        },
    }
}
