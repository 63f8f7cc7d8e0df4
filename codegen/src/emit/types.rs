//! A table of every type and of every kind that can be created, for tests that must leave none out.

use super::file::File;
use crate::{
    Options,
    error::Error,
    model::{Availability, Verb},
    plan::{Handle, MethodKind, ModulePath, Plan, TypePath},
};

/// The table.
pub fn emit(plan: &Plan, options: &Options) -> Result<String, Error> {
    let mut file = File::new(plan, options, &ModulePath::Meta, Default::default(), Availability::default());
    let (gates, always) = (file.gates, Availability::default());
    file.docs("Every message type, and every kind that can be created: for tests that must leave none out.");
    let (mut types, mut kinds, mut subresources) = (String::new(), String::new(), String::new());
    for (module_path, module) in &plan.modules {
        for (name, item) in &module.structs {
            types.push_str(&gates.cfg_line(item.availability, always, "    "));
            types.push_str(&format!(
                "    {};\n",
                spelled(&TypePath { module_path: module_path.clone(), name: name.clone() })
            ));
        }
        for list in module.lists.values() {
            types.push_str(&gates.cfg_line(list.availability, always, "    "));
            types.push_str(&format!("    List<{}>;\n", spelled(&list.item)));
        }
        for handle in module.handles.values().filter(|handle| handle.stands_for_kind) {
            // What the newest minor has no more can't be created there.
            if let Some(way) = way(handle).filter(|_| handle.availability.until.is_none()) {
                kinds.push_str(&gates.cfg_line(handle.availability, always, "            "));
                kinds.push_str(&format!("            {way} {};\n", spelled(&handle.object)));
            }
        }
        for handle in module.handles.values() {
            for method in &handle.methods {
                if let MethodKind::CreateSub { sub, request, .. } = &method.kind {
                    subresources.push_str(&gates.cfg_line(method.availability, always, "    "));
                    let (object, request) = (spelled(&handle.object), spelled(request));
                    subresources.push_str(&format!("    (\"{object}\", \"{sub}\", \"{request}\"),\n"));
                }
            }
        }
    }
    // The runtime's own types are described by the same documents, and not planned here.
    for name in META {
        types.push_str(&format!("    meta::v1::{name};\n"));
    }
    file.text(&format!("{HEAD}\ntypes! {{\n{types}}}\n"))?;
    file.text(&KINDS.replace("KINDS", kinds.trim_end()).replace("SUBRESOURCES,", subresources.trim()))?;
    let imports = "#![cfg_attr(rustfmt, rustfmt_skip)]\n#![allow(deprecated)]\n\nuse kubewright::message::{Message, MessageType};\nuse kubewright::*;\n";
    file.finish_with(imports, "tests/types.rs")
}

/// Types of `meta/v1` that stand for themselves; the others stand inside what is listed.
const META: [&str; 3] = ["DeleteOptions", "PartialObjectMetadata", "Status"];

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

fn spelled(path: &TypePath) -> String {
    match &path.module_path {
        ModulePath::Module { group, version } => format!("{group}::{version}::{}", path.name),
        _ => format!("meta::v1::{}", path.name),
    }
}

const HEAD: &str = "\
/// A type's path in the crate, and an empty message of it.
pub type Type = (&'static str, fn() -> Box<dyn Message>);

macro_rules! types {
    ($($(#[$meta:meta])* $ty:ty;)*) => {
        /// Every message type.
        pub const TYPES: &[Type] = &[$($(#[$meta])* (stringify!($ty), <$ty as MessageType>::boxed)),*];
    };
}

#[test]
fn every_table_names_each_field_and_its_place_in_protobuf_once() {
    assert!(TYPES.len() > 500, \"{} types\", TYPES.len());
    for (path, make) in TYPES {
        let fields = make().descriptor().fields;
        for (index, field) in fields.iter().enumerate() {
            let place = |field: &message::FieldDesc| (field.number, format!(\"{:?}\", field.wire));
            for other in &fields[..index] {
                assert_ne!(field.key, other.key, \"{path}\");
                assert!(field.number == 0 || place(field) != place(other), \"{path}: {} and {}\", field.key, other.key);
            }
        }
    }
}
";

const KINDS: &str = "\
/// Hands every kind that can be created to a macro, each with how: `stored`, or `stored_with_status` where the status
/// is written apart; or nothing is kept, and it is `answered`, or `answered_otherwise` by another kind.
#[allow(unused_macros)]
macro_rules! every_kind {
    ($each:ident) => {
        $each! {
KINDS
        }
    };
}

/// What is created below an object: the object's kind, the subresource, and what is sent.
#[allow(dead_code)]
pub const SUBRESOURCES_TO_CREATE: &[(&str, &str, &str)] = &[
    SUBRESOURCES,
];
";
