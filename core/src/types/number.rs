//! A JSON number with all its digits, for custom resources' fields of `type: number`.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use compact_str::{CompactString, ToCompactString};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::{integral, json_number};

/// A number of any size, as its JSON text: a custom resource's field of `type: number`.
///
/// The server keeps integers of such a field with 64 bits, which an `f64` would round from 2^53 on. The text is
/// preserved verbatim; [`as_f64`](Self::as_f64) and [`as_i64`](Self::as_i64) are for calculations.
///
/// Equality, order and hash are those of the exact decimal value: `1`, `1.0` and `10e-1` are equal. The default is `0`.
/// Twenty-four bytes; texts of up to 24 bytes need no allocation.
///
/// ```
/// use kubewright_core::Number;
///
/// let replicas: Number = "9007199254740993".parse()?;
/// assert_eq!(replicas.as_i64(), Some(9_007_199_254_740_993));
/// assert_eq!(Number::from(0.5).as_f64(), 0.5);
/// # Ok::<(), kubewright_core::types::NumberError>(())
/// ```
///
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>
#[derive(Clone)]
pub struct Number(CompactString);

/// A text that is not one JSON number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a number such as 12, -0.5 or 1e3 (RFC 8259, section 6)")]
pub struct NumberError {
    text: CompactString,
}

impl Number {
    /// Parses a number by [JSON's grammar](https://www.rfc-editor.org/rfc/rfc8259#section-6): no `+`, no leading zeros,
    /// a digit on either side of the point.
    ///
    /// # Errors
    ///
    /// If the text is anything else.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        match json_number::split(text) {
            Some(_) => Ok(Number(text.into())),
            None => Err(NumberError { text: text.chars().take(64).collect() }),
        }
    }

    /// Same without validation, for the codec, which has done it.
    pub(crate) fn from_valid_text(text: &str) -> Self {
        Number(text.into())
    }

    /// Returns the text verbatim.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the nearest `f64`: infinite beyond its range, rounded from 2^53 on.
    pub fn as_f64(&self) -> f64 {
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// Returns the value as an `i64`, if it is an integer in its range: `3`, `3.0` and `3e0` are three.
    pub fn as_i64(&self) -> Option<i64> {
        json_number::split(&self.0)?;
        integral(&self.0).ok()
    }

    /// Whether the number is finite: not one created from an `f64` that is infinite or NaN.
    pub fn is_finite(&self) -> bool {
        json_number::split(&self.0).is_some()
    }
}

impl Default for Number {
    fn default() -> Self {
        Number(CompactString::const_new("0"))
    }
}

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Number {
            fn from(value: $integer) -> Self {
                Number(value.to_compact_string())
            }
        }
    )*};
}

from_integer!(i8, i16, i32, i64, u8, u16, u32, u64);

/// The shortest text that parses to the same `f64`. Infinity and NaN have no JSON representation: such a number [is not
/// finite](Number::is_finite), and can't be encoded.
impl From<f64> for Number {
    fn from(value: f64) -> Self {
        Number(json_number::of_f64(value))
    }
}

/// Same as from the `f64` with the same digits: `0.1_f32` is `0.1`.
impl From<f32> for Number {
    fn from(value: f32) -> Self {
        Number::from(value.to_string().parse().unwrap_or(f64::NAN))
    }
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        Number::parse(text)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// By value; invalid numbers, and those with an exponent beyond 64 bits, sort last, by their text.
impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.0 == other.0 {
            return Ordering::Equal;
        }
        match (json_number::Decimal::of(&self.0), json_number::Decimal::of(&other.0)) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => self.0.cmp(&other.0),
        }
    }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match json_number::canonical(&self.0) {
            Some(canonical) => canonical.hash(state),
            None => self.0.hash(state),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json_number::serialize(&self.0, serializer)
    }
}

/// `null` is zero. Through serde, a number beyond 64-bit integers is as exact as an `f64`; from [YAML](crate::yaml),
/// integers have all their digits.
impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyNumber;

        impl Visitor<'_> for AnyNumber {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }

            fn visit_i64<E>(self, value: i64) -> Result<Number, E> {
                Ok(value.into())
            }

            fn visit_u64<E>(self, value: u64) -> Result<Number, E> {
                Ok(value.into())
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Number, E> {
                if value.is_finite() {
                    Ok(value.into())
                } else {
                    Err(E::invalid_value(de::Unexpected::Float(value), &self))
                }
            }

            fn visit_unit<E>(self) -> Result<Number, E> {
                Ok(Number::default())
            }
        }

        json_number::deserialize(deserializer, AnyNumber, Number::from_valid_text)
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, RandomState};

    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).expect(text)
    }

    #[test]
    fn it_is_as_small_as_its_string() {
        assert_eq!((size_of::<Number>(), size_of::<Option<Number>>()), (24, 24));
    }

    #[test]
    fn integers_to_64_bits_are_exact_and_so_are_all_digits() {
        for text in ["9007199254740993", "-9223372036854775808", "9223372036854775807"] {
            assert_eq!(number(text).as_i64().map(|value| value.to_string()).as_deref(), Some(text));
            assert_eq!(serde_json::to_string(&number(text)).expect("a number"), text);
            assert_eq!(serde_json::from_str::<Number>(text).expect("a number").as_str(), text);
        }
        for text in ["0.1000000000000000055511151231257827", "123456789012345678901234567890", "1E+400", "-0", "1.50"] {
            assert_eq!(number(text).to_string(), text);
        }
        assert_eq!((number("1.5").as_i64(), number("3e2").as_i64(), number("1e19").as_i64()), (None, Some(300), None));
        assert_eq!((number("0.1").as_f64(), number("1e400").as_f64()), (0.1, f64::INFINITY));
    }

    #[test]
    fn it_is_made_from_every_number_of_rust() {
        assert_eq!(Number::from(3_i32).as_str(), "3");
        assert_eq!(Number::from(u64::MAX).as_str(), "18446744073709551615");
        assert_eq!(Number::from(0.1_f32).as_str(), "0.1");
        for (value, text) in
            [(0.5, "0.5"), (3.0, "3"), (-0.0, "-0.0"), (1e21, "1e+21"), (9_007_199_254_740_992.0, "9007199254740992")]
        {
            assert_eq!(Number::from(value).as_str(), text);
            assert_eq!(Number::from(value).as_f64().to_bits(), f64::to_bits(value));
        }
        assert_eq!(Number::default(), Number::from(0));
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(!Number::from(value).is_finite());
            assert_eq!(Number::from(value).as_i64(), None);
            assert_eq!(Number::from(value), Number::from(value));
        }
        assert!(Number::from(f64::MAX).is_finite());
    }

    #[test]
    fn equality_order_and_hash_are_those_of_the_value() {
        let ascending = [
            "-1e3",
            "-2",
            "-1.5",
            "-1",
            "0",
            "1e-9",
            "0.1",
            "0.10000000000000000001",
            "1",
            "9",
            "10",
            "11",
            "9007199254740992",
            "9007199254740993",
            "1e999",
        ];
        for (place, a) in ascending.iter().enumerate() {
            for (other, b) in ascending.iter().enumerate() {
                assert_eq!(number(a).cmp(&number(b)), place.cmp(&other), "{a} {b}");
            }
        }
        let hasher = RandomState::new();
        for (a, b) in [("1", "1.0"), ("100", "1e2"), ("0", "-0.0"), ("0.5", "5e-1")] {
            assert_eq!(number(a), number(b));
            assert_eq!(hasher.hash_one(number(a)), hasher.hash_one(number(b)), "{a} {b}");
        }
        let far = number("1e99999999999999999999");
        assert!(far > number("1e999") && far == far.clone());
    }

    #[test]
    fn what_is_no_json_number_is_refused() {
        for text in ["", "+1", "01", ".5", "1.", "0x10", "1_000", "NaN", "inf", " 1", "1e"] {
            assert!(Number::parse(text).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Number>("\"1\"").is_err());
        assert_eq!(serde_json::from_str::<Number>("null").expect("null"), Number::default());
    }
}
