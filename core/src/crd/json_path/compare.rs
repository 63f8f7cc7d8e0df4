//! The comparisons of filters, as Go's templates do them.

use std::cmp::Ordering;

use serde_json::Value as Json;

/// An operator of a filter.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    /// Some other signs.
    Unknown(String),
}

impl Operator {
    pub fn of(signs: &str) -> Self {
        match signs {
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            signs => Self::Unknown(signs.to_owned()),
        }
    }

    /// Whether it holds of two values, which are of the same type.
    pub fn holds(&self, left: &Json, right: &Json) -> Result<bool, String> {
        if let Self::Unknown(signs) = self {
            return Err(format!("unrecognized filter operator {signs}"));
        }
        let ordering = match (left, right) {
            (Json::String(left), Json::String(right)) => Some(left.cmp(right)),
            (Json::Number(left), Json::Number(right)) => match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                (None, None) => left.as_f64().zip(right.as_f64()).and_then(|(left, right)| left.partial_cmp(&right)),
                _ => None,
            },
            (Json::Bool(left), Json::Bool(right)) if matches!(self, Self::Equal | Self::NotEqual) => {
                Some(left.cmp(right))
            }
            (Json::Bool(_), Json::Bool(_)) => return Err("invalid type for comparison".to_owned()),
            _ => None,
        };
        let ordering = ordering.ok_or("incompatible types for comparison")?;
        Ok(match self {
            Self::Equal => ordering == Ordering::Equal,
            Self::NotEqual => ordering != Ordering::Equal,
            Self::Less => ordering == Ordering::Less,
            Self::LessOrEqual => ordering != Ordering::Greater,
            Self::Greater => ordering == Ordering::Greater,
            Self::GreaterOrEqual => ordering != Ordering::Less,
            Self::Unknown(_) => false,
        })
    }
}
