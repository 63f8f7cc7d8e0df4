//! Structural sharing: what nested objects and enums of custom resources become, one type for each distinct structure.
//!
//! A CRD has its types inline, so that the same pod template stands in dozens of places. While structs are planned, each
//! nested object is [interned](Structures::object) by what would be emitted of it, under a provisional path
//! ([`ModulePath::Unplaced`]). Once all are known, [`place`](mod@place) decides where each of them lives and what it is called.
//!
//! See `docs/decisions/020-shared-types.md`.

mod builtin;
mod docs;
mod facts;
mod kinds;
mod name;
mod place;
mod singular;

pub use builtin::Builtins;
pub use kinds::{KindFile, kinds};
pub use place::{place, way};

use std::collections::{BTreeMap, HashMap};

use super::{Field, ModulePath, Ty, TypePath};
use crate::model::{Availability, EnumValue, MergeRule, is_zero};

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
    Object {
        fields: Vec<Field>,
        /// The fields of which exactly one is there.
        one_of: Vec<String>,
        /// Whether a field has, in any place, a default that is not its zero.
        defaulted: Vec<bool>,
        descriptions: Descriptions,
        of_fields: Vec<Descriptions>,
    },
    Enum {
        values: Vec<EnumValue>,
    },
}

/// The descriptions that the occurrences of one thing have, and how often.
type Descriptions = BTreeMap<String, usize>;

/// What is emitted of a field, whatever is said of it.
#[derive(PartialEq, Eq, Hash)]
struct FieldKey {
    json: String,
    ident: String,
    ty: Ty,
    required: bool,
    explicit: bool,
    kept: bool,
    secret: bool,
    atomic_items: bool,
    merge: MergeRule,
    patch_merge_key: Option<String>,
    /// Where it is not that of the structure.
    availability: Option<Availability>,
}

/// What two structures have in common that are one.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Object(Vec<FieldKey>, Vec<String>),
    Enum(BTreeMap<String, Option<Availability>>),
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
    /// The structures that are built-in types, with all that is in them.
    pub builtin: usize,
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
        one_of: Vec<String>,
        description: Option<String>,
        availability: Availability,
    ) -> TypePath {
        let fields_key = fields.iter().map(|field| field_key(field, availability)).collect();
        let key = Key::Object(fields_key, one_of.clone());
        let taken: Vec<Option<String>> = fields.iter_mut().map(|field| field.description.take()).collect();
        let index = match self.index.get(&key) {
            Some(index) => *index,
            None => {
                let of_fields = vec![Descriptions::new(); fields.len()];
                let (defaulted, descriptions) = (vec![false; fields.len()], Descriptions::new());
                let what = What::Object { fields: fields.clone(), one_of, defaulted, descriptions, of_fields };
                self.insert(key, what, availability)
            }
        };
        let structure = &mut self.all[index];
        structure.places.push(place);
        let whole = structure.availability.or(availability);
        if let What::Object { fields: known, defaulted, descriptions, of_fields, .. } = &mut structure.what {
            for (defaulted, new) in defaulted.iter_mut().zip(&fields) {
                *defaulted |= new.default.as_ref().is_some_and(|default| !is_zero(default));
            }
            count(descriptions, description);
            for (((known, new), counted), description) in known.iter_mut().zip(fields).zip(of_fields).zip(taken) {
                count(counted, description);
                known.required &= new.required;
                if known.default != new.default {
                    known.default = None;
                }
                // What is checked in one place is not what is checked in another.
                if known.restrictions != new.restrictions {
                    known.restrictions = None;
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
        let parts = values.iter().map(|value| {
            let own = value.availability.within(availability);
            (value.value.clone(), part(own, availability))
        });
        let key = Key::Enum(parts.collect());
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
fn part(availability: Availability, whole: Availability) -> Option<Availability> {
    (availability != whole).then_some(availability)
}

fn field_key(field: &Field, whole: Availability) -> FieldKey {
    FieldKey {
        json: field.json.clone(),
        ident: field.ident.clone(),
        ty: field.ty.clone(),
        required: field.required && !field.ty.is_optional(),
        explicit: field.explicit,
        kept: field.kept,
        secret: field.secret,
        atomic_items: field.atomic_items,
        merge: field.merge.clone(),
        patch_merge_key: field.patch_merge_key.clone(),
        availability: part(field.availability, whole),
    }
}
