//! The registry of a tree: its resources and types as data.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::{file::File, kinds::spelled};
use crate::{
    Options, Target,
    error::Error,
    model::{Availability, Gvk, Operation, Payload, Verb},
    plan::{Handle, ModulePath, Plan, TypePath},
};

/// Types of `meta/v1` that are made by hand, and so are in no plan.
const BY_HAND: [&str; 1] = ["PartialObjectMetadata"];

/// The registry.
pub fn emit(plan: &Plan, options: &Options) -> Result<String, Error> {
    let mut file = File::new(plan, options, &ModulePath::Meta, Default::default(), Availability::default());
    file.docs("Every resource and every type of this tree, for programs that choose among them at run time.");
    let resources: Vec<_> =
        plan.modules.values().flat_map(|module| module.handles.values()).filter_map(|it| resource(&file, it)).collect();
    let types = types(plan, &file);
    file.items(quote! {
        /// Registry of every resource and every type of this tree.
        pub static REGISTRY: Registry = Registry::new(RESOURCES, TYPES);
        const RESOURCES: &[RegisteredResource] = &[#(#resources),*];
        const TYPES: &[RegisteredType] = &[#(#types),*];
    });
    let core = options.core();
    // What the newest minor has no more is in it as long as it is in the tree.
    let imports = format!(
        "#![allow(deprecated, unused_imports)]\n\npub use {core}::resource::{{RegisteredResource, RegisteredSubresource, RegisteredType, Registry}};\n\nuse {core}::codegen::{{Gvk, List}};\nuse {core}::meta;\n"
    );
    file.finish_with(&imports, "registry.rs")
}

/// A resource, unless another one stands for its kind.
fn resource(file: &File<'_>, handle: &Handle) -> Option<TokenStream> {
    if !handle.stands_for_kind {
        return None;
    }
    let (whole, own) = (Availability::default(), handle.availability);
    let gate = file.gates.cfg(own, whole);
    let object = tokens(&handle.object);
    let mut verbs: BTreeMap<Verb, Availability> = BTreeMap::new();
    for (verb, operation) in handle.resource.operations.iter().chain(&handle.resource.all_namespaces) {
        let availability = operation.availability.within(own);
        verbs.entry(*verb).and_modify(|known| *known = known.or(availability)).or_insert(availability);
    }
    let verbs = verbs.into_iter().map(|(verb, availability)| {
        let (gate, verb) = (file.gates.cfg(availability, own), api_verb(verb));
        quote!(#gate #verb)
    });
    let subresources = handle.resource.subresources.iter().map(|(name, subresource)| {
        let operations = &subresource.operations;
        let there = Availability::of_all(operations.values().map(|operation| operation.availability)).within(own);
        let gate = file.gates.cfg(there, own);
        let verbs = operations.iter().map(|(verb, operation)| {
            let (gate, verb) = (file.gates.cfg(operation.availability.within(there), there), api_verb(*verb));
            quote!(#gate #verb)
        });
        let kind = kind(operations.values());
        quote!(#gate RegisteredSubresource::new(#name, &[#(#verbs),*], #kind))
    });
    Some(quote!(#gate RegisteredResource::of::<#object>(&[#(#verbs),*], &[#(#subresources),*])))
}

/// What a subresource is about, as its operations say. Streams and text have no kind, though the documents name that of the
/// options.
fn kind<'a>(mut operations: impl Iterator<Item = &'a Operation>) -> TokenStream {
    let typed = |payload: &Option<Payload>| matches!(payload, Some(Payload::Schema(_)));
    let about = operations.find(|operation| typed(&operation.request) || typed(&operation.response));
    match about.and_then(|operation| operation.kind.as_ref()) {
        Some(Gvk { group, version, kind }) => {
            quote!(Some(Gvk { group: #group, version: #version, kind: #kind }))
        }
        None => quote!(None),
    }
}

fn types(plan: &Plan, file: &File<'_>) -> Vec<TokenStream> {
    let (gates, always) = (file.gates, Availability::default());
    let mut types = Vec::new();
    let mut add = |availability: Availability, path: String, ty: TokenStream| {
        let gate = gates.cfg(availability, always);
        types.push(quote!(#gate RegisteredType::of::<#ty>(#path)));
    };
    let whole = file.options.target == Target::Crate;
    let modules = plan.modules.iter().filter(|(module_path, _)| whole || **module_path != ModulePath::Meta);
    for (module_path, module) in modules {
        for (name, item) in &module.structs {
            let path = TypePath { module_path: module_path.clone(), name: name.clone() };
            add(item.availability, spelled(&path), tokens(&path));
        }
        for list in module.lists.values() {
            let item = tokens(&list.item);
            add(list.availability, format!("List<{}>", spelled(&list.item)), quote!(List<#item>));
        }
    }
    for name in BY_HAND.into_iter().filter(|_| whole) {
        let ident = format_ident!("{name}");
        add(always, format!("meta::v1::{name}"), quote!(meta::v1::#ident));
    }
    types
}

/// A type as it is named from the registry's module.
fn tokens(path: &TypePath) -> TokenStream {
    let segments = spelled(path);
    let segments = segments.split("::").map(|segment| format_ident!("{segment}"));
    match path.module_path {
        ModulePath::Meta => quote!(#(#segments)::*),
        _ => quote!(super #(::#segments)*),
    }
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
