//! Formats of texts and numbers, as far as the API server checks them.
//!
//! <https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/validation/formats.go>

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use regex::Regex;

use super::types::Types;
use crate::crd::of_text;
use crate::types::Duration;

/// A format that the API server knows.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// As the API server knows it: without dashes.
    kind: &'static str,
    /// As the schema spells it, of which there are two for some.
    name: &'static str,
}

impl Format {
    /// The format of this name for values of these types; `None` if the API server ignores it.
    pub fn of(name: &str, types: Types) -> Option<Self> {
        let numbers: &[&'static str] = match types {
            _ if types.is("integer") => &["int32", "int64"],
            _ if types.is("number") => &["float", "double"],
            _ if types.is_empty() || types.is("string") || types == Types::INT_OR_STRING => {
                return of_text(name).map(|(kind, name)| Self { kind, name });
            }
            _ => return None,
        };
        numbers.iter().find(|known| **known == name).map(|name| Self { kind: name, name })
    }

    /// As the schema spells it.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// What the value is, without its spelling: `datetime`, `date`, `duration`, `byte`.
    #[cfg_attr(not(feature = "cel"), allow(dead_code))]
    pub fn kind(self) -> &'static str {
        self.kind
    }

    /// Whether a text has the format; `None` if that is not known here.
    pub fn is_met_by(self, text: &str) -> Option<bool> {
        Some(match self.kind {
            "uri" => return uri(text),
            "email" => return email(text),
            "isbn" | "isbn10" | "isbn13" | "creditcard" => return None,
            "hostname" => {
                HOSTNAME.is_match(text) && text.len() <= 255 && text.split('.').all(|label| label.len() <= 63)
            }
            "ipv4" => ipv4(text).is_some(),
            "ipv6" => text.contains(':') && ipv6(text).is_some(),
            "cidr" => cidr(text),
            "mac" => mac(text),
            "bsonobjectid" => text.len() == 24 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "uuid" => uuid(text, None),
            "uuid3" => uuid(text, Some('3')),
            "uuid4" => uuid(text, Some('4')),
            "uuid5" => uuid(text, Some('5')),
            "ssn" => text.len() == 11 && SSN.is_match(text),
            "hexcolor" => {
                let digits = text.strip_prefix('#').unwrap_or(text);
                matches!(digits.len(), 3 | 6) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            }
            "rgbcolor" => RGB.is_match(text),
            "byte" => BASE64.is_match(text),
            "date" => date(text),
            "duration" => duration(text),
            "datetime" => date_time(text),
            "k8sshortname" => text.len() <= 63 && SHORT_NAME.is_match(text),
            "k8slongname" => text.len() <= 253 && LONG_NAME.is_match(text),
            _ => true,
        })
    }
}

/// Patterns of the API server's, which are known to compile.
macro_rules! patterns {
    ($($name:ident = $pattern:expr;)*) => {
        $(static $name: LazyLock<Regex> = LazyLock::new(|| known($pattern));)*
        #[cfg(test)]
        const PATTERNS: &[&str] = &[$($pattern),*];
    };
}

patterns! {
    HOSTNAME = r"^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9\p{S}\p{L}-]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$";
    SSN = r"^[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}$";
    RGB = r"^rgb\(\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*,\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*,\s*(0|[1-9][0-9]?|1[0-9][0-9]?|2[0-4][0-9]|25[0-5])\s*\)$";
    BASE64 = r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$";
    UUID = r"(?i-u)^[0-9a-f]{8}-?[0-9a-f]{4}-?([0-9a-f])[0-9a-f]{3}-?([0-9a-f])[0-9a-f]{3}-?[0-9a-f]{12}$";
    TIME = r"^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$";
    AMOUNT = r"[0-9]+\s*([A-Za-zµ]+)";
    SHORT_NAME = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";
    LONG_NAME = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";
}

fn known(pattern: &str) -> Regex {
    // A test compiles all of them.
    Regex::new(pattern).unwrap_or_else(|error| unreachable!("{error}"))
}

/// A version 4 or 5 has a variant as well.
fn uuid(text: &str, version: Option<char>) -> bool {
    let Some(found) = UUID.captures(text) else { return false };
    let digit = |group: usize| found.get(group).and_then(|digit| digit.as_str().chars().next()).unwrap_or_default();
    let variant = matches!(digit(2).to_ascii_lowercase(), '8' | '9' | 'a' | 'b');
    match version {
        None => true,
        Some('3') => digit(1) == '3',
        Some(version) => digit(1) == version && variant,
    }
}

/// Zeros in front are no octal numbers here.
fn ipv4(text: &str) -> Option<Ipv4Addr> {
    let parts: Vec<&str> = text.split('.').collect();
    let number = |part: &&str| {
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u8>().ok().filter(|_| digits)
    };
    let parts: Vec<u8> = parts.iter().map(number).collect::<Option<_>>()?;
    <[u8; 4]>::try_from(parts).ok().map(Ipv4Addr::from)
}

fn ipv6(text: &str) -> Option<Ipv6Addr> {
    text.parse().ok()
}

fn cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let address = ipv4(address).map(IpAddr::V4).or_else(|| ipv6(address).map(IpAddr::V6));
    let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
    let length = length.parse::<u32>().ok().filter(|_| digits);
    match (address, length) {
        (Some(IpAddr::V4(_)), Some(length)) => length <= 32,
        (Some(IpAddr::V6(_)), Some(length)) => length <= 128,
        _ => false,
    }
}

/// Pairs of digits with `:` or `-` between them, or fours with `.`: of 6, 8 or 20 bytes.
fn mac(text: &str) -> bool {
    let is_hex = |part: &str, digits: usize| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let of = |separator: char, digits: usize, counts: [usize; 3]| {
        let parts: Vec<&str> = text.split(separator).collect();
        counts.contains(&parts.len()) && parts.iter().all(|part| is_hex(part, digits))
    };
    of(':', 2, [6, 8, 20]) || of('-', 2, [6, 8, 20]) || of('.', 4, [3, 4, 10])
}

fn date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-';
    shape && text.parse::<jiff::civil::Date>().is_ok()
}

fn date_time(text: &str) -> bool {
    let text = text.to_lowercase();
    let mut parts = text.split('t');
    let (Some(day), Some(time)) = (parts.next(), parts.next()) else { return false };
    let Some(found) = TIME.captures(time) else { return false };
    let at_most = |group: usize, most: &str| found.get(group).is_some_and(|part| part.as_str() <= most);
    date(day) && at_most(1, "23") && at_most(2, "59") && at_most(3, "59")
}

/// As Go's, or amounts with units that are words, anywhere in the text.
fn duration(text: &str) -> bool {
    const EXACT: [&str; 14] = ["ns", "us", "µs", "ms", "s", "m", "h", "hr", "d", "w", "wk", "nano", "micro", "milli"];
    const WORDS: [&str; 8] = ["nano", "micro", "milli", "sec", "min", "hour", "day", "week"];
    if text.parse::<Duration>().is_ok() {
        return true;
    }
    AMOUNT.captures_iter(text).any(|found| {
        let unit = found.get(1).map(|unit| unit.as_str().to_lowercase()).unwrap_or_default();
        EXACT.contains(&unit.as_str()) || WORDS.iter().any(|word| unit.starts_with(word))
    })
}

/// A path, or a scheme with something behind it. Of what is escaped or odd it is not known.
fn uri(text: &str) -> Option<bool> {
    if text.is_empty() || text.bytes().any(|byte| byte.is_ascii_control()) {
        return Some(false);
    }
    if text.contains(['%', '[', ']', '@', '\\', '^', '`', '{', '}', '|', '<', '>', '"', ' ']) {
        return None;
    }
    if text.starts_with('/') {
        return Some(true);
    }
    let Some((scheme, rest)) = text.split_once(':') else { return Some(false) };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
    let Some(authority) = rest.strip_prefix("//") else { return if is_scheme { None } else { Some(false) } };
    let port = authority.split(['/', '?', '#']).next().and_then(|host| host.split_once(':'));
    let port_is_number = port.is_none_or(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()));
    Some(is_scheme && port_is_number)
}

/// A name and a host; of anything else that an address may have it is not known.
fn email(text: &str) -> Option<bool> {
    if text.contains(['"', '<', '>', '(', ')', ' ', '[', '\\', ',']) {
        return None;
    }
    let Some((name, host)) = text.split_once('@') else { return Some(false) };
    let is_word = |text: &str| {
        text.split('.').all(|part| {
            let is_atom = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
            !part.is_empty() && part.chars().all(is_atom)
        })
    };
    Some(is_word(name) && is_word(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_patterns_compile() {
        for pattern in PATTERNS {
            Regex::new(pattern).expect("a pattern");
        }
    }

    #[test]
    fn formats_are_those_of_the_api_server() {
        for (format, yes, no) in [
            ("date-time", "2026-11-22T10:00:00.5+01:00", "2026-11-22 10:00:00Z"),
            ("datetime", "2026-11-22t10:00:00z", "2026-13-22T10:00:00Z"),
            ("date", "2026-02-28", "2026-02-30"),
            ("duration", "1h30m", "soon"),
            ("duration", "3 weeks", "3 moons"),
            ("ipv4", "010.1.2.3", "1.2.3"),
            ("ipv6", "fe80::1", "1.2.3.4"),
            ("cidr", "10.0.0.0/8", "10.0.0.0/33"),
            ("mac", "01-23-45-67-89-ab", "01:23:45:67:89"),
            ("mac", "0123.4567.89ab", "0123:4567:89ab"),
            ("uuid", "6FA459EA-ee8a-3ca4-894e-db77e160355e", "6fa459ea"),
            ("uuid4", "16fd2706-8baf-433b-82eb-8c7fada847da", "6fa459ea-ee8a-3ca4-894e-db77e160355e"),
            ("hostname", "a.example.com", "-a"),
            ("byte", "aGVsbG8=", "aGVsbG8"),
            ("hexcolor", "#fFf", "#ffff"),
            ("k8s-short-name", "a-b", "a.b"),
            ("k8s-long-name", "a.b", "A"),
            ("uri", "https://example.com:80/x", "example.com"),
            ("email", "a.b@example.com", "example.com"),
        ] {
            let known = Format::of(format, Types::named("string").expect("a type")).expect("a format");
            assert_eq!(known.is_met_by(yes), Some(true), "{format} {yes}");
            assert_eq!(known.is_met_by(no), Some(false), "{format} {no}");
        }
    }

    #[test]
    fn what_is_not_known_is_neither_right_nor_wrong() {
        let of = |name: &str| Format::of(name, Types::named("string").expect("a type")).expect("a format");
        assert_eq!(of("isbn").is_met_by("x"), None);
        assert_eq!(of("uri").is_met_by("https://user@example.com"), None);
        assert!(Format::of("semver", Types::default()).is_none(), "the API server ignores it");
        assert!(Format::of("int32", Types::named("string").expect("a type")).is_none());
    }
}
