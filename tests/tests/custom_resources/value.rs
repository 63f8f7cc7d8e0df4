//! Random values of a schema, with a liking for zeros, for defaults and for the edges.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;

use super::json::Json;
use super::schema::{Field, ListType, Node, Shape, pick};

/// Makes values.
pub struct Maker<'a> {
    pub rng: &'a mut Rng,
    /// Whether there are values that the server keeps as they are, and that a type which stands for less than their text
    /// would change: times in unusual notations, base64 that isn't canonical, numbers of more digits than a float has.
    pub odd: bool,
    /// Whether the values are defaults: in one of these the server puts no further defaults, so that all that is required
    /// must be there.
    pub default: bool,
}

impl Maker<'_> {
    /// A value that the schema allows.
    pub fn value(&mut self, node: &Node) -> Json {
        // The server's check of enums takes no null, not even one that is listed: a CRD with such a default is refused.
        let refused = self.default && matches!(node.shape, Shape::Choice(_) | Shape::Steps(_));
        if node.nullable && self.once_in(4) && !refused {
            return Json::null();
        }
        match &node.default {
            Some(default) if self.once_in(4) => default.clone(),
            _ if self.rng.bool() => self.zero(&node.shape),
            _ => self.any(&node.shape),
        }
    }

    /// The value of an object's field, if it has one.
    pub fn field(&mut self, field: &Field) -> Option<Json> {
        (self.must_have(field) || self.rng.bool()).then(|| self.value(&field.node))
    }

    /// The same object with some of its fields made anew, added or left out.
    pub fn vary(&mut self, fields: &[Field], object: &Json) -> Json {
        let mut varied = BTreeMap::new();
        for field in fields {
            let value = match (object.get(field.name), &field.node.shape, self.rng.u32(..3)) {
                (Some(old), _, 0) => Some(old.clone()),
                (Some(old @ Json::Map(_)), Shape::Object { fields, .. }, _) => Some(self.vary(fields, old)),
                _ => self.field(field),
            };
            varied.extend(value.map(|value| (field.name.to_owned(), value)));
        }
        Json::Map(varied)
    }

    pub fn object(&mut self, fields: &[Field]) -> Json {
        let entries = fields.iter().filter_map(|field| Some((field.name, self.field(field)?)));
        Json::map(entries.collect::<Vec<_>>())
    }

    /// The zero value of a shape, or one that comes close to it.
    fn zero(&mut self, shape: &Shape) -> Json {
        match shape {
            Shape::Text("" | "none" | "password") => Json::text(""),
            Shape::Choice(values) if values.contains(&"") => Json::text(""),
            Shape::Steps(_) | Shape::Integer(_) | Shape::Number(_) => Json::leaf(0),
            Shape::Boolean => Json::leaf(false),
            Shape::IntOrString => [Json::leaf(0), Json::text(""), Json::text("0")][self.rng.usize(..3)].clone(),
            Shape::Quantity => [Json::leaf(0), Json::text("0")][self.rng.usize(..2)].clone(),
            Shape::Any { .. } | Shape::Map { .. } => Json::map::<String>([]),
            // Only what must be there.
            Shape::Object { fields, .. } => {
                let entries: Vec<&Field> = fields.iter().filter(|field| self.must_have(field)).collect();
                Json::map(entries.into_iter().map(|field| (field.name, self.value(&field.node))).collect::<Vec<_>>())
            }
            Shape::List { .. } => Json::List(Vec::new()),
            _ => self.any(shape),
        }
    }

    fn any(&mut self, shape: &Shape) -> Json {
        match shape {
            Shape::Text(format) => self.text(format),
            Shape::Choice(values) => Json::text(pick(self.rng, values)),
            Shape::Steps(values) => Json::leaf(pick(self.rng, values)),
            Shape::Integer("int32") => Json::leaf(pick(self.rng, &[1, -1, 7, i32::MAX, i32::MIN])),
            Shape::Integer(_) => {
                Json::leaf(pick(self.rng, &[1, -1, 7, 1_000_000, 9_007_199_254_740_993, i64::MAX, i64::MIN]))
            }
            Shape::Number(_) if self.odd && self.rng.bool() => Json::leaf(pick(
                self.rng,
                &["9007199254740993", "9223372036854775807", "-9007199254740993", "0.0", "1.0", "1e3"],
            )),
            Shape::Number(_) => {
                Json::leaf(pick(self.rng, &["1", "-1", "0.5", "0.1", "1e+21", "1e-07", "100000", "3.25"]))
            }
            Shape::Boolean => Json::leaf(self.rng.bool()),
            Shape::IntOrString => match self.rng.u32(..3) {
                0 => Json::leaf(pick(self.rng, &[1, -1, 8080, i32::MAX])),
                _ => Json::text(pick(self.rng, &["1", "50%", "http", "1e3", "null"])),
            },
            Shape::Quantity => match self.rng.u32(..4) {
                0 => Json::leaf(self.rng.u32(..100)),
                _ => Json::text(pick(self.rng, &["1", "100m", "1Gi", "1024Mi", "0.5", "1e3", "-1", "1000m"])),
            },
            Shape::Any { object } => self.json(2, *object),
            Shape::Embedded(fields) => {
                let Json::Map(mut entries) = self.object(fields) else { return Json::null() };
                entries.insert("apiVersion".into(), Json::text(pick(self.rng, &["v1", "apps/v1", "example.com/v2"])));
                entries.insert("kind".into(), Json::text(pick(self.rng, &["ConfigMap", "Deployment", "Elm"])));
                let labels = Json::map([("a", Json::text(""))]);
                let metadata = [
                    None,
                    Some(Json::map::<String>([])),
                    Some(Json::map([("name", Json::text("within"))])),
                    Some(Json::map([("labels", labels)])),
                ];
                entries.extend(metadata[self.rng.usize(..4)].clone().map(|metadata| ("metadata".into(), metadata)));
                if self.rng.bool() {
                    entries.insert("data".into(), self.json(2, true));
                }
                Json::Map(entries)
            }
            Shape::Object { fields, open, .. } => {
                let mut object = self.object(fields);
                if let (Json::Map(entries), true) = (&mut object, *open && self.rng.bool()) {
                    entries.insert("more".into(), self.json(2, false));
                }
                object
            }
            Shape::Map { values, .. } => {
                let keys = self.rng.choose_multiple(["", "a", "b/c", "x.y", "kind", "été"], 3);
                Json::map(keys.into_iter().map(|key| (key, self.value(values))).collect::<Vec<_>>())
            }
            Shape::List { items, list } => {
                let mut seen = BTreeSet::new();
                let values: Vec<Json> = (0..self.rng.usize(..4)).map(|_| self.value(items)).collect();
                let mut is_new = |value: &Json| {
                    let identity = identity(value, items, list, seen.len());
                    is_exact_in_field_sets(&identity) && seen.insert(identity)
                };
                Json::List(values.into_iter().filter(|value| is_new(value)).collect())
            }
        }
    }

    fn text(&mut self, format: &str) -> Json {
        let (plain, odd): (&[&str], &[&str]) = match format {
            "byte" => (&["YQ==", "AA==", "YWI=", "YWJj"], &["YR==", "YWL="]),
            "date-time" => (
                &[
                    "2024-01-01T00:00:00Z",
                    "2024-02-29T23:59:59.25+01:00",
                    "1970-01-01T00:00:00Z",
                    "0001-01-01T00:00:00Z",
                ],
                &[
                    "2024-01-01t00:00:00z",
                    "2024-01-01T00:00:00.1234567890123Z",
                    "2024-01-01T00:00:00.123456789Z",
                    "2024-01-01T00:00:00-00:00",
                    "2024-01-01T00:00:00.000Z",
                ],
            ),
            "date" => (&["2024-02-29", "0001-01-01"], &[]),
            "duration" => (&["0s", "1h30m", "1.5s"], &["0", "90m", "1 h"]),
            "uuid" => (&["00000000-0000-0000-0000-000000000000"], &["A987FBC9-4BED-3078-CF07-9141BA07C9F3"]),
            "ipv4" => (&["0.0.0.0", "127.0.0.1"], &[]),
            _ => (
                &[
                    "a",
                    "null",
                    "true",
                    "0",
                    "yes",
                    "~",
                    " ",
                    "été",
                    "2024-01-01",
                    "say \"hi\"",
                    "back\\slash",
                    "two\nlines",
                    "<&>",
                    "😀",
                ],
                &[],
            ),
        };
        if self.odd && !odd.is_empty() && self.rng.bool() {
            return Json::text(pick(self.rng, odd));
        }
        Json::text(pick(self.rng, plain))
    }

    /// Any JSON, or any object.
    fn json(&mut self, depth: usize, object: bool) -> Json {
        let odd: &[&str] = if self.odd { &["9007199254740993", "0.0", "1e3"] } else { &["0.5"] };
        match self.rng.u32(..if depth == 0 { 4 } else { 7 }) {
            _ if object && depth == 0 => Json::map::<String>([]),
            0..=3 if !object => {
                let leaves = ["0", "1", "-1", "false", "true", "\"\"", "\"a\"", "9007199254740993"];
                Json::leaf(if self.rng.bool() { pick(self.rng, &leaves) } else { pick(self.rng, odd) })
            }
            4 if !object => Json::List((0..self.rng.usize(..3)).map(|_| self.json(depth - 1, false)).collect()),
            _ => {
                let keys = self.rng.choose_multiple(["a", "", "kind", "0"], 2);
                let entry = |key| {
                    let value = if self.once_in(6) { Json::null() } else { self.json(depth - 1, false) };
                    (key, value)
                };
                Json::map(keys.into_iter().map(entry).collect::<Vec<_>>())
            }
        }
    }

    fn must_have(&self, field: &Field) -> bool {
        // For the server a default of null is none.
        let has_default = field.node.default.as_ref().is_some_and(|default| *default != Json::null());
        field.required && (self.default || !has_default)
    }

    fn once_in(&mut self, times: u32) -> bool {
        self.rng.u32(..times) == 0
    }
}

/// Whether a server finds an item with this identity in the field sets that it wrote itself. It reads numbers in them as
/// floats and writes the fewest digits that tell one: of an item 9007199254740993 it makes 9007199254740992 at every update,
/// an unchanged one by kubectl included, and of the least integer, which is a float, -9223372036854776000.
fn is_exact_in_field_sets(identity: &str) -> bool {
    let is_exact = |number: i64| (number as f64).to_string() == number.to_string();
    identity.lines().all(|line| line.parse().map_or(true, is_exact))
}

/// What a list's item must not share with another.
fn identity(value: &Json, items: &Node, list: &ListType, index: usize) -> String {
    match (list, &items.shape) {
        (ListType::Set, _) => value.to_string(),
        (ListType::Map(keys), Shape::Object { fields, .. }) => {
            let key = |name: &&str| {
                let default =
                    || fields.iter().find(|field| field.name == *name).and_then(|field| field.node.default.as_ref());
                value.get(name).or_else(default).map(ToString::to_string).unwrap_or_default()
            };
            keys.iter().map(key).collect::<Vec<_>>().join("\n")
        }
        _ => index.to_string(),
    }
}
