//! Programs of tests that are in other languages, or that depend on what the workspace does not.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::build::{check_go, lock_cache, tail};
use crate::environment::Environment;
use crate::{Error, cache_folder, minors};

/// Builds a Go program of a test, whose folder is a module of its own, into the cache folder, and returns where it is. Go itself
/// builds nothing again that has not changed.
///
/// # Errors
/// There is no Go (see [`or_skip`](crate::or_skip)), the build fails, or the cache cannot be written.
pub fn build_go_program(folder: &Path) -> Result<PathBuf, Error> {
    let environment = Environment::read()?;
    check_go(&minors()[0], &environment)?;
    let (out, _lock) = place(folder)?;
    let path = out.join("program");
    let mut go = Command::new(&environment.go);
    go.args(["build", "-trimpath", "-buildvcs=false", "-o"]).arg(&path).arg(".");
    run(go.env("CGO_ENABLED", "0").env("GOWORK", "off"), folder)?;
    Ok(path)
}

/// Builds a Rust program of a test, a package outside of the workspace with a lock file of its own, into the cache folder, and
/// returns where it is. What it depends on is built once; since that takes minutes, only if `KUBEWRIGHT_PEERS` is `1`.
///
/// # Errors
/// Nobody has asked for it (see [`or_skip`](crate::or_skip)), the build fails, or the cache cannot be written.
pub fn build_rust_program(folder: &Path, name: &str) -> Result<PathBuf, Error> {
    if std::env::var_os("KUBEWRIGHT_PEERS").is_none_or(|value| value != "1") {
        return Err(Error::left_out(format!(
            "{name} is built only if KUBEWRIGHT_PEERS is 1, since that takes minutes"
        )));
    }
    let (target, _lock) = place(folder)?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["build", "--locked", "--target-dir"]).arg(&target);
    // Debug information is most of what a build writes.
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "0").env_remove("RUSTFLAGS");
    run(&mut cargo, folder)?;
    Ok(target.join("debug").join(name))
}

/// Where a program is built: a folder in the cache that nobody else builds in until the lock is dropped.
fn place(folder: &Path) -> Result<(PathBuf, File), Error> {
    let name = folder.file_name().unwrap_or_default();
    let place = cache_folder()?.join("peers").join(name);
    fs::create_dir_all(&place).map_err(|e| Error::io(format!("cannot create {}", place.display()), e))?;
    let lock = lock_cache(&place, &mut |_| {})?;
    Ok((place, lock))
}

fn run(command: &mut Command, folder: &Path) -> Result<(), Error> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .map_err(|e| Error::io(format!("cannot run {program} in {}", folder.display()), e))?;
    if output.status.success() {
        return Ok(());
    }
    Err(Error::new(format!(
        "{program} could not build the program in {} ({}); its last lines:\n{}",
        folder.display(),
        output.status,
        tail(&String::from_utf8_lossy(&output.stderr), 20)
    )))
}
