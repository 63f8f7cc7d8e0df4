//! Keeps what some groups need.

use std::collections::BTreeSet;

use super::{Model, Operation, Payload, Resource, Schema, Shape};
use crate::documents::GroupVersion;

impl Model {
    /// Keeps the resources of these groups, the kinds of these groups, and every type that they refer to. The core group
    /// goes by `core` too.
    pub fn keep_groups(&mut self, groups: &[String]) {
        let mut groups = groups.to_vec();
        for group in &groups {
            let is_core = |known: &GroupVersion| group == "core" && known.group.is_empty();
            if !self.versions.keys().any(|known| known.group == *group || is_core(known)) {
                self.missing.push(format!("no resource is of the group {group:?}"));
            }
        }
        groups.extend(groups.iter().any(|group| group == "core").then(String::new));
        self.versions.retain(|group_version, _| groups.contains(&group_version.group));
        let mut next: Vec<String> = Vec::new();
        for def in self.types.values() {
            if def.kinds.len() == 1 && def.kinds.iter().any(|kind| groups.contains(&kind.group)) {
                next.push(def.name.clone());
            }
        }
        for resource in self.versions.values().flat_map(|version| version.resources.values()) {
            let below = resource.subresources.values().flat_map(|subresource| subresource.operations.values());
            let operations = resource.operations.values().chain(resource.all_namespaces.values()).chain(below);
            next.extend(operations.flat_map(payloads));
        }
        self.keep(next);
    }

    /// Keeps these resources, and every type that they refer to. A name is that of the kind or of the resource, alone or
    /// with its group: `certificates.cert-manager.io`.
    pub fn keep_kinds(&mut self, names: &[String]) {
        for name in names {
            let mut resources = self.versions.values().flat_map(|version| version.resources.values());
            if !resources.any(|resource| resource.is_named(std::slice::from_ref(name))) {
                let missing = format!("no resource is called {name}");
                self.notes.push(missing.clone());
                self.missing.push(missing);
            }
        }
        self.keep_resources(|_, resource| resource.is_named(names));
    }

    /// Keeps these versions alone of a resource, whose name is one that [`keep_kinds`](Self::keep_kinds) takes, and every type
    /// that what is left refers to.
    pub fn keep_versions(&mut self, name: &str, versions: &[String]) {
        let name = [name.to_owned()];
        let is_wanted = |known: &GroupVersion, version: &String| known.version == *version;
        for version in versions {
            let mut of_version = self.versions.iter().filter(|(known, _)| is_wanted(known, version));
            if !of_version.any(|(_, known)| known.resources.values().any(|resource| resource.is_named(&name))) {
                self.missing.push(format!("{} has no version {version}", name[0]));
            }
        }
        self.keep_resources(|known, resource| {
            !resource.is_named(&name) || versions.iter().any(|version| is_wanted(known, version))
        });
    }

    fn keep_resources(&mut self, wanted: impl Fn(&GroupVersion, &Resource) -> bool) {
        let mut next = Vec::new();
        for (group_version, version) in &mut self.versions {
            version.resources.retain(|_, resource| wanted(group_version, resource));
            for resource in version.resources.values() {
                let below = resource.subresources.values().flat_map(|subresource| subresource.operations.values());
                let operations = resource.operations.values().chain(resource.all_namespaces.values()).chain(below);
                next.extend(operations.flat_map(payloads));
            }
        }
        self.versions.retain(|_, version| !version.resources.is_empty());
        self.keep(next);
    }

    /// Leaves resources out. Their types stay, for others may refer to them.
    pub fn leave_out(&mut self, wanted: impl Fn(&Resource) -> bool) {
        for version in self.versions.values_mut() {
            version.resources.retain(|_, resource| !wanted(resource));
        }
        self.versions.retain(|_, version| !version.resources.is_empty());
    }

    /// Keeps these types, and every type that they refer to.
    fn keep(&mut self, mut next: Vec<String>) {
        let mut kept = BTreeSet::new();
        while let Some(name) = next.pop() {
            if let Some(def) = self.types.get(&name)
                && kept.insert(name)
            {
                references(&def.schema, &mut next);
            }
        }
        self.types.retain(|name, _| kept.contains(name));
    }
}

impl Resource {
    /// Whether it is one of those that are named. A name is that of the kind or of the resource, alone or with its group.
    pub fn is_named(&self, names: &[String]) -> bool {
        names.iter().any(|name| {
            let (name, group) = name.split_once('.').map_or((name.as_str(), None), |(name, group)| (name, Some(group)));
            let own = [&self.kind.kind, &self.plural, &self.singular];
            own.iter().any(|own| own.eq_ignore_ascii_case(name)) && group.is_none_or(|group| group == self.kind.group)
        })
    }
}

fn payloads(operation: &Operation) -> Vec<String> {
    let payloads = [&operation.request, &operation.response].into_iter().flatten();
    payloads
        .filter_map(|payload| match payload {
            Payload::Schema(name) => Some(name.clone()),
            Payload::Text | Payload::Other => None,
        })
        .collect()
}

fn references(schema: &Schema, found: &mut Vec<String>) {
    match &schema.shape {
        Shape::Reference(name) => found.push(name.clone()),
        Shape::List(inner) | Shape::Map(inner) => references(inner, found),
        Shape::Object(object) => object.fields.iter().for_each(|field| references(&field.schema, found)),
        _ => {}
    }
}
