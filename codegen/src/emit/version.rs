//! A version of a group: its `mod.rs`, a file for each resource, and one for what they share.

use std::collections::{BTreeMap, BTreeSet};

use quote::{format_ident, quote};

use super::{
    doc,
    file::{CLIENT, File},
    handle,
};
use crate::{
    Options, Target,
    documents::GroupVersion,
    error::Error,
    model::Availability,
    plan::{Enum, Handle, List, Module, ModulePath, Plan, Struct, TypePath, client_name},
};

/// The file for types that do not belong to one resource alone.
const SHARED: &str = "shared";

/// The files of a version's folder, by name.
pub fn emit(
    plan: &Plan,
    options: &Options,
    module_path: &ModulePath,
    module: &Module,
) -> Result<Vec<(String, String)>, Error> {
    let owners = owners(module_path, module);
    let of = |owner: &str| {
        let own = |path: &TypePath| owners.get(path).map_or(SHARED, String::as_str) == owner;
        let structs: Vec<&Struct> = module.structs.values().filter(|item| own(&item.path)).collect();
        let enums: Vec<&Enum> = module.enums.values().filter(|item| own(&item.path)).collect();
        let lists: Vec<(&String, &List)> = module.lists.iter().filter(|(_, list)| own(&list.item)).collect();
        (structs, enums, lists)
    };
    let mut files = Vec::new();
    let mut modules = Vec::new();
    let stems = module.handles.values().map(|handle| (handle.method.clone(), Some(handle)));
    for (stem, handle) in stems.chain([(SHARED.to_owned(), None)]) {
        let (structs, enums, lists) = of(&stem);
        if handle.is_none() && structs.is_empty() && enums.is_empty() && lists.is_empty() {
            continue;
        }
        let mut here: BTreeSet<String> = structs.iter().map(|item| item.path.name.clone()).collect();
        here.extend(enums.iter().map(|item| item.path.name.clone()));
        here.extend(lists.iter().map(|(name, _)| (*name).clone()));
        let availabilities =
            structs.iter().map(|item| item.availability).chain(enums.iter().map(|item| item.availability));
        let availabilities = availabilities
            .chain(lists.iter().map(|(_, list)| list.availability))
            .chain(handle.map(|handle| handle.availability));
        let availability = Availability::of_all(availabilities);
        let mut file = File::new(plan, options, module_path, here, availability);
        let title = file.title(module_path);
        match handle {
            Some(handle) => {
                file.docs(&format!("`{}` of `{title}`.", handle.resource.plural));
                let tokens = file.names.within(handle.availability, || handle::emit(&file, handle));
                file.items(tokens);
                file.has_handles = true;
            }
            None => file.docs(&format!("Types shared by more than one resource of `{title}`.")),
        }
        file.types(structs.into_iter(), enums.into_iter())?;
        for (name, known) in lists {
            let (ident, list) = (format_ident!("{name}"), file.names.rt("List"));
            let item_ty = file.names.within(known.availability, || file.names.path(&known.item));
            let docs = doc::attributes(&format!("A list of {}.", known.item.name));
            let gate = file.gates.attributes(known.availability, availability);
            file.items(quote!(#docs #gate pub type #ident = #list<#item_ty>;));
        }
        let name = format!("{stem}.rs");
        files.push((name.clone(), file.finish(&name)?));
        modules.push((stem, availability));
    }
    modules.sort_by(|(a, _), (b, _)| a.cmp(b));
    files.push(("mod.rs".to_owned(), index(plan, options, module_path, module, &modules)?));
    Ok(files)
}

/// Which file a type stands in: that of the only resource it is reachable from.
fn owners(module_path: &ModulePath, module: &Module) -> BTreeMap<TypePath, String> {
    let mut reached: BTreeMap<TypePath, BTreeSet<&str>> = BTreeMap::new();
    let roots = module.handles.values().filter(|handle| handle.stands_for_kind);
    let roots: Vec<(&TypePath, &str)> = roots.map(|handle| (&handle.object, handle.method.as_str())).collect();
    let others = module
        .structs
        .values()
        .filter(|item| item.kind.is_some() && !roots.iter().any(|(path, _)| **path == item.path));
    let others: Vec<(&TypePath, &str)> = others.map(|item| (&item.path, SHARED)).collect();
    for (root, owner) in roots.into_iter().chain(others) {
        let mut next = vec![root.clone()];
        while let Some(path) = next.pop() {
            if path.module_path != *module_path || !reached.entry(path.clone()).or_default().insert(owner) {
                continue;
            }
            let fields = module.structs.get(&path.name).map(|item| item.fields.as_slice()).unwrap_or_default();
            next.extend(fields.iter().filter_map(|field| field.ty.generated().cloned()));
        }
    }
    let alone =
        reached.into_iter().filter_map(|(path, owners)| match owners.into_iter().collect::<Vec<_>>().as_slice() {
            [owner] => Some((path, (*owner).to_owned())),
            _ => None,
        });
    // A type that another group's types use has no resource here that reaches it, or is shared in any case.
    alone.collect()
}

/// The `mod.rs`: the files, and the client of the group-version.
fn index(
    plan: &Plan,
    options: &Options,
    module_path: &ModulePath,
    module: &Module,
    modules: &[(String, Availability)],
) -> Result<String, Error> {
    let whole = module.availability();
    let mut file = File::new(plan, options, module_path, BTreeSet::new(), whole);
    let text = describe(&file, module, module_path);
    file.docs(&text);
    for handle in module.handles.values() {
        file.docs_line(&format!("- `{}`: [`{}`]", handle.resource.plural, handle.name), handle.availability);
    }
    for (name, availability) in modules {
        let (name, gate) = (format_ident!("{name}"), file.gates.attributes(*availability, whole));
        file.items(quote!(#gate mod #name;));
    }
    for (name, availability) in modules {
        let (name, gate) = (format_ident!("{name}"), file.gates.cfg(*availability, whole));
        file.items(quote!(#gate pub use #name::*;));
    }
    let mut imports = String::new();
    if let Some(group_version) = module.group_version.as_ref().filter(|_| !module.handles.is_empty()) {
        // Names of the runtime are spelled in full here: an import would meet those that are handed on.
        imports =
            format!("{}use {} as rt;\n", if options.target == Target::Crate { CLIENT } else { "" }, options.handles());
        let name = format_ident!("{}", client_name(module_path));
        let docs = doc::attributes(&format!("The resources of `{group_version}`."));
        let methods = module.handles.values().map(|handle| constructors(&file, handle));
        let behind = options.feature("client");
        file.items(quote! {
            #docs
            #behind
            #[derive(Clone, Debug)]
            pub struct #name(rt::Client);
            #behind
            impl #name {
                /// Creates a client of this group-version that sends its calls through `client`.
                pub fn new(client: &rt::Client) -> Self { Self(client.clone()) }
                #(#methods)*
            }
        });
    }
    file.finish_with(&imports, "mod.rs")
}

fn constructors(file: &File<'_>, handle: &Handle) -> proc_macro2::TokenStream {
    let method = format_ident!("{}", handle.method);
    let ty = format_ident!("{}", handle.name);
    let resource = &handle.resource;
    let docs = doc::attributes(&if resource.namespaced {
        format!("`{}` in a namespace.", resource.plural)
    } else {
        format!("`{}`.", resource.plural)
    });
    let whole = file.availability;
    let gate = file.gates.attributes(handle.availability, whole);
    if !resource.namespaced {
        return quote!(#docs #gate pub fn #method(&self) -> #ty { #ty::new(&self.0) });
    }
    let everywhere = handle.in_all_namespaces.filter(|_| handle.stands_for_kind).map(|availability| {
        let gate = file.gates.attributes(availability, whole);
        let method = format_ident!("{}_in_all_namespaces", handle.method);
        let object = file.names.path(&handle.object);
        let docs = doc::attributes(&format!("`{}` in all namespaces.", resource.plural));
        quote!(#docs #gate pub fn #method(&self) -> rt::AllNamespaces<#object> { rt::AllNamespaces::new(&self.0) })
    });
    quote! {
        #docs
        #gate
        pub fn #method(&self, namespace: &str) -> #ty { #ty::new(&self.0, namespace) }
        #everywhere
    }
}

fn describe(file: &File<'_>, module: &Module, module_path: &ModulePath) -> String {
    let Some(group_version) = &module.group_version else {
        return format!("Types of `{}`.", file.title(module_path));
    };
    let mut text = format!("`{group_version}`: {}.", stability(group_version));
    match (file.gates.told(file.availability, Availability::default()), file.plan.minors.first()) {
        // The oldest minor that is pinned: earlier ones may have it too, but nothing here says so.
        (None, Some(oldest)) => {
            text.push_str(&format!(" Available since Kubernetes 1.{oldest} or earlier"));
            text.push_str(if file.plan.minors.len() > 1 { "; later additions are marked." } else { "." });
        }
        (told, _) => text.extend(told.map(|told| format!(" {told}"))),
    }
    if !module.handles.is_empty() {
        text.push_str("\n\nResources:\n\n");
    }
    text
}

/// <https://kubernetes.io/docs/reference/using-api/#api-versioning>
fn stability(group_version: &GroupVersion) -> &'static str {
    if group_version.version.contains("alpha") {
        "alpha, disabled by default, and may change or be removed without notice"
    } else if group_version.version.contains("beta") {
        "beta, well tested, and may change in a later beta or stable version"
    } else {
        "stable"
    }
}
