//! Text in quotes, as Go writes it: what messages say of names and values.

use std::fmt::{self, Display, Write as _};
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// Text in double quotes, with what can't be seen in it escaped.
///
/// <https://pkg.go.dev/strconv#Quote>
pub(crate) fn quoted<T: AsRef<str> + ?Sized>(text: &T) -> Quoted<'_> {
    Quoted(text.as_ref())
}

#[derive(Clone, Copy)]
pub(crate) struct Quoted<'t>(&'t str);

/// Letters, marks, numbers, punctuation and symbols, in all scripts.
///
/// <https://pkg.go.dev/unicode#IsPrint>
static PRINTABLE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\A[\p{L}\p{M}\p{N}\p{P}\p{S}]\z").ok());

/// A value as messages show it: text as [`quoted`] does, and all else as JSON.
pub(crate) fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| in_json(value), |text| quoted(text).to_string())
}

/// The same for a value whose type in Go has a name, and for what has parts: all of it is JSON, as Go writes that.
///
/// <https://pkg.go.dev/encoding/json#HTMLEscape>
pub(crate) fn in_json(value: &Value) -> String {
    let mut text = String::new();
    for letter in value.to_string().chars() {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => text.push_str(&format!("\\u{:04x}", u32::from(letter))),
            _ => text.push(letter),
        }
    }
    text
}

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for letter in self.0.chars() {
            match letter {
                '"' | '\\' => write!(f, "\\{letter}")?,
                _ if is_printable(letter) => f.write_char(letter)?,
                '\u{7}' => f.write_str("\\a")?,
                '\u{8}' => f.write_str("\\b")?,
                '\u{c}' => f.write_str("\\f")?,
                '\n' => f.write_str("\\n")?,
                '\r' => f.write_str("\\r")?,
                '\t' => f.write_str("\\t")?,
                '\u{b}' => f.write_str("\\v")?,
                ..' ' | '\u{7f}' => write!(f, "\\x{:02x}", u32::from(letter))?,
                ..'\u{10000}' => write!(f, "\\u{:04x}", u32::from(letter))?,
                _ => write!(f, "\\U{:08x}", u32::from(letter))?,
            }
        }
        f.write_char('"')
    }
}

fn is_printable(letter: char) -> bool {
    match letter {
        ' '..='~' => true,
        '\0'..='\u{9f}' => false,
        _ => PRINTABLE.as_ref().is_some_and(|printable| printable.is_match(letter.encode_utf8(&mut [0; 4]))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_seen_is_as_it_is_and_all_else_is_escaped() {
        assert_eq!(quoted("a \"b\" \\ 'c' é 名 ✓ 😀").to_string(), r#""a \"b\" \\ 'c' é 名 ✓ 😀""#);
        assert_eq!(quoted("\0\u{7}\u{8}\t\n\u{b}\u{c}\r\u{1b}\u{7f}").to_string(), r#""\x00\a\b\t\n\v\f\r\x1b\x7f""#);
        assert_eq!(
            quoted("\u{85}\u{a0}\u{ad}\u{200b}\u{2028}\u{e000}\u{e0001}").to_string(),
            r#""\u0085\u00a0\u00ad\u200b\u2028\ue000\U000e0001""#
        );
        // A mark that belongs to the letter before it.
        assert_eq!(quoted("e\u{301}").to_string(), "\"e\u{301}\"");
    }
}
