//! The third stage: what Rust to write, decided in full. What comes after only spells it.

mod connection;
mod cycles;
mod enums;
mod handles;
mod module_path;
pub mod names;
mod overrides;
mod parameters;
mod presence;
mod secret;
mod shared;
#[cfg(test)]
mod tests;
mod ty;
mod types;
mod validation;

pub use connection::Connection;
pub use enums::Enum;
pub use handles::{Handle, Method, MethodKind, TextRequest};
pub use module_path::{ModulePath, ModulePaths};
pub use overrides::{FieldOverride, Overrides, TypeOverride};
pub use parameters::Extension;
pub use shared::{Builtins, Shared};
pub use ty::{LEAVES, Ty, TypePath};
pub use types::{Field, List, Struct, Wire};

use std::collections::BTreeMap;

use crate::{
    documents::{GroupVersion, Minor},
    error::Error,
    model::{Availability, Model},
    spec::Facts,
};

/// What to write.
#[derive(Debug, Default)]
pub struct Plan {
    /// The minors that were merged, oldest first; none for a live cluster, whose documents are its own.
    pub minors: Vec<Minor>,
    /// Whether the documents are those of Kubernetes itself, which has reference pages.
    pub pinned: bool,
    /// The modules, by where they are.
    pub modules: BTreeMap<ModulePath, Module>,
    /// How much the types of custom resources share.
    pub shared: Shared,
    /// Values of custom resources that are raw JSON, each by its kind and the way to it.
    pub raw_json: Vec<String>,
    /// Methods for parameters that the runtime's builders do not know.
    pub extensions: Vec<Extension>,
    /// What was left out or decided on the way, for people to read.
    pub notes: Vec<String>,
    /// What differs between the minors and needed no rule, for people to read.
    pub drift: Vec<String>,
    /// What was asked for and is not there, and overrides that could not be followed.
    pub problems: Vec<String>,
}

impl Plan {
    /// Whether a definition says that a version is deprecated.
    pub fn has_deprecated(&self) -> bool {
        let mut handles = self.modules.values().flat_map(|module| module.handles.values());
        let deprecated = |handle: &Handle| Some(handle.resource.definition.as_ref()?.deprecated.is_some());
        handles.any(|handle| deprecated(handle) == Some(true))
    }
}

/// What one module holds.
#[derive(Debug, Default)]
pub struct Module {
    /// The group-version that it is for; `None` for one of types alone.
    pub group_version: Option<GroupVersion>,
    /// What the client of the group-version is called: `AppsV1`.
    pub client: String,
    /// Structs, by name.
    pub structs: BTreeMap<String, Struct>,
    /// Enums, by name.
    pub enums: BTreeMap<String, Enum>,
    /// Lists of a kind, by name.
    pub lists: BTreeMap<String, List>,
    /// Resources, by plural.
    pub handles: BTreeMap<String, Handle>,
    /// Types that live elsewhere, by the name that a custom kind's module has for them.
    pub handed_on: BTreeMap<String, TypePath>,
}

impl Module {
    /// As long as anything in it is there.
    pub fn availability(&self) -> Availability {
        let structs = self.structs.values().map(|item| item.availability);
        let enums = self.enums.values().map(|item| item.availability);
        let lists = self.lists.values().map(|item| item.availability);
        Availability::of_all(
            structs.chain(enums).chain(lists).chain(self.handles.values().map(|handle| handle.availability)),
        )
    }
}

/// Decides what to write for a model.
///
/// `validation` says whether custom kinds get tables of what their schemas check.
///
/// # Errors
///
/// If a rule of the generator matches nothing in pinned documents.
pub fn plan(
    model: &Model,
    facts: &Facts,
    builtins: Option<&Builtins>,
    overrides: &Overrides,
    validation: bool,
) -> Result<Plan, Error> {
    let pinned = !facts.types.is_empty();
    if pinned {
        secret::check(model)?;
    }
    let mut plan = Plan {
        minors: if pinned || model.minors.len() > 1 { model.minors.clone() } else { Vec::new() },
        pinned,
        notes: model.notes.clone(),
        drift: model.drift.clone(),
        problems: model.missing.clone(),
        ..Default::default()
    };
    let (overrides, problems) = overrides.checked();
    plan.problems.extend(problems);
    let types = types::plan(model, facts, builtins, &overrides, &mut plan);
    if validation {
        validation::plan(model, &types, &mut plan);
    }
    cycles::break_up(&mut plan);
    handles::plan(model, facts, &types, &mut plan);
    plan.extensions = parameters::extensions(model);
    Ok(plan)
}
