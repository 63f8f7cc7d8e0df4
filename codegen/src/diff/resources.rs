//! Group-versions, resources, verbs and parameters.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Comparison, Kind, Subject, module};
use crate::{
    documents::GroupVersion,
    model::{Model, Operation, Resource, Verb, Version},
    plan::ModulePaths,
};

impl Comparison<'_> {
    pub(super) fn versions(&mut self) {
        let (older, newer) = (self.older, self.newer);
        for (group_version, was, is) in both(&older.versions, &newer.versions) {
            match (was, is) {
                (Some(was), Some(is)) => self.resources(was, is),
                (Some(was), None) => self.version(older, group_version, was, Kind::Removed),
                (None, Some(is)) => self.version(newer, group_version, is, Kind::Added),
                (None, None) => {}
            }
        }
    }

    fn version(&mut self, model: &Model, group_version: &GroupVersion, version: &Version, change: Kind) {
        // A group-version without resources has nothing to say.
        let Some(first) = version.resources.values().next() else { return };
        let module_paths = if change == Kind::Added { &self.module_paths.1 } else { &self.module_paths.0 };
        let place = place(model, module_paths, first);
        let resources: Vec<&str> = version.resources.keys().map(String::as_str).collect();
        self.push(&place, Subject::GroupVersion, group_version.to_string(), change, resources.join(", "));
    }

    fn resources(&mut self, was: &Version, is: &Version) {
        for (plural, was, is) in both(&was.resources, &is.resources) {
            match (was, is) {
                (Some(was), Some(is)) => self.resource(plural, was, is),
                (Some(was), None) => {
                    let place = place(self.older, &self.module_paths.0, was);
                    self.push(&place, Subject::Resource, plural.clone(), Kind::Removed, "");
                }
                (None, Some(is)) => {
                    let place = place(self.newer, &self.module_paths.1, is);
                    self.push(&place, Subject::Resource, plural.clone(), Kind::Added, is.kind.kind.clone());
                }
                (None, None) => {}
            }
        }
    }

    fn resource(&mut self, plural: &str, was: &Resource, is: &Resource) {
        let place = place(self.newer, &self.module_paths.1, is);
        for (what, was, is) in [
            ("kind", &was.kind.kind, &is.kind.kind),
            ("schema", &was.schema, &is.schema),
            ("short names", &was.short_names.join(", "), &is.short_names.join(", ")),
            ("categories", &was.categories.join(", "), &is.categories.join(", ")),
        ] {
            if was != is {
                let detail = format!("{what}: {} → {}", or_none(was), or_none(is));
                self.push(&place, Subject::Resource, plural, Kind::Changed, detail);
            }
        }
        if was.namespaced != is.namespaced {
            let detail = if is.namespaced { "is namespaced now" } else { "is cluster-scoped now" };
            self.push(&place, Subject::Resource, plural, Kind::Changed, detail);
        }
        self.operations(&place, plural, &was.operations, &is.operations);
        self.operations(&place, &format!("{plural} in all namespaces"), &was.all_namespaces, &is.all_namespaces);
        for (name, was, is) in both(&was.subresources, &is.subresources) {
            let none = BTreeMap::new();
            let [was, is] = [was, is].map(|known| known.map_or(&none, |known| &known.operations));
            self.operations(&place, &format!("{plural}/{name}"), was, is);
        }
    }

    fn operations(&mut self, place: &str, name: &str, was: &BTreeMap<Verb, Operation>, is: &BTreeMap<Verb, Operation>) {
        for (verb, was, is) in both(was, is) {
            match (was, is) {
                (Some(was), Some(is)) => {
                    self.parameters(place, &format!("{name} {}", spelled(*verb)), was, is);
                    if (&was.request, &was.response) != (&is.request, &is.response) {
                        let detail = "the request or response type changed";
                        self.push(place, Subject::Verb, format!("{name} {}", spelled(*verb)), Kind::Changed, detail);
                    }
                }
                (was, _) => {
                    let change = if was.is_some() { Kind::Removed } else { Kind::Added };
                    self.push(place, Subject::Verb, format!("{name} {}", spelled(*verb)), change, "");
                }
            }
        }
    }

    fn parameters(&mut self, place: &str, name: &str, was: &Operation, is: &Operation) {
        let names = |operation: &Operation| -> BTreeSet<String> {
            operation.parameters.iter().map(|parameter| parameter.name.clone()).collect()
        };
        let (was, is) = (names(was), names(is));
        for parameter in was.symmetric_difference(&is) {
            let change = if is.contains(parameter) { Kind::Added } else { Kind::Removed };
            self.push(place, Subject::Parameter, format!("{name} ?{parameter}"), change, "");
        }
    }
}

/// A parameter that was added or removed for this many calls is reported once, and not for each.
const MANY: usize = 10;

/// Tells what many calls have in common once.
pub(super) fn summarize(changes: &mut Vec<Change>) {
    let mut calls: BTreeMap<(String, Kind), BTreeSet<String>> = BTreeMap::new();
    let parameter = |change: &Change| -> Option<((String, Kind), String)> {
        let (call, parameter) = change.name.split_once(" ?").filter(|_| change.subject == Subject::Parameter)?;
        Some(((parameter.to_owned(), change.change), format!("{} {call}", change.module)))
    };
    for change in &*changes {
        if let Some((key, call)) = parameter(change) {
            calls.entry(key).or_default().insert(call);
        }
    }
    calls.retain(|_, calls| calls.len() > MANY);
    changes.retain(|change| parameter(change).is_none_or(|(key, _)| !calls.contains_key(&key)));
    for ((name, change), calls) in calls {
        let verbs: BTreeSet<&str> = calls.iter().filter_map(|call| call.rsplit(' ').next()).collect();
        let verbs: Vec<&str> = verbs.into_iter().collect();
        let detail = format!("{} of {} resources and subresources", verbs.join(", "), resources(&calls));
        let (module, subject) = ("all".to_owned(), Subject::Parameter);
        changes.push(Change { module, subject, name: format!("?{name}"), change, detail });
    }
}

/// How many resources and subresources these calls are of.
fn resources(calls: &BTreeSet<String>) -> usize {
    let of =
        calls.iter().filter_map(|call| call.rsplit_once(' ')).map(|(of, _)| of.trim_end_matches(" in all namespaces"));
    of.collect::<BTreeSet<_>>().len()
}

/// The names of two maps, with what each has.
pub(super) fn both<'a, K: Ord, T>(
    older: &'a BTreeMap<K, T>,
    newer: &'a BTreeMap<K, T>,
) -> Vec<(&'a K, Option<&'a T>, Option<&'a T>)> {
    let names: BTreeSet<&K> = older.keys().chain(newer.keys()).collect();
    names.into_iter().map(|name| (name, older.get(name), newer.get(name))).collect()
}

pub(super) fn place(model: &Model, module_paths: &ModulePaths, resource: &Resource) -> String {
    match model.types.get(&resource.schema) {
        Some(def) => module(module_paths, def),
        None => resource.kind.group_version().to_string(),
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

/// A verb, as Kubernetes spells it.
fn spelled(verb: Verb) -> &'static str {
    match verb {
        Verb::Get => "get",
        Verb::List => "list",
        Verb::Watch => "watch",
        Verb::Create => "create",
        Verb::Replace => "update",
        Verb::Patch => "patch",
        Verb::Delete => "delete",
        Verb::DeleteCollection => "deletecollection",
        Verb::Connect => "connect",
    }
}
