//! `cargo xtask test`: every tier of tests that this machine can run, and a word on those that it can't.

use std::process::Command;

use kubewright_testbed::{Cluster, Options, build, minor};

use crate::Outcome;
use crate::progress::Spinner;

#[derive(clap::Args)]
pub struct Arguments {
    /// The Kubernetes minor of the test bed, such as 1.37 [default: the newest]
    #[arg(long, value_name = "MINOR")]
    kubernetes: Option<String>,
    /// What to hand to `cargo test`, such as `-p kubewright-runtime` or a test's name
    #[arg(last = true)]
    cargo: Vec<String>,
}

pub fn run(arguments: Arguments) -> Outcome {
    let minor = minor(arguments.kubernetes.as_deref())?;
    let mut spinner = Spinner::default();
    let cluster = match build(minor, &mut |step| spinner.show(step)) {
        Ok(_) => {
            spinner.say(&format!("starting Kubernetes {}", minor.kubernetes));
            Ok(Cluster::start(&Options { minor, ..Options::default() })?)
        }
        Err(error) if error.is_not_installed() => Err(error),
        Err(error) => return Err(error.into()),
    };
    drop(spinner);

    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .arg("test")
        .args(if arguments.cargo.is_empty() { &["--workspace", "--no-fail-fast"][..] } else { &[] })
        .args(&arguments.cargo);
    if let Ok(cluster) = &cluster {
        cargo.env("KUBEWRIGHT_TESTBED_KUBECONFIG", cluster.kubeconfig()).env("KUBEWRIGHT_REQUIRE_TESTBED", "1");
        if !cluster.has_kubelet() {
            cargo.env("KUBEWRIGHT_NO_NODES", "1");
        }
    }
    let status = cargo.status().map_err(|error| format!("cannot run cargo test: {error}"))?;

    println!(
        "\ntier unit, golden, property, mocked: {}",
        if status.success() { "ran" } else { "failed, or not all ran" }
    );
    match &cluster {
        Ok(_) => println!("tier real: ran against Kubernetes {}", minor.kubernetes),
        Err(error) => println!("tier real: SKIPPED: {error}"),
    }
    if status.success() { Ok(()) } else { Err("there are tests that failed".into()) }
}
