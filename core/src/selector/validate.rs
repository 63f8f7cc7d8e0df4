//! What label keys and values may consist of.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set>

use super::SelectorError;

const MAX_NAME: usize = 63;
const MAX_PREFIX: usize = 253;

/// Checks a label key: an optional prefix that is a DNS subdomain, a slash, and a name.
pub(super) fn key(key: &str) -> Result<(), SelectorError> {
    let invalid = |why: &str| Err(SelectorError::new(format!("invalid label key {key:?}: {why}")));
    let name = match key.split_once('/') {
        None => key,
        Some((prefix, name)) => {
            if prefix.is_empty() {
                return invalid("the prefix is empty");
            }
            if prefix.len() > MAX_PREFIX {
                return invalid("the prefix is longer than 253 characters");
            }
            if !prefix.split('.').all(is_dns_label) {
                return invalid("the prefix is not a lowercase RFC 1123 subdomain");
            }
            name
        }
    };
    if name.is_empty() {
        return invalid("the name is empty");
    }
    if name.len() > MAX_NAME {
        return invalid("the name is longer than 63 characters");
    }
    if !is_name(name) {
        return invalid(
            "a name consists of letters, digits, '-', '_' and '.', and starts and ends with a letter or digit",
        );
    }
    Ok(())
}

/// Checks a label value: empty, or as the name of a key.
pub(super) fn value(value: &str) -> Result<(), SelectorError> {
    let invalid = |why: &str| Err(SelectorError::new(format!("invalid label value {value:?}: {why}")));
    if value.len() > MAX_NAME {
        return invalid("it is longer than 63 characters");
    }
    if !value.is_empty() && !is_name(value) {
        return invalid(
            "a value consists of letters, digits, '-', '_' and '.', and starts and ends with a letter or digit",
        );
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && ends(text).all(|byte| byte.is_ascii_alphanumeric())
}

fn is_dns_label(text: &str) -> bool {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !text.is_empty()
        && text.bytes().all(|byte| is_alphanumeric(byte) || byte == b'-')
        && ends(text).all(is_alphanumeric)
}

/// The first and the last byte.
fn ends(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().next().into_iter().chain(text.bytes().next_back())
}
