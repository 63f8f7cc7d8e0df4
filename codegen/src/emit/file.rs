//! One generated file.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;

use super::{
    gate::{Gates, cfg_text, feature},
    tokens::{From, Names},
};
use crate::{
    Options, Target,
    documents::Minor,
    error::Error,
    model::Availability,
    plan::{Enum, Module, ModulePath, Plan, Struct},
};

/// In the crate `kubewright`, what handles are behind.
pub const CLIENT: &str = "#[cfg(feature = \"client\")]\n";

/// A file in the making.
pub struct File<'a> {
    pub plan: &'a Plan,
    pub options: &'a Options,
    pub names: Names,
    pub gates: Gates,
    /// In which minors the file is there.
    pub availability: Availability,
    /// From this file's module to the tree's root: `super::super::`.
    pub up: &'static str,
    /// Whether there is a handle among the items.
    pub has_handles: bool,
    /// What the file hands on of other modules, as text.
    handed_on: String,
    /// The enums of unions that it hands on: the module, their names there and here.
    unions: Vec<(&'static str, String, String)>,
    docs: String,
    items: String,
    /// Items that prettyplease will print.
    pending: TokenStream,
}

impl<'a> File<'a> {
    /// A file of a version's module, in which these types stand.
    pub fn new(
        plan: &'a Plan,
        options: &'a Options,
        module_path: &ModulePath,
        here: BTreeSet<String>,
        availability: Availability,
    ) -> Self {
        let names = Names::new(plan, options, module_path, here);
        Self {
            plan,
            options,
            names,
            gates: Gates::new(plan, options),
            availability,
            up: "super::super::super::",
            has_handles: false,
            handed_on: String::new(),
            unions: Vec::new(),
            docs: String::new(),
            items: String::new(),
            pending: TokenStream::new(),
        }
    }

    /// The runtime's own file.
    pub fn meta(plan: &'a Plan, options: &'a Options) -> Self {
        let module = plan.modules.get(&ModulePath::Meta);
        let here =
            module.into_iter().flat_map(|module| module.structs.keys().chain(module.enums.keys())).cloned().collect();
        let mut file = Self::new(plan, options, &ModulePath::Meta, here, Availability::default());
        file.docs("The types of `meta/v1`, from the API server's documents.");
        file
    }

    /// Takes the module of a custom kind into the file.
    pub fn take_in(&mut self, module: &Module) {
        self.names.take_in(module);
        let mut handed: BTreeMap<(Option<Minor>, &str), Vec<String>> = BTreeMap::new();
        for (name, path) in &module.handed_on {
            let home = self.plan.modules.get(&path.module_path);
            let availability = home.and_then(|home| {
                let item = home.structs.get(&path.name).map(|item| item.availability);
                item.or_else(|| Some(home.enums.get(&path.name)?.availability))
            });
            let gate = self.gates.since(availability.unwrap_or_default(), self.availability);
            let from = match &path.module_path {
                ModulePath::Shared { group: Some(_) } => "super::super::shared",
                _ => "super::super::super::shared",
            };
            let union = home.and_then(|home| home.structs.get(&path.name)).is_some_and(|item| !item.one_of.is_empty());
            self.unions.extend(union.then(|| (from, path.name.clone(), name.clone())));
            let name = if *name == path.name { name.clone() } else { format!("{} as {name}", path.name) };
            handed.entry((gate, from)).or_default().push(name);
        }
        for ((gate, from), names) in handed {
            let cfg = gate.map(|since| format!("{}\n", cfg_text(since))).unwrap_or_default();
            self.handed_on.push_str(&format!("{cfg}pub use {from}::{};\n", list(&names)));
        }
    }

    /// What a module is about: `apps/v1`.
    pub fn title(&self, module_path: &ModulePath) -> String {
        let group_version = self.plan.modules.get(module_path).and_then(|module| module.group_version.as_ref());
        match (group_version, module_path) {
            (Some(group_version), _) => group_version.to_string(),
            (None, ModulePath::Module { group, version }) => format!("{group}/{version}"),
            (None, _) => "meta/v1".to_owned(),
        }
    }

    /// The file's own documentation.
    pub fn docs(&mut self, text: &str) {
        self.docs = text
            .lines()
            .map(|line| if line.is_empty() { "//!\n".to_owned() } else { format!("//! {line}\n") })
            .collect();
    }

    /// One more line of the file's own documentation, for something of this availability in it.
    pub fn docs_line(&mut self, line: &str, availability: Availability) {
        match self.gates.since(availability, self.availability) {
            None => self.docs.push_str(&format!("//! {line}\n")),
            Some(since) => {
                let line = format!(" {line}");
                self.docs.push_str(&format!("#![cfg_attr(feature = {:?}, doc = {line:?})]\n", feature(since)));
            }
        }
    }

    /// Appends items.
    pub fn items(&mut self, items: TokenStream) {
        self.pending.extend(items);
    }

    /// Appends text that prettyplease can't print: a macro with its own syntax.
    pub fn text(&mut self, text: &str) -> Result<(), Error> {
        self.flush("text")?;
        self.items.push('\n');
        self.items.push_str(text);
        Ok(())
    }

    /// Appends structs and enums, and the enums that show unions.
    pub fn types<'t>(
        &mut self,
        structs: impl Iterator<Item = &'t Struct>,
        enums: impl Iterator<Item = &'t Enum>,
    ) -> Result<(), Error> {
        let mut tables = String::new();
        let mut unions = Vec::new();
        for item in structs {
            unions.extend(super::unions::emit(self, item));
            let tokens = self.names.within(item.availability, || super::structs::emit(self, item));
            self.items(tokens);
            tables.push_str(&self.names.within(item.availability, || super::structs::table(self, item)));
            tables.push_str(&super::structs::validation(item).unwrap_or_default());
        }
        if let Some(unions) = super::unions::module(unions, &self.unions) {
            self.items(unions);
        }
        if !tables.is_empty() {
            self.text(&tables)?;
        }
        for item in enums {
            self.text(&super::enums::emit(self, item))?;
        }
        Ok(())
    }

    fn flush(&mut self, path: &str) -> Result<(), Error> {
        let pending = std::mem::take(&mut self.pending);
        if pending.is_empty() {
            return Ok(());
        }
        let message = |error: syn::Error| Error::Emitted { path: path.to_owned(), message: error.to_string() };
        let file: syn::File = syn::parse2(pending).map_err(message)?;
        let printed = prettyplease::unparse(&file);
        // A line between items, where prettyplease leaves none.
        let spaced = printed.replace("\n}\n", "\n}\n\n").replace("\n\n\n", "\n\n");
        if !self.items.is_empty() {
            self.items.push('\n');
        }
        self.items.push_str(spaced.trim_end());
        self.items.push('\n');
        Ok(())
    }

    /// The file's text.
    pub fn finish(self, path: &str) -> Result<String, Error> {
        let imports = self.names_imports();
        self.finish_with(&imports, path)
    }

    fn names_imports(&self) -> String {
        let core = self.options.core();
        // The types of `meta/v1` are below most of what generated code stands on.
        let types = match self.options.target {
            Target::Meta => format!("{core}::message::codegen"),
            _ => format!("{core}::codegen"),
        };
        let client = if self.options.target == Target::Crate { CLIENT } else { "" };
        let (handles, has_handles) = (self.options.handles(), self.has_handles);
        let from = From { core, types, handles, has_handles, client };
        let mut imports = self.names.imports(&from, self.up, self.gates, self.availability);
        // By its name alone: among all of the runtime's names it would be ambiguous in trees that have their own.
        if self.items.contains("table! {") {
            imports.push_str(&format!("use {core}::table;\n"));
        }
        if self.items.contains("validation! {") {
            imports.push_str(&format!("use {core}::validation;\n"));
        }
        imports.push_str(&self.handed_on);
        imports
    }

    /// The file's text, with other imports than its names need.
    pub fn finish_with(mut self, imports: &str, path: &str) -> Result<String, Error> {
        self.flush(path)?;
        let header = self.options.header();
        let mut text = format!("{header}\n");
        for part in [self.docs.as_str(), imports, self.items.trim_start_matches('\n')] {
            if !part.is_empty() {
                if !text.ends_with("\n\n") && part != self.docs {
                    text.push('\n');
                }
                text.push_str(part);
            }
        }
        match syn::parse_file(&text) {
            Ok(_) => Ok(text),
            Err(error) => Err(Error::Emitted { path: path.to_owned(), message: error.to_string() }),
        }
    }
}

/// Names of an import, in lines of a hundred columns where one is not enough.
fn list(names: &[String]) -> String {
    if let [one] = names {
        return one.clone();
    }
    if names.iter().map(|name| name.len() + 2).sum::<usize>() < 60 {
        return format!("{{{}}}", names.join(", "));
    }
    let (mut text, mut column) = (String::from("{"), usize::MAX);
    for name in names {
        if column.saturating_add(name.len() + 2) > 98 {
            text.push_str("\n   ");
            column = 3;
        }
        text.push_str(&format!(" {name},"));
        column += name.len() + 2;
    }
    text.push_str("\n}");
    text
}
