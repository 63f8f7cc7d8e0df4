//! Keeps what some groups need.

use std::collections::BTreeSet;

use super::{Model, Operation, Payload, Resource, Schema, Shape};

impl Model {
    /// Keeps the resources of these groups, the kinds of these groups, and every type that they refer to. The core group
    /// goes by `core` too.
    pub fn keep_groups(&mut self, groups: &[String]) {
        let mut groups = groups.to_vec();
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
            if !resources.any(|resource| is_named(resource, std::slice::from_ref(name))) {
                self.notes.push(format!("no resource is called {name}"));
            }
        }
        let mut next = Vec::new();
        for version in self.versions.values_mut() {
            version.resources.retain(|_, resource| is_named(resource, names));
            for resource in version.resources.values() {
                let below = resource.subresources.values().flat_map(|subresource| subresource.operations.values());
                let operations = resource.operations.values().chain(resource.all_namespaces.values()).chain(below);
                next.extend(operations.flat_map(payloads));
            }
        }
        self.versions.retain(|_, version| !version.resources.is_empty());
        self.keep(next);
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

/// Whether a resource is one of those that are named.
fn is_named(resource: &Resource, names: &[String]) -> bool {
    names.iter().any(|name| {
        let (name, group) = name.split_once('.').map_or((name.as_str(), None), |(name, group)| (name, Some(group)));
        let own = [&resource.kind.kind, &resource.plural, &resource.singular];
        own.iter().any(|own| own.eq_ignore_ascii_case(name)) && group.is_none_or(|group| group == resource.kind.group)
    })
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
