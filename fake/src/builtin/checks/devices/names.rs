//! The names of drivers, pools, devices, requests and attributes.

use serde_json::{Value, json};

use super::found::Found;
use crate::builtin::checks::findings::{Findings, text};
use crate::builtin::checks::uids;
use crate::objects::texts;

const MAX_DRIVER: usize = 63;
const MAX_POOL: usize = 253;
const MAX_IDENTIFIER: usize = 32;
const IDENTIFIER: &str = "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";
const CASELESS: &str = "an RFC 1123 subdomain must consist of alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'Example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const NO_DOMAIN: &str = "a fully qualified name must be a domain and a name separated by a slash";

/// The name of a driver, as code checks it.
pub(super) fn driver(value: &Value, field: &str, found: &mut Findings) {
    let name = text(value);
    if name.is_empty() {
        found.required(field);
        return;
    }
    if name.len() > MAX_DRIVER {
        found.too_long(field, MAX_DRIVER);
    }
    found.problems(field, name, texts::subdomain(&name.to_lowercase()));
}

/// The same where the types declare it.
pub(super) fn declared_driver(value: &Value, field: &str, found: &mut Found<'_>) {
    let name = text(value);
    if !found.is_declared() || name.is_empty() {
        driver(value, field, found.both());
        return;
    }
    caseless(value, field, found.both());
    if name.chars().count() > MAX_DRIVER {
        found.too_long_in_characters(field, MAX_DRIVER);
    }
}

/// A subdomain in letters of any case, which is required.
pub(super) fn caseless(value: &Value, field: &str, found: &mut Findings) {
    let name = text(value);
    if name.is_empty() {
        found.required(field);
        return;
    }
    for problem in texts::subdomain(&name.to_lowercase()) {
        let problem = if problem.starts_with("a lowercase") { CASELESS } else { &problem };
        found.invalid(field, value, problem);
    }
}

/// The name of a pool, as code checks it: subdomains with slashes between.
pub(super) fn pool(value: &Value, field: &str, found: &mut Findings) {
    let name = text(value);
    if name.is_empty() {
        found.required(field);
        return;
    }
    if name.len() > MAX_POOL {
        found.too_long(field, MAX_POOL);
    }
    for part in name.split('/') {
        found.problems(field, part, texts::subdomain(part));
    }
}

/// The same where the types declare it.
pub(super) fn declared_pool(value: &Value, field: &str, found: &mut Found<'_>) {
    let name = text(value);
    if !found.is_declared() || name.is_empty() {
        pool(value, field, found.both());
    } else {
        segments(value, field, found.both());
    }
}

/// The name of a pool, segment by segment.
pub(super) fn segments(value: &Value, field: &str, found: &mut Findings) {
    let name = text(value);
    if name.len() > MAX_POOL {
        found.too_long(field, MAX_POOL);
    }
    for (index, part) in name.split('/').enumerate() {
        if part.is_empty() {
            found.invalid(field, value, &format!("segment {index}: must not be empty"));
            continue;
        }
        for problem in texts::subdomain(part) {
            found.invalid(field, &json!(part), &format!("segment {index}: {problem}"));
        }
    }
}

/// The name of a device, a request or a set of counters.
pub(super) fn label(value: &Value, field: &str, found: &mut Findings) {
    found.problems(field, text(value), texts::label(text(value)));
}

/// The name of a class of devices.
pub(super) fn class(value: &Value, field: &str, found: &mut Findings) {
    if text(value).is_empty() {
        found.required(field);
    } else {
        found.problems(field, text(value), texts::subdomain(text(value)));
    }
}

/// The key of a label.
pub(super) fn label_key(value: &Value, field: &str, found: &mut Findings) {
    found.problems(field, text(value), texts::qualified_name(text(value)));
}

/// The name of an attribute or a capacity: an identifier, perhaps in a domain.
pub(super) fn qualified(name: &str, field: &str, found: &mut Findings) {
    match name.split('/').collect::<Vec<_>>().as_slice() {
        [name] => identifier(name, field, found),
        [domain, name] => {
            match *domain {
                "" => found.invalid(field, &json!(""), "the domain must not be empty"),
                domain => driver(&json!(domain), field, found),
            }
            match *name {
                "" => found.invalid(field, &json!(""), "the name must not be empty"),
                name => identifier(name, field, found),
            }
        }
        _ => {}
    }
}

/// The name of an attribute with its domain.
pub(super) fn fully_qualified(value: &Value, field: &str, found: &mut Found<'_>) {
    if found.is_declared() {
        declared_fully_qualified(value, field, found.both());
        return;
    }
    qualified(text(value), field, found.code);
    if !text(value).contains('/') {
        found.code.invalid(field, value, NO_DOMAIN);
    }
}

/// The same where the types declare it.
pub(super) fn declared_fully_qualified(value: &Value, field: &str, found: &mut Findings) {
    let name = text(value);
    if let [domain, own] = name.split('/').collect::<Vec<_>>().as_slice() {
        if domain.is_empty() {
            found.invalid(field, &json!(""), "prefix must not be empty");
        } else {
            if domain.len() > MAX_DRIVER {
                found.too_long(field, MAX_DRIVER);
            }
            for problem in texts::subdomain(domain) {
                found.invalid(field, &json!(domain), &format!("prefix: {problem}"));
            }
        }
        match *own {
            "" => found.invalid(field, &json!(""), "name must not be empty"),
            own => identifier(own, field, found),
        }
    } else if !name.contains('/') {
        identifier(name, field, found);
        found.invalid(field, value, NO_DOMAIN);
    }
}

fn identifier(name: &str, field: &str, found: &mut Findings) {
    if name.len() > MAX_IDENTIFIER {
        found.too_long(field, MAX_IDENTIFIER);
    }
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins = name.bytes().next().is_some_and(|first| is_inner(first) && !first.is_ascii_digit());
    if !begins || !name.bytes().all(is_inner) {
        found.invalid(field, &json!(name), IDENTIFIER);
    }
}

/// The id of a share of a device.
pub(super) fn uuid(value: &Value, field: &str, found: &mut Found<'_>) {
    if !uids::is_valid(text(value)) {
        found.both().invalid(field, value, uids::WHY);
    }
}

/// A version of semver.org.
pub(super) fn is_version(version: &str) -> bool {
    let (version, build) = version.split_once('+').map_or((version, None), |(version, build)| (version, Some(build)));
    let (numbers, before) = version.split_once('-').map_or((version, None), |(numbers, pre)| (numbers, Some(pre)));
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_number = |part: &str| {
        part == "0" || (!part.is_empty() && !part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(is_letter);
    let is_of_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let numbers: Vec<&str> = numbers.split('.').collect();
    numbers.len() == 3
        && numbers.iter().all(|part| is_number(part))
        && before.is_none_or(|before| {
            before.split('.').all(|part| is_word(part) && (is_number(part) || !is_of_digits(part)))
        })
        && build.is_none_or(|build| build.split('.').all(is_word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_those_of_semver() {
        for version in ["1.2.3", "0.0.0", "1.2.3-alpha.1", "1.2.3-0a.b-c+build.01", "1.2.3+x"] {
            assert!(is_version(version), "{version}");
        }
        for version in ["", "1", "1.2", "01.2.3", "1.2.3-", "1.2.3-01", "1.2.3+", "1.2.3-a..b", "v1.2.3", "1.2.3.4"] {
            assert!(!is_version(version), "{version}");
        }
    }
}
