//! The generator in one place: from sources to files, for programs, build scripts and the commands alike.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Config;
use crate::crds::Crds;
use crate::documents::Documents;
use crate::error::Error;
use crate::{Beside, Builtins, ClusterSource, Options, Overrides, Shared, Target, Tree, generate, write};

/// Generates a client from CustomResourceDefinitions, or from what a cluster says, into a folder.
///
/// In a `build.rs`, with the file [`kubewright.toml`](Self::from_config):
///
/// ```no_run
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     kubewright_codegen::Generator::from_config("kubewright.toml")?.build_script()?;
///     Ok(())
/// }
/// ```
///
/// and in the program `include!(concat!(env!("OUT_DIR"), "/kube.rs"));`, which is its `mod kube`. In a command of the
/// repository's own:
///
/// ```no_run
/// use kubewright_codegen::Generator;
///
/// let run = Generator::new().crds("crds/").kinds(["Certificate"]).beside("kubewright").out("src/kube").run()?;
/// println!("{}", run.report());
/// run.write()?; // or, in CI, `run.check("cargo xtask client")?`
/// # Ok::<(), kubewright_codegen::Error>(())
/// ```
#[derive(Debug)]
#[must_use]
pub struct Generator {
    paths: Vec<PathBuf>,
    texts: Vec<(String, String)>,
    cluster: Option<ClusterSource>,
    documents: Option<Documents>,
    groups: Vec<String>,
    kinds: Vec<String>,
    versions: BTreeMap<String, Vec<String>>,
    overrides: Overrides,
    derives: Vec<String>,
    beside: Option<String>,
    runtime: Option<String>,
    registry: bool,
    validation: bool,
    out: Option<PathBuf>,
    command: String,
    config: Option<PathBuf>,
}

impl Default for Generator {
    fn default() -> Self {
        Self::new()
    }
}

impl Generator {
    /// A generator without a source.
    pub fn new() -> Self {
        Self {
            paths: Vec::new(),
            texts: Vec::new(),
            cluster: None,
            documents: None,
            groups: Vec::new(),
            kinds: Vec::new(),
            versions: BTreeMap::new(),
            overrides: Overrides::default(),
            derives: Vec::new(),
            beside: None,
            runtime: None,
            registry: false,
            validation: false,
            out: None,
            command: "kubewright_codegen".to_owned(),
            config: None,
        }
    }

    /// A generator that does what a `kubewright.toml` says. Paths in the file are relative to its folder.
    ///
    /// # Errors
    /// If the file can't be read, or something in it is wrong: a key that is unknown, a name that is none in Rust.
    pub fn from_config(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let config = Config::read(path)?;
        Ok(Self {
            overrides: config.overrides(),
            versions: config.versions(),
            paths: config.crds,
            cluster: config.cluster,
            groups: config.groups,
            kinds: config.kinds,
            derives: config.derives.into_iter().map(|path| path.text).collect(),
            beside: config.beside.map(|path| path.text),
            runtime: config.runtime.map(|path| path.text),
            registry: config.registry,
            validation: config.validation,
            out: config.out,
            config: Some(path.to_owned()),
            ..Self::new()
        })
    }

    /// Another source: a file of CustomResourceDefinitions in YAML or JSON, or a folder of such files.
    pub fn crds(mut self, path: impl Into<PathBuf>) -> Self {
        self.paths.push(path.into());
        self
    }

    /// Another source: definitions as a text of YAML or JSON, which messages call `name`.
    pub fn crds_text(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.texts.push((name.into(), text.into()));
        self
    }

    /// Another source: what a cluster says, as `cluster::documents` (feature `cluster`) reads it. Definitions from
    /// other sources go before it.
    pub fn documents(self, documents: Documents) -> Self {
        Self { documents: Some(documents), cluster: None, ..self }
    }

    /// The same without any of its sources.
    pub fn without_sources(self) -> Self {
        Self { paths: Vec::new(), texts: Vec::new(), cluster: None, documents: None, ..self }
    }

    /// The cluster that the configuration names, if it does. Whoever runs the generator reads its
    /// [`documents`](Self::documents): the generator opens no connection.
    pub fn cluster(&self) -> Option<&ClusterSource> {
        self.cluster.as_ref()
    }

    /// The groups that are wanted; all if there is none.
    pub fn wanted_groups(&self) -> &[String] {
        &self.groups
    }

    /// These API groups alone, with what their types refer to; `core` is the core group.
    pub fn groups(mut self, groups: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.groups = groups.into_iter().map(Into::into).collect();
        self
    }

    /// These kinds alone: `Certificate`, `certificates`, or either with its group, `certificates.cert-manager.io`.
    pub fn kinds(mut self, kinds: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.kinds = kinds.into_iter().map(Into::into).collect();
        self
    }

    /// These versions alone of a kind.
    pub fn versions(mut self, kind: impl Into<String>, versions: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.versions.insert(kind.into(), versions.into_iter().map(Into::into).collect());
        self
    }

    /// Names and types in the place of those that the generator chooses.
    pub fn overrides(self, overrides: Overrides) -> Self {
        Self { overrides, ..self }
    }

    /// What structs derive besides what all have (`Clone`, `Debug`, `Default`, `PartialEq`, serde's traits), as paths:
    /// `my_crate::Checksum`.
    pub fn derives(mut self, derives: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.derives = derives.into_iter().map(Into::into).collect();
        self
    }

    /// The crate of the built-in kinds that the tree stands beside, `kubewright`: what is alike is of its types, and its kinds
    /// are not written again. Without it the tree stands on `kubewright-runtime` alone.
    pub fn beside(mut self, path: impl Into<String>) -> Self {
        self.beside = Some(path.into());
        self
    }

    /// The path to the runtime from the generated code; by default that of the crate beside it, or `kubewright_runtime`.
    pub fn runtime(mut self, path: impl Into<String>) -> Self {
        self.runtime = Some(path.into());
        self
    }

    /// Writes a registry of all resources and types, too.
    pub fn registry(self) -> Self {
        Self { registry: true, ..self }
    }

    /// Gives custom kinds `validate()`, by what their schemas check. The runtime then needs its feature `validate`, and `cel`
    /// for validation rules.
    pub fn validation(self) -> Self {
        Self { validation: true, ..self }
    }

    /// The folder for the tree, such as `src/kube`. It may have files that are not generated; of those that are, none is left
    /// that is stale.
    pub fn out(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out = Some(folder.into());
        self
    }

    /// The command that regenerates the files, for their first line.
    pub fn command(mut self, command: impl Into<String>) -> Self {
        self.command = command.into();
        self
    }

    /// Reads the sources and generates, without writing anything.
    ///
    /// What can't be read of a source is left out, and is in the [report](Run::report).
    ///
    /// # Errors
    /// If there is no source or a path can't be read, if no definition was found, or by a fault of the generator that is not
    /// one of some kinds alone.
    pub fn run(mut self) -> Result<Run, Error> {
        if self.cluster.is_some() {
            return Err(Error::ClusterNotRead);
        }
        let (mut documents, is_of_cluster) = match self.documents.take() {
            Some(documents) => (documents, true),
            None => (Documents::default(), false),
        };
        if self.paths.is_empty() && self.texts.is_empty() && !is_of_cluster {
            return Err(Error::NoSource);
        }
        let mut crds = Crds::default();
        for path in &self.paths {
            crds.read_path(path)?;
        }
        for (name, text) in &self.texts {
            crds.read_text(name, text);
        }
        crds.publish(&mut documents);
        if !is_of_cluster && crds.is_empty() && documents.problems.is_empty() {
            return Err(Error::NoDefinition);
        }
        let of = if is_of_cluster {
            format!("Kubernetes {}", documents.server.git_version)
        } else {
            let paths = self.paths.iter().map(|path| path.display().to_string());
            let names: Vec<String> = paths.chain(self.texts.iter().map(|(name, _)| name.clone())).collect();
            format!("the definitions in {}", names.join(" "))
        };
        let tree = generate(&documents, &self.options()?)?;
        let is_no_problem = |note: &&String| !tree.problems.contains(note);
        let report = Report {
            crds: crds.len(),
            skipped: crds.skipped(),
            shared: tree.shared,
            raw_json: tree.raw_json.clone(),
            notes: tree.notes.iter().filter(is_no_problem).cloned().collect(),
            problems: documents.problems.iter().map(ToString::to_string).collect(),
            missing: tree.problems.clone(),
        };
        Ok(Run { tree, report, of, out: self.out })
    }

    fn options(&self) -> Result<Options, Error> {
        let beside = match &self.beside {
            Some(path) => Some(Beside { path: path.clone(), builtins: Arc::new(Builtins::of_kubewright()?) }),
            None => None,
        };
        let of_beside = || beside.as_ref().map(|beside| format!("{}::runtime", beside.path));
        let runtime = self.runtime.clone().or_else(of_beside).unwrap_or_else(|| "kubewright_runtime".to_owned());
        let mut options = Options::new(Target::Tree, runtime, &self.command);
        options.groups.clone_from(&self.groups);
        options.kinds.clone_from(&self.kinds);
        options.versions.clone_from(&self.versions);
        options.overrides = self.overrides.clone();
        options.derives.clone_from(&self.derives);
        options.registry = self.registry;
        options.validation = self.validation;
        options.beside = beside;
        Ok(options)
    }

    /// Generates in a build script: into `$OUT_DIR`, again whenever the configuration or a source changes. The program has
    /// the tree by `include!(concat!(env!("OUT_DIR"), "/kube.rs"));`, as its module `kube`.
    ///
    /// Cargo shows what was left out as warnings.
    ///
    /// # Errors
    /// As for [`run`](Self::run) and [`Run::write`], and if `OUT_DIR` is not set.
    pub fn build_script(self) -> Result<(), Error> {
        let out = std::env::var_os("OUT_DIR").map(PathBuf::from).ok_or(Error::NoBuildScript)?;
        for path in self.config.iter().chain(&self.paths) {
            println!("cargo::rerun-if-changed={}", path.display());
        }
        println!("cargo::rerun-if-changed=build.rs");
        let run = self.command("build.rs").out(out.join(MODULE)).run()?;
        for left_out in run.report.problems.iter().chain(&run.report.missing) {
            println!("cargo::warning={}", left_out.replace('\n', " "));
        }
        run.write()?;
        let path = out.join(format!("{MODULE}.rs"));
        // Inner attributes and the modules of files are in order in a module that is a file, not in one that is included.
        let text = format!("#[rustfmt::skip]\n#[path = \"{MODULE}/mod.rs\"]\npub mod {MODULE};\n");
        std::fs::write(&path, text).map_err(|source| Error::File { action: "write", path, source })
    }
}

/// What a build script calls the tree.
const MODULE: &str = "kube";

/// What was generated, before it is written.
#[derive(Debug)]
pub struct Run {
    tree: Tree,
    report: Report,
    of: String,
    out: Option<PathBuf>,
}

impl Run {
    /// The files.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// What was read, shared and left out.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// What it was generated from, for people: `Kubernetes v1.37.1`, `the definitions in crds/`.
    pub fn of(&self) -> &str {
        &self.of
    }

    /// The folder for the tree.
    ///
    /// # Errors
    /// If none was named.
    pub fn out(&self) -> Result<&Path, Error> {
        self.out.as_deref().ok_or(Error::NoOut)
    }

    /// Writes what differs, and removes what is stale.
    ///
    /// # Errors
    /// If no folder was named, a file can't be written, or one that is not generated is in the way.
    pub fn write(&self) -> Result<write::Outcome, Error> {
        write::write(&self.tree, self.out()?, &[""])
    }

    /// Checks that the folder has the tree, and changes nothing.
    ///
    /// # Errors
    /// If no folder was named, or a file differs, is missing or is stale: the error names them, and the command that
    /// mends it.
    pub fn check(&self, command: &str) -> Result<(), Error> {
        write::check(&self.tree, self.out()?, &[""], command)
    }
}

/// What a run read, shared and left out. Its `Display` is for people.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// How many definitions were read from files.
    pub crds: usize,
    /// How many documents of the files were something else.
    pub skipped: usize,
    /// How much the types of custom resources share.
    pub shared: Shared,
    /// Values that are raw JSON, since their schemas say no more of them: each by its kind and the way to it.
    pub raw_json: Vec<String>,
    /// What was decided on the way.
    pub notes: Vec<String>,
    /// What could not be read, and is missing.
    pub problems: Vec<String>,
    /// Groups, kinds and versions that were asked for and are not there; kinds for which no valid Rust was emitted; overrides
    /// that could not be followed.
    pub missing: Vec<String>,
}

impl Report {
    /// Whether something that was asked for is missing.
    pub fn is_incomplete(&self) -> bool {
        !self.problems.is_empty() || !self.missing.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { crds, skipped, shared, raw_json, notes, problems, missing } = self;
        if crds + skipped > 0 {
            writeln!(f, "{crds} CustomResourceDefinitions, {skipped} other documents skipped")?;
        }
        for note in notes {
            writeln!(f, "note: {note}")?;
        }
        let Shared { objects, structs, enums, distinct_enums, builtin } = shared;
        if objects + enums > 0 {
            write!(f, "{structs} structs for {objects} nested objects")?;
            if *builtin > 0 {
                write!(f, ", {builtin} of them types of Kubernetes itself")?;
            }
            if *enums > 0 {
                write!(f, "; {distinct_enums} enums for {enums}")?;
            }
            writeln!(f, " (those that are the same share a type)")?;
        }
        if !raw_json.is_empty() {
            writeln!(f, "{} values are raw JSON, since their schemas have no details:", raw_json.len())?;
            raw_json.iter().try_for_each(|place| writeln!(f, "  {place}"))?;
        }
        problems.iter().chain(missing).try_for_each(|problem| writeln!(f, "warning: {problem}"))
    }
}
