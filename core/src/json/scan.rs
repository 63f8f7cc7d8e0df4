//! Finding the end of a run of plain string text, eight bytes at a time.

const ONES: u64 = u64::from_ne_bytes([1; 8]);
const HIGHS: u64 = ONES * 0x80;

/// Returns the index of the first byte at or after `start` that is special inside a JSON string (a quote, a backslash,
/// a control character), or the length of `bytes`.
#[inline]
pub(super) fn plain_run(bytes: &[u8], start: usize) -> usize {
    let mut at = start;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let found = specials(u64::from_le_bytes(*chunk));
        if found != 0 {
            return at + first(found);
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| !is_special(*byte)) {
        at += 1;
    }
    at
}

/// Whether no byte is special inside a JSON string.
#[inline]
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    let marks = match bytes.last_chunk() {
        // The last word may overlap the previous one.
        Some(last) => {
            let (words, _) = bytes.as_chunks();
            words
                .iter()
                .fold(specials(u64::from_le_bytes(*last)), |marks, word| marks | specials(u64::from_le_bytes(*word)))
        }
        None => specials(short_word(bytes)),
    };
    marks == 0
}

/// Loads fewer than eight bytes as a word, repeating some; unused bytes are plain.
#[inline]
fn short_word(bytes: &[u8]) -> u64 {
    const PLAIN: u64 = ONES * b'a' as u64;
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        return u64::from(u32::from_le_bytes(*first)) | u64::from(u32::from_le_bytes(*last)) << 32;
    }
    match bytes {
        [] => PLAIN,
        [a] => PLAIN << 8 | u64::from(*a),
        [a, b] => PLAIN << 16 | u64::from(u16::from_le_bytes([*a, *b])),
        [a, b, .., c] => PLAIN << 24 | u64::from(u32::from_le_bytes([*a, *b, *c, 0])),
    }
}

/// Returns the position in its word of the first byte that [`specials`] marked.
#[inline]
pub(super) fn first(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// Marks, in their high bits, the bytes of a little-endian word that a JSON string must escape. Only the first mark is
/// exact: a borrow may carry into the following bytes.
#[inline]
pub(super) fn specials(word: u64) -> u64 {
    let control = word.wrapping_sub(ONES * 0x20);
    let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
    let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
    (control | quote | backslash) & !word & HIGHS
}

/// Whether a byte is special inside a JSON string.
#[inline]
pub(super) fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_at_the_first_special_byte_wherever_it_stands() {
        for special in (0..0x20).chain([b'"', b'\\']) {
            for length in 0..40 {
                let mut bytes = vec![b'a'; length];
                bytes.push(special);
                bytes.extend([b'"', 0, b'\\', 0x80, 0xff]);
                assert_eq!(plain_run(&bytes, 0), length);
                for end in 0..=bytes.len() {
                    assert_eq!(is_plain(&bytes[..end]), end <= length, "{special} after {length} of {end}");
                }
            }
        }
    }

    #[test]
    fn every_other_byte_belongs_to_the_run() {
        let plain: Vec<u8> = (0x20..=0xff).filter(|byte| !matches!(byte, b'"' | b'\\')).collect();
        for start in 0..9 {
            assert_eq!(plain_run(&plain, start), plain.len());
            assert!(is_plain(&plain[start..]));
            assert!(plain.iter().all(|byte| is_plain(&vec![*byte; start])));
        }
    }
}
