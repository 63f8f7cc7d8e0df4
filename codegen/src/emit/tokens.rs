//! Names in one file: of the runtime, of this module, of others.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::gate::{Gates, cfg_text};
use crate::{
    Options,
    documents::Minor,
    model::Availability,
    plan::{Module, ModulePath, Plan, Ty, TypePath},
};

/// The types of `meta/v1` that come with everything else that generated code uses.
const META_PRELUDE: &[&str] = &[
    "Condition",
    "DeleteOptions",
    "LabelSelector",
    "LabelSelectorRequirement",
    "ListMeta",
    "ManagedFieldsEntry",
    "ObjectMeta",
    "OwnerReference",
    "Status",
];

/// Where a file's imports come from.
pub struct From<'a> {
    /// The crate of the types.
    pub core: &'a str,
    /// The module of what generated types stand on.
    pub types: String,
    /// The module of what handles stand on.
    pub handles: String,
    /// Whether the file has a handle.
    pub has_handles: bool,
    /// The line that puts handles behind a feature, if it takes one.
    pub client: &'a str,
}

/// Spells names as one file needs them, and remembers what it has to import for that.
pub struct Names {
    module_path: ModulePath,
    /// The types of this module, which shadow what else has their name.
    local: BTreeSet<String>,
    /// Of these, the types that stand in this very file.
    here: BTreeSet<String>,
    /// What is to be imported, each with the oldest minor that needs it.
    siblings: RefCell<BTreeMap<String, Minor>>,
    /// By the name that they have here.
    modules: RefCell<BTreeMap<String, (Minor, String)>>,
    /// What the file has in its own module besides, by its path, and what it hands on under a name of its own.
    own: BTreeMap<TypePath, String>,
    /// The crate that the tree stands beside.
    beside: String,
    meta: Cell<Option<Minor>>,
    qualified: Cell<Option<Minor>>,
    qualified_handles: Cell<Option<Minor>>,
    /// The minor whose item is being written.
    since: Cell<Minor>,
}

/// The older of two minors.
fn older(known: Option<Minor>, since: Minor) -> Option<Minor> {
    Some(known.map_or(since, |known| known.min(since)))
}

impl Names {
    /// For a file of a module, in which these types stand.
    pub fn new(plan: &Plan, options: &Options, module_path: &ModulePath, here: BTreeSet<String>) -> Self {
        let mut local: BTreeSet<String> = here.clone();
        if let Some(module) = plan.modules.get(module_path) {
            local.extend(module.structs.keys().chain(module.enums.keys()).chain(module.lists.keys()).cloned());
            local.extend(module.handles.values().map(|handle| handle.name.clone()));
        }
        Self {
            module_path: module_path.clone(),
            local,
            here,
            siblings: RefCell::default(),
            own: BTreeMap::new(),
            beside: format!("::{}", options.beside.as_ref().map_or("kubewright", |beside| &beside.path)),
            modules: RefCell::default(),
            meta: Cell::default(),
            qualified: Cell::default(),
            qualified_handles: Cell::default(),
            since: Cell::default(),
        }
    }

    /// Takes a custom kind's module into the file: its types, and those that it hands on.
    pub fn take_in(&mut self, module: &Module) {
        let structs = module.structs.values().map(|item| &item.path);
        let paths = structs.chain(module.enums.values().map(|item| &item.path));
        let own = paths.map(|path| (path.clone(), path.name.clone()));
        self.own.extend(own.chain(module.handed_on.iter().map(|(name, path)| (path.clone(), name.clone()))));
        self.local.extend(self.own.values().cloned());
        self.here.extend(self.own.values().cloned());
    }

    /// Writes something that is there in some minors alone: what it names is imported for these.
    pub fn within<T>(&self, availability: Availability, write: impl FnOnce() -> T) -> T {
        let before = self.since.replace(availability.since);
        let written = write();
        self.since.set(before);
        written
    }

    /// A name that handles stand on.
    pub fn handles(&self, name: &str) -> TokenStream {
        let ident = format_ident!("{name}");
        if self.local.contains(name) {
            self.qualified_handles.set(older(self.qualified_handles.get(), self.since.get()));
            quote!(handles::#ident)
        } else {
            quote!(#ident)
        }
    }

    /// A name that types stand on.
    pub fn rt(&self, name: &str) -> TokenStream {
        let ident = format_ident!("{name}");
        if self.local.contains(name) {
            self.qualified.set(older(self.qualified.get(), self.since.get()));
            quote!(rt::#ident)
        } else {
            quote!(#ident)
        }
    }

    /// A name of Rust's prelude.
    pub fn std(&self, name: &str, path: TokenStream) -> TokenStream {
        if self.local.contains(name) {
            return path;
        }
        let ident = format_ident!("{name}");
        quote!(#ident)
    }

    /// A generated type.
    pub fn path(&self, path: &TypePath) -> TokenStream {
        if let Some(name) = self.own.get(path) {
            let ident = format_ident!("{name}");
            return quote!(#ident);
        }
        let ident = format_ident!("{}", path.name);
        match &path.module_path {
            own if *own == self.module_path => {
                if !self.here.contains(&path.name) {
                    let mut siblings = self.siblings.borrow_mut();
                    let since = older(siblings.get(&path.name).copied(), self.since.get());
                    siblings.extend(since.map(|since| (path.name.clone(), since)));
                }
                quote!(#ident)
            }
            ModulePath::Meta if META_PRELUDE.contains(&path.name.as_str()) => self.rt(&path.name),
            ModulePath::Meta => {
                self.meta.set(older(self.meta.get(), self.since.get()));
                quote!(meta_v1::#ident)
            }
            ModulePath::Module { group, version } => {
                let alias = format!("{}_{version}", group.trim_end_matches('_'));
                self.below(alias, format!("{group}::{version}"), ident)
            }
            ModulePath::Kind { group, version, file } => {
                self.below(format!("{file}_module"), format!("{group}::{version}::{file}"), ident)
            }
            ModulePath::Shared { group: Some(group) } => {
                self.below(format!("{}_shared", group.trim_end_matches('_')), format!("{group}::shared"), ident)
            }
            ModulePath::Shared { group: None } => self.below("all_shared".to_owned(), "shared".to_owned(), ident),
            ModulePath::Beside { group, version } => {
                let alias = format!("{}_{version}", group.trim_end_matches('_'));
                self.below(alias, format!("{}::{group}::{version}", self.beside), ident)
            }
            // The plan has settled all of them.
            ModulePath::Unplaced => quote!(#ident),
        }
    }

    /// A type of a module below the tree's root, which is imported under another name.
    fn below(&self, alias: String, module: String, ident: Ident) -> TokenStream {
        let mut modules = self.modules.borrow_mut();
        let since = older(modules.get(&alias).map(|(since, _)| *since), self.since.get()).unwrap_or_default();
        let name = format_ident!("{alias}");
        modules.insert(alias, (since, module));
        quote!(#name::#ident)
    }

    /// The type of a field.
    pub fn ty(&self, ty: &Ty) -> TokenStream {
        match ty {
            Ty::Leaf(name) => self.rt(name),
            Ty::Primitive(name) => {
                let ident = format_ident!("{name}");
                quote!(#ident)
            }
            Ty::Message(path) | Ty::Enum(path) => self.path(path),
            Ty::List(inner) => self.generic(self.std("Vec", quote!(::std::vec::Vec)), inner),
            Ty::Map(inner) => self.generic(self.rt("Map"), inner),
            Ty::Option(inner) => self.generic(self.std("Option", quote!(::std::option::Option)), inner),
            Ty::Box(inner) => self.generic(self.std("Box", quote!(::std::boxed::Box)), inner),
            Ty::Nullable(inner) => self.generic(self.rt("Nullable"), inner),
            // It was parsed as a type before it got here.
            Ty::User(text) => text.parse().unwrap_or_default(),
        }
    }

    fn generic(&self, outer: TokenStream, inner: &Ty) -> TokenStream {
        let inner = self.ty(inner);
        quote!(#outer<#inner>)
    }

    /// What the file has to import: what types and handles stand on, from its own module, from others. `up` leads from this
    /// file to the tree's root; `whole` is how long the file is there.
    pub fn imports(&self, from: &From<'_>, up: &str, gates: Gates, whole: Availability) -> String {
        let From { core, types, handles, .. } = from;
        let gated = |since: Minor, import: String| {
            let gate = gates.since(Availability { since, until: None }, whole);
            format!("{}{import}", gate.map(|since| format!("{}\n", cfg_text(since))).unwrap_or_default())
        };
        let mut uses = vec![];
        if let Some(since) = self.qualified.get() {
            uses.push(gated(since, format!("use {types} as rt;\n")));
        }
        if let Some(since) = self.qualified_handles.get() {
            let cfg = if from.has_handles { from.client } else { "" };
            uses.push(gated(since, format!("{cfg}use {handles} as handles;\n")));
        }
        uses.push(format!("use {types}::*;\n"));
        if from.has_handles && handles != types {
            uses.push(format!("{}use {handles}::*;\n", from.client));
        }
        if let Some(since) = self.meta.get() {
            uses.push(gated(since, format!("use {core}::meta::v1 as meta_v1;\n")));
        }
        for (alias, (since, module)) in &*self.modules.borrow() {
            let up = if module.starts_with("::") { "" } else { up };
            uses.push(gated(*since, format!("use {up}{module} as {alias};\n")));
        }
        let mut siblings: BTreeMap<Option<Minor>, Vec<String>> = BTreeMap::new();
        for (name, since) in &*self.siblings.borrow() {
            let gate = gates.since(Availability { since: *since, until: None }, whole);
            siblings.entry(gate).or_default().push(name.clone());
        }
        for (gate, names) in siblings {
            let import = match names.as_slice() {
                [one] => format!("use super::{one};\n"),
                many => format!("use super::{{{}}};\n", many.join(", ")),
            };
            uses.push(gated(gate.unwrap_or_default(), import));
        }
        uses.concat()
    }
}
