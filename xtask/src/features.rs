//! `cargo xtask features`: every minor's feature builds alone, without a warning, and the oldest one's tests pass.
//!
//! The newest is what everything else is built with.

use std::process::Command;

use crate::{Outcome, repository};

#[derive(clap::Args)]
pub struct Arguments {
    /// Run the tests of every minor's feature
    #[arg(long)]
    all_tests: bool,
}

pub fn run(arguments: Arguments) -> Outcome {
    let minors: Vec<&str> = kubewright_testbed::minors().iter().rev().map(|minor| minor.name).collect();
    for (index, minor) in minors.iter().enumerate() {
        let feature = format!("v{}", minor.replace('.', "_"));
        if index + 1 < minors.len() || arguments.all_tests {
            cargo(&["clippy", "-p", "kubewright", "--all-targets"], &feature, &["--", "-D", "warnings"])?;
        }
        if (index == 0 && minors.len() > 1) || arguments.all_tests {
            cargo(&["test", "-p", "kubewright"], &feature, &[])?;
        }
    }
    Ok(())
}

fn cargo(command: &[&str], feature: &str, more: &[&str]) -> Outcome {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(command).args(["--no-default-features", "--features", feature]).args(more);
    let said = format!("cargo {} --no-default-features --features {feature}", command.join(" "));
    println!("{said}");
    let status =
        cargo.current_dir(repository::root()).status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{said}` failed: {status}").into()) }
}
