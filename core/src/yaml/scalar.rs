//! The meaning of scalars, by the rules of the YAML library of kubectl and the API server.
//!
//! They are those of YAML 1.1 with additions: `y` and `on` are true, `0400`, `0o400` and `0x100` are 256, `1_000` is
//! 1000, and a float without a fraction (`1e+06`, `1.0`) is an integer once it is JSON. What looks like a date or a
//! base-60 number is a string.

use std::borrow::Cow;

/// The meaning of a scalar.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    /// An integer beyond 64 bits, with the digits of a JSON number.
    BigInt(&'a str),
    Float(f64),
    Str(&'a str),
}

/// Returns the meaning of an unquoted, untagged scalar.
pub(super) fn plain(text: &str) -> Scalar<'_> {
    let Some(&first) = text.as_bytes().first() else { return Scalar::Null };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => word(text),
        b'.' => special(text).or_else(|| decimal(&without_underscores(text))).unwrap_or(Scalar::Str(text)),
        b'+' | b'-' | b'0'..=b'9' => special(text).or_else(|| number(text)).unwrap_or(Scalar::Str(text)),
        _ => Scalar::Str(text),
    }
}

/// Returns the meaning of a scalar with one of YAML's own tags (`int` for `!!int`), quoted or not; `None` if it is
/// invalid.
pub(super) fn tagged<'a>(tag: &str, text: &'a str) -> Option<Scalar<'a>> {
    let meaning = plain(text);
    let fits = match tag {
        "null" => matches!(meaning, Scalar::Null),
        "bool" => matches!(meaning, Scalar::Bool(_)),
        "int" => is_integer(text, &meaning),
        "float" => matches!(meaning, Scalar::Int(_) | Scalar::Uint(_) | Scalar::BigInt(_) | Scalar::Float(_)),
        // Strings, and types that JSON doesn't have (timestamps, local tags): the text itself.
        _ => return Some(Scalar::Str(text)),
    };
    fits.then_some(meaning)
}

/// Returns the JSON key of a scalar that is a key: `0x10` is `16`, and `1000000.0` is `1e+06`. `None` for null.
pub(super) fn key<'a>(scalar: Scalar<'a>, text: &'a str) -> Option<Cow<'a, str>> {
    Some(match scalar {
        Scalar::Null => return None,
        Scalar::Bool(value) => Cow::Borrowed(if value { "true" } else { "false" }),
        Scalar::Str(text) | Scalar::BigInt(text) => Cow::Borrowed(text),
        Scalar::Int(value) if is_integer(text, &scalar) => Cow::Owned(value.to_string()),
        Scalar::Uint(value) if is_integer(text, &scalar) => Cow::Owned(value.to_string()),
        Scalar::Int(_) | Scalar::Uint(_) | Scalar::Float(_) => Cow::Owned(short_float(text)),
    })
}

fn word(text: &str) -> Scalar<'_> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Scalar::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Scalar::Bool(false),
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => Scalar::Str(text),
    }
}

fn special(text: &str) -> Option<Scalar<'static>> {
    Some(Scalar::Float(match text {
        ".nan" | ".NaN" | ".NAN" => f64::NAN,
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => f64::INFINITY,
        "-.inf" | "-.Inf" | "-.INF" => f64::NEG_INFINITY,
        _ => return None,
    }))
}

fn number(text: &str) -> Option<Scalar<'_>> {
    let compact = without_underscores(text);
    if let Some((negative, digits, radix)) = integer_parts(&compact) {
        // // An integer out of range is a float, if it is decimal, or a string.
        match u64::from_str_radix(digits, radix) {
            Ok(value) if !negative => {
                return Some(i64::try_from(value).map_or(Scalar::Uint(value), Scalar::Int));
            }
            Ok(value) => {
                if let Some(value) = 0_i64.checked_sub_unsigned(value) {
                    return Some(Scalar::Int(value));
                }
            }
            Err(_) => {}
        }
        // // Beyond a float it is not a number.
        let is_float = || text.parse().is_ok_and(f64::is_finite);
        if radix == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') && is_float() {
            return Some(Scalar::BigInt(text));
        }
    }
    decimal(&compact)
}

/// Splits an integer into sign, digits and radix: `-0x1F`, `0o17`, `017`, `0b11`, `17`.
fn integer_parts(text: &str) -> Option<(bool, &str, u32)> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, radix) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&unsigned[2..], 16),
        [b'0', b'o' | b'O', ..] => (&unsigned[2..], 8),
        [b'0', b'b' | b'B', ..] => (&unsigned[2..], 2),
        [b'0', _, ..] => (&unsigned[1..], 8),
        _ => (unsigned, 10),
    };
    let is_digits = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    is_digits.then_some((negative, digits, radix))
}

/// `1.5`, `.5`, `5.`, `1e3`, `08`: a float, which without a fraction is an integer.
fn decimal(text: &str) -> Option<Scalar<'static>> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    if let Some(exponent) = exponent {
        let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if unsigned.is_empty() || !digits(unsigned) {
            return None;
        }
    }
    // // Beyond a float it is a string.
    text.parse().ok().filter(|value: &f64| value.is_finite()).map(whole_or_float)
}

fn whole_or_float(value: f64) -> Scalar<'static> {
    const TWO_63: f64 = 9_223_372_036_854_775_808.0;
    let negative_zero = value == 0.0 && value.is_sign_negative();
    if value.trunc() != value || negative_zero || !(-TWO_63..TWO_63 * 2.0).contains(&value) {
        return Scalar::Float(value);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole, and in range")]
    if value < TWO_63 { Scalar::Int(value as i64) } else { Scalar::Uint(value as u64) }
}

fn is_integer(text: &str, meaning: &Scalar<'_>) -> bool {
    match meaning {
        Scalar::BigInt(_) => true,
        Scalar::Int(_) | Scalar::Uint(_) => integer_parts(&without_underscores(text)).is_some(),
        _ => false,
    }
}

fn without_underscores(text: &str) -> Cow<'_, str> {
    if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) }
}

/// Go's `strconv.FormatFloat(x, 'g', -1, 32)`: the format of its YAML library for a float that is a key.
fn short_float(text: &str) -> String {
    let value: f32 = match special(text) {
        #[allow(clippy::cast_possible_truncation, reason = "infinite or NaN")]
        Some(Scalar::Float(value)) => value as f32,
        _ => without_underscores(text).parse().unwrap_or_default(),
    };
    // // Also if only an f32 is too small for it.
    if !value.is_finite() {
        let name = if value.is_nan() {
            ".nan"
        } else if value > 0.0 {
            ".inf"
        } else {
            "-.inf"
        };
        return name.to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return format!("{value}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
