//! The schemas of a document as a table of places, which lead to each other by number.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::below::Below;
use super::properties::Properties;

/// How often a schema refers to another: documents refer once or twice, and one that refers in a circle is none.
const MAX_REFERENCES: usize = 8;

/// The flags that [`super::Schema::is`] is asked for.
const FLAGS: [&str; 4] = [
    "nullable",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-preserve-unknown-fields",
];

const QUANTITY: &str = "io.k8s.apimachinery.pkg.api.resource.Quantity";
const TIMES: [&str; 2] =
    ["io.k8s.apimachinery.pkg.apis.meta.v1.Time", "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime"];

/// The places of a document.
#[derive(Debug, Default)]
pub(super) struct Places {
    all: Vec<Place>,
    named: BTreeMap<String, u32>,
}

/// A schema in a document: one that is named, or is of a field, an item or a value in another.
#[derive(Debug, Default)]
pub(super) struct Place {
    /// What is written there beside the schemas in it, as far as [`is_asked_for`].
    pub written: Map<String, Value>,
    /// The fields that it has by name.
    pub properties: Option<Properties>,
    /// Of these, the ones that may be set where they are absent, so that others are not asked for.
    pub set: SetFields,
    /// Whether nothing is said of fields.
    pub properties_are_absent: bool,
    pub items: Option<u32>,
    /// What other fields are.
    pub others: Option<Others>,
    pub kind: Option<Box<str>>,
    pub required: Vec<Box<str>>,
    /// The name of the schema that it refers to.
    pub reference: Option<String>,
    /// Where its references lead; the place itself if it has none.
    pub resolved: Option<u32>,
    /// Whether it is of the structural schema of a definition.
    pub is_structural: bool,
    pub facts: Facts,
    pub below: Below,
}

/// Some fields of a schema by name, each with its place.
pub(super) type Fields = Vec<(Box<str>, u32)>;

/// Fields that walks over an object may set where they are absent.
#[derive(Debug, Default)]
pub(super) struct SetFields {
    /// Those that Go writes in any case: structs, zeros, required lists.
    pub written: Fields,
    /// Those that the document has defaults of.
    pub defaulted: Fields,
    /// Times, of which some are written as null.
    pub times: Fields,
}

/// What is asked for most, of what is written at a place or where it leads.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
    pub is_struct: bool,
    pub has_default: bool,
    pub has_zero: bool,
    pub is_atomic_map: bool,
    pub list: ListType,
    pub has_format: bool,
    pub has_flags: bool,
    /// Whether one of several schemas holds.
    pub has_one_of: bool,
    pub is_quantity: bool,
    pub is_time: bool,
    /// Whether it is a scalar that has a form: a quantity, a time, or data in base64.
    pub has_form: bool,
}

/// How lists are merged.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) enum ListType {
    #[default]
    Atomic,
    Set,
    Map,
}

/// `additionalProperties`.
#[derive(Clone, Copy, Debug)]
pub(super) enum Others {
    /// True: they are anything.
    Undescribed,
    /// False: there are none.
    None,
    /// Their schema.
    Of(u32),
}

impl Places {
    pub fn new(named: Map<String, Value>, structural: Option<&str>) -> Self {
        let mut places = Self::default();
        for (name, schema) in named {
            let first = places.all.len();
            let place = places.add(schema);
            if structural == Some(&name) {
                places.all[first..].iter_mut().for_each(|place| place.is_structural = true);
            }
            places.named.insert(name, place);
        }
        for number in 0..places.all.len() {
            let resolved = places.resolve(number as u32);
            let facts = Facts::of(&places.all[number], resolved.and_then(|resolved| places.get(resolved)));
            (places.all[number].resolved, places.all[number].facts) = (resolved, facts);
        }
        for number in 0..places.all.len() {
            places.all[number].set = places.set_fields(&places.all[number]);
        }
        Below::find(&mut places);
        places
    }

    pub fn get(&self, place: u32) -> Option<&Place> {
        self.all.get(place as usize)
    }

    pub fn len(&self) -> u32 {
        self.all.len() as u32
    }

    pub fn set_below(&mut self, place: u32, below: Below) {
        if let Some(place) = self.all.get_mut(place as usize) {
            place.below = below;
        }
    }

    fn set_fields(&self, place: &Place) -> SetFields {
        let mut set = SetFields::default();
        for (name, number) in place.properties.iter().flat_map(Properties::iter) {
            let Some(field) = self.get(number) else { continue };
            let is_list = || field.resolved.and_then(|at| self.get(at)?.kind.as_deref()) == Some("array");
            let is_required = || place.required.iter().any(|known| **known == *name);
            let Facts { is_struct, has_zero, has_default, is_time, .. } = field.facts;
            let one = || (Box::from(name), number);
            if is_struct || has_zero || is_required() && is_list() {
                set.written.push(one());
            }
            if has_default {
                set.defaulted.push(one());
            }
            if is_time {
                set.times.push(one());
            }
        }
        set
    }

    pub fn named(&self, name: &str) -> Option<u32> {
        self.named.get(name).copied()
    }

    /// Adds a schema and those in it. Returns its number.
    fn add(&mut self, schema: Value) -> u32 {
        let mut place = Place { properties_are_absent: true, ..Place::default() };
        if let Value::Object(mut written) = schema {
            place.reference = reference(&written).map(str::to_owned);
            if let Some(properties) = written.remove("properties") {
                place.properties_are_absent = false;
                if let Value::Object(properties) = properties {
                    let added = properties.into_iter().map(|(name, schema)| (name.into_boxed_str(), self.add(schema)));
                    place.properties = Some(added.collect());
                }
            }
            place.items = written.remove("items").map(|items| self.add(items));
            place.others = written.remove("additionalProperties").map(|others| match others {
                Value::Bool(true) => Others::Undescribed,
                Value::Bool(false) => Others::None,
                schema => Others::Of(self.add(schema)),
            });
            place.kind = written.get("type").and_then(Value::as_str).map(Box::from);
            let required = written.get("required").and_then(Value::as_array).into_iter().flatten();
            place.required = required.filter_map(Value::as_str).map(Box::from).collect();
            // Most of a document is for people, or is beside it by now: of most places, nothing is left.
            place.written = written.into_iter().filter(|(name, _)| is_asked_for(name)).collect();
        }
        let number = self.all.len() as u32;
        self.all.push(place);
        number
    }

    fn resolve(&self, mut number: u32) -> Option<u32> {
        for _ in 0..MAX_REFERENCES {
            let Some(name) = &self.get(number)?.reference else { return Some(number) };
            number = self.named(name)?;
        }
        None
    }
}

impl Facts {
    fn of(place: &Place, resolved: Option<&Place>) -> Self {
        let written = |name: &str| place.written.get(name).or_else(|| resolved?.written.get(name));
        let default = written("default");
        let is_empty = !place.is_structural && default.and_then(Value::as_object).is_some_and(Map::is_empty);
        let refers_to = |names: &[&str]| place.reference.as_deref().is_some_and(|name| names.contains(&name));
        let (is_quantity, is_time) = (refers_to(&[QUANTITY]), refers_to(&TIMES));
        Self {
            is_struct: is_empty,
            has_default: default.is_some() && !is_empty,
            has_zero: default.is_some_and(|default| *default == "" || *default == 0 || *default == false),
            is_atomic_map: written("x-kubernetes-map-type").is_some_and(|kind| kind == "atomic"),
            list: match written("x-kubernetes-list-type").and_then(Value::as_str) {
                Some("set") => ListType::Set,
                Some("map") => ListType::Map,
                _ => ListType::Atomic,
            },
            has_format: written("format").is_some(),
            has_one_of: written("oneOf").is_some(),
            is_quantity,
            is_time,
            has_form: is_quantity || is_time || written("format").is_some_and(|format| format == "byte"),
            has_flags: FLAGS.iter().any(|flag| written(flag).is_some()),
        }
    }
}

/// Whether somebody asks for an attribute of a schema as it is written.
fn is_asked_for(name: &str) -> bool {
    matches!(name, "default" | "format" | "nullable" | "oneOf") || name.starts_with("x-kubernetes-")
}

/// The name that a schema refers to, by itself or as its only part.
fn reference(written: &Map<String, Value>) -> Option<&str> {
    let target = written.get("$ref").or_else(|| match written.get("allOf")?.as_array()?.as_slice() {
        [one] => one.get("$ref"),
        _ => None,
    })?;
    target.as_str()?.strip_prefix("#/components/schemas/")
}
