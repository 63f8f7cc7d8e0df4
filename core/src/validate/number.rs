//! Bounds of numbers.

use serde_json::Number;

/// A number as the API server has it: an integer of 64 bits, or a float.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value {
    Integer(i64),
    Float(f64),
}

impl Value {
    pub fn of(number: &Number) -> Self {
        number.as_i64().map_or_else(|| Self::Float(number.as_f64().unwrap_or(f64::NAN)), Self::Integer)
    }

    /// Whether it is at least a bound, or greater if that is excluded.
    ///
    /// The bound of an integer loses its fraction, as in the API server.
    pub fn is_at_least(self, bound: f64, excluded: bool) -> bool {
        match self {
            Self::Integer(value) => value > truncated(bound) || (!excluded && value == truncated(bound)),
            Self::Float(value) => value > bound || (!excluded && value == bound),
        }
    }

    /// Whether it is at most a bound, or less if that is excluded.
    pub fn is_at_most(self, bound: f64, excluded: bool) -> bool {
        match self {
            Self::Integer(value) => value < truncated(bound) || (!excluded && value == truncated(bound)),
            Self::Float(value) => value < bound || (!excluded && value == bound),
        }
    }

    /// Whether it is a multiple of a factor, which is greater than 0.
    pub fn is_multiple_of(self, factor: f64) -> bool {
        match self {
            // The factor of an integer loses its fraction, too; 0 is an error of its own there.
            Self::Integer(value) => truncated(factor) != 0 && value.checked_rem(truncated(factor)) == Some(0),
            Self::Float(value) => is_integral(if factor < 1.0 { 1.0 / factor * value } else { value / factor }),
        }
    }

    /// How a bound of it is written.
    pub fn bound(self, bound: f64) -> String {
        match self {
            Self::Integer(_) => truncated(bound).to_string(),
            Self::Float(_) => super::text::float(bound),
        }
    }
}

/// A float without its fraction, and within 64 bits.
fn truncated(bound: f64) -> i64 {
    bound as i64
}

/// Whether a float is an integer, but for rounding.
pub fn is_integral(number: f64) -> bool {
    const MAX: f64 = 9_007_199_254_740_991.0;
    if !(-MAX..=MAX).contains(&number) {
        return false;
    }
    let nearest = number.round();
    number == nearest || (number - nearest).abs() / (number.abs() + nearest.abs()).max(f64::MIN_POSITIVE) < 1e-9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_integers_have_no_fraction() {
        assert!(Value::Integer(1).is_at_least(1.9, false), "as in the API server");
        assert!(!Value::Float(1.0).is_at_least(1.9, false));
        assert!(!Value::Integer(1).is_at_most(1.0, true));
        assert!(Value::Integer(i64::MAX).is_at_most(1e300, false));
    }

    #[test]
    fn multiples_of_fractions_allow_for_rounding() {
        assert!(Value::Float(0.3).is_multiple_of(0.1));
        assert!(!Value::Float(0.35).is_multiple_of(0.1));
        assert!(Value::Integer(-6).is_multiple_of(3.0) && !Value::Integer(7).is_multiple_of(3.0));
        assert!(!Value::Integer(i64::MIN).is_multiple_of(0.5), "no factor of an integer");
    }
}
