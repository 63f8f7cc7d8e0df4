//! `cargo xtask features`: every minor's feature builds alone, without a warning, and its tests pass.
//!
//! The newest is what everything else is built with.

use std::process::Command;

use crate::{Outcome, repository};

#[derive(clap::Args)]
pub struct Arguments {
    /// One Kubernetes minor alone, such as 1.36 [default: each but the newest]
    #[arg(long, value_name = "MINOR")]
    kubernetes: Option<String>,
}

pub fn run(arguments: Arguments) -> Outcome {
    let minors = match arguments.kubernetes.as_deref() {
        Some(one) => vec![kubewright_testbed::minor(Some(one))?],
        None => kubewright_testbed::minors()[1..].iter().rev().collect(),
    };
    for minor in minors {
        let feature = of(minor);
        for package in ["kubewright", "kubewright-ops"] {
            cargo(&["clippy", "-p", package, "--all-targets"], &feature, &["--", "-D", "warnings"])?;
            cargo(&["test", "-p", package, "--all-targets"], &feature, &[])?;
        }
    }
    Ok(())
}

/// The feature of a minor: `v1_36`.
pub fn of(minor: &kubewright_testbed::Minor) -> String {
    format!("v{}", minor.name.replace('.', "_"))
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
