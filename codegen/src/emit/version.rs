//! A version of a group: its `mod.rs`, a file for each resource, and one for what they share.

use std::collections::{BTreeMap, BTreeSet};

use quote::{format_ident, quote};

use super::{
    definition, doc,
    file::{CLIENT, File},
    handle,
};
use crate::{
    Options, Target,
    documents::GroupVersion,
    error::Error,
    model::Availability,
    plan::{Enum, Handle, List, MethodKind, Module, ModulePath, Plan, Struct, TypePath},
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
    let kinds = kind_modules(plan, module_path);
    let of = |owner: &str| {
        let own = |path: &TypePath| owners.get(path).map_or(SHARED, String::as_str) == owner;
        let structs: Vec<&Struct> = module.structs.values().filter(|item| own(&item.path)).collect();
        let enums: Vec<&Enum> = module.enums.values().filter(|item| own(&item.path)).collect();
        let lists: Vec<(&String, &List)> = module.lists.iter().filter(|(_, list)| own(&list.item)).collect();
        (structs, enums, lists)
    };
    let mut files = Vec::new();
    let mut modules = Vec::new();
    let mut stems: BTreeMap<String, Option<&Handle>> =
        kinds.keys().map(|file| ((*file).to_owned(), None)).chain([(SHARED.to_owned(), None)]).collect();
    stems.extend(module.handles.values().map(|handle| (handle.method.clone(), Some(handle))));
    for (stem, handle) in stems {
        let (mut structs, mut enums, lists) = of(&stem);
        let kind = kinds.get(stem.as_str()).copied();
        structs.extend(kind.into_iter().flat_map(|kind| kind.structs.values()));
        enums.extend(kind.into_iter().flat_map(|kind| kind.enums.values()));
        if kind.is_none() && handle.is_none() && structs.is_empty() && enums.is_empty() && lists.is_empty() {
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
        if let Some(kind) = kind {
            file.take_in(kind);
        }
        let title = file.title(module_path);
        match handle {
            Some(handle) => {
                file.docs(&format!("`{}` of `{title}`.", handle.resource.plural));
                let tokens = file.names.within(handle.availability, || handle::emit(&file, handle));
                file.items(tokens);
                file.has_handles = true;
            }
            None if kind.is_some() => file.docs(&format!("Types of `{title}`.")),
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

/// The modules of the custom kinds of a version, by name.
fn kind_modules<'a>(plan: &'a Plan, module_path: &ModulePath) -> BTreeMap<&'a str, &'a Module> {
    let ModulePath::Module { group: own_group, version: own_version } = module_path else { return BTreeMap::new() };
    let modules = plan.modules.iter().filter_map(|(path, module)| match path {
        ModulePath::Kind { group, version, file } if group == own_group && version == own_version => {
            Some((file.as_str(), module))
        }
        _ => None,
    });
    modules.collect()
}

/// What the modules of custom kinds have that stands in their version too: the kind, its handle and lists, and what is in
/// the kind's own fields, its spec and status. Where two kinds have one name for something, it is that of the kind whose
/// spec or status it is, or of none.
fn flat<'a>(
    module_path: &ModulePath,
    module: &'a Module,
    kinds: &BTreeMap<&'a str, &'a Module>,
) -> BTreeMap<&'a str, BTreeSet<String>> {
    let owners = owners(module_path, module);
    let mut own: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut found: BTreeMap<String, Vec<(&str, bool)>> = BTreeMap::new();
    for handle in module.handles.values() {
        let Some((file, kind)) = kinds.get_key_value(handle.method.as_str()) else { continue };
        let names = own.entry(file).or_default();
        names.insert(handle.name.clone());
        names.extend(handle.methods.iter().filter_map(|method| match &method.kind {
            MethodKind::Text(request) => Some(request.name.clone()),
            _ => None,
        }));
        let of_file = |path: &TypePath| owners.get(path).is_some_and(|owner| owner == file);
        names.extend(
            module.structs.values().map(|item| &item.path).filter(|path| of_file(path)).map(|path| path.name.clone()),
        );
        names.extend(
            module.enums.values().map(|item| &item.path).filter(|path| of_file(path)).map(|path| path.name.clone()),
        );
        names.extend(module.lists.iter().filter(|(_, list)| of_file(&list.item)).map(|(name, _)| name.clone()));
        let fields = module.structs.get(&handle.object.name).map(|item| item.fields.as_slice()).unwrap_or_default();
        for field in fields {
            let Some(path) = field.ty.generated() else { continue };
            let handed = kind.handed_on.iter().find(|(_, handed)| *handed == path).map(|(name, _)| name);
            let named = matches!(path.module_path, ModulePath::Kind { .. }).then_some(&path.name);
            if let Some(name) = handed.or(named) {
                let first = matches!(field.json.as_str(), "spec" | "status");
                found.entry(name.clone()).or_default().push((file, first));
            }
        }
    }
    let taken: BTreeSet<&String> = module
        .structs
        .keys()
        .chain(module.enums.keys())
        .chain(module.lists.keys())
        .chain(own.values().flatten())
        .collect();
    let mut chosen: Vec<(&str, String)> = Vec::new();
    for (name, mut files) in found {
        files.dedup();
        if files.len() > 1 {
            files.retain(|(_, first)| *first);
        }
        if let ([(file, _)], false) = (files.as_slice(), taken.contains(&name)) {
            chosen.push((file, name));
        }
    }
    for file in kinds.keys() {
        own.entry(file).or_default();
    }
    for (file, name) in chosen {
        own.entry(file).or_default().insert(name);
    }
    own.retain(|_, names| !names.is_empty());
    own
}

/// What several custom kinds share: of a group, or of the tree.
pub fn emit_shared(plan: &Plan, options: &Options, module_path: &ModulePath, module: &Module) -> Result<String, Error> {
    let here = module.structs.keys().chain(module.enums.keys()).cloned().collect();
    let mut file = File::new(plan, options, module_path, here, module.availability());
    match module_path {
        ModulePath::Shared { group: Some(_) } => {
            file.up = "super::super::";
            file.docs("Types that several kinds or versions of the group have. The module of each kind has all that its kind has.");
        }
        _ => {
            file.up = "super::";
            file.docs("Types that several groups have. The module of each kind has all that its kind has.");
        }
    }
    file.types(module.structs.values(), module.enums.values())?;
    file.finish("shared.rs")
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
    let kinds = kind_modules(plan, module_path);
    for (name, availability) in modules {
        let public = kinds.contains_key(name.as_str()).then(|| quote!(pub));
        let (name, gate) = (format_ident!("{name}"), file.gates.attributes(*availability, whole));
        file.items(quote!(#gate #public mod #name;));
    }
    let flat = flat(module_path, module, &kinds);
    for (name, availability) in modules {
        let (module, gate) = (format_ident!("{name}"), file.gates.cfg(*availability, whole));
        match flat.get(name.as_str()) {
            None => file.items(quote!(#gate pub use #module::*;)),
            Some(names) => {
                let names = names.iter().map(|name| format_ident!("{name}"));
                file.items(quote!(#gate pub use #module::{#(#names),*};));
            }
        }
    }
    let mut imports = String::new();
    if let Some(group_version) = module.group_version.as_ref().filter(|_| !module.handles.is_empty()) {
        // Names of the runtime are spelled in full here: an import would meet those that are handed on.
        imports =
            format!("{}use {} as rt;\n", if options.target == Target::Crate { CLIENT } else { "" }, options.handles());
        let name = format_ident!("{}", module.client);
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
    let warned = definition::deprecated(handle);
    let gate = quote!(#gate #warned);
    if !resource.namespaced {
        return quote!(#docs #gate pub fn #method(&self) -> #ty { #ty::new(&self.0) });
    }
    let everywhere = handle.in_all_namespaces.filter(|_| handle.stands_for_kind).map(|availability| {
        let gate = file.gates.attributes(availability, whole);
        let gate = quote!(#gate #warned);
        let method = format_ident!("{}_in_all_namespaces", handle.method.trim_end_matches('_'));
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
