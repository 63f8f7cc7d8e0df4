//! Group-versions, resources, subresources, verbs and their parameters.

use std::collections::BTreeMap;

use super::{Keep, Living, Merger};
use crate::{
    documents::GroupVersion,
    model::{Availability, Operation, Parameter, Resource, Subresource, Verb, Version},
};

impl Living for Version {
    fn availability(&mut self) -> &mut Availability {
        &mut self.availability
    }
}

impl Living for Resource {
    fn availability(&mut self) -> &mut Availability {
        &mut self.availability
    }
}

impl Living for Operation {
    fn availability(&mut self) -> &mut Availability {
        &mut self.availability
    }
}

impl Living for Parameter {
    fn availability(&mut self) -> &mut Availability {
        &mut self.availability
    }
}

impl Merger<'_> {
    pub(super) fn versions(
        &mut self,
        older: &mut BTreeMap<GroupVersion, Version>,
        newer: BTreeMap<GroupVersion, Version>,
    ) {
        self.by_name(older, newer, |merger, group_version, older, newer| {
            merger.by_name(&mut older.resources, newer.resources, |merger, plural, older, newer| {
                merger.resource(&format!("{group_version} {plural}"), older, newer);
            });
            // A kind that is served under another name now.
            let (newer, mut renamed) = (merger.newer, Vec::new());
            for resource in older.resources.values().filter(|resource| resource.availability.until == Some(newer)) {
                let same = |new: &&Resource| new.availability.since == newer && new.kind == resource.kind;
                let new = older.resources.values().find(same).map(|new| new.plural.clone());
                renamed.extend(new.map(|new| (resource.plural.clone(), new)));
            }
            for (old, new) in renamed {
                let place = format!("{group_version} {old}");
                if merger.decide(&place, &format!("is served as {new}")) == Keep::Older {
                    older.resources.remove(&new);
                }
            }
        });
    }

    fn resource(&mut self, place: &str, older: &mut Resource, newer: Resource) {
        for (what, was, is) in [
            ("kind", format!("{:?}", older.kind), format!("{:?}", newer.kind)),
            ("schema", older.schema.clone(), newer.schema.clone()),
            ("scope", scope(older), scope(&newer)),
        ] {
            if was != is && self.decide(place, &format!("its {what} was {was}, and is {is}")) == Keep::Older {
                return;
            }
        }
        let Resource { singular, short_names, categories, kind, schema, namespaced, .. } = newer;
        (older.singular, older.kind, older.schema, older.namespaced) = (singular, kind, schema, namespaced);
        (older.short_names, older.categories) = (short_names, categories);
        self.operations(place, &mut older.operations, newer.operations);
        self.operations(&format!("{place} in all namespaces"), &mut older.all_namespaces, newer.all_namespaces);
        // A subresource is there as long as it has a verb.
        let mut newer = newer.subresources;
        for (name, subresource) in &mut older.subresources {
            let operations = newer.remove(name).unwrap_or_default().operations;
            self.operations(&format!("{place}/{name}"), &mut subresource.operations, operations);
        }
        for (name, subresource) in newer {
            let mut merged = Subresource::default();
            self.operations(&format!("{place}/{name}"), &mut merged.operations, subresource.operations);
            older.subresources.insert(name, merged);
        }
    }

    fn operations(&mut self, place: &str, older: &mut BTreeMap<Verb, Operation>, newer: BTreeMap<Verb, Operation>) {
        self.by_name(older, newer, |merger, verb, older, newer| {
            let place = format!("{place} {verb:?}");
            for (what, was, is) in [
                ("path", format!("{} {}", older.method, older.path), format!("{} {}", newer.method, newer.path)),
                ("request", format!("{:?}", older.request), format!("{:?}", newer.request)),
                ("response", format!("{:?}", older.response), format!("{:?}", newer.response)),
            ] {
                if was != is && merger.decide(&place, &format!("its {what} was {was}, and is {is}")) == Keep::Older {
                    return;
                }
            }
            let by_name = |parameters: Vec<Parameter>| -> BTreeMap<String, Parameter> {
                parameters.into_iter().map(|parameter| (parameter.name.clone(), parameter)).collect()
            };
            let mut parameters = by_name(std::mem::take(&mut older.parameters));
            merger.by_name(&mut parameters, by_name(newer.parameters), |merger, name, older, newer| {
                let (was, is) = (older.ty, newer.ty);
                let place = format!("{place} ?{name}");
                if was != is && merger.decide(&place, &format!("was {was:?}, and is {is:?}")) == Keep::Older {
                    return;
                }
                older.ty = is;
                older.description = newer.description.or(older.description.take());
            });
            older.parameters = parameters.into_values().collect();
            (older.method, older.path, older.kind) = (newer.method, newer.path, newer.kind);
            (older.request, older.response) = (newer.request, newer.response);
        });
    }
}

fn scope(resource: &Resource) -> String {
    if resource.namespaced { "a namespace".to_owned() } else { "the cluster".to_owned() }
}
