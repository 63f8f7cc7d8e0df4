//! An integer or a string: a port by number or name, a count or a percentage.

use std::fmt;
use std::str::FromStr;

use compact_str::CompactString;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// An integer or a string, as in a probe's `port: 8080` / `port: http` or a rollout's `maxSurge: 1` / `maxSurge: 25%`.
///
/// Kubernetes' own type has 32 bits; custom resources may have larger numbers, so this has 64. The default is 0.
/// Equality is by form too: `Int(80)` differs from `String("80")`, as it does for the server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IntOrString {
    /// A JSON number.
    Int(i64),
    /// A JSON string.
    String(CompactString),
}

/// An [`IntOrString`] is neither a count nor a percentage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is neither an integer nor a percentage such as \"25%\" (of a total of {total})")]
pub struct IntOrStringError {
    value: CompactString,
    total: i64,
}

impl IntOrString {
    /// Returns the integer, if this is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            IntOrString::Int(value) => Some(*value),
            IntOrString::String(_) => None,
        }
    }

    /// Returns the string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            IntOrString::Int(_) => None,
            IntOrString::String(value) => Some(value),
        }
    }

    /// Returns the scaled value: an integer unchanged, a percentage as its share of `total`, rounded up or down.
    ///
    /// Controllers evaluate `maxSurge` (rounded up) and `maxUnavailable` (rounded down) of a [rolling
    /// update](https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment) so. A
    /// string that is not a whole number followed by `%` is an error, as is a share beyond 64 bits.
    pub fn scaled(&self, total: i64, round_up: bool) -> Result<i64, IntOrStringError> {
        let text = match self {
            IntOrString::Int(value) => return Ok(*value),
            IntOrString::String(text) => text,
        };
        let share = |percent: i64| {
            let product = i128::from(percent) * i128::from(total);
            let down = product.div_euclid(100);
            i64::try_from(if round_up && product.rem_euclid(100) != 0 { down + 1 } else { down }).ok()
        };
        let percent = text.strip_suffix('%').and_then(|digits| digits.parse().ok());
        percent.and_then(share).ok_or_else(|| IntOrStringError { value: text.clone(), total })
    }
}

impl Default for IntOrString {
    fn default() -> Self {
        IntOrString::Int(0)
    }
}

impl fmt::Display for IntOrString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            IntOrString::Int(value) => value.fmt(f),
            IntOrString::String(value) => f.pad(value),
        }
    }
}

/// Parses as on a command line: a whole number is an integer, anything else a string.
impl FromStr for IntOrString {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(match text.parse() {
            Ok(value) => IntOrString::Int(value),
            Err(_) => IntOrString::String(text.into()),
        })
    }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        impl From<$integer> for IntOrString {
            fn from(value: $integer) -> Self {
                IntOrString::Int(i64::from(value))
            }
        }
    )*};
}

macro_rules! from_text {
    ($($text:ty),*) => {$(
        impl From<$text> for IntOrString {
            fn from(value: $text) -> Self {
                IntOrString::String(value.into())
            }
        }
    )*};
}

from_integer!(i8, i16, i32, i64, u8, u16, u32);
from_text!(&str, String, CompactString);

impl Serialize for IntOrString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            IntOrString::Int(value) => serializer.serialize_i64(*value),
            IntOrString::String(value) => serializer.serialize_str(value),
        }
    }
}

impl<'de> Deserialize<'de> for IntOrString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl Visitor<'_> for Either {
            type Value = IntOrString;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an integer of 64 bits or a string")
            }

            fn visit_i64<E>(self, value: i64) -> Result<IntOrString, E> {
                Ok(IntOrString::Int(value))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<IntOrString, E> {
                let out_of_range = |_| E::invalid_value(de::Unexpected::Unsigned(value), &self);
                i64::try_from(value).map(IntOrString::Int).map_err(out_of_range)
            }

            fn visit_str<E>(self, value: &str) -> Result<IntOrString, E> {
                Ok(IntOrString::String(value.into()))
            }

            fn visit_unit<E>(self) -> Result<IntOrString, E> {
                Ok(IntOrString::default())
            }
        }

        deserializer.deserialize_any(Either)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_as_small_as_its_string() {
        assert_eq!(size_of::<IntOrString>(), 24);
        assert_eq!(size_of::<Option<IntOrString>>(), 24);
    }

    #[test]
    fn percentages_scale_and_round_as_in_a_rolling_update() {
        // Value, total, rounded up, rounded down: what apimachinery's GetScaledValueFromIntOrPercent answers.
        let table = [
            ("25%", 10, 3, 2),
            ("25%", 4, 1, 1),
            ("0%", 10, 0, 0),
            ("100%", 7, 7, 7),
            ("150%", 3, 5, 4),
            ("-10%", 5, 0, -1),
            ("+30%", 1, 1, 0),
            ("1%", 0, 0, 0),
        ];
        for (value, total, up, down) in table {
            let value = IntOrString::from(value);
            assert_eq!(value.scaled(total, true), Ok(up), "{value} of {total}");
            assert_eq!(value.scaled(total, false), Ok(down), "{value} of {total}");
        }
        assert_eq!(IntOrString::Int(5).scaled(100, true), Ok(5));
    }

    #[test]
    fn a_string_that_is_no_percentage_does_not_scale() {
        for text in ["", "%", "5", "a%", "5%%", "2.5%", " 5%", "99999999999999999999%", "9223372036854775807%"] {
            let error = IntOrString::from(text).scaled(1000, true).expect_err(text);
            assert!(error.to_string().contains("percentage"), "{error}");
        }
    }

    #[test]
    fn it_reads_and_writes_plain_json_and_null_is_zero() {
        for text in ["80", "-1", "9223372036854775807", r#""http""#, r#""80""#] {
            let value: IntOrString = serde_json::from_str(text).expect("an int or a string");
            assert_eq!(serde_json::to_string(&value).expect("plain"), text);
        }
        assert_eq!(serde_json::from_str::<IntOrString>("null").expect("null"), IntOrString::Int(0));
        for text in ["1.5", "9223372036854775808", "true", "[]"] {
            assert!(serde_json::from_str::<IntOrString>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn it_is_made_from_ports_numbers_and_names() {
        assert_eq!(IntOrString::from(8080_u16).as_int(), Some(8080));
        assert_eq!(IntOrString::from("http").as_str(), Some("http"));
        assert_eq!("80".parse(), Ok(IntOrString::Int(80)));
        assert_eq!("80%".parse(), Ok(IntOrString::from("80%")));
        assert_eq!(format!("{:>5}|{}", IntOrString::Int(80), IntOrString::from("http")), "   80|http");
    }
}
