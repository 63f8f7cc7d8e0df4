//! Go's text form of a duration.

use compact_str::{CompactString, format_compact};

use super::DurationError;

const SECOND: u64 = 1_000_000_000;

/// Parses Go's text form into nanoseconds, with the same result as Go's parser.
pub(super) fn parse(text: &str) -> Result<i64, DurationError> {
    let syntax = || DurationError::Syntax { text: shortened(text) };
    let too_long = || DurationError::TooLong { span: shortened(text) };

    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(syntax());
    }
    let mut nanos = 0_u64;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(syntax());
        }
        let end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let unit = unit_nanos(unit).ok_or_else(syntax)?;
        let whole = if whole.is_empty() { 0 } else { whole.parse::<u64>().map_err(|_| too_long())? };
        nanos = whole
            .checked_mul(unit)
            .and_then(|n| n.checked_add(part(fraction, unit)))
            .and_then(|n| n.checked_add(nanos))
            .filter(|&n| n <= i64::MIN.unsigned_abs())
            .ok_or_else(too_long)?;
        rest = after;
    }
    // The most negative span has no positive twin.
    if negative { Ok(0_i64.wrapping_sub_unsigned(nanos)) } else { i64::try_from(nanos).map_err(|_| too_long()) }
}

/// Formats nanoseconds as Go does: `0s`, `1.5µs`, `20ms`, `1h0m0.5s`.
pub(super) fn format(nanos: i64) -> CompactString {
    let sign = if nanos < 0 { "-" } else { "" };
    let size = nanos.unsigned_abs();
    match size {
        0 => CompactString::const_new("0s"),
        1..1_000 => format_compact!("{sign}{size}ns"),
        1_000..1_000_000 => format_compact!("{sign}{}µs", decimal(size, 1_000)),
        1_000_000..SECOND => format_compact!("{sign}{}ms", decimal(size, 1_000_000)),
        _ => {
            let (minutes, rest) = (size / (60 * SECOND), size % (60 * SECOND));
            let seconds = decimal(rest, SECOND);
            match (minutes / 60, minutes % 60) {
                (0, 0) => format_compact!("{sign}{seconds}s"),
                (0, minutes) => format_compact!("{sign}{minutes}m{seconds}s"),
                (hours, minutes) => format_compact!("{sign}{hours}h{minutes}m{seconds}s"),
            }
        }
    }
}

/// Formats `size / unit`, with as many fractional digits as necessary.
fn decimal(size: u64, unit: u64) -> CompactString {
    let width = unit.ilog10() as usize;
    let text = format_compact!("{}.{:0width$}", size / unit, size % unit);
    text.trim_end_matches('0').trim_end_matches('.').into()
}

/// Returns the nanoseconds in a fraction of a unit. Go computes them in floating point; so does this, for identical
/// results.
fn part(fraction: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0_u64, 1_f64);
    for digit in fraction.bytes() {
        match value.checked_mul(10).and_then(|v| v.checked_add(u64::from(digit - b'0'))) {
            Some(more) if more <= i64::MAX.unsigned_abs() => (value, scale) = (more, scale * 10.0),
            _ => break,
        }
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

fn unit_nanos(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        // The micro sign, and the Greek letter mu.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3600 * SECOND,
        _ => return None,
    })
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

/// A recognizable excerpt of a text, for an error.
fn shortened(text: &str) -> CompactString {
    text.chars().take(64).collect()
}
