//! What can go wrong while generating, each with what was being done and to what.

use std::path::PathBuf;

/// Why generating failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A document could not be understood.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A file could not be read or written.
    #[error("cannot {action} {}", path.display())]
    File {
        /// What was being done: `read`, `write`, `remove`, `list`.
        action: &'static str,
        /// To which file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A fix-up no longer applies to the documents.
    #[error(
        "fix-up `{name}` no longer applies to the documents of 1.{minor}: upstream fixed the fault, remove the fix-up"
    )]
    IdleFixup {
        /// The fix-up's name.
        name: &'static str,
        /// The Kubernetes minor it was expected to apply to.
        minor: u32,
    },
    /// Something changed between two minors, and no rule decides which side to keep.
    #[error(
        "{} between the merged minors need a rule each, in codegen's model/merge/rules.rs:\n  {}",
        if changes.len() == 1 { "a change".to_owned() } else { format!("{} changes", changes.len()) },
        changes.join("\n  ")
    )]
    Changed {
        /// What was changed: where, how, and between which minors.
        changes: Vec<String>,
    },
    /// A rule for a change between two minors no longer applies.
    #[error(
        "rule `{name}` for {place} does not apply between 1.{older} and 1.{newer}: fix or remove it in codegen's model/merge/rules.rs"
    )]
    IdleRule {
        /// The rule's name.
        name: &'static str,
        /// The place without a change.
        place: String,
        /// The older minor.
        older: u32,
        /// The newer minor.
        newer: u32,
    },
    /// A rule that names fields of secret values found none of them.
    #[error("secret rule `{rule}` matches no field of the documents: fix or remove it in codegen's plan/secret.rs")]
    IdleSecretRule {
        /// The rule, as `schema.field`.
        rule: String,
    },
    /// What was emitted is not Rust: a fault of the generator.
    #[error(
        "the text emitted for {path} is not valid Rust ({message}); this is a bug in the generator, please report it with the schema"
    )]
    Emitted {
        /// The file that was being emitted.
        path: String,
        /// What the parser says.
        message: String,
    },
    /// A path that stands in the generated files is none.
    #[error("{what} is `{text}`, which is not a path in Rust, such as my_crate::Name")]
    NotAPath {
        /// What the path is for.
        what: &'static str,
        /// What was given.
        text: String,
    },
    /// Structs are to derive a trait that they have.
    #[error("{}", derived_already(name))]
    DerivedAlready {
        /// The trait, such as `PartialEq`.
        name: &'static str,
    },
    /// Generated files are not what the documents give.
    #[error("generated files are out of date: {}; run `{command}`", files.join(", "))]
    OutOfDate {
        /// The files that differ, are missing, or should not be there.
        files: Vec<String>,
        /// The command that regenerates the files.
        command: String,
    },
    /// Something in a `kubewright.toml` is wrong.
    #[error("{}: {problem}", path.display())]
    Config {
        /// The file.
        path: PathBuf,
        /// What is wrong, with the line.
        problem: String,
    },
    /// There is nothing to generate from.
    #[error("there is no source: name files of CustomResourceDefinitions, or a cluster")]
    NoSource,
    /// The sources have no definition.
    #[error("there is no CustomResourceDefinition in what was read")]
    NoDefinition,
    /// The configuration names a cluster, whose documents were not read.
    #[error(
        "the configuration has `[cluster]`, and a cluster is read by `cargo kubewright gen` alone: name files in `crds` instead"
    )]
    ClusterNotRead,
    /// There is no folder to write to.
    #[error("there is no folder to write to: name it with `out`")]
    NoOut,
    /// A build script's folder was asked for elsewhere.
    #[error("OUT_DIR is not set: this is not a build script")]
    NoBuildScript,
    /// Something stands where a generated file should go.
    #[error("{} was not written by this generator, so it is not overwritten: move it away, or generate elsewhere", path.display())]
    Foreign {
        /// The file in the way.
        path: PathBuf,
    },
}

/// Why a document could not be understood.
#[derive(Clone, Debug, thiserror::Error)]
#[error("document {document}{}: {problem}", place.as_ref().map(|place| format!(", at {place}")).unwrap_or_default())]
pub struct DocumentError {
    /// Which document: `apis/apps/v1`, `/version`, or a file's name.
    pub document: String,
    /// Where in it, such as `components.schemas.io.k8s.api.core.v1.Pod.properties.spec`.
    pub place: Option<String>,
    /// What is wrong there.
    pub problem: String,
}

impl DocumentError {
    /// A problem with a document as a whole.
    pub fn new(document: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { document: document.into(), place: None, problem: problem.into() }
    }

    /// A problem at a place in a document.
    pub fn at(document: impl Into<String>, place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { document: document.into(), place: Some(place.into()), problem: problem.into() }
    }
}

/// What is said where structs are to derive a trait that they have.
pub(crate) fn derived_already(name: &str) -> String {
    format!("all structs have {name}: take it out of what they derive")
}
