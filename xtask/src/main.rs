//! `cargo xtask`: the commands that build, check and measure kubewright.

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
    /// A real API server on this machine.
    Testbed(testbed::Arguments),
}

/// What a command comes to: nothing, or why not.
type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Testbed(arguments) => testbed::run(arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
