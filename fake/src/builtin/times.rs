//! Times as Go reads and writes them.
//!
//! Clients that write them otherwise are the most common reason for leases that a real server refuses: a time of `renewTime` or
//! `eventTime` has six digits behind its point, no more and no fewer.

use jiff::civil::{DateTime, Time, date};
use jiff::tz::{Offset, TimeZone};

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Precision {
    /// `Time`: whole seconds. Fractions are read, and dropped.
    Seconds,
    /// `MicroTime`.
    Micros,
}

/// A part of a layout of Go: literal text, or an element that stands for a number.
type Part = &'static str;

const SECONDS: &[Part] = &["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", "Z07:00"];
const MICROS: &[Part] = &["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", ".000000", "Z07:00"];

/// Reads a time and writes it in whole seconds, in UTC.
///
/// # Errors
///
/// What Go says of a text that is none.
pub(crate) fn whole_seconds(text: &str) -> Result<String, String> {
    canonical(text, Precision::Seconds)
}

/// Reads a time and writes it as Go does, in UTC.
///
/// # Errors
///
/// What Go says of a text that is none.
pub(super) fn canonical(text: &str, precision: Precision) -> Result<String, String> {
    let parts = if precision == Precision::Seconds { SECONDS } else { MICROS };
    let mut reader = Reader { text, rest: text, layout: parts.concat() };
    let mut read = Read::default();
    for part in parts {
        reader.read(part, &mut read)?;
    }
    if !reader.rest.is_empty() {
        return Err(format!("parsing time {}: extra text: {}", quoted(text), quoted(reader.rest)));
    }
    let time = read.utc().ok_or_else(|| format!("parsing time {}: day out of range", quoted(text)))?;
    let seconds = time.strftime("%Y-%m-%dT%H:%M:%S");
    Ok(match precision {
        Precision::Seconds => format!("{seconds}Z"),
        Precision::Micros => format!("{seconds}.{:06}Z", time.subsec_nanosecond() / 1000),
    })
}

/// What was read so far.
#[derive(Debug, Default)]
struct Read {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
    /// Seconds east of UTC.
    offset: i32,
}

impl Read {
    /// The time in UTC; `None` if the month has no such day.
    fn utc(&self) -> Option<DateTime> {
        let day = jiff::civil::Date::new(self.year, self.month, self.day).ok()?;
        let local = DateTime::from_parts(day, Time::new(self.hour, self.minute, self.second, self.nanosecond).ok()?);
        let offset = Offset::from_seconds(self.offset).ok()?;
        let utc = offset.to_timestamp(local).ok()?.to_zoned(TimeZone::UTC).datetime();
        // Times of other years have no text in JSON.
        (date(0, 1, 1)..=date(9999, 12, 31)).contains(&utc.date()).then_some(utc)
    }
}

/// Reads a text by a layout, part by part.
struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    layout: String,
}

impl<'a> Reader<'a> {
    fn read(&mut self, part: Part, read: &mut Read) -> Result<(), String> {
        let held = self.rest;
        match part {
            "2006" => {
                read.year = self.digits(4).and_then(|digits| digits.parse().ok()).ok_or_else(|| self.bad(held, part))?
            }
            "01" => read.month = self.number(part, 1..=12, "month")?,
            // Whether the month has such a day is seen at the end.
            "02" => read.day = self.number(part, 0..=99, "day")?,
            "15" => {
                // Of the hour, Go reads one digit too.
                let digits = self.digits(2).or_else(|| self.digits(1)).ok_or_else(|| self.bad(held, part))?;
                read.hour = self.in_range(digits, 0..=23, "hour")?;
            }
            "04" => read.minute = self.number(part, 0..=59, "minute")?,
            "05" => {
                read.second = self.number(part, 0..=59, "second")?;
                if !self.layout.contains(".000000") {
                    self.skip_fraction(read);
                }
            }
            ".000000" => {
                let point = self.rest.strip_prefix(['.', ',']);
                let digits = point.and_then(|rest| rest.get(..6)).filter(|digits| is_digits(digits));
                let digits = digits.ok_or_else(|| self.bad(held, part))?;
                self.rest = &held[7..];
                read.nanosecond = digits.parse::<i32>().unwrap_or_default() * 1000;
            }
            "Z07:00" => read.offset = self.offset(part)?,
            literal => self.rest = held.strip_prefix(literal).ok_or_else(|| self.bad(held, part))?,
        }
        Ok(())
    }

    /// Takes this many digits.
    fn digits(&mut self, count: usize) -> Option<&'a str> {
        let digits = self.rest.get(..count).filter(|digits| is_digits(digits))?;
        self.rest = &self.rest[count..];
        Some(digits)
    }

    fn number(&mut self, part: Part, range: std::ops::RangeInclusive<i8>, what: &str) -> Result<i8, String> {
        let held = self.rest;
        let digits = self.digits(2).ok_or_else(|| self.bad(held, part))?;
        self.in_range(digits, range, what)
    }

    fn in_range(&self, digits: &str, range: std::ops::RangeInclusive<i8>, what: &str) -> Result<i8, String> {
        let number = digits.parse().ok().filter(|number| range.contains(number));
        number.ok_or_else(|| format!("parsing time {}: {what} out of range", quoted(self.text)))
    }

    /// Fractions of a second that the layout has none for: any number of digits.
    fn skip_fraction(&mut self, read: &mut Read) {
        let Some(rest) = self.rest.strip_prefix(['.', ',']) else { return };
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        if end > 0 {
            self.rest = &rest[end..];
            read.nanosecond = 0;
        }
    }

    fn offset(&mut self, part: Part) -> Result<i32, String> {
        let held = self.rest;
        if let Some(rest) = held.strip_prefix('Z') {
            self.rest = rest;
            return Ok(0);
        }
        let bad = || self.bad(held, part);
        let text = held.get(..6).ok_or_else(bad)?;
        let (sign, hours, minutes) = match (text.get(..1), text.get(1..3), text.get(3..4), text.get(4..)) {
            (Some(sign @ ("+" | "-")), Some(hours), Some(":"), Some(minutes))
                if is_digits(hours) && is_digits(minutes) =>
            {
                (if sign == "+" { 1 } else { -1 }, hours, minutes)
            }
            _ => return Err(bad()),
        };
        let hours = i32::from(self.in_range(hours, 0..=24, "time zone offset hour")?);
        let minutes = i32::from(self.in_range(minutes, 0..=60, "time zone offset minute")?);
        self.rest = &held[6..];
        Ok(sign * (hours * 60 + minutes) * 60)
    }

    fn bad(&self, rest: &str, part: Part) -> String {
        let [text, layout, rest, part] = [self.text, &self.layout, rest, part].map(quoted);
        format!("parsing time {text} as {layout}: cannot parse {rest} as {part}")
    }
}

/// Text in quotes, as the package `time` of Go has it: what is not in ASCII by its bytes.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', byte.into()]),
            b' '..0x80 => quoted.push(byte.into()),
            _ => quoted.push_str(&format!("\\x{byte:02x}")),
        }
    }
    quoted.push('"');
    quoted
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_in_utc_and_with_as_many_digits_as_they_have() {
        for (sent, kept) in [
            ("2024-02-29T01:02:03Z", "2024-02-29T01:02:03Z"),
            ("2024-01-01T00:00:00.999Z", "2024-01-01T00:00:00Z"),
            ("2024-01-01T00:30:00+02:00", "2023-12-31T22:30:00Z"),
            ("2024-01-01T5:00:00,5-00:30", "2024-01-01T05:30:00Z"),
        ] {
            assert_eq!(canonical(sent, Precision::Seconds).as_deref(), Ok(kept), "{sent}");
        }
        for (sent, kept) in [
            ("2024-01-01T00:00:00.000001Z", "2024-01-01T00:00:00.000001Z"),
            ("2024-01-01T02:00:00.123456+02:00", "2024-01-01T00:00:00.123456Z"),
            ("0000-01-01T00:00:00,000000Z", "0000-01-01T00:00:00.000000Z"),
        ] {
            assert_eq!(canonical(sent, Precision::Micros).as_deref(), Ok(kept), "{sent}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused_and_never_panics() {
        for sent in [
            "",
            "x",
            "2024",
            "2024-1-01T00:00:00Z",
            "2024-02-30T00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-01-01T00:00:00é",
            "2024-01-01T00:00:00+é0:00",
            "9999-12-31T23:59:59-01:00",
            "2024-01-01T00:00:00+25:00",
        ] {
            assert!(canonical(sent, Precision::Seconds).is_err(), "{sent}");
        }
        for sent in [
            "2024-01-01T00:00:00Z",
            "2024-01-01T00:00:00.1Z",
            "2024-01-01T00:00:00.1234567Z",
            "2024-01-01T00:00:00.12345é",
        ] {
            assert!(canonical(sent, Precision::Micros).is_err(), "{sent}");
        }
    }
}
