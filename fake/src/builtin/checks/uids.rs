//! The form of uids, as types declare it.

/// What is said of others.
pub(super) const WHY: &str = "must be a lowercase UUID in 8-4-4-4-12 format";

/// Whether a text is a uid.
pub(super) fn is_valid(text: &str) -> bool {
    let is_right = |(index, byte): (usize, u8)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    };
    text.len() == 36 && text.bytes().enumerate().all(is_right)
}
