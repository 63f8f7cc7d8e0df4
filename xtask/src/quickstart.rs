//! `cargo xtask quickstart`: what the launcher does, which is compiled sooner than this program.

use launcher::cargo;

use crate::{Outcome, repository};

#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub struct Arguments {
    /// `--cluster`, `--folder FOLDER`: see `cargo xtask quickstart --help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub fn run(arguments: Arguments) -> Outcome {
    let status = cargo()
        .args(["run", "--quiet", "-p", "launcher", "--manifest-path"])
        .arg(repository::root().join("Cargo.toml"))
        .args(["--", "quickstart"])
        .args(&arguments.rest)
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err("the quick start failed".into()) }
}
