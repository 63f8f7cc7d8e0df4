//! Names in one file: of the runtime, of this module, of others.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::plan::{Home, Plan, Ty, TypePath};

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

/// Spells names as one file needs them, and remembers what it has to import for that.
pub struct Names {
    home: Home,
    /// The types of this module, which shadow what else has their name.
    local: BTreeSet<String>,
    /// Of these, the types that stand in this very file.
    here: BTreeSet<String>,
    siblings: RefCell<BTreeSet<String>>,
    modules: RefCell<BTreeMap<String, (String, String)>>,
    meta: RefCell<BTreeSet<String>>,
    qualified: Cell<bool>,
}

impl Names {
    /// For a file of a module, in which these types stand.
    pub fn new(plan: &Plan, home: &Home, here: BTreeSet<String>) -> Self {
        let mut local: BTreeSet<String> = here.clone();
        if let Some(module) = plan.modules.get(home) {
            local.extend(module.structs.keys().chain(module.enums.keys()).chain(module.lists.keys()).cloned());
            local.extend(module.handles.values().map(|handle| handle.name.clone()));
        }
        Self {
            home: home.clone(),
            local,
            here,
            siblings: RefCell::default(),
            modules: RefCell::default(),
            meta: RefCell::default(),
            qualified: Cell::new(false),
        }
    }

    /// A name of the runtime.
    pub fn rt(&self, name: &str) -> TokenStream {
        let ident = format_ident!("{name}");
        if self.local.contains(name) {
            self.qualified.set(true);
            quote!(rt::#ident)
        } else {
            quote!(#ident)
        }
    }

    /// A name of Rust's prelude.
    fn std(&self, name: &str, path: TokenStream) -> TokenStream {
        if self.local.contains(name) {
            return path;
        }
        let ident = format_ident!("{name}");
        quote!(#ident)
    }

    /// A generated type.
    pub fn path(&self, path: &TypePath) -> TokenStream {
        let ident = format_ident!("{}", path.name);
        match &path.home {
            own if *own == self.home => {
                if !self.here.contains(&path.name) {
                    self.siblings.borrow_mut().insert(path.name.clone());
                }
                quote!(#ident)
            }
            Home::Meta if META_PRELUDE.contains(&path.name.as_str()) => self.rt(&path.name),
            Home::Meta => {
                self.meta.borrow_mut().insert(path.name.clone());
                quote!(meta_v1::#ident)
            }
            Home::Module { group, version } => {
                let alias = format!("{}_{version}", group.trim_end_matches('_'));
                self.modules.borrow_mut().insert(alias.clone(), (group.clone(), version.clone()));
                let alias = format_ident!("{alias}");
                quote!(#alias::#ident)
            }
        }
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
        }
    }

    fn generic(&self, outer: TokenStream, inner: &Ty) -> TokenStream {
        let inner = self.ty(inner);
        quote!(#outer<#inner>)
    }

    /// What the file has to import: from the runtime (by its path), from its own module, from others. `up` leads from
    /// this file to the tree's root.
    pub fn imports(&self, runtime: &str, up: &str) -> String {
        let mut uses = vec![format!("use {runtime}::generated::*;\n")];
        if self.qualified.get() {
            uses.insert(0, format!("use {runtime}::generated as rt;\n"));
        }
        if !self.meta.borrow().is_empty() {
            uses.push(format!("use {runtime}::meta::v1 as meta_v1;\n"));
        }
        for (alias, (group, version)) in &*self.modules.borrow() {
            uses.push(format!("use {up}{group}::{version} as {alias};\n"));
        }
        let siblings = self.siblings.borrow();
        let siblings: Vec<&str> = siblings.iter().map(String::as_str).collect();
        match siblings.as_slice() {
            [] => {}
            [one] => uses.push(format!("use super::{one};\n")),
            many => uses.push(format!("use super::{{{}}};\n", many.join(", "))),
        }
        uses.concat()
    }
}
