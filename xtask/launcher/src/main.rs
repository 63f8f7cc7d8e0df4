//! `cargo xtask`, as far as it is compiled in a second: the quick start, and whatever compiles the other commands.
//!
//! Who tries kubewright compiles what is tried, and not the bench, the test bed and the rest of the package `xtask`.

mod fake;
mod package;
mod quickstart;
mod tell;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};

use launcher::cargo;

/// What a command comes to: nothing, or why not.
type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).peekable();
    if arguments.next_if(|word| word == "quickstart").is_none() {
        return other_command(arguments);
    }
    let outcome = match quickstart::Arguments::read(lexopt::Parser::from_args(arguments)) {
        Ok(Some(arguments)) => quickstart::run(arguments),
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}; see cargo xtask quickstart --help");
            return ExitCode::from(2);
        }
    };
    let Err(error) = outcome else { return ExitCode::SUCCESS };
    eprintln!("error: {error}");
    ExitCode::FAILURE
}

/// Runs a command of the package `xtask`.
fn other_command(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let mut xtask = cargo();
    xtask.args(["run", "--quiet", "--package", "xtask", "--manifest-path"]).arg(root().join("Cargo.toml"));
    xtask.arg("--").args(arguments);
    match become_(&mut xtask) {
        Ok(status) => ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
        Err(error) => {
            eprintln!("error: cannot run cargo: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs a command in place of this process, so that signals reach it.
#[cfg(unix)]
fn become_(command: &mut Command) -> std::io::Result<ExitStatus> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

#[cfg(not(unix))]
fn become_(command: &mut Command) -> std::io::Result<ExitStatus> {
    command.status()
}

/// The root of the checkout.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
