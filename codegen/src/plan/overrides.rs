//! What a user wants otherwise than the generator would write it: names of types and fields, types of one's own.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use super::shared::Place;
use crate::model::{Model, Resource};

/// Names and types that a tree is to have in the place of those that the generator would choose.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Names of types.
    pub types: Vec<TypeOverride>,
    /// Names and types of fields.
    pub fields: Vec<FieldOverride>,
}

/// The name of the type of a nested object or enum.
#[derive(Clone, Debug)]
pub struct TypeOverride {
    /// In which kinds it stands: `Certificate`, `certificates.cert-manager.io`, or `*` for all.
    pub kind: String,
    /// The way to it from the kind, such as `spec.keystores.jks`. `*.jks` is every way that ends so.
    pub path: String,
    /// The name.
    pub name: String,
}

/// What a field is called, and of which type it is.
#[derive(Clone, Debug)]
pub struct FieldOverride {
    /// In which kinds it stands: `Certificate`, `certificates.cert-manager.io`, or `*` for all.
    pub kind: String,
    /// The way to it from the kind, such as `spec.secretName`. `*.secretName` is every way that ends so.
    pub path: String,
    /// Its name in Rust; by default its JSON name in snake case.
    pub name: Option<String>,
    /// Its type, as the program spells it: `crate::SecretName`, `Vec<crate::Rule>`. It has serde's traits, `Default`,
    /// `Clone`, `Debug`, `Send` and `Sync`. A field that need not be there is an `Option` of it.
    pub ty: Option<String>,
}

impl Overrides {
    /// Returns those that are names and types in Rust, and what is wrong with the others.
    pub(super) fn checked(&self) -> (Self, Vec<String>) {
        let mut problems = Vec::new();
        let mut is = |is_rust: bool, text: &str, what: &str, path: &str, kind: &str| {
            if !is_rust {
                problems.push(format!("`{text}` is not a {what} in Rust, and is ignored at {path} of {kind}"));
            }
            is_rust
        };
        let is_name = |name: &str| syn::parse_str::<syn::Ident>(name).is_ok();
        let is_type = |ty: &str| syn::parse_str::<syn::Type>(ty).is_ok();
        let mut checked = self.clone();
        checked.types.retain(|TypeOverride { kind, path, name }| is(is_name(name), name, "name", path, kind));
        for FieldOverride { kind, path, name, ty } in &mut checked.fields {
            *name = name.take().filter(|name| is(is_name(name), name, "name", path, kind));
            *ty = ty.take().filter(|ty| is(is_type(ty), ty, "type", path, kind));
        }
        (checked, problems)
    }
}

/// Finds what is wanted of a place, and remembers what was.
pub struct Wanted<'a> {
    overrides: &'a Overrides,
    /// The resources, by the schema of their kind.
    resources: BTreeMap<&'a str, &'a Resource>,
    used_types: RefCell<BTreeSet<usize>>,
    used_fields: RefCell<BTreeSet<usize>>,
}

impl<'a> Wanted<'a> {
    /// What is wanted of the kinds of a model.
    pub fn new(overrides: &'a Overrides, model: &'a Model) -> Self {
        let resources = model.versions.values().flat_map(|version| version.resources.values());
        Self {
            overrides,
            resources: resources.map(|resource| (resource.schema.as_str(), resource)).collect(),
            used_types: RefCell::default(),
            used_fields: RefCell::default(),
        }
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.overrides.types.is_empty() && self.overrides.fields.is_empty()
    }

    /// What is wanted of the field at a place: the name, and the type. What is said of one kind and one way goes before
    /// what is said of several.
    pub fn field(&self, place: &Place) -> (Option<&'a str>, Option<&'a str>) {
        let mut found = (None, None);
        let all = self.overrides.fields.iter().map(|wanted| (wanted.kind.as_str(), wanted.path.as_str()));
        for index in self.matching(all, place) {
            let wanted = &self.overrides.fields[index];
            found.0 = found.0.or(wanted.name.as_deref());
            found.1 = found.1.or(wanted.ty.as_deref());
            self.used_fields.borrow_mut().insert(index);
        }
        found
    }

    /// The name that is wanted for the type at a place.
    pub fn type_name(&self, place: &Place) -> Option<&'a str> {
        let all = self.overrides.types.iter().map(|wanted| (wanted.kind.as_str(), wanted.path.as_str()));
        let mut name = None;
        for index in self.matching(all, place) {
            name = name.or(Some(self.overrides.types[index].name.as_str()));
            self.used_types.borrow_mut().insert(index);
        }
        name
    }

    /// Those that no place was found for.
    pub fn unused(&self) -> Vec<String> {
        let (types, fields) = (self.used_types.borrow(), self.used_fields.borrow());
        let types = self.overrides.types.iter().enumerate().filter(|(index, _)| !types.contains(index));
        let types = types.map(|(_, unused)| format!("no type stands at {} of {}", unused.path, unused.kind));
        let fields = self.overrides.fields.iter().enumerate().filter(|(index, _)| !fields.contains(index));
        types
            .chain(fields.map(|(_, unused)| format!("no field stands at {} of {}", unused.path, unused.kind)))
            .collect()
    }

    /// Which of them are about a place, the most particular first.
    fn matching<'o>(&self, all: impl Iterator<Item = (&'o str, &'o str)>, place: &Place) -> Vec<usize> {
        let mut found: Vec<((bool, bool), usize)> = Vec::new();
        let mut way = None;
        for (index, (kind, path)) in all.enumerate() {
            let way: &String = way.get_or_insert_with(|| place.way());
            if is_at(path, way) && self.is_of(kind, &place.kind) {
                found.push(((kind == "*", path.starts_with("*.")), index));
            }
        }
        found.sort();
        found.into_iter().map(|(_, index)| index).collect()
    }

    fn is_of(&self, kind: &str, schema: &str) -> bool {
        let names = [kind.to_owned()];
        kind == "*" || self.resources.get(schema).is_some_and(|resource| resource.is_named(&names))
    }
}

/// Whether a way is the one that a path names. The items of a list or map are at the path of the list, too.
fn is_at(path: &str, way: &str) -> bool {
    let [path, way] = [path, way].map(|text| text.trim_end_matches("[]"));
    match path.strip_prefix("*.") {
        Some(end) => way == end || way.strip_suffix(end).is_some_and(|rest| rest.ends_with('.')),
        None => way == path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_whole_way_or_with_a_star_the_end_of_one() {
        assert!(is_at("spec.a.b", "spec.a.b"));
        assert!(is_at("spec.a", "spec.a[]") && is_at("spec.a[]", "spec.a"));
        assert!(is_at("*.b", "spec.a.b") && is_at("*.b", "b") && is_at("*.a[].b", "spec.a[].b"));
        assert!(!is_at("a.b", "spec.a.b") && !is_at("*.b", "spec.ab") && !is_at("*.a.b", "spec.a[].b"));
    }
}
