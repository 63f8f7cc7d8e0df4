//! Writes the CRD of a kind that is a Rust struct, and says in CI whether the file is up to date.
//!
//! `cargo run -p kubewright-examples --example derive_crd -- crds/ferries.yaml`, in CI with `--check`; without a file it
//! prints the YAML.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use kubewright::meta::v1::Condition;
use kubewright::{CustomResource, yaml};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A ferry and where it goes.
#[derive(CustomResource, Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[kubewright(
    group = "sea.example.com",
    version = "v1",
    kind = "Ferry",
    namespaced,
    shortname = "fy",
    status = FerryStatus,
    printcolumn(name = "Route", type = "string", json_path = ".spec.route")
)]
#[serde(rename_all = "camelCase")]
struct FerrySpec {
    /// From where to where.
    #[schemars(length(min = 1))]
    route: String,
    /// How many decks it has.
    #[serde(default = "one")]
    #[kubewright(validation(rule = "self <= 3", message = "no ferry has more than three decks"))]
    decks: u8,
    /// Who may come aboard.
    #[serde(default)]
    cargo: Cargo,
}

fn one() -> u8 {
    1
}

/// What a ferry carries.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
enum Cargo {
    /// People alone.
    #[default]
    Passengers,
    /// People and cars.
    Cars,
}

/// Its observed state.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct FerryStatus {
    #[serde(default)]
    conditions: Vec<Condition>,
}

#[derive(Parser)]
struct Arguments {
    /// The file to write
    file: Option<PathBuf>,
    /// Write nothing; fail if the file is not up to date
    #[arg(long, requires = "file")]
    check: bool,
}

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let text = yaml::to_string(&Ferry::crd()?)?;
    match arguments.file {
        None => print!("{text}"),
        Some(file) if arguments.check => {
            if std::fs::read_to_string(&file).is_ok_and(|known| known == text) {
                return Ok(ExitCode::SUCCESS);
            }
            eprintln!("{} is not up to date; write it with: derive_crd {0}", file.display());
            return Ok(ExitCode::FAILURE);
        }
        Some(file) => std::fs::write(file, text)?,
    }
    Ok(ExitCode::SUCCESS)
}
