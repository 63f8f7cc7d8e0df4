//! Quantities from numbers and text, and through serde.

use std::fmt;

use compact_str::{CompactString, ToCompactString};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use super::Quantity;
use crate::types::json_number;

macro_rules! from_integer {
    ($($integer:ty),*) => {$(
        /// As a string with the number's digits.
        impl From<$integer> for Quantity {
            fn from(value: $integer) -> Self {
                Quantity { marked: value.to_compact_string() }
            }
        }
    )*};
}

macro_rules! from_text {
    ($($text:ty),*) => {$(
        /// Does not validate the text; [`Quantity::parse`] does.
        impl From<$text> for Quantity {
            fn from(text: $text) -> Self {
                Quantity::new(text)
            }
        }
    )*};
}

from_integer!(i8, i16, i32, i64, u8, u16, u32, u64);
from_text!(&str, String, CompactString);

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.is_json_number() {
            json_number::serialize(self.as_str(), serializer)
        } else {
            serializer.serialize_str(self.as_str())
        }
    }
}

/// Deserializes a string or a number; `null` is zero. Through serde, a fractional number is as exact as an `f64`.
impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrNumber;

        impl Visitor<'_> for TextOrNumber {
            type Value = Quantity;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a quantity such as \"500m\"")
            }

            fn visit_str<E>(self, text: &str) -> Result<Quantity, E> {
                Ok(Quantity::new(text))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Quantity, E> {
                Ok(number(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Quantity, E> {
                Ok(number(value))
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Quantity, E> {
                match serde_json::Number::from_f64(value) {
                    Some(value) => Ok(number(value)),
                    None => Err(E::invalid_value(de::Unexpected::Float(value), &self)),
                }
            }

            fn visit_unit<E>(self) -> Result<Quantity, E> {
                Ok(Quantity::default())
            }
        }

        json_number::deserialize(deserializer, TextOrNumber, Quantity::from_json_number)
    }
}

fn number(value: impl fmt::Display) -> Quantity {
    Quantity::from_json_number(&value.to_compact_string())
}
