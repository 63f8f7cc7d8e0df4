//! Points in time in the formats of Kubernetes: `Time` in seconds, `MicroTime` in microseconds.
//!
//! Both are sixteen bytes with the instant and its format (offset, number of fractional digits), so that a value from a
//! server is written back character by character.

mod civil;
mod parse;
mod stamp;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;
use std::time::{Duration as StdDuration, SystemTime};

use compact_str::CompactString;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use stamp::{Digits, Stamp};

/// Why a text or a number is not a time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TimeError {
    /// The text is not an RFC 3339 timestamp.
    #[error("{text:?} is not a time such as \"2006-01-02T15:04:05Z\" (RFC 3339)")]
    Syntax {
        /// The text; at most 64 characters of it.
        text: CompactString,
    },
    /// The text is well-formed, but its day, hour, minute, second or offset does not exist.
    #[error("invalid time {text:?}: its {field} is out of range")]
    NoSuchTime {
        /// The text.
        text: CompactString,
        /// The component that is out of range.
        field: &'static str,
    },
    /// The target type has a smaller range of years.
    #[error("the time {text} exceeds the range of {target}")]
    OutOfRange {
        /// The time.
        text: CompactString,
        /// The target type.
        target: &'static str,
    },
}

macro_rules! time {
    ($(#[$doc:meta])* $name:ident, $digits:expr, $unit:literal, $read:expr, $(#[$parse:meta])*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Stamp);

        impl $name {
            #[doc = concat!("Returns the current time, truncated to the ", $unit, ".")]
            pub fn now() -> Self {
                SystemTime::now().into()
            }

            /// Creates a time from its distance to 1970-01-01T00:00:00Z. Nanoseconds may have any value: they are
            /// added.
            #[doc = concat!("Truncated to the ", $unit, ".")]
            pub fn from_unix(seconds: i64, nanos: i64) -> Self {
                $name(Stamp::new(seconds, nanos, $digits))
            }

            /// Parses RFC 3339 (`2006-01-02T15:04:05Z`, `2006-01-02T16:04:05.25+01:00`).
            ///
            $(#[$parse])*
            pub fn parse(text: &str) -> Result<Self, TimeError> {
                parse::parse(text).map($read).map($name)
            }

            /// Returns whole seconds since 1970-01-01T00:00:00Z, rounded towards the past.
            pub fn unix_seconds(self) -> i64 {
                self.0.seconds()
            }

            /// Returns the nanoseconds after [`unix_seconds`](Self::unix_seconds): 0 to 999,999,999.
            pub fn subsec_nanos(self) -> u32 {
                self.0.nanos()
            }

            /// Whether this is Go's zero time, 0001-01-01T00:00:00Z, which means "not set" in Kubernetes.
            pub fn is_zero(self) -> bool {
                self == Self::default()
            }

            /// Converts to a `jiff` timestamp, for arithmetic and time zones. Fails for the last day of the year 9999.
            pub fn to_timestamp(self) -> Result<jiff::Timestamp, TimeError> {
                self.try_into()
            }

            /// Calls `f` with the text, without allocating it.
            pub(crate) fn with_text<R>(self, f: impl FnOnce(&str) -> R) -> R {
                self.0.with_text(f)
            }
        }

        /// Go's zero time, 0001-01-01T00:00:00Z.
        impl Default for $name {
            fn default() -> Self {
                $name::from_unix(civil::ZERO_SECONDS, 0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.with_text(|text| f.pad(text))
            }
        }

        impl FromStr for $name {
            type Err = TimeError;

            fn from_str(text: &str) -> Result<Self, TimeError> {
                $name::parse(text)
            }
        }

        #[doc = concat!("Truncated to the ", $unit, ".")]
        impl From<jiff::Timestamp> for $name {
            fn from(instant: jiff::Timestamp) -> Self {
                // jiff counts nanoseconds away from 1970, so before it they are negative.
                $name::from_unix(instant.as_second(), i64::from(instant.subsec_nanosecond()))
            }
        }

        #[doc = concat!("Truncated to the ", $unit, ".")]
        impl From<SystemTime> for $name {
            fn from(instant: SystemTime) -> Self {
                let (seconds, nanos) = match instant.duration_since(SystemTime::UNIX_EPOCH) {
                    Ok(after) => (i64::try_from(after.as_secs()).unwrap_or(i64::MAX), i64::from(after.subsec_nanos())),
                    Err(error) => {
                        let before = error.duration();
                        (0_i64.saturating_sub_unsigned(before.as_secs()), -i64::from(before.subsec_nanos()))
                    }
                };
                $name::from_unix(seconds, nanos)
            }
        }

        impl TryFrom<$name> for jiff::Timestamp {
            type Error = TimeError;

            fn try_from(time: $name) -> Result<Self, TimeError> {
                // Below 10^9, so it fits.
                jiff::Timestamp::new(time.0.seconds(), time.0.nanos() as i32)
                    .map_err(|_| time.0.out_of_range("jiff::Timestamp"))
            }
        }

        impl TryFrom<$name> for SystemTime {
            type Error = TimeError;

            fn try_from(time: $name) -> Result<Self, TimeError> {
                let seconds = StdDuration::from_secs(time.0.seconds().unsigned_abs());
                let start = SystemTime::UNIX_EPOCH;
                let whole = if time.0.seconds() < 0 { start.checked_sub(seconds) } else { start.checked_add(seconds) };
                whole
                    .and_then(|whole| whole.checked_add(StdDuration::from_nanos(time.0.nanos().into())))
                    .ok_or_else(|| time.0.out_of_range("std::time::SystemTime"))
            }
        }

        /// [Zero](Self::is_zero) is `null`, as in Go.
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if self.is_zero() {
                    return serializer.serialize_unit();
                }
                self.0.with_text(|text| serializer.serialize_str(text))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(deserializer.deserialize_any(Text)?.map($read).map_or_else($name::default, $name))
            }
        }
    };
}

time!(
    /// A point in time in seconds: `2006-01-02T15:04:05Z`.
    ///
    /// One created by this program is in UTC and has whole seconds. One that was parsed keeps its offset and its
    /// fraction, and is written verbatim if it is valid RFC 3339. Equality, order and hash are those of the instant.
    ///
    /// The default is [Go's zero time](Time::is_zero), as `null` and absent are for the server; it is written as
    /// `null`. Years outside 0000 to 9999 can't be parsed; converted from other types, they are written with all their
    /// digits, which the server rejects.
    ///
    /// Sixteen bytes, also as an `Option`.
    Time,
    Digits::D0,
    "second",
    std::convert::identity,
    /// [`Display`](fmt::Display) and the codecs write the text verbatim, whatever its offset and number of fractional
    /// digits (nine at most).
);

time!(
    /// A point in time in microseconds: `2006-01-02T15:04:05.000000Z`.
    ///
    /// Same as [`Time`] in every other respect; leases and events use it. The server requires exactly six fractional
    /// digits: texts with another number, which programs of other languages store in annotations and files, are parsed
    /// here, and written with six.
    MicroTime,
    Digits::D6,
    "microsecond",
    Stamp::to_micros,
    /// [`Display`](fmt::Display) and the codecs write it with the same offset, and with six fractional digits, whatever
    /// their original number: the server accepts no other.
);

/// The fraction is truncated.
impl From<MicroTime> for Time {
    fn from(time: MicroTime) -> Self {
        Time::from_unix(time.unix_seconds(), 0)
    }
}

impl From<Time> for MicroTime {
    fn from(time: Time) -> Self {
        MicroTime::from_unix(time.unix_seconds(), time.subsec_nanos().into())
    }
}

struct Text;

impl Visitor<'_> for Text {
    /// `None` for null.
    type Value = Option<Stamp>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a time such as \"2006-01-02T15:04:05Z\" (RFC 3339, at most 9 fractional digits)")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Option<Stamp>, E> {
        // // Not the parser's message, which quotes the text.
        parse::parse(text).map(Some).map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_unit<E>(self) -> Result<Option<Stamp>, E> {
        Ok(None)
    }
}
