//! The registry of a tree: its resources and types as data.

use std::collections::BTreeMap;

use super::{file::File, gate::Gates, kinds::spelled};
use crate::{
    Options, Target,
    error::Error,
    model::{Availability, Gvk, Operation, Payload, Verb},
    plan::{Handle, ModulePath, Plan, TypePath},
};

/// Types of `meta/v1` that are made by hand, and so are in no plan.
const BY_HAND: [&str; 1] = ["PartialObjectMetadata"];
const INDENT: &str = "        ";

/// The registry.
pub fn emit(plan: &Plan, options: &Options) -> Result<String, Error> {
    let mut file = File::new(plan, options, &ModulePath::Meta, Default::default(), Availability::default());
    file.docs("Every resource and every type of this tree, for programs that choose among them at run time.");
    let handles = plan.modules.values().flat_map(|module| module.handles.values());
    // Of two resources of one kind, the one that stands for it.
    let resources: String =
        handles.filter(|handle| handle.stands_for_kind).map(|handle| resource(file.gates, handle)).collect();
    let types = types(plan, &file);
    let core = options.core();
    file.text(&format!(
        "{core}::registry! {{\n    resources {{\n{resources}    }}\n    types {{\n{types}    }}\n}}\n"
    ))?;
    let meta = if options.target == Target::Crate { format!("use {core}::meta;\n") } else { String::new() };
    // What the newest minor has no more is in it as long as it is in the tree.
    let imports = format!(
        "#![allow(deprecated, unused_imports)]\n\npub use {core}::resource::{{RegisteredResource, RegisteredSubresource, RegisteredType, Registry}};\n\nuse super::*;\nuse {core}::codegen::List;\n{meta}"
    );
    file.finish_with(&imports, "registry.rs")
}

/// A resource, on a line of its own.
fn resource(gates: Gates, handle: &Handle) -> String {
    let (whole, own) = (Availability::default(), handle.availability);
    let mut found: BTreeMap<Verb, Availability> = BTreeMap::new();
    for (verb, operation) in handle.resource.operations.iter().chain(&handle.resource.all_namespaces) {
        let availability = operation.availability.within(own);
        found.entry(*verb).and_modify(|known| *known = known.or(availability)).or_insert(availability);
    }
    let mut text = gates.cfg_line(own, whole, INDENT);
    text.push_str(&format!("{INDENT}{} [{}] {{", spelled(&handle.object), verbs(gates, own, found)));
    for (name, subresource) in &handle.resource.subresources {
        let operations = &subresource.operations;
        let there = Availability::of_all(operations.values().map(|operation| operation.availability)).within(own);
        let found = operations.iter().map(|(verb, operation)| (*verb, operation.availability.within(there)));
        let (gate, verbs) = (gates.cfg_line(there, own, "").replace('\n', " "), verbs(gates, there, found));
        text.push_str(&format!(" {gate}{name:?} [{verbs}]{};", kind(operations.values())));
    }
    text.push_str(" }\n");
    text
}

fn verbs(gates: Gates, whole: Availability, verbs: impl IntoIterator<Item = (Verb, Availability)>) -> String {
    let gated = |(verb, own)| format!("{}{}", gates.cfg_line(own, whole, "").replace('\n', " "), api_verb(verb));
    verbs.into_iter().map(gated).collect::<Vec<_>>().join(" ")
}

/// What a subresource is about, as its operations say. Streams and text have no kind, though the documents name that of the
/// options.
fn kind<'a>(mut operations: impl Iterator<Item = &'a Operation>) -> String {
    let typed = |payload: &Option<Payload>| matches!(payload, Some(Payload::Schema(_)));
    let about = operations.find(|operation| typed(&operation.request) || typed(&operation.response));
    let kind = about.and_then(|operation| operation.kind.as_ref());
    kind.map(|Gvk { group, version, kind }| format!(" {group:?} {version:?} {kind:?}")).unwrap_or_default()
}

/// The types, each on a line of its own.
fn types(plan: &Plan, file: &File<'_>) -> String {
    let (gates, always) = (file.gates, Availability::default());
    let mut types = String::new();
    let mut add = |availability: Availability, ty: &str| {
        types.push_str(&format!("{}{INDENT}{ty};\n", gates.cfg_line(availability, always, INDENT)));
    };
    let whole = file.options.target == Target::Crate;
    let modules = plan.modules.iter().filter(|(module_path, _)| whole || **module_path != ModulePath::Meta);
    for (module_path, module) in modules {
        for (name, item) in &module.structs {
            add(item.availability, &spelled(&TypePath { module_path: module_path.clone(), name: name.clone() }));
        }
        for list in module.lists.values() {
            add(list.availability, &format!("List<{}>", spelled(&list.item)));
        }
    }
    for name in BY_HAND.into_iter().filter(|_| whole) {
        add(always, &format!("meta::v1::{name}"));
    }
    types
}

/// The verb as discovery and RBAC call it.
fn api_verb(verb: Verb) -> &'static str {
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
