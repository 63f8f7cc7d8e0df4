//! Types, fields and the values of enums.

use std::collections::{BTreeMap, BTreeSet};

use super::{Comparison, Kind, Subject, module, resources::both};
use crate::model::{EnumValue, Field, MergeRule, Object, Schema, Shape, TypeDef};

impl Comparison<'_> {
    pub(super) fn types(&mut self) {
        let (older, newer) = (self.older, self.newer);
        // The types of a version that came or went as a whole are told with it.
        let known: BTreeSet<String> = self
            .changes
            .iter()
            .filter(|change| change.subject == Subject::GroupVersion)
            .map(|change| change.module.clone())
            .collect();
        for (name, was, is) in both(&older.types, &newer.types) {
            let short = name.rsplit('.').next().unwrap_or(name);
            match (was, is) {
                (Some(was), Some(is)) => {
                    let place = module(&self.module_paths.1, is);
                    self.schema(&place, short, &was.schema, &is.schema);
                    self.numbers(&place, name, is);
                }
                (Some(def), None) | (None, Some(def)) => {
                    let module_paths = if is.is_some() { &self.module_paths.1 } else { &self.module_paths.0 };
                    let place = module(module_paths, def);
                    if !known.contains(&place) {
                        let change = if is.is_some() { Kind::Added } else { Kind::Removed };
                        self.push(&place, Subject::Type, short, change, "");
                    }
                }
                (None, None) => {}
            }
        }
    }

    fn schema(&mut self, place: &str, name: &str, was: &Schema, is: &Schema) {
        if was.merge != is.merge {
            let detail = format!("{} → {}", merge(&was.merge), merge(&is.merge));
            self.push(place, Subject::Field, name, Kind::Merge, detail);
        }
        if was.patch_merge_key != is.patch_merge_key {
            let key = |schema: &Schema| schema.patch_merge_key.clone().unwrap_or_else(|| "none".to_owned());
            self.push(place, Subject::Field, name, Kind::Merge, format!("patch key: {} → {}", key(was), key(is)));
        }
        match (&was.shape, &is.shape) {
            (Shape::Object(was), Shape::Object(is)) => self.object(place, name, was, is),
            (Shape::List(was), Shape::List(is)) | (Shape::Map(was), Shape::Map(is)) => {
                self.schema(place, name, was, is)
            }
            (Shape::Enum(was), Shape::Enum(is)) => self.values(place, name, was, is),
            (was, is) if was == is => {}
            (was, is) => self.push(place, Subject::Field, name, Kind::Type, format!("{} → {}", told(was), told(is))),
        }
    }

    fn values(&mut self, place: &str, name: &str, was: &[EnumValue], is: &[EnumValue]) {
        let values =
            |values: &[EnumValue]| -> BTreeSet<String> { values.iter().map(|value| value.value.clone()).collect() };
        let (was, is) = (values(was), values(is));
        for value in was.symmetric_difference(&is) {
            let change = if is.contains(value) { Kind::Added } else { Kind::Removed };
            self.push(place, Subject::EnumValue, format!("{name}: {value}"), change, "");
        }
    }

    fn object(&mut self, place: &str, name: &str, was: &Object, is: &Object) {
        let [was, is] = [was, is].map(|object| -> BTreeMap<&str, &Field> {
            object.fields.iter().map(|field| (field.name.as_str(), field)).collect()
        });
        for (field, was, is) in both(&was, &is) {
            let name = format!("{name}.{field}");
            match (was, is) {
                (Some(was), Some(is)) => self.field(place, &name, was, is),
                (Some(_), None) => self.push(place, Subject::Field, name, Kind::Removed, ""),
                (None, Some(is)) => {
                    let detail = if is.required { ", required" } else { "" };
                    self.push(place, Subject::Field, name, Kind::Added, format!("{}{detail}", told(&is.schema.shape)));
                }
                (None, None) => {}
            }
        }
    }

    fn field(&mut self, place: &str, name: &str, was: &Field, is: &Field) {
        if was.required != is.required {
            let change = if is.required { Kind::Required } else { Kind::Optional };
            self.push(place, Subject::Field, name, change, "");
        }
        if was.schema.default != is.schema.default {
            let default = |field: &Field| {
                field.schema.default.as_ref().map_or_else(|| "none".to_owned(), |default| format!("`{default}`"))
            };
            self.push(place, Subject::Field, name, Kind::Default, format!("{} → {}", default(was), default(is)));
        }
        self.schema(place, name, &was.schema, &is.schema);
    }

    fn numbers(&mut self, place: &str, schema: &str, def: &TypeDef) {
        let (Some(was), Some(is)) = (self.facts.0.of(schema), self.facts.1.of(schema)) else { return };
        let short = def.name.rsplit('.').next().unwrap_or(schema);
        for (field, was, is) in both(&was.fields, &is.fields) {
            if let (Some(was), Some(is)) = (was, is)
                && was.number != is.number
            {
                let detail = format!("{} → {}", was.number, is.number);
                self.push(place, Subject::Field, format!("{short}.{field}"), Kind::Protobuf, detail);
            }
        }
    }
}

fn merge(rule: &MergeRule) -> String {
    match rule {
        MergeRule::Unset => "unsaid".to_owned(),
        MergeRule::Atomic => "atomic".to_owned(),
        MergeRule::Set => "a set".to_owned(),
        MergeRule::Map(keys) => format!("keyed by {}", keys.join(", ")),
    }
}

/// A type in few words.
fn told(shape: &Shape) -> String {
    match shape {
        Shape::Any => "any".to_owned(),
        Shape::Enum(_) => "enum".to_owned(),
        Shape::List(items) => format!("list of {}", told(&items.shape)),
        Shape::Map(values) => format!("map to {}", told(&values.shape)),
        Shape::Object(_) => "object".to_owned(),
        Shape::Reference(name) => name.rsplit('.').next().unwrap_or(name).to_owned(),
        leaf => format!("{leaf:?}").to_lowercase(),
    }
}
