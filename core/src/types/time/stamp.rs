//! The sixteen bytes of `Time` and `MicroTime`: an instant and its format.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::{TimeError, civil};

/// An instant and its format. Equality, order and hash are those of the instant.
#[derive(Clone, Copy)]
pub(super) struct Stamp {
    /// Since 1970-01-01T00:00:00Z, rounded towards the past.
    seconds: i64,
    /// After `seconds`: below 10^9.
    nanos: u32,
    /// Offset of its zone, east of Greenwich, in minutes.
    offset: i16,
    form: Form,
    /// Its unused values are the niche of an `Option`.
    digits: Digits,
}

/// Number of fractional digits.
#[derive(Clone, Copy)]
#[repr(u8)]
pub(super) enum Digits {
    D0,
    D1,
    D2,
    D3,
    D4,
    D5,
    D6,
    D7,
    D8,
    D9,
}

/// The separator between date and time.
#[derive(Clone, Copy)]
pub(super) enum Separator {
    Upper,
    Lower,
    Space,
}

/// The format of the zone.
#[derive(Clone, Copy)]
pub(super) enum Zone {
    Upper,
    Lower,
    Plus,
    /// Also the sign of `-00:00`.
    Minus,
}

/// The format of a parsed timestamp.
pub(super) struct Style {
    pub separator: Separator,
    pub zone: Zone,
    pub offset: i16,
}

/// [`Separator`] and [`Zone`] in one byte.
#[derive(Clone, Copy)]
struct Form(u8);

impl Stamp {
    /// Creates an instant in UTC, truncated to this many fractional digits. Saturates at the range of the seconds.
    pub fn new(seconds: i64, nanos: i64, digits: Digits) -> Self {
        let seconds = seconds.saturating_add(nanos.div_euclid(1_000_000_000));
        // A remainder by 10^9 fits.
        let nanos = nanos.rem_euclid(1_000_000_000) as u32;
        let nanos = nanos - nanos % digits.unit();
        Stamp { seconds, nanos, offset: 0, form: Form::new(Separator::Upper, Zone::Upper), digits }
    }

    /// Creates an instant from the local time of its zone.
    pub fn read(local: i64, nanos: u32, digits: Digits, style: Style) -> Self {
        Stamp {
            seconds: local - i64::from(style.offset) * 60,
            nanos,
            offset: style.offset,
            form: Form::new(style.separator, style.zone),
            digits,
        }
    }

    /// Converts to microseconds, always written with six digits.
    pub fn to_micros(self) -> Self {
        Stamp { nanos: self.nanos - self.nanos % Digits::D6.unit(), digits: Digits::D6, ..self }
    }

    pub fn seconds(self) -> i64 {
        self.seconds
    }

    pub fn nanos(self) -> u32 {
        self.nanos
    }

    pub fn out_of_range(self, target: &'static str) -> TimeError {
        TimeError::OutOfRange { text: self.with_text(|text| text.into()), target }
    }

    /// Calls `f` with the text, which is on the stack.
    pub fn with_text<R>(self, f: impl FnOnce(&str) -> R) -> R {
        let mut buffer = Buffer { bytes: [0; 48], len: 0 };
        self.write(&mut buffer);
        f(buffer.as_str())
    }

    fn write(self, out: &mut Buffer) {
        let local = self.seconds.saturating_add(i64::from(self.offset) * 60);
        let (year, month, day) = civil::date(local.div_euclid(civil::SECONDS_PER_DAY));
        // The remainder by a day's seconds fits.
        let second_of_day = local.rem_euclid(civil::SECONDS_PER_DAY) as u64;
        if year < 0 {
            out.push(b'-');
        }
        match year.unsigned_abs() {
            year @ 0..=9999 => {
                out.pair(year / 100);
                out.pair(year % 100);
            }
            year => out.number(year, 5),
        }
        out.push(b'-');
        out.pair(month.unsigned_abs());
        out.push(b'-');
        out.pair(day.unsigned_abs());
        out.push(self.form.separator());
        out.pair(second_of_day / 3600);
        out.push(b':');
        out.pair(second_of_day / 60 % 60);
        out.push(b':');
        out.pair(second_of_day % 60);
        let width = self.digits as usize;
        if width > 0 {
            out.push(b'.');
            out.number((self.nanos / self.digits.unit()).into(), width);
        }
        match self.form.zone() {
            zone @ (b'Z' | b'z') => out.push(zone),
            sign => {
                out.push(sign);
                out.pair((self.offset.unsigned_abs() / 60).into());
                out.push(b':');
                out.pair((self.offset.unsigned_abs() % 60).into());
            }
        }
    }

    fn instant(&self) -> (i64, u32) {
        (self.seconds, self.nanos)
    }
}

impl PartialEq for Stamp {
    fn eq(&self, other: &Self) -> bool {
        self.instant() == other.instant()
    }
}

impl Eq for Stamp {}

impl PartialOrd for Stamp {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Stamp {
    fn cmp(&self, other: &Self) -> Ordering {
        self.instant().cmp(&other.instant())
    }
}

impl Hash for Stamp {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.instant().hash(state);
    }
}

impl Digits {
    pub fn of(count: usize) -> Option<Self> {
        use Digits::*;
        [D0, D1, D2, D3, D4, D5, D6, D7, D8, D9].get(count).copied()
    }

    /// Returns the nanoseconds of the last digit.
    pub fn unit(self) -> u32 {
        10_u32.pow(9 - self as u32)
    }
}

impl Separator {
    pub fn of(byte: u8) -> Option<Self> {
        match byte {
            b'T' => Some(Separator::Upper),
            b't' => Some(Separator::Lower),
            b' ' => Some(Separator::Space),
            _ => None,
        }
    }
}

impl Form {
    fn new(separator: Separator, zone: Zone) -> Self {
        Form(separator as u8 | (zone as u8) << 2)
    }

    fn separator(self) -> u8 {
        [b'T', b't', b' ', b'T'][usize::from(self.0 & 3)]
    }

    fn zone(self) -> u8 {
        [b'Z', b'z', b'+', b'-'][usize::from(self.0 >> 2 & 3)]
    }
}

/// Capacity for the longest text, that of a year of twelve digits; the rest is dropped.
struct Buffer {
    bytes: [u8; 48],
    len: usize,
}

impl Buffer {
    fn push(&mut self, byte: u8) {
        if let Some(free) = self.bytes.get_mut(self.len) {
            *free = byte;
            self.len += 1;
        }
    }

    /// Writes a number below 100 with two digits.
    fn pair(&mut self, number: u64) {
        self.push(b'0' + (number / 10) as u8);
        self.push(b'0' + (number % 10) as u8);
    }

    /// Writes a number with at least `width` digits.
    fn number(&mut self, number: u64, width: usize) {
        let width = width.max(number.checked_ilog10().map_or(1, |log| log as usize + 1));
        let Some(room) = self.bytes.get_mut(self.len..self.len + width) else {
            return;
        };
        let mut rest = number;
        for digit in room.iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        self.len += width;
    }

    fn as_str(&self) -> &str {
        // Only ASCII was written.
        std::str::from_utf8(self.bytes.get(..self.len).unwrap_or_default()).unwrap_or_default()
    }
}
