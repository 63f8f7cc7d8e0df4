//! A table of every kind that can be created, for tests that must leave none out.

use super::file::File;
use crate::{
    Options,
    error::Error,
    model::{Availability, Verb},
    plan::{Handle, MethodKind, ModulePath, Plan, TypePath},
};

/// The table. A macro, since generic code needs the types themselves; what can do without them takes the registry.
pub fn emit(plan: &Plan, options: &Options) -> Result<String, Error> {
    let mut file = File::new(plan, options, &ModulePath::Meta, Default::default(), Availability::default());
    let (gates, always) = (file.gates, Availability::default());
    file.docs("Every kind that can be created, for tests that must cover all of them.");
    let mut kinds = String::new();
    for module in plan.modules.values() {
        for handle in module.handles.values().filter(|handle| handle.stands_for_kind) {
            // What the newest minor has no more can't be created there.
            if let Some(way) = way(handle).filter(|_| handle.availability.until.is_none()) {
                kinds.push_str(&gates.cfg_line(handle.availability, always, "            "));
                kinds.push_str(&format!("            {way} {};\n", spelled(&handle.object)));
            }
        }
    }
    file.text(&KINDS.replace("KINDS", kinds.trim_end()))?;
    file.finish_with("#![cfg_attr(rustfmt, rustfmt_skip)]\n", "tests/kinds/mod.rs")
}

/// How a kind's objects are made, if they can be.
fn way(handle: &Handle) -> Option<&'static str> {
    let answered = handle.methods.iter().any(|method| matches!(method.kind, MethodKind::CreateAs { .. }));
    if answered {
        return Some("answered_otherwise");
    }
    if !handle.verbs.iter().any(|(verb, _)| *verb == Verb::Create) {
        return None;
    }
    if !handle.verbs.iter().any(|(verb, _)| *verb == Verb::Get) {
        return Some("answered");
    }
    let status = |kind: &MethodKind| matches!(kind, MethodKind::ReplaceSub { sub } if sub == "status");
    Some(if handle.methods.iter().any(|method| status(&method.kind)) { "stored_with_status" } else { "stored" })
}

/// A type's path in the tree.
pub fn spelled(path: &TypePath) -> String {
    let name = &path.name;
    match &path.module_path {
        ModulePath::Module { group, version } | ModulePath::Beside { group, version } => {
            format!("{group}::{version}::{name}")
        }
        ModulePath::Kind { group, version, file } => format!("{group}::{version}::{file}::{name}"),
        ModulePath::Shared { group: Some(group) } => format!("{group}::shared::{name}"),
        ModulePath::Shared { group: None } | ModulePath::Unplaced => format!("shared::{name}"),
        ModulePath::Meta => format!("meta::v1::{name}"),
    }
}

const KINDS: &str = "\
/// Passes every kind that can be created to a macro, each with what a create does: the object is `stored`, or
/// `stored_with_status` if the status is a subresource; or it is not stored, and the response has the same kind
/// (`answered`) or another one (`answered_otherwise`).
#[allow(unused_macros)]
macro_rules! every_kind {
    ($each:ident) => {
        $each! {
KINDS
        }
    };
}
";
