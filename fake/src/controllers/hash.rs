//! Hashes of templates, by which their pods are told apart.

use serde_json::Value;

/// The letters of a hash: without vowels, so that they make no words.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// The hash of a template. A collision makes another one. It is not the number that a real controller finds, which is made from the
/// memory of a program in Go.
pub(super) fn hash(template: &Value, collisions: i64) -> String {
    // FNV-1a.
    let mut hash: u32 = 0x811c_9dc5;
    for byte in template.to_string().bytes().chain(collisions.to_le_bytes()) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    hash.to_string().bytes().map(|byte| LETTERS[usize::from(byte) % LETTERS.len()] as char).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn templates_have_hashes_of_their_own_that_fit_a_label() {
        let (one, other) = (json!({ "spec": { "image": "a" } }), json!({ "spec": { "image": "b" } }));
        assert_eq!(hash(&one, 0), hash(&one, 0));
        assert_ne!(hash(&one, 0), hash(&other, 0));
        assert_ne!(hash(&one, 0), hash(&one, 1), "a collision");
        assert!(hash(&one, 0).len() <= 10 && hash(&one, 0).bytes().all(|letter| LETTERS.contains(&letter)));
    }
}
