//! `cargo kubewright diff`: what new versions of CustomResourceDefinitions break.

use std::path::{Path, PathBuf};

use kubewright_codegen::crd_diff::{Comparison, Definitions, diff_all};

use crate::{BoxError, standard_input};

/// The exit status if somebody suffers from the change.
pub const BREAKING: u8 = 1;
/// The exit status if there is nothing that can be compared, as of `kubectl diff`.
pub const FAILED: u8 = 2;

/// What a program that runs the command finds in its status.
pub const EXIT_STATUS: &str = "Exit status:
  0  nothing breaks: the definitions are the same, or compatible
  1  something breaks
  2  the command line is wrong, or something could not be read or compared

Each line names who suffers:
  refused  the API server does not accept the change
  lost     values of stored objects are dropped
  invalid  stored objects may be invalid, and then can't be changed but to valid ones
  clients  calls that worked fail
  meaning  objects stay valid and mean something else";

/// What to compare.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The definitions as they are: a file, a folder, or standard input (`-`)
    pub old: PathBuf,
    /// The definitions as they are to be
    pub new: PathBuf,
}

/// Compares, and prints what breaks; whether anything does.
///
/// # Errors
/// If something can't be read or compared. What can be is printed all the same.
pub fn run(arguments: &Arguments) -> Result<bool, BoxError> {
    let (old, new) = (read(&arguments.old)?, read(&arguments.new)?);
    let mut comparison = diff_all(&old, &new);
    // What could not be read may have them.
    if !new.problems().is_empty() {
        comparison.removed.clear();
    }
    if !old.problems().is_empty() {
        comparison.added.clear();
    }
    print!("{}", text(&comparison));
    let unread = old.problems().iter().chain(new.problems()).map(ToString::to_string);
    let problems: Vec<String> = unread.chain(comparison.problems.iter().cloned()).collect();
    for problem in &problems {
        eprintln!("warning: {problem}");
    }
    if !problems.is_empty() {
        return Err("something could not be read or compared: see the warnings".into());
    }
    Ok(comparison.is_breaking())
}

fn read(path: &Path) -> Result<Definitions, BoxError> {
    let mut definitions = Definitions::default();
    if path.as_os_str() == "-" {
        definitions.read_text("standard input", &standard_input()?);
    } else {
        definitions.read_path(path)?;
    }
    if definitions.is_empty() && definitions.problems().is_empty() {
        return Err(format!("there is no CustomResourceDefinition in {}", path.display()).into());
    }
    Ok(definitions)
}

/// The comparison, for people.
fn text(comparison: &Comparison) -> String {
    let mut text = String::new();
    for (name, findings) in &comparison.changed {
        if findings.is_empty() {
            text.push_str(&format!("{name}: nothing breaks\n"));
            continue;
        }
        text.push_str(&format!("{name}:\n"));
        let mut findings: Vec<_> = findings.iter().collect();
        findings.sort_by_key(|finding| finding.harm());
        for finding in findings {
            text.push_str(&format!("  {:<8} {finding}\n", finding.harm()));
        }
    }
    for name in &comparison.removed {
        text.push_str(&format!("{name}:\n  lost     the definition is removed: deleting it deletes its objects\n"));
    }
    for name in &comparison.added {
        text.push_str(&format!("{name}: new\n"));
    }
    text
}
