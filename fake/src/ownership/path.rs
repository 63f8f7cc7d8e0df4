//! The elements of paths in field sets.

use std::collections::BTreeMap;
use std::fmt;

use kubewright_core::CompactString;
use serde_json::Value;

/// A step from a value to one inside it. The order is that of the keys in `fieldsV1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PathElement {
    /// A field of an object, or a key of a map.
    Field(CompactString),
    /// An item of a list of type `map`, by its keys, which are sorted.
    Key(Vec<(CompactString, Scalar)>),
    /// An item of a list of type `set`.
    Value(Scalar),
    /// An item of a list by its index. The server writes none; clients may.
    Index(u64),
}

/// A scalar as compact JSON text, so that it has an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Scalar(CompactString);

impl Scalar {
    /// Takes a scalar; of numbers, `1.0` is `1`.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Array(_) | Value::Object(_) => None,
            Value::Number(number) if number.is_f64() => {
                let float = number.as_f64()?;
                let is_whole = float.fract() == 0.0 && float.abs() < 9e15;
                Some(Self(if is_whole { format!("{float:.0}") } else { number.to_string() }.into()))
            }
            scalar => Some(Self(serde_json::to_string(scalar).unwrap_or_default().into())),
        }
    }
}

impl PathElement {
    /// Reads a key of `fieldsV1`. `None` if it is none, such as `.`.
    pub fn parse(text: &str) -> Option<Self> {
        let (sort, rest) = text.split_once(':')?;
        match sort {
            "f" => Some(Self::Field(rest.into())),
            "v" => Scalar::of(&serde_json::from_str(rest).ok()?).map(Self::Value),
            "i" => rest.parse().ok().map(Self::Index),
            "k" => {
                let keys: BTreeMap<String, Value> = serde_json::from_str(rest).ok()?;
                keys.into_iter()
                    .map(|(name, value)| Some((name.into(), Scalar::of(&value)?)))
                    .collect::<Option<_>>()
                    .map(Self::Key)
            }
            _ => None,
        }
    }

    /// Writes a key of `fieldsV1`.
    pub fn to_text(&self) -> String {
        match self {
            Self::Field(name) => {
                let mut text = String::with_capacity("f:".len() + name.len());
                text.push_str("f:");
                text.push_str(name);
                text
            }
            Self::Value(Scalar(value)) => format!("v:{value}"),
            Self::Index(index) => format!("i:{index}"),
            Self::Key(keys) => {
                // Few are longer.
                let mut text = String::with_capacity(64);
                text.push_str("k:{");
                for (index, (name, Scalar(value))) in keys.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { "," });
                    text.push_str(&serde_json::to_string(name).unwrap_or_default());
                    text.push(':');
                    text.push_str(value);
                }
                text.push('}');
                text
            }
        }
    }
}

/// As in the messages of conflicts: `.spec`, `[name="web"]`, `[="a"]`.
impl fmt::Display for PathElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Value(Scalar(value)) => write!(f, "[={value}]"),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Key(keys) => {
                let keys = keys.iter().map(|(name, Scalar(value))| format!("{name}={value}"));
                write!(f, "[{}]", keys.collect::<Vec<_>>().join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_fields_v1_is_read_and_written() {
        for text in ["f:spec", "f:a:b", r#"k:{"containerPort":80,"protocol":"TCP"}"#, r#"v:"a/1""#, "v:1", "i:3", "f:"]
        {
            assert_eq!(PathElement::parse(text).expect(text).to_text(), text);
        }
        for text in [".", "", "x:a", "k:[]", "k:{", "v:", "v:[1]", "i:-1", r#"k:{"a":{}}"#] {
            assert_eq!(PathElement::parse(text), None, "{text}");
        }
    }

    #[test]
    fn keys_are_ordered_by_name_and_numbers_have_one_form() {
        let key = |text| PathElement::parse(text).expect("an element");
        assert_eq!(key(r#"k:{"b":1.0,"a":"x"}"#).to_text(), r#"k:{"a":"x","b":1}"#);
        assert_eq!(key("v:1.5").to_text(), "v:1.5");
    }

    #[test]
    fn a_path_is_shown_as_in_conflicts() {
        let shown = |text| PathElement::parse(text).expect("an element").to_string();
        assert_eq!(shown("f:spec"), ".spec");
        assert_eq!(shown(r#"k:{"name":"web"}"#), r#"[name="web"]"#);
        assert_eq!(shown(r#"k:{"containerPort":80,"protocol":"TCP"}"#), r#"[containerPort=80,protocol="TCP"]"#);
        assert_eq!(shown(r#"v:"a""#), r#"[="a"]"#);
        assert_eq!(shown("i:2"), "[2]");
    }
}
