//! Numbers: parsing and skipping.

use super::super::error::Error;
use super::Parser;
use crate::types::{NotInteger, integral};

impl<'a> Parser<'a> {
    /// Parses an integer, including one with a zero fraction or an exponent.
    #[inline]
    pub(in crate::json) fn integer(&mut self, expected: &'static str) -> Result<i64, Error> {
        let start = self.at;
        let negative = self.take(b'-');
        let digits = self.at;
        let mut value: i64 = 0;
        while let digit @ b'0'..=b'9' = self.peek() {
            // Overflow wraps, and is detected below by the number of digits.
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

    /// Returns a number's text.
    pub(in crate::json) fn number(&mut self, expected: &'static str) -> Result<&'a str, Error> {
        if !matches!(self.peek(), b'-' | b'0'..=b'9') {
            return Err(self.unexpected(expected));
        }
        let start = self.at;
        self.skip_number()?;
        Ok(self.since(start))
    }

    /// Validates and skips a number.
    pub(super) fn skip_number(&mut self) -> Result<(), Error> {
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
}
