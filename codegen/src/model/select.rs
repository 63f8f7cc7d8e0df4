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
            next.extend(types_of(resource));
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
                next.extend(types_of(resource));
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

    /// Returns a model of one resource alone, and of every type that it refers to.
    pub fn only(&self, group_version: &GroupVersion, resource: &Resource) -> Self {
        let mut kept = BTreeSet::new();
        self.reach(types_of(resource), &mut kept);
        let types = kept.iter().filter_map(|name| Some((name.clone(), self.types.get(name)?.clone())));
        let mut version = self.versions.get(group_version).cloned().unwrap_or_default();
        version.resources.retain(|plural, _| *plural == resource.plural);
        Self {
            minors: self.minors.clone(),
            types: types.collect(),
            versions: [(group_version.clone(), version)].into(),
            ..Default::default()
        }
    }

    /// Removes resources, and the types that only they refer to.
    pub fn remove(&mut self, unwanted: impl Fn(&GroupVersion, &Resource) -> bool) {
        let (mut removed, mut next) = (BTreeSet::new(), Vec::new());
        for (group_version, version) in &mut self.versions {
            version.resources.retain(|_, resource| {
                let types = types_of(resource);
                let is_unwanted = unwanted(group_version, resource);
                if is_unwanted {
                    removed.extend(types)
                } else {
                    next.extend(types)
                }
                !is_unwanted
            });
        }
        self.versions.retain(|_, version| !version.resources.is_empty());
        // Types that no resource has stay, such as kinds of reviews.
        let mut only_removed = BTreeSet::new();
        self.reach(removed.into_iter().collect(), &mut only_removed);
        next.extend(self.types.keys().filter(|name| !only_removed.contains(*name)).cloned());
        self.keep(next);
    }

    /// Keeps these types, and every type that they refer to.
    fn keep(&mut self, next: Vec<String>) {
        let mut kept = BTreeSet::new();
        self.reach(next, &mut kept);
        self.types.retain(|name, _| kept.contains(name));
    }

    /// Collects these types, and every type that they refer to.
    fn reach(&self, mut next: Vec<String>, reached: &mut BTreeSet<String>) {
        while let Some(name) = next.pop() {
            if let Some(def) = self.types.get(&name)
                && reached.insert(name)
            {
                references(&def.schema, &mut next);
            }
        }
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

/// The types that a resource's operations are about.
fn types_of(resource: &Resource) -> Vec<String> {
    let below = resource.subresources.values().flat_map(|subresource| subresource.operations.values());
    let operations = resource.operations.values().chain(resource.all_namespaces.values()).chain(below);
    operations.flat_map(payloads).collect()
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
