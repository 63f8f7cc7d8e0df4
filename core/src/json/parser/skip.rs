//! Validates and skips values of any type.

use super::super::error::Error;
use super::super::scan::plain_run;
use super::{MAX_DEPTH, Parser};

impl Parser<'_> {
    /// Validates and skips a value of any type, without recursion.
    pub(in crate::json) fn skip(&mut self) -> Result<(), Error> {
        let outside = self.depth;
        // One bit for each level entered here, the innermost lowest: set for an object.
        let mut objects: u128 = 0;
        loop {
            match self.peek() {
                b'"' => self.skip_string()?,
                // Every leaf of a managedFields set.
                b'{' if self.depth < MAX_DEPTH && self.bytes.get(self.at + 1) == Some(&b'}') => self.at += 2,
                b'{' => {
                    self.deeper()?;
                    if !self.ends_at_once(b'}') {
                        objects = objects << 1 | 1;
                        self.skip_key()?;
                        continue;
                    }
                    self.leave();
                }
                b'[' => {
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

    /// Skips a key, its colon and the space around it.
    #[inline]
    fn skip_key(&mut self) -> Result<(), Error> {
        if self.peek() != b'"' {
            return Err(self.unexpected_syntax("a key in quotes"));
        }
        let end = plain_run(self.bytes, self.at + 1);
        if let Some([b'"', b':', b'!'..=255, ..]) = self.bytes.get(end..) {
            self.at = end + 2;
            return Ok(());
        }
        self.skip_string()?;
        self.colon()
    }
}
