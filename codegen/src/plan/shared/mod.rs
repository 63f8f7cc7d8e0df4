//! Structural sharing: what nested objects and enums of custom resources become, one type for each distinct structure.
//!
//! A CRD has its types inline, so that the same pod template stands in dozens of places. While structs are planned, each
//! nested object is [interned](Structures::object) by what would be emitted of it, under a provisional path
//! ([`ModulePath::Unplaced`]). Once all are known, [`place`](mod@place) decides where each of them lives and what it is called.
//!
//! See `docs/decisions/020-shared-types.md`.

mod docs;
mod name;
mod place;
mod singular;

pub use place::{KindFile, place, way};

use std::collections::{BTreeMap, HashMap};

use super::{Field, ModulePath, Ty, TypePath};
use crate::model::{Availability, EnumValue};

/// A step of the way to a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// The field's JSON name.
    pub json: String,
    /// Whether the way goes on to the items of the list or map in it.
    pub items: bool,
}

/// Where a nested object or enum stands: in which custom kind, and the way to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The schema of the kind.
    pub kind: String,
    /// The way from it.
    pub steps: Vec<Step>,
}

impl Place {
    /// The place of a kind itself.
    pub fn root(kind: &str) -> Self {
        Self { kind: kind.to_owned(), steps: Vec::new() }
    }

    /// The way from the kind: `spec.containers[].env`.
    pub fn way(&self) -> String {
        let steps = self.steps.iter().map(|step| format!("{}{}", step.json, if step.items { "[]" } else { "" }));
        steps.collect::<Vec<_>>().join(".")
    }

    /// One step further.
    pub fn below(&self, json: &str, items: bool) -> Self {
        let mut place = self.clone();
        place.steps.push(Step { json: json.to_owned(), items });
        place
    }
}

/// A distinct structure.
#[derive(Debug)]
struct Structure {
    what: What,
    /// Where it stands, in the order in which it was found.
    places: Vec<Place>,
    availability: Availability,
}

#[derive(Debug)]
enum What {
    Object { fields: Vec<Field>, descriptions: Descriptions, of_fields: Vec<Descriptions> },
    Enum { values: Vec<EnumValue> },
}

/// The descriptions that the occurrences of one thing have, and how often.
type Descriptions = BTreeMap<String, usize>;

/// What is emitted of a field, whatever is said of it.
type FieldKey =
    (String, String, Ty, (bool, bool, bool, bool, bool), String, Option<String>, Option<(u32, Option<u32>)>);

/// What two structures have in common that are one.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Object(Vec<FieldKey>),
    Enum(Vec<(String, Option<(u32, Option<u32>)>)>),
}

/// How much was shared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Nested objects of custom resources in the schemas.
    pub objects: usize,
    /// The distinct structures among them.
    pub structs: usize,
    /// Enums of custom resources in the schemas.
    pub enums: usize,
    /// The distinct ones among them.
    pub distinct_enums: usize,
}

/// Every distinct structure.
#[derive(Default)]
pub struct Structures {
    all: Vec<Structure>,
    index: HashMap<Key, usize>,
}

impl Structures {
    /// Takes a nested object with these fields, and gives its provisional path.
    pub fn object(
        &mut self,
        place: Place,
        mut fields: Vec<Field>,
        description: Option<String>,
        availability: Availability,
    ) -> TypePath {
        let key = Key::Object(fields.iter().map(|field| field_key(field, availability)).collect());
        let taken: Vec<Option<String>> = fields.iter_mut().map(|field| field.description.take()).collect();
        let index = match self.index.get(&key) {
            Some(index) => *index,
            None => {
                let of_fields = vec![Descriptions::new(); fields.len()];
                let what = What::Object { fields: fields.clone(), descriptions: Descriptions::new(), of_fields };
                self.insert(key, what, availability)
            }
        };
        let structure = &mut self.all[index];
        structure.places.push(place);
        let whole = structure.availability.or(availability);
        if let What::Object { fields: known, descriptions, of_fields } = &mut structure.what {
            count(descriptions, description);
            for (((known, new), counted), description) in known.iter_mut().zip(fields).zip(of_fields).zip(taken) {
                count(counted, description);
                known.required &= new.required;
                if known.default != new.default {
                    known.default = None;
                }
                if known.availability == structure.availability {
                    known.availability = whole;
                }
            }
        }
        structure.availability = whole;
        provisional(index)
    }

    /// Takes an enum of these values, and gives its provisional path.
    pub fn enumeration(&mut self, place: Place, values: &[EnumValue], availability: Availability) -> TypePath {
        let mut key: Vec<_> = values
            .iter()
            .map(|value| (value.value.clone(), part(value.availability.within(availability), availability)))
            .collect();
        key.sort();
        key.dedup();
        let key = Key::Enum(key);
        let index = match self.index.get(&key) {
            Some(index) => *index,
            None => self.insert(key, What::Enum { values: values.to_vec() }, availability),
        };
        let structure = &mut self.all[index];
        structure.places.push(place);
        structure.availability = structure.availability.or(availability);
        provisional(index)
    }

    fn insert(&mut self, key: Key, what: What, availability: Availability) -> usize {
        let index = self.all.len();
        self.all.push(Structure { what, places: Vec::new(), availability });
        self.index.insert(key, index);
        index
    }

    /// How much was shared.
    pub fn shared(&self) -> Shared {
        let mut shared = Shared::default();
        for structure in &self.all {
            match structure.what {
                What::Object { .. } => {
                    shared.objects += structure.places.len();
                    shared.structs += 1;
                }
                What::Enum { .. } => {
                    shared.enums += structure.places.len();
                    shared.distinct_enums += 1;
                }
            }
        }
        shared
    }
}

fn provisional(index: usize) -> TypePath {
    TypePath { module_path: ModulePath::Unplaced, name: index.to_string() }
}

/// The structure that a provisional path stands for.
fn index_of(path: &TypePath) -> Option<usize> {
    (path.module_path == ModulePath::Unplaced).then(|| path.name.parse().ok()).flatten()
}

fn count(descriptions: &mut Descriptions, description: Option<String>) {
    if let Some(description) = description {
        *descriptions.entry(description).or_default() += 1;
    }
}

/// The availability of a part, where it is not that of the whole.
fn part(availability: Availability, whole: Availability) -> Option<(u32, Option<u32>)> {
    (availability != whole).then_some((availability.since, availability.until))
}

fn field_key(field: &Field, whole: Availability) -> FieldKey {
    let required = field.required && !field.ty.is_optional();
    (
        field.json.clone(),
        field.ident.clone(),
        field.ty.clone(),
        (required, field.explicit, field.kept, field.secret, field.atomic_items),
        format!("{:?}", field.merge),
        field.patch_merge_key.clone(),
        part(field.availability, whole),
    )
}
