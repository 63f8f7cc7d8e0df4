//! The exact value of a quantity, and its canonical text.

use std::cmp::Ordering;

use compact_str::{CompactString, format_compact};

use super::parse::{Format, MAX_EXPONENT};

/// `digits * 10^exponent`, with no trailing zeros in the digits, so that a value has one form only.
///
/// After parsing, the exponent is at least -9 (nano); every operation but `new` keeps it so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Amount {
    digits: i128,
    exponent: i32,
}

impl Amount {
    pub const ZERO: Amount = Amount { digits: 0, exponent: 0 };

    pub fn new(mut digits: i128, mut exponent: i32) -> Self {
        if digits == 0 {
            return Amount::ZERO;
        }
        // Most values are small, and dividing 128 bits is slow.
        if let Ok(mut small) = i64::try_from(digits) {
            while small % 10 == 0 && exponent < i32::MAX {
                (small, exponent) = (small / 10, exponent + 1);
            }
            return Amount { digits: small.into(), exponent };
        }
        while digits % 10 == 0 {
            match exponent.checked_add(1) {
                Some(next) => (digits, exponent) = (digits / 10, next),
                None => break,
            }
        }
        Amount { digits, exponent }
    }

    pub fn exponent(self) -> i32 {
        self.exponent
    }

    pub fn is_zero(self) -> bool {
        self.digits == 0
    }

    pub fn signum(self) -> i32 {
        self.digits.signum() as i32
    }

    /// The digits of every amount lie within ±(2^127 - 1), so this cannot overflow.
    pub fn negated(self) -> Self {
        Amount { digits: self.digits.saturating_neg(), ..self }
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.is_zero() || other.is_zero() {
            return Some(if self.is_zero() { other } else { self });
        }
        let exponent = self.exponent.min(other.exponent);
        let sum = self.digits_at(exponent)?.checked_add(other.digits_at(exponent)?)?;
        Amount::within(sum, exponent)
    }

    pub fn checked_mul(self, factor: i64) -> Option<Self> {
        // Dividing the factor by ten first lets powers of ten through that would not fit the digits.
        let factor = Amount::new(factor.into(), 0);
        let digits = self.digits.checked_mul(factor.digits)?;
        Amount::within(digits, self.exponent.checked_add(factor.exponent)?)
    }

    /// The value over 10^exponent, rounded away from zero.
    pub fn rounded_to(self, exponent: i32) -> Option<i64> {
        if self.is_zero() {
            return Some(0);
        }
        if let Some(shift) = exponent.checked_sub(self.exponent).filter(|&shift| shift > 0) {
            // Dividing by more than 10^38 leaves a fraction, which rounds to one.
            let divisor = 10_i128.checked_pow(shift.unsigned_abs()).unwrap_or(i128::MAX);
            let whole = self.digits / divisor;
            let up = if self.digits % divisor != 0 { self.digits.signum() } else { 0 };
            return i64::try_from(whole + up).ok();
        }
        i64::try_from(self.digits_at(exponent)?).ok()
    }

    pub fn to_f64(self) -> f64 {
        // Rust's parser rounds correctly, and needs no power of ten to be exact in floating point.
        format_compact!("{}e{}", self.digits, self.exponent).parse().unwrap_or(f64::NAN)
    }

    pub fn canonical(self, format: Format) -> CompactString {
        if self.is_zero() {
            return CompactString::const_new("0");
        }
        if let (Format::Binary, Some(text)) = (format, self.binary()) {
            return text;
        }
        // Fewer fractional digits than the suffix allows become zeros before it.
        let mut zeros = self.exponent.rem_euclid(3);
        let exponent = i64::from(self.exponent) - i64::from(zeros);
        let suffix = match (format, exponent) {
            (_, 0) => CompactString::const_new(""),
            (Format::Exponent, exponent) => format_compact!("e{exponent}"),
            (_, exponent) => match DECIMAL.iter().find(|(_, e)| i64::from(*e) == exponent) {
                Some((suffix, _)) => CompactString::const_new(suffix),
                // There is no suffix above E, nor one that a parsed value needs below n.
                None if exponent > 18 => {
                    zeros = zeros.saturating_add(i32::try_from(exponent - 18).unwrap_or(i32::MAX));
                    CompactString::const_new("E")
                }
                None => format_compact!("e{exponent}"),
            },
        };
        if zeros > LONGEST_ZEROS {
            return format_compact!("{}e{}", self.digits, self.exponent);
        }
        let mut text = format_compact!("{}", self.digits);
        text.extend(std::iter::repeat_n('0', zeros.unsigned_abs() as usize));
        text.push_str(&suffix);
        text
    }

    /// The text of a binary quantity, if the value is a whole number from 1024 up: with a binary suffix, or in plain
    /// digits if it is beyond what a suffix is read to (only a calculation gets there).
    fn binary(self) -> Option<CompactString> {
        let whole = self.digits_at(0).filter(|whole| whole.unsigned_abs() >= 1024)?;
        if whole.unsigned_abs() > i64::MAX.unsigned_abs().into() {
            return Some(format_compact!("{whole}"));
        }
        let (mut rest, mut suffix) = (whole, "");
        for (next, _) in BINARY {
            if rest % 1024 != 0 {
                break;
            }
            (rest, suffix) = (rest / 1024, next);
        }
        Some(format_compact!("{rest}{suffix}"))
    }

    /// The digits if the exponent were another; `None` if they do not fit, or would need a fraction.
    fn digits_at(self, exponent: i32) -> Option<i128> {
        let shift = u32::try_from(self.exponent.checked_sub(exponent)?).ok()?;
        self.digits.checked_mul(10_i128.checked_pow(shift)?)
    }

    /// The lowest i128 has no positive twin, so it is out of range; so is an exponent that would not be read again.
    fn within(digits: i128, exponent: i32) -> Option<Self> {
        let amount = (digits != i128::MIN).then(|| Amount::new(digits, exponent))?;
        (amount.exponent <= MAX_EXPONENT).then_some(amount)
    }
}

impl Ord for Amount {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = self.signum();
        sign.cmp(&other.signum()).then_with(|| {
            let larger = compare_sizes(*self, *other);
            if sign < 0 { larger.reverse() } else { larger }
        })
    }
}

impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares two amounts other than zero, whatever their signs. Exact for all of them.
fn compare_sizes(a: Amount, b: Amount) -> Ordering {
    let (x, y) = (a.digits.unsigned_abs(), b.digits.unsigned_abs());
    let length = |digits: u128, exponent: i32| i64::from(digits.checked_ilog10().unwrap_or(0)) + i64::from(exponent);
    length(x, a.exponent).cmp(&length(y, b.exponent)).then_with(|| {
        // Of the same length: the exponents differ by at most 38, as the lengths of the digits do. Where the one with
        // fewer digits overflows when filled up with zeros, it is the larger: the other has as many and did not.
        let shift = a.exponent.abs_diff(b.exponent);
        let filled = |digits: u128| 10_u128.checked_pow(shift).and_then(|power| digits.checked_mul(power));
        if a.exponent >= b.exponent {
            filled(x).map_or(Ordering::Greater, |x| x.cmp(&y))
        } else {
            filled(y).map_or(Ordering::Less, |y| x.cmp(&y))
        }
    })
}

/// More zeros than this are written as an exponent.
const LONGEST_ZEROS: i32 = 1000;

/// The decimal suffixes, with their powers of ten.
pub(super) const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

/// The binary suffixes, with their powers of two.
pub(super) const BINARY: [(&str, u32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];
