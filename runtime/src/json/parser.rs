//! The words of JSON: strings, numbers, literals, separators, and values to be skipped.

use std::borrow::Cow;

use super::error::{Error, Kind};
use super::number::{NotInteger, integral};
use super::scan::plain_run;

/// How deep lists and objects may be nested in one another.
pub(crate) const MAX_DEPTH: u8 = 128;

/// A place in JSON text, and how deep it is nested.
pub(super) struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: u8,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Parser { text, bytes: text.as_bytes(), at: 0, depth: 0 }
    }

    /// The index of the next byte.
    #[inline]
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// What has not been read yet.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// The text from an earlier index to here.
    #[inline]
    pub(super) fn since(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// The next byte, or 0 at the end.
    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or(0)
    }

    /// Goes on by a number of bytes that were looked at before.
    #[inline]
    pub(super) fn advance(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Goes past white space.
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

    /// Goes past a byte, if it comes next.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let here = self.peek() == byte;
        self.at += usize::from(here);
        here
    }

    /// Goes into a list or object, whose opening bracket comes next.
    #[inline]
    pub(super) fn enter(&mut self, bracket: u8, expected: &'static str) -> Result<(), Error> {
        if !self.take(bracket) {
            return Err(self.unexpected(expected));
        }
        self.deeper()
    }

    #[inline]
    fn deeper(&mut self) -> Result<(), Error> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fail(Kind::TooDeep));
        }
        self.depth += 1;
        Ok(())
    }

    /// Leaves a list or object, whose closing bracket has been read.
    #[inline]
    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Whether the list or object that was just entered ends at once.
    #[inline]
    pub(super) fn ends_at_once(&mut self, bracket: u8) -> bool {
        self.space();
        self.take(bracket)
    }

    /// After a value: goes past the comma (`true`), or past the closing bracket (`false`).
    #[inline]
    pub(super) fn goes_on(&mut self, bracket: u8) -> Result<bool, Error> {
        self.space();
        if self.take(b',') {
            self.space();
            return Ok(true);
        }
        if self.take(bracket) {
            return Ok(false);
        }
        let expected = if bracket == b'}' { "a comma or the end of the object" } else { "a comma or the end of the list" };
        Err(self.unexpected_syntax(expected))
    }

    /// Reads an object's key, and goes past its colon and the space around it.
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

    /// Reads a string; `expected` says what for.
    #[inline]
    pub(super) fn string(&mut self, expected: &'static str) -> Result<Cow<'a, str>, Error> {
        if self.peek() != b'"' {
            return Err(self.unexpected(expected));
        }
        let start = self.at + 1;
        let end = plain_run(self.bytes, start);
        if self.bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(Cow::Borrowed(self.text.get(start..end).unwrap_or_default()));
        }
        self.escaped_string(start, end).map(Cow::Owned)
    }

    /// Reads the rest of a string that is plain between these two indexes, and then has an escape.
    #[cold]
    fn escaped_string(&mut self, start: usize, end: usize) -> Result<String, Error> {
        let mut string = self.text.get(start..end).unwrap_or_default().to_owned();
        self.at = end;
        loop {
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Ok(string);
                }
                b'\\' => string.push(self.escape()?),
                _ => return Err(self.bad_in_string()),
            }
            let end = plain_run(self.bytes, self.at);
            string.push_str(self.text.get(self.at..end).unwrap_or_default());
            self.at = end;
        }
    }

    /// Reads an escape sequence, from its backslash.
    fn escape(&mut self) -> Result<char, Error> {
        let start = self.at;
        self.at += 1;
        let letter = self.peek();
        let char = match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                self.at += 1;
                let mut code = self.hex4()?;
                if (0xd800..0xdc00).contains(&code) && self.rest().starts_with(b"\\u") {
                    self.at += 2;
                    let low = self.hex4()?;
                    if (0xdc00..0xe000).contains(&low) {
                        code = 0x1_0000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    }
                }
                return char::from_u32(code).ok_or_else(|| {
                    self.at = start;
                    self.syntax("a character", "half of a surrogate pair")
                });
            }
            _ => return Err(self.unexpected_syntax("an escape sequence")),
        };
        self.at += 1;
        Ok(char)
    }

    fn hex4(&mut self) -> Result<u32, Error> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = char::from(self.peek()).to_digit(16) else {
                return Err(self.unexpected_syntax("four hexadecimal digits"));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    /// Goes past a string, from its opening quote, and checks it on the way.
    #[inline]
    fn skip_string(&mut self) -> Result<(), Error> {
        self.at = plain_run(self.bytes, self.at + 1);
        if self.take(b'"') {
            return Ok(());
        }
        self.skip_escaped_string()
    }

    #[cold]
    fn skip_escaped_string(&mut self) -> Result<(), Error> {
        loop {
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Ok(());
                }
                b'\\' => {
                    self.at += 1;
                    match self.peek() {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
                        b'u' => {
                            self.at += 1;
                            self.hex4()?;
                        }
                        _ => return Err(self.unexpected_syntax("an escape sequence")),
                    }
                }
                _ => return Err(self.bad_in_string()),
            }
            self.at = plain_run(self.bytes, self.at);
        }
    }

    /// The error for what ends a run of plain text but may not stand in a string.
    #[cold]
    fn bad_in_string(&self) -> Error {
        if self.at >= self.bytes.len() {
            return self.fail(Kind::Truncated { expected: "the end of a string" });
        }
        self.syntax("the end of a string", "a control character that is not escaped")
    }

    /// Reads an integer, also one that is written with a fraction of zero or an exponent.
    #[inline]
    pub(super) fn integer(&mut self, expected: &'static str) -> Result<i64, Error> {
        let start = self.at;
        let negative = self.take(b'-');
        let digits = self.at;
        let mut value: i64 = 0;
        while let digit @ b'0'..=b'9' = self.peek() {
            // Overflow wraps, and is caught below by the number of digits.
            value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
            self.at += 1;
        }
        let length = self.at - digits;
        let plain = (1..=18).contains(&length)
            && (length == 1 || self.bytes.get(digits) != Some(&b'0'))
            && !matches!(self.peek(), b'.' | b'e' | b'E');
        if plain {
            return Ok(if negative { -value } else { value });
        }
        self.at = start;
        self.odd_integer(expected)
    }

    #[cold]
    fn odd_integer(&mut self, expected: &'static str) -> Result<i64, Error> {
        let start = self.at;
        let text = self.number(expected)?;
        integral(text).map_err(|reason| {
            self.at = start;
            self.wrong(
                expected,
                match reason {
                    NotInteger::Fraction => "a number with a fraction",
                    NotInteger::Range => "a number out of its range",
                },
            )
        })
    }

    /// Reads a number, and gives its text.
    pub(super) fn number(&mut self, expected: &'static str) -> Result<&'a str, Error> {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return Err(self.unexpected(expected));
        }
        let start = self.at;
        self.skip_number()?;
        Ok(self.since(start))
    }

    /// Goes past a number, and checks it on the way.
    fn skip_number(&mut self) -> Result<(), Error> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Error> {
        let start = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start {
            return Err(self.unexpected_syntax("a digit"));
        }
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

    /// Goes past `null`, if it comes next.
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

    /// Goes past a value of any type, and checks it on the way. Needs no stack of its own, whatever the nesting.
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        let outside = self.depth;
        // One bit for each level entered here, the innermost lowest: set for an object.
        let mut objects: u128 = 0;
        loop {
            match self.peek() {
                b'"' => self.skip_string()?,
                b'{' => {
                    self.at += 1;
                    self.deeper()?;
                    if !self.ends_at_once(b'}') {
                        objects = objects << 1 | 1;
                        self.skip_key()?;
                        continue;
                    }
                    self.leave();
                }
                b'[' => {
                    self.at += 1;
                    self.deeper()?;
                    if !self.ends_at_once(b']') {
                        objects <<= 1;
                        continue;
                    }
                    self.leave();
                }
                b'-' | b'0'..=b'9' => self.skip_number()?,
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => return Err(self.unexpected_syntax("a value")),
            }
            loop {
                if self.depth == outside {
                    return Ok(());
                }
                let in_object = objects & 1 == 1;
                if self.goes_on(if in_object { b'}' } else { b']' })? {
                    if in_object {
                        self.skip_key()?;
                    }
                    break;
                }
                self.leave();
                objects >>= 1;
            }
        }
    }

    /// Goes past a key, its colon and the space around it.
    #[inline]
    fn skip_key(&mut self) -> Result<(), Error> {
        if self.peek() != b'"' {
            return Err(self.unexpected_syntax("a key in quotes"));
        }
        self.skip_string()?;
        self.colon()
    }

    /// Reads a value of any type as the text that it is.
    #[inline]
    pub(super) fn raw(&mut self) -> Result<&'a str, Error> {
        let start = self.at;
        self.skip()?;
        Ok(self.since(start))
    }

    /// Checks that nothing but space is left.
    pub(super) fn end(&mut self) -> Result<(), Error> {
        self.space();
        if self.at < self.bytes.len() {
            return Err(self.fail(Kind::Trailing));
        }
        Ok(())
    }

    /// The error for what comes next, where a value of some type is expected.
    #[cold]
    pub(super) fn unexpected(&self, expected: &'static str) -> Error {
        match self.peek() {
            0 if self.at >= self.bytes.len() => self.fail(Kind::Truncated { expected }),
            b'"' | b'{' | b'[' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => self.wrong(expected, self.found()),
            _ => self.syntax(expected, self.found()),
        }
    }

    /// The error for what comes next, where it is no JSON at all.
    #[cold]
    pub(super) fn unexpected_syntax(&self, expected: &'static str) -> Error {
        if self.at >= self.bytes.len() {
            return self.fail(Kind::Truncated { expected });
        }
        self.syntax(expected, self.found())
    }

    /// The error for a value that a field does not take.
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
