//! Cargo, as the commands of this repository start it.

use std::ffi::OsStr;
use std::process::Command;

/// The cargo that runs this program, as if a shell had started it: without what cargo has told this program of its own package.
/// Build scripts of ring and of others run again whenever that differs, and with them all that depends on them.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_a_package(name)) {
        cargo.env_remove(name);
    }
    cargo
}

/// Whether cargo sets this variable for one package.
fn is_of_a_package(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
}
