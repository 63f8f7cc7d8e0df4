//! Integers that are written with a fraction or an exponent.

/// Why a number is not an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotInteger {
    /// It has a fraction.
    Fraction,
    /// It is out of range.
    Range,
}

/// Returns the integer value of a JSON number: `10`, `10.0`, `1e1` and `100e-1` are all ten.
///
/// `text` must follow JSON's grammar for numbers. No floating-point arithmetic: every 64-bit integer is exact.
pub(crate) fn integral(text: &str) -> Result<i64, NotInteger> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let digits = || whole.bytes().chain(fraction.bytes());
    if digits().all(|digit| digit == b'0') {
        return Ok(0);
    }
    let exponent = exponent.map_or(Ok(0), parse_exponent)?;
    // The number is digits × 10^scale.
    let scale = exponent - i64::try_from(fraction.len()).map_err(|_| NotInteger::Range)?;
    // Digits that a negative scale cuts off must be zeros. A scale can be beyond the memory's size: on 32 bits, for one.
    let places = usize::try_from(scale.unsigned_abs()).unwrap_or(usize::MAX);
    let (cut, zeros) = if scale < 0 { (places, 0) } else { (0, places) };
    let length = whole.len() + fraction.len();
    let kept = length.saturating_sub(cut);
    if digits().skip(kept).any(|digit| digit != b'0') || cut > length {
        return Err(NotInteger::Fraction);
    }
    let mut value: i64 = 0;
    for digit in digits().take(kept).chain(std::iter::repeat_n(b'0', zeros)) {
        // // Towards the sign, as i64::MIN has no positive counterpart.
        let digit = i64::from(digit - b'0');
        let shifted = value.checked_mul(10).ok_or(NotInteger::Range)?;
        let next = if negative { shifted.checked_sub(digit) } else { shifted.checked_add(digit) };
        value = next.ok_or(NotInteger::Range)?;
    }
    Ok(value)
}

/// Converts a floating-point number to an integer, if both types represent it exactly (up to 2⁵³).
pub(crate) fn integral_f64(value: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[allow(clippy::cast_possible_truncation, reason = "it is whole and small enough")]
    (value.trunc() == value && value.abs() <= EXACT).then_some(value as i64)
}

/// Returns the exponent, limited to a size that no integer reaches.
fn parse_exponent(text: &str) -> Result<i64, NotInteger> {
    const FAR: i64 = 1 << 40;
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let size = digits.bytes().fold(0i64, |size, digit| (size * 10 + i64::from(digit - b'0')).min(FAR));
    match (negative, size) {
        (false, FAR) => Err(NotInteger::Range),
        (true, FAR) => Err(NotInteger::Fraction),
        (false, size) => Ok(size),
        (true, size) => Ok(-size),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_taken_however_they_are_written() {
        for (text, value) in [
            ("0", 0),
            ("-0", 0),
            ("-0.0e5", 0),
            ("0e99999999999999999999", 0),
            ("1.0", 1),
            ("1e3", 1000),
            ("1E+3", 1000),
            ("12.5e1", 125),
            ("1200e-2", 12),
            ("9223372036854775807", i64::MAX),
            ("9223372036854775807.0", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("-9.223372036854775808e18", i64::MIN),
        ] {
            assert_eq!(integral(text), Ok(value), "{text}");
        }
    }

    #[test]
    fn fractions_and_numbers_out_of_range_are_refused() {
        for text in ["1.5", "1e-1", "0.1", "12e-3", "1e-4294967297", "1e-99999999999999999999"] {
            assert_eq!(integral(text), Err(NotInteger::Fraction), "{text}");
        }
        for text in [
            "9223372036854775808",
            "-9223372036854775809",
            "1e19",
            "1e1000000",
            "1e4294967297",
            "1e99999999999999999999",
        ] {
            assert_eq!(integral(text), Err(NotInteger::Range), "{text}");
        }
    }
}
