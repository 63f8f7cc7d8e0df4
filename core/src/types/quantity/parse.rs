//! The grammar of quantities, and the exact value that a text stands for.

use super::amount::{Amount, BINARY, DECIMAL};
use super::{QuantityError, shortened};

/// Which kind of suffix a quantity has, and its results keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Decimal,
    Binary,
    Exponent,
}

/// The lowest power of ten that a quantity can tell apart.
const NANO: i64 = -9;

/// The largest exponent of a decimal amount: nobody has so much of anything, and Kubernetes' own parser takes minutes
/// over a far larger one.
pub(super) const MAX_EXPONENT: i32 = 1000;

/// How many digits are multiplied by a power of two at a time: 10^18 * 2^60 fits 128 bits with room to spare.
const CHUNK: usize = 18;

/// The largest binary amount.
const BINARY_CAP: u128 = i64::MAX as u128;

/// Reads a quantity.
///
/// Kubernetes' own parser also takes a sign, a dot or a suffix without any digit for zero; the grammar does not.
pub(super) fn parse(text: &str) -> Result<(Amount, Format), QuantityError> {
    let syntax = || QuantityError::Syntax { text: shortened(text) };
    let exponent_range = || QuantityError::Exponent { text: shortened(text) };
    let too_many = || QuantityError::TooManyDigits { text: shortened(text) };

    let (negative, rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let (whole, rest) = digits(rest);
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => digits(rest),
        None => ("", rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(syntax());
    }
    let (size, format) = if let Some((_, exponent)) = DECIMAL.iter().find(|(s, _)| *s == suffix) {
        (decimal(whole, fraction, (*exponent).into()), Format::Decimal)
    } else if let Some((_, power)) = BINARY.iter().find(|(s, _)| *s == suffix) {
        let size = binary(whole, fraction, *power);
        // Below one there is nothing for a binary suffix to say.
        let format = if !size.is_zero() && size < Amount::new(1, 0) { Format::Decimal } else { Format::Binary };
        (Some(size), format)
    } else {
        let exponent = suffix.strip_prefix(['e', 'E']).ok_or_else(syntax)?;
        let (exponent_digits, rest) = digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
        if exponent_digits.is_empty() || !rest.is_empty() {
            return Err(syntax());
        }
        // Before anything is calculated with it.
        let exponent = exponent.parse().ok().filter(|e: &i32| e.unsigned_abs() <= MAX_EXPONENT.unsigned_abs());
        let exponent = exponent.ok_or_else(exponent_range)?;
        (decimal(whole, fraction, exponent.into()), Format::Exponent)
    };
    let size = size.ok_or_else(too_many)?;
    if size.exponent() > MAX_EXPONENT {
        return Err(exponent_range());
    }
    Ok((if negative { size.negated() } else { size }, format))
}

/// `whole.fraction * 10^exponent`, rounded up to a nano.
fn decimal(whole: &str, fraction: &str, exponent: i64) -> Option<Amount> {
    let mut place = exponent + i64::try_from(whole.len()).ok()?;
    let (mut value, mut last, mut rest) = (0_i128, 0_i64, false);
    for digit in whole.bytes().chain(fraction.bytes()) {
        place -= 1;
        if digit == b'0' {
            continue;
        }
        if place < NANO {
            rest = true;
            break;
        }
        // Zeros count only when another digit follows them: 1e100 is one digit, however it is written.
        let shift = if value == 0 { 0 } else { u32::try_from(last - place).ok()? };
        value = value.checked_mul(10_i128.checked_pow(shift)?)?.checked_add(i128::from(digit - b'0'))?;
        last = place;
    }
    if rest {
        let shift = if value == 0 { 0 } else { u32::try_from(last - NANO).ok()? };
        value = value.checked_mul(10_i128.checked_pow(shift)?)?.checked_add(1)?;
        last = NANO;
    }
    Some(Amount::new(value, i32::try_from(last).ok()?))
}

/// `whole.fraction * 2^power`, rounded up to a nano, at most the cap. Exact however many digits there are.
fn binary(whole: &str, fraction: &str, power: u32) -> Amount {
    let cap = Amount::new(i64::MAX.into(), 0);
    let whole = whole.trim_start_matches('0');
    // 20 digits are beyond the cap, with or without a suffix.
    let Some(whole) = (whole.len() < 20).then(|| number(whole) << power).filter(|&whole| whole <= BINARY_CAP) else {
        return cap;
    };
    // Long multiplication of the fraction, from its last digits to its first. What is carried out of the first chunk is
    // whole; that chunk holds the nanos and 9 digits more; of the others it only matters whether they are zero.
    let (mut carry, mut first, mut rest) = (0_u128, 0_u128, false);
    for chunk in fraction.as_bytes().chunks(CHUNK).rev() {
        rest |= first != 0;
        let padded = (0..CHUNK).fold(0, |n, at| n * 10 + u128::from(chunk.get(at).map_or(0, |digit| digit - b'0')));
        let product = (padded << power) + carry;
        (carry, first) = (product / 10_u128.pow(CHUNK as u32), product % 10_u128.pow(CHUNK as u32));
    }
    let billion = 1_000_000_000_u128;
    let nanos = first / billion + u128::from(rest || first % billion != 0);
    let whole = whole + carry;
    if whole > BINARY_CAP || (whole == BINARY_CAP && nanos > 0) {
        return cap;
    }
    // Below 10^28, so it fits.
    if nanos == 0 { Amount::new(whole as i128, 0) } else { Amount::new((whole * billion + nanos) as i128, -9) }
}

/// The value of at most 20 digits.
fn number(digits: &str) -> u128 {
    digits.bytes().fold(0, |n, digit| n * 10 + u128::from(digit - b'0'))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}
