//! The fewest policy rules that allow exactly some permissions.

use std::collections::{BTreeMap, BTreeSet};

use kubewright::CompactString;
use kubewright::rbac::v1::PolicyRule;

use super::Verb;
use super::rules::{Permission, Target};

type Names = BTreeSet<CompactString>;
type Verbs = BTreeSet<Verb>;
/// The verbs on each object of a resource, and on all of them.
type OfResource<'a> = BTreeMap<Option<&'a CompactString>, Verbs>;

/// Returns rules that allow these permissions, and nothing else. What is alike is one rule: the names of a resource, the
/// resources of a group, and the groups that have the same resources.
pub(super) fn rules<'a>(permissions: impl IntoIterator<Item = &'a Permission>) -> Vec<PolicyRule> {
    let mut resources: BTreeMap<(&CompactString, &CompactString), OfResource<'_>> = BTreeMap::new();
    let mut verbs_of_url: BTreeMap<&CompactString, Verbs> = BTreeMap::new();
    for Permission { target, verb, .. } in permissions {
        match target {
            Target::Resource { group, resource, name } => {
                let names = resources.entry((group, resource)).or_default();
                names.entry(name.as_ref()).or_default().insert(*verb);
            }
            Target::Url(path) => {
                verbs_of_url.entry(path).or_default().insert(*verb);
            }
        }
    }
    let mut urls: BTreeMap<Verbs, Names> = BTreeMap::new();
    for (path, verbs) in verbs_of_url {
        urls.entry(verbs).or_default().insert(path.clone());
    }

    // From the inside out: names, then resources, then groups.
    let mut by_group: BTreeMap<(&CompactString, Names, Verbs), Names> = BTreeMap::new();
    for ((group, resource), names) in resources {
        let of_all = names.get(&None).cloned().unwrap_or_default();
        let mut by_verbs: BTreeMap<Verbs, Names> = BTreeMap::new();
        for (name, verbs) in &names {
            let Some(name) = name else { continue };
            // What is allowed for all objects is so for each.
            by_verbs.entry(verbs - &of_all).or_default().insert(CompactString::clone(name));
        }
        // An empty list of names is all.
        let rules = by_verbs.into_iter().chain([(of_all, Names::new())]);
        for (verbs, names) in rules.filter(|(verbs, _)| !verbs.is_empty()) {
            by_group.entry((group, names, verbs)).or_default().insert(resource.clone());
        }
    }
    let mut merged: BTreeMap<(Names, Names, Verbs), Names> = BTreeMap::new();
    for ((group, names, verbs), resources) in by_group {
        merged.entry((resources, names, verbs)).or_default().insert(group.clone());
    }

    let texts = |verbs: &Verbs| verbs.iter().map(|verb| verb.as_str().into()).collect();
    let mut rules: Vec<_> = merged
        .into_iter()
        .map(|((resources, names, verbs), groups)| PolicyRule {
            verbs: texts(&verbs),
            api_groups: groups.into_iter().collect(),
            resources: resources.into_iter().collect(),
            resource_names: names.into_iter().collect(),
            ..PolicyRule::default()
        })
        .collect();
    rules.sort_by(|a, b| {
        (&a.api_groups, &a.resources, &a.resource_names).cmp(&(&b.api_groups, &b.resources, &b.resource_names))
    });
    rules.extend(urls.into_iter().map(|(verbs, paths)| PolicyRule {
        verbs: texts(&verbs),
        non_resource_urls: paths.into_iter().collect(),
        ..PolicyRule::default()
    }));
    rules
}
