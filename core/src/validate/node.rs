//! A schema, read once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::error::SchemaError;
use super::format::Format;
use super::rule::Rule;
use super::types::Types;
use super::{path, re2};

/// A schema: the keywords that restrict a value, and those that say what the value is.
#[derive(Debug, Default)]
pub struct Node {
    pub types: Types,
    pub nullable: bool,
    /// The format, if the API server checks it.
    pub format: Option<Format>,
    /// Whether the value must not be shown: it is a password.
    pub secret: bool,
    pub default: Option<Json>,
    pub values: Vec<Json>,
    pub minimum: Option<f64>,
    pub exclusive_minimum: bool,
    pub maximum: Option<f64>,
    pub exclusive_maximum: bool,
    pub multiple_of: Option<f64>,
    pub min_length: Option<i64>,
    pub max_length: Option<i64>,
    pub pattern: Option<Pattern>,
    pub items: Option<Arc<Node>>,
    pub min_items: Option<i64>,
    pub max_items: Option<i64>,
    pub unique_items: bool,
    pub properties: BTreeMap<String, Arc<Node>>,
    pub additional: Option<Arc<Node>>,
    pub required: Vec<String>,
    pub min_properties: Option<i64>,
    pub max_properties: Option<i64>,
    pub all_of: Vec<Arc<Node>>,
    pub any_of: Vec<Arc<Node>>,
    pub one_of: Vec<Arc<Node>>,
    pub not: Option<Arc<Node>>,
    pub list_type: ListType,
    pub rules: Vec<Rule>,
    /// Whether it has rules, or something in it has.
    pub has_rules: bool,
}

/// How the items of a list are told apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum ListType {
    #[default]
    Atomic,
    Set,
    Map(Vec<String>),
}

/// A pattern, and why it can't be checked if it can't.
#[derive(Debug)]
pub struct Pattern {
    pub text: String,
    pub regex: Result<regex::Regex, String>,
}

/// The schemas of a table that are read already.
type Known<'a> = &'a [Arc<Node>];

impl Node {
    /// Reads a schema with all that is in it.
    pub fn read(schema: &Json) -> Result<Self, SchemaError> {
        Self::read_with(schema, &[])
    }

    /// Reads a schema on each line, in which those above are numbers.
    pub fn read_table(table: &str) -> Result<Arc<Self>, SchemaError> {
        let mut known = Vec::new();
        for line in table.lines().filter(|line| !line.trim().is_empty()) {
            let schema: Json = serde_json::from_str(line).map_err(|error| SchemaError::new(error.to_string()))?;
            let node = Self::read_with(&schema, &known)?;
            known.push(Arc::new(node));
        }
        Ok(known.pop().unwrap_or_default())
    }

    fn read_with(schema: &Json, known: Known<'_>) -> Result<Self, SchemaError> {
        let Json::Object(keywords) = schema else { return Err(SchemaError::new("a schema is not an object")) };
        let mut node = Self::default();
        let mut int_or_string = false;
        let mut format = None;
        for (keyword, value) in keywords {
            let wrong = || SchemaError::new(format!("{keyword} can't be {value}"));
            let number = || value.as_f64().map(Some).ok_or_else(wrong);
            let size = || value.as_i64().map(Some).ok_or_else(wrong);
            let flag = || value.as_bool().ok_or_else(wrong);
            let list = || value.as_array().ok_or_else(wrong);
            match keyword.as_str() {
                // A null is an absent keyword, as in the YAML of a definition.
                _ if value.is_null() && keyword != "default" => {}
                "type" => {
                    let name = value.as_str().ok_or_else(wrong)?;
                    node.types =
                        if name.is_empty() { Types::default() } else { Types::named(name).ok_or_else(wrong)? };
                }
                "nullable" => node.nullable = flag()?,
                "format" => format = value.as_str(),
                "default" => node.default = Some(value.clone()),
                "enum" => node.values = list()?.clone(),
                "minimum" => node.minimum = number()?,
                "exclusiveMinimum" => node.exclusive_minimum = flag()?,
                "maximum" => node.maximum = number()?,
                "exclusiveMaximum" => node.exclusive_maximum = flag()?,
                "multipleOf" => node.multiple_of = number()?,
                "minLength" => node.min_length = size()?,
                "maxLength" => node.max_length = size()?,
                "pattern" => node.pattern = Pattern::read(value.as_str().ok_or_else(wrong)?),
                "items" => node.items = Some(Self::child(value, known)?),
                "minItems" => node.min_items = size()?,
                "maxItems" => node.max_items = size()?,
                "uniqueItems" => node.unique_items = flag()?,
                "properties" => node.properties = Self::named_children(value.as_object().ok_or_else(wrong)?, known)?,
                "additionalProperties" if value.is_boolean() => {}
                "additionalProperties" => node.additional = Some(Self::child(value, known)?),
                "required" => {
                    let name = |name: &Json| name.as_str().map(str::to_owned).ok_or_else(wrong);
                    node.required = list()?.iter().map(name).collect::<Result<_, _>>()?;
                }
                "minProperties" => node.min_properties = size()?,
                "maxProperties" => node.max_properties = size()?,
                "allOf" => node.all_of = Self::children(list()?, known)?,
                "anyOf" => node.any_of = Self::children(list()?, known)?,
                "oneOf" => node.one_of = Self::children(list()?, known)?,
                "not" => node.not = Some(Self::child(value, known)?),
                "x-kubernetes-int-or-string" => int_or_string = flag()?,
                "x-kubernetes-list-type" => match value.as_str() {
                    Some("set") => node.list_type = ListType::Set,
                    Some("map") => {
                        let keys = keywords.get("x-kubernetes-list-map-keys").and_then(Json::as_array);
                        let keys = keys.into_iter().flatten().filter_map(Json::as_str).map(str::to_owned);
                        node.list_type = ListType::Map(keys.collect());
                    }
                    _ => {}
                },
                "x-kubernetes-validations" => {
                    node.rules = list()?.iter().map(Rule::read).collect::<Result<_, _>>()?;
                }
                // What describes, or what says how unknown fields are kept.
                _ => {}
            }
        }
        if int_or_string {
            node.types = Types::INT_OR_STRING;
        }
        node.secret = format == Some("password");
        node.format = format.and_then(|format| Format::of(format, node.types));
        let mut children = node.properties.values().chain(&node.items).chain(&node.additional).chain(&node.all_of);
        node.has_rules = !node.rules.is_empty() || children.any(|child| child.has_rules);
        Ok(node)
    }

    fn child(schema: &Json, known: Known<'_>) -> Result<Arc<Self>, SchemaError> {
        match schema.as_u64() {
            Some(line) => {
                let node = usize::try_from(line).ok().and_then(|line| known.get(line));
                node.cloned().ok_or_else(|| SchemaError::new(format!("there is no schema {line}")))
            }
            None => Ok(Arc::new(Self::read_with(schema, known)?)),
        }
    }

    fn children(schemas: &[Json], known: Known<'_>) -> Result<Vec<Arc<Self>>, SchemaError> {
        schemas.iter().map(|schema| Self::child(schema, known)).collect()
    }

    fn named_children(
        schemas: &Map<String, Json>,
        known: Known<'_>,
    ) -> Result<BTreeMap<String, Arc<Self>>, SchemaError> {
        schemas.iter().map(|(name, schema)| Ok((name.clone(), Self::child(schema, known)?))).collect()
    }

    /// The schema of a field of an object.
    pub fn field(&self, name: &str) -> Option<&Arc<Self>> {
        self.properties.get(name).or(self.additional.as_ref())
    }

    /// The schema of a field of an object, and the path of the field in one at `at`.
    pub fn field_at(&self, name: &str, at: &str) -> Option<(&Self, String)> {
        match (self.properties.get(name), &self.additional) {
            (Some(node), _) => Some((node, path::field(at, name))),
            (None, Some(node)) => Some((node, path::key(at, name))),
            (None, None) => None,
        }
    }
}

impl Pattern {
    /// An empty pattern restricts nothing.
    fn read(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Self { text: text.to_owned(), regex: re2::compile(text) })
    }
}

/// The item of a list of map type that has the same keys as an item of another.
pub fn counterpart<'a>(node: &Node, old: Option<&'a Json>, item: &Json) -> Option<&'a Json> {
    let (ListType::Map(keys), Some(Json::Array(old))) = (&node.list_type, old) else { return None };
    // A key that is absent is one of its own.
    let same = |other: &&Json| other.is_object() && keys.iter().all(|key| other.get(key) == item.get(key));
    if !item.is_object() || keys.is_empty() {
        return None;
    }
    old.iter().find(same)
}
