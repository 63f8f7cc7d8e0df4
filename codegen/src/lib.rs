//! kubewright's generator: a server's OpenAPI v3 and discovery documents in, typed Rust modules out.
//!
//! Four stages, each a module that knows only the one before it:
//!
//! 1. [`documents`]: what a server says (from a live cluster, from a pinned [`spec`] folder, or of definitions in files:
//!    [`crds`]), fetched and parsed;
//! 2. [`model`]: what it means: types, resources, verbs; [`fixups`] mend known faults of upstream's documents here;
//! 3. `plan`: what Rust to write, decided in full: names, modules, presence, methods;
//! 4. `emit`: the same, spelled out.
//!
//! [`generate`] runs them; [`write`](mod@write) puts the result on disk, or checks that it is there. [`Generator`] does all of
//! it from a `kubewright.toml` or by its methods, in a build script or a command of one's own. Nothing here opens a
//! connection: whoever calls fetches what [`documents::plan`] lists.

#[cfg(feature = "cluster")]
pub mod cluster;
mod config;
pub mod crd_diff;
pub mod crds;
mod deep;
mod derives;
pub mod diff;
pub mod documents;
mod emit;
mod error;
pub mod fixups;
mod generator;
mod leave_out;
pub mod model;
mod plan;
pub mod spec;
pub mod write;

pub use config::ClusterSource;
pub use error::{DocumentError, Error};
pub use generator::{Generator, Report, Run};
pub use plan::{Builtins, FieldOverride, Overrides, Shared, TypeOverride};

use std::collections::BTreeMap;

use documents::Documents;

/// What to generate, and for whom.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// What the files are for.
    pub target: Target,
    /// The path to the runtime from the generated code: `kubewright_runtime`, `kubewright::runtime`, `crate`.
    pub runtime: String,
    /// Whether to write a registry of the resources and types, `registry.rs`. The crate `kubewright` always has one, behind
    /// its feature `registry`.
    pub registry: bool,
    /// The command that regenerates the files; it stands in their first line.
    pub command: String,
    /// Which groups to write, by name (`core` for the core group), with what their types refer to; all if empty.
    pub groups: Vec<String>,
    /// Which kinds to write, with what their types refer to: `Certificate`, `certificates`, or either with its group,
    /// `certificates.cert-manager.io`; all if empty.
    pub kinds: Vec<String>,
    /// Which versions of a kind to write, by a name of the kind as in [`kinds`](Self::kinds); all of what is not here.
    pub versions: BTreeMap<String, Vec<String>>,
    /// Names and types that the user wants otherwise.
    pub overrides: Overrides,
    /// What the structs derive besides what all have (`Clone`, `Debug`, `Default`, `PartialEq`, serde's traits), as paths.
    pub derives: Vec<String>,
    /// The crate of the built-in kinds that the tree stands beside: structures of custom resources that are built-in types
    /// are those of the crate, and the built-in kinds are not written again. Without it the tree has its own.
    pub beside: Option<Beside>,
    /// Whether custom kinds get what their schemas check, so that their objects have `validate()`. The runtime then needs
    /// its feature `validate`, and `cel` for validation rules.
    pub validation: bool,
}

/// The crate that a tree stands beside.
#[derive(Clone, Debug)]
pub struct Beside {
    /// Its name: `kubewright`.
    pub path: String,
    /// What it has.
    pub builtins: std::sync::Arc<Builtins>,
}

impl Options {
    /// Everything, without a registry.
    pub fn new(target: Target, runtime: impl Into<String>, command: impl Into<String>) -> Self {
        Self {
            target,
            runtime: runtime.into(),
            command: command.into(),
            groups: Vec::new(),
            kinds: Vec::new(),
            versions: BTreeMap::new(),
            overrides: Overrides::default(),
            derives: Vec::new(),
            beside: None,
            validation: false,
            registry: false,
        }
    }

    /// The same for these groups alone.
    pub fn groups(self, groups: Vec<String>) -> Self {
        Self { groups, ..self }
    }

    /// The same for these kinds alone.
    pub fn kinds(self, kinds: Vec<String>) -> Self {
        Self { kinds, ..self }
    }

    /// The same for use beside a crate that has types already.
    pub fn beside(self, beside: Option<Beside>) -> Self {
        Self { beside, ..self }
    }

    /// The same with what the schemas of custom kinds check.
    pub fn validation(self) -> Self {
        Self { validation: true, ..self }
    }

    /// The same with a registry.
    pub fn registry(self) -> Self {
        Self { registry: true, ..self }
    }

    /// The same without what is wanted of kinds that are there, but were not selected: a configuration may say more than is
    /// generated of it now.
    fn of_selected(&self, known: &[model::Resource], selected: &[model::Resource]) -> Self {
        let is_of = |kind: &String, resources: &[model::Resource]| {
            resources.iter().any(|resource| resource.is_named(std::slice::from_ref(kind)))
        };
        let is_wanted = |kind: &String| is_of(kind, selected) || !is_of(kind, known);
        let mut options = self.clone();
        options.versions.retain(|kind, _| is_wanted(kind));
        options.overrides.types.retain(|wanted| is_wanted(&wanted.kind));
        options.overrides.fields.retain(|wanted| is_wanted(&wanted.kind));
        options
    }

    /// Checks what stands in the files as it is.
    fn check(&self) -> Result<(), Error> {
        let beside = self.beside.iter().map(|beside| ("the crate beside the tree", &beside.path));
        for (what, text) in beside.chain([("the path to the runtime", &self.runtime)]) {
            path(what, text)?;
        }
        for text in &self.derives {
            if let Some(name) = derives::own(&path("what structs derive", text)?) {
                return Err(Error::DerivedAlready { name });
            }
        }
        Ok(())
    }

    /// The first line of every file.
    pub fn header(&self) -> String {
        format!("{}{}`. Do not edit.", write::MARK, self.command)
    }

    /// The path to what types stand on. In the crate `kubewright` they do without the runtime, which is optional there;
    /// elsewhere the runtime hands it on.
    fn core(&self) -> &str {
        if self.target == Target::Crate { "kubewright_core" } else { &self.runtime }
    }

    /// The path to what handles stand on.
    fn handles(&self) -> String {
        let inner = if self.target == Target::Crate { "::handles" } else { "" };
        format!("{}::codegen{inner}", self.runtime)
    }

    /// Puts something behind a feature of the crate `kubewright`; a tree of someone's own has none.
    fn feature(&self, name: &str) -> proc_macro2::TokenStream {
        if self.target == Target::Crate { quote::quote!(#[cfg(feature = #name)]) } else { Default::default() }
    }
}

/// A text as a path.
fn path(what: &'static str, text: &str) -> Result<syn::Path, Error> {
    syn::parse_str(text).map_err(|_| Error::NotAPath { what, text: text.to_owned() })
}

/// What generated files are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The crate `kubewright`: modules below `src/`, whose root is `src/api_tree.rs`, `src/registry.rs`, `tests/kinds/mod.rs` and
    /// `tests/urls.rs`.
    Crate,
    /// The runtime's `meta/v1`: one file, `generated.rs`.
    Meta,
    /// A module of someone's own crate, whose root is `mod.rs`.
    Tree,
}

impl Target {
    /// The folder of the modules.
    fn folder(self) -> &'static str {
        if self == Self::Crate { "src/" } else { "" }
    }

    /// The file of the root module.
    fn root(self) -> &'static str {
        if self == Self::Crate { "api_tree.rs" } else { "mod.rs" }
    }
}

/// Generated files.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The files' text, by their path below the folder they are for.
    pub files: BTreeMap<String, String>,
    /// What was left out or decided on the way, for people to read.
    pub notes: Vec<String>,
    /// What differs between the minors and needed no rule, for people to read.
    pub drift: Vec<String>,
    /// How much the types of custom resources share.
    pub shared: Shared,
    /// Values of custom resources that are raw JSON, because their schemas say no more of them: each by its kind and the
    /// way to it.
    pub raw_json: Vec<String>,
    /// Groups, kinds and versions that were asked for and are not there; kinds for which no valid Rust was emitted, by a fault
    /// of the generator; [overrides](Options::overrides) that could not be followed, since nothing stands where they say, or
    /// the name is taken.
    pub problems: Vec<String>,
}

/// Generates everything that documents describe.
///
/// The same documents always give the same text. In a [tree](Target::Tree), a kind for which no valid Rust can be emitted is
/// omitted, and is in [`Tree::problems`].
///
/// # Errors
///
/// If a path of the options is none in Rust, if pinned documents no longer have what the generator mends or knows of them,
/// or by a fault of the generator that is not one of some kinds alone.
pub fn generate(documents: &Documents, options: &Options) -> Result<Tree, Error> {
    generate_merged(std::slice::from_ref(documents), options)
}

/// Generates everything that the documents of several minors describe, as one source: what the oldest of them does not
/// have is under the feature of the minor that brought it (`v1_36`), what the newest does not have is marked as gone.
///
/// # Errors
///
/// As for [`generate`], and if something was changed between two minors and no [rule](model::merge::Rule) says what to
/// make of it.
pub fn generate_merged(minors: &[Documents], options: &Options) -> Result<Tree, Error> {
    deep::call(|| generate_here(minors, options))
}

fn generate_here(minors: &[Documents], options: &Options) -> Result<Tree, Error> {
    options.check()?;
    let (mut model, facts) = merged(minors)?;
    let known = resources(&model);
    if !options.groups.is_empty() {
        model.keep_groups(&options.groups);
    }
    if !options.kinds.is_empty() {
        model.keep_kinds(&options.kinds);
    }
    let options = &options.of_selected(&known, &resources(&model));
    for (kind, versions) in &options.versions {
        model.keep_versions(kind, versions);
    }
    if let Some(beside) = &options.beside {
        model.leave_out(|resource| beside.builtins.has(&resource.schema));
    }
    // The project's own files are all there, or none is written.
    if options.target != Target::Tree {
        return generate_from(&model, &facts, options);
    }
    leave_out::generate(model, |model| generate_from(model, &facts, options))
}

fn resources(model: &model::Model) -> Vec<model::Resource> {
    model.versions.values().flat_map(|version| version.resources.values().cloned()).collect()
}

/// Plans and emits what is in a model.
fn generate_from(model: &model::Model, facts: &spec::Facts, options: &Options) -> Result<Tree, Error> {
    let builtins = options.beside.as_ref().map(|beside| &*beside.builtins);
    let plan = plan::plan(model, facts, builtins, &options.overrides, options.validation)?;
    emit::emit(&plan, options)
}

/// The model of several minors, oldest first, with the fix-ups applied.
///
/// # Errors
///
/// As for [`generate_merged`].
pub fn merged(minors: &[Documents]) -> Result<(model::Model, spec::Facts), Error> {
    let mut parts = Vec::new();
    for documents in minors {
        parts.push((mended(documents)?, documents.facts.clone()));
    }
    // The rules are for Kubernetes as it is pinned, and for nothing else.
    let pinned = minors.iter().all(|documents| !documents.facts.types.is_empty());
    model::merge::merge(parts, if pinned { model::merge::ALL } else { &[] })
}

/// The model of one server, with the fix-ups applied.
///
/// # Errors
///
/// If pinned documents no longer have what a fix-up is for.
pub fn mended(documents: &Documents) -> Result<model::Model, Error> {
    let mut model = model::build(documents);
    if documents.facts.types.is_empty() {
        fixups::apply_where_found(&mut model);
    } else {
        fixups::apply(&mut model, documents.server.minor())?;
    }
    Ok(model)
}
