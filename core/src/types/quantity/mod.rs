//! Amounts of resources: `500m` of a CPU, `1Gi` of memory.

mod amount;
mod convert;
mod parse;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use compact_str::CompactString;

use amount::Amount;
use parse::Format;

use super::json_number;

/// An amount with a unit prefix: `0.5`, `500m`, `1Gi`, `12e6`.
///
/// The grammar and the meaning are those of Kubernetes'
/// [Quantity](https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/): a decimal number with
/// a decimal suffix (`n u m k M G T P E`), a binary one (`Ki Mi Gi Ti Pi Ei`) or a decimal exponent (`e3`). Fractions
/// of a nano are rounded away from zero; binary amounts are capped at 2^63 - 1.
///
/// **Text.** A quantity preserves its original text; [`canonical`](Self::canonical) returns the canonical form of
/// Kubernetes. One that was a JSON number is written as a number.
///
/// **Value.** Equality, order and hash are by value: `1000m` equals `1`. They, and the arithmetic, are exact for every
/// value of up to 38 significant digits; beyond that, arithmetic is an error. Invalid text (which a server would
/// reject), or with more digits, sorts after all others, by its characters, and equals only itself.
///
/// The default is `0`. Twenty-four bytes; texts of up to 24 bytes need no allocation.
#[derive(Clone)]
pub struct Quantity {
    /// The text, preceded by one of the marks below if necessary.
    marked: CompactString,
}

/// Marks the text of a quantity that is a JSON number.
const NUMBER: char = '\u{1}';
/// Escapes a text that itself starts with a mark.
const LITERAL: char = '\u{2}';

/// Why a text is not a quantity, or a result is out of range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantityError {
    /// The text does not follow the grammar.
    #[error(
        "{text:?} is not a quantity such as \"500m\" or \"1.5Gi\": a decimal number and one of the suffixes n u m k M G T P E Ki Mi Gi Ti Pi Ei, or an exponent such as e3"
    )]
    Syntax {
        /// The text; at most 64 characters of it.
        text: CompactString,
    },
    /// The exponent is beyond ±1000, or the value has that many zeros.
    #[error("the quantity {text:?} exceeds e1000, the largest exponent supported in calculations")]
    Exponent {
        /// The quantity; at most 64 characters of it.
        text: CompactString,
    },
    /// The value has more than 38 significant digits.
    #[error("the quantity {text:?} has too many digits for calculations (at most 38)")]
    TooManyDigits {
        /// The quantity; at most 64 characters of it.
        text: CompactString,
    },
    /// The result is too large, or too precise, for its target.
    #[error("{calculation} exceeds the range of {target}")]
    OutOfRange {
        /// The calculation.
        calculation: CompactString,
        /// The target type.
        target: &'static str,
    },
}

impl Quantity {
    /// Parses a quantity, strictly by the grammar: a sign, at least one digit, a known suffix, no white space.
    ///
    /// An exponent beyond ±1000 is rejected at once: Kubernetes' own parser may take minutes for it.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        match parse::parse(text) {
            // // The grammar is satisfied: it only can't be calculated with.
            Ok(_) | Err(QuantityError::TooManyDigits { .. }) => Ok(Quantity::new(text)),
            Err(error) => Err(error),
        }
    }

    /// Creates a value from a text without validating it; a calculation, or the server, may reject it.
    pub fn new(text: impl Into<CompactString>) -> Self {
        let mut marked = text.into();
        if marked.starts_with([NUMBER, LITERAL]) {
            marked.insert(0, LITERAL);
        }
        Quantity { marked }
    }

    /// Creates a quantity that is a number in JSON (as custom resources may have it), from the number's text.
    ///
    /// It is written as that number, with the same digits. Text that is not a JSON number becomes a string, as with
    /// [`new`](Self::new).
    pub fn from_json_number(text: &str) -> Self {
        if json_number::split(text).is_none() {
            return Quantity::new(text);
        }
        let mut marked = CompactString::with_capacity(text.len() + 1);
        marked.push(NUMBER);
        marked.push_str(text);
        Quantity { marked }
    }

    /// Whether this is written as a JSON number, not as a string.
    pub fn is_json_number(&self) -> bool {
        self.marked.starts_with(NUMBER)
    }

    /// Returns the text verbatim.
    pub fn as_str(&self) -> &str {
        self.marked.strip_prefix([NUMBER, LITERAL]).unwrap_or(&self.marked)
    }

    /// Returns the canonical form: no fractional digits, the largest suffix that allows that, and the quantity's own
    /// kind of suffix (decimal, binary, exponent). No precision is lost: a binary quantity that is not a whole number,
    /// or is below 1024, becomes decimal.
    ///
    /// Fails on invalid text.
    pub fn canonical(&self) -> Result<Self, QuantityError> {
        let (amount, format) = self.value()?;
        Ok(Quantity::of(amount, format))
    }

    /// Adds, in canonical form. The kind of suffix is that of `self`, or of `other` if `self` is zero.
    pub fn checked_add(&self, other: &Quantity) -> Result<Self, QuantityError> {
        let ((a, format), (b, other_format)) = (self.value()?, other.value()?);
        let sum = a.checked_add(b).ok_or_else(|| too_large(self, "+", other))?;
        Ok(Quantity::of(sum, if a.is_zero() { other_format } else { format }))
    }

    /// Subtracts, in canonical form. The kind of suffix is that of `self`, or of `other` if `self` is zero.
    pub fn checked_sub(&self, other: &Quantity) -> Result<Self, QuantityError> {
        let ((a, format), (b, other_format)) = (self.value()?, other.value()?);
        let difference = a.checked_add(b.negated()).ok_or_else(|| too_large(self, "-", other))?;
        Ok(Quantity::of(difference, if a.is_zero() { other_format } else { format }))
    }

    /// Multiplies, in canonical form.
    pub fn checked_mul(&self, factor: i64) -> Result<Self, QuantityError> {
        let (amount, format) = self.value()?;
        let product = amount.checked_mul(factor).ok_or_else(|| too_large(self, "*", &factor))?;
        Ok(Quantity::of(product, format))
    }

    /// Negates, in canonical form.
    pub fn checked_neg(&self) -> Result<Self, QuantityError> {
        let (amount, format) = self.value()?;
        Ok(Quantity::of(amount.negated(), format))
    }

    /// Compares the values; unlike [`Ord`], an error for invalid text.
    pub fn checked_cmp(&self, other: &Quantity) -> Result<Ordering, QuantityError> {
        Ok(self.value()?.0.cmp(&other.value()?.0))
    }

    /// Whether the value is zero. False for invalid text.
    pub fn is_zero(&self) -> bool {
        self.value().is_ok_and(|(amount, _)| amount.is_zero())
    }

    /// Returns -1, 0 or 1 for a negative, zero or positive value.
    pub fn signum(&self) -> Result<i32, QuantityError> {
        Ok(self.value()?.0.signum())
    }

    /// Returns the value as a whole number, rounded away from zero: `1500m` is 2, `1Ki` is 1024.
    pub fn to_i64(&self) -> Result<i64, QuantityError> {
        self.scaled(0, "an i64")
    }

    /// Returns the value in thousandths, rounded away from zero: `1` is 1000, `500m` is 500.
    pub fn to_milli_i64(&self) -> Result<i64, QuantityError> {
        self.scaled(-3, "an i64 of thousandths")
    }

    /// Returns the value as an `f64`; infinite beyond its range.
    pub fn to_f64(&self) -> Result<f64, QuantityError> {
        Ok(self.value()?.0.to_f64())
    }

    /// Creates a quantity from thousandths, in canonical form: 500 is `500m`, 2000 is `2`.
    pub fn from_milli(thousandths: i64) -> Self {
        Quantity::of(Amount::new(thousandths.into(), -3), Format::Decimal)
    }

    /// Creates a whole number, with a binary suffix if possible: 2^30 is `1Gi`.
    pub fn from_bytes(bytes: i64) -> Self {
        Quantity::of(Amount::new(bytes.into(), 0), Format::Binary)
    }

    fn scaled(&self, exponent: i32, target: &'static str) -> Result<i64, QuantityError> {
        let out_of_range = || QuantityError::OutOfRange { calculation: shortened(self.as_str()), target };
        self.value()?.0.rounded_to(exponent).ok_or_else(out_of_range)
    }

    fn of(amount: Amount, format: Format) -> Self {
        Quantity { marked: amount.canonical(format) }
    }

    fn value(&self) -> Result<(Amount, Format), QuantityError> {
        // In JSON, the server skips white space around a quantity.
        parse::parse(self.as_str().trim())
    }
}

impl Default for Quantity {
    fn default() -> Self {
        Quantity { marked: CompactString::const_new("0") }
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str() || self.checked_cmp(other) == Ok(Ordering::Equal)
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.value(), other.value()) {
            (Ok((a, _)), Ok((b, _))) => a.cmp(&b),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => self.as_str().cmp(other.as_str()),
        }
    }
}

impl Hash for Quantity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self.value() {
            Ok((amount, _)) => amount.hash(state),
            Err(_) => self.as_str().hash(state),
        }
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        Quantity::parse(text)
    }
}

fn too_large(a: &Quantity, operator: &str, b: &dyn fmt::Display) -> QuantityError {
    let calculation = compact_str::format_compact!("{} {operator} {b:.64}", shortened(a.as_str()));
    QuantityError::OutOfRange { calculation, target: "a quantity (38 significant digits)" }
}

/// A recognizable excerpt of a text, for an error.
fn shortened(text: &str) -> CompactString {
    text.chars().take(64).collect()
}
