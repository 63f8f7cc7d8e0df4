//! Random schemas of custom resources: structural ones, as the API server demands, with all that it knows.
//!
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>

use fastrand::Rng;
use serde_json::{Value, json};

use super::json::Json;
use super::value::Maker;

/// What Kubernetes writes as the pattern of a quantity.
const QUANTITY_PATTERN: &str = r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$";

/// Names of properties: plain ones, words of Rust, and what no identifier can be.
const NAMES: [&str; 36] = [
    "size",
    "mode",
    "port",
    "count",
    "note",
    "name",
    "type",
    "self",
    "Self",
    "crate",
    "fn",
    "async",
    "match",
    "a-b",
    "a_b",
    "aB",
    "$ref",
    "$set",
    "x.y",
    "weird name!",
    "été",
    "1st",
    "kind",
    "apiVersion",
    "metadata",
    "items",
    "default",
    "unknown_fields",
    "unknownFields",
    "say \"hi\"",
    "back\\slash",
    "UPPER",
    "URLs",
    "_",
    "status",
    "spec",
];

/// A schema, and what it says beside the shape of its values.
#[derive(Clone, Debug)]
pub struct Node {
    pub shape: Shape,
    pub nullable: bool,
    pub default: Option<Json>,
}

/// What values look like.
#[derive(Clone, Debug)]
pub enum Shape {
    /// Text of a format; the empty one is none.
    Text(&'static str),
    /// One of these texts.
    Choice(Vec<&'static str>),
    /// One of these integers.
    Steps(Vec<i64>),
    /// An integer of a format.
    Integer(&'static str),
    /// A number of a format.
    Number(&'static str),
    Boolean,
    IntOrString,
    Quantity,
    /// Any JSON, or any object.
    Any {
        object: bool,
    },
    /// An object of the API; known are these of its fields.
    Embedded(Vec<Field>),
    /// Fields; an open one keeps those that it does not know.
    Object {
        fields: Vec<Field>,
        open: bool,
        atomic: bool,
    },
    Map {
        values: Box<Node>,
        atomic: bool,
    },
    List {
        items: Box<Node>,
        list: ListType,
    },
}

/// How server-side apply merges a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListType {
    Unset,
    Atomic,
    Set,
    /// By the values of these fields.
    Map(Vec<&'static str>),
}

/// A property.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: &'static str,
    pub required: bool,
    pub node: Node,
}

impl Node {
    /// A schema that is nested at most this deep.
    pub fn random(rng: &mut Rng, depth: usize) -> Self {
        let shape = match rng.u32(..16) {
            0 | 1 if depth > 0 => Shape::Object {
                fields: Self::fields(rng, depth - 1),
                open: rng.u32(..5) == 0,
                atomic: rng.u32(..6) == 0,
            },
            2 if depth > 0 => Shape::Map { values: Self::random(rng, depth - 1).into(), atomic: rng.u32(..5) == 0 },
            3 | 4 if depth > 0 => Self::list(rng, depth - 1),
            5 => Shape::Any { object: rng.bool() },
            6 if depth > 0 && rng.u32(..2) == 0 => {
                let node = Self::random(rng, depth - 1);
                let known = Field { name: "spec", required: rng.u32(..4) == 0, node };
                Shape::Embedded(if rng.bool() { vec![known] } else { Vec::new() })
            }
            _ => leaves().swap_remove(rng.usize(..leaves().len())),
        };
        Self::of(rng, shape)
    }

    /// A schema of this shape.
    fn of(rng: &mut Rng, shape: Shape) -> Self {
        let mut node = Self { shape, nullable: rng.u32(..6) == 0, default: None };
        // A default of an embedded resource must itself be one that is whole.
        if !node.holds_embedded() && rng.u32(..5) < 2 {
            node.default = Some(Maker { rng, odd: false, default: true }.value(&node));
        }
        node
    }

    /// A property of each shape that is no object, list or map.
    pub fn every_leaf(rng: &mut Rng) -> Vec<Field> {
        let field = |(name, shape)| Field { name, required: rng.u32(..3) == 0, node: Self::of(rng, shape) };
        NAMES.into_iter().zip(leaves()).map(field).collect()
    }

    /// Some properties.
    pub fn fields(rng: &mut Rng, depth: usize) -> Vec<Field> {
        let mut names: Vec<&'static str> = rng.choose_multiple(NAMES, 6);
        names.truncate(rng.usize(1..7));
        let field = |name| Field { name, required: rng.u32(..3) == 0, node: Self::random(rng, depth) };
        names.into_iter().map(field).collect()
    }

    fn list(rng: &mut Rng, depth: usize) -> Shape {
        match rng.u32(..4) {
            0 => {
                let shape = [Shape::Text(""), Shape::Integer(""), Shape::Choice(vec!["", "A", "B"])];
                let items = Self { shape: shape[rng.usize(..3)].clone(), nullable: false, default: None };
                Shape::List { items: items.into(), list: ListType::Set }
            }
            1 => {
                let mut fields = Self::fields(rng, depth);
                fields.retain(|field| !matches!(field.name, "name" | "port"));
                let key = |name, shape, default: Option<Json>| {
                    let required = default.is_none();
                    Field { name, required, node: Self { shape, nullable: false, default } }
                };
                fields.push(key("name", Shape::Text(""), None));
                let mut keys = vec!["name"];
                if rng.bool() {
                    let default = [None, Some(Json::leaf(0)), Some(Json::leaf(80))];
                    fields.push(key("port", Shape::Integer("int32"), default[rng.usize(..3)].clone()));
                    keys.push("port");
                }
                let items = Self {
                    shape: Shape::Object { fields, open: false, atomic: false },
                    nullable: false,
                    default: None,
                };
                Shape::List { items: items.into(), list: ListType::Map(keys) }
            }
            2 => Shape::List { items: Self::random(rng, depth).into(), list: ListType::Atomic },
            _ => Shape::List { items: Self::random(rng, depth).into(), list: ListType::Unset },
        }
    }

    fn holds_embedded(&self) -> bool {
        match &self.shape {
            Shape::Embedded(_) => true,
            Shape::Object { fields, .. } => fields.iter().any(|field| field.node.holds_embedded()),
            Shape::Map { values: inner, .. } | Shape::List { items: inner, .. } => inner.holds_embedded(),
            _ => false,
        }
    }

    /// The same schema as it may have been at an earlier time: with less that is required, other defaults, and here and
    /// there another type.
    pub fn earlier(&self, rng: &mut Rng) -> Self {
        let mut node = self.clone();
        let mut keys = Vec::new();
        let retyped = self.is_scalar() && rng.u32(..6) == 0;
        match &mut node.shape {
            shape if retyped => {
                *shape = match rng.u32(..4) {
                    0 => Shape::Boolean,
                    1 => Shape::Integer(""),
                    2 => Shape::Number(""),
                    _ => Shape::Text(""),
                };
            }
            Shape::List { items, list } => {
                if let ListType::Map(names) = list {
                    keys.clone_from(names);
                }
                **items = match &items.shape {
                    Shape::Object { fields, .. } if !keys.is_empty() => {
                        let mut items = items.clone();
                        let fields = fields
                            .iter()
                            .map(|field| if keys.contains(&field.name) { field.clone() } else { field.earlier(rng) });
                        let fields = fields.collect();
                        if let Shape::Object { fields: place, .. } = &mut items.shape {
                            *place = fields;
                        }
                        *items
                    }
                    _ => items.earlier(rng),
                };
            }
            Shape::Map { values, .. } => **values = values.earlier(rng),
            Shape::Object { fields, .. } | Shape::Embedded(fields) => {
                fields.iter_mut().for_each(|field| *field = field.earlier(rng));
            }
            _ => {}
        }
        node.default = None;
        match (&self.default, rng.u32(..3)) {
            // What is valid now need not have been so then, so that it is made anew for the schema as it was.
            (Some(_), 0) => node.default = Some(Maker { rng, odd: false, default: true }.value(&node)),
            (Some(default), 1) if !retyped && !matches!(default, Json::Map(_) | Json::List(_)) => {
                node.default = Some(default.clone())
            }
            _ => {}
        }
        node
    }

    /// Whether it is neither an object, a list, a map nor any JSON.
    fn is_scalar(&self) -> bool {
        !matches!(
            self.shape,
            Shape::Object { .. } | Shape::Embedded(_) | Shape::Any { .. } | Shape::List { .. } | Shape::Map { .. }
        )
    }

    /// As OpenAPI v3 has it.
    pub fn schema(&self) -> Value {
        let mut schema = match &self.shape {
            Shape::Text("") => json!({ "type": "string" }),
            Shape::Text(format) => json!({ "type": "string", "format": format }),
            Shape::Choice(values) => json!({ "type": "string", "enum": values }),
            Shape::Steps(values) => json!({ "type": "integer", "enum": values }),
            Shape::Integer("") => json!({ "type": "integer" }),
            Shape::Integer(format) => json!({ "type": "integer", "format": format }),
            Shape::Number("") => json!({ "type": "number" }),
            Shape::Number(format) => json!({ "type": "number", "format": format }),
            Shape::Boolean => json!({ "type": "boolean" }),
            Shape::IntOrString => json!({ "x-kubernetes-int-or-string": true }),
            Shape::Quantity => json!({ "x-kubernetes-int-or-string": true, "pattern": QUANTITY_PATTERN,
                "anyOf": [{ "type": "integer" }, { "type": "string" }] }),
            Shape::Any { object: true } => json!({ "type": "object", "x-kubernetes-preserve-unknown-fields": true }),
            Shape::Any { object: false } => json!({ "x-kubernetes-preserve-unknown-fields": true }),
            Shape::Embedded(fields) => {
                let mut schema = object(fields);
                schema["x-kubernetes-embedded-resource"] = json!(true);
                schema["x-kubernetes-preserve-unknown-fields"] = json!(true);
                schema
            }
            Shape::Object { fields, open, atomic } => {
                let mut schema = object(fields);
                if *open {
                    schema["x-kubernetes-preserve-unknown-fields"] = json!(true);
                }
                if *atomic {
                    schema["x-kubernetes-map-type"] = json!("atomic");
                }
                schema
            }
            Shape::Map { values, atomic } => {
                let mut schema = json!({ "type": "object", "additionalProperties": values.schema() });
                if *atomic {
                    schema["x-kubernetes-map-type"] = json!("atomic");
                }
                schema
            }
            Shape::List { items, list } => {
                let mut schema = json!({ "type": "array", "items": items.schema() });
                match list {
                    ListType::Unset => {}
                    ListType::Atomic => schema["x-kubernetes-list-type"] = json!("atomic"),
                    ListType::Set => schema["x-kubernetes-list-type"] = json!("set"),
                    ListType::Map(keys) => {
                        schema["x-kubernetes-list-type"] = json!("map");
                        schema["x-kubernetes-list-map-keys"] = json!(keys);
                    }
                }
                schema
            }
        };
        if self.nullable {
            schema["nullable"] = json!(true);
            if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                values.push(Value::Null);
            }
        }
        if let Some(default) = &self.default {
            schema["default"] = default.to_value();
        }
        schema
    }
}

impl Field {
    fn earlier(&self, rng: &mut Rng) -> Self {
        let node = self.node.earlier(rng);
        Self { name: self.name, required: self.required && rng.bool(), node }
    }
}

/// Every shape that is no object, list or map, the usual ones more than once.
fn leaves() -> Vec<Shape> {
    let formats = ["byte", "date-time", "date", "duration", "password", "uuid", "ipv4", "none", "date-time", "byte"];
    let mut leaves = vec![
        Shape::Boolean,
        Shape::Boolean,
        Shape::Integer("int32"),
        Shape::Integer("int64"),
        Shape::Integer(""),
        Shape::Number(""),
        Shape::Number("double"),
        Shape::Number("float"),
        Shape::IntOrString,
        Shape::IntOrString,
        Shape::Quantity,
        Shape::Steps(vec![0, 1, 5]),
        Shape::Choice(vec!["A", "B-2", "self"]),
        Shape::Choice(vec!["", "on", "A"]),
        Shape::Text(""),
        Shape::Text(""),
        Shape::Text(""),
        Shape::Any { object: false },
        Shape::Any { object: true },
    ];
    leaves.extend(formats.map(Shape::Text));
    leaves
}

fn object(fields: &[Field]) -> Value {
    let properties: serde_json::Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), field.node.schema())).collect();
    let required: Vec<&str> = fields.iter().filter(|field| field.required).map(|field| field.name).collect();
    let mut schema = json!({ "type": "object" });
    if !properties.is_empty() {
        schema["properties"] = properties.into();
    }
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

/// One of these.
pub fn pick<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}
