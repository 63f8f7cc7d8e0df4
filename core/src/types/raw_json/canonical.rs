//! Canonical text of a JSON value, for comparison and hashing.

use crate::types::json_number;

/// Maximum nesting of values that are compared by value: it bounds the stack usage for hostile text.
const DEPTH: usize = 256;

/// Returns the canonical text of a JSON text: sorted keys, no white space, unescaped strings, normalized numbers.
///
/// It is only for comparison, and not itself JSON. `None` for invalid JSON, or if nested too deep.
pub(super) fn text(json: &str) -> Option<String> {
    let mut reader = Reader { rest: json, out: String::with_capacity(json.len()) };
    reader.value(0)?;
    reader.rest.trim_ascii_start().is_empty().then_some(reader.out)
}

struct Reader<'a> {
    rest: &'a str,
    out: String,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        match self.peek()? {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'"' => {
                let string = self.string()?;
                self.out.push_str(&string);
                Some(())
            }
            _ => self.scalar(),
        }
    }

    fn object(&mut self, depth: usize) -> Option<()> {
        self.take(b'{')?;
        let mut members: Vec<(String, String)> = Vec::new();
        if self.peek()? == b'}' {
            self.take(b'}')?;
        } else {
            loop {
                let key = self.string()?;
                self.take(b':')?;
                let before = std::mem::take(&mut self.out);
                self.value(depth + 1)?;
                members.push((key, std::mem::replace(&mut self.out, before)));
                if self.separator(b'}')? {
                    break;
                }
            }
        }
        // The sort is stable: of equal keys, the last in the text is the last here.
        members.sort_by(|a, b| a.0.cmp(&b.0));
        self.out.push('{');
        for (at, (key, value)) in members.iter().enumerate() {
            if members.get(at + 1).is_none_or(|next| next.0 != *key) {
                self.out.push_str(key);
                self.out.push(':');
                self.out.push_str(value);
                self.out.push(',');
            }
        }
        self.out.push('}');
        Some(())
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.take(b'[')?;
        self.out.push('[');
        if self.peek()? == b']' {
            self.take(b']')?;
        } else {
            loop {
                self.value(depth + 1)?;
                self.out.push(',');
                if self.separator(b']')? {
                    break;
                }
            }
        }
        self.out.push(']');
        Some(())
    }

    /// A string, unescaped and then quoted so that no two strings look the same.
    fn string(&mut self) -> Option<String> {
        self.take(b'"')?;
        let bytes = self.rest.as_bytes();
        let mut end = 0;
        while *bytes.get(end)? != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let inner = self.rest.get(..end)?;
        self.rest = self.rest.get(end + 1..)?;
        if !inner.contains('\\') {
            return Some(format!("\"{inner}\""));
        }
        Some(match serde_json::from_str::<String>(&format!("\"{inner}\"")) {
            Ok(plain) => format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\"")),
            // Half a surrogate pair has no text of its own: such strings compare as they are written.
            Err(_) => format!("!\"{inner}\""),
        })
    }

    fn scalar(&mut self) -> Option<()> {
        let end = self.rest.find([',', ']', '}', ' ', '\t', '\r', '\n']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "true" | "false" | "null" => self.out.push_str(word),
            number => match json_number::canonical(number) {
                Some(canonical) => self.out.push_str(&canonical),
                None => {
                    // An exponent beyond 64 bits: by its spelling.
                    json_number::split(number)?;
                    self.out.push('!');
                    self.out.push_str(number);
                }
            },
        }
        Some(())
    }

    /// Takes a comma (false) or the closing bracket (true).
    fn separator(&mut self, close: u8) -> Option<bool> {
        let closed = self.peek()? == close;
        self.take(if closed { close } else { b',' })?;
        Some(closed)
    }

    fn peek(&mut self) -> Option<u8> {
        self.rest = self.rest.trim_ascii_start();
        self.rest.as_bytes().first().copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.rest = &self.rest[1..])
    }
}
