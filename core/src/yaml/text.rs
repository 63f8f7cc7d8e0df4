//! Decodes a file's bytes to text.

use std::borrow::Cow;

use super::error::Problem;

/// Decodes the text of a file: UTF-8, or UTF-16 with a byte order mark, as Windows PowerShell's `>` writes it. A byte
/// order mark is not part of the text.
///
/// ```
/// use kubewright_core::yaml;
///
/// let file = b"\xff\xfek\0:\0 \0v\0";
/// assert_eq!(yaml::decode(file)?, "k: v");
/// # Ok::<(), yaml::Problem>(())
/// ```
///
/// # Errors
/// If the bytes are neither UTF-8, nor UTF-16 after a byte order mark.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Problem> {
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] | rest => match std::str::from_utf8(rest) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(error) => {
                let line = 1 + memchr::memchr_iter(b'\n', rest.get(..error.valid_up_to()).unwrap_or_default()).count();
                Err(Problem::new(format!("line {line}: the text is neither UTF-8 nor UTF-16 with a byte order mark")))
            }
        },
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, Problem> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(Cow::Owned(text)),
        _ => Err(Problem::new("the text is not UTF-16, though its byte order mark says so")),
    }
}
