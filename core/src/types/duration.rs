//! A span of time in Go's text form: `1h3m0.5s`.

mod text;

use std::fmt;
use std::str::FromStr;
use std::time::Duration as StdDuration;

use compact_str::CompactString;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// A span of time in nanoseconds, which may be negative: at most some 292 years.
///
/// Its text is that of Go's `time.Duration`, which is what Kubernetes reads and writes: numbers with the units `ns`,
/// `us` (or `µs`), `ms`, `s`, `m` and `h`, as in `1h30m` or `-1.5h` (see
/// [`ParseDuration`](https://pkg.go.dev/time#ParseDuration)). The default is zero, `0s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

/// Why a text or a number is not a [`Duration`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DurationError {
    /// The text does not follow the grammar.
    #[error(
        "{text:?} is not a duration such as \"1h30m\" or \"0.5s\": a number with one of the units ns, us, ms, s, m, h, repeated"
    )]
    Syntax {
        /// The text.
        text: CompactString,
    },
    /// The span exceeds 64 bits of nanoseconds.
    #[error("a duration of {span} exceeds the 292 years that Kubernetes can represent")]
    TooLong {
        /// The span, as text.
        span: CompactString,
    },
    /// A negative span has no counterpart in the standard library.
    #[error("the duration {0} is negative, which std::time::Duration cannot be")]
    Negative(Duration),
}

impl Duration {
    /// Zero.
    pub const ZERO: Duration = Duration(0);

    /// Creates a span from nanoseconds.
    pub const fn from_nanos(nanos: i64) -> Self {
        Duration(nanos)
    }

    /// Creates a span from seconds, saturating (at some 292 years).
    pub const fn from_secs(seconds: i64) -> Self {
        Duration(seconds.saturating_mul(1_000_000_000))
    }

    /// Returns the span in nanoseconds.
    pub const fn as_nanos(self) -> i64 {
        self.0
    }

    /// Returns the span in seconds, as an `f64`.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    /// Whether the span is negative.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Parses Go's text form.
    pub fn parse(text: &str) -> Result<Self, DurationError> {
        text::parse(text).map(Duration)
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        Duration::parse(text)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text::format(self.0))
    }
}

impl TryFrom<StdDuration> for Duration {
    type Error = DurationError;

    fn try_from(span: StdDuration) -> Result<Self, DurationError> {
        let too_long = |_| DurationError::TooLong { span: compact_str::format_compact!("{span:?}") };
        i64::try_from(span.as_nanos()).map(Duration).map_err(too_long)
    }
}

impl TryFrom<Duration> for StdDuration {
    type Error = DurationError;

    fn try_from(span: Duration) -> Result<Self, DurationError> {
        u64::try_from(span.0).map(StdDuration::from_nanos).map_err(|_| DurationError::Negative(span))
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text::format(self.0))
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Duration;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration such as \"1h30m\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Duration, E> {
                // // Not the parser's message, which quotes the text.
                Duration::parse(text).map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
            }

            fn visit_unit<E>(self) -> Result<Duration, E> {
                Ok(Duration::ZERO)
            }
        }

        deserializer.deserialize_any(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_and_written_as_go_does() {
        for (text, go) in GO {
            let ours = Duration::parse(text);
            match go {
                Some((nanos, written)) => {
                    assert_eq!(ours, Ok(Duration(*nanos)), "{text}");
                    assert_eq!(Duration(*nanos).to_string(), *written);
                }
                None => assert!(ours.is_err(), "{text}: {ours:?}"),
            }
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let mut nanos = 1_i64;
        for _ in 0..2000 {
            nanos = nanos.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let span = Duration(nanos >> (nanos & 63));
            assert_eq!(span.to_string().parse(), Ok(span));
        }
    }

    #[test]
    fn it_converts_to_and_from_the_standard_library() {
        assert_eq!(Duration::try_from(StdDuration::from_millis(1500)), Ok(Duration(1_500_000_000)));
        assert_eq!(StdDuration::try_from(Duration::from_secs(2)), Ok(StdDuration::from_secs(2)));
        assert_eq!(StdDuration::try_from(Duration(-1)), Err(DurationError::Negative(Duration(-1))));
        assert!(matches!(Duration::try_from(StdDuration::MAX), Err(DurationError::TooLong { .. })));
        assert_eq!(Duration::from_secs(i64::MAX).as_nanos(), i64::MAX);
    }

    #[test]
    fn in_json_it_is_its_text_and_null_is_zero() {
        assert_eq!(serde_json::from_str::<Duration>(r#""90s""#).expect("a duration"), Duration::from_secs(90));
        assert_eq!(serde_json::to_string(&Duration::from_secs(90)).expect("a string"), r#""1m30s""#);
        assert_eq!(serde_json::from_str::<Duration>("null").expect("null"), Duration::ZERO);
        assert!(serde_json::from_str::<Duration>("90").is_err());
    }

    /// What Go's time.ParseDuration and Duration.String say: nanoseconds and text, or an error.
    #[rustfmt::skip]
    const GO: &[(&str, Option<(i64, &str)>)] = &[
        ("0", Some((0, "0s"))),
        ("-0", Some((0, "0s"))),
        ("+0", Some((0, "0s"))),
        ("5s", Some((5000000000, "5s"))),
        ("1h3m0.5s", Some((3780500000000, "1h3m0.5s"))),
        ("-1.5h", Some((-5400000000000, "-1h30m0s"))),
        ("60s", Some((60000000000, "1m0s"))),
        ("90m", Some((5400000000000, "1h30m0s"))),
        ("1.5ms", Some((1500000, "1.5ms"))),
        ("1us", Some((1000, "1µs"))),
        ("1µs", Some((1000, "1µs"))),
        ("1μs", Some((1000, "1µs"))),
        ("10ns", Some((10, "10ns"))),
        (".5s", Some((500000000, "500ms"))),
        ("1.s", Some((1000000000, "1s"))),
        ("+5m", Some((300000000000, "5m0s"))),
        ("-.25s", Some((-250000000, "-250ms"))),
        ("1h1ms", Some((3600001000000, "1h0m0.001s"))),
        ("3000000h", None),
        ("-2562047h47m16.854775808s", Some((-9223372036854775808, "-2562047h47m16.854775808s"))),
        ("2562047h47m16.854775807s", Some((9223372036854775807, "2562047h47m16.854775807s"))),
        ("2562047h47m16.854775808s", None),
        ("-2562047h47m16.854775809s", None),
        ("9223372036854775807ns", Some((9223372036854775807, "2562047h47m16.854775807s"))),
        ("9223372036854775808ns", None),
        ("-9223372036854775808ns", Some((-9223372036854775808, "-2562047h47m16.854775808s"))),
        ("0.3333333333333333333h", Some((1200000000000, "20m0s"))),
        ("0.100000000000000000000h", Some((360000000000, "6m0s"))),
        ("0.830103483285477580700h", Some((2988372539827, "49m48.372539827s"))),
        ("0.9223372036854775807h", Some((3320413933267, "55m20.413933267s"))),
        ("52763797000ns", Some((52763797000, "52.763797s"))),
        ("1m1m", Some((120000000000, "2m0s"))),
        ("1s1h", Some((3601000000000, "1h0m1s"))),
        ("1.0000000009s", Some((1000000000, "1s"))),
        ("0.1ns", Some((0, "0s"))),
        ("0.9ns", Some((0, "0s"))),
        ("1.9999us", Some((1999, "1.999µs"))),
        ("0.007s", Some((7000000, "7ms"))),
        ("1.1us", Some((1100, "1.1µs"))),
        ("100000000000000000000000s", None),
        ("", None),
        ("3", None),
        ("-", None),
        ("s", None),
        (".", None),
        ("-.", None),
        (".s", None),
        ("+.s", None),
        ("1d", None),
        ("1S", None),
        ("1 s", None),
        (" 1s", None),
        ("1h ", None),
        ("0.s.", None),
        ("1e3s", None),
        ("1..5s", None),
        ("--1s", None),
        ("-+1s", None),
        ("5é", None),
        ("999ns", Some((999, "999ns"))),
        ("1001ns", Some((1001, "1.001µs"))),
        ("999999ns", Some((999999, "999.999µs"))),
        ("1000001ns", Some((1000001, "1.000001ms"))),
        ("59.999999999s", Some((59999999999, "59.999999999s"))),
        ("0.000000001s", Some((1, "1ns"))),
        ("1h0m0.000001s", Some((3600000001000, "1h0m0.000001s"))),
    ];
}
