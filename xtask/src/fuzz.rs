//! `cargo xtask fuzz`: random input for the codecs, for as long as one likes, at full speed.

use launcher::cargo;

use crate::Outcome;

#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub struct Arguments {
    /// `--minutes N`, `--seed S`, `--property P`, `--type T`, `--case C`: see `cargo xtask fuzz --help`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

pub fn run(arguments: Arguments) -> Outcome {
    // Overflows are found where they are checked for, which a release build does not do by itself.
    let status = cargo()
        .args(["run", "--quiet", "--release", "-p", "kubewright-fuzz", "--"])
        .args(&arguments.rest)
        .env("CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS", "true")
        .env("CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS", "true")
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err("fuzzing found a failure".into()) }
}
