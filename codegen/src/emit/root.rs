//! The root of a tree: its modules, and the trait that leads from a client into them.

use std::collections::BTreeMap;

use quote::{format_ident, quote};

use super::{
    doc,
    file::File,
    handle::{Gate, setter},
};
use crate::{
    Options, Target, Tree,
    error::Error,
    model::Availability,
    plan::{Extension, Module, ModulePath, Plan, names},
};

/// Lints that a tree does not follow, whatever the program that has it turns on; of clippy these are all of the pedantic
/// ones. Docs are the server's, field names may begin with a digit, and methods return types that must be used.
const LINTS: &str = "#![allow(dead_code, unused_imports)]
#![allow(clippy::doc_markdown)]
#![allow(clippy::must_use_candidate)]
#![allow(clippy::pub_underscore_fields)]
#![allow(clippy::wildcard_imports)]
";

/// Writes the root, the groups' own files, and what belongs to no group.
pub fn emit(plan: &Plan, options: &Options, tree: &mut Tree) -> Result<(), Error> {
    let folder = options.target.folder();
    let mut groups: BTreeMap<&str, Vec<(&str, &ModulePath, &Module)>> = BTreeMap::new();
    for (module_path, module) in &plan.modules {
        if let ModulePath::Module { group, version } = module_path {
            groups.entry(group).or_default().push((version, module_path, module));
        }
    }
    let availabilities: BTreeMap<&str, Availability> = groups
        .iter()
        .map(|(group, versions)| {
            (*group, Availability::of_all(versions.iter().map(|(_, _, module)| module.availability())))
        })
        .collect();
    for (group, versions) in &groups {
        let name = format!("{folder}{group}/mod.rs");
        tree.files.insert(name.clone(), emit_group(plan, options, group, versions, &name)?);
    }
    let clients: Vec<(&ModulePath, &Module)> = groups
        .values()
        .flatten()
        .filter(|(_, _, module)| module.group_version.is_some() && !module.handles.is_empty())
        .map(|(_, module_path, module)| (*module_path, *module))
        .collect();
    let name = format!("{folder}api_groups.rs");
    tree.files.insert(name.clone(), api_groups(plan, options, &clients, &name)?);
    if !plan.extensions.is_empty() {
        let name = format!("{folder}parameters.rs");
        tree.files.insert(name.clone(), parameters(plan, options, &name)?);
    }
    let name = format!("{folder}{}", options.target.root());
    tree.files.insert(name.clone(), root(plan, options, &availabilities, &name)?);
    Ok(())
}

fn emit_group(
    plan: &Plan,
    options: &Options,
    group: &str,
    versions: &[(&str, &ModulePath, &Module)],
    name: &str,
) -> Result<String, Error> {
    let mut file = blank(plan, options);
    let title = versions.iter().find_map(|(_, _, module)| Some(module.group_version.as_ref()?.group.as_str()));
    file.docs(&match title {
        Some("") => "The core group.".to_owned(),
        Some(title) => format!("The group `{title}`."),
        None => format!("Types of `{group}`."),
    });
    let whole = Availability::of_all(versions.iter().map(|(_, _, module)| module.availability()));
    let modules = versions.iter().map(|(version, _, module)| {
        let (version, gate) = (format_ident!("{version}"), file.gates.attributes(module.availability(), whole));
        quote!(#gate pub mod #version;)
    });
    let mut modules: Vec<_> = modules.collect();
    let shared = ModulePath::Shared { group: Some(group.to_owned()) };
    modules.extend(plan.modules.contains_key(&shared).then(|| {
        quote!(
            pub mod shared;
        )
    }));
    file.items(quote!(#(#modules)*));
    file.finish_with("", name)
}

fn root(plan: &Plan, options: &Options, groups: &BTreeMap<&str, Availability>, name: &str) -> Result<String, Error> {
    let mut file = blank(plan, options);
    file.docs("The API groups, and the trait that reaches them from a client: [`ApiGroups`].");
    let extensions = (!plan.extensions.is_empty()).then(|| format_ident!("parameters"));
    let traits = plan.extensions.iter().map(extension_name).collect::<Vec<_>>();
    let reexports = extensions.iter().map(|module| quote!(#[rustfmt::skip] pub use #module::{#(#traits),*};));
    let prelude = extensions.iter().map(|_| quote!(pub use super::{#(#traits as _),*};));
    let extensions = extensions.iter();
    let groups: Vec<_> = groups
        .iter()
        .map(|(group, availability)| {
            let (group, gate) =
                (format_ident!("{group}"), file.gates.attributes(*availability, Availability::default()));
            quote!(#gate #[rustfmt::skip] pub mod #group;)
        })
        .collect();
    let shared = plan.modules.contains_key(&ModulePath::Shared { group: None });
    let shared = shared.then(|| format_ident!("shared")).into_iter();
    let shared: Vec<_> = shared.map(|shared| quote!(#[rustfmt::skip] pub mod #shared;)).collect();
    let runtime: syn::Path = syn::parse_str(&options.runtime)
        .map_err(|error| Error::Emitted { path: options.runtime.clone(), message: error.to_string() })?;
    let version = env!("CARGO_PKG_VERSION");
    let behind = options.feature("client");
    let core = (options.target == Target::Crate).then(|| {
        quote!(
            pub use kubewright_core::prelude::*;
        )
    });
    let registry = (options.target == Target::Crate || options.registry).then(|| {
        let behind = options.feature("registry");
        quote!(#behind #[rustfmt::skip] pub mod registry;)
    });
    file.items(quote! {
        #behind
        #runtime::generated_for!(#version);
        #behind
        #[rustfmt::skip]
        mod api_groups;
        #(#behind #[rustfmt::skip] mod #extensions;)*
        #(#groups)*
        #registry
        #(#shared)*
        #behind
        pub use api_groups::ApiGroups;
        #(#behind #reexports)*
        /// Re-exports what most programs need: the client, extension traits, metadata, patches and watch events.
        #[rustfmt::skip]
        pub mod prelude {
            #core
            #behind
            pub use #runtime::prelude::*;
            #behind
            pub use super::ApiGroups;
            #(#behind #prelude)*
        }
    });
    // A tree is a module of a program that uses a part of it.
    let lints = match options.target {
        // What is deprecated is for programs to know; the tree itself has it all.
        Target::Tree if plan.has_deprecated() => LINTS.replacen("dead_code,", "dead_code, deprecated,", 1),
        Target::Tree => LINTS.to_owned(),
        Target::Crate | Target::Meta => String::new(),
    };
    file.finish_with(&lints, name)
}

fn api_groups(plan: &Plan, options: &Options, clients: &[(&ModulePath, &Module)], name: &str) -> Result<String, Error> {
    let mut file = blank(plan, options);
    file.docs("Methods of the client for each group-version.");
    let parts: Vec<_> = clients
        .iter()
        .filter_map(|(module_path, module)| match module_path {
            ModulePath::Module { group, version } => {
                let method = format_ident!("{}", method_name(group, version));
                let (group, version) = (format_ident!("{group}"), format_ident!("{version}"));
                let ty = format_ident!("{}", module.client);
                let path = quote!(super::#group::#version::#ty);
                let title = module.group_version.as_ref().map(ToString::to_string).unwrap_or_default();
                let availability = module.availability();
                let told = file
                    .gates
                    .told(availability, Availability::default())
                    .map(|told| format!(" {told}"))
                    .unwrap_or_default();
                let docs = doc::attributes(&format!("The resources of `{title}`.{told}"));
                let cfg = file.gates.cfg(availability, Availability::default());
                let deprecated = file.gates.deprecated(availability, Availability::default());
                Some((method, path, quote!(#docs #deprecated), cfg))
            }
            _ => None,
        })
        .collect();
    let declared = parts.iter().map(|(method, path, docs, cfg)| quote!(#docs #cfg fn #method(&self) -> #path;));
    let defined =
        parts.iter().map(|(method, path, _, cfg)| quote!(#cfg fn #method(&self) -> #path { #path::new(self) }));
    file.items(quote! {
        /// Methods of the client for each group-version of the API server.
        pub trait ApiGroups { #(#declared)* }
        impl ApiGroups for Client { #(#defined)* }
    });
    file.finish_with(&format!("use {}::Client;\n", options.handles()), name)
}

/// The method that leads to a group-version: `apps_v1`.
pub fn method_name(group: &str, version: &str) -> String {
    names::snake(&format!("{}_{version}", group.trim_end_matches('_')))
}

fn extension_name(extension: &Extension) -> proc_macro2::Ident {
    format_ident!("{}Parameters", extension.builder)
}

/// Traits with methods for the parameters that the runtime's builders do not know.
fn parameters(plan: &Plan, options: &Options, name: &str) -> Result<String, Error> {
    let mut file = blank(plan, options);
    file.docs("Query parameters of this server for which the runtime's request builders have no method.");
    for extension in &plan.extensions {
        let ident = extension_name(extension);
        let builder = format_ident!("{}", extension.builder);
        let docs = doc::attributes(&format!("Additional query parameters of [`{}`].", extension.builder));
        let defined: Vec<_> = extension
            .parameters
            .iter()
            .map(|parameter| {
                let whole = Availability::default();
                let gate = Gate { gates: file.gates, availability: parameter.availability, whole };
                let cfg = file.gates.cfg(parameter.availability, whole);
                (setter(&names::snake(&parameter.name), parameter, None, gate, &|query| quote!(self.#query)), cfg)
            })
            .collect();
        // A trait's methods have no bodies and no visibility; an impl's have no docs.
        let declared = defined.iter().map(|(tokens, _)| declare(tokens.clone()));
        let bodies = defined.iter().map(|(tokens, cfg)| {
            let body = define(tokens.clone());
            quote!(#cfg #body)
        });
        file.items(quote! {
            #docs
            #[allow(clippy::wrong_self_convention)]
            pub trait #ident: Sized { #(#declared)* }
            impl<K> #ident for #builder<K> { #(#bodies)* }
        });
    }
    file.finish_with(&format!("use {}::*;\n", options.handles()), name)
}

fn declare(method: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    use proc_macro2::{Delimiter, TokenTree};
    let kept = method.into_iter().filter(|tree| !matches!(tree, TokenTree::Ident(ident) if *ident == "pub"));
    kept.map(|tree| match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
            TokenTree::Punct(proc_macro2::Punct::new(';', proc_macro2::Spacing::Alone))
        }
        tree => tree,
    })
    .collect()
}

fn define(method: proc_macro2::TokenStream) -> proc_macro2::TokenStream {
    use proc_macro2::TokenTree;
    method.into_iter().skip_while(|tree| !matches!(tree, TokenTree::Ident(ident) if *ident == "fn")).collect()
}

fn blank<'a>(plan: &'a Plan, options: &'a Options) -> File<'a> {
    File::new(plan, options, &ModulePath::Meta, Default::default(), Availability::default())
}
