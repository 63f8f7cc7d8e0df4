//! Damage to good bytes.

use crate::random::{self, Rng};

/// Changes bytes in one to three places: bits, pieces that are cut, doubled, moved or put in, numbers made huge.
pub fn damage(bytes: &mut Vec<u8>, rng: &mut Rng) {
    for _ in 0..rng.usize(1..4) {
        let (from, to) = range(bytes, rng);
        match rng.u32(..9) {
            0 => flip(bytes, rng),
            1 => bytes.truncate(from),
            2 => drop(bytes.drain(from..to)),
            3 => {
                let piece = bytes[from..to].to_vec();
                let at = rng.usize(..=bytes.len());
                bytes.splice(at..at, piece);
            }
            4 => {
                let any = random::bytes(rng, 6);
                bytes.splice(from..to.min(from + 6), any);
            }
            5 => {
                // A length, a number or a tag beyond all bounds.
                let huge = [0xff; 10];
                let length = rng.usize(1..=10);
                bytes.splice(from..to.min(from + 1), huge[..length].iter().copied().chain([rng.u8(..128)]));
            }
            6 => {
                let word = random::one(
                    rng,
                    &[
                        "{",
                        "}",
                        "[",
                        "]",
                        "\"",
                        ",",
                        ":",
                        "null",
                        "{}",
                        "[]",
                        "\\",
                        "-",
                        "1e999",
                        "\"\\ud800\"",
                        "0.5",
                        "99999999999999999999",
                        "true",
                        "\"a\":1,",
                    ],
                );
                bytes.splice(from..to.min(from + word.len()), word.bytes());
            }
            7 => {
                let opening = random::one(rng, &["[", "{\"a\":", "{\"items\":[", "\x0b", "\x0a\x7f"]);
                let many = opening.repeat(rng.usize(1..400));
                bytes.splice(from..from, many.bytes());
            }
            _ => {
                let value = rng.u8(..);
                bytes[from..to].fill(value);
            }
        }
    }
}

fn flip(bytes: &mut [u8], rng: &mut Rng) {
    if !bytes.is_empty() {
        let at = rng.usize(..bytes.len());
        bytes[at] ^= 1 << rng.u32(..8);
    }
}

fn range(bytes: &[u8], rng: &mut Rng) -> (usize, usize) {
    let from = rng.usize(..=bytes.len());
    (from, rng.usize(from..=bytes.len().min(from + 64)))
}

/// The lengths of the chunks that so many bytes come in.
pub fn chunks(length: usize, rng: &mut Rng) -> Vec<usize> {
    let most = *random::one(rng, &[&1, &3, &17, &400, &100_000]);
    let mut left = length;
    let mut lengths = Vec::new();
    while left > 0 {
        let next = rng.usize(1..=most).min(left);
        lengths.push(next);
        left -= next;
    }
    lengths
}
