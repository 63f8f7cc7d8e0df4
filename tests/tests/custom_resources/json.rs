//! JSON letter by letter: numbers and strings stay the text that they are, so that no comparison loses a digit.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::value::RawValue;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Json {
    /// `null`, a boolean, a number or a string, as it is written.
    Leaf(String),
    /// A list.
    List(Vec<Json>),
    /// An object.
    Map(BTreeMap<String, Json>),
}

/// A place in which two values differ, and what stands there in each.
pub type Difference = (String, Option<Json>, Option<Json>);

impl Json {
    pub fn parse(text: &str) -> Result<Self, serde_json::Error> {
        let text = text.trim();
        Ok(match text.bytes().next() {
            Some(b'{') => {
                let fields: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text)?;
                let fields = fields.into_iter().map(|(name, value)| Ok((name, Self::parse(value.get())?)));
                Self::Map(fields.collect::<Result<_, serde_json::Error>>()?)
            }
            Some(b'[') => {
                let items: Vec<Box<RawValue>> = serde_json::from_str(text)?;
                Self::List(items.iter().map(|item| Self::parse(item.get())).collect::<Result<_, _>>()?)
            }
            _ => Self::Leaf(serde_json::from_str::<Box<RawValue>>(text)?.get().to_owned()),
        })
    }

    pub fn null() -> Self {
        Self::leaf("null")
    }

    /// A number, a boolean or `null`, as it is written.
    pub fn leaf(text: impl fmt::Display) -> Self {
        Self::Leaf(text.to_string())
    }

    pub fn text(text: &str) -> Self {
        Self::Leaf(serde_json::to_string(text).expect("text is JSON"))
    }

    pub fn map<K: Into<String>>(fields: impl IntoIterator<Item = (K, Json)>) -> Self {
        Self::Map(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
    }

    /// As the value that serde_json makes of it, for schemas.
    pub fn to_value(&self) -> serde_json::Value {
        serde_json::from_str(&self.to_string()).expect("JSON")
    }

    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Self::Map(fields) => fields.get(name),
            _ => None,
        }
    }

    /// The string at a path.
    pub fn str_at(&self, path: &[&str]) -> Option<String> {
        let place = path.iter().try_fold(self, |place, name| place.get(name))?;
        match place {
            Self::Leaf(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }

    pub fn items(&self) -> &[Json] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The field of an object, which is made where there is none.
    pub fn field_mut(&mut self, name: &str) -> &mut Json {
        if !matches!(self, Self::Map(_)) {
            *self = Self::Map(BTreeMap::new());
        }
        let Self::Map(fields) = self else { unreachable!("it was made a map") };
        fields.entry(name.to_owned()).or_insert_with(Self::null)
    }

    pub fn remove(&mut self, name: &str) {
        if let Self::Map(fields) = self {
            fields.remove(name);
        }
    }

    /// Where this and another value differ, the outermost places at which one of them has nothing.
    pub fn differences(&self, other: &Json) -> Vec<Difference> {
        let mut found = Vec::new();
        compare(Some(self), Some(other), String::new(), &mut found);
        found
    }
}

fn compare(a: Option<&Json>, b: Option<&Json>, path: String, found: &mut Vec<Difference>) {
    match (a, b) {
        (Some(Json::Map(a)), Some(Json::Map(b))) => {
            for name in a.keys().chain(b.keys()).collect::<BTreeSet<_>>() {
                compare(a.get(name), b.get(name), format!("{path}.{name}"), found);
            }
        }
        (Some(Json::List(a)), Some(Json::List(b))) => {
            for index in 0..a.len().max(b.len()) {
                compare(a.get(index), b.get(index), format!("{path}[{index}]"), found);
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push((path, a.cloned(), b.cloned())),
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leaf(text) => f.write_str(text),
            Self::List(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index == 0 { "" } else { ", " })?;
                }
                f.write_str("]")
            }
            Self::Map(fields) => {
                f.write_str("{")?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    write!(f, "{}{}: {value}", if index == 0 { "" } else { ", " }, Self::text(name))?;
                }
                f.write_str("}")
            }
        }
    }
}
