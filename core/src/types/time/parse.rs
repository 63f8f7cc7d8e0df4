//! RFC 3339 parser, byte by byte: a list of 10,000 pods has some 80,000 timestamps.

use compact_str::CompactString;

use super::stamp::{Digits, Separator, Stamp, Style, Zone};
use super::{TimeError, civil};

/// Parses a timestamp: the instant, and its format.
///
/// What Go's parser accepts beyond RFC 3339 is accepted too, and written as valid RFC 3339: an hour of one digit, a
/// comma before the fraction, a fraction of more than nine digits (truncated).
pub(super) fn parse(text: &str) -> Result<Stamp, TimeError> {
    match parse_full(text) {
        Err(TimeError::Syntax { .. }) if has_short_hour(text) => {
            parse_full(&format!("{}0{}", &text[..11], &text[11..]))
        }
        read => read,
    }
}

/// Whether the hour, at a known position, has one digit; the text before it is ASCII.
fn has_short_hour(text: &str) -> bool {
    let start = text.as_bytes().first_chunk::<13>();
    start.is_some_and(|start| start.is_ascii() && start[11].is_ascii_digit() && start[12] == b':')
}

fn parse_full(text: &str) -> Result<Stamp, TimeError> {
    let syntax = || TimeError::Syntax { text: shortened(text) };
    let no_such = |field| TimeError::NoSuchTime { text: shortened(text), field };

    let Some((fixed, rest)) = text.as_bytes().split_first_chunk::<19>() else {
        return Err(syntax());
    };
    let Some(separator) = Separator::of(fixed[10]) else {
        return Err(syntax());
    };
    if (fixed[4], fixed[7], fixed[13], fixed[16]) != (b'-', b'-', b':', b':') {
        return Err(syntax());
    }
    let two = |at: usize| pair(fixed[at], fixed[at + 1]).ok_or_else(syntax);
    let year = two(0)? * 100 + two(2)?;
    let (month, day) = (two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    let (nanos, digits, rest) = fraction(rest).ok_or_else(syntax)?;
    let (zone, offset) = zone(rest).ok_or_else(syntax)?;

    if !(1..=12).contains(&month) {
        return Err(no_such("month"));
    }
    if !(1..=civil::days_in_month(year, month)).contains(&day) {
        return Err(no_such("day"));
    }
    if hour > 23 {
        return Err(no_such("hour"));
    }
    if minute > 59 {
        return Err(no_such("minute"));
    }
    // // As in Go, and so in the server, there are no leap seconds.
    if second > 59 {
        return Err(no_such("second"));
    }
    let offset = offset.ok_or_else(|| no_such("offset"))?;

    let local = civil::days(year, month, day) * civil::SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
    Ok(Stamp::read(local, nanos, digits, Style { separator, zone, offset }))
}

/// Parses the fraction, if there is one: in nanoseconds, with the number of its digits, and the remaining text.
fn fraction(text: &[u8]) -> Option<(u32, Digits, &[u8])> {
    let (b'.' | b',', text) = text.split_first().map_or((0, text), |(first, rest)| (*first, rest)) else {
        return Some((0, Digits::D0, text));
    };
    let count = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if count == 0 {
        return None;
    }
    let (digits, rest) = text.split_at_checked(count)?;
    let count = count.min(9);
    let value = digits.get(..count)?.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    let digits = Digits::of(count)?;
    Some((value * digits.unit(), digits, rest))
}

/// Parses the zone at the end of the text: its offset in minutes, or `None` if it is out of range.
fn zone(text: &[u8]) -> Option<(Zone, Option<i16>)> {
    match *text {
        [b'Z'] => Some((Zone::Upper, Some(0))),
        [b'z'] => Some((Zone::Lower, Some(0))),
        [sign @ (b'+' | b'-'), a, b, b':', c, d] => {
            let (hours, minutes) = (pair(a, b)?, pair(c, d)?);
            // // The limits are those of Go.
            if hours > 24 || minutes > 60 {
                return Some((Zone::Plus, None));
            }
            let offset = i16::try_from(hours * 60 + minutes).ok()?;
            Some(if sign == b'-' { (Zone::Minus, Some(-offset)) } else { (Zone::Plus, Some(offset)) })
        }
        _ => None,
    }
}

fn pair(tens: u8, ones: u8) -> Option<i64> {
    (tens.is_ascii_digit() && ones.is_ascii_digit()).then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
}

/// A recognizable excerpt of a text, for an error.
fn shortened(text: &str) -> CompactString {
    text.chars().take(64).collect()
}
