//! `cargo xtask diff`: what one Kubernetes minor changed in the API.

use kubewright_codegen::diff::{Diff, diff};
use kubewright_codegen::documents::Documents;
use kubewright_codegen::{mended, spec};

use crate::{Outcome, repository};

#[derive(clap::Args)]
pub struct Arguments {
    /// The older minor, such as v1.36
    older: String,
    /// The newer minor, such as v1.37
    newer: String,
    /// As JSON instead of a table
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: Arguments) -> Outcome {
    let diff = compare(&load(&arguments.older)?, &load(&arguments.newer)?)?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&diff)?);
    } else if diff.changes.is_empty() {
        println!("no change of the API between 1.{} and 1.{}", diff.older, diff.newer);
    } else {
        print!("{diff}");
    }
    Ok(())
}

/// What the newer of two minors changed.
pub fn compare(older: &Documents, newer: &Documents) -> Result<Diff, Box<dyn std::error::Error>> {
    Ok(diff((&mended(older)?, &older.facts), (&mended(newer)?, &newer.facts)))
}

/// The pinned documents of a minor; `1.36` is understood too.
fn load(minor: &str) -> Result<Documents, Box<dyn std::error::Error>> {
    let name = format!("v{}", minor.trim_start_matches('v'));
    if !kubewright_testbed::minors().iter().any(|known| format!("v{}", known.name) == name) {
        let known: Vec<String> = kubewright_testbed::minors().iter().map(|known| format!("v{}", known.name)).collect();
        return Err(format!("{minor} is not pinned in spec/; these are: {}", known.join(", ")).into());
    }
    Ok(spec::load(&repository::root().join("spec").join(name))?)
}
