//! `cargo kubewright`.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
#[cfg(feature = "fake")]
use kubewright_cli::fake;
use kubewright_cli::{diff, generate, report};

/// Typed Kubernetes clients for Rust
#[derive(Parser)]
#[command(name = "cargo kubewright", bin_name = "cargo kubewright", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write a client for CustomResourceDefinitions, or for a cluster, as kubewright.toml says or as the options do
    #[command(after_help = generate::EXIT_STATUS)]
    Gen(generate::Arguments),
    /// Show what new versions of CustomResourceDefinitions break of stored objects and of clients
    #[command(after_help = diff::EXIT_STATUS)]
    Diff(diff::Arguments),
    /// Run a fake API server on a port of this machine until Ctrl-C, and print its kubeconfig
    #[cfg(feature = "fake")]
    #[command(after_help = fake::OUTPUT)]
    Fake(fake::Arguments),
}

fn main() -> ExitCode {
    // Cargo passes its own word for the command on: `cargo-kubewright kubewright gen`.
    let mut arguments: Vec<_> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|word| word == "kubewright") {
        arguments.remove(1);
    }
    match Arguments::parse_from(arguments).command {
        Command::Gen(arguments) => match generate::run(&arguments, "cargo kubewright gen") {
            Ok(generate::Outcome::Complete) => ExitCode::SUCCESS,
            Ok(generate::Outcome::Incomplete(how)) => {
                eprintln!("error: {how}");
                ExitCode::from(generate::INCOMPLETE)
            }
            Err(error) => {
                report(&*error);
                ExitCode::FAILURE
            }
        },
        #[cfg(feature = "fake")]
        Command::Fake(arguments) => match fake::run(&arguments) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                report(&*error);
                ExitCode::FAILURE
            }
        },
        Command::Diff(arguments) => match diff::run(&arguments) {
            Ok(false) => ExitCode::SUCCESS,
            Ok(true) => ExitCode::from(diff::BREAKING),
            Err(error) => {
                report(&*error);
                ExitCode::from(diff::FAILED)
            }
        },
    }
}
