//! `cargo kubewright gen`: a client for CustomResourceDefinitions in files, or for a live cluster.

use std::path::{Path, PathBuf};

use kubewright_codegen::{ClusterSource, Generator, Run};

use crate::{BoxError, cluster, standard_input};

/// The file that says what to generate, in the folder of the package or above it.
const CONFIG: &str = "kubewright.toml";

/// The exit status of a run that left something out.
pub const INCOMPLETE: u8 = 3;

/// What a program that runs the command finds in its status.
pub const EXIT_STATUS: &str = "Exit status:
  0  everything was generated, or with --check is as it would be generated
  1  nothing was written, or with --check something differs
  2  the command line is wrong
  3  the client was written or is up to date, but something that was asked for is missing:
     what could not be read, kinds that are not there, names in kubewright.toml for nothing";

/// What to generate. Without a source, `kubewright.toml` says it, and the options that are given override it.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Arguments {
    /// Read this file for what is not said here [default: kubewright.toml in this folder or above, without a source]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Write nothing: fail if the existing files differ from those that would be generated
    #[arg(long)]
    pub check: bool,
    /// Read CustomResourceDefinitions from these files and folders, of YAML or JSON, or from standard input (`-`)
    #[arg(long, num_args = 1.., value_delimiter = ',', value_name = "PATH")]
    pub crds: Vec<PathBuf>,
    /// Read the documents of the cluster that the kubeconfig names
    #[arg(long, conflicts_with = "crds")]
    pub from_cluster: bool,
    /// Which kubeconfig [default: $KUBECONFIG, or ~/.kube/config]
    #[arg(long, requires = "from_cluster", value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,
    /// Which context of the kubeconfig [default: the current one]
    #[arg(long, requires = "from_cluster")]
    pub context: Option<String>,
    /// These API groups alone, such as `apps,cert-manager.io`; `core` is the core group
    #[arg(long, value_delimiter = ',')]
    pub groups: Vec<String>,
    /// These kinds alone, such as `Certificate,issuers.cert-manager.io`
    #[arg(long, value_delimiter = ',')]
    pub kinds: Vec<String>,
    /// The crate of the built-in kinds that the client is used beside: what a definition has alike is of its types
    #[arg(long, value_name = "CRATE", num_args = 0..=1, default_missing_value = "kubewright")]
    pub beside: Option<String>,
    /// Give custom kinds `validate()`, by what their schemas check; `kubewright-runtime` then needs its feature `validate`,
    /// and `cel` for validation rules
    #[arg(long)]
    pub validation: bool,
    /// The folder to write the client's modules to, such as `src/kube`
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
}

/// What a run comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All that was asked for is there.
    Complete,
    /// Something is missing: how much, for people.
    Incomplete(String),
}

/// Generates what the arguments say; `command` is in the first line of each file, and in the message of a failed check.
/// Reports go to standard error, the outcome to standard output.
///
/// # Errors
/// If a source can't be read, or has no definition; if the files can't be written, or differ in a check.
pub fn run(arguments: &Arguments, command: &str) -> Result<Outcome, BoxError> {
    let mut generator = generator(arguments)?.command(command);
    let source = match arguments.from_cluster {
        true => Some(ClusterSource { kubeconfig: arguments.kubeconfig.clone(), context: arguments.context.clone() }),
        false => generator.cluster().cloned(),
    };
    if let Some(ClusterSource { kubeconfig, context }) = source {
        let client = cluster::client(kubeconfig.as_deref(), context.as_deref())?;
        let documents = cluster::read_documents(&client, generator.wanted_groups())?;
        generator = generator.documents(documents);
    }
    finish(&generator.run()?, arguments.check, &arguments.command_line(command))
}

/// Writes what was generated, or with `check` checks it, and reports what was done.
///
/// # Errors
/// As for [`Run::write`] and [`Run::check`].
fn finish(run: &Run, check: bool, command: &str) -> Result<Outcome, BoxError> {
    let (out, of, report) = (run.out()?, run.of(), run.report());
    eprint!("{report}");
    let place = out.display();
    if check {
        run.check(command)?;
        println!("{place}: up to date with {of}");
    } else {
        let outcome = run.write()?;
        if outcome.written.is_empty() && outcome.removed.is_empty() {
            println!("{place}: unchanged: {of} has the same documents as before ({} files)", outcome.unchanged);
        } else {
            let (written, removed, unchanged) = (outcome.written.len(), outcome.removed.len(), outcome.unchanged);
            println!("{place}: a client for {of}: {written} files written, {removed} removed, {unchanged} unchanged");
        }
    }
    Ok(match report.problems.len() + report.missing.len() {
        0 => Outcome::Complete,
        1 => Outcome::Incomplete("something that was asked for is missing: see the warning".to_owned()),
        many => Outcome::Incomplete(format!("{many} things that were asked for are missing: see the warnings")),
    })
}

/// The generator that the file and the arguments describe, but for a cluster.
fn generator(arguments: &Arguments) -> Result<Generator, BoxError> {
    let has_source = arguments.from_cluster || !arguments.crds.is_empty();
    let config = match &arguments.config {
        Some(path) => Some(path.clone()),
        None if has_source => None,
        None => Some(find(&std::env::current_dir()?).ok_or_else(|| {
            format!("there is no {CONFIG} in this folder or above: write one, or name a source with --crds or --from-cluster, and --out")
        })?),
    };
    let mut generator = match config {
        Some(path) => Generator::from_config(path)?,
        None => Generator::new(),
    };
    if has_source {
        generator = generator.without_sources();
    }
    for path in &arguments.crds {
        generator = if path.as_os_str() == "-" {
            generator.crds_text("standard input", standard_input()?)
        } else {
            generator.crds(path)
        };
    }
    if !arguments.groups.is_empty() {
        generator = generator.groups(&arguments.groups);
    }
    if !arguments.kinds.is_empty() {
        generator = generator.kinds(&arguments.kinds);
    }
    if arguments.validation {
        generator = generator.validation();
    }
    if let Some(path) = &arguments.beside {
        generator = generator.beside(path);
    }
    if let Some(folder) = &arguments.out {
        generator = generator.out(folder);
    }
    Ok(generator)
}

/// The nearest file, in a folder or above it.
fn find(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(CONFIG)).find(|path| path.is_file())
}

impl Arguments {
    /// The command that writes what these arguments check.
    fn command_line(&self, command: &str) -> String {
        let mut words = vec![command.to_owned()];
        let mut option = |name: &str, values: Vec<String>| {
            if !values.is_empty() {
                words.push(format!("--{name}"));
                words.push(values.iter().map(|value| quoted(value)).collect::<Vec<_>>().join(" "));
            }
        };
        let paths = |paths: &[PathBuf]| paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>();
        let path = |path: &Option<PathBuf>| paths(path.as_slice());
        option("config", path(&self.config));
        option("crds", paths(&self.crds));
        option("kubeconfig", path(&self.kubeconfig));
        option("context", self.context.iter().cloned().collect());
        let list = |list: &[String]| if list.is_empty() { Vec::new() } else { vec![list.join(",")] };
        option("groups", list(&self.groups));
        option("kinds", list(&self.kinds));
        option("beside", self.beside.iter().cloned().collect());
        option("out", path(&self.out));
        for (name, is_set) in [("--validation", self.validation), ("--from-cluster", self.from_cluster)] {
            if is_set {
                words.insert(1, name.to_owned());
            }
        }
        words.join(" ")
    }
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=@+~".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_mends_a_tree_is_the_one_that_checked_it_without_check() {
        let arguments = Arguments {
            check: true,
            crds: vec!["crds".into(), "my crds/a.yaml".into()],
            kinds: vec!["A".to_owned(), "b.example.com".to_owned()],
            beside: Some("kubewright".to_owned()),
            out: Some("src/kube".into()),
            ..Arguments::default()
        };
        assert_eq!(
            arguments.command_line("cargo kubewright gen"),
            "cargo kubewright gen --crds crds 'my crds/a.yaml' --kinds A,b.example.com --beside kubewright --out src/kube"
        );
        let cluster = Arguments { from_cluster: true, context: Some("it's".to_owned()), ..Arguments::default() };
        assert_eq!(cluster.command_line("x"), r"x --from-cluster --context 'it'\''s'");
    }

    #[test]
    fn the_nearest_file_above_is_found() {
        let root = tempfile::tempdir().expect("a folder");
        let inner = root.path().join("a/b");
        std::fs::create_dir_all(&inner).expect("folders");
        std::fs::write(root.path().join(CONFIG), "").expect("a file");
        assert_eq!(find(&inner), Some(root.path().join(CONFIG)));
        std::fs::write(root.path().join("a").join(CONFIG), "").expect("a file");
        assert_eq!(find(&inner), Some(root.path().join("a").join(CONFIG)));
    }
}
