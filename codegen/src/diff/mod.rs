//! What one minor changed in the API, as the pinned documents tell: a list for people and programs.
//!
//! What was added or removed as a whole is reported once: the fields of a new type, or the verbs of a new resource, are not listed one
//! by one.

mod deprecated;
mod resources;
mod show;
mod types;

use std::collections::BTreeSet;

use serde::Serialize;

pub use deprecated::deprecated;
pub use show::markdown;

use crate::{
    documents::Minor,
    model::{Model, TypeDef},
    plan::{ModulePath, ModulePaths},
    spec::Facts,
};

/// The changes from one minor to a newer one.
#[derive(Clone, Debug, Serialize)]
pub struct Diff {
    /// The older minor: 36 for 1.36.
    pub older: Minor,
    /// The newer minor.
    pub newer: Minor,
    /// What changed, sorted by group and version.
    pub changes: Vec<Change>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Change {
    /// The group and version, as the modules of kubewright are called: `apps/v1`, `meta/v1` for what all share.
    pub module: String,
    /// What sort of thing changed.
    pub subject: Subject,
    /// The thing: `pods`, `pods/resize`, `PodSpec.nodeName`.
    pub name: String,
    /// How it changed.
    pub change: Kind,
    /// What there is to say besides; often nothing.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// What sort of thing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A version of a group.
    GroupVersion,
    /// A resource.
    Resource,
    /// Something that can be done with a resource or a subresource.
    Verb,
    /// A query parameter.
    Parameter,
    /// A type.
    Type,
    /// A field of a type.
    Field,
    /// A value of an enum.
    EnumValue,
}

/// How something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// It came.
    Added,
    /// It went.
    Removed,
    /// It is deprecated now, and still there.
    Deprecated,
    /// It is required now.
    Required,
    /// It is not required any more.
    Optional,
    /// Its default is another.
    Default,
    /// It has another type.
    Type,
    /// Server-side apply or a strategic merge patch merges it differently.
    Merge,
    /// It has another number in protobuf.
    Protobuf,
    /// Something else about it is different.
    Changed,
}

/// Compares two minors, each with what Go's types tell of it.
pub fn diff(older: (&Model, &Facts), newer: (&Model, &Facts)) -> Diff {
    let minor = |model: &Model| model.minors.last().copied().unwrap_or_default();
    let mut comparison = Comparison {
        older: older.0,
        newer: newer.0,
        facts: (older.1, newer.1),
        module_paths: (ModulePaths::new(older.0), ModulePaths::new(newer.0)),
        changes: Vec::new(),
    };
    comparison.versions();
    comparison.types();
    let mut changes = comparison.changes;
    resources::summarize(&mut changes);
    let key = |change: &Change| (change.module.clone(), change.subject, change.name.clone());
    let before: BTreeSet<_> = deprecated(older.0, older.1).iter().map(key).collect();
    changes.extend(deprecated(newer.0, newer.1).into_iter().filter(|change| !before.contains(&key(change))));
    changes.sort();
    changes.dedup();
    Diff { older: minor(older.0), newer: minor(newer.0), changes }
}

struct Comparison<'a> {
    older: &'a Model,
    newer: &'a Model,
    facts: (&'a Facts, &'a Facts),
    module_paths: (ModulePaths, ModulePaths),
    changes: Vec<Change>,
}

impl Comparison<'_> {
    fn push(
        &mut self,
        module: &str,
        subject: Subject,
        name: impl Into<String>,
        change: Kind,
        detail: impl Into<String>,
    ) {
        let (name, detail) = (name.into(), detail.into());
        self.changes.push(Change { module: module.to_owned(), subject, name, change, detail });
    }
}

/// Where a type is, as people say it.
fn module(module_paths: &ModulePaths, def: &TypeDef) -> String {
    match module_paths.of(def) {
        ModulePath::Module { group, version } => format!("{}/{version}", group.trim_end_matches('_')),
        _ => "meta/v1".to_owned(),
    }
}
