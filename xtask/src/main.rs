//! `cargo xtask`: the commands that build, check and measure kubewright.

mod bench;
mod diff;
mod fake;
mod features;
mod fuzz;
mod r#gen;
mod manifests;
mod progress;
mod quickstart;
mod repository;
mod spec;
mod test;
mod testbed;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The commands that build, check and measure kubewright.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Generate a client from a fake API server, or from your cluster, and run a program and a controller with it
    Quickstart(quickstart::Arguments),
    /// Run a fake API server on a port of this machine until Ctrl-C, and print its kubeconfig
    #[command(after_help = kubewright_cli::fake::OUTPUT)]
    Fake(fake::Arguments),
    /// Write the crate `kubewright` from spec/, or a client from a live cluster
    Gen(r#gen::Arguments),
    /// Show what one Kubernetes minor changed in the API
    Diff(diff::Arguments),
    /// Build and check the feature of each Kubernetes minor alone
    Features(features::Arguments),
    /// Run every tier of tests that this machine can run
    Test(test::Arguments),
    /// Measure kubewright beside kube and client-go, on a real API server
    Bench(bench::Arguments),
    /// Feed the codecs random input until interrupted
    Fuzz(fuzz::Arguments),
    /// A real API server on this machine
    Testbed(testbed::Arguments),
    /// Read the facts of a Kubernetes minor from a live server into spec/
    Spec(spec::Arguments),
}

/// What a command comes to: nothing, or why not.
type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Quickstart(arguments) => quickstart::run(arguments),
        Command::Fake(arguments) => fake::run(&arguments),
        Command::Gen(arguments) => r#gen::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Features(arguments) => features::run(arguments),
        Command::Test(arguments) => test::run(arguments),
        Command::Bench(arguments) => bench::run(arguments),
        Command::Fuzz(arguments) => fuzz::run(arguments),
        Command::Testbed(arguments) => testbed::run(arguments),
        Command::Spec(arguments) => spec::run(arguments),
    };
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    kubewright_cli::report(&*error);
    ExitCode::FAILURE
}
