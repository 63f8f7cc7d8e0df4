//! The package that the quick start makes: a client that is generated into it, and programs that use it.

use launcher::cargo;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Outcome, root, tell};

/// Programs by their names.
pub type Programs = &'static [(&'static str, &'static str)];

/// A package of cargo, a workspace of its own.
pub struct Package {
    folder: PathBuf,
    /// Where cargo builds: as this program was built, but for `debug`.
    target: PathBuf,
}

impl Package {
    /// Writes it. Programs that the user has changed stay as they are.
    pub fn write(name: &str, programs: Programs) -> Result<Self, Box<dyn std::error::Error>> {
        let folder = root().join("target").join(name);
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(target) => std::path::absolute(target)?,
            None => {
                std::env::current_exe()?.ancestors().nth(2).map_or_else(|| root().join("target"), Path::to_path_buf)
            }
        };
        let package = Self { folder, target };
        package.write_file("Cargo.toml", &manifest(name))?;
        package.write_file(".cargo/config.toml", &format!("[build]\ntarget-dir = {:?}\n", package.target))?;
        package.write_file("src/lib.rs", "//! What was generated from the cluster.\n\npub mod kube;\n")?;
        for (program, text) in programs {
            package.write_program(program, text)?;
        }
        // The versions that kubewright itself is tested with.
        fs::copy(root().join("Cargo.lock"), package.path("Cargo.lock"))
            .map_err(|error| format!("cannot copy Cargo.lock: {error}"))?;
        Ok(package)
    }

    /// A path in it.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.folder.join(inside)
    }

    /// A program that was built.
    pub fn built(&self, program: &str) -> PathBuf {
        self.target.join("debug").join(program).with_extension(std::env::consts::EXE_EXTENSION)
    }

    /// Runs cargo in it, with a kubeconfig if one is named.
    pub fn cargo(&self, arguments: &[&str], kubeconfig: Option<&Path>) -> Outcome {
        let mut command = cargo();
        command.args(arguments).current_dir(&self.folder).env("CARGO_TARGET_DIR", &self.target);
        if let Some(kubeconfig) = kubeconfig {
            command.env("KUBECONFIG", kubeconfig);
        }
        let status = command.status().map_err(|error| format!("cannot run cargo: {error}"))?;
        if status.success() {
            return Ok(());
        }
        Err(format!("cargo {} failed in {}", arguments.join(" "), self.folder.display()).into())
    }

    /// Writes a program, unless the user has changed what was written before.
    fn write_program(&self, program: &str, text: &str) -> Outcome {
        let (path, original) = (format!("src/bin/{program}.rs"), format!("originals/{program}.rs"));
        let read = |name: &str| fs::read(self.path(name)).ok();
        if read(&path).is_some() && read(&original).is_some_and(|original| read(&path) != Some(original)) {
            tell::more(&format!("{path} is kept as you changed it; delete it to get ours back"));
            return Ok(());
        }
        self.write_file(&path, text)?;
        self.write_file(&original, text)
    }

    /// Writes a file, unless it is there as it should be: what has not changed is not compiled again.
    fn write_file(&self, name: &str, text: &str) -> Outcome {
        let path = self.path(name);
        if fs::read(&path).is_ok_and(|own| own == text.as_bytes()) {
            return Ok(());
        }
        let write = || {
            if let Some(parent) = path.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(&path, text)
        };
        write().map_err(|error: std::io::Error| format!("cannot write {}: {error}", path.display()).into())
    }
}

/// Its manifest. With the command in one graph of dependencies, both use the same features of each crate, and nothing is
/// compiled twice.
fn manifest(name: &str) -> String {
    let [cli, controller, runtime] = ["cli", "controller", "runtime"].map(|folder| root().join(folder));
    format!(
        r#"[package]
name = "{name}"
edition = "2024"

[lib]
name = "quickstart"

[dependencies]
kubewright-controller = {{ path = {controller:?} }}
kubewright-runtime = {{ path = {runtime:?} }}
futures-util = {{ version = "0.3", default-features = false }}
serde_json = "1"
tokio = {{ version = "1", features = ["macros", "rt-multi-thread", "sync", "time"] }}
# The command that generates, for the quick start alone: your own crate does not need it.
kubewright-cli = {{ path = {cli:?} }}

# Compiles sooner.
[profile.dev]
debug = false
incremental = false

[profile.dev.package."*"]
debug-assertions = false
overflow-checks = false

[workspace]
"#
    )
}
