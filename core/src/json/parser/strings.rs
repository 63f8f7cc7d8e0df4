//! Strings: parsing and skipping.

use std::borrow::Cow;

use super::super::error::{Error, Kind};
use super::super::scan::plain_run;
use super::Parser;

impl<'a> Parser<'a> {
    /// Reads a string without escapes, as most are; otherwise stays at its start.
    #[inline]
    pub(in crate::json) fn plain_string(&mut self) -> Option<&'a str> {
        if self.peek() != b'"' {
            return None;
        }
        let start = self.at + 1;
        let end = plain_run(self.bytes, start);
        if self.bytes.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        self.text.get(start..end)
    }

    /// Reads a string; `expected` describes it in errors.
    pub(in crate::json) fn string(&mut self, expected: &'static str) -> Result<Cow<'a, str>, Error> {
        if self.peek() != b'"' {
            return Err(self.unexpected(expected));
        }
        match self.plain_string() {
            Some(text) => Ok(Cow::Borrowed(text)),
            None => self.escaped_string().map(Cow::Owned),
        }
    }

    /// Reads a string with escapes, from its opening quote.
    #[cold]
    fn escaped_string(&mut self) -> Result<String, Error> {
        let mut string = String::new();
        self.at += 1;
        loop {
            let end = plain_run(self.bytes, self.at);
            string.push_str(self.text.get(self.at..end).unwrap_or_default());
            self.at = end;
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return Ok(string);
                }
                b'\\' => string.push(self.escape()?),
                _ => return Err(self.bad_in_string()),
            }
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

    pub(super) fn hex4(&mut self) -> Result<u32, Error> {
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

    /// Validates and skips a string, from its opening quote.
    #[inline]
    pub(super) fn skip_string(&mut self) -> Result<(), Error> {
        self.at = plain_run(self.bytes, self.at + 1);
        if self.take(b'"') {
            return Ok(());
        }
        self.skip_escaped_string()
    }

    #[cold]
    pub(super) fn skip_escaped_string(&mut self) -> Result<(), Error> {
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

    /// Returns the error for what ends a run of plain text but is invalid in a string.
    #[cold]
    fn bad_in_string(&self) -> Error {
        if self.at >= self.bytes.len() {
            return self.fail(Kind::Truncated { expected: "the end of a string" });
        }
        self.syntax("the end of a string", "a control character that is not escaped")
    }
}
