//! Types of values, as a schema names them.

use serde_json::Value as Json;

/// A set of types.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Types(u8);

const NAMES: [&str; 6] = ["integer", "string", "number", "boolean", "object", "array"];

impl Types {
    pub const INT_OR_STRING: Self = Self(0b11);

    /// The set with one type; `None` if there is no such type.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().position(|known| *known == name).map(|index| Self(1 << index))
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn has(self, name: &str) -> bool {
        Self::named(name).is_some_and(|one| self.0 & one.0 != 0)
    }

    /// Whether it is exactly this type.
    pub fn is(self, name: &str) -> bool {
        Self::named(name) == Some(self)
    }
}

/// The names, with commas between them.
impl std::fmt::Display for Types {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = NAMES.iter().filter(|name| self.has(name)).copied().collect::<Vec<_>>();
        f.write_str(&names.join(","))
    }
}

/// The type and format that the API server sees in a value.
pub fn of_value(value: &Json) -> (&'static str, &'static str) {
    match value {
        Json::Null => ("null", ""),
        Json::Bool(_) => ("boolean", ""),
        Json::String(_) => ("string", ""),
        Json::Array(_) => ("array", ""),
        Json::Object(_) => ("object", ""),
        // What does not fit 64 bits with a sign is a float there.
        Json::Number(number) if number.is_i64() => ("integer", "int64"),
        Json::Number(_) => ("number", "float64"),
    }
}
