//! The text of a JSON number: its grammar, its exact value, and its representation in serde.

use std::cmp::Ordering;
use std::fmt;

use compact_str::CompactString;
use serde::de::{Deserializer, Unexpected, Visitor};
use serde::ser::{Error, Serialize, Serializer};

/// The parts of a JSON number's text.
pub(super) struct Parts<'a> {
    pub negative: bool,
    pub whole: &'a str,
    pub fraction: &'a str,
    /// The text after the `e`, sign included; empty if there is none.
    pub exponent: &'a str,
}

/// Splits `text`; `None` if it is not exactly one JSON number (RFC 8259, section 6).
pub(super) fn split(text: &str) -> Option<Parts<'_>> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, rest) = digits(rest);
    if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    if fraction.is_empty() && text.contains('.') {
        return None;
    }
    let exponent = match rest.strip_prefix(['e', 'E']) {
        Some(exponent) => {
            let (digits, rest) = digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
            if digits.is_empty() || !rest.is_empty() {
                return None;
            }
            exponent
        }
        None if rest.is_empty() => "",
        None => return None,
    };
    Some(Parts { negative, whole, fraction, exponent })
}

/// The newtype name by which a deserializer of this crate recognizes a number of any size: it visits the digits, as a
/// string.
pub(crate) const DIGITS: &str = "$kubewright::Number";

/// Reads the digits of a number if the deserializer provides them, and anything else through the visitor.
pub(super) fn deserialize<'de, D: Deserializer<'de>, V: Visitor<'de>>(
    deserializer: D,
    visitor: V,
    of_digits: fn(&str) -> V::Value,
) -> Result<V::Value, D::Error> {
    struct Digits<'a, V: Visitor<'a>>(V, fn(&str) -> V::Value);

    #[allow(clippy::serde_api_misuse, reason = "a borrowed string never has digits")]
    impl<'de, V: Visitor<'de>> Visitor<'de> for Digits<'de, V> {
        type Value = V::Value;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.expecting(f)
        }

        fn visit_string<E: serde::de::Error>(self, text: String) -> Result<V::Value, E> {
            match split(&text) {
                Some(_) => Ok((self.1)(&text)),
                None => Err(E::invalid_type(Unexpected::Other("a string"), &self)),
            }
        }

        /// Any other deserializer ignores the name, and provides the value itself.
        fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
            deserializer.deserialize_any(self.0)
        }
    }

    deserializer.deserialize_newtype_struct(DIGITS, Digits(visitor, of_digits))
}

/// The exact value of a number: `digits * 10^exponent`, normalized so that all spellings of a value are equal.
#[derive(PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Without zeros at either end; none for zero.
    digits: CompactString,
    /// 0 for zero.
    exponent: i64,
}

impl Decimal {
    /// `None` if `text` is not a number, or its exponent is beyond an `i64`.
    pub fn of(text: &str) -> Option<Self> {
        let parts = split(text)?;
        let mut exponent: i64 = if parts.exponent.is_empty() { 0 } else { parts.exponent.parse().ok()? };
        exponent = exponent.checked_sub(i64::try_from(parts.fraction.len()).ok()?)?;
        let mut digits = CompactString::with_capacity(parts.whole.len() + parts.fraction.len());
        digits.extend(parts.whole.chars().chain(parts.fraction.chars()).skip_while(|&digit| digit == '0'));
        while digits.ends_with('0') {
            digits.pop();
            exponent = exponent.checked_add(1)?;
        }
        if digits.is_empty() {
            return Some(Decimal { negative: false, digits, exponent: 0 });
        }
        Some(Decimal { negative: parts.negative, digits, exponent })
    }

    fn signum(&self) -> i8 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        }
    }

    /// The decimal position of the first digit; it may exceed an `i64`.
    fn magnitude(&self) -> i128 {
        self.digits.len() as i128 + i128::from(self.exponent)
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.signum().cmp(&other.signum()).then_with(|| {
            // // With the first digits at one position, and no zeros at the ends, the digits compare as a fraction's
            // do.
            let sizes = self.magnitude().cmp(&other.magnitude()).then_with(|| self.digits.cmp(&other.digits));
            if self.negative { sizes.reverse() } else { sizes }
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Returns the same text for all spellings of a value: `1`, `1.0` and `10e-1`, without losing a digit.
///
/// `None` if `text` is not a number, or its exponent is beyond an `i64`.
pub(super) fn canonical(text: &str) -> Option<CompactString> {
    let Decimal { negative, digits, exponent } = Decimal::of(text)?;
    if digits.is_empty() {
        return Some(CompactString::const_new("0"));
    }
    let sign = if negative { "-" } else { "" };
    Some(compact_str::format_compact!("{sign}{digits}e{exponent}"))
}

/// Returns the shortest text that parses to the same `f64`, whole numbers without a fraction, as a server writes them.
/// Infinity and NaN have no JSON representation, and return text that is not a JSON number.
pub(crate) fn of_f64(value: f64) -> CompactString {
    match super::integral_f64(value) {
        Some(whole) if value != 0.0 || value.is_sign_positive() => {
            CompactString::new(itoa::Buffer::new().format(whole))
        }
        _ if value.is_finite() => CompactString::new(zmij::Buffer::new().format_finite(value)),
        _ => compact_str::format_compact!("{value}"),
    }
}

/// Serializes a number's text: exactly if an `i64` or `u64` represents it, otherwise as an `f64`.
pub(super) fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match serde_json::from_str::<serde_json::Number>(text) {
        Ok(number) => number.serialize(serializer),
        Err(error) => Err(S::Error::custom(format_args!("cannot write a number through serde: {error}"))),
    }
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_that_of_json() {
        for good in ["0", "-0", "10", "1.5", "-0.10", "1e5", "1E+05", "12.5e-7"] {
            assert!(split(good).is_some(), "{good}");
            assert!(serde_json::from_str::<serde_json::Value>(good).is_ok(), "{good}");
        }
        for bad in ["", "-", "+1", "01", "1.", ".5", "1e", "1e+", "1.e5", " 1", "1 ", "0x1", "1e1.5", "NaN", "1_0"] {
            assert!(split(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn spellings_of_one_value_share_a_canonical_text_and_others_do_not() {
        for same in ["100", "100.0", "1e2", "1.00E+2", "1000e-1"] {
            assert_eq!(canonical(same).as_deref(), Some("1e2"), "{same}");
        }
        for zero in ["0", "-0", "0.000", "0e99"] {
            assert_eq!(canonical(zero).as_deref(), Some("0"), "{zero}");
        }
        assert_ne!(canonical("18446744073709551617"), canonical("18446744073709551616"));
        assert_eq!(canonical("1e99999999999999999999"), None);
    }
}
